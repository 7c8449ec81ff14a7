/* walk: the life of one message, in two halves; between them it is parked and somebody asks the world.
 *
 * walk_read reads the bytes as far as they tell and notes the names wanted; walk_answered is called whenever answers
 * came; walk_judge reaches the verdict. No half ever blocks.
 */
#pragma once
#include "auth/auth.h"
#include "base/base.h"
#include "clamd/clamd.h"
#include "content/content.h"
#include "dns/dns.h"
#include "identity/identity.h"
#include "message/message.h"
#include "relay/relay.h"
#include "seal/seal.h"
#include "table/table.h"
#include "trace/trace.h"
#include "verdict/stored.h"
#include "verdict/verdict.h"
#include "witness/witness.h"

struct walk_settings { /* one generation's; read-only while messages walk */
    struct message_limits message;
    struct trace_settings trace;
    struct auth_settings auth;
    struct file_limits files;
    struct identity_settings identity;
    struct witness_settings witness;
    struct verdict_settings verdict;
    const struct customers *customers; /* NULL: no relay is guarded */
    const struct tables *tables;
    unsigned rounds;                   /* of DNS; 12 */
    size_t most_asks;                  /* names a message may ask for, those of witnesses beside; 200 */
    struct span generation;
};
void walk_settings_default(struct walk_settings *settings);

struct walk {
    struct arena *arena;
    const struct walk_settings *settings;
    struct arrival arrival;
    struct message message;
    struct path path;
    struct seals seals;           /* that it came with: unchecked until walk_sealed */
    struct seal_measure measure;
    enum { MEASURE_NOT_YET, MEASURED, MEASURE_CANNOT } measured;
    struct auth_work *auth;
    struct dns_answers *answers;
    struct proof proof;
    struct relay_use relay;
    struct content content;
    struct told told;
    struct testimony testimony;
    struct claim claim;
    struct report report;
    unsigned round; /* of answers so far */
    bool proved;    /* proof is final */
    bool witnessed; /* somebody else is asked, and answers */
    bool scan_wanted; /* by a virus scanner, beside the names: until walk_scanned, or walk_judge without */
};
/* Reads. True: nothing is wanted, go on to walk_judge. False: dns_wanted(walk->answers) tells what to ask. */
bool walk_read(struct walk *walk, struct arena *arena, const struct walk_settings *settings, const struct arrival *arrival);
/* Answers were added. True: ready for walk_judge. False: further names are wanted. */
bool walk_answered(struct walk *walk);
/* What a seal is made of and compared with; NULL: the message could not be read whole. Before walk_judge or after it. */
const struct seal_measure *walk_measure(struct walk *walk);
/* What those who hold the keys said of the n-th of walk->seals. Before walk_judge; unchecked where nobody said anything. */
void walk_sealed(struct walk *walk, size_t n, bool known, bool holds);
void walk_scanned(struct walk *walk, const struct clamd_answer *answer); /* copied */
/* The second half. What is still lacking is unknown. The report lives in walk->report. */
void walk_judge(struct walk *walk);
/* What the facts of these settings rest on (verdict/stored.h); walk/grounds.c. Points into the settings. -1: a list cannot be read. */
int walk_grounds(struct arena *arena, const struct walk_settings *settings, struct grounds *out, struct err *err);
int walk_lists(struct arena *arena, const struct tables *tables, struct grounds *out, struct err *err); /* the lists alone */
/* What content read, as identity takes it; walk/told.c. */
void told_make(struct arena *arena, const struct content *content, struct told *out);
/* Whom witnesses are asked about; walk/asked.c. After content. */
void asked_make(const struct walk *walk, struct witness_subjects *out);
