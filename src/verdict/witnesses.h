/* verdict/witnesses: what the answers of witnesses mean: the operator's tables of codes, what a virus scanner found, and the
 * evidence that they become.
 *
 * In: what they answered (witness/witness.h), the tables of now. Out: evidence. An answer without a row means nothing; a
 * list that was not heard means nothing either way. What speaks for a message counts only where no proof of its author failed.
 * Kept answers can be held against other tables later, but a list that was not asked then cannot be asked again. */
#pragma once
#include "verdict/stored.h"
#include "verdict/verdict.h"

struct witness_code {
    struct prefix within; /* answers of the list */
    uint8_t bits;         /* not 0: and one of these bits is set in the last byte, as lists write that hold several lists in one */
    enum evidence_id id;
};
struct witness_codes { /* of one list, as asked about one thing */
    struct span zone;
    enum list_asks asks;
    VEC(struct witness_code) codes; /* the first that fits holds; of those with bits each that fits */
};
struct verdict_witnesses {
    VEC(struct witness_codes) lists;
    bool scanner; /* a virus scanner is asked: what it found counts */
};
/* Whether a list that is asked about that may say such a thing. names: all that it may say, ", " between them; in the arena. */
bool witness_may_say(enum list_asks asks, enum evidence_id id);
struct span witness_sayings(struct arena *arena, enum list_asks asks);
/* Evidence that comes from these tables, and so is looked for anew where they change. */
bool evidence_is_witnessed(enum evidence_id id);

/* The listings among evidence found then make way for what these tables say of the answers of then. */
void witnesses_weigh(struct arena *arena, const struct verdict_settings *settings, const struct judgement *judgement, struct report *out);
/* False: a list of these tables, or the scanner, was not asked then; *why names it. */
bool witnesses_were_asked(struct arena *arena, const struct verdict_witnesses *witnesses, const struct judgement *judgement, struct span *why);
