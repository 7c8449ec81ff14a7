/* Inside of content/links: one reading of a message's links, and the pieces it is made of. */
#pragma once
#include "content/links.h"

/* ---- link_set.c: spans numbered in the order they came */
struct link_set {
    VEC(struct span) keys;
    uint32_t *slots; /* index into keys, plus one */
    size_t slot_count;
};
size_t link_set_add(struct arena *arena, struct link_set *set, struct span key); /* its number, new or old */

/* What is the same for every link to one host. */
struct link_host {
    struct span organisation;
    unsigned traits; /* those that the host alone gives */
    size_t facts;    /* seen clickable links to it */
};
enum target_use { USED_CLICKABLE = 1, USED_IMAGE = 2, USED_SEEN = 4 };
struct recipient_form {
    struct span text;
    bool plain; /* the address itself: in any case */
};
struct link_reader {
    struct arena *arena;
    const struct tables *tables; /* may be NULL */
    const struct message *message;
    struct content_links *out;
    struct link_set facts, targets, hosts, organisations, mailto_hosts;
    VEC(unsigned) uses;              /* by number in targets: bits of enum target_use */
    VEC(struct link_host) host_rows; /* by number in hosts */
    VEC(struct recipient_form) recipients;
    size_t shortest_recipient;
    const struct part *shown_part; /* the one that was asked for last, and whether a person sees it */
    bool shown;
};

/* ---- link_traits.c */
unsigned link_host_traits(const struct tables *tables, const struct url *url); /* of the host by itself */
unsigned link_url_traits(const struct link_reader *reader, const struct link_fact *fact);
bool path_is_page(struct span path);

/* ---- link_shown.c */
/* The host that a link's text names: the text is an address, or holds one that is written out. Empty where it names none. */
struct span link_text_host(struct arena *arena, const struct tables *tables, struct span text);
/* TRAIT_TEXT_DIFFERS, and shown_host. */
void link_shown_compare(const struct link_reader *reader, struct link_fact *fact);

/* ---- link_recipient.c */
void recipients_make(struct link_reader *reader, const struct arrival *arrival);
unsigned recipient_traits(const struct link_reader *reader, const struct url *url);

/* ---- link_address.c */
bool link_holds_address(struct arena *arena, const struct url *url);
bool link_holds_link(const struct link_reader *reader, const struct link_fact *fact);

/* ---- link_main.c */
void links_conclude(struct link_reader *reader);

/* ---- unwrap.c */
struct span percent_undo(struct arena *arena, struct span s); /* s itself where there is nothing to undo */
