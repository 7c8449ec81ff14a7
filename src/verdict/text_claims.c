#include "verdict/text.h"

/* Who it says it is, where it leads, what its words ask. Nothing is drawn where there is nothing to tell. */

static struct span from_domain(const struct page *page)
{
    const mailboxes_t *from = &page->report->message->from;
    return from->len ? page_clean(page, from->at[0].domain_ascii) : S("");
}

static void brand_draw(const struct page *page, const struct brand_claim *claim)
{
    enum text_id id = claim->from_own ? claim->proved ? TEXT_SPEAKS_PROVED : TEXT_SPEAKS_OWN : TEXT_SPEAKS_FOREIGN;
    page_item(page, S("  "), claim->from_own ? COLOUR_PLAIN : COLOUR_YELLOW, FILLED(page, id, claim->brand->name, from_domain(page)));
}

static void link_draw(const struct page *page, const struct link_fact *main)
{
    const struct vouching *vouching = &page->report->claim->vouching;
    struct span host = page_clean(page, main->host.len ? main->host : span_first(main->target.href, 60));
    enum text_id id = vouching->main_out ? TEXT_LEADS_STRANGE : vouching->main_told ? TEXT_LEADS_TOLD : TEXT_LEADS_VOUCHED;
    page_item(page, S("  "), COLOUR_PLAIN, FILLED(page, id, host));
    if (main->through)
        page_item(page, S("    "), COLOUR_DIM, FILLED(page, TEXT_LEADS_THROUGH, main->through->name));
    if (main->owner.len)
        page_item(page, S("    "), COLOUR_DIM, FILLED(page, TEXT_LEADS_OWNER, page_clean(page, main->owner)));
}

static void forwarded_draw(const struct page *page, const struct forwarded *forwarded)
{
    const struct mailbox *from = &forwarded->from;
    struct span unknown = span_of(page_text(page, TEXT_UNKNOWN)), address = page_clean(page, from->address);
    struct span author = page_clean(page, from->name);
    if (address.len)
        author = arena_print(page->arena, "%.*s%s<%.*s>", SPAN_FMT(author), author.len ? " " : "", SPAN_FMT(address));
    struct span subject = forwarded->subject.len ? page_clean(page, forwarded->subject) : unknown;
    page_item(page, S("  "), COLOUR_PLAIN, FILLED(page, forwarded->bare ? TEXT_PASSED_ON_BARE : TEXT_PASSED_ON, author.len ? author : unknown, subject));
}

static void lures_draw(const struct page *page, const struct content_words *words)
{
    struct buf line = {.arena = page->arena};
    bool ja = page->language == LANGUAGE_JA;
    for (int id = 0; id < LURE_COUNT; id++) {
        const struct lure_fact *lure = &words->lures[id];
        bool shape = id == LURE_FOOTER || id == LURE_NAMELESS || id == LURE_BUTTON;
        if (lure->strong && !shape)
            buf_print(&line, "%s%s", line.len ? ja ? "、" : "; " : "", lure_text((enum lure_id)id, ja));
    }
    if (line.len)
        page_item(page, S("  "), COLOUR_PLAIN, FILLED(page, TEXT_ITS_WORDS, buf_span(&line)));
}

static void files_draw(const struct page *page, const struct content_files *files)
{
    enum { MOST = 5 };
    struct buf line = {.arena = page->arena};
    size_t named = 0;
    vec_each(file, &files->list)
        if (!file->shown && named++ < MOST)
            buf_print(&line, "%s%.*s%s%.*s%s", line.len ? ", " : "", SPAN_FMT(page_clean(page, file->name)), file->kind.len ? " (" : "",
                      SPAN_FMT(file->kind), file->kind.len ? ")" : "");
    if (named > MOST)
        buf_print(&line, ", %.*s", SPAN_FMT(FILLED(page, TEXT_AND_MORE, arena_print(page->arena, "%zu", named - MOST))));
    if (line.len)
        page_item(page, S("  "), COLOUR_PLAIN, FILLED(page, TEXT_FILES, buf_span(&line)));
}

/* What was left out for its size; where that weighs it is evidence too. */
static void unread_draw(const struct page *page, const struct content *content)
{
    enum { MOST = 5 };
    struct buf line = {.arena = page->arena};
    size_t named = 0;
    if (content->words.cut)
        buf_print(&line, "%s", page_text(page, TEXT_MIDDLE_OF_TEXT));
    vec_each(file, &content->files.list)
        if (file->traits & (FILE_PARTLY_READ | FILE_NOT_WHOLLY_READ) && named++ < MOST)
            buf_print(&line, "%s%.*s", line.len ? ", " : "", SPAN_FMT(page_clean(page, file->name.len ? file->name : file->kind)));
    if (named > MOST)
        buf_print(&line, ", %.*s", SPAN_FMT(FILLED(page, TEXT_AND_MORE, arena_print(page->arena, "%zu", named - MOST))));
    if (line.len)
        page_item(page, S("  "), COLOUR_PLAIN, FILLED(page, TEXT_PARTLY_READ, buf_span(&line)));
}

void page_claims(const struct page *page)
{
    const struct claim *claim = page->report->claim;
    const struct content *content = page->report->content;
    struct page body = *page;
    struct buf lines = {.arena = page->arena};
    if (!claim || !content)
        return;
    body.out = &lines;
    if (content->words.forwarded.present)
        forwarded_draw(&body, &content->words.forwarded);
    if (claim->main)
        brand_draw(&body, claim->main);
    if (content->links.main)
        link_draw(&body, content->links.main);
    lures_draw(&body, &content->words);
    files_draw(&body, &content->files);
    unread_draw(&body, content);
    if (!lines.len)
        return;
    page_heading(page, span_of(page_text(page, TEXT_CLAIMS)));
    buf_add(page->out, buf_span(&lines));
}
