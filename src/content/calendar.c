/* Invitations, RFC 5545: what they are about, who asks, and where they lead; and files that only lead elsewhere. */
#include "content/file_inner.h"

enum { LINES_MOST = 5000, LINE_MOST = 64 << 10, CALENDAR_LINKS = 50 };

/* 3.1: a line goes on where the next begins with a blank. */
static struct span line_unfold(struct arena *arena, struct span *rest)
{
    struct span line;
    struct buf out = {.arena = arena, .max = LINE_MOST};
    if (!span_cut(rest, '\n', &line))
        return (struct span){0};
    if (line.len && line.at[line.len - 1] == '\r')
        line.len--;
    if (!rest->len || (rest->at[0] != ' ' && rest->at[0] != '\t'))
        return line;
    buf_add(&out, line);
    while (rest->len && (rest->at[0] == ' ' || rest->at[0] == '\t')) {
        struct span more = {0};
        *rest = span_skip(*rest, 1);
        span_cut(rest, '\n', &more);
        if (more.len && more.at[more.len - 1] == '\r')
            more.len--;
        buf_add(&out, more);
    }
    return buf_span(&out);
}

/* 3.3.11: \n, \, and \; */
static struct span text_unescape(struct arena *arena, struct span value)
{
    if (!span_find_byte(value, '\\'))
        return value;
    struct buf out = {.arena = arena};
    for (size_t i = 0; i < value.len; i++) {
        bool escape = value.at[i] == '\\' && i + 1 < value.len;
        char c = escape ? value.at[++i] : value.at[i];
        buf_byte(&out, escape && (c == 'n' || c == 'N') ? '\n' : c);
    }
    return buf_span(&out);
}

/* Name and value; parameters are passed over, colons in quotes among them. */
static struct span property_cut(struct span line, struct span *value)
{
    size_t name = 0;
    while (name < line.len && line.at[name] != ':' && line.at[name] != ';')
        name++;
    size_t at = name;
    for (bool quoted = false; at < line.len && (quoted || line.at[at] != ':'); at++)
        quoted ^= line.at[at] == '"';
    *value = span_skip(line, at + 1);
    return span_first(line, name);
}

static bool is_told(struct span name)
{
    static const char *const told[] = {"DESCRIPTION", "LOCATION", "URL", "CONFERENCE", "ATTACH", "X-ALT-DESC", "SUMMARY", "COMMENT", "SOURCE",
                                       "X-GOOGLE-CONFERENCE", "X-MICROSOFT-SKYPETEAMSMEETINGURL", "X-MICROSOFT-ONLINEMEETINGCONFLINK"};
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        if (span_eq_case(name, span_of(told[i])))
            return true;
    return false;
}

void calendar_read(struct file_reading *reading, const struct file_piece *piece)
{
    struct file_fact *fact = piece->fact;
    struct span rest = piece->bytes;
    struct buf text = {.arena = reading->arena, .max = 2000};
    file_trait_set(fact, FILE_CALENDAR, (struct span){0});
    if (!span_find(rest, S("BEGIN:V")))
        fact->traits |= FILE_BROKEN;
    for (size_t lines = 0; rest.len && lines < LINES_MOST; lines++) {
        struct span value, line = line_unfold(reading->arena, &rest);
        struct span name = property_cut(line, &value);
        if (span_eq_case(name, S("ORGANIZER")) && span_starts_case(value, S("mailto:")))
            fact->inner = span_first(span_trim(span_skip(value, 7)), INNER_MOST);
        if (!is_told(name))
            continue;
        value = text_unescape(reading->arena, value);
        file_links_scan(reading, FILE_LINK_CALENDAR, value, piece->part, CALENDAR_LINKS);
        if (text.len < 2000 && (span_eq_case(name, S("SUMMARY")) || span_eq_case(name, S("DESCRIPTION")))) {
            buf_add(&text, value);
            buf_byte(&text, '\n');
        }
    }
    if (rest.len)
        fact->traits |= FILE_NOT_WHOLLY_READ;
    if (!fact->text.len)
        fact->text = buf_span(&text);
}

/* UTF-16 with plain letters, as Windows writes names: its low bytes. */
static struct span low_bytes(struct arena *arena, struct span bytes)
{
    struct buf out = {.arena = arena};
    for (size_t i = 0; i + 1 < bytes.len; i += 2)
        buf_byte(&out, bytes.at[i + 1] ? ' ' : bytes.at[i]);
    return buf_span(&out);
}

/* .lnk and .url: where they lead. */
void shortcut_read(struct file_reading *reading, const struct file_piece *piece)
{
    struct span bytes = span_first(piece->bytes, 64 << 10);
    file_links_scan(reading, FILE_LINK_SHORTCUT, bytes, piece->part, 10);
    if (span_find(bytes, S("h\0t\0t\0p"))) {
        file_links_scan(reading, FILE_LINK_SHORTCUT, low_bytes(reading->arena, bytes), piece->part, 10);
        file_links_scan(reading, FILE_LINK_SHORTCUT, low_bytes(reading->arena, span_skip(bytes, 1)), piece->part, 10);
    }
    const char *target = span_starts(bytes, S("L\0\0\0")) ? NULL : span_find_case(bytes, S("\nURL="));
    if (target) {
        struct span rest = span_from(target + 5, bytes.at + bytes.len), line;
        if (span_cut(&rest, '\n', &line))
            file_link_add(reading, FILE_LINK_SHORTCUT, line, piece->part);
    }
}
