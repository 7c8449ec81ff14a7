/* table/brand_labels: what a label of a host may be taken for: the names of brands as labels, and look-ups that forgive.
 *
 * Made once when the brands are loaded. A look-up takes about a microsecond, whatever the label. Pure. */
#pragma once
#include "table/lists.h"

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
