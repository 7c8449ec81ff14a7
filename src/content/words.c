#include "content/words_inner.h"

#include "message/html.h"

enum {
    TEXT_SHORT = 1000,   /* bytes of a name, subject, link text or file name */
    HITS_MOST = 200,     /* in one text */
    LINK_TEXTS_MOST = 200,
    FILE_TEXTS_MOST = 20,
    BESIDE_MOST = 32 << 10 /* bytes of names, links and files: a long letter takes nothing from them */
};

/* One reading of the words; `seen`: the phrases counted, each once. */
struct wording {
    struct arena *arena;
    const struct tables *tables;
    const struct message *message;
    struct content_words *out;
    VEC(const struct phrase *) seen;
    struct {
        struct span language;
        unsigned count;
    } languages[12];
    size_t folded_left; /* bytes that may still be folded */
};

static bool is_new(struct wording *w, const struct phrase *phrase)
{
    vec_each (seen, &w->seen)
        if (*seen == phrase)
            return false;
    *vec_push(w->arena, &w->seen) = phrase;
    return true;
}

static void language_count(struct wording *w, struct span language)
{
    for (size_t i = 0; i < sizeof w->languages / sizeof *w->languages; i++) {
        if (w->languages[i].count && !span_eq(w->languages[i].language, language))
            continue;
        w->languages[i].language = language;
        w->languages[i].count++;
        return;
    }
}

/* Phrases that are no strong ones say it together: two, one of them where readers look first; deep in a long letter four. */
static bool says_together(const struct lure_fact *lure)
{
    const unsigned first = PLACE_NAME | PLACE_SUBJECT | PLACE_TOP | PLACE_LINK | PLACE_IMAGE | PLACE_TITLE | PLACE_FILE_NAME | PLACE_FORWARDED_SUBJECT;
    return lure->count >= (lure->places & first ? 2 : 4);
}

/* Newsletters head their letters with such words; in these a subject alone says nothing. */
static bool needs_company(unsigned lure)
{
    return lure == LURE_EXTORTION || lure == LURE_LOAN || lure == LURE_JOB || lure == LURE_SECRET || lure == LURE_WALLET;
}

/* `overlaps`: it says again what a phrase before it has said. */
static void lure_count(struct wording *w, const struct phrase_hit *hit, enum text_place place, bool overlaps)
{
    const struct phrase *phrase = hit->phrase;
    struct lure_fact *lure = &w->out->lures[phrase->of];
    if (!lure->count) {
        lure->phrase = phrase->text;
        lure->language = phrase->language;
    }
    if (is_new(w, phrase) && (!overlaps || !lure->count)) {
        lure->count++;
        language_count(w, phrase->language);
    }
    lure->places |= place;
    lure->disguised |= hit->disguised;
    lure->strong |= phrase->strong || says_together(lure) || (place == PLACE_SUBJECT && !needs_company(phrase->of));
}

/* Of phrases of one lure that overlap ("delivery", "delivery fee") the first counts, and any that says it all. */
static void lures_count(struct wording *w, const phrase_hits_t *hits, enum text_place place)
{
    size_t ends[LURE_COUNT] = {0};
    vec_each (hit, hits) {
        size_t *end = &ends[hit->phrase->kind == PHRASE_LURE ? hit->phrase->of : 0];
        bool overlaps = !hit->disguised && hit->at < *end;
        if (hit->phrase->kind != PHRASE_LURE || (overlaps && !hit->phrase->strong))
            continue;
        lure_count(w, hit, place, overlaps);
        *end = hit->disguised || hit->at + hit->len < *end ? *end : hit->at + hit->len;
    }
}

/* Folds a text, finds the phrases; `counted`: it is the author's own word. */
static const struct shown_text *text_add(struct wording *w, enum text_place place, struct span raw, size_t most, const struct link_fact *link, bool counted)
{
    raw = span_first(raw, most < w->folded_left ? most : w->folded_left);
    if (!raw.len)
        return NULL;
    struct shown_text *text = vec_push(w->arena, &w->out->texts);
    *text = (struct shown_text){.place = place, .raw = raw, .link = link};
    w->folded_left -= raw.len;
    text_fold(w->arena, raw, raw.len, &text->folded);
    phrases_find(w->arena, w->tables, &text->folded, HITS_MOST, &text->hits);
    if (counted)
        lures_count(w, &text->hits, place);
    return text;
}

/* Phrases that an address or a number parts, where readers look first. */
static void across_names(struct wording *w, const struct shown_text *text)
{
    enum { READ_MOST = 700 };
    struct span raw = text ? text_without_names(w->arena, span_first(text->raw, READ_MOST)) : (struct span){0};
    struct folded folded;
    phrase_hits_t hits;
    if (!raw.len)
        return;
    text_fold(w->arena, raw, raw.len, &folded);
    phrases_find(w->arena, w->tables, &folded, HITS_MOST, &hits);
    lures_count(w, &hits, text->place);
}

static void disguises_add(struct wording *w, const struct shown_text *text)
{
    if (!text || !text->folded.disguises)
        return;
    w->out->disguises |= text->folded.disguises;
    if (!w->out->disguise_example.len)
        w->out->disguise_example = text->folded.example;
}


static void body_read(struct wording *w, const struct body_text *body)
{
    struct span raw = body->raw;
    const struct shown_text *top = text_add(w, PLACE_TOP, span_first(raw, body->top), raw.len, NULL, true);
    across_names(w, top);
    disguises_add(w, top);
    w->out->letters += top ? top->folded.letters : 0;
    const struct shown_text *rest = text_add(w, PLACE_TEXT, (struct span){raw.at + body->top, body->quote - body->top}, raw.len, NULL, true);
    disguises_add(w, rest);
    w->out->letters += rest ? rest->folded.letters : 0;
    /* Below an answer stands what another wrote. A letter that is sent on with next to nothing above is read whole. */
    bool has_own = w->out->letters >= OWN_LETTERS_LEAST && !w->out->forwarded.bare;
    const struct shown_text *quoted = text_add(w, PLACE_TEXT, span_skip(raw, body->quote), raw.len, NULL, !has_own);
    w->out->letters += quoted ? quoted->folded.letters : 0;
    w->out->quoted |= quoted && has_own;
}

static void links_read(struct wording *w, const struct content_links *links)
{
    size_t read = 0;
    struct span last = {0};
    vec_each (link, &links->list) {
        const struct link *of = link->link;
        if (!of || !of->text.len || of->hidden || span_eq(of->text, last))
            continue;
        if (read++ == LINK_TEXTS_MOST)
            return;
        last = of->text;
        bool image = of->kind == LINK_IMAGE || link->traits & TRAIT_IMAGE_ONLY;
        text_add(w, image ? PLACE_IMAGE : PLACE_LINK, of->text, TEXT_SHORT, link, true);
    }
}

static void files_read(struct wording *w, const struct content_files *files)
{
    size_t read = 0;
    vec_each (file, &files->list) {
        if (read++ == FILE_TEXTS_MOST)
            return;
        if (!file->shown)
            text_add(w, PLACE_FILE_NAME, file->name, TEXT_SHORT, NULL, true);
        text_add(w, PLACE_FILE_TEXT, file->text, FILE_TEXT_MOST, NULL, true);
    }
}

static struct span title_of(const struct message *message)
{
    vec_each (leaf, &message->leaves)
        if ((*leaf)->kind == PART_HTML && (*leaf)->html && !(*leaf)->attachment && (*leaf)->html->title.len)
            return (*leaf)->html->title;
    return (struct span){0};
}

static void language_choose(struct wording *w)
{
    unsigned most = 0;
    for (size_t i = 0; i < sizeof w->languages / sizeof *w->languages; i++)
        if (w->languages[i].count > most) {
            most = w->languages[i].count;
            w->out->language = w->languages[i].language;
        }
}

/* A letter that warns of fraud names the phrases of fraud. One phrase alone is then nothing that the letter asks itself. */
static void warning_heed(struct content_words *out)
{
    const struct lure_fact *warns = &out->lures[LURE_WARNS];
    if (!warns->strong || !(warns->count > 1 || warns->places & (PLACE_SUBJECT | PLACE_TITLE)))
        return;
    for (int id = 0; id < LURE_COUNT; id++)
        if (id != LURE_WARNS && id != LURE_FOOTER && id != LURE_REQUESTED && out->lures[id].count < 2 && !(out->lures[id].places & PLACE_SUBJECT))
            out->lures[id].strong = false;
}

static bool has_signature(const struct message *message)
{
    const struct part *root = message->root;
    if (!root)
        return false;
    if (root->kind == PART_MULTIPART && (span_eq(root->subtype, S("signed")) || span_eq(root->subtype, S("encrypted"))))
        return true;
    return span_eq(root->type, S("application")) && (span_eq(root->subtype, S("pkcs7-mime")) || span_eq(root->subtype, S("x-pkcs7-mime")));
}

/* A recipient's name or local part among the first words: "Dear Anna". */
static bool is_named(struct wording *w, struct span name, struct span top)
{
    struct folded folded;
    struct span rest, word;
    text_fold(w->arena, name, 100, &folded);
    rest = folded.text;
    while (span_word(&rest, &word)) {
        if (word.len < 3 || !span_find(top, word))
            continue;
        const char *at = span_find(top, word), *end = at + word.len;
        if ((at == top.at || (unsigned char)at[-1] <= ' ') && (end == top.at + top.len || (unsigned char)*end <= ' ' || (unsigned char)*end >= 0x80))
            return true;
    }
    return false;
}

static bool recipient_is_named(struct wording *w, const struct arrival *arrival)
{
    struct span top = {0};
    vec_each (text, &w->out->texts)
        if (text->place == PLACE_TOP && !top.len)
            top = span_first(text->folded.text, 200);
    for (size_t i = 0; i < w->message->to.len && i < 5; i++)
        if (is_named(w, w->message->to.at[i].name, top) || is_named(w, w->message->to.at[i].local, top))
            return true;
    for (size_t i = 0; i < arrival->rcpt_to.len && i < 5; i++) {
        struct span rest = arrival->rcpt_to.at[i].address, local;
        if (span_cut(&rest, '@', &local) && is_named(w, local, top))
            return true;
    }
    return false;
}

static bool is_answer(const struct message *message)
{
    return message_field(message, FIELD_IN_REPLY_TO, 0) || message_field(message, FIELD_REFERENCES, 0);
}

/* What is read off the letters as they stand: numbers, addresses, templates, code. */
static void marks_of_all(struct wording *w, const struct arrival *arrival, const struct content_links *links, const body_texts_t *bodies)
{
    enum { TEMPLATE_WITHIN = 600, ACCENTS_WITHIN = 2000 };
    struct content_words *out = w->out;
    const struct message *message = w->message;
    struct marks_view view = {.arena = w->arena, .tables = w->tables, .message = message, .arrival = arrival, .out = out};
    struct span name = message->from.len ? message->from.at[0].name : (struct span){0};
    marks_read(&view, span_first(message->subject, TEXT_SHORT));
    accents_read(&view, name);
    accents_read(&view, span_first(message->subject, TEXT_SHORT));
    slots_of_header_read(&view);
    slots_of_links_read(&view, links);
    vec_each (body, bodies) {
        struct span own = span_first(body->raw, body->quote ? body->quote : body->raw.len);
        marks_read(&view, own);
        accents_read(&view, span_first(own, ACCENTS_WITHIN));
        slots_read(&view, own);
        out->code_or_diff |= text_is_code(body->raw);
        out->postal_address |= text_ends_in_address(own);
        out->template_empty |= !out->code_or_diff && text_has_template(span_first(own, TEMPLATE_WITHIN));
    }
    out->template_empty |= text_has_template(message->subject) || text_has_template(name);
    out->address_in_subject = span_find_byte(message->subject, '@') && span_find_byte(message->subject, '.');
    out->code_in_subject = subject_has_code(span_first(message->subject, TEXT_SHORT));
    out->reply_faked = subject_is_reply(message->subject) && !is_answer(message) && !out->quoted && !out->forwarded.bare;
    out->quoted &= !out->forwarded.bare && (is_answer(message) || subject_is_reply(message->subject));
    out->recipient_named = recipient_is_named(w, arrival);
    out->pgp_or_smime = has_signature(message);
}

void content_words_read(struct arena *arena, const struct tables *tables, const struct arrival *arrival, const struct message *message,
                        const struct content_links *links, const struct content_files *files, struct content_words *out)
{
    *out = (struct content_words){0};
    struct wording w = {.arena = arena, .tables = tables, .message = message, .out = out, .folded_left = TEXT_BYTES_MOST + BESIDE_MOST};
    body_texts_t bodies;
    out->cut = bodies_choose(arena, message, &bodies);
    if (message->from.len)
        disguises_add(&w, text_add(&w, PLACE_NAME, message->from.at[0].name, TEXT_SHORT, NULL, true));
    const struct shown_text *subject = text_add(&w, PLACE_SUBJECT, message->subject, TEXT_SHORT, NULL, true);
    across_names(&w, subject);
    disguises_add(&w, subject);
    text_add(&w, PLACE_TITLE, title_of(message), TEXT_SHORT, NULL, true);
    forwarded_open(arena, arrival, message, &bodies, &out->forwarded);
    if (out->forwarded.bare) {
        text_add(&w, PLACE_FORWARDED_NAME, out->forwarded.from.name, TEXT_SHORT, NULL, true);
        text_add(&w, PLACE_FORWARDED_SUBJECT, out->forwarded.subject, TEXT_SHORT, NULL, true);
    }
    vec_each (body, &bodies)
        body_read(&w, body);
    links_read(&w, links);
    files_read(&w, files);
    out->telephone = links->telephone > 0;
    marks_of_all(&w, arrival, links, &bodies);
    language_choose(&w);
    warning_heed(out);
}
