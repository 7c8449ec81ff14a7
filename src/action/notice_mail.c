/* notice_mail: a notice as a mail: plain text, all of it ASCII on the wire (RFC 5322, 2045, 2047), lines of CR LF. */
#include "action/inner.h"

#include <stdio.h>

/* ---- quoted-printable: what is plain stays readable, an id in one piece too */
static bool is_plain(struct span line, size_t i)
{
    unsigned char c = (unsigned char)line.at[i];
    bool last = i + 1 == line.len;
    return (c > ' ' && c < 127 && c != '=') || (c == ' ' && !last);
}

void mail_line_write(struct span line, struct buf *out)
{
    enum { COLUMNS = 75 };
    size_t column = 0;
    for (size_t i = 0; i < line.len; i++) {
        size_t width = is_plain(line, i) ? 1 : 3;
        if (column + width > COLUMNS) {
            buf_add(out, S("=\r\n"));
            column = 0;
        }
        if (width == 1)
            buf_byte(out, line.at[i]);
        else
            buf_print(out, "=%02X", (unsigned char)line.at[i]);
        column += width;
    }
    buf_add(out, S("\r\n"));
}

/* ---- the subject, in encoded words where it is not ASCII */
static void encoded_word(struct span text, struct buf *out)
{
    buf_add(out, S("=?UTF-8?Q?"));
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (ascii_is_alpha((char)c) || ascii_is_digit((char)c))
            buf_byte(out, (char)c);
        else
            buf_print(out, "=%02X", c);
    }
    buf_add(out, S("?="));
}

void mail_subject_write(struct span text, struct buf *out)
{
    enum { WORD_BYTES = 20 };
    buf_add(out, S("Subject: "));
    if (span_is_ascii(text))
        buf_add(out, text);
    for (size_t at = 0, end; !span_is_ascii(text) && at < text.len; at = end) {
        end = at + WORD_BYTES < text.len ? at + WORD_BYTES : text.len;
        while (end < text.len && ((unsigned char)text.at[end] & 0xc0) == 0x80)
            end--; /* a character stays whole */
        buf_add(out, at ? S("\r\n ") : S(""));
        encoded_word(span_first(span_skip(text, at), end - at), out);
    }
    buf_add(out, S("\r\n"));
}

void mail_date_write(int64_t time, struct buf *out)
{
    static const char days[][4] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct buf iso = {.arena = out->arena};
    uint64_t month, day;
    if (time == TIME_UNKNOWN || time < 0)
        return; /* who passes it on may write one (RFC 6409 8.2) */
    time_print(&iso, time); /* 2026-01-31T12:00:00Z */
    struct span text = buf_span(&iso);
    if (text.len != 20 || !span_number(span_first(span_skip(text, 5), 2), 12, &month) || !month || !span_number(span_first(span_skip(text, 8), 2), 31, &day))
        return;
    buf_print(out, "Date: %s, %u %s %.4s %.8s +0000\r\n", days[time / 86400 % 7], (unsigned)day, months[month - 1], text.at, text.at + 11);
}

/* ---- the text */
struct telling {
    struct arena *arena;
    struct buf *out;
    enum language language;
};

/* Control characters of strangers become blanks. */
static void clean_line(const struct telling *telling, struct buf *line)
{
    for (size_t i = 0; i < line->len; i++)
        line->at[i] = (unsigned char)line->at[i] < ' ' || line->at[i] == 127 ? ' ' : line->at[i];
    mail_line_write(buf_span(line), telling->out);
}

/* A line of ours with words of anybody's in it. */
static void line_tell(const struct telling *telling, const char *lead, enum notice_text id, struct span first, struct span second)
{
    struct buf line = {.arena = telling->arena};
    struct span words[] = {first, second};
    size_t word = 0;
    buf_add(&line, span_of(lead));
    for (const char *at = notice_text(id, telling->language); *at; at++)
        if (at[0] != '%' || at[1] != 's')
            buf_byte(&line, *at);
        else {
            buf_add(&line, words[word++ % 2]);
            at++;
        }
    clean_line(telling, &line);
}

#define NO_WORD ((struct span){0})

static void text_line(const struct telling *telling, const char *lead, struct span text)
{
    struct buf line = {.arena = telling->arena};
    buf_print(&line, "%s%.*s", lead, SPAN_FMT(span_first(text, TOLD_MOST)));
    clean_line(telling, &line);
}

static void why_tell(const struct telling *telling, const struct report *report)
{
    size_t told = 0, more = 0;
    vec_each(evidence, &report->evidence)
        if (evidence->weight > 0 && told < EVIDENCE_TOLD) {
            if (!told++)
                line_tell(telling, "", NOTICE_WHY, NO_WORD, NO_WORD);
            text_line(telling, "- ", evidence_text(telling->arena, evidence, telling->language));
        } else {
            more += evidence->weight > 0;
        }
    if (more)
        line_tell(telling, "  ", NOTICE_MORE, arena_print(telling->arena, "%zu", more), NO_WORD);
    if (!told)
        line_tell(telling, "", NOTICE_NOTHING, NO_WORD, NO_WORD);
}

static void recipients_tell(const struct telling *telling, const struct arrival *arrival)
{
    for (size_t i = 0; i < arrival->rcpt_to.len && i < PEOPLE_TOLD; i++)
        line_tell(telling, "", NOTICE_MAIL_TO, span_first(arrival->rcpt_to.at[i].address, TOLD_MOST), NO_WORD);
}

static void people_tell(const struct telling *telling, const struct report *report)
{
    line_tell(telling, "", NOTICE_MAIL_SUBJECT, span_first(report->message->subject, TOLD_MOST), NO_WORD);
    if (report->message->from.len)
        line_tell(telling, "", NOTICE_MAIL_FROM, span_first(report->message->from.at[0].address, TOLD_MOST), NO_WORD);
    recipients_tell(telling, report->arrival);
}

static struct span verdict_word(enum verdict verdict, enum language language)
{
    static const enum notice_text words[] = {NOTICE_CLEAN, NOTICE_SUSPICIOUS, NOTICE_MALICIOUS};
    return span_of(notice_text(words[verdict], language));
}

static void arrival_tell(const struct telling *telling, const struct notices *notices, const struct arrival *arrival)
{
    struct buf arrived = {.arena = telling->arena};
    time_print(&arrived, arrival->received_at);
    mail_line_write(NO_WORD, telling->out);
    if (notices->name.len)
        line_tell(telling, "", NOTICE_ORGANISATION, notices->name, NO_WORD);
    line_tell(telling, "", NOTICE_DIRECTION, span_of(direction_name(arrival->direction)), NO_WORD);
    line_tell(telling, "", NOTICE_ARRIVED, buf_span(&arrived), NO_WORD);
}

static void explain_tell(const struct telling *telling, struct span id)
{
    mail_line_write(NO_WORD, telling->out);
    line_tell(telling, "", NOTICE_EXPLAIN, NO_WORD, NO_WORD);
    text_line(telling, "  sekimori explain ", id);
}

static struct span joined(struct arena *arena, const struct span *words, size_t count)
{
    struct buf out = {.arena = arena};
    for (size_t i = 0; i < count; i++)
        buf_print(&out, "%s%.*s", i ? ", " : "", SPAN_FMT(words[i]));
    return buf_span(&out);
}

static void wait_tell(const struct telling *telling, const struct notices *notices, const struct notice *notice, const struct report *report)
{
    struct notice_wait wait;
    struct buf until = {.arena = telling->arena};
    if (!notice_wait(telling->arena, notices, report, &wait))
        return;
    time_print(&until, wait.until);
    mail_line_write(NO_WORD, telling->out);
    line_tell(telling, "", NOTICE_WAITS, buf_span(&until), joined(telling->arena, wait.acts.at, wait.acts.len));
    if (wait.policies.len)
        line_tell(telling, "", NOTICE_WAITS_POLICIES, joined(telling->arena, wait.policies.at, wait.policies.len), NO_WORD);
    for (size_t i = 0; notice->addresses && i < wait.recipients.len; i++)
        line_tell(telling, "", NOTICE_WAITS_FOR, wait.recipients.at[i], NO_WORD);
    line_tell(telling, "", NOTICE_WAITS_AGREE, NO_WORD, NO_WORD);
    text_line(telling, "  sekimori held agree ", report->id);
    line_tell(telling, "", NOTICE_WAITS_RELEASE, NO_WORD, NO_WORD);
    text_line(telling, "  sekimori held release ", report->id);
    line_tell(telling, "", notices->confirm_agrees ? NOTICE_WAITS_THEN_AGREE : NOTICE_WAITS_THEN_RELEASE, NO_WORD, NO_WORD);
}

static void text_tell(const struct telling *telling, const struct notices *notices, const struct notice *notice, const struct report *report)
{
    line_tell(telling, "", NOTICE_VERDICT, verdict_word(report->verdict, telling->language), arena_print(telling->arena, "%.1f", report->score));
    arrival_tell(telling, notices, report->arrival);
    if (notice->addresses)
        people_tell(telling, report);
    wait_tell(telling, notices, notice, report);
    mail_line_write(NO_WORD, telling->out);
    why_tell(telling, report);
    explain_tell(telling, report->id);
}

static void unjudged_tell(const struct telling *telling, const struct notices *notices, const struct notice *notice, const struct unjudged *unjudged)
{
    line_tell(telling, "", unjudged->held ? NOTICE_UNJUDGED_HELD : NOTICE_UNJUDGED_PASSED, NO_WORD, NO_WORD);
    text_line(telling, "", span_of(unjudged_text(unjudged->why, telling->language)));
    arrival_tell(telling, notices, unjudged->arrival);
    if (notice->addresses && unjudged->arrival->mail_from.len)
        line_tell(telling, "", NOTICE_MAIL_FROM, span_first(unjudged->arrival->mail_from, TOLD_MOST), NO_WORD);
    if (notice->addresses)
        recipients_tell(telling, unjudged->arrival);
    explain_tell(telling, unjudged->id);
}

static void appeal_tell(const struct telling *telling, const struct notices *notices, const struct notice *notice, const struct appeal *appeal)
{
    struct buf asked = {.arena = telling->arena};
    time_print(&asked, appeal->asked);
    bool held = span_eq(appeal->kind, S("ask"));
    line_tell(telling, "", held ? NOTICE_ASKED : NOTICE_APPEAL, NO_WORD, NO_WORD);
    mail_line_write(NO_WORD, telling->out);
    if (notices->name.len)
        line_tell(telling, "", NOTICE_ORGANISATION, notices->name, NO_WORD);
    if (!held)
        line_tell(telling, "", NOTICE_APPEAL_HOST, span_first(appeal->host, TOLD_MOST), NO_WORD);
    line_tell(telling, "", NOTICE_APPEAL_ASKED, buf_span(&asked), NO_WORD);
    line_tell(telling, "", NOTICE_APPEAL_VERDICT, verdict_word(appeal->verdict, telling->language), NO_WORD);
    for (size_t i = 0; notice->addresses && i < appeal->count && i < PEOPLE_TOLD; i++)
        line_tell(telling, "", NOTICE_MAIL_TO, span_first(appeal->people[i], TOLD_MOST), NO_WORD);
    if (notice->addresses && appeal->note.len)
        line_tell(telling, "", NOTICE_APPEAL_NOTE, span_first(appeal->note, TOLD_MOST), NO_WORD);
    mail_line_write(NO_WORD, telling->out);
    line_tell(telling, "", NOTICE_APPEAL_ANSWER, NO_WORD, NO_WORD);
    text_line(telling, "  ", held ? S("sekimori held list --state asked") : S("sekimori appeals list"));
    explain_tell(telling, appeal->id);
}

static struct span domain_of(struct span address)
{
    const char *at = address.len ? memrchr(address.at, '@', address.len) : NULL;
    return at ? span_from(at + 1, address.at + address.len) : S("localhost");
}

/* word: what kind of mail it is about, in the subject. */
static void head_write(struct arena *arena, const struct notices *notices, const struct notice *notice, struct span id, struct span word, int64_t received_at,
                       struct buf *out)
{
    struct buf subject = {.arena = arena};
    const char *form = notice_text(NOTICE_SUBJECT, notices->language), *hole = strstr(form, "%s");
    buf_add(&subject, span_from(form, hole));
    buf_add(&subject, word);
    buf_add(&subject, span_of(hole + 2));
    buf_print(out, "From: Sekimori <%.*s>\r\nTo: <%.*s>\r\n", SPAN_FMT(notice->from), SPAN_FMT(notice->to));
    mail_subject_write(buf_span(&subject), out);
    mail_date_write(received_at, out);
    buf_print(out, "Message-ID: <%.*s.%.*s@%.*s>\r\n", SPAN_FMT(id), SPAN_FMT(notice->name), SPAN_FMT(domain_of(notice->from)));
    buf_add(out, S("Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                   "Content-Transfer-Encoding: quoted-printable\r\n\r\n"));
}

void notice_mail_write(struct arena *arena, const struct notices *notices, const struct notice *notice, const struct report *report, struct buf *out)
{
    struct telling telling = {arena, out, notices->language};
    head_write(arena, notices, notice, report->id, verdict_word(report->verdict, notices->language), report->arrival->received_at, out);
    text_tell(&telling, notices, notice, report);
}

void notice_mail_write_unjudged(struct arena *arena, const struct notices *notices, const struct notice *notice, const struct unjudged *unjudged, struct buf *out)
{
    struct telling telling = {arena, out, notices->language};
    head_write(arena, notices, notice, unjudged->id, span_of(notice_text(NOTICE_UNJUDGED, notices->language)), unjudged->arrival->received_at, out);
    unjudged_tell(&telling, notices, notice, unjudged);
}

/* One message may be appealed for more than once: each mail has an id of its own. */
void notice_mail_write_appeal(struct arena *arena, const struct notices *notices, const struct notice *notice, const struct appeal *appeal, struct buf *out)
{
    struct telling telling = {arena, out, notices->language};
    struct span id = arena_print(arena, "%.*s.%u-%lld", SPAN_FMT(appeal->id), appeal->link, (long long)appeal->asked);
    head_write(arena, notices, notice, id, span_of(notice_text(span_eq(appeal->kind, S("ask")) ? NOTICE_ASKED_FOR : NOTICE_APPEALED, notices->language)), appeal->asked, out);
    appeal_tell(&telling, notices, notice, appeal);
}
