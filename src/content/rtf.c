/* RTF: objects and templates that it brings or fetches. */
#include "content/file_inner.h"

static bool has(struct span bytes, const char *word)
{
    return span_find(bytes, span_of(word)) != NULL;
}

/* "{\*\template http://...}" */
static void template_read(struct file_reading *reading, const struct file_piece *piece)
{
    const char *found = span_find(piece->bytes, S("\\template"));
    if (!found)
        return;
    struct span rest = span_trim(span_first(span_from(found + 9, piece->bytes.at + piece->bytes.len), 1000));
    const char *end = memchr(rest.at, '}', rest.len);
    struct span target = end ? span_from(rest.at, end) : rest;
    if (!span_starts_case(target, S("http")) && !span_starts_case(target, S("ftp")))
        return;
    target = arena_copy(reading->arena, span_first(target, 300));
    file_trait_set(piece->fact, FILE_OFFICE_REMOTE, target);
    file_link_add(reading, FILE_LINK_OFFICE, target, piece->part);
}

void rtf_read(struct file_reading *reading, const struct file_piece *piece)
{
    struct span bytes = piece->bytes;
    unsigned traits = FILE_OFFICE;
    if (has(bytes, "\\objdata") || has(bytes, "\\objemb"))
        traits |= FILE_OFFICE_EMBEDDED;
    if (has(bytes, "\\objupdate") || has(bytes, "\\objautlink")) /* loaded without a click */
        traits |= FILE_OFFICE_EMBEDDED | FILE_OFFICE_AUTORUN;
    if (has(bytes, "DDEAUTO"))
        traits |= FILE_OFFICE_DDE;
    file_trait_set(piece->fact, traits, traits & FILE_OFFICE_AUTORUN ? S("objupdate") : (struct span){0});
    template_read(reading, piece);
    if (has(bytes, "HYPERLINK"))
        file_links_scan(reading, FILE_LINK_OFFICE, bytes, piece->part, 50);
}
