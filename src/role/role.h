/* role: the processes. This face serves `sekimori scan`: a template process forked first, judges forked by it, one
 * resolver in the parent. Each role's rights stand in the first sentence of its file; the channels between them, and the
 * processes of the service, have faces of their own: role/channel.h, role/service.h and role/duty.h.
 *
 * In: settings, messages as descriptors with their envelopes. Out: one result a message, in any order.
 * A judge that dies takes its messages with it: each that it had begun with is sent once more, alone, and a second death makes it
 * unjudged; the others are given out as if they had not been.
 */
#pragma once
#include "action/handling.h"
#include "base/base.h"
#include "clamd/clamd.h"
#include "dns/dns.h"
#include "record/record.h"
#include "generation/generation.h"
#include "verdict/verdict.h"
#include "walk/walk.h"

/* ---- what scan hands to its judges and gets back */
enum job_words { WORDS_REPORT, WORDS_GIST, WORDS_NONE }; /* of the judgement, for whoever gave the message in */
struct scan_job {
    struct arrival arrival;  /* raw counts where fd is -1: the bytes of a small message, which travel in the frame; they live until it is done */
    int fd;                  /* of a regular file or memfd, open for reading; its bytes travel as a descriptor */
    uint64_t offset, length; /* of the message in it; a file that shrank is read as far as it goes */
    bool seal;               /* of the service: there is a key, so its measure is wanted where it stays */
    bool carries;            /* of the service: whoever handed it in makes the edits that it is told to make */
    bool holds;              /* likewise: and keeps nothing of what is held here: only so may it wait for a person */
    bool body_stays;         /* likewise: but takes no changed body */
    bool drops;              /* likewise: and leaves out recipients whose copy is held */
    enum job_words words;    /* of the service: what is told of it beside its record */
    bool mbox;               /* ">From " at the start of a line is undone, as mboxrd has it */
};
enum result_form { RESULT_LINE, RESULT_TEXT, RESULT_JSON };
struct result_style {
    enum result_form form;
    struct report_style text; /* for RESULT_TEXT */
    const struct record_settings *keep; /* a record is made of each message, by these; NULL: none */
    const struct notices *notices;      /* jobs are planned with it, by these; NULL: none */
};
enum result_fact { /* bits: what a run counts beside the verdicts */
    RESULT_NOTHING_VERIFIED = 1, /* the report's tag nothing-verified */
    RESULT_RELAYED = 2,          /* outbound, and judged by a list of customers */
    RESULT_LEAVE_UNKNOWN = 4,    /* ... and it is not known whether it may leave */
    RESULT_PEER_UNKNOWN = 8,     /* ... for nobody told which peer handed it over */
    RESULT_EDGE_UNKNOWN = 16,    /* the road shows no machine of ours */
    RESULT_SEALED = 32,          /* it came with seals, which are to be removed */
    RESULT_HELD = 64,            /* its mode or a policy holds it for somebody, or sends somebody a copy: bytes are to be kept */
    RESULT_STAYS = 128,          /* of the service: it stays with us, and is to be sealed */
};
struct scan_result {
    struct span output;    /* in the form asked for, with its line end; of the service: empty where no report was asked for */
    enum verdict verdict;
    unsigned facts;        /* bits of enum result_fact */
    uint64_t borne, believed; /* by a field of results: bit i stands for the trusted authserv-id i, of the first 64 */
    double score;
    struct span id;        /* the report's */
    struct span from_domain; /* of the first From address, in A-labels; empty: none */
    struct span generation;  /* that judged */
    struct span evidence;  /* names, blank separated, heaviest first */
    bool killed;           /* not packed: with an error; two judges died over it */
    bool lost;             /* likewise: judge after judge ended before it began with it */
    struct span record;    /* record_pack; empty where none was asked for */
    struct span settings;  /* of a role of the service: what the record was judged by, as record_settings.bytes */
    struct span heard;     /* what witnesses did for it, for witness_tally_add */
    struct span measure;   /* struct seal_measure; empty: not wanted, or it could not be read whole */
    struct span carried;   /* of the service: what is done with it, for carried_unpack (role/carried.h); empty: it is delivered as it came */
    struct span gist;      /* likewise: for gist_unpack (role/gist.h), where that was asked for */
    struct span error;     /* not empty: could not be judged, and why; then nothing above holds */
};

/* A stranger's words (names of files, of folders) for a terminal: control characters become '?'. */
void plain_add(struct buf *out, struct span words);

/* ---- the resolver: what answers the judges' names. Opened after the forks; libunbound is opened with the first ask. */
struct resolver_settings {
    const struct dns_zone *zone; /* not NULL: it answers everything */
    bool offline;                /* every answer is DNS_UNKNOWN */
    int deadline_ms;             /* for one ask; 0: the default of dns.h */
    struct dns_resolver_options options;
};
struct resolver;
struct resolver *resolver_new(const struct resolver_settings *settings);
void resolver_free(struct resolver **resolver);
void resolver_ask(struct resolver *resolver, const struct dns_ask *ask, dns_done done, void *context); /* done may be called at once */
int resolver_fd(const struct resolver *resolver);      /* -1: nothing to wait for */
int resolver_wait_ms(const struct resolver *resolver); /* until resolver_run is due; -1: nothing under way */
void resolver_run(struct resolver *resolver);
const char *resolver_complaint(struct resolver *resolver); /* once, when it fell silent or could not be opened; else NULL */

/* ---- judges */
struct judge_settings { /* read-only from the first fork on */
    const struct walk_settings *walk;
    struct result_style style;
    size_t slots;          /* messages one judge holds, parked ones and the one in work; 32 */
    size_t most_bytes;     /* of the messages it holds together, where it holds more than one; 32 MB */
    size_t ceiling;        /* of one message's arena */
    unsigned hang_seconds; /* of CPU for one step of one message; then the judge is ended */
    int deadline_ms;       /* for all the names of one message together; 20,000 */
    int scan_ms;           /* for a virus scanner's word on it, where walks want one; 10,000 */
    struct clamd *scanner; /* of the process that a judge in the same one, or a crew's, asks by; NULL: there is none */
    const struct walk_settings *(*choose)(const void *context, const struct arrival *arrival); /* NULL: walk for every message */
    const struct record_settings *(*keep)(const void *context, const struct walk_settings *walk); /* of the service: for style.keep */
    /* NULL: none; whether it stays with us, and is to be sealed: for each of its recipients who is ours; *all: for they all are. */
    bool (*seals)(const void *context, const struct arrival *arrival, bool *all);
    const struct notices *(*notices)(const void *context, const struct walk_settings *walk);      /* and for style.notices; NULL: none */
    const struct handling_settings *handling; /* of the service: what becomes of messages; NULL: the report alone tells of it */
    const void *context;   /* of choose, keep, seals and notices */
    struct verdict_entries *entries; /* of the service: where walk looks for them, filled in anew by the parent; NULL: none come */
    void (*before)(const struct scan_job *job); /* NULL; a place for tests to let a judge die in */
};
void judge_settings_default(struct judge_settings *settings);
void judge_settings_take(struct judge_settings *settings, const struct generation *generation); /* but walk, style and before */
void clamd_options_take(struct clamd_options *options, const struct generation *generation);
void resolver_settings_take(struct resolver_settings *settings, const struct generation *generation); /* which it may not outlive */
int judge_run(int fd, const struct judge_settings *settings); /* until the channel closes; the exit status */
/* The same as a role of the service: fd leads to the parent, which hands over the channels to a door and to the resolver. */
int judge_serve(int fd, const struct judge_settings *settings);

void memory_settle(void); /* how a process keeps and gives back memory, so that it stays level and fast over many messages */
/* One message walked in this very process to its report, which lives in the arena; NULL: err says why. */
struct walk *walk_here(struct arena *arena, const struct judge_settings *settings, struct resolver *resolver,
                       const struct scan_job *job, struct err *err);
/* One message in this very process: both halves of the walk, the resolver between. job->fd stays the caller's; the result lives in the arena. */
void judge_here(struct arena *arena, const struct judge_settings *settings, struct resolver *resolver,
                const struct scan_job *job, struct scan_result *out);

/* ---- the judges as their parent sees them */
struct crew;
typedef void (*crew_done)(void *context, uint32_t serial, const struct scan_result *result); /* result lives until it returns */
int crew_start(const struct judge_settings *settings, unsigned judges, struct crew **out, struct err *err);
void crew_stop(struct crew **crew); /* waits for their ends; messages still held are dropped */
bool crew_has_room(const struct crew *crew);
size_t crew_holds(const struct crew *crew); /* messages given and not yet done */
void crew_give(struct crew *crew, uint32_t serial, const struct scan_job *job); /* takes job->fd over */
/* Waits at most wait_ms for something to happen and does it. -1: no judge can be started any more. */
int crew_turn(struct crew *crew, struct resolver *resolver, int wait_ms, crew_done done, void *context, struct err *err);
