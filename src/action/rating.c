#include "action/rating.h"

static const struct {
    const char *action;
    bool spam;
    double least, most;
} rows[RATING_COUNT] = {
#define RATING(id, when, action, spam, least, most) [id] = {action, spam, least, most},
#include "action/rating.def"
#undef RATING
};

static void row_take(enum rating_id id, double score, struct rating *out)
{
    double part = score < 0 ? 0 : score > 100 ? 1 : score / 100;
    *out = (struct rating){id, rows[id].action, rows[id].spam, rows[id].least + (rows[id].most - rows[id].least) * part};
}

static enum rating_id id_of(const struct rated_facts *facts)
{
    const unsigned of_any = ACT_COPY | ACT_TAG; /* of these none is a word about spam */
    bool clean = facts->verdict == VERDICT_CLEAN;
    if (facts->fate != FATE_DELIVER)
        return facts->fate == FATE_REJECT ? RATING_REJECT : RATING_HOLD;
    if (!facts->active && !facts->acts)
        return RATING_IDLE;
    if (facts->acts & ACT_JUNK || (!clean && facts->acts & ~of_any))
        return facts->acts & ACT_TAG && facts->subject ? RATING_TAG : RATING_MARK;
    if (facts->acts & ACT_TAG && facts->subject)
        return clean ? RATING_TAG_CLEAN : RATING_TAG;
    return facts->acts & ACT_TAG && !clean ? RATING_MARK : RATING_PASS;
}

void rating_judged(const struct rated_facts *facts, struct rating *out)
{
    row_take(id_of(facts), facts->score, out);
}

void rating_unjudged(bool defers, bool too_large, struct rating *out)
{
    row_take(!defers ? RATING_UNJUDGED : too_large ? RATING_TOO_LARGE : RATING_LATER, 0, out);
}
