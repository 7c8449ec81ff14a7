/* message/html: HTML as a reader sees it: tokens by the WHATWG standard (13.2.5 Tokenization), visible text kept apart
 * from hidden text, and links with the words they stand under.
 *
 * UTF-8 in (charsets are undone before); spans in the arena or the input out. One pass, bounded stack, no tree. */
#pragma once
#include "base/base.h"

/* ---- the tokenizer */
enum html_state { HTML_DATA, HTML_PLAINTEXT, HTML_RCDATA, HTML_RAWTEXT, HTML_SCRIPT_DATA, HTML_CDATA };
enum html_token_kind { HTML_TEXT, HTML_START, HTML_END, HTML_COMMENT, HTML_DOCTYPE, HTML_FINISHED };
struct html_attribute {
    struct span name, value; /* name in lower case; value with character references decoded */
};
struct html_token {
    enum html_token_kind kind;
    struct span text; /* text (references decoded, NUL by state), comment, or tag name in lower case, doctype name */
    VEC(struct html_attribute) attributes; /* of a start tag, the first of each name */
    bool attributes_cut; /* there were more than 10,000 */
    bool self_closing;
    size_t offset; /* of its first byte in the input, CR LF counted as one */
    struct {
        bool has_name, has_public, has_system, force_quirks;
        struct span public_id, system_id;
    } doctype;
};
struct html_tokenizer; /* one input */
struct html_tokenizer *html_tokenizer_new(struct arena *arena, struct span utf8);
/* What a tree builder would do: states after certain start tags, and which end tag ends them. last_start may be empty. */
void html_tokenizer_state(struct html_tokenizer *tokenizer, enum html_state state, struct span last_start);
/* Inside svg or math: CDATA sections are read as text, elsewhere as comments. */
void html_tokenizer_foreign(struct html_tokenizer *tokenizer, bool foreign);
/* The token lives until the next call, its spans as long as the arena. HTML_FINISHED for ever at the end. */
const struct html_token *html_next(struct html_tokenizer *tokenizer);

/* ---- what a reader sees */
struct html_link {
    int kind; /* enum link_kind of message/message.h */
    struct span raw;     /* as written, character references decoded */
    struct span text;    /* the words it stands under (their first 1,000 bytes), else the first image's alternative */
    bool hidden;         /* nothing of it is seen */
    bool image_only;     /* a picture is seen in it and no words */
    size_t from, to;     /* where its words stand in view.visible; equal where they do not */
    size_t tag;          /* where its tag begins in the input, CR LF counted as one; SIZE_MAX: in no tag of the input */
};
struct html_view {
    struct span visible; /* text a person sees, blanks folded, blocks on lines of their own, image alternatives left out */
    struct span hidden;  /* text that is there but not seen */
    struct span outlook; /* text of conditional comments, which Outlook on Windows shows and others do not */
    struct span title;
    VEC(struct html_link) links;
    bool links_passed;   /* there were more links than asked for, or a tag with more attributes than are read */
    struct span base;    /* href of <base>, empty where none */
    unsigned images, forms, scripts, password_inputs, inputs, iframes;
    unsigned hidden_by;  /* bits of enum html_hiding that occurred */
    unsigned depth_met;  /* deepest nesting seen, counted up to the limit */
    bool depth_passed;   /* the limit was passed: deeper elements share the last one's looks */
};
enum html_hiding {
    HTML_HIDDEN_DISPLAY = 1, HTML_HIDDEN_VISIBILITY = 2, HTML_HIDDEN_ZERO_FONT = 4, HTML_HIDDEN_SAME_COLOUR = 8,
    HTML_HIDDEN_OFF_SCREEN = 16, HTML_HIDDEN_TINY = 32, HTML_HIDDEN_OPACITY = 64, HTML_HIDDEN_ATTRIBUTE = 128,
    HTML_HIDDEN_CLIPPED = 256 /* a box without height or width that cuts off what does not fit */
};
/* Reads a whole HTML text. At most depth open elements and links links are remembered. */
void html_read(struct arena *arena, struct span utf8, size_t depth, size_t links, struct html_view *out);
