#include "verdict/text.h"

/* What others were asked, and what they said. Nothing is drawn where nobody was asked. */

static enum colour colour_of(enum listing_state state)
{
    return state == LISTING_NOT ? COLOUR_PLAIN : COLOUR_YELLOW;
}

static struct span state_text(const struct page *page, const struct listing *listing)
{
    struct span words = span_of(page_text(page, TEXT_LISTING_NOTHING + (enum text_id)listing->state));
    if (!listing->answers.len)
        return words;
    return arena_print(page->arena, page->language == LANGUAGE_JA ? "%.*s(%.*s)" : "%.*s (%.*s)", SPAN_FMT(words),
                       SPAN_FMT(page_clean(page, listing->answers)));
}

static void line_draw(const struct page *page, const struct listing *listing, struct span about)
{
    struct span whom = FILLED(page, TEXT_ABOUT_CLIENT + (enum text_id)listing->asks, about);
    page_item(page, S("  "), colour_of(listing->state), FILLED(page, TEXT_LIST_SAID, page_clean(page, listing->zone), whom, state_text(page, listing)));
}

/* Links that are not listed: one line a list. */
static void others_draw(const struct page *page, const struct listing *first, const struct listing *end)
{
    enum { MOST = 5 };
    struct buf names = {.arena = page->arena};
    const struct listing *none = NULL;
    size_t count = 0;
    for (const struct listing *at = first; at < end && at->asks == first->asks && span_eq(at->zone, first->zone); at++) {
        if (at->state != LISTING_NOT)
            continue;
        none = at;
        if (count++ < MOST)
            buf_print(&names, "%s%.*s", names.len ? ", " : "", SPAN_FMT(page_clean(page, at->subject)));
    }
    if (count > MOST)
        buf_print(&names, ", %.*s", SPAN_FMT(FILLED(page, TEXT_AND_MORE, arena_print(page->arena, "%zu", count - MOST))));
    if (none)
        line_draw(page, none, buf_span(&names));
}

/* What the scanner itself said stands as it said it; why it could not be asked is a sentence of ours, and in English. */
static struct span scanner_words(const struct page *page, const struct clamd_answer *said)
{
    bool ours = said->word != CLAMD_FOUND && said->word != CLAMD_ERROR;
    if (ours && page->language == LANGUAGE_JA)
        return S("");
    return page_clean(page, said->word == CLAMD_FOUND ? said->name : said->why);
}

static void scanner_draw(const struct page *page, const struct clamd_answer *said)
{
    struct span words = span_of(page_text(page, TEXT_SCAN_NOTHING + (enum text_id)said->word));
    struct span more = scanner_words(page, said);
    if (more.len)
        words = arena_print(page->arena, page->language == LANGUAGE_JA ? "%.*s(%.*s)" : "%.*s (%.*s)", SPAN_FMT(words), SPAN_FMT(more));
    page_item(page, S("  "), said->word == CLAMD_NOTHING ? COLOUR_PLAIN : said->word == CLAMD_FOUND ? COLOUR_RED : COLOUR_YELLOW, words);
}

void page_witnesses(const struct page *page)
{
    const struct testimony *testimony = page->report->testimony;
    if (!testimony)
        return;
    const struct listing *end = testimony->listings.len ? testimony->listings.at + testimony->listings.len : NULL;
    page_heading(page, span_of(page_text(page, TEXT_WITNESSES)));
    for (const struct listing *at = testimony->listings.at; at < end; at++) {
        bool first = at == testimony->listings.at || at[-1].asks != at->asks || !span_eq(at[-1].zone, at->zone);
        if (at->asks == LIST_LINKS && first)
            others_draw(page, at, end);
        if (at->asks != LIST_LINKS || at->state != LISTING_NOT)
            line_draw(page, at, page_clean(page, at->subject));
    }
    if (testimony->scanned)
        scanner_draw(page, &testimony->scanner);
    if (testimony->links_left)
        page_item(page, S("  "), COLOUR_DIM, FILLED(page, TEXT_LINKS_LEFT, arena_print(page->arena, "%zu", testimony->links_left)));
}
