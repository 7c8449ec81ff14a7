/* action/handling_inner: what the files about handling share. */
#pragma once
#include "action/handling.h"

enum { EDITED_MOST = 24 << 20, COPIES_MOST = 8 }; /* what is edited travels beside its report in one frame */
enum { FORMS_MOST = 3 }; /* of one message there may be as many bodies where some of its recipients wait: the answer's, and two that wait */
static const unsigned body_acts = ACT_BANNER | ACT_LOCK | ACT_DOUBLE_LOCK | ACT_TAKE_OFF | ACT_RENAME;
static const unsigned edit_acts = ACT_BANNER | ACT_LOCK | ACT_DOUBLE_LOCK | ACT_TAKE_OFF | ACT_RENAME | ACT_HEADERS | ACT_TAG | ACT_JUNK;
static const unsigned changing_acts = ACT_BANNER | ACT_LOCK | ACT_DOUBLE_LOCK | ACT_TAKE_OFF | ACT_RENAME | ACT_TAG;

struct handler {
    struct arena *arena;
    const struct handling_settings *settings;
    const struct message_limits *limits;
    const struct message *message;
    const struct report *report;
    const struct handling_words *words;
    struct plan_recipient *recipients;
    size_t count;
    struct handling *out;
};

/* ---- handling.c */
bool goes_out(enum direction direction);
void edits_make(struct handler *at, const struct plan_group *group, bool locked, struct edits *out); /* locked: with the addresses for its links */
bool is_claimed(const struct handler *at); /* its sender may have written our results into it: they go, whatever else is done */
void group_edit(struct handler *at, const struct plan_group *group, struct edits *out); /* all that is done to its copy */
bool is_changed(unsigned acts, const struct edits *edits);
bool is_one_of(size_t number, const size_t *at, size_t len); /* of numbers that rise */
struct policy_hits { /* of one policy */
    bool holds;
    VEC(struct span) recipients; /* with an address */
    numbers_t numbers;
};
unsigned unmet_of(const struct handler *at, unsigned acts, const struct edits *edits); /* of double-lock and take-off */

/* ---- handling_wait.c */
size_t group_bodies(const struct handler *at, const struct plan_group *group); /* of those that wait: how many changed bodies lie here */ /* of those that wait: how many changed bodies lie here */
/* Finds what nobody need be asked about, for it would come to nothing. True: the plan is another with that. */
bool idle_find(struct handler *at);
void waits_take(struct handler *at);  /* from the plan; as often as it changes */
void locks_find(struct handler *at);  /* links, and of which kinds their pages are */
void waits_edit(struct handler *at);
/* Groups whose active acts were not met are held, as others; where it is what somebody is asked about, he is asked to hold it. True: there are such;
 * *unmet: the active acts. */
bool waits_unmet(struct handler *at, unsigned *unmet);
void waits_originals(struct handler *at);
/* An act of a confirm policy, or of the organisation's mode: whether somebody is asked, or why not, behind its reason. */
void asked_tell(const struct handler *at, const struct policy_hits *hits, unsigned act, struct planned_action *action);
bool mode_asked_tell(const struct handler *at, struct report *report); /* true: somebody is */
