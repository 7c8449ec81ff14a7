/* digest: what is held for a recipient as a mail to him. */
#include "action/digest.h"
#include "action/edit_inner.h"
#include "action/inner.h"

enum digest_text {
#define TEXT(id, en, ja) id,
#include "action/digest.def"
#undef TEXT
    DIGEST_TEXT_COUNT
};
static const char *const texts[DIGEST_TEXT_COUNT][2] = {
#define TEXT(id, en, ja) [id] = {en, ja},
#include "action/digest.def"
#undef TEXT
};
enum { WORD_MOST = 300 };

struct telling {
    const struct digest *digest;
    struct arena *arena;
    struct buf *out;
    enum language language;
};

/* %s become these; control characters of strangers become blanks. */
static struct span filled(const struct telling *telling, enum digest_text id, struct span first, struct span second)
{
    struct buf line = {.arena = telling->arena};
    struct span words[] = {first, second};
    size_t word = 0;
    for (const char *at = texts[id][telling->language == LANGUAGE_JA]; *at; at++)
        if (at[0] == '%' && at[1] == 's') {
            buf_add(&line, span_first(words[word++ % 2], WORD_MOST));
            at++;
        } else {
            buf_byte(&line, *at);
        }
    for (size_t i = 0; i < line.len; i++)
        line.at[i] = (unsigned char)line.at[i] < ' ' || line.at[i] == 127 ? ' ' : line.at[i];
    return buf_span(&line);
}

static void tell(const struct telling *telling, enum digest_text id, struct span first, struct span second)
{
    mail_line_write(filled(telling, id, first, second), telling->out);
}

static struct span time_of(struct arena *arena, int64_t time)
{
    struct buf out = {.arena = arena};
    time_print(&out, time);
    return buf_span(&out);
}

static void item_tell(const struct telling *telling, const struct digest_item *item)
{
    static const enum digest_text verdicts[] = {[VERDICT_CLEAN] = DIGEST_CLEAN, [VERDICT_SUSPICIOUS] = DIGEST_SUSPICIOUS, [VERDICT_MALICIOUS] = DIGEST_MALICIOUS};
    struct span none = {0};
    if (item->from.len)
        tell(telling, DIGEST_FROM, words_harmless(telling->arena, item->from), none);
    if (item->subject.len)
        tell(telling, DIGEST_ABOUT, words_harmless(telling->arena, item->subject), none);
    tell(telling, DIGEST_ARRIVED, time_of(telling->arena, item->at), none);
    tell(telling, DIGEST_UNTIL, time_of(telling->arena, item->until), none);
    tell(telling, item->judged ? verdicts[item->verdict] : DIGEST_UNJUDGED, none, none);
    if (item->link.len) {
        tell(telling, telling->digest->releases ? DIGEST_RELEASE : DIGEST_ASK, none, none);
        mail_line_write(item->link, telling->out);
    }
    mail_line_write(none, telling->out);
}

static void body_write(const struct telling *telling)
{
    const struct digest *digest = telling->digest;
    struct span none = {0};
    tell(telling, DIGEST_HEAD, digest->organisation, digest->recipient);
    mail_line_write(none, telling->out);
    vec_each(item, &digest->items)
        item_tell(telling, item);
    if (digest->more)
        tell(telling, DIGEST_MORE, arena_print(telling->arena, "%zu", digest->more), none);
    tell(telling, DIGEST_CARE, none, none);
    tell(telling, DIGEST_YOURS, none, none);
}

void digest_mail_write(struct arena *arena, const struct digest *digest, struct buf *out)
{
    struct telling telling = {digest, arena, out, digest->en ? LANGUAGE_EN : LANGUAGE_JA};
    const char *sign = span_find_byte(digest->sender, '@');
    struct span domain = sign ? span_from(sign + 1, digest->sender.at + digest->sender.len) : S("localhost");
    mail_date_write(digest->now, out);
    buf_print(out, "From: Sekimori <%.*s>\r\nTo: <%.*s>\r\nMessage-ID: <%.*s@%.*s>\r\n", SPAN_FMT(digest->sender), SPAN_FMT(digest->recipient),
              SPAN_FMT(digest->id), SPAN_FMT(domain));
    mail_subject_write(filled(&telling, DIGEST_SUBJECT, arena_print(arena, "%zu", digest->items.len + digest->more), (struct span){0}), out);
    buf_add(out, S("Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"));
    body_write(&telling);
    if (!digest->en || !digest->ja)
        return;
    mail_line_write(S(""), out);
    mail_line_write(S("--------"), out);
    mail_line_write(S(""), out);
    telling.language = LANGUAGE_JA;
    body_write(&telling);
}
