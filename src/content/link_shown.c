#include "content/link_inner.h"

enum { TEXT_MOST = 400 };

/* Endings that names of files and programs share with top-level domains: "report.zip" in a text is no host. */
static bool ends_as_file(struct span host)
{
    static const char *const endings[] = {".zip", ".mov", ".md", ".sh", ".py", ".rs", ".ps", ".cc", ".pl", ".app", ".java", ".box"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (span_ends_case(host, span_of(endings[i])))
            return true;
    return false;
}

static bool is_host_byte(char c)
{
    return ascii_is_alpha(c) || ascii_is_digit(c) || c == '-' || c == '.' || (unsigned char)c >= 0x80;
}

/* The host at the beginning of words, up to what cannot belong to one. */
static struct span host_at(struct span words)
{
    size_t len = 0;
    while (len < words.len && is_host_byte(words.at[len]))
        len++;
    while (len && words.at[len - 1] == '.')
        len--;
    return span_first(words, len);
}

static bool has_suffix(const struct tables *tables, struct span host)
{
    struct span suffix = suffix_of(tables, host);
    return suffix.len && suffix.len < host.len;
}

/* Written out: a scheme or "www." before it. `sure` then; bare names only where they are the whole text. */
static struct span host_of_word(struct span word, bool *written_out)
{
    static const char *const heads[] = {"https://", "http://", "hxxps://", "hxxp://"};
    *written_out = false;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        if (span_starts_case(word, span_of(heads[i]))) {
            *written_out = true;
            word = span_skip(word, strlen(heads[i]));
        }
    *written_out |= span_starts_case(word, S("www."));
    struct span host = host_at(word);
    const char next = host.len < word.len ? word.at[host.len] : '\0';
    return next == '@' || span_find_byte(span_first(word, host.len + 80), '@') ? S("") : host; /* an address to write to */
}

struct span link_text_host(struct arena *arena, const struct tables *tables, struct span text)
{
    text = span_trim(span_first(text, TEXT_MOST));
    struct span rest = text, word;
    size_t words = 0;
    while (words < 40 && span_word(&rest, &word)) {
        while (word.len && strchr("<([{\"'", word.at[0]))
            word = span_skip(word, 1);
        bool written_out, whole = words++ == 0 && !span_trim(rest).len;
        struct span host = host_of_word(word, &written_out);
        if (!host.len || !span_find_byte(host, '.') || !(written_out || (whole && !ends_as_file(host))))
            continue;
        host = span_is_ascii(host) ? arena_lower(arena, host) : domain_to_ascii(arena, host);
        if (host.len && has_suffix(tables, host))
            return host;
    }
    return S("");
}

static bool same_owner(const struct tables *tables, struct span a, struct span b)
{
    const struct brand *brand = brand_by_domain(tables, a);
    return same_organisation(tables, a, b) || (brand && brand_owns(brand, b));
}

/* A service's click counter does not tell where it leads: no difference can be seen. Shorteners that anybody uses are
 * otherwise: whoever writes one address and links a short one hides it. */
void link_shown_compare(const struct link_reader *reader, struct link_fact *fact)
{
    if (!reader->tables || !fact->host.len || !span_find_byte(span_first(fact->link->text, TEXT_MOST), '.'))
        return;
    if ((fact->traits & TRAIT_OPAQUE) && !(fact->kinds & HOST_SHORTENER))
        return;
    struct span shown = link_text_host(reader->arena, reader->tables, fact->link->text);
    if (!shown.len || same_owner(reader->tables, shown, fact->host))
        return;
    fact->shown_host = shown;
    fact->traits |= TRAIT_TEXT_DIFFERS;
}
