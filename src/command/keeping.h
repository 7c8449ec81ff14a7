/* command/keeping: `scan --store` keeps a record of what it judged. */
#pragma once
#include "record/record.h"
#include "walk/walk.h"

struct keeping {
    struct store *store; /* NULL: not open yet */
    struct record_ledger *ledger;
    struct arena *arena;
    size_t waiting;      /* in the open transaction */
    size_t kept, there;
    bool failed;         /* the caller gave up */
};
/* What is allowed and denied there; nothing where there is no store yet. */
int keeping_entries(struct arena *arena, const char *path, const struct verdict_entries **out, struct err *err);
void keeping_settings(struct arena *arena, const struct walk_settings *walk, struct record_settings *out); /* what records of it say they were judged by */
int keeping_open(struct keeping *keeping, const char *path, struct err *err);
int keeping_add(struct keeping *keeping, const struct record_settings *settings, struct span parcel, struct err *err);
int keeping_close(struct keeping *keeping, struct err *err); /* accepts what was never opened */
