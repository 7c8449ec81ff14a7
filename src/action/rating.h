/* action/rating: what is told of a message to servers that know SpamAssassin's or Rspamd's words: a score, a flag, an action.
 *
 * In: the verdict, the score, and which acts are in force. Out: one row of rating.def and a score within its bounds, so that whoever
 * compares numbers does the same as whoever reads the word. What is not in force is told in names, never in number, flag or action.
 */
#pragma once
#include "action/plan.h"

#define RATING_SPAM_AT 5.0    /* SpamAssassin's threshold */
#define RATING_REJECT_AT 15.0 /* Rspamd's */
enum rating_id {
#define RATING(id, when, action, spam, least, most) id,
#include "action/rating.def"
#undef RATING
    RATING_COUNT
};
struct rating {
    enum rating_id id;
    const char *action; /* Rspamd's, with blanks */
    bool spam;
    double score;
};
struct rated_facts {
    enum verdict verdict;
    double score;     /* 0-100 */
    bool active;      /* something is in force: the mode, or a policy */
    enum fate fate;
    unsigned acts;    /* bits of enum act: what is done to what is delivered */
    bool subject;     /* whoever asks gets the new subject */
};
void rating_judged(const struct rated_facts *facts, struct rating *out);
void rating_unjudged(bool defers, bool too_large, struct rating *out);
