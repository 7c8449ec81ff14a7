#include "content/words_inner.h"

#include "message/html.h"

/* ---- which parts a person reads */
static bool is_inside(const struct part *part, const struct part *of)
{
    for (; part; part = part->parent)
        if (part == of)
            return true;
    return false;
}

static bool is_attached_message(const struct part *part)
{
    for (part = part->parent; part; part = part->parent)
        if (part->kind == PART_MESSAGE && part->parent)
            return true;
    return false;
}

static bool is_shown(const struct part *part, bool attached)
{
    bool text = part->kind == PART_TEXT || (part->kind == PART_HTML && part->html);
    return text && !part->reading && !part->attachment && (attached || !is_attached_message(part));
}

static struct span text_of(const struct part *part)
{
    return part->kind == PART_HTML ? part->html->visible : part->text;
}

/* A plain alternative is not read where the HTML beside it has words. */
static bool has_richer(const struct message *message, const struct part *part)
{
    const struct part *alternative = part->parent;
    while (alternative && !(alternative->kind == PART_MULTIPART && span_eq(alternative->subtype, S("alternative"))))
        alternative = alternative->parent;
    if (part->kind == PART_HTML || !alternative)
        return false;
    vec_each (leaf, &message->leaves)
        if ((*leaf)->kind == PART_HTML && (*leaf)->html && !(*leaf)->attachment && (*leaf)->html->visible.len && is_inside(*leaf, alternative))
            return true;
    return false;
}

/* Where the first `*letters` letters end, at the next blank; those found are taken off. */
static size_t letters_end(struct span text, size_t *letters)
{
    enum { WORD_MOST = 60, STEP = 128 };
    size_t at = 0, word = 0, left = *letters;
    for (; left > STEP && at + STEP <= text.len; at += STEP)
        left -= span_letters((struct span){text.at + at, STEP});
    for (; at < text.len && left; at++)
        left -= ((text.at[at] & 0xc0) != 0x80) & ((unsigned char)text.at[at] > ' ');
    *letters = left;
    while (at && at < text.len && word++ < WORD_MOST && !ascii_is_space(text.at[at]))
        at++;
    while (at && at < text.len && (text.at[at] & 0xc0) == 0x80)
        at++;
    return at;
}

static void body_add(struct arena *arena, struct span text, bool html, size_t *letters, body_texts_t *out)
{
    if (!text.len)
        return;
    size_t top = letters_end(text, letters), quote = quote_begin(text, html);
    *vec_push(arena, out) = (struct body_text){text, top < quote ? top : quote, quote, html};
}

/* What is left of the last text; it does not begin within a letter. */
static bool end_add(struct arena *arena, struct span rest, bool html, size_t *letters, body_texts_t *out)
{
    bool cut = rest.len > TEXT_END_BYTES;
    struct span end = cut ? span_skip(rest, rest.len - TEXT_END_BYTES) : rest;
    while (end.len && ((unsigned char)end.at[0] & 0xc0) == 0x80)
        end = span_skip(end, 1);
    body_add(arena, end, html, letters, out);
    return cut;
}

/* All that is shown one below the other, however many parts it comes in, within the bytes. */
static bool bodies_take(struct arena *arena, const struct message *message, bool attached, body_texts_t *out)
{
    enum { LEAVES_MOST = 200 };
    size_t left = TEXT_BYTES_MOST - TEXT_END_BYTES, letters = TOP_LETTERS, seen = 0;
    struct span rest = {0};
    bool html = false, cut = false;
    vec_each (leaf, &message->leaves) {
        if (seen++ == LEAVES_MOST) {
            cut = true;
            break;
        }
        if (!is_shown(*leaf, attached) || has_richer(message, *leaf))
            continue;
        struct span text = span_trim(text_of(*leaf)), head = span_first(text, left);
        bool page = (*leaf)->kind == PART_HTML;
        body_add(arena, head, page, &letters, out);
        left -= head.len;
        if (head.len == text.len)
            continue;
        cut |= rest.len > 0;
        rest = span_skip(text, head.len);
        html = page;
    }
    return end_add(arena, rest, html, &letters, out) || cut;
}

bool bodies_choose(struct arena *arena, const struct message *message, body_texts_t *out)
{
    *out = (body_texts_t){0};
    bool cut = bodies_take(arena, message, false, out);
    return out->len ? cut : bodies_take(arena, message, true, out); /* nothing but a letter sent on */
}

void body_cut(struct body_text *body, size_t at, bool html)
{
    size_t letters = TOP_LETTERS;
    body->raw = span_trim(span_skip(body->raw, at));
    body->html = html;
    body->quote = quote_begin(body->raw, html);
    body->top = letters_end(body->raw, &letters);
    body->top = body->top < body->quote ? body->top : body->quote;
}

/* ---- where a quoted letter begins */
static bool line_has_any(struct span line, const struct span *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (span_find_case(line, words[i]))
            return true;
    return false;
}
#define LINE_HAS(line, ...) line_has_any((line), (const struct span[]){__VA_ARGS__}, sizeof((const struct span[]){__VA_ARGS__}) / sizeof(struct span))

/* "On Monday, Anna wrote:", in the languages of the lists; mail programs break it over two lines. */
static bool is_wrote(struct span line)
{
    static const struct span verbs[] = {{"wrote:", 6}, {"schrieb:", 8}, {"schrieb", 7}, {"a écrit :", 10}, {"a écrit:", 9}, {"escribió:", 10},
                                        {"escreveu:", 9}, {"ha scritto:", 11}, {"schreef:", 8}, {">:", 2}, {"のメッセージ:", 19}, {"wrote ---", 9}};
    const char last = line.len ? line.at[line.len - 1] : 0;
    if (!last || !strchr(":b-", last)) /* most lines */
        return false;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (span_ends_case(line, verbs[i]))
            return true;
    return false;
}

static bool begins_wrote(struct span line)
{
    static const struct span heads[] = {{"On ", 3}, {"Am ", 3}, {"Le ", 3}, {"El ", 3}, {"Em ", 3}, {"Il ", 3}, {"Op ", 3}};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        if (span_starts(line, heads[i]))
            return true;
    return line.len > 4 && ascii_is_digit(line.at[0]) && span_find(line, S("@")); /* 2026年1月5日(月) 10:00 Anna <anna@...>: */
}

/* "Begin forwarded message:" */
static bool is_announced(struct span line)
{
    static const struct span words[] = {{"Begin forwarded message:", 24}, {"Anfang der weitergeleiteten", 27}, {"Début du message", 17}, {"Inicio del mensaje", 18},
                                        {"Início da mensagem", 19}, {"Inizio messaggio", 16}, {"Begin doorgestuurd", 18}, {"転送されたメッセージ", 30}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (span_starts(line, words[i]))
            return true;
    return false;
}

static bool is_ruled(struct span line)
{
    return (span_starts(line, S("--")) || span_starts(line, S("=="))) &&
           LINE_HAS(line, S("original message"), S("forwarded message"), S("ursprüngliche nachricht"), S("weitergeleitete nachricht"), S("message d'origine"),
                    S("message original"), S("mensaje original"), S("mensagem original"), S("messaggio originale"), S("oorspronkelijk bericht"),
                    S("元のメッセージ"), S("転送メッセージ"), S("転送されたメッセージ"), S("original appointment"), S("message transféré"),
                    S("mensagem encaminhada"), S("mensaje reenviado"), S("messaggio inoltrato"), S("doorgestuurd bericht"), S("original-nachricht"), S("mensagem reencaminhada"));
}

/* Bold letters of a page as mail programs write them in plain text: *From:* Anna */
static struct span without_stars(struct span line)
{
    return line.len && line.at[0] == '*' ? span_skip(line, 1) : line;
}

static bool is_head_begun(struct span line, struct span next)
{
    struct span value;
    if (!line.len || !strchr("FVD\xe5", line.at[0]) || head_line_read(line, &value) != HEAD_FROM) /* most lines */
        return false;
    enum head_kind kind = head_line_read(next, &value);
    return kind != HEAD_NONE && kind != HEAD_FROM && kind != HEAD_OTHER;
}

/* A quoted letter has the mark before most of its lines; one line with it is a trick or a sign of something else. */
static bool is_marked_on(struct span rest)
{
    struct span line;
    size_t marked = 0, others = 0;
    while (span_cut(&rest, '\n', &line)) {
        line = span_trim(line);
        marked += line.len && line.at[0] == '>';
        others += line.len && line.at[0] != '>';
    }
    return marked >= others;
}

size_t quote_begin(struct span text, bool html)
{
    struct span rest = text, line, before = {0};
    size_t before_at = 0;
    bool marks = !html; /* a page shows what it quotes otherwise */
    while (span_cut(&rest, '\n', &line)) {
        size_t at = (size_t)(line.at - text.at);
        line = without_stars(span_trim(line));
        if (!line.len)
            continue;
        if (marks && line.at[0] == '>') {
            marks = is_marked_on(span_skip(text, at));
            if (marks)
                return at;
        }
        if (is_ruled(line) || is_announced(line))
            return at;
        if (is_wrote(line) && begins_wrote(line))
            return at;
        if ((is_wrote(line) && begins_wrote(before)) || is_head_begun(before, line))
            return before_at;
        before = line;
        before_at = at;
    }
    return text.len;
}

/* ---- what stands between the words of a phrase: "your password for anna@a.example will expire", "your parcel 123456 waits" */
enum { NAMES_AROUND = 80 }; /* bytes on either side: the longest phrases have fewer */

static bool is_between(struct span word, bool *address)
{
    enum { FIGURES_LEAST = 4 };
    const char *at = span_find_byte(word, '@');
    size_t figures = 0, letters = 0;
    *address = at && at > word.at && span_find_byte(span_from(at, word.at + word.len), '.');
    for (size_t i = 0; i < word.len && !*address; i++) {
        figures += ascii_is_digit(word.at[i]);
        letters += ascii_is_alpha(word.at[i]);
    }
    bool year = word.len == FIGURES_LEAST && (span_starts(word, S("19")) || span_starts(word, S("20")));
    return *address || (figures >= FIGURES_LEAST && figures > letters && !year);
}

/* With an address go up to two short words before it: for, of the, para, für, de la. */
static void short_words_drop(struct buf *out)
{
    enum { SHORT_MOST = 4, WORDS = 2 };
    for (unsigned words = 0; words < WORDS; words++) {
        size_t end = out->len;
        while (end && ascii_is_space(out->at[end - 1]))
            end--;
        size_t from = end;
        while (from && !ascii_is_space(out->at[from - 1]) && end - from <= SHORT_MOST)
            from--;
        if (end - from > SHORT_MOST || end == from)
            return;
        out->len = from;
    }
}

/* The next word that holds a figure or an @; false: there is none. */
static bool candidate_next(struct span text, size_t *at, struct span *word)
{
    static const bool marks[256] = {['@'] = true, ['0' ... '9'] = true};
    size_t from = *at, to;
    while (from < text.len && !marks[(unsigned char)text.at[from]])
        from++;
    for (to = from; to < text.len && !ascii_is_space(text.at[to]); to++)
        ;
    while (from > *at && !ascii_is_space(text.at[from - 1]))
        from--;
    *word = span_from(text.at + from, text.at + to);
    *at = to;
    return to > from;
}

/* So far before `at` that the longest phrases have room, from the end of a word on; from `least` where there are no blanks. */
static size_t around_from(struct span text, size_t at, size_t least)
{
    size_t from = at > least + NAMES_AROUND ? at - NAMES_AROUND : least;
    while (from > least && from < at && !ascii_is_space(text.at[from]))
        from++;
    return from < at ? from : least;
}

/* The same behind it. */
static size_t around_to(struct span text, size_t at)
{
    size_t to = at + NAMES_AROUND;
    while (to < text.len && to > at && !ascii_is_space(text.at[to]))
        to--;
    return to < text.len && to > at ? to : text.len;
}

struct span text_without_names(struct arena *arena, struct span text)
{
    struct buf out = {.arena = arena};
    struct span word;
    size_t at = 0, done = 0, until = 0; /* copied up to `done`; what stands around the last name ends at `until` */
    bool address;
    while (candidate_next(text, &at, &word)) {
        if (!is_between(word, &address))
            continue;
        size_t begin = (size_t)(word.at - text.at), from = around_from(text, begin, done);
        if (from > until) {
            buf_add(&out, span_from(text.at + done, text.at + until));
            buf_byte(&out, '\n');
            done = from;
        }
        buf_add(&out, span_from(text.at + done, word.at));
        if (address)
            short_words_drop(&out);
        buf_byte(&out, ' ');
        done = at;
        until = around_to(text, at);
    }
    buf_add(&out, span_from(text.at + done, text.at + until));
    return buf_span(&out);
}
