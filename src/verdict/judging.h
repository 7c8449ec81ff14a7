/* The inside of verdict: one judging, and what the files of evidence share. */
#pragma once
#include "verdict/verdict.h"

struct judging {
    struct arena *arena;
    const struct verdict_settings *settings;
    const struct tables *tables; /* may be NULL */
    const struct arrival *arrival;
    const struct message *message;
    const struct path *path;
    const struct proof *proof;
    const struct relay_use *relay;
    const struct content *content; /* NULL: did not speak */
    const struct claim *claim;     /* NULL: did not speak */
    const struct testimony *testimony; /* NULL: nobody was asked */
    const struct seals *sealed;    /* NULL: not looked for */
    struct report *out;
    struct span from_domain;     /* of the author, for people and comparisons; may be empty */
    bool seen[EVIDENCE_COUNT];
    struct {
        size_t begin, end;
    } from_at[4]; /* where the From fields stand in the message; more than that many are evidence by themselves */
    size_t from_count;
    bool names_read; /* the names of all authors were looked at once */
    VEC(const struct dkim_proof *) aligned; /* signatures of the author's organisation that pass */
    enum { SEALS_ASKED, SEALS_COUNT, SEALS_COUNT_NOT } seals; /* whether arc_explains asks the settings, or is told */
};

/* Each id counts once a message; the first place is kept. */
void evidence_add(struct judging *at, enum evidence_id id, struct span where, struct span first, struct span second,
                  struct span third);

/* What was added last rests on a row that is not sure: it weighs half. */
void evidence_halve(struct judging *at);

void evidence_of_defects(struct judging *at);
void evidence_of_path(struct judging *at);
void evidence_of_proof(struct judging *at);
void evidence_of_laundering(struct judging *at);
void evidence_of_relay(struct judging *at);
void evidence_of_seals(struct judging *at);
void evidence_of_claims(struct judging *at);     /* brands, lookalikes, people */
void evidence_of_sender(struct judging *at);     /* name, address, mismatches, feeding machine */
void evidence_of_vouching(struct judging *at);   /* who vouched for the hosts; what speaks for a message under a proof */
void evidence_of_links(struct judging *at);
void evidence_of_files(struct judging *at);
void evidence_of_words(struct judging *at);
void evidence_of_looks(struct judging *at);
void evidence_of_forwarded(struct judging *at);
void evidence_of_strangers(struct judging *at); /* last: rests on what others saw */
unsigned judging_could(const struct judging *at); /* bits 1 << enum need */

/* ---- evidence_proof.c */
/* Mail on its way out is judged by the relay's guard: what its proofs will be is decided after it. */
bool judging_is_outbound(const struct judging *at);
bool domain_is_aligned(const struct judging *at, struct span domain); /* with the author's, by organisation */
/* A DMARC failure that an ARC chain of trusted sealers explains: the chain holds and recorded a pass for this author. */
bool arc_explains(const struct judging *at);
/* The author's domain is proved, by DMARC or, without a policy, by an aligned signature. */
bool author_is_proved(const struct judging *at);

/* Nothing passed, and something could not be asked: what would have been proved is unknown. */
bool origin_is_unknown(const struct proof *proof);

/* ---- evidence_vouching.c */
/* It speaks as a brand, person or organisation that is not its own, or under a domain that imitates another's. After claims were weighed. */
bool judging_speaks_for_another(const struct judging *at);

/* ---- evidence_strangers.c */
/* A letter without a link whose answers go to free mail, the sender being elsewhere: stolen mailboxes write so, and what speaks for
 * their owner speaks no more for the writer. */
bool judging_answers_led_away(const struct judging *at);

/* ---- judgement.c: what verdict/stored.h keeps */
struct judgement;
struct judged_sender;
void judgement_begin(const struct judging *at, struct judgement *out); /* found, recipients and what the facts say outright */
void seals_collect(const struct judging *at, struct judgement *out);   /* of a chain that holds */
bool seals_explain(const struct verdict_settings *settings, const struct judgement *judgement);
void sender_find(const struct judging *at, struct judged_sender *out);

/* ---- entries.c: those that fit take the place of those that were found when it was judged before */
void entries_weigh(struct arena *arena, const struct verdict_settings *settings, const struct judgement *judgement, struct report *out);

/* ---- evidence_notices.c */
/* A proved service of notices sends what a stranger wrote: an offer that leads elsewhere. Its proof is not the stranger's. */
bool judging_notice_offers(const struct judging *at);
void evidence_of_notices(struct judging *at);

/* ---- places */
size_t field_index(const struct message *message, const struct field *field); /* SIZE_MAX where it is none of the top header */
struct span where_hop(struct judging *at, const struct hop *hop);             /* "Received[2]"; "connection" */
struct span where_signature(struct judging *at, const struct dkim_proof *dkim); /* "DKIM d=example.com" */
struct span hop_name(const struct hop *hop);                                  /* best name of the sending side; may be empty */
