#include "message/html_reader.h"

/* Distances in pixels past which a thing is off the page; nobody sets a page 500 pixels to the left of itself. */
enum { FAR_PIXELS = 500, FAR_RIGHT_PIXELS = 4000, HAIR_PIXELS_TENTHS = 10, LONGEST_COLOUR = 64 };

void css_set(struct css *css, enum css_property property, int32_t value, bool important)
{
    uint32_t bit = 1u << property;
    if ((css->important & bit) && !important)
        return;
    css->value[property] = value;
    css->set |= bit;
    css->important |= important ? bit : 0;
}

void css_merge(struct css *onto, const struct css *from)
{
    for (uint32_t left = from->set; left; left &= left - 1) {
        enum css_property property = (enum css_property)__builtin_ctz(left);
        css_set(onto, property, from->value[property], from->important >> property & 1);
    }
}

/* ---- values */
struct length {
    int64_t thousandths;
    struct span unit;
    bool relative; /* percent, em and their like: thousandths of the whole or of the font's size */
};

static bool length_parse(struct span s, struct length *out)
{
    int64_t value = 0, scale = 1000;
    size_t i = s.len && (s.at[0] == '-' || s.at[0] == '+'), from = i;
    for (bool dot = false; i < s.len && (ascii_is_digit(s.at[i]) || (s.at[i] == '.' && !dot)); i++) {
        if (s.at[i] == '.') {
            dot = true;
        } else if (!dot || scale > 1) {
            value = value < 100000000 ? value * 10 + s.at[i] - '0' : value;
            scale = dot ? scale / 10 : scale;
        }
    }
    if (i == from)
        return false;
    out->thousandths = value * scale * (s.at[0] == '-' ? -1 : 1);
    out->unit = span_skip(s, i);
    size_t n = 0;
    while (n < out->unit.len && (ascii_is_alpha(out->unit.at[n]) || out->unit.at[n] == '%'))
        n++;
    out->unit = span_first(out->unit, n);
    out->relative = false;
    return true;
}

/* To tenths of a pixel; em and rem taken as 16 pixels, % and parts of the window as 10. */
static int64_t length_tenths(const struct length *length)
{
    static const struct {
        const char *unit;
        int64_t tenths; /* of a pixel, times 100 */
    } units[] = {{"px", 1000}, {"pt", 1333}, {"em", 16000}, {"rem", 16000}, {"%", 10000}, {"vw", 10000}, {"vh", 10000}, {"ex", 8000},
                 {"ch", 8000}, {"in", 96000}, {"cm", 37795}, {"mm", 3780}, {"pc", 16000}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (span_eq_case(length->unit, span_of(units[i].unit)))
            return length->thousandths * units[i].tenths / 100000;
    return length->thousandths / 100; /* without a unit: pixels, as mail programs read it */
}

static bool font_length(struct span s, int32_t *out)
{
    static const struct {
        const char *word;
        int32_t size;
    } words[] = {{"medium", 160}, {"small", 130}, {"x-small", 100}, {"xx-small", 90}, {"large", 180}, {"x-large", 240},
                 {"xx-large", 320}, {"smaller", -834}, {"larger", -1201}, {"inherit", -1001}, {"initial", 160}};
    struct length length;
    if (!length_parse(s, &length)) {
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (span_eq_case(s, span_of(words[i].word))) {
                *out = words[i].size;
                return true;
            }
        return false;
    }
    bool percent = span_eq(length.unit, S("%")), em = span_eq_case(length.unit, S("em")), ex = span_eq_case(length.unit, S("ex"));
    int64_t value = percent ? length.thousandths / 100 : em ? length.thousandths : length.thousandths / 2;
    if (percent || em || ex) {
        value = value < 0 ? 0 : value > 100000 ? 100000 : value;
        *out = (int32_t)(-1 - value);
        return true;
    }
    value = length_tenths(&length);
    *out = (int32_t)(value < 0 ? 0 : value > 100000 ? 100000 : value);
    return true;
}

static void set_background(struct css *out, struct span value, bool shorthand, bool important)
{
    struct span rest = value, word;
    int32_t colour;
    bool image = span_find_byte(value, '(') && (span_find_case(value, S("url(")) || span_find_case(value, S("gradient(")));
    if (image || shorthand)
        css_set(out, CSS_IMAGE, image, important);
    if (colour_parse(value, true, &colour)) { /* "rgb(0, 0, 0)" has blanks inside */
        css_set(out, CSS_BACKGROUND, colour, important);
        return;
    }
    while (span_word(&rest, &word)) {
        if (span_starts_case(word, S("url(")))
            continue;
        if (span_starts_case(word, S("rgb")) || span_starts_case(word, S("hsl")))
            word = span_first(span_from(word.at, value.at + value.len), LONGEST_COLOUR);
        if (colour_parse(word, true, &colour)) {
            css_set(out, CSS_BACKGROUND, colour, important);
            return;
        }
    }
}

/* The size of the font shorthand: its first word that is a length or a word of size, up to a '/'. */
static void set_font(struct css *out, struct span value, bool important)
{
    struct span word;
    int32_t size;
    while (span_word(&value, &word)) {
        const char *slash = span_find_byte(word, '/');
        word = slash ? span_from(word.at, slash) : word;
        struct length length;
        bool weight = length_parse(word, &length) && !length.unit.len && length.thousandths >= 100000;
        if (weight || !font_length(word, &size))
            continue;
        css_set(out, CSS_FONT, size, important);
        return;
    }
}

/* All numbers in the brackets at most `most` pixels. */
static bool numbers_small(struct span value, int64_t most)
{
    const char *open = span_find_byte(value, '(');
    struct length length;
    bool any = false;
    if (!open)
        return false;
    value = span_skip(value, (size_t)(open + 1 - value.at));
    while (value.len && value.at[0] != ')') {
        if (!ascii_is_digit(value.at[0]) && value.at[0] != '.') {
            value = span_skip(value, 1);
            continue;
        }
        if (!length_parse(value, &length) || length.thousandths > most * 1000)
            return false;
        any = true;
        value = span_from(length.unit.at + length.unit.len, value.at + value.len);
    }
    return any;
}

static bool is_number_below(struct span value, int64_t thousandths)
{
    struct length length;
    return length_parse(value, &length) && length.thousandths < (span_eq(length.unit, S("%")) ? thousandths * 100 : thousandths);
}

static bool is_far(struct span value)
{
    struct length length;
    if (!length_parse(value, &length))
        return false;
    int64_t pixels = length_tenths(&length) / 10;
    bool whole = span_eq(length.unit, S("%")) || span_starts_case(length.unit, S("v"));
    return pixels <= (whole ? -1000 : -FAR_PIXELS) || pixels >= FAR_RIGHT_PIXELS;
}

static bool is_hair(struct span value)
{
    struct length length;
    return length_parse(value, &length) && length_tenths(&length) <= HAIR_PIXELS_TENTHS && length.thousandths >= 0;
}

static bool moves_away(struct span value)
{
    const char *open = span_find_byte(value, '(');
    struct span inner = open ? span_skip(value, (size_t)(open + 1 - value.at)) : (struct span){0};
    return span_starts_case(value, S("translate")) && is_far(span_trim(inner));
}

/* ---- properties */
#define IS(word) (name.len == sizeof(word) - 1 && span_eq_case(name, S(word)))

static void set_box(struct css *out, struct span name, struct span value, bool important)
{
    if (IS("height"))
        css_set(out, CSS_LOW, is_hair(value), important);
    else if (IS("max-height"))
        css_set(out, CSS_MAX_LOW, is_hair(value), important);
    else if (IS("width"))
        css_set(out, CSS_NARROW, is_hair(value), important);
    else if (IS("max-width"))
        css_set(out, CSS_MAX_NARROW, is_hair(value), important);
    else if (IS("overflow") || IS("overflow-x") || IS("overflow-y"))
        css_set(out, CSS_CUTS, span_starts_case(value, S("hidden")) || span_starts_case(value, S("clip")), important);
    else if (IS("clip"))
        css_set(out, CSS_CLIPPED, numbers_small(value, 1), important);
    else if (IS("clip-path"))
        css_set(out, CSS_CLIPPED, (span_starts_case(value, S("circle")) && numbers_small(value, 1)) ||
                span_starts_case(value, S("inset(50%")) || span_starts_case(value, S("inset(100%")), important);
    else if (IS("text-indent"))
        css_set(out, CSS_INDENTED_FAR, is_far(value), important);
    else if (IS("margin-left") || IS("margin-top"))
        css_set(out, CSS_MOVED, is_far(value), important);
    else if ((IS("left") || IS("top") || IS("right") || IS("bottom")) && is_far(value))
        css_set(out, CSS_FAR, 1, important);
}

static void set_text(struct css *out, struct span name, struct span value, bool important)
{
    int32_t number;
    if (IS("font-size")) {
        if (font_length(value, &number))
            css_set(out, CSS_FONT, number, important);
    } else if (IS("font")) {
        set_font(out, value, important);
    } else if (IS("color") || IS("-webkit-text-fill-color")) {
        if (colour_parse(value, true, &number))
            css_set(out, CSS_COLOUR, number, important);
    } else if (IS("background") || IS("background-color") || IS("background-image")) {
        set_background(out, value, IS("background"), important);
    } else if (IS("white-space")) {
        css_set(out, CSS_PRE, span_starts_case(value, S("pre")), important);
    }
}

static void set_shown(struct css *out, struct span name, struct span value, bool important)
{
    if (IS("display"))
        css_set(out, CSS_DISPLAY_NONE, span_eq_case(value, S("none")), important);
    else if (IS("visibility"))
        css_set(out, CSS_INVISIBLE, span_eq_case(value, S("hidden")) || span_eq_case(value, S("collapse")), important);
    else if (IS("opacity"))
        css_set(out, CSS_TRANSPARENT, is_number_below(value, 50), important);
    else if (IS("filter") && span_starts_case(value, S("opacity(")))
        css_set(out, CSS_TRANSPARENT, is_number_below(span_trim(span_skip(value, 8)), 50), important);
    else if (IS("mso-hide"))
        css_set(out, CSS_MSO_HIDE, span_eq_case(value, S("all")), important);
    else if (IS("position"))
        css_set(out, CSS_POSITIONED, span_eq_case(value, S("absolute")) || span_eq_case(value, S("fixed")) ||
                span_eq_case(value, S("relative")), important);
    else if (IS("transform") && span_starts_case(value, S("scale")))
        css_set(out, CSS_CLIPPED, numbers_small(value, 0), important);
    else if (IS("transform"))
        css_set(out, CSS_MOVED, moves_away(value), important);
}
#undef IS

static bool without_important(struct span *value)
{
    static const struct span word = {"important", 9};
    if (!span_ends_case(*value, word))
        return false;
    struct span before = span_trim(span_first(*value, value->len - word.len));
    if (!before.len || before.at[before.len - 1] != '!')
        return false;
    *value = span_trim(span_first(before, before.len - 1));
    return true;
}

static void declaration(struct css *out, struct span name, struct span value)
{
    enum { SHOWN = 1, TEXT, BOX } kind = 0;
    name = span_trim(name);
    switch (html_key(name)) {
    case K('d','i','s','p','l','a','y',0): case K('v','i','s','i','b','i','l','i'): case K('o','p','a','c','i','t','y',0):
    case K('m','s','o','-','h','i','d','e'): case K('p','o','s','i','t','i','o','n'): case K('t','r','a','n','s','f','o','r'):
    case K('f','i','l','t','e','r',0,0):
        kind = SHOWN;
        break;
    case K('f','o','n','t','-','s','i','z'): case K('f','o','n','t',0,0,0,0): case K('c','o','l','o','r',0,0,0):
    case K('b','a','c','k','g','r','o','u'): case K('w','h','i','t','e','-','s','p'): case K('-','w','e','b','k','i','t','-'):
        kind = TEXT;
        break;
    case K('h','e','i','g','h','t',0,0): case K('m','a','x','-','h','e','i','g'): case K('w','i','d','t','h',0,0,0):
    case K('m','a','x','-','w','i','d','t'): case K('o','v','e','r','f','l','o','w'): case K('c','l','i','p',0,0,0,0):
    case K('c','l','i','p','-','p','a','t'): case K('t','e','x','t','-','i','n','d'): case K('m','a','r','g','i','n','-','l'):
    case K('m','a','r','g','i','n','-','t'): case K('l','e','f','t',0,0,0,0): case K('t','o','p',0,0,0,0,0):
    case K('r','i','g','h','t',0,0,0): case K('b','o','t','t','o','m',0,0):
        kind = BOX;
        break;
    default:
        return;
    }
    value = span_trim(value);
    bool important = without_important(&value);
    if (kind == SHOWN)
        set_shown(out, name, value, important);
    else if (kind == TEXT)
        set_text(out, name, value, important);
    else
        set_box(out, name, value, important);
}

/* ---- the list of declarations */

/* CSS escapes ("d\69splay") and comments inside words undone. */
static struct span plain_css(struct arena *arena, struct span s)
{
    struct buf out = {.arena = arena};
    for (size_t i = 0; i < s.len;) {
        if (span_starts(span_skip(s, i), S("/*"))) {
            const char *end = span_find(span_skip(s, i + 2), S("*/"));
            i = end ? (size_t)(end + 2 - s.at) : s.len;
            continue;
        }
        if (s.at[i] != '\\') {
            buf_byte(&out, s.at[i++]);
            continue;
        }
        uint32_t point = 0;
        size_t digits = 0;
        for (i++; digits < 6 && i < s.len; digits++, i++) {
            char c = ascii_lower(s.at[i]);
            if (!ascii_is_digit(c) && (c < 'a' || c > 'f'))
                break;
            point = point * 16 + (uint32_t)(ascii_is_digit(c) ? c - '0' : c - 'a' + 10);
        }
        if (digits)
            buf_utf8(&out, point);
        else if (i < s.len)
            buf_byte(&out, s.at[i++]);
        i += digits && i < s.len && ascii_is_space(s.at[i]);
    }
    return buf_span(&out);
}

/* The length up to a semicolon outside quotes and brackets. */
static size_t value_length(struct span s)
{
    char quote = 0;
    unsigned brackets = 0;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.at[i];
        if (c == ';' && !quote && !brackets)
            return i;
        if (c > ')' || c < '"')
            continue;
        if (quote)
            quote = c == quote ? 0 : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (c == '(')
            brackets++;
        else if (c == ')' && brackets)
            brackets--;
    }
    return s.len;
}

bool css_has_comment(struct span s)
{
    for (const char *at = span_find_byte(s, '/'); at; at = span_find_byte(span_from(at + 1, s.at + s.len), '/'))
        if (at + 1 < s.at + s.len && at[1] == '*')
            return true;
    return false;
}

/* Nothing in it that could hide a semicolon: the usual style attribute. */
static void plain_declarations(struct span text, struct css *out)
{
    struct span piece;
    while (span_cut(&text, ';', &piece)) {
        const char *colon = span_find_byte(piece, ':');
        if (colon)
            declaration(out, span_from(piece.at, colon), span_from(colon + 1, piece.at + piece.len));
    }
}

void css_declarations(struct arena *arena, struct span text, struct css *out)
{
    if (span_find_byte(text, '\\') || css_has_comment(text))
        text = plain_css(arena, text);
    if (!span_find_byte(text, '(') && !span_find_byte(text, '"') && !span_find_byte(text, '\'')) {
        plain_declarations(text, out);
        return;
    }
    while (text.len) {
        size_t n = 0;
        while (n < text.len && text.at[n] != ':' && text.at[n] != ';')
            n++;
        struct span name = span_first(text, n);
        bool named = n < text.len && text.at[n] == ':';
        text = span_skip(text, n + 1);
        if (!named)
            continue;
        size_t len = value_length(text);
        declaration(out, name, span_first(text, len));
        text = span_skip(text, len + 1);
    }
}

/* ---- addresses */
static struct span left_trimmed(struct span s)
{
    while (s.len && ascii_is_space(s.at[0]))
        s = span_skip(s, 1);
    return s;
}

/* Its end is looked for only once: the caller goes on behind it. */
static struct span quoted_or_to(struct span s, char until)
{
    char end = s.len && (s.at[0] == '"' || s.at[0] == '\'') ? s.at[0] : until;
    s = end == until ? s : span_skip(s, 1);
    const char *at = span_find_byte(s, end);
    return span_trim(at ? span_from(s.at, at) : s);
}

bool css_url_next(struct span *rest, struct span *url)
{
    const char *end = rest->at + rest->len;
    for (const char *at = rest->at; at < end && (at = memchr(at, '(', (size_t)(end - at))); at++) {
        if (at - rest->at < 3 || !span_eq_case((struct span){at - 3, 3}, S("url")))
            continue;
        *url = quoted_or_to(left_trimmed(span_from(at + 1, end)), ')');
        *rest = span_from(url->at + url->len, end);
        return true;
    }
    return false;
}

bool css_import_next(struct span *rest, struct span *url)
{
    const char *end = rest->at + rest->len;
    for (const char *at = rest->at; at < end && (at = memchr(at, '@', (size_t)(end - at))); at++) {
        if (!span_starts_case(span_from(at, end), S("@import")))
            continue;
        struct span after = left_trimmed(span_from(at + 7, end));
        *rest = after;
        if (span_starts_case(after, S("url("))) /* css_url_next finds that one */
            continue;
        *url = quoted_or_to(after, ';');
        *rest = span_from(url->at + url->len, end);
        return true;
    }
    return false;
}
