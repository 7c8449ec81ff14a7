/* record/hunt: finds records by conditions that all must hold, newest first, a page at a time.
 *
 * Patterns: * stands for any run of letters, ? for one. All but subjects are compared in lower case. */
#pragma once
#include "base/base.h"
#include "record/record.h"
#include "store/store.h"
#include "verdict/verdict.h"

struct hunt { /* an empty span asks nothing */
    struct span from, to;   /* an address, or a domain where it holds no @ */
    struct span mail_from, message_id, link_host, client, account, tenant, evidence;
    struct span digest;     /* hexadecimal SHA-256, or how it begins */
    struct span subject;    /* with * or ? the whole of it, letter for letter; else words anywhere in it, ASCII letters of any case */
    struct span service, org;
    int verdict;            /* enum verdict; -1: any */
    int64_t since, until;   /* arrived at or after, before; TIME_UNKNOWN: any */
    struct span after;      /* id of the last record of the page before */
    uint64_t limit;         /* 0: none */
};
struct hunt_row { /* until the callback returns */
    struct span id, org, generation, listener, mail_from, from_domain, from_address, subject, client, service, account, language, evidence;
    int64_t at, kept;       /* at: to the second, from the id; 0 where it was not known */
    enum verdict verdict;
    double score;
    enum direction direction;
    uint64_t size;
};
typedef bool (*hunt_each)(void *context, const struct hunt_row *row); /* false: no more. It may ask the store */
void hunt_any(struct hunt *out); /* that finds everything */
int64_t record_hunt(struct store *store, const struct hunt *hunt, hunt_each each, void *context, struct err *err); /* rows given; -1 */
int hunt_row_of(struct store *store, struct arena *arena, struct span id, struct hunt_row *out, struct err *err); /* 1, 0: none, -1; in the arena */
/* Messages that no judge could finish: of them org, since, until, after and limit can be asked. */
typedef bool (*hunt_unjudged_each)(void *context, const struct record_unjudged *row);
int64_t record_hunt_unjudged(struct store *store, const struct hunt *hunt, hunt_unjudged_each each, void *context, struct err *err);
int64_t record_id_time(struct span id);
