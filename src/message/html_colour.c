#include "message/html_reader.h"

/* CSS Color 4, 6.1, and the two system colours that Word writes; sorted. */
static const struct {
    char name[21];
    int32_t rgb;
} named[] = {
    {"aliceblue", 0xf0f8ff}, {"antiquewhite", 0xfaebd7}, {"aqua", 0x00ffff}, {"aquamarine", 0x7fffd4},
    {"azure", 0xf0ffff}, {"beige", 0xf5f5dc}, {"bisque", 0xffe4c4}, {"black", 0x000000}, {"blanchedalmond", 0xffebcd},
    {"blue", 0x0000ff}, {"blueviolet", 0x8a2be2}, {"brown", 0xa52a2a}, {"burlywood", 0xdeb887}, {"cadetblue", 0x5f9ea0},
    {"chartreuse", 0x7fff00}, {"chocolate", 0xd2691e}, {"coral", 0xff7f50}, {"cornflowerblue", 0x6495ed},
    {"cornsilk", 0xfff8dc}, {"crimson", 0xdc143c}, {"cyan", 0x00ffff}, {"darkblue", 0x00008b}, {"darkcyan", 0x008b8b},
    {"darkgoldenrod", 0xb8860b}, {"darkgray", 0xa9a9a9}, {"darkgreen", 0x006400}, {"darkgrey", 0xa9a9a9},
    {"darkkhaki", 0xbdb76b}, {"darkmagenta", 0x8b008b}, {"darkolivegreen", 0x556b2f}, {"darkorange", 0xff8c00},
    {"darkorchid", 0x9932cc}, {"darkred", 0x8b0000}, {"darksalmon", 0xe9967a}, {"darkseagreen", 0x8fbc8f},
    {"darkslateblue", 0x483d8b}, {"darkslategray", 0x2f4f4f}, {"darkslategrey", 0x2f4f4f}, {"darkturquoise", 0x00ced1},
    {"darkviolet", 0x9400d3}, {"deeppink", 0xff1493}, {"deepskyblue", 0x00bfff}, {"dimgray", 0x696969},
    {"dimgrey", 0x696969}, {"dodgerblue", 0x1e90ff}, {"firebrick", 0xb22222}, {"floralwhite", 0xfffaf0},
    {"forestgreen", 0x228b22}, {"fuchsia", 0xff00ff}, {"gainsboro", 0xdcdcdc}, {"ghostwhite", 0xf8f8ff},
    {"gold", 0xffd700}, {"goldenrod", 0xdaa520}, {"gray", 0x808080}, {"green", 0x008000}, {"greenyellow", 0xadff2f},
    {"grey", 0x808080}, {"honeydew", 0xf0fff0}, {"hotpink", 0xff69b4}, {"indianred", 0xcd5c5c}, {"indigo", 0x4b0082},
    {"ivory", 0xfffff0}, {"khaki", 0xf0e68c}, {"lavender", 0xe6e6fa}, {"lavenderblush", 0xfff0f5},
    {"lawngreen", 0x7cfc00}, {"lemonchiffon", 0xfffacd}, {"lightblue", 0xadd8e6}, {"lightcoral", 0xf08080},
    {"lightcyan", 0xe0ffff}, {"lightgoldenrodyellow", 0xfafad2}, {"lightgray", 0xd3d3d3}, {"lightgreen", 0x90ee90},
    {"lightgrey", 0xd3d3d3}, {"lightpink", 0xffb6c1}, {"lightsalmon", 0xffa07a}, {"lightseagreen", 0x20b2aa},
    {"lightskyblue", 0x87cefa}, {"lightslategray", 0x778899}, {"lightslategrey", 0x778899},
    {"lightsteelblue", 0xb0c4de}, {"lightyellow", 0xffffe0}, {"lime", 0x00ff00}, {"limegreen", 0x32cd32},
    {"linen", 0xfaf0e6}, {"magenta", 0xff00ff}, {"maroon", 0x800000}, {"mediumaquamarine", 0x66cdaa},
    {"mediumblue", 0x0000cd}, {"mediumorchid", 0xba55d3}, {"mediumpurple", 0x9370db}, {"mediumseagreen", 0x3cb371},
    {"mediumslateblue", 0x7b68ee}, {"mediumspringgreen", 0x00fa9a}, {"mediumturquoise", 0x48d1cc},
    {"mediumvioletred", 0xc71585}, {"midnightblue", 0x191970}, {"mintcream", 0xf5fffa}, {"mistyrose", 0xffe4e1},
    {"moccasin", 0xffe4b5}, {"navajowhite", 0xffdead}, {"navy", 0x000080}, {"oldlace", 0xfdf5e6}, {"olive", 0x808000},
    {"olivedrab", 0x6b8e23}, {"orange", 0xffa500}, {"orangered", 0xff4500}, {"orchid", 0xda70d6},
    {"palegoldenrod", 0xeee8aa}, {"palegreen", 0x98fb98}, {"paleturquoise", 0xafeeee}, {"palevioletred", 0xdb7093},
    {"papayawhip", 0xffefd5}, {"peachpuff", 0xffdab9}, {"peru", 0xcd853f}, {"pink", 0xffc0cb}, {"plum", 0xdda0dd},
    {"powderblue", 0xb0e0e6}, {"purple", 0x800080}, {"rebeccapurple", 0x663399}, {"red", 0xff0000},
    {"rosybrown", 0xbc8f8f}, {"royalblue", 0x4169e1}, {"saddlebrown", 0x8b4513}, {"salmon", 0xfa8072},
    {"sandybrown", 0xf4a460}, {"seagreen", 0x2e8b57}, {"seashell", 0xfff5ee}, {"sienna", 0xa0522d},
    {"silver", 0xc0c0c0}, {"skyblue", 0x87ceeb}, {"slateblue", 0x6a5acd}, {"slategray", 0x708090},
    {"slategrey", 0x708090}, {"snow", 0xfffafa}, {"springgreen", 0x00ff7f}, {"steelblue", 0x4682b4}, {"tan", 0xd2b48c},
    {"teal", 0x008080}, {"thistle", 0xd8bfd8}, {"tomato", 0xff6347}, {"turquoise", 0x40e0d0}, {"violet", 0xee82ee},
    {"wheat", 0xf5deb3}, {"white", 0xffffff}, {"whitesmoke", 0xf5f5f5}, {"window", 0xffffff}, {"windowtext", 0x000000},
    {"yellow", 0xffff00}, {"yellowgreen", 0x9acd32},
};

static bool named_colour(struct span name, int32_t *out)
{
    size_t low = 0, high = sizeof named / sizeof *named;
    char lower[24] = {0};
    if (name.len > 20)
        return false;
    for (size_t i = 0; i < name.len; i++)
        lower[i] = ascii_lower(name.at[i]);
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(lower, named[middle].name);
        if (order == 0) {
            *out = named[middle].rgb;
            return true;
        }
        low = order > 0 ? middle + 1 : low;
        high = order < 0 ? middle : high;
    }
    return false;
}

static int hex(char c)
{
    return ascii_is_digit(c) ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* "abc", "abcd", "aabbcc" or "aabbccdd"; the fourth part is the opacity. */
static bool hex_colour(struct span s, int32_t *out)
{
    int digits[8];
    if (s.len != 3 && s.len != 4 && s.len != 6 && s.len != 8)
        return false;
    for (size_t i = 0; i < s.len; i++)
        if ((digits[i] = hex(s.at[i])) < 0)
            return false;
    bool brief = s.len < 6;
    int parts[4] = {0, 0, 0, 255};
    for (size_t i = 0; i < s.len / (brief ? 1 : 2); i++)
        parts[i] = brief ? digits[i] * 17 : digits[2 * i] * 16 + digits[2 * i + 1];
    *out = parts[3] < 13 ? COLOUR_NONE : parts[0] << 16 | parts[1] << 8 | parts[2];
    return true;
}

/* A number in thousandths; a percent sign scales it so that 100 % is `whole`. */
static bool number_next(struct span *s, int32_t whole, int32_t *out)
{
    int64_t value = 0, scale = 1000;
    size_t i = 0, from;
    while (i < s->len && (ascii_is_space(s->at[i]) || s->at[i] == ',' || s->at[i] == '/'))
        i++;
    bool minus = i < s->len && s->at[i] == '-';
    i += minus;
    from = i;
    for (bool dot = false; i < s->len && (ascii_is_digit(s->at[i]) || (s->at[i] == '.' && !dot)); i++) {
        if (s->at[i] == '.')
            dot = true;
        else if (!dot || scale > 1) {
            value = value < 1000000000 ? value * 10 + s->at[i] - '0' : value;
            scale = dot ? scale / 10 : scale;
        }
    }
    if (i == from)
        return false;
    value *= scale;
    if (i < s->len && s->at[i] == '%') {
        value = value * whole / 100;
        i++;
    }
    while (i < s->len && ascii_is_alpha(s->at[i])) /* deg */
        i++;
    *s = span_skip(*s, i);
    value = value > 1000000 ? 1000000 : value;
    *out = (int32_t)(minus ? -value : value);
    return true;
}

static int32_t channel(int32_t thousandths)
{
    return thousandths < 0 ? 0 : thousandths > 255000 ? 255 : (thousandths + 500) / 1000;
}

/* Hue in degrees, the others 0 to 1, all in thousandths; result 0 to 255. */
static int32_t hsl_channel(int32_t n, int32_t hue, int32_t saturation, int32_t light)
{
    int64_t k = (n * 30000LL + hue) % 360000;
    int64_t least = light < 1000 - light ? light : 1000 - light;
    int64_t a = saturation * least / 1000;
    int64_t slope = k - 90000 < 270000 - k ? k - 90000 : 270000 - k;
    slope = slope > 30000 ? 30000 : slope < -30000 ? -30000 : slope;
    return (int32_t)((light - a * slope / 30000) * 255 / 1000);
}

/* rgb(), rgba(), hsl(), hsla(), with commas or without. */
static bool function_colour(struct span s, int32_t *out)
{
    bool hsl = span_starts_case(s, S("hsl"));
    const char *open = span_find_byte(s, '(');
    int32_t part[4] = {0, 0, 0, 1000};
    if (!open || (!hsl && !span_starts_case(s, S("rgb"))))
        return false;
    s = span_skip(s, (size_t)(open + 1 - s.at));
    for (int i = 0; i < 3; i++)
        if (!number_next(&s, !hsl ? 255 : i ? 1 : 360, &part[i]))
            return false;
    number_next(&s, 1, &part[3]);
    if (hsl) {
        int32_t hue = ((part[0] % 360000) + 360000) % 360000;
        int32_t r = hsl_channel(0, hue, part[1], part[2]), g = hsl_channel(8, hue, part[1], part[2]);
        *out = r << 16 | g << 8 | hsl_channel(4, hue, part[1], part[2]);
    } else {
        *out = channel(part[0]) << 16 | channel(part[1]) << 8 | channel(part[2]);
    }
    *out = part[3] < 50 ? COLOUR_NONE : *out;
    return true;
}

/* HTML 2.4.6 "rules for parsing a legacy color value": whatever is no name is read as hexadecimal somehow. */
static bool legacy_colour(struct span s, int32_t *out)
{
    char digits[130] = {0};
    size_t n = 0, skip = 0;
    s = span_first(s, 128);
    s = s.len && s.at[0] == '#' ? span_skip(s, 1) : s;
    for (size_t i = 0; i < s.len; i++)
        digits[n++] = hex(s.at[i]) >= 0 ? s.at[i] : '0';
    while (n == 0 || n % 3)
        digits[n++] = '0';
    size_t len = n / 3, keep = len > 8 ? 8 : len;
    skip = len - keep;
    while (keep > 2 && digits[skip] == '0' && digits[len + skip] == '0' && digits[2 * len + skip] == '0') {
        skip++;
        keep--;
    }
    for (int i = 0; i < 3; i++) {
        const char *at = digits + (size_t)i * len + skip;
        *out = (i ? *out << 8 : 0) | (keep > 1 ? hex(at[0]) * 16 + hex(at[1]) : hex(at[0]));
    }
    return true;
}

bool colour_parse(struct span text, bool css, int32_t *out)
{
    text = span_trim(text);
    if (!text.len)
        return false;
    if (text.at[0] == '#' && hex_colour(span_skip(text, 1), out) && (css || text.len == 4 || text.len == 7))
        return true;
    if (span_eq_case(text, S("transparent"))) {
        *out = COLOUR_NONE;
        return css;
    }
    if (named_colour(text, out) || function_colour(text, out))
        return true;
    if (css) /* programs of mail take "ffffff" too */
        return text.len == 6 && hex_colour(text, out);
    return legacy_colour(text, out);
}
