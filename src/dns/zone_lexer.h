/* Master file (RFC 1035 5.1) to entries: one entry is a line, or several held together by parentheses. */
#pragma once
#include "base/base.h"

struct zone_token {
    struct span text; /* without quotes, escapes still in it */
    bool quoted;
};
struct zone_entry {
    size_t line;       /* of its first token, 1 is the first */
    bool begins_blank; /* the owner of the entry before is meant */
    VEC(struct zone_token) tokens;
};
struct zone_lexer {
    struct span rest;
    size_t line;
    const char *path;
};
/* 1: an entry with at least one token; 0: end of the file; -1: *err says what and where. */
int zone_entry_next(struct arena *arena, struct zone_lexer *lexer, struct zone_entry *entry, struct err *err);
/* \DDD and \X taken out; false where an escape is malformed. With `dots` an escaped dot is refused too. */
bool zone_unescape(struct arena *arena, struct span text, bool dots, struct span *out);
