/* identity/protected: whose names and domains are worth forging: the organisation that receives, its partners, its people.
 *
 * In: conf/sekimori.conf (generation fills it), a file of --people, --own-domain, --partner. Out: settings with their names folded for
 * comparison. Never: asks whether a domain is there. */
#pragma once
#include "base/base.h"

struct person {
    struct span name;          /* "Taro Yamada", "山田 太郎" */
    VEC(struct span) names;    /* further ways of writing it; family name first or last is tried anyway */
    VEC(struct span) addresses; /* under which this person really writes, outside the own domains too */
    struct span title;         /* "CEO"; may be empty */
    VEC(struct span) forms;    /* name and names folded for comparison, title_folded the title: by identity_settings_ready */
    struct span title_folded;
};
struct identity_settings {
    VEC(struct span) own_domains; /* of the organisation that receives, with what is under them, A-labels */
    VEC(struct span) own_names;   /* how it is called: "Example Corp", "株式会社例" */
    VEC(struct span) partners;    /* domains it often deals with */
    VEC(struct person) people;
    VEC(struct span) own_forms; /* own_names folded: by identity_settings_ready */
};
/* An own domain or a partner's as people write it -> A-labels. False: it is none (no dot, an address, a pattern). */
bool identity_domain_read(struct arena *arena, struct span text, struct span *out);
int identity_person_check(const struct person *person, struct err *err); /* -1: one of the addresses is none */
void identity_settings_default(struct identity_settings *settings);
/* To be called once when all of it is filled in, by identity_load or by hand: folds the names. */
void identity_settings_ready(struct arena *arena, struct identity_settings *settings);
/* YAML: own_domains, own_names, partners (lists of words), people (list of name, names, addresses, title). Adds to *out. */
int identity_load(struct arena *arena, const char *path, struct identity_settings *out, struct err *err);
