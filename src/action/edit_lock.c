/* edit_lock: which links evidence names, and other addresses in their place: in attributes, in the text of pages and in plain text. */
#include "action/edit_inner.h"
#include "message/url.h"

#include <stdlib.h>

/* ---- the links that evidence names */
/* Words that name whom a link borrows from, not where it leads. */
static bool is_other_word(enum evidence_id id, size_t word)
{
    static const struct {
        enum evidence_id id;
        size_t word;
    } rows[] = {{EVIDENCE_LINK_TEXT_DIFFERS, 0}, {EVIDENCE_LINK_TEXT_BORROWED, 0}, {EVIDENCE_LINK_TEXT_BORROWED, 1}, {EVIDENCE_LINK_USERINFO_HOST, 0},
                {EVIDENCE_LINK_OPEN_REDIRECT, 0}, {EVIDENCE_SHARE_STRANGER, 2}, {EVIDENCE_FREE_MAIL_GAIN, 2}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].id == id && rows[i].word == word)
            return true;
    return false;
}

static bool evidence_names(const struct evidence *evidence, const struct link_fact *fact)
{
    enum { ADDRESS_LEAST = 8 };
    bool of_links = span_eq(evidence->where, S("links")), of_list = span_eq(evidence->where, S("link"));
    if (evidence->weight <= 0 || (!of_links && !of_list))
        return false;
    for (size_t i = 0; i < 3; i++) {
        struct span word = evidence->words[i];
        if (!word.len || is_other_word(evidence->id, i))
            continue;
        if (fact->host.len && (span_eq_case(word, fact->host) || (of_list && domain_is_or_under(fact->host, word))))
            return true;
        if (word.len >= ADDRESS_LEAST && (span_starts(fact->target.href, word) || span_starts(fact->link->raw, word)))
            return true;
    }
    return false;
}

static bool fact_is_named(const struct report *report, const struct link_fact *fact)
{
    vec_each(evidence, &report->evidence)
        if (evidence_names(evidence, fact))
            return true;
    return false;
}

static bool is_followed(const struct link *link)
{
    return link->kind == LINK_ANCHOR || link->kind == LINK_AREA || link->kind == LINK_FORM || link->kind == LINK_TEXT || link->kind == LINK_REFRESH;
}

static int spans_order(const void *a, const void *b)
{
    return span_compare(*(const struct span *)a, *(const struct span *)b);
}

void links_named(struct arena *arena, const struct report *report, link_numbers_t *out)
{
    const struct message *message = report->message;
    VEC(struct span) named = {0};
    if (!report->content)
        return;
    vec_each(fact, &report->content->links.list)
        if (fact->clickable && fact_is_named(report, fact))
            *vec_push(arena, &named) = fact->link->raw;
    if (!named.len)
        return;
    qsort(named.at, named.len, sizeof *named.at, spans_order);
    for (size_t i = 0; i < message->links.len; i++) /* the same address elsewhere, too */
        if (is_followed(&message->links.at[i]) && bsearch(&message->links.at[i].raw, named.at, named.len, sizeof *named.at, spans_order))
            *vec_push(arena, out) = (uint32_t)i;
}

/* ---- one part */
static const struct link *link_of(const struct editing *at, const struct lock *lock)
{
    const struct message *message = at->message;
    return lock->link < message->links.len ? &message->links.at[lock->link] : NULL;
}

/* By part, address, kind, whether it is hidden, and words: as far as `depth` says. */
enum lock_depth { BY_PART, BY_ADDRESS, BY_KIND, BY_WORDS };

static int links_order(const struct link *a, const struct link *b, enum lock_depth depth)
{
    if (a->part != b->part)
        return (uintptr_t)a->part < (uintptr_t)b->part ? -1 : 1;
    int order = depth >= BY_ADDRESS ? span_compare(a->raw, b->raw) : 0;
    if (!order && depth >= BY_KIND)
        order = (a->kind > b->kind) - (a->kind < b->kind);
    if (!order && depth >= BY_WORDS)
        order = a->hidden != b->hidden ? a->hidden - b->hidden : span_compare(a->text, b->text);
    return order;
}

static int rows_order(const void *a, const void *b)
{
    const struct lock_row *one = a, *other = b;
    int order = links_order(one->link, other->link, BY_WORDS);
    return order ? order : (one->lock > other->lock) - (one->lock < other->lock);
}

void locks_sort(struct editing *at)
{
    vec_each(lock, &at->wishes->locks) {
        const struct link *link = link_of(at, lock);
        if (link && is_followed(link))
            *vec_push(at->arena, &at->locks) = (struct lock_row){link, lock};
    }
    if (at->locks.len)
        qsort(at->locks.at, at->locks.len, sizeof *at->locks.at, rows_order);
}

/* The first row that is alike to such a depth; NULL: there is none. */
static const struct lock_row *row_find(const struct editing *at, const struct link *like, enum lock_depth depth)
{
    size_t from = 0, to = at->locks.len;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (links_order(at->locks.at[middle].link, like, depth) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from < at->locks.len && !links_order(at->locks.at[from].link, like, depth) ? &at->locks.at[from] : NULL;
}

bool part_has_locks(const struct editing *at, const struct part *part)
{
    return row_find(at, &(struct link){.part = part}, BY_PART);
}

static size_t lock_number(const struct editing *at, const struct lock *lock)
{
    return (size_t)(lock - at->wishes->locks.at);
}

/* ---- attributes */
static bool is_address_attribute(enum link_kind kind, struct span name)
{
    if (kind == LINK_FORM)
        return span_eq(name, S("action")) || span_eq(name, S("formaction"));
    if (kind == LINK_REFRESH)
        return span_eq(name, S("content"));
    return span_eq(name, S("href")) || span_eq(name, S("xlink:href"));
}

/* value with `old` in it set to the address; a quoted attribute. */
static struct span value_locked(struct arena *arena, struct span value, struct span old, struct span address)
{
    struct buf out = {.arena = arena};
    const char *at = old.len ? span_find(value, old) : value.at;
    buf_byte(&out, '"');
    html_escape(&out, span_from(value.at, at));
    html_escape(&out, address);
    html_escape(&out, span_from(at + old.len, value.at + value.len));
    buf_byte(&out, '"');
    return buf_span(&out);
}

/* Every attribute of that name, for programs that take another than the first. */
static void named_patch(struct arena *arena, const struct page_tag *tag, struct span name, struct span new, patches_t *out)
{
    vec_each(attribute, &tag->attributes)
        if (span_eq_case(attribute->name, name))
            *vec_push(arena, out) = (struct patch){attribute->whole, new};
}

static bool tag_lock(struct arena *arena, struct span text, size_t raw, const struct html_link *link, struct span address, patches_t *out)
{
    struct page_tag tag;
    bool found = false;
    if (!page_tag_read(arena, text, raw, &tag))
        return false;
    const struct html_token *token = html_next(html_tokenizer_new(arena, tag.whole));
    vec_each(attribute, &token->attributes) {
        bool whole = span_eq(attribute->value, link->raw), inside = link->kind == LINK_REFRESH && span_find(attribute->value, link->raw);
        if (!is_address_attribute((enum link_kind)link->kind, attribute->name) || !(whole || inside))
            continue;
        named_patch(arena, &tag, attribute->name, value_locked(arena, attribute->value, link->raw, address), out);
        found = true;
    }
    return found;
}

static const struct lock *lock_for(const struct editing *at, const struct part *part, const struct html_link *found)
{
    struct link like = {.part = part, .raw = found->raw, .kind = (enum link_kind)found->kind, .hidden = found->hidden, .text = found->text};
    const struct lock_row *row = row_find(at, &like, BY_WORDS);
    return row ? row->lock : NULL;
}

static void tags_lock(struct editing *at, const struct part *part, patches_t *out, bool *met)
{
    struct page_place place = {.text = part->text};
    vec_each(link, &part->html->links) {
        const struct lock *lock = link->tag == SIZE_MAX ? NULL : lock_for(at, part, link);
        if (lock && tag_lock(at->arena, part->text, place_raw(&place, link->tag), link, lock->address, out))
            met[lock_number(at, lock)] = true;
    }
}

/* ---- text between tags. Each run of it is looked through as a reader sees it, character references decoded. */
struct piece { /* of a run: one token */
    size_t at, counted; /* where it begins in the run, and in the page */
    bool plain;         /* as written: each byte is one there */
};
struct run {
    struct editing *editing;
    const struct part *part;
    struct buf words;
    VEC(struct piece) pieces;
    size_t end; /* counted */
    struct page_place place;
    patches_t *out;
    bool *met;
};

/* Where a byte of the run stands in the page, counted; SIZE_MAX: inside a reference. */
static size_t run_counted(const struct run *run, size_t at)
{
    size_t from = 0, to = run->pieces.len; /* of pieces that begin at the same byte the last */
    if (at == run->words.len)
        return run->end;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (run->pieces.at[middle].at <= at)
            from = middle + 1;
        else
            to = middle;
    }
    if (!from)
        return SIZE_MAX;
    const struct piece *piece = &run->pieces.at[from - 1];
    return piece->plain || at == piece->at ? piece->counted + (at - piece->at) : SIZE_MAX;
}

static void run_found(void *context, struct span raw)
{
    struct run *run = context;
    struct editing *at = run->editing;
    struct span words = buf_span(&run->words);
    if (raw.at < words.at || raw.at + raw.len > words.at + words.len)
        return;
    const struct lock_row *row = row_find(at, &(struct link){.part = run->part, .raw = raw, .kind = LINK_TEXT}, BY_KIND);
    if (!row)
        return;
    size_t from = run_counted(run, (size_t)(raw.at - words.at)), to = run_counted(run, (size_t)(raw.at - words.at) + raw.len);
    if (from == SIZE_MAX || to == SIZE_MAX)
        return;
    struct buf address = {.arena = at->arena};
    size_t begin = place_raw(&run->place, from), end = place_raw(&run->place, to);
    html_escape(&address, row->lock->address);
    *vec_push(at->arena, run->out) = (struct patch){{run->part->text.at + begin, end - begin}, buf_span(&address)};
    run->met[lock_number(at, row->lock)] = true;
}

static void run_end(struct run *run, size_t counted)
{
    run->end = counted;
    if (run->words.len)
        text_scan(run->editing->arena, buf_span(&run->words), run_found, run);
    run->words.len = run->pieces.len = 0;
}

static bool holds_no_words(struct span name)
{
    static const char *const raw[] = {"title", "style", "script", "iframe", "noembed", "noframes"};
    for (size_t i = 0; i < sizeof raw / sizeof *raw; i++)
        if (span_eq(name, span_of(raw[i])))
            return true;
    return false;
}

static void words_lock(struct editing *at, const struct part *part, patches_t *out, bool *met)
{
    struct run run = {.editing = at, .part = part, .words = {.arena = at->arena}, .place = {.text = part->text}, .out = out, .met = met};
    struct page page;
    size_t raw;
    bool wordless = false;
    page_begin(at->arena, part->text, &page);
    for (;;) {
        const struct html_token *token = page_next(&page, &raw);
        if (token->kind == HTML_TEXT && !wordless) {
            bool plain = part->text.at[raw] != '&' && !span_find_byte(token->text, '\0');
            *vec_push(at->arena, &run.pieces) = (struct piece){run.words.len, token->offset, plain};
            buf_add(&run.words, token->text);
            continue;
        }
        run_end(&run, token->kind == HTML_FINISHED ? SIZE_MAX - 1 : token->offset);
        wordless = token->kind == HTML_START ? holds_no_words(token->text) : token->kind == HTML_TEXT && wordless;
        if (token->kind == HTML_FINISHED)
            return;
    }
}

/* ---- plain text */
struct texts {
    struct editing *editing;
    const struct part *part;
    patches_t *out;
    bool *met;
    size_t budget; /* bytes that may still be gone through for addresses that are broken over lines: strangers choose how many there are */
};

static void text_found(void *context, struct span raw)
{
    struct texts *texts = context;
    struct editing *at = texts->editing;
    struct span text = texts->part->text;
    if (raw.at < text.at || raw.at + raw.len > text.at + text.len)
        return; /* put together over line ends: text_broken looks for it */
    const struct lock_row *row = row_find(at, &(struct link){.part = texts->part, .raw = raw}, BY_ADDRESS);
    if (!row)
        return;
    *vec_push(at->arena, texts->out) = (struct patch){raw, row->lock->address};
    texts->met[lock_number(at, row->lock)] = true;
}

/* Behind a line's end in an address: the blank of a flowed text before it, quoting marks and blanks behind it. */
static const char *break_skip(const char *at, const char *end)
{
    const char *p = at;
    while (p < end && (*p == ' ' || *p == '\t'))
        p++;
    p += p < end && *p == '\r';
    if (p == end || *p != '\n')
        return at;
    for (p++; p < end && (*p == '>' || *p == ' ' || *p == '\t');)
        p++;
    return p;
}

/* The bytes from `at` that spell `raw` over line ends; empty: they do not. */
static struct span spelt_at(const char *at, const char *end, struct span raw)
{
    const char *p = at;
    for (size_t i = 0; i < raw.len; i++) {
        if (i)
            p = break_skip(p, end);
        if (p == end || *p != raw.at[i])
            return (struct span){at, 0};
        p++;
    }
    return span_from(at, p);
}

static bool is_address_letter(char c)
{
    return ascii_is_alpha(c) || ascii_is_digit(c) || (c && strchr("-_~/?#&=%+$@!*:", c));
}

static void text_broken(struct texts *texts, const struct lock *lock)
{
    struct editing *at = texts->editing;
    struct span text = texts->part->text, raw = link_of(at, lock)->raw;
    const char *end = text.at + text.len;
    size_t whole = texts->budget < text.len ? texts->budget : text.len;
    texts->budget -= whole; /* for looking where it might begin */
    for (const char *p = text.at; raw.len && whole == text.len && p < end && (p = memchr(p, raw.at[0], (size_t)(end - p))); p++) {
        struct span spelt = p > text.at && (ascii_is_alpha(p[-1]) || ascii_is_digit(p[-1])) ? (struct span){p, 0} : spelt_at(p, end, raw);
        const char *behind = spelt.at + spelt.len;
        size_t cost = raw.len + 16;
        if (texts->budget < cost)
            return;
        texts->budget -= cost;
        if (!spelt.len || (behind < end && is_address_letter(*behind)))
            continue;
        *vec_push(at->arena, texts->out) = (struct patch){spelt, lock->address};
        texts->met[lock_number(at, lock)] = true;
        p = behind - 1;
    }
}

enum { BROKEN_BYTES_MOST = 16 << 20 };

static void text_lock(struct editing *at, const struct part *part, patches_t *out, bool *met)
{
    struct texts texts = {at, part, out, met, BROKEN_BYTES_MOST};
    text_scan(at->arena, part->text, text_found, &texts);
    vec_each(row, &at->locks)
        if (row->link->part == part && !met[lock_number(at, row->lock)])
            text_broken(&texts, row->lock);
}

void locks_plan(struct editing *at, const struct part *part, patches_t *out, bool *met)
{
    if (!part->html) {
        text_lock(at, part, out, met);
        return;
    }
    tags_lock(at, part, out, met);
    words_lock(at, part, out, met);
}

void locks_check(struct editing *at, const struct part *part, const struct html_view *view, bool *met)
{
    vec_each(link, &view->links) {
        const struct lock *lock = lock_for(at, part, link);
        if (lock)
            met[lock_number(at, lock)] = false;
    }
}
