/* command/asking: what the verbs share that ask a store, or decide about what it holds. */
#pragma once
#include "record/record.h"
#include "verdict/verdict.h"

enum asking_verb {
    ASK_EXPLAIN = 1, ASK_WHY_NOT = 2, ASK_HUNT = 4, ASK_REPLAY = 8, ASK_FORGET = 16, ASK_ALLOW = 32, ASK_DENY = 64, ASK_CORRECT = 128,
    ASK_OUTBOX = 256, ASK_HELD = 512, ASK_APPEALS = 1024,
    ASK_ALL = 2047
};
/* The options as they were written; NULL: not given. Flags point to something. */
struct asking {
    enum asking_verb verb;
    struct arena *arena;
    const char *store, *config, *json, *lang, *colour, *help;
    const char *from, *to, *link_host, *digest, *subject, *mail_from, *message_id, *client, *service, *account, *tenant, *evidence, *verdict,
        *org, *since, *until, *limit, *after, *unjudged, *original;
    const char *conf, *weights, *lists, *data, *suspicious, *malicious, *prior, *mode, *sealer, *entries, *all;
    const char *person, *yes, *domain, *stream, *reason, *expires, *honest, *bad, *undo, *by, *state, *recipient, *output, *folder;
    VEC(const char *) words; /* what is no option */
    enum language language;
    bool coloured;
    unsigned width;
};
/* 0: go on; 1: help was printed; -1: err. */
int asking_parse(int argc, char **argv, enum asking_verb verb, struct asking *out, struct err *err);
bool asking_leaves_nowhere(const struct asking *asking); /* the configuration is known, and has no hold.release_to */
int asking_open(const struct asking *asking, bool write, struct store **out, struct err *err); /* --store, or the store of --config */
/* Where held messages lie: --folder, or hold.folder of the configuration that names the store; else `hold` beside --store. */
int asking_hold(const struct asking *asking, struct span *out, struct err *err);
struct span asking_by(const struct asking *asking); /* --by, or the user's name */
/* "2026-01-31", "2026-01-31T12:00:00Z", "12h", "7d" (ago, or from now on). */
int asking_time(const char *option, const char *value, bool ahead, int64_t *out, struct err *err);
int asking_number(const char *option, const char *value, double least, double most, double *out, struct err *err);
struct hunt;
int hunt_bounds_take(const struct asking *asking, struct hunt *out, struct err *err); /* hunt.c: --org, --since, --until, --limit */
/* A verb whose first word says what to do, from its arguments to its exit status. */
struct asking_acts {
    const char *words, *told; /* "list grant refuse": the first looks, the others write; "list, grant or refuse" */
    int (*act)(struct asking *asking, struct store *store, const char *what, struct err *err); /* -1: err */
};
int asking_run(int argc, char **argv, enum asking_verb verb, const struct asking_acts *acts);
int asking_fail(const struct err *err); /* says it; 2 */
