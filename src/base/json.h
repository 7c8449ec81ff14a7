/* base/json: a streaming JSON writer (RFC 8259). Bytes that are no UTF-8 become U+FFFD, so the output always parses.
 *
 * The caller opens and closes in pairs; commas and quoting are done here. A key is given before each value inside an
 * object (NULL inside an array). Never fails: the arena below the buffer bounds it. */
#pragma once
#include "base/base.h"

#pragma GCC visibility push(hidden) /* libjansson has functions of the same names: neither shall take the other's */
struct json {
    struct buf *out;
    bool follows; /* a value stands before: the next wants a comma */
};

void json_object(struct json *json, const char *key);
void json_object_end(struct json *json);
void json_array(struct json *json, const char *key);
void json_array_end(struct json *json);
void json_text(struct json *json, const char *key, struct span value);
void json_text_or_null(struct json *json, const char *key, struct span value); /* null where the span is empty */
void json_number(struct json *json, const char *key, int64_t value);
void json_real(struct json *json, const char *key, double value); /* at most 4 decimals; null where not finite */
void json_bool(struct json *json, const char *key, bool value);
void json_null(struct json *json, const char *key);
void json_time(struct json *json, const char *key, int64_t time); /* RFC 3339 in UTC; null where TIME_UNKNOWN */
void json_ip(struct json *json, const char *key, const struct ip *ip); /* null where there is none */
#pragma GCC visibility pop
