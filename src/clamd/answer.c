#include "clamd/clamd.h"

enum { NAME_MOST = 200 };

const char *clamd_word_name(enum clamd_word word)
{
    static const char *const names[CLAMD_WORDS] = {"nothing-found", "found", "timed-out", "away", "error", "too-large"};
    return names[word];
}

static bool is_name(struct span name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.at[i] <= ' ' || name.at[i] > '~')
            return false;
    return name.len > 0;
}

static struct span printable(struct span text)
{
    size_t len = 0;
    while (len < text.len && len < NAME_MOST && text.at[len] >= ' ' && text.at[len] <= '~')
        len++;
    return span_first(text, len);
}

/* "stream: Eicar-Signature FOUND"; over TCP some versions write "instream(127.0.0.1@4242): " before it. */
void clamd_answer_parse(struct span text, struct clamd_answer *out)
{
    static const struct span found = S(" FOUND");
    struct span said = span_trim(text), rest = said;
    const char *colon = span_find(said, S(": "));
    if (colon && (span_starts(said, S("stream")) || span_starts(said, S("instream"))))
        rest = span_from(colon + 2, said.at + said.len);
    *out = (struct clamd_answer){.word = CLAMD_ERROR, .why = said.len ? printable(said) : S("it closed the connection without an answer")};
    bool names = rest.len > found.len && span_eq(span_skip(rest, rest.len - found.len), found);
    if (rest.len < said.len && span_eq(rest, S("OK")))
        *out = (struct clamd_answer){.word = CLAMD_NOTHING};
    else if (rest.len < said.len && names && is_name(span_first(rest, rest.len - found.len)))
        *out = (struct clamd_answer){.word = CLAMD_FOUND, .name = span_first(rest, rest.len - found.len < NAME_MOST ? rest.len - found.len : NAME_MOST)};
}
