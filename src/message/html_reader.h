/* Inside of html_read: names, looks, the open elements and the reader. For html_*.c only. */
#pragma once
#include "message/html_tokens.h"

/* ---- names (html_names.c) */
#define K(a, b, c, d, e, f, g, h)                                                                                      \
    ((uint64_t)(a) | (uint64_t)(b) << 8 | (uint64_t)(c) << 16 | (uint64_t)(d) << 24 | (uint64_t)(e) << 32 |            \
     (uint64_t)(f) << 40 | (uint64_t)(g) << 48 | (uint64_t)(h) << 56)
enum html_tag {
    TAG_OTHER,
#define TAG(id, name, key, flags) TAG_##id,
#include "message/html_names.def"
    TAG_COUNT
};
enum html_tag_flag {
    VOID = 1,         /* has no end tag and holds nothing */
    SPECIAL = 2,      /* 13.2.4.2: ends the search of an end tag that is none of the known ones */
    FORMATTING = 4,   /* outlives the block it was opened in */
    SCOPE = 8,        /* ends the search of an end tag */
    MARKER = 16,      /* formatting does not reach over it */
    CLOSES_P = 32,
    LINE = 64,        /* begins and ends a line of the text */
    TABLE_PART = 128, /* what stands in it directly is shown before the table */
    IN_TABLE = 256,   /* may stand in such a part */
    PRE = 512,        /* line ends are kept */
    BLOCK = SPECIAL | CLOSES_P | LINE
};
extern const uint16_t html_tag_flags[TAG_COUNT];
enum html_tag html_tag_of(struct span name);
enum html_attr {
#define ATTR(id, name, key) ATTR_##id,
#include "message/html_attributes.def"
    ATTR_COUNT
};
struct html_attrs {
    uint32_t present; /* bits 1 << enum html_attr */
    struct span of[ATTR_COUNT];
};
void html_attrs_read(const struct html_token *token, struct html_attrs *out);
static inline bool attr_has(const struct html_attrs *attrs, enum html_attr attr)
{
    return attrs->present >> attr & 1;
}
uint64_t html_key(struct span name); /* its first eight bytes as K packs them, in lower case */

/* ---- what CSS or attributes declare, as far as it can hide text (html_css.c) */
enum css_property {
    CSS_DISPLAY_NONE, CSS_INVISIBLE, CSS_TRANSPARENT, CSS_FONT, CSS_COLOUR, CSS_BACKGROUND, CSS_IMAGE, CSS_POSITIONED, CSS_FAR,
    CSS_INDENTED_FAR, CSS_LOW, CSS_MAX_LOW, CSS_NARROW, CSS_MAX_NARROW, CSS_CUTS, CSS_CLIPPED, CSS_MSO_HIDE, CSS_MOVED, CSS_PRE,
    CSS_ATTRIBUTE, CSS_COUNT
};
struct css { /* of one rule or element */
    uint32_t set, important; /* bits 1 << enum css_property */
    int32_t value[CSS_COUNT];
};
/* CSS_FONT: tenths of a pixel; below 0: -1 - thousandths of the parent's size. Colours: 0xRRGGBB or COLOUR_NONE. */
enum { COLOUR_NONE = -1 };
void css_set(struct css *css, enum css_property property, int32_t value, bool important);
void css_merge(struct css *onto, const struct css *from); /* later rules win, but not over important ones */
void css_declarations(struct arena *arena, struct span text, struct css *out);
bool css_has_comment(struct span text);
bool css_url_next(struct span *rest, struct span *url);    /* url(...), one after the other */
bool css_import_next(struct span *rest, struct span *url); /* @import "..." */
bool colour_parse(struct span text, bool css, int32_t *out); /* html_colour.c; not css: the legacy rules of attributes */

/* ---- style elements (html_sheet.c) */
struct css_sheet;
struct css_sheet *css_sheet_new(struct arena *arena);
void css_sheet_add(struct css_sheet *sheet, struct span text);
bool css_sheet_late(const struct css_sheet *sheet); /* a rule came after an element it may hold for */
/* What the rules say for an element, in the order of their strength. */
void css_sheet_apply(struct css_sheet *sheet, enum html_tag tag, struct span classes, struct span id, struct css *out);

/* ---- looks: what an element's text looks like (html_looks.c) */
struct looks {
    uint16_t hidden;  /* bits of enum html_hiding that no child can undo */
    uint16_t bits;    /* those and what holds for text right here */
    int32_t font;     /* tenths of a pixel */
    int32_t colour, background;
    bool invisible, background_known, pre;
};
extern const struct looks looks_start;
void looks_of(const struct looks *parent, const struct css *css, struct looks *out);

/* ---- text that grows, blanks folded (html_text.c) */
struct text_out {
    struct buf buf;
    char gap; /* '\0', ' ' or '\n': owed before the next word */
};
void text_gap(struct text_out *out, char gap);
bool text_add(struct text_out *out, struct span text, bool pre); /* true: more than blanks came */

/* ---- the reader */
struct open_element {
    enum html_tag tag;
    uint32_t digest; /* of an unknown name */
    uint32_t link;   /* the link it makes, plus one */
    uint32_t anchor; /* that, or the link it stands in */
    struct looks looks;
    struct css css;
};
struct link_place { /* beside each html_link: where its words stand, until the texts are whole */
    enum { PLACE_NONE, PLACE_OPEN, PLACE_DONE } state;
    size_t visible_from, visible_to, hidden_from, hidden_to, aside_from, aside_to;
    struct span alt;
    bool seen_image;
};
enum { STYLES_BITS = 6, STYLES_EVERY = 256 }; /* at most 64, and fewer for a page of under 16 kB: small parts may be many */
struct style_seen { /* a page says the same few styles again and again */
    struct span text;
    struct css css;
};
struct html_reader {
    struct arena *arena;
    struct html_tokenizer *tokenizer;
    struct html_view *view;
    size_t depth, links_most;
    size_t tag, input_len;            /* where the tag at hand begins, SIZE_MAX: not in the input; how long that is */
    VEC(struct open_element) open;
    uint16_t count[TAG_COUNT];        /* open elements of each tag */
    size_t floor, beyond;             /* elements below floor stay; how many are open past the limit */
    VEC(struct link_place) places;    /* one a link of view->links */
    struct text_out visible, hidden, aside, title;
    struct css_sheet *sheet;
    struct style_seen *styles;        /* 1 << styles_bits of them, by a digest of their text; NULL before the first */
    unsigned styles_bits;
    enum html_tag raw;                /* the element whose raw text is being read */
    unsigned nested;                  /* pages in srcdoc attributes that are being read */
    bool rules_kept;                  /* the second pass, with all rules known */
    const char *outer_at, *outer_end; /* where the input goes on after a conditional comment; NULL: not in one */
    size_t outer_floor, outer_beyond;
};
/* html_stack.c */
void element_open(struct html_reader *r, enum html_tag tag, struct span name, const struct css *css, uint32_t link);
void element_close(struct html_reader *r, enum html_tag tag, struct span name);
void elements_close_to(struct html_reader *r, size_t length); /* all above */
void element_implies(struct html_reader *r, enum html_tag tag); /* what a start tag closes */
const struct open_element *element_around(const struct html_reader *r, bool in_table); /* NULL: none */
/* html_links.c */
uint32_t link_add(struct html_reader *r, enum html_tag tag, int kind, struct span raw, const struct looks *looks); /* index plus one, 0: full */
uint32_t element_links(struct html_reader *r, enum html_tag tag, const struct html_attrs *attrs, const struct looks *looks);
void css_links(struct html_reader *r, struct span css, const struct looks *looks);
void css_imports(struct html_reader *r, struct span css, const struct looks *looks);
void anchor_begin(struct html_reader *r, uint32_t link);
void anchor_end(struct html_reader *r, uint32_t link);
void links_finish(struct html_reader *r);
