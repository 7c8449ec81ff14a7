#include "role/cleaned.h"

static bool is_ours(struct span name)
{
    static const struct span ours[] = {S("X-Sekimori"), S("X-Sekimori-Junk"), S("X-Sekimori-Seal"), S("X-Sekimori-Release")};
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        if (span_eq_case(name, ours[i]))
            return true;
    return false;
}

static char *name_flush(struct cleaned *cleaned, char *out)
{
    memcpy(out, cleaned->name, cleaned->len);
    out += cleaned->len;
    cleaned->len = 0;
    return out;
}

/* A line without a colon: it stays; an empty one ends the header. */
static char *line_end(struct cleaned *cleaned, char *out)
{
    bool empty = cleaned->len == 1;
    cleaned->at = empty ? CLEANED_BELOW : CLEANED_NAME;
    cleaned->dropped = false;
    return name_flush(cleaned, out);
}

static char *name_take(struct cleaned *cleaned, char c, char *out)
{
    bool folded = !cleaned->len && (c == ' ' || c == '\t');
    cleaned->name[cleaned->len++] = c;
    if (folded) {
        cleaned->at = cleaned->dropped ? CLEANED_DROPS : CLEANED_KEEPS;
        cleaned->len = cleaned->dropped ? 0 : cleaned->len;
        return name_flush(cleaned, out);
    }
    if (c == '\n' || c == '\r')
        return line_end(cleaned, out);
    if (c != ':' && cleaned->len < sizeof cleaned->name)
        return out;
    cleaned->dropped = c == ':' && is_ours(span_trim((struct span){cleaned->name, cleaned->len - 1}));
    cleaned->at = cleaned->dropped ? CLEANED_DROPS : CLEANED_KEEPS;
    cleaned->len = cleaned->dropped ? 0 : cleaned->len;
    return name_flush(cleaned, out);
}

static char *byte_take(struct cleaned *cleaned, char c, char *out)
{
    bool closes = c == '\n' && cleaned->cr; /* the line that a CR ended */
    cleaned->cr = c == '\r';
    if (cleaned->at == CLEANED_BELOW || (closes && !cleaned->dropped)) {
        *out++ = c;
    } else if (closes) {
        return out;
    } else if (cleaned->at == CLEANED_NAME) {
        return name_take(cleaned, c, out);
    } else {
        if (cleaned->at == CLEANED_KEEPS)
            *out++ = c;
        if (c == '\n' || c == '\r')
            cleaned->at = CLEANED_NAME;
    }
    return out;
}

size_t cleaned_take(struct cleaned *cleaned, struct span piece, bool last, char *out)
{
    char *end = out;
    for (size_t i = 0; i < piece.len; i++)
        end = byte_take(cleaned, piece.at[i], end);
    if (last)
        end = name_flush(cleaned, end);
    return (size_t)(end - out);
}
