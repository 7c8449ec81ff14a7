#include "spamd/spamd.h"

enum { LENGTH_SINCE = 3 }; /* SPAMC/1.3: the length of an answer is told; Exim, which says 1.2, reads no other line there */

static const char *status_name(enum spamd_fault fault)
{
    return fault == SPAMD_EX_UNAVAILABLE ? "EX_UNAVAILABLE" : fault == SPAMD_EX_TEMPFAIL ? "EX_TEMPFAIL" : "EX_PROTOCOL";
}

static void names_write(const struct spamd_answer *answer, struct buf *out)
{
    vec_each(symbol, &answer->symbols) {
        if (symbol > answer->symbols.at)
            buf_byte(out, ',');
        buf_add(out, symbol->name);
    }
    if (answer->symbols.len)
        buf_add(out, S("\r\n"));
}

static void body_write(const struct spamd_asked *asked, const struct spamd_answer *answer, struct buf *out)
{
    if (asked->verb == SPAMD_SYMBOLS)
        names_write(answer, out);
    else if (asked->verb == SPAMD_REPORT || (asked->verb == SPAMD_REPORT_IFSPAM && answer->spam))
        buf_add(out, answer->report);
}

static void spamd_write(const struct spamd_asked *asked, const struct spamd_answer *answer, struct buf *out)
{
    struct buf body = {.arena = out->arena};
    bool returns = spamd_returns_message(asked);
    body_write(asked, answer, &body);
    buf_add(out, S("SPAMD/1.1 0 EX_OK\r\n"));
    if (returns || asked->minor >= LENGTH_SINCE)
        buf_print(out, "Content-length: %llu\r\n", (unsigned long long)(returns ? answer->message_bytes : body.len));
    buf_print(out, "Spam: %s ; %.1f / %.1f\r\n\r\n", answer->spam ? "True" : "False", answer->score, answer->threshold);
    buf_add(out, buf_span(&body));
}

/* Exim reads the second and the third line by their words; the rest it shows as a report. */
static void rspamd_write(const struct spamd_asked *asked, const struct spamd_answer *answer, struct buf *out)
{
    buf_add(out, S("RSPAMD/1.3 0 EX_OK\r\n"));
    if (spamd_returns_message(asked))
        buf_print(out, "Content-length: %llu\r\n", (unsigned long long)answer->message_bytes);
    buf_print(out, "Metric: default; %s; %.2f / %.2f / %.2f\r\nAction: %.*s\r\n", answer->spam ? "True" : "False", answer->score, answer->threshold,
              answer->reject, SPAN_FMT(answer->action));
    vec_each(symbol, &answer->symbols) {
        buf_print(out, "Symbol: %.*s(%.2f)", SPAN_FMT(symbol->name), symbol->score);
        if (symbol->option.len)
            buf_print(out, "[%.*s]", SPAN_FMT(symbol->option));
        buf_add(out, S("\r\n"));
    }
    buf_print(out, "Message-ID: %.*s\r\n\r\n", SPAN_FMT(answer->message_id.len ? answer->message_id : S("undef")));
}

void spamd_answer_write(const struct spamd_asked *asked, const struct spamd_answer *answer, struct buf *out)
{
    if (asked->tongue == SPAMD_RSPAMC)
        rspamd_write(asked, answer, out);
    else
        spamd_write(asked, answer, out);
}

void spamd_pong_write(const struct spamd_asked *asked, struct buf *out)
{
    buf_add(out, asked->tongue == SPAMD_RSPAMC ? S("RSPAMD/1.3 0 PONG\r\n") : S("SPAMD/1.5 0 PONG\r\n"));
}

/* Without a length and without a body: spamc looks at no number of a status, and would take the body for the message. */
void spamd_fault_write(const struct spamd_asked *asked, enum spamd_fault fault, struct span text, struct buf *out)
{
    buf_print(out, "%s %d %s ", asked->tongue == SPAMD_RSPAMC ? "RSPAMD/1.3" : "SPAMD/1.1", (int)fault, status_name(fault));
    for (size_t i = 0; i < text.len; i++) /* it may tell of what came */
        buf_byte(out, (unsigned char)text.at[i] < 32 || text.at[i] == 127 ? '?' : text.at[i]);
    buf_add(out, S("\r\n\r\n"));
}
