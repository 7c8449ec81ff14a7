/* mta_spamd: a message that spamc, or Exim in Rspamd's older words, asks about: one a connection. What is told of it becomes an arrival.
 *
 * Of SPAMC nobody tells who the client was: what needs it stays unknown. */
#include "door/envelope.h"
#include "door/mta.h"
#include "door/unpack.h"
#include "role/carried.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { HEAD_MOST = 1 << 30 /* of an edited body; its bytes are few times the message */, PIECE = 64 << 10 };

void asking_drop(struct session *session)
{
    struct asking *asking = &session->asking;
    text_set(&asking->user, (struct span){0});
    intake_leave(&session->gate->mta->intake, &asking->source);
    *asking = (struct asking){.source.fd = -1};
}

/* ---- answers */
static void over(struct session *session)
{
    session->asking.done = session->last = true;
    mail_drop(session);
}

static void fault_send(struct session *session, enum spamd_fault fault, struct span text)
{
    struct buf out = {.arena = session_scratch(session)};
    spamd_fault_write(&session->asking.head.asked, fault, text, &out);
    session_send(session, buf_span(&out));
    session->lingers = true; /* for it may be sending still */
    over(session);
}

/* The message behind its answer: the head now, the rest as it is taken. */
static int give_back(struct arena *arena, struct session *session, const struct answer *answer)
{
    struct asking *asking = &session->asking;
    struct header_wishes fields;
    bool header_only = asking->head.asked.verb == SPAMD_HEADERS;
    uint64_t most = flow_settings(session->gate->mta->flow)->header_bytes;
    answer_fields(arena, answer, true, &fields);
    int made = marked_make(arena, &asking->source, &fields, &answer->edits, most, header_only, &asking->marked);
    if (made <= 0)
        return made;
    struct answer unedited = *answer;
    unedited.edits = (struct edits){0};
    if (answer->edits.body_changed)
        unedited.seal = S(""); /* it was made of what does not leave now */
    log_event(LEVEL_WARNING, "not-edited", "%s: %.*s goes on unchanged: its header is larger than the %llu bytes that are read of one (limits.header_bytes)",
              session->gate->gate.settings.name, SPAN_FMT(session->mail.arrival.source), (unsigned long long)most);
    answer_fields(arena, &unedited, true, &fields);
    return marked_make(arena, &asking->source, &fields, &unedited.edits, most, header_only, &asking->marked);
}

static void answer_send(struct session *session, const struct answer *answer)
{
    struct arena *arena __attribute__((cleanup(arena_free))) = arena_new(HEAD_MOST);
    struct buf out = {.arena = arena};
    struct marked *marked = &session->asking.marked;
    const struct spamd_asked *asked = &session->asking.head.asked;
    struct spamd_answer told = {.spam = answer->rating.spam, .score = answer->rating.score, .threshold = RATING_SPAM_AT, .reject = RATING_REJECT_AT,
                                .action = span_of(answer->rating.action), .message_id = answer->message_id, .report = answer_text(arena, answer)};
    if (spamd_returns_message(asked) && give_back(arena, session, answer) < 0) {
        fault_send(session, SPAMD_EX_TEMPFAIL, S("the message cannot be read again"));
        return;
    }
    told.message_bytes = marked_length(marked);
    vec_each (symbol, &answer->symbols)
        *vec_push(arena, &told.symbols) = (struct spamd_symbol){symbol->name, symbol->option, symbol->weight};
    spamd_answer_write(asked, &told, &out);
    session_send(session, buf_span(&out));
    session_send(session, marked->head);
    marked->head = (struct span){0};
    over(session);
}

static void told_send(struct session *session, const struct answer *answer)
{
    if (answer->rating.id == RATING_LATER || answer->rating.id == RATING_TOO_LARGE)
        fault_send(session, SPAMD_EX_TEMPFAIL, answer->why);
    else
        answer_send(session, answer);
}

static void unjudged_answer(struct session *session, struct span why, bool needed)
{
    struct answer answer;
    bool defers = needed || flow_defers(session->gate->mta->flow, &session->mail.arrival), passes = session->asking.source.length || session->asking.source.fd >= 0;
    if (!defers && spamd_returns_message(&session->asking.head.asked) && !passes)
        defers = true; /* it was not kept, so it cannot be given back */
    log_event(LEVEL_WARNING, "unjudged", "%s: %.*s is %s: %.*s", session->gate->gate.settings.name, SPAN_FMT(session->mail.arrival.source),
              defers ? "deferred" : "passed unjudged", SPAN_FMT(why));
    answer_unjudged(session->mail.arena, why, defers, session->mail.too_large, &answer);
    told_send(session, &answer);
}

static void on_unjudged(struct session *session, struct span why)
{
    unjudged_answer(session, why, false);
}

/* Who asks for the header alone has the body already, and keeps it as it is. */
static bool carries(const struct session *session)
{
    return session->asking.head.asked.verb == SPAMD_PROCESS;
}

static void on_answer(struct session *session, const struct flow_answer *flow)
{
    struct answer answer;
    if (flow->end == FLOW_NOT_KEPT || flow->end == FLOW_UNREAD || flow->end == FLOW_NONE) {
        unjudged_answer(session, flow->why, carried_is_needed(session->mail.arena, flow->carried));
        return;
    }
    answer_make(session->mail.arena, flow, flow_defers(session->gate->mta->flow, &session->mail.arrival), carries(session) ? ANSWER_MESSAGE : ANSWER_NO_EDITS, &answer);
    told_send(session, &answer);
}

static bool more(struct session *session)
{
    char piece[PIECE];
    long got = session->asking.done ? marked_read(&session->asking.marked, piece, sizeof piece) : 0;
    if (got > 0)
        session_send(session, (struct span){piece, (size_t)got});
    session->gone |= got < 0; /* its length was told: only the end of the connection says that it is not whole */
    return got > 0;
}

/* ---- the envelope */
static int field_take(struct session *session, const struct spamd_field *field, struct err *err)
{
    struct mail *mail = &session->mail;
    if (session->asking.head.asked.tongue == SPAMD_RSPAMC)
        return envelope_rspamd(mail->arena, field->name, field->value, &mail->arrival, err) < 0 ? -1
               : envelope_grow(session, field->name.len + field->value.len, err);
    if (span_eq_case(field->name, S("User")))
        text_set(&session->asking.user, field->value);
    return 0;
}

static void arrival_finish(struct session *session)
{
    struct err err;
    struct span user = {session->asking.user.at, session->asking.user.len};
    struct arrival *arrival = &session->mail.arrival;
    if (!arrival->rcpt_to.len && span_find_byte(user, '@'))
        recipient_add(session, user, (struct span){0}, &err); /* one cannot be too many */
    gate_arrival(&session->gate->gate, arrival);
}

/* ---- the message */
static void on_give(struct session *session, int fd, struct span small)
{
    struct bytes *source = &session->asking.source;
    if (!spamd_returns_message(&session->asking.head.asked))
        return;
    bytes_again(small, fd, session->asking.got, source);
    session->gate->mta->intake.arriving += source->length; /* until it is taken back: who does not take it must not fill memory */
}

static void inflated(struct session *session)
{
    struct err err;
    struct mail *mail = &session->mail;
    struct bytes whole = {.fd = -1};
    enum intake_end end = unpack(&session->gate->mta->intake, PACKED_ZLIB, &mail->bytes, &whole, &err);
    mail->bytes = whole;
    mail->too_large = end == INTAKE_TOO_LARGE;
    if (end != INTAKE_TAKEN && end != INTAKE_TOO_LARGE)
        mail->broken = end == INTAKE_TOO_MANY ? S("too many bytes are on their way in") : arena_copy(mail->arena, span_of(err.text));
}

static void go(struct session *session)
{
    struct mail *mail = &session->mail;
    if (session->asking.head.deflated && !mail->too_large && !mail->broken.len)
        inflated(session);
    session->asking.got = mail->bytes.length;
    arrival_finish(session);
    if (!session->asking.got && !mail->too_large && !mail->broken.len)
        fault_send(session, SPAMD_EX_PROTOCOL, S("the message is empty"));
    else
        mail_judge(session);
}

static int head_end(struct session *session)
{
    struct buf out = {.arena = session_scratch(session)};
    const struct spamd_head *head = &session->asking.head;
    if (head->asked.verb == SPAMD_TELL) {
        fault_send(session, SPAMD_EX_UNAVAILABLE, S("nothing is learnt here; sekimori correct takes what was judged wrongly"));
    } else if (spamd_has_message(&head->asked)) {
        if (head->length_told && !head->length)
            go(session);
    } else {
        if (head->asked.verb == SPAMD_PING)
            spamd_pong_write(&head->asked, &out);
        session_send(session, buf_span(&out));
        over(session);
    }
    return 1;
}

static int head_take(struct session *session, struct span bytes, size_t *used, struct err *err)
{
    struct spamd_field field;
    struct spamd_head *head = &session->asking.head;
    if (!session->mail.arena && bytes.len)
        mail_new(session)->content_at = clock_ms();
    enum spamd_reading read = spamd_head_read(head, bytes, used, &field, err);
    if (read == SPAMD_LATER)
        return 0;
    if (read == SPAMD_FAULT || (field.name.len && field_take(session, &field, err) < 0)) {
        log_event(LEVEL_WARNING, spamd_speech.fault, "%s: %s", session->gate->gate.settings.name, err->text);
        fault_send(session, SPAMD_EX_PROTOCOL, span_of(err->text));
        err->text[0] = 0;
        return 1;
    }
    return head->ended ? head_end(session) : 1;
}

static int body_take(struct session *session, struct span bytes, size_t *used)
{
    struct asking *asking = &session->asking;
    const struct spamd_head *head = &asking->head;
    struct span piece = span_first(bytes, head->length_told ? (size_t)(head->length - asking->got) : bytes.len);
    if (!bytes.len)
        return 0;
    mail_bytes(session, piece);
    asking->got += piece.len;
    *used = bytes.len;
    if (bytes.len > piece.len)
        fault_send(session, SPAMD_EX_PROTOCOL, S("bytes follow the message: its Content-length is wrong"));
    else if (head->length_told && asking->got == head->length)
        go(session);
    return 1;
}

static int take(struct session *session, struct span bytes, size_t *used, struct err *err)
{
    return session->asking.head.ended ? body_take(session, bytes, used) : head_take(session, bytes, used, err);
}

static bool ended(struct session *session)
{
    char text[160];
    const struct asking *asking = &session->asking;
    if (!session->mail.arena)
        return false; /* it asked for nothing */
    if (asking->head.ended && !asking->head.length_told) {
        go(session);
        return true;
    }
    snprintf(text, sizeof text, "the connection ended %s; %llu bytes of %llu had come", asking->head.ended ? "within the message" : "within the head",
             (unsigned long long)asking->got, (unsigned long long)asking->head.length);
    log_event(LEVEL_WARNING, spamd_speech.fault, "%s: %s", session->gate->gate.settings.name, text);
    fault_send(session, SPAMD_EX_PROTOCOL, span_of(text));
    return true;
}

static bool waits(const struct session *session)
{
    return session->mail.arena || session->asking.done;
}

const struct speech spamd_speech = {.words = WORDS_GIST, .fault = "spamd-fault", .take = take, .ended = ended, .more = more, .waits = waits, .carries = carries,
                                    .give = on_give, .answer = on_answer, .unjudged = on_unjudged};
