/* record/replay: judges a record again from what was kept, under other settings and other lists.
 *
 * Weights, prior, thresholds, mode, trusted sealers and entries: exact. Lists of hosts and brands' domains: exact where the old
 * and the new lists say the same of every name that stands in the record's facts; else, and where anything that is looked for
 * in text has changed, the message itself is needed. What block lists answered is kept: other tables of codes are exact, a list
 * that was not asked then needs the net of then. Nothing is guessed. */
#pragma once
#include "record/record.h"
#include "table/brands.h"
#include "table/lists.h"
#include "table/table.h"

struct replay {
    const struct verdict_settings *settings; /* NULL: each record's own, but for what follows */
    const double *weights, *absence;         /* NULL: as they were */
    double prior, suspicious, malicious;     /* below 0: as they were */
    struct span mode;                        /* empty: as it was */
    const struct verdict_entries *entries;   /* NULL: what the entries of then found stands */
    const struct span *sealer;               /* believed alone; NULL: as it was */
    const struct tables *before, *after;     /* lists it was judged by and those to judge by; NULL: the same */
    const char *body;                        /* why the message is needed wherever lists differ; NULL: it is not */
    const struct record_grounds *grounds;    /* of what to judge by; what is not named here is as it was; NULL: nothing is looked at */
    const struct record_grounds *grounds_before; /* of `before` */
};
/* Values that databases gave (countries, AS numbers, public suffixes) are kept with the facts and are judged by as they were. In the arena: the
 * names, with commas between, of those of which the record was judged by another edition than what to judge by has; empty: of none. */
struct span replay_editions_differ(struct arena *arena, const struct replay *replay, const struct record_told *told);
/* What of two sets of lists makes every message needed: brands whose names differ; NULL: nothing. Other lists are the caller's to compare. */
const char *replay_brands_differ(const struct tables *before, const struct tables *after);
enum replay_needs { REPLAY_EXACT, REPLAY_BODY, REPLAY_NET };
/* told: as record_read gave it; after it its report is the new one. Not exact: *why says what would need the message, or what nobody
 * asked then (settings alone were applied). */
enum replay_needs record_replay(struct arena *arena, const struct replay *replay, struct record_told *told, struct span *why);
