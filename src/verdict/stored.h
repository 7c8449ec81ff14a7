/* verdict/stored: what of a report is kept, so that it can be shown again, and its verdict reached again, without the message.
 *
 * Three pieces, each bytes of its own: the facts as they stand in the JSON object; the judgement, which is all that score,
 * verdict, tags and actions rest on; and what the page for people shows beside. With the settings that a report was reached
 * with, the pieces give the same JSON and the same page, byte for byte; with others, what these would have made of it. */
#pragma once
#include "verdict/verdict.h"

/* ---- the judgement */
struct judged_seal { /* one set of an ARC chain that holds */
    struct span domain; /* of its sealer */
    bool holds;         /* its own signature of the message does */
    bool passed;        /* it recorded that the author was proved */
};
struct judged_sender { /* what allow and deny entries are held against; empty: not known, or not borne out */
    struct span domain, address; /* of the author */
    struct span service, account; /* id of services.yaml; both only where the path bears them out */
    struct span stream;           /* List-Id, between its angle brackets */
    bool proved;                  /* the author's domain is */
    bool failed;                  /* a proof of the author's domain failed, and no trusted seal explains it */
};
struct judged_scan { /* by a virus scanner */
    bool asked;
    enum clamd_word word;
    struct span name; /* of what was found */
};
struct judgement {
    VEC(struct evidence) found;     /* id, half, where, words: neither weighed nor in any order */
    VEC(struct judged_seal) seals;  /* instance 1 first; only where `otherwise` is not the same as `found` */
    VEC(struct evidence) otherwise; /* what would have been found if the seals had not counted, or had */
    bool seals_count;               /* they did */
    unsigned could;                 /* bits 1 << enum need */
    bool whole;                     /* everything was looked for: absence counts */
    bool outbound;                  /* no banner */
    bool denied;                    /* by the relay's guard */
    bool unknown;                   /* nothing was proved, and something could not be asked */
    int64_t at;                     /* when it arrived; TIME_UNKNOWN */
    VEC(struct span) recipients;
    struct span org;                /* whose mail it is; empty: nobody's */
    struct judged_sender sender;
    VEC(struct listing) listings;   /* what block lists answered */
    struct judged_scan scan;
    VEC(struct planned_action) planned; /* where policies had a say: what stands as long as the verdict is this one */
    enum verdict planned_for;
};
/* The entry fits a message that arrived then. An allowing one only where the sender is proved, and none of its proofs failed. */
bool entry_fits(const struct verdict_entry *entry, const struct judgement *judgement);
/* Of a report that verdict_reach made with these settings; the rest of its facts must still live. Points into the report. */
void judgement_take(struct arena *arena, const struct verdict_settings *settings, const struct tables *tables,
                    const struct report *report, struct judgement *out);
/* Evidence, could, absence, score, verdict, tags, actions and the settings' numbers of *out; its other members stay as they are.
 * With entries, or tables of witnesses, those found then are left out and these looked at; without (NULL) what was found stands. */
void verdict_again(struct arena *arena, const struct verdict_settings *settings, const struct judgement *judgement, struct report *out);

void judgement_write(const struct judgement *judgement, struct buf *out);
/* Points into bytes. 1: read; 0: it names evidence that this program does not know (`unknown` says which); -1: no such bytes. */
int judgement_read(struct arena *arena, struct span bytes, struct judgement *out, struct span *unknown);

/* The settings a verdict was reached with, names beside numbers. What this program does not know of them is left out, what the
 * bytes do not tell keeps its default. Entries are none of them: what they found is found. */
void verdict_settings_write(const struct verdict_settings *settings, struct buf *out);
bool verdict_settings_read(struct arena *arena, struct span bytes, struct verdict_settings *out); /* points into bytes */

/* What facts rest on beside the message and the world: each by a name that an operator knows ("people"), with all that counts of
 * it as bytes. A list's file is named by the file. */
struct ground {
    struct span name, bytes;
};
struct grounds { VEC(struct ground) list; };

/* The first 8 letters of the ids of all reports of that second; ids sort by them. TIME_UNKNOWN and before 1970: of 1970. */
enum { REPORT_ID_TIME = 8, REPORT_ID_LEN = 28 };
struct span report_id_at(struct arena *arena, int64_t time);

/* ---- the facts: everything of the object between "generation" and "evidence", as bytes of JSON */
void report_json_facts(struct arena *arena, const struct report *report, struct buf *out);
/* The member "envelope" of the object, for one that is written where there is no report. */
void report_envelope_write(struct json *json, const struct arrival *arrival);
/* report_json, and where in it the facts lie; empty where `out` was cut. */
struct span report_json_whole(struct arena *arena, const struct report *report, struct buf *out);
/* The whole object from id, generation and opinion of a report and facts written earlier. */
void report_json_again(struct arena *arena, const struct report *report, struct span facts, struct buf *out);

/* ---- what the page shows beside the judgement */
void report_page_write(const struct report *report, struct buf *out);
/* Fills what report_text reads of arrival, message, path, proof, relay, claim and content: nothing else may read these. False:
 * the bytes are of another version of the program, whose page cannot be drawn. */
bool report_page_read(struct arena *arena, struct span bytes, struct report *out);
