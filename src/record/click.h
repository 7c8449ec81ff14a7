/* record/click: what readers bring back. Locked links that were opened, clicked or appealed as rows; and what is to be said of one now.
 * Held messages likewise: passes that release one to its recipient, or ask for it.
 *
 * A pass was opened by the signer and is not over; whoever calls looked after that. In: passes, rows of the store, now. Out: rows, and a
 * verdict that is never milder than what people decided, what the record says by today's entries, and what other mail with the same host
 * was. Looking changes nothing. A click is an account event: it stays a row, with time, link, recipients and the client's address.
 * Never: opens a target; gives a link free that was locked twice, but where a person granted it or corrected the record.
 */
#pragma once
#include "record/record.h"
#include "seal/pass.h"

enum visit_act { VISIT_LOOK, VISIT_OPEN, VISIT_CLICK, VISIT_APPEAL }; /* OPEN: the page was fetched, by whom- or whatever */
struct visit { /* somebody brought a pass */
    enum visit_act act;
    struct pass pass;
    struct span host;   /* of its target, A-labels; empty: none */
    struct span client; /* address it came from; may be empty */
    struct span note;   /* of APPEAL: what the reader wrote */
    struct span jobs;   /* of APPEAL: who is told, record_jobs_pack; may be empty */
};
enum visit_end { VISIT_GOOD, VISIT_NO_RECORD, VISIT_NOT_THEIRS, VISIT_FAILED, VISIT_END_COUNT }; /* FAILED: could not be kept, or looked at */
enum way {
    WAY_GO,      /* the reader may go on */
    WAY_ASK,     /* ... may ask for it */
    WAY_ASKED,   /* ... has asked, and nobody answered yet */
    WAY_REFUSED, /* ... and it was refused */
    WAY_LEFT,    /* the held message is on its way, or there */
    WAY_GONE,    /* nothing lies here any more */
    WAY_COUNT
};
enum now_ground { /* bits: why the verdict is what it is now, where it is another */
    NOW_REVISED = 1,   /* by today's entries, or weights of witnesses, the record is judged otherwise */
    NOW_CORRECTED = 2, /* a person said what it was */
    NOW_HOST = 4,      /* other messages that lead there were bad */
    NOW_DENIED = 8,    /* an entry denies the domain that it leads to */
    NOW_GRANTED = 16   /* a person granted it */
};
struct visited_reason {
    struct span text[2]; /* by enum language */
};
struct visited {
    enum visit_end end; /* of others than GOOD nothing below is told */
    struct span record; /* its id: another than the pass has where the message came in more tries than one */
    enum way way;
    bool unjudged;     /* there is no verdict, then and now, and no reasons */
    enum verdict then, now;
    unsigned grounds;  /* bits of enum now_ground */
    uint64_t others, suspicious, malicious; /* other messages of the organisation with a link to that host, the newest HOST_RECORDS of them */
    uint64_t appeal;   /* number of the latest; 0: none */
    VEC(struct visited_reason) reasons; /* of links first, then the heaviest */
    pass_names_t people; /* whom the pass is for */
    struct span subject, from;
    int64_t arrived;
};
enum { HOST_RECORDS = 100, REASONS_MOST = 5, CLICKS_MOST = 500 /* rows of one record */, NOTE_MOST = 500 };
bool visit_is_of_held(const struct visit *visit);
int visit_look(struct store *store, struct arena *arena, const struct visit *visit, int64_t now, struct visited *out, struct err *err);
/* What it was, as a row: `visited` of visit_look just before. Inside the caller's transaction. Of APPEAL sets appeal and way. Where the pass is
 * for a held message, CLICK releases it and APPEAL asks for it; transactions of their own, so that none may be open then. */
int visit_keep(struct store *store, struct arena *arena, const struct visit *visit, int64_t now, struct visited *visited, struct err *err);

/* ---- the rows */
struct click_row { /* until the callback returns */
    struct span id, org, people, host, client; /* people: addresses, blank separated */
    int64_t at;
    uint32_t link;
    bool appeal;          /* it asked; else it went on */
    enum verdict verdict; /* that the page told */
};
typedef bool (*click_each)(void *context, const struct click_row *row);
int64_t record_clicks(struct store *store, struct span id, click_each each, void *context, struct err *err); /* oldest first; how many */
struct opened_sum { /* of one record: fetched by readers, or by scanners, which nobody can tell apart */
    uint64_t times;
    int64_t first, last;
};
int record_opened(struct store *store, struct span id, struct opened_sum *out, struct err *err);

/* ---- appeals */
enum appeal_state { APPEAL_WAITING = 1, APPEAL_GRANTED, APPEAL_REFUSED }; /* kept in files: never renumbered */
const char *appeal_state_name(enum appeal_state state); /* "waiting" */
struct appeal_row { /* until the callback returns */
    uint64_t number;
    struct span id, org, kind, people, host, note, client, by; /* kind: of its pass; by: who answered */
    uint32_t link;
    enum appeal_state state;
    int64_t asked, answered; /* answered: TIME_UNKNOWN while it waits */
};
typedef bool (*appeal_each)(void *context, const struct appeal_row *row);
int64_t record_appeals(struct store *store, enum appeal_state state, struct span org, appeal_each each, void *context, struct err *err); /* state 0, org empty: all; oldest first */
/* A transaction of its own. 1; 0: there is no such appeal; -1. */
int record_appeal_answer(struct store *store, uint64_t number, bool granted, struct span by, int64_t now, struct err *err);

/* ---- between a door and the keeper */
void visit_pack(const struct visit *visit, struct buf *out);
int visit_unpack(struct arena *arena, struct span bytes, struct visit *out); /* points into bytes; -1: these are none */
void visited_pack(const struct visited *visited, struct buf *out);
int visited_unpack(struct arena *arena, struct span bytes, struct visited *out);
