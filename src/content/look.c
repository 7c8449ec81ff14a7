#include "content/words_inner.h"

#include "message/html.h"

enum {
    PICTURE_LETTERS = 200,   /* under so many letters an image is the letter */
    NOTHING_LETTERS = 40,
    HIDDEN_LETTERS = 300,
    BLANK_LINES = 12,
    IMAGES_MOST = 500
};

static bool is_seen_html(const struct part *part)
{
    return part->kind == PART_HTML && part->html && !part->attachment && !part->reading;
}

/* Programs that write letters begin with html, or a doctype before it. */
static bool has_root(struct span html)
{
    return span_find_case(html, S("<html"));
}

/* Twelve line ends in a row with nothing but blanks between, and then more: what follows is meant for filters. */
static bool has_blank_run(struct span text)
{
    text = span_trim(text);
    const char *end = text.at + text.len, *at = text.len ? memchr(text.at, '\n', text.len) : NULL;
    while (at) {
        size_t run = 0;
        for (; at < end && (ascii_is_space(*at) || *at == '\xc2' || *at == '\xa0') && run <= BLANK_LINES; at++)
            run += *at == '\n';
        if (run > BLANK_LINES)
            return true;
        at = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
    }
    return false;
}

/* Nothing that is seen: blanks, also those that HTML writes out. */
static bool is_unseen(struct span text)
{
    while (text.len) {
        size_t blank = ascii_is_space(text.at[0]) ? 1 : span_starts(text, S("&nbsp;")) ? 6 : span_starts(text, S("\xc2\xa0")) ? 2 : 0;
        if (!blank)
            return false;
        text = span_skip(text, blank);
    }
    return true;
}

/* A tag that ends a line: br, an empty p or div. */
static bool is_row(struct span tag)
{
    const char name = tag.len ? tag.at[0] | 32 : 0;
    return (name == 'b' || name == 'p' || name == 'd') &&
           (span_starts_case(tag, S("br")) || span_starts_case(tag, S("p>")) || span_starts_case(tag, S("div>")));
}

/* Up to the next tag that ends a line; what stands before a first one tells nothing. */
static bool row_find(struct span *rest)
{
    const char *at = rest->at, *end = at + rest->len;
    while (at < end && (at = memchr(at, '<', (size_t)(end - at)))) {
        *rest = span_from(++at, end);
        if (is_row(*rest))
            return true;
    }
    return false;
}

/* <br> twelve times, or as many empty paragraphs: the visible text has them folded, the source shows them. */
static bool has_blank_rows(struct span html)
{
    struct span rest = html, seen, tag;
    while (row_find(&rest)) {
        size_t run = 1;
        span_cut(&rest, '>', &tag);
        while (run && span_cut(&rest, '<', &seen)) {
            bool goes_on = is_unseen(seen);
            run = is_row(rest) ? (goes_on ? run : 0) + 1 : goes_on && span_starts(rest, S("/")) ? run : 0;
            if (run > BLANK_LINES)
                return true;
            if (run)
                span_cut(&rest, '>', &tag);
        }
    }
    return false;
}

/* ---- plain and HTML alternatives with next to no word in common */
enum { WORDS_COMPARED = 60, WORD_LEAST = 5, WORD_MOST = 30, WORD_BITS = 65536, SHARE = 10 };

/* The next word worth comparing, as a number below WORD_BITS. */
static bool word_next(struct span *rest, uint32_t *number)
{
    struct span word;
    while (span_word(rest, &word)) {
        if (word.len < WORD_LEAST || word.len > WORD_MOST)
            continue;
        uint32_t hash = 0x811c9dc5u; /* FNV-1a */
        bool odd = false, colon = false;
        for (size_t i = 0; i < word.len; i++) {
            odd |= word.at[i] == '=';
            colon |= word.at[i] == ':';
            hash = (hash ^ (unsigned char)ascii_lower(word.at[i])) * 0x01000193u;
        }
        if (odd || (colon && span_find(word, S("://"))))
            continue;
        *number = (hash ^ hash >> 16) % WORD_BITS;
        return true;
    }
    return false;
}

/* The first words of one text that stand in the other; not more than matter are counted. */
static unsigned words_shared(struct span from, struct span in, unsigned *asked)
{
    uint64_t wanted[WORD_BITS / 64] = {0};
    uint32_t numbers[WORDS_COMPARED], number;
    unsigned shared = 0;
    for (*asked = 0; *asked < WORDS_COMPARED && word_next(&from, &number); ++*asked) {
        numbers[*asked] = number;
        wanted[number / 64] |= 1ull << number % 64;
    }
    while (shared * SHARE < *asked && word_next(&in, &number)) {
        if (!(wanted[number / 64] >> number % 64 & 1))
            continue;
        wanted[number / 64] &= ~(1ull << number % 64);
        for (unsigned i = 0; i < *asked; i++)
            shared += numbers[i] == number;
    }
    return shared;
}

static const struct part *plain_beside(const struct message *message, const struct part *html)
{
    const struct part *parent = html->parent;
    if (!parent || parent->kind != PART_MULTIPART || !span_eq(parent->subtype, S("alternative")))
        return NULL;
    vec_each (leaf, &message->leaves)
        if ((*leaf)->kind == PART_TEXT && (*leaf)->parent == parent)
            return *leaf;
    return NULL;
}

static bool has_letters(struct span text, size_t least)
{
    enum { ENOUGH = 1024 }; /* nearly always; the rest need not be counted then */
    return span_letters(span_first(text, ENOUGH)) >= least || (text.len > ENOUGH && span_letters(text) >= least);
}

/* A short plain part ("this letter needs HTML") is honest usage; Japanese has no blanks and is not compared. */
static bool texts_differ(const struct message *message, const struct part *html)
{
    enum { TEXT_LEAST = 200, TEXT_MOST = 16384 };
    const struct part *plain = plain_beside(message, html);
    unsigned asked;
    if (!plain)
        return false;
    struct span text = span_first(plain->text, TEXT_MOST), view = span_first(html->html->visible, TEXT_MOST);
    if (!has_letters(text, TEXT_LEAST) || !has_letters(view, TEXT_LEAST))
        return false;
    unsigned shared = words_shared(text, view, &asked);
    return asked >= 20 && shared * SHARE < asked;
}

static void html_look(const struct message *message, const struct part *part, struct content_look *out)
{
    const struct html_view *view = part->html;
    out->html = true;
    out->html_base64 |= part->encoding == ENCODING_BASE64;
    out->html_no_root |= !has_root(part->text);
    size_t hidden = view->hidden.len < HIDDEN_LETTERS ? 0 : span_letters(span_first(view->hidden, 65536));
    out->hidden_much |= hidden >= HIDDEN_LETTERS && hidden > span_letters(span_first(view->visible, 65536));
    out->text_differs |= texts_differ(message, part);
    out->form |= view->forms > 0;
    out->password_input |= view->password_inputs > 0;
    out->blank_run |= has_blank_rows(span_first(part->text, 65536));
}

static void parts_look(const struct message *message, struct content_look *out)
{
    bool plain = false;
    enum { LEAVES_MOST = 200 };
    for (size_t i = 0; i < message->leaves.len && i < LEAVES_MOST; i++) {
        const struct part *part = message->leaves.at[i];
        if (is_seen_html(part)) {
            html_look(message, part, out);
        } else if (part->kind == PART_TEXT && !part->attachment && !part->reading && part->text.len) {
            plain = true;
            out->blank_run |= !out->html && has_blank_run(span_first(part->text, 65536));
        }
    }
    out->html_only = out->html && !plain;
}

/* Images that are to be seen: libraries, trackers of one pixel and what is hidden are not among the links that are seen. */
static void images_look(const struct content_links *links, struct content_look *out)
{
    struct span organisation = {0};
    size_t seen = 0;
    vec_each (link, &links->list) {
        if (!link->link || link->link->kind != LINK_IMAGE || link->link->hidden || seen++ == IMAGES_MOST)
            continue;
        if (link->kinds & (HOST_TRACKER | HOST_COMMON_LIBRARY))
            continue;
        out->images++;
        if (link->kinds & HOST_IMAGES)
            out->image_foreign = true;
        else if (!organisation.len)
            organisation = link->organisation;
    }
    if (organisation.len && links->main && links->main->organisation.len && links->organisations == 1)
        out->image_foreign |= !span_eq_case(organisation, links->main->organisation);
}

static bool is_high(const struct message *message, struct span name, const char *const *values)
{
    const struct field *field = message_field_named(message, name, 0);
    if (!field)
        return false;
    struct span value = span_trim(field->value);
    for (; *values; values++)
        if (span_starts_case(value, span_of(*values)))
            return true;
    return false;
}

static bool priority_is_high(const struct message *message)
{
    static const char *const one[] = {"1", "high", NULL}, *const high[] = {"high", NULL}, *const urgent[] = {"urgent", NULL};
    return is_high(message, S("X-Priority"), one) || is_high(message, S("X-MSMail-Priority"), high) || is_high(message, S("Importance"), high) ||
           is_high(message, S("Priority"), urgent);
}

/* Images that came along with the letter and stand in its text. */
static unsigned images_inside(const struct message *message)
{
    unsigned images = 0;
    vec_each (leaf, &message->leaves)
        images += (*leaf)->kind == PART_IMAGE && (*leaf)->content_id.len && !(*leaf)->reading && images < IMAGES_MOST;
    return images;
}

static bool has_files(const struct message *message)
{
    vec_each (leaf, &message->leaves)
        if ((*leaf)->attachment || (*leaf)->kind == PART_IMAGE)
            return true;
    return false;
}

void content_look_read(struct arena *arena, const struct tables *tables, const struct message *message,
                       const struct content_links *links, const struct content_words *words, struct content_look *out)
{
    *out = (struct content_look){0};
    parts_look(message, out);
    images_look(links, out);
    unsigned shown = out->images ? out->images : images_inside(message);
    out->images = shown;
    out->picture_mail = shown >= 1 && shown <= 4 && words->letters < PICTURE_LETTERS;
    out->one_image_linked = out->html && shown == 1 && words->letters < NOTHING_LETTERS && links->clickable && links->all_images;
    out->nothing_to_read = words->letters < NOTHING_LETTERS && (shown || has_files(message));
    out->priority_high = priority_is_high(message);
}
