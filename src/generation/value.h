/* generation/value: one written value -> what it means. The only readers of such values: the configuration file, the
 * options of the command line and the settings of stories all come here.
 *
 * In: words as somebody wrote them. Out: the value, or a sentence that quotes the words and says how they should look; the
 * caller puts before it where they stood ("--trusted-host: ", "sekimori.conf:12: trust.hosts: "). No file, no clock.
 */
#pragma once
#include "base/base.h"
#include "trace/trace.h"
#include "verdict/witnesses.h"
#include "walk/walk.h"

/* A port of this machine or another one. */
struct address {
    struct span text; /* as written */
    struct span path; /* of a unix socket; empty: ip and port hold */
    struct ip ip;     /* 0.0.0.0 and :: are every address of the machine */
    uint16_t port;
};
bool address_is_local(const struct address *address); /* a unix socket or loopback: nobody else reaches it */

int value_number(struct span text, uint64_t least, uint64_t most, uint64_t *out, struct err *err);
/* Bytes: "64 MiB", "64M"; units are of 1,024. With `unit` a number without one (other than 0) is refused. */
int value_size(struct span text, bool unit, uint64_t least, uint64_t most, uint64_t *out, struct err *err);
/* Milliseconds: "250 ms", "30 s", "10 min", "12 h", "30 d". */
int value_time(struct span text, uint64_t least_ms, uint64_t most_ms, uint64_t *out, struct err *err);
/* 0 to 1, both excluded, from "0.5 %"; with `unit` the sign is wanted. */
int value_share(struct span text, bool unit, double *out, struct err *err);
int value_score(struct span text, double *out, struct err *err); /* 0 to 100, decimals too */
/* One of the words, "a|b|c"; *out counts from 0. */
int value_choice(struct span text, const char *words, uint64_t *out, struct err *err);
int value_yes_no(struct span text, bool *out, struct err *err);
/* A word that is no pattern; `how` goes on "... is no name; " */
int value_name(struct span text, const char *how, struct err *err);
int value_host(struct arena *arena, struct span text, struct span *out, struct err *err);   /* lower case; stands for what is under it too */
int value_domain(struct arena *arena, struct span text, struct span *out, struct err *err); /* A-labels */
int value_id(struct span text, struct err *err); /* a to z, 0 to 9, -: an id of our own */
/* An answer of a block list, a network of such, or "127.0.0.0/24 & 8": those of it that have one of these bits in the last byte. */
int value_list_answer(struct span text, struct witness_code *out, struct err *err);
int value_network(struct span text, struct prefix *out, struct err *err); /* "192.0.2.0/24" */
/* "127.0.0.1:7780", "[::1]:7780", "localhost:7780", "*:7780", "unix:/run/x.sock". port: that of an address without one; 0: it is wanted */
int value_address(struct arena *arena, struct span text, uint16_t port, struct address *out, struct err *err);

/* As value_size, value_time and value_share take them back: "64 MiB", "30 s", "0.5 %". */
void value_size_print(struct buf *out, uint64_t bytes);
void value_time_print(struct buf *out, uint64_t ms);
void value_share_print(struct buf *out, double share);

/* ---- the limits of docs/LIMITS.md by name */
struct limit {
    const char *name, *en;
    const char *written; /* its default, as the table has it */
    bool of_files;       /* in walk_settings.files; else .message */
    size_t offset;       /* there */
};
#define LIMIT_MOST ((uint64_t)1 << 30)
const struct limit *limit_at(size_t index);        /* NULL: no more */
const struct limit *limit_find(struct span name);  /* NULL: none of that name */
bool limit_counts_bytes(const struct limit *limit);
size_t limit_value(const struct limit *limit, const struct walk_settings *settings);
/* 1 to 1G. With `unit` bytes want a unit and other numbers have none; without it both are taken with and without. */
int limit_set(const struct limit *limit, struct span text, bool unit, struct walk_settings *settings, struct err *err);
