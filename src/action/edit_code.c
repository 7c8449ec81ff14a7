/* edit_code: texts as the wire wants them, RFC 2045 6.7 and 6.8, RFC 2047. */
#include "action/edit_inner.h"

/* ---- quoted-printable */
static const size_t columns = 76;

static size_t break_at(struct span text, size_t i)
{
    if (text.at[i] == '\n')
        return 1;
    return text.at[i] == '\r' && i + 1 < text.len && text.at[i + 1] == '\n' ? 2 : 0;
}

static bool is_plain(struct span text, size_t i, size_t column)
{
    unsigned char c = (unsigned char)text.at[i];
    if (c == ' ' || c == '\t') /* none at a line's end */
        return i + 1 < text.len && !break_at(text, i + 1);
    bool folder = !column && c == 'F' && span_starts(span_skip(text, i), S("From ")); /* which mail folders change */
    bool odd = !column && (c == '.' || c == '-'); /* which SMTP doubles; which might be a boundary */
    return c > ' ' && c < 127 && c != '=' && !folder && !odd;
}

struct span quoted_printable_write(struct arena *arena, struct span text, const char *line_end)
{
    struct buf out = {.arena = arena};
    size_t column = 0;
    for (size_t i = 0, end; i < text.len;) {
        end = break_at(text, i);
        if (end) {
            buf_add(&out, span_of(line_end));
            column = 0;
            i += end;
            continue;
        }
        bool plain = is_plain(text, i, column), last = i + 1 == text.len || break_at(text, i + 1);
        if (column + (plain ? 1u : 3u) > columns - !last) {
            buf_print(&out, "=%s", line_end);
            column = 0;
            plain = is_plain(text, i, column);
        }
        if (plain)
            buf_byte(&out, text.at[i]);
        else
            buf_print(&out, "=%02X", (unsigned char)text.at[i]);
        column += plain ? 1 : 3;
        i++;
    }
    return buf_span(&out);
}

bool is_better_quoted(struct span text)
{
    size_t escapes = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        escapes += c > 126 || c == '=' || (c < ' ' && c != '\t' && c != '\r' && c != '\n');
    }
    return escapes * 6 <= text.len;
}

/* ---- base64 */
static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void three_write(struct buf *out, struct span bytes)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < 3; i++)
        bits = bits << 8 | (i < bytes.len ? (unsigned char)bytes.at[i] : 0);
    for (size_t i = 0; i < 4; i++)
        buf_byte(out, i <= bytes.len ? digits[bits >> (18 - 6 * i) & 63] : '=');
}

static void base64_add(struct buf *out, struct span bytes)
{
    for (size_t i = 0; i < bytes.len; i += 3)
        three_write(out, span_first(span_skip(bytes, i), 3));
}

struct span base64_write(struct arena *arena, struct span text, const char *line_end)
{
    enum { LINE_BYTES = 57 };
    struct buf out = {.arena = arena};
    for (size_t i = 0; i < text.len; i += LINE_BYTES) {
        if (i)
            buf_add(&out, span_of(line_end));
        base64_add(&out, span_first(span_skip(text, i), LINE_BYTES));
    }
    return buf_span(&out);
}

/* ---- encoded words */
void encoded_words_write(struct buf *out, struct span utf8, const char *fold)
{
    enum { WORD_BYTES = 45 }; /* 60 letters, and 12 around them */
    for (size_t at = 0, end; at < utf8.len; at = end) {
        end = at + WORD_BYTES < utf8.len ? at + WORD_BYTES : utf8.len;
        while (end < utf8.len && end > at + 1 && ((unsigned char)utf8.at[end] & 0xc0) == 0x80)
            end--; /* a character stays whole */
        buf_add(out, at ? span_of(fold) : S(""));
        buf_add(out, S("=?UTF-8?B?"));
        base64_add(out, span_first(span_skip(utf8, at), end - at));
        buf_add(out, S("?="));
    }
}
