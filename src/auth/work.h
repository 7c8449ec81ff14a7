/* The work on one message. Inner header of auth. */
#pragma once
#include "auth/arc.h"
#include "auth/dkim.h"

struct spf_subject {
    struct spf_question question;
    struct spf_proof proof;
    bool done;
};

struct auth_work {
    struct arena *arena;
    const struct auth_settings *settings;
    const struct tables *tables;
    const struct arrival *arrival;
    const struct message *message;
    const struct path *path;
    struct header_index *index;
    VEC(struct dkim_check) dkim;
    struct arc_check arc;
    VEC(struct results_field) recorded;
    struct spf_subject sender, helo;
    bool sender_is_null; /* then the sender's SPF is that of HELO */
};

/* Who sent it, as far as SPF asks; fills sender and helo. */
void origin_read(struct auth_work *work);

/* All Authentication-Results fields, and which of them the operator trusts. */
void recorded_read(struct auth_work *work);
/* Puts recorded results of a trusted upstream where our own are unknown, or where the mail is scanned late. True: some. */
bool trusted_use(const struct auth_work *work, bool late, struct proof *proof);
bool trusted_use_dmarc(const struct auth_work *work, bool late, struct proof *proof);
/* More than a day after it came in: keys and records may have changed since. */
bool arrival_is_late(const struct auth_work *work, int64_t now);
