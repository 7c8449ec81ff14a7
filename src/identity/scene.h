/* identity, inside: one message as the files of this room share it. */
#pragma once
#include "identity/identity.h"
#include "table/brands.h"

struct scene {
    struct arena *arena;
    const struct identity_settings *settings;
    const struct tables *tables;
    const struct arrival *arrival;
    const struct message *message;
    const struct path *path;
    const struct proof *proof;
    const struct told *told;
    struct claim *out;
    const struct mailbox *from;          /* NULL: none */
    struct span from_domain, from_org;   /* A-labels; may be empty */
    unsigned from_kinds;                 /* bits of enum host_kind */
    struct span sender, sender_domain;   /* MAIL FROM; empty where null or unknown */
    struct span name, subject;           /* folded */
    const struct service *service;       /* that sent it for a customer, borne out by the path; NULL */
    const struct service *engaged;       /* where a proved author lets the reader unsubscribe: his mail service; NULL */
    bool passed_on;                      /* seen is the letter inside, by its own author */
    bool list;                           /* a mailing list's message, borne out */
};

/* Where anybody has a page, a file or a form: the owner of the host does not speak for it. */
enum { HOST_OF_ANYBODY = HOST_SHORTENER | HOST_FREE_PAGES | HOST_FORM | HOST_BUCKET | HOST_SHARE | HOST_TUNNEL | HOST_GATEWAY | HOST_IMAGES };
/* ... and which therefore nobody vouches for but its owner, writing himself. */
enum { HOST_BORROWED = HOST_OF_ANYBODY & ~HOST_IMAGES };

bool is_own_domain(const struct scene *at, struct span domain);
bool is_partner(const struct scene *at, struct span domain);
bool same_owner_as_from(const struct scene *at, struct span domain);
/* A host that speaks for the brand: its own, and no place where anybody writes. */
bool speaks_for_brand(const struct scene *at, const struct brand *brand, const struct told_host *host);
struct span first_label_of(struct span domain);
bool has_code_points_above(struct span text, uint32_t least);
/* The next code point of UTF-8; false at the end. Bytes that are none count as U+FFFD. */
bool code_point_next(struct span *rest, uint32_t *out);

void vouching_find(struct scene *at);
void brands_find(struct scene *at);
void lookalikes_find(struct scene *at);
void people_find(struct scene *at);
void shape_find(struct scene *at);
void mismatch_find(struct scene *at);
void forwarded_find(struct scene *at);
void lookalike_author_find(struct scene *at); /* of the author's address alone */
void scene_author_set(struct scene *at, const struct mailbox *from, struct span subject); /* NULL: none */
double letters_score(struct span letters); /* mean logarithm of letter pairs: about -3.6 for words, -7 for keys struck blindly */
