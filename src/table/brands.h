/* table/brands: brands and their own domains, what a label of a host may be taken for, and the words around names.
 *
 * data/brands.yaml and data/name-words.yaml, and files of the same names in the operator's folder, whose rows are added. Loaded and
 * checked once, then read-only. A row marked `sure: no` weighs half. A look-up of a label takes about a microsecond, whatever it is. */
#pragma once
#include "table/table.h"

/* ---- brands */
enum brand_kind {
#define BRAND_KIND(id, name) id,
#include "table/brand_kind.def"
#undef BRAND_KIND
    BRAND_KIND_COUNT
};
struct brand {
    struct span id, name;      /* "paypal", "PayPal" */
    VEC(struct span) names;    /* as written; unmistakable */
    VEC(struct span) words;    /* names that are ordinary words too: they count only where nothing else stands beside them */
    VEC(struct span) domains;  /* registrable domains it owns, A-labels */
    VEC(struct span) senders;  /* hosts or domains of others under which it honestly writes */
    VEC(struct span) services; /* ids of services.yaml it sends through */
    enum brand_kind kind;
    struct span country, source, date;
    bool sure;
    uint32_t index;            /* its place in the list: brand_at(tables, index) */
};
size_t brand_count(const struct tables *tables);
const struct brand *brand_at(const struct tables *tables, size_t index);
const struct brand *brand_by_domain(const struct tables *tables, struct span host); /* that owns the host's domain; NULL: none */
bool brand_owns(const struct brand *brand, struct span host);  /* the host is, or lies under, one of its domains */
bool brand_sends(const struct brand *brand, struct span host); /* owns it, or is known to write under it */

/* ---- names of brands as labels of hosts, and look-ups that forgive */
enum { LABEL_MOST = 63, LABEL_NEAR_LEAST = 6, LABEL_NEAR_TWO = 10, LABEL_NEAR_MOST = 20 };
struct brand_label {
    struct span text;          /* lower case, letters and figures only: "bankofamerica" */
    const struct brand *brand;
    bool of_domain;            /* it is the label of a domain the brand owns; else only a name of it */
};
/* Hyphens out, lower case, at most LABEL_MOST letters: how labels are compared. Returns the length. */
size_t label_plain(struct span label, char out[LABEL_MOST]);
/* Letters that look like others made one: 0 o, 1 i l, rn m, vv w, cl d, 5 s, 3 e. Input as label_plain makes it. */
size_t look_fold(struct span plain, char out[LABEL_MOST]);
/* How many keys were missed between two labels: one beside, left out, doubled or changed over, each 1; above `most`: most + 1.
 * An exchange of letters that do not lie side by side on a keyboard counts 2. */
unsigned typing_distance(struct span a, struct span b, unsigned most);

const struct brand_label *brand_label_exact(const struct tables *tables, struct span plain);
const struct brand_label *brand_label_by_look(const struct tables *tables, struct span look);
/* Within one slip of the keys, two for labels of ten letters or more; NULL: none. */
const struct brand_label *brand_label_near(const struct tables *tables, struct span plain);
/* The longest that stands within, five letters or more, not the whole; *at: where it begins. */
const struct brand_label *brand_label_within(const struct tables *tables, struct span plain, size_t *at);

/* ---- words that stand in names of senders and hosts and say nothing of who it is */
enum name_word_use {
    NAME_WORD_ADDED = 1 << 0,  /* put around a name to make a host of it: secure, login, verify */
    NAME_WORD_ROLE = 1 << 1,   /* of an office, not of a person or firm: support, billing, サポート */
    NAME_WORD_TRADE = 1 << 2,  /* what brands of a kind do: bank, card, 銀行 */
    NAME_WORD_TITLE = 1 << 3,  /* before or behind a person's name: mr, dr, ceo, 様, 社長 */
    NAME_WORD_LEGAL = 1 << 4,  /* of a firm's name: inc, gmbh, 株式会社 */
    NAME_WORD_HOSTER = 1 << 5, /* how hosters call their machines: vps, dedi, static */
    NAME_WORD_DESK = 1 << 6,   /* mailboxes that take reports of bad mail: abuse, phishing */
    NAME_WORD_LABEL = 1 << 7,  /* before the colon of a field that holds a person's name: user name, ユーザー名 */
    NAME_WORD_PLAIN = 1 << 9,  /* an English word of which no language has a form with accents */
    NAME_WORD_GREETING = 1 << 8, /* before the name at the head of a letter: hello, sehr geehrter */
};
/* The uses of a word in folded text; 0: none. */
unsigned name_word_uses(const struct tables *tables, struct span word);
bool name_word_of_trade(const struct tables *tables, struct span word, enum brand_kind kind);
