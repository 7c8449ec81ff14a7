#include "verdict/text.h"

static const char *const texts[][2] = {
#define TEXT(id, en, ja) [id] = {en, ja},
#include "verdict/report_text.def"
#undef TEXT
};

const char *page_text(const struct page *page, enum text_id id)
{
    return texts[id][page->language];
}

struct span text_filled(struct arena *arena, struct span text, const struct span *words, size_t count)
{
    struct buf out = {.arena = arena};
    for (size_t i = 0, n = 0; i < text.len; i++) {
        if (text.at[i] == '%' && i + 1 < text.len && text.at[i + 1] == 's' && n < count) {
            buf_add(&out, words[n++]);
            i++;
        } else if (text.at[i] == '%' && i + 1 < text.len && text.at[i + 1] == '%') {
            buf_byte(&out, text.at[i++]);
        } else {
            buf_byte(&out, text.at[i]);
        }
    }
    return buf_span(&out);
}

struct span page_filled(const struct page *page, enum text_id id, const struct span *words, size_t count)
{
    return text_filled(page->arena, span_of(page_text(page, id)), words, count);
}

const char *text_result(const struct page *page, enum proof_result result)
{
    return page_text(page, TEXT_RESULT_NONE + (enum text_id)result);
}

/* ---- characters */

/* One code point of s from *at on; *at goes past it. A byte that is no UTF-8 gives -1. */
static int32_t next_point(struct span s, size_t *at)
{
    unsigned char c = (unsigned char)s.at[*at];
    size_t len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    if (len == 1 || *at + len > s.len || !span_is_utf8((struct span){s.at + *at, len})) {
        *at += 1;
        return len == 1 ? c : -1;
    }
    int32_t point = c & (0xff >> (len + 1));
    for (size_t i = 1; i < len; i++)
        point = point << 6 | (s.at[*at + i] & 0x3f);
    *at += len;
    return point;
}

struct range {
    int32_t from, to;
};

static bool is_within(int32_t point, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (point >= ranges[i].from && point <= ranges[i].to)
            return true;
    return false;
}

/* Unicode 15 East Asian Width W and F, joined into the blocks that occur in mail. */
static const struct range wide[] = {{0x1100, 0x115f}, {0x231a, 0x231b}, {0x23e9, 0x23ec}, {0x23f0, 0x23f0}, {0x23f3, 0x23f3},
                                    {0x25fd, 0x25fe}, {0x2614, 0x2615}, {0x2648, 0x2653}, {0x267f, 0x267f}, {0x2693, 0x2693},
                                    {0x26a1, 0x26a1}, {0x26aa, 0x26ab}, {0x26bd, 0x26be}, {0x26c4, 0x26c5}, {0x26ce, 0x26ce},
                                    {0x26d4, 0x26d4}, {0x26ea, 0x26ea}, {0x26f2, 0x26f3}, {0x26f5, 0x26f5}, {0x26fa, 0x26fa},
                                    {0x26fd, 0x26fd}, {0x2705, 0x2705}, {0x270a, 0x270b}, {0x2728, 0x2728}, {0x274c, 0x274c},
                                    {0x274e, 0x274e}, {0x2753, 0x2755}, {0x2757, 0x2757}, {0x2795, 0x2797}, {0x27b0, 0x27b0},
                                    {0x27bf, 0x27bf}, {0x2b1b, 0x2b1c}, {0x2b50, 0x2b50}, {0x2b55, 0x2b55},
                                    {0x2e80, 0x303e}, {0x3041, 0x4dbf}, {0x4e00, 0xa4cf},
                                    {0xa960, 0xa97f}, {0xac00, 0xd7a3}, {0xf900, 0xfaff}, {0xfe30, 0xfe6f}, {0xff01, 0xff60},
                                    {0xffe0, 0xffe6}, {0x16fe0, 0x18aff}, {0x1b000, 0x1b2ff}, {0x1f300, 0x1f64f},
                                    {0x1f680, 0x1f6ff}, {0x1f7e0, 0x1f7eb}, {0x1f900, 0x1faff}, {0x20000, 0x3fffd}};
static const struct range combining[] = {{0x300, 0x36f}, {0x483, 0x489}, {0x591, 0x5bd}, {0x610, 0x61a}, {0x64b, 0x65f},
                                         {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x20d0, 0x20ff}, {0x3099, 0x309a},
                                         {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}};
/* Seen by nobody, or turning what is seen: shown as what they are. */
static const struct range unseen[] = {{0x0, 0x1f}, {0x7f, 0x9f}, {0xad, 0xad}, {0x34f, 0x34f}, {0x61c, 0x61c}, {0x115f, 0x1160}, {0x17b4, 0x17b5},
                                      {0x180b, 0x180e}, {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f}, {0x3164, 0x3164},
                                      {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f}};
#define WITHIN(point, ranges) is_within((point), (ranges), sizeof(ranges) / sizeof *(ranges))

static unsigned point_width(int32_t point)
{
    if (point < 0x300)
        return 1;
    return WITHIN(point, combining) ? 0 : WITHIN(point, wide) ? 2 : 1;
}

unsigned text_width(struct span utf8)
{
    unsigned width = 0;
    for (size_t at = 0; at < utf8.len;)
        width += point_width(next_point(utf8, &at));
    return width;
}

struct span text_padded(struct arena *arena, struct span utf8, unsigned columns)
{
    struct buf out = {.arena = arena};
    buf_add(&out, utf8);
    for (unsigned width = text_width(utf8); width < columns; width++)
        buf_byte(&out, ' ');
    return buf_span(&out);
}

/* ---- strangers' words */

static void point_clean(struct buf *out, int32_t point, unsigned char byte)
{
    if (point < 0)
        buf_print(out, "\\x%02x", byte);
    else if (point == '\t' || point == '\n' || point == '\r')
        buf_byte(out, ' ');
    else if (point < 0x80 && WITHIN(point, unseen))
        buf_print(out, "\\x%02x", (unsigned)point);
    else if (WITHIN(point, unseen))
        buf_print(out, "<U+%04X>", (unsigned)point);
    else
        buf_utf8(out, (uint32_t)point);
}

static struct span clean_first(const struct page *page, struct span stranger, size_t most)
{
    struct buf out = {.arena = page->arena};
    for (size_t at = 0; at < stranger.len;) {
        unsigned char byte = (unsigned char)stranger.at[at];
        if (out.len >= most) {
            buf_add(&out, S("..."));
            break;
        }
        int32_t point = next_point(stranger, &at);
        if (point >= 0x20 && point < 0x7f)
            buf_byte(&out, (char)point);
        else
            point_clean(&out, point, byte);
    }
    return buf_span(&out);
}

struct span page_clean(const struct page *page, struct span stranger)
{
    return clean_first(page, stranger, 300);
}

struct span page_clean_path(const struct page *page, struct span path)
{
    return clean_first(page, path, 16384);
}

/* ---- lines */

static void colour_begin(const struct page *page, enum colour colour)
{
    static const char *const codes[] = {"", "\033[1m", "\033[2m", "\033[32m", "\033[33m", "\033[31;1m"};
    if (page->colour)
        buf_add(page->out, span_of(codes[colour]));
}

static void colour_end(const struct page *page, enum colour colour)
{
    if (page->colour && colour != COLOUR_PLAIN)
        buf_add(page->out, S("\033[0m"));
}

void page_heading(const struct page *page, struct span text)
{
    buf_byte(page->out, '\n');
    colour_begin(page, COLOUR_BOLD);
    buf_add(page->out, text);
    colour_end(page, COLOUR_BOLD);
    buf_byte(page->out, '\n');
}

/* These do not begin a line in Japanese. */
static bool never_first(int32_t point)
{
    static const int32_t closing[] = {')', ',', '.', ':', ';', '!', '?', 0x3001, 0x3002, 0x3005, 0x300d, 0x300f, 0x3011, 0x3063, 0x3083,
                                      0x3085, 0x3087, 0x30a1, 0x30a3, 0x30a5, 0x30a7, 0x30a9, 0x30c3, 0x30e3, 0x30e5, 0x30e7, 0x30fb,
                                      0x30fc, 0xff01, 0xff09, 0xff0c, 0xff0e, 0xff1a, 0xff1b, 0xff1f};
    for (size_t i = 0; i < sizeof closing / sizeof *closing; i++)
        if (point == closing[i])
            return true;
    return false;
}

static bool is_opening(int32_t point)
{
    return point == '(' || point == 0xff08 || point == 0x300c || point == 0x300e || point == 0x3010;
}

/* How much of text fits into `columns`: up to a blank, or between two wide characters; at least one character. */
static size_t line_fits(struct span text, unsigned columns)
{
    size_t at = 0, good = 0;
    unsigned width = 0;
    int32_t before = 0;
    while (at < text.len) {
        size_t here = at;
        int32_t point = next_point(text, &at);
        unsigned more = point_width(point);
        bool between = (more == 2 || point_width(before) == 2) && !never_first(point) && !is_opening(before);
        if (here && (point == ' ' || between))
            good = here;
        if (width + more > columns)
            return good ? good : here ? here : at;
        width += more;
        before = point;
    }
    return text.len;
}

static void item_draw(const struct page *page, struct span lead, unsigned indent, enum colour colour, struct span text)
{
    unsigned used = text_width(lead);
    buf_add(page->out, lead);
    do {
        size_t fits = line_fits(text, page->width > indent + 20 ? page->width - used : indent + 20 - used);
        colour_begin(page, colour);
        buf_add(page->out, span_trim(span_first(text, fits)));
        colour_end(page, colour);
        buf_byte(page->out, '\n');
        text = span_skip(text, fits);
        while (text.len && text.at[0] == ' ')
            text = span_skip(text, 1);
        for (unsigned i = 0; text.len && i < indent; i++)
            buf_byte(page->out, ' ');
        used = indent;
    } while (text.len);
}

void page_item(const struct page *page, struct span lead, enum colour colour, struct span text)
{
    item_draw(page, lead, text_width(lead), colour, text);
}

void page_row(const struct page *page, struct span lead, enum colour colour, struct span word, unsigned columns, struct span text)
{
    struct span cell = text_padded(page->arena, word, columns);
    item_draw(page, lead, text_width(lead) + text_width(cell), colour, arena_print(page->arena, "%.*s%.*s", SPAN_FMT(cell), SPAN_FMT(text)));
}
