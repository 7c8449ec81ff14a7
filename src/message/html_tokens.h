/* Inside of the HTML tokenizer: shared by html_token.c, html_markup.c, html_raw.c and html_reference.c. */
#pragma once
#include "message/html.h"

struct html_tokenizer {
    struct arena *arena;
    const char *start, *at, *end; /* newlines normalised (13.2.3.5) */
    const char *markup; /* the next '<' that begins markup, where it is not before `at` */
    enum html_state state;
    bool has_nul; /* anywhere in the input */
    bool foreign; /* inside svg or math: CDATA sections are read */
    struct span last_start;
    struct html_token token;
    uint32_t *slots; /* of a tag with many attributes: their names, hashed */
    size_t slot_count, slot_room;
};

enum html_class {
    CLASS_SPACE = 1,      /* tab, LF, FF, space */
    CLASS_TAG_END = 2,    /* ends a tag name: space, '/', '>' */
    CLASS_NAME_END = 4,   /* ends an attribute name: the same and '=' */
    CLASS_VALUE_END = 8,  /* ends a value without quotes: space, '>' */
    CLASS_CHANGED = 16    /* a name with it is not taken as written: upper case, NUL */
};
extern const uint8_t html_classes[256];
static inline bool html_is(char c, unsigned classes)
{
    return html_classes[(unsigned char)c] & classes;
}

/* ---- html_reference.c. at stands on '&'; *used is 0 where no reference begins. */
struct span html_reference(struct arena *arena, const char *at, const char *end, bool attribute, size_t *used);
struct span html_value(struct arena *arena, struct span raw); /* of an attribute: references decoded */
struct span html_without_nul(struct arena *arena, struct span s); /* NUL to U+FFFD */

/* ---- html_markup.c: at stands after "<!" or on '?', or after "</". All set the token. */
void html_declaration(struct html_tokenizer *t);
void html_bogus_comment(struct html_tokenizer *t);
/* html_token.c: at stands on the name's first letter. HTML_FINISHED where the input ended inside. */
void html_tag(struct html_tokenizer *t, enum html_token_kind kind);
/* html_raw.c: the states that know one end tag only. */
void html_raw_next(struct html_tokenizer *t);
