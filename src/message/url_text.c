#include "message/url_parts.h"

/* The length of a scheme in front of s, with its colon; 0 where what stands there is none: "example.com:8080" is a host
 * and its port. */
static size_t scheme_length(struct span s)
{
    size_t n = 0;
    bool dot = false;
    while (n < s.len && n < 40 && (ascii_is_alpha(s.at[n]) || (n && (ascii_is_digit(s.at[n]) || span_find_byte(S("+-."), s.at[n]))))) {
        dot |= s.at[n] == '.';
        n++;
    }
    if (!n || n == s.len || s.at[n] != ':')
        return 0;
    bool port = n + 1 < s.len && ascii_is_digit(s.at[n + 1]);
    struct span scheme = span_first(s, n);
    if (port && (dot || span_eq_case(scheme, S("localhost"))))
        return 0;
    return n + 1;
}

/* Marks that close a sentence or a bracket and not the address; a closing bracket stays if its opening one is inside. */
struct span url_text_trim(struct span s)
{
    static const char closing[] = ")]}", opening[] = "([{";
    ptrdiff_t open[3] = {0};
    for (size_t i = 0; i < s.len; i++)
        for (int k = 0; k < 3; k++)
            open[k] += (s.at[i] == opening[k]) - (s.at[i] == closing[k]);
    while (s.len) {
        char last = s.at[s.len - 1];
        const char *bracket = memchr(closing, last, 3);
        if (bracket ? open[bracket - closing] >= 0 : !memchr(".,;:!?'\"*>", last, 10))
            break;
        if (bracket)
            open[bracket - closing]++;
        s.len--;
    }
    return s;
}

bool url_parse_text(struct arena *arena, struct span words, struct url *out)
{
    struct span s = span_trim(words);
    while (s.len && memchr("([{<\"'", s.at[0], 6))
        s = span_skip(s, 1);
    s = url_text_trim(s);
    if (scheme_length(s))
        return url_parse(arena, s, NULL, out);
    while (s.len && (s.at[0] == '/' || s.at[0] == '\\'))
        s = span_skip(s, 1);
    struct buf whole = {.arena = arena}; /* not printed: that would end it at a NUL byte */
    buf_add(&whole, S("https://"));
    buf_add(&whole, s);
    return url_parse(arena, buf_span(&whole), NULL, out);
}
