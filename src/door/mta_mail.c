/* mta_mail: what a mail server says by milter becomes an arrival, and its bytes a message as they were on the wire. */
#include "door/fields.h"
#include "door/mta.h"

#include <stdlib.h>
#include <time.h>

enum { TEXT_MOST = 4096, RECIPIENTS_MOST = 10000, ENVELOPE_MOST = 4 << 20, HEAD_MOST = 64 << 10, MAIL_MOST = 64 << 20, PASS_MOST = 100, HOPS_MOST = 50 };

/* As few words as there can be: nothing is answered but pieces of a body, of which no more are wanted at some time, and the end. */
static const struct milter_wish mail_wish = {
    .actions = MILTER_MAY_ADD | MILTER_MAY_CHANGE | MILTER_MAY_REPLACE_BODY | MILTER_MAY_REMOVE_RCPT,
    .steps = MILTER_NO_UNKNOWN | MILTER_NO_DATA | MILTER_CAN_SKIP | MILTER_SILENT_CONNECT | MILTER_SILENT_HELO | MILTER_SILENT_MAIL |
             MILTER_SILENT_RCPT | MILTER_SILENT_DATA | MILTER_SILENT_UNKNOWN | MILTER_SILENT_HEADER | MILTER_SILENT_HEADERS_END | MILTER_LEADING_SPACE,
    .macros = {[MILTER_CONNECT] = "v {client_connections}", [MILTER_HELO] = "{tls_version} {cert_subject} {verify}", [MILTER_MAIL] = "i {auth_authen}",
               [MILTER_RCPT] = "i", [MILTER_HEADERS_END] = "i", [MILTER_MESSAGE_END] = "i"},
};

/* ---- texts */
void text_set(struct session_text *text, struct span value)
{
    value = span_first(value, TEXT_MOST);
    char *at = value.len ? malloc(value.len) : NULL;
    if (value.len && !at)
        abort();
    if (at)
        memcpy(at, value.at, value.len);
    free(text->at);
    *text = (struct session_text){at, value.len};
}

static struct span text_spoken(struct arena *arena, const struct session_text *text)
{
    return envelope_spoken(arena, (struct span){text->at, text->len});
}

static struct span text_span(const struct session_text *text)
{
    return (struct span){text->at, text->len};
}

void facts_drop(struct session *session)
{
    struct session_text *const all[] = {&session->facts.client_name, &session->facts.helo, &session->facts.tls_version, &session->facts.cert_subject,
                                &session->facts.verify, &session->login, &session->queue_id};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        text_set(all[i], (struct span){0});
    session->facts.by_smtp = false;
    session->facts.client = (struct milter_client){0};
}

static void bytes_leave(struct session *session)
{
    intake_leave(&session->gate->mta->intake, &session->mail.bytes);
}

void mail_drop(struct session *session)
{
    bytes_leave(session);
    arena_free(&session->mail.arena);
    session->mail = (struct mail){.bytes.fd = -1};
    text_set(&session->login, (struct span){0});
    text_set(&session->queue_id, (struct span){0});
}

/* ---- facts */
static void macro_take(struct session *session, struct span name, struct span value)
{
    const struct {
        struct span name;
        struct session_text *text;
    } known[] = {{S("i"), &session->queue_id}, {S("auth_authen"), &session->login}, {S("tls_version"), &session->facts.tls_version},
                 {S("cert_subject"), &session->facts.cert_subject}, {S("verify"), &session->facts.verify}};
    session->facts.by_smtp |= span_eq(name, S("client_connections"));
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (span_eq(name, known[i].name))
            text_set(known[i].text, value);
}

/* What is told of a stage is all that holds of it: with a HELO in clear after none TLS is gone. */
static void macros_take(struct session *session, const struct milter_said *said)
{
    struct span rest = said->pairs, name, value;
    if (said->stage == MILTER_CONNECT)
        facts_drop(session);
    if (said->stage == MILTER_HELO)
        macro_take(session, S("tls_version"), S("")), macro_take(session, S("cert_subject"), S("")), macro_take(session, S("verify"), S(""));
    if (said->stage == MILTER_MAIL)
        macro_take(session, S("auth_authen"), S(""));
    while (milter_macro(&rest, &name, &value))
        macro_take(session, name, value);
}

static void client_take(struct session *session, const struct milter_client *client)
{
    bool named = client->name.len && client->name.at[0] != '[' && !span_eq_case(client->name, S("unknown"));
    text_set(&session->facts.client_name, named ? client->name : S(""));
    session->facts.client = *client;
    session->facts.client.name = session->facts.client.path = (struct span){0};
}

/* Postfix's cleanup calls the author of a mail that no client brought localhost [127.0.0.1] without a port. */
static bool has_client(const struct session_facts *facts)
{
    struct ip loopback;
    bool is_local = ip_parse(S("127.0.0.1"), &loopback) && ip_eq(&loopback, &facts->client.ip) && !facts->client.port &&
                    span_eq(text_span(&facts->client_name), S("localhost"));
    return (facts->client.family == MILTER_INET || facts->client.family == MILTER_INET6) && (facts->by_smtp || !is_local);
}

/* ---- the envelope */
static struct span address_of(struct arena *arena, struct span written)
{
    written = span_trim(written);
    if (written.len >= 2 && written.at[0] == '<' && written.at[written.len - 1] == '>')
        written = (struct span){written.at + 1, written.len - 2};
    return envelope_spoken(arena, written);
}

static struct span params_of(struct arena *arena, struct span pieces)
{
    struct buf out = {.arena = arena};
    struct span piece;
    while (milter_piece(&pieces, &piece))
        if (piece.len) {
            if (out.len)
                buf_byte(&out, ' ');
            buf_add(&out, piece);
        }
    return envelope_spoken(arena, buf_span(&out));
}

int envelope_grow(struct session *session, size_t bytes, struct err *err)
{
    session->mail.envelope_bytes += bytes;
    return session->mail.envelope_bytes > ENVELOPE_MOST ? err_set(err, "an envelope of more than %d bytes", ENVELOPE_MOST) : 0;
}

struct mail *mail_new(struct session *session)
{
    struct mail *mail = &session->mail;
    bytes_leave(session);
    arena_free(&mail->arena);
    *mail = (struct mail){.arena = arena_new(MAIL_MOST), .bytes.fd = -1, .arrival.received_at = time(NULL)};
    mail->head.arena = mail->arena;
    return mail;
}

static int mail_begin(struct session *session, const struct milter_said *said, struct err *err)
{
    struct mail *mail = mail_new(session);
    struct arrival *arrival = &mail->arrival;
    arrival->mail_from = address_of(mail->arena, said->text);
    arrival->mail_from_state = arrival->mail_from.len ? SENDER_GIVEN : SENDER_NULL;
    arrival->mail_params = params_of(mail->arena, said->params);
    return envelope_grow(session, said->text.len + said->params.len + 1, err);
}

int recipient_add(struct session *session, struct span written, struct span params, struct err *err)
{
    struct mail *mail = &session->mail;
    if (mail->arrival.rcpt_to.len >= RECIPIENTS_MOST)
        return err_set(err, "more than %d recipients", RECIPIENTS_MOST);
    *vec_push(mail->arena, &mail->arrival.rcpt_to) = (struct recipient){.address = address_of(mail->arena, written), .params = params};
    *vec_push(mail->arena, &mail->told) = arena_copy(mail->arena, written);
    return envelope_grow(session, written.len + params.len + 1, err);
}

static void arrival_finish(struct session *session)
{
    struct arena *arena = session->mail.arena;
    struct arrival *arrival = &session->mail.arrival;
    const struct session_facts *facts = &session->facts;
    arrival->queue_id = text_spoken(arena, &session->queue_id);
    arrival->login = text_spoken(arena, &session->login);
    arrival->local = !has_client(facts);
    if (!arrival->local)
        arrival->client_ip = facts->client.ip;
    gate_arrival(&session->gate->gate, arrival);
    if (arrival->local)
        return;
    arrival->client_name = text_spoken(arena, &facts->client_name);
    arrival->helo = text_spoken(arena, &facts->helo);
    arrival->tls.version = text_spoken(arena, &facts->tls_version);
    arrival->tls.cert_subject = text_spoken(arena, &facts->cert_subject);
    /* Sendmail says how it went; Postfix tells a subject only where it trusts the certificate. */
    arrival->tls.cert_verified = facts->verify.len ? span_eq(text_span(&facts->verify), S("OK")) : facts->cert_subject.len > 0;
}

/* ---- the message */
void mail_bytes(struct session *session, struct span piece)
{
    struct err err;
    struct mail *mail = &session->mail;
    if (mail->too_large || mail->broken.len || !piece.len)
        return;
    enum intake_end end = intake_add(&session->gate->mta->intake, &mail->bytes, piece, &err);
    if (end == INTAKE_TOO_LARGE)
        mail->too_large = true;
    else if (end != INTAKE_TAKEN)
        mail->broken = end == INTAKE_TOO_MANY ? S("too many bytes are on their way in") : arena_copy(mail->arena, span_of(err.text));
    if (end != INTAKE_TAKEN)
        bytes_leave(session);
}

static void head_flush(struct session *session)
{
    mail_bytes(session, buf_span(&session->mail.head));
    session->mail.head.len = 0;
}

/* Folded lines are told with LF between them, and came with CRLF. */
static void value_add(struct buf *out, struct span value)
{
    struct span line;
    for (bool first = true; span_cut(&value, '\n', &line); first = false) {
        if (!first)
            buf_add(out, out->len && out->at[out->len - 1] == '\r' ? S("\n") : S("\r\n"));
        buf_add(out, line);
    }
}

/* Results that claim to be ours. Nobody judges what comes in again; so they are looked at here, by the value alone. */
static void results_take(struct session *session, struct span value)
{
    struct mail *mail = &session->mail;
    struct span ours = span_of(flow_settings(session->gate->mta->flow)->authserv_id);
    mail->results++; /* of these a stranger may write as many as he likes in front of one that claims to be ours: all are looked at */
    if (ours.len && session->gate->gate.settings.direction == DIRECTION_REINJECT && results_claim(session_scratch(session), value, ours) &&
        ++mail->claims <= CLAIMS_MOST)
        *vec_push(mail->arena, &mail->claimed) = mail->results;
}

static void field_add(struct session *session, const struct milter_said *said)
{
    struct mail *mail = &session->mail;
    mail->content_at = mail->content_at ? mail->content_at : clock_ms();
    mail->seals += span_eq_case(said->name, S("X-Sekimori-Seal"));
    mail->marks += span_eq_case(said->name, S("X-Sekimori"));
    mail->junks += span_eq_case(said->name, S("X-Sekimori-Junk"));
    if (span_eq_case(said->name, S("Authentication-Results")))
        results_take(session, said->text);
    mail->hops += span_eq_case(said->name, S("Received"));
    if (span_eq_case(said->name, S("X-Sekimori-Release")) && !mail->releases++)
        mail->release = arena_copy(mail->arena, span_first(span_trim(said->text), PASS_MOST));
    if (mail->head.len + said->name.len + said->text.len > HEAD_MOST)
        head_flush(session);
    buf_add(&mail->head, said->name);
    buf_add(&mail->head, session->talk.agreed.steps & MILTER_LEADING_SPACE ? S(":") : S(": "));
    value_add(&mail->head, said->text);
    buf_add(&mail->head, S("\r\n"));
    if (mail->head.len > HEAD_MOST)
        head_flush(session);
}

static void head_end(struct session *session)
{
    session->mail.content_at = session->mail.content_at ? session->mail.content_at : clock_ms();
    buf_add(&session->mail.head, S("\r\n"));
    head_flush(session);
}

static void on_done(void *context, const struct flow_answer *answer)
{
    struct session *session = context;
    session->ticket = 0;
    session->speech->answer(session, answer);
    session_wake(session);
}

/* Why nobody is asked; empty: somebody is. */
static struct span not_judged(const struct session *session)
{
    const struct mail *mail = &session->mail;
    struct flow *flow = session->gate->mta->flow;
    if (mail->too_large || mail->broken.len)
        return mail->too_large ? S("it is larger than what is taken") : mail->broken;
    if (!flow_has_keeper(flow))
        return S("nothing can be kept at the moment");
    return flow_is_full(flow) ? S("too many messages are in work") : S("");
}

void mail_judge(struct session *session)
{
    struct err err;
    struct scan_job job = {.length = session->mail.bytes.length, .fd = -1, .carries = session->speech->carries && session->speech->carries(session), .words = session->speech->words};
    struct span why = not_judged(session), small = {0};
    if (!why.len && bytes_whole(&session->mail.bytes, &job.fd, &small, &err) < 0)
        why = span_of(err.text);
    bytes_leave(session); /* they are the flow's, or nobody's */
    if (why.len) {
        session->gate->gate.counts->unjudged++;
        session->speech->unjudged(session, why);
        return;
    }
    if (session->speech->give)
        session->speech->give(session, job.fd, small);
    job.arrival = session->mail.arrival;
    job.arrival.raw = small;
    job.holds = session->speech == &milter_speech; /* who asks by the words of spamd may deliver what he is told is held */
    job.drops = session->talk.agreed.actions & MILTER_MAY_REMOVE_RCPT;
    session->mail.content_at = 0;
    session->told_at = clock_ms();
    session->ticket = flow_judge(session->gate->mta->flow, &job, session->gate->gate.counts, on_done, session);
}

/* Unknown, used or too late: it has no force, and the message is one as any other. */
static void on_release(void *context, const struct flow_answer *answer)
{
    struct session *session = context;
    session->ticket = 0;
    if (answer->end == FLOW_NONE) {
        mail_judge(session);
    } else if (answer->end == FLOW_REPORT) {
        mail_released(session, answer);
    } else {
        mail_later(session, answer->why);
    }
    if (!session->ticket)
        session_wake(session);
}

static void mail_go(struct session *session)
{
    struct flow *flow = session->gate->mta->flow;
    arrival_finish(session);
    bool again = session->gate->gate.settings.direction == DIRECTION_REINJECT;
    if (again && session->mail.hops > HOPS_MOST)
        mail_looped(session);
    else if (again && session->mail.release.len && flow_has_keeper(flow)) {
        session->mail.content_at = 0;
        session->told_at = clock_ms();
        session->ticket = flow_release(flow, session->mail.release, session->gate->gate.counts, on_release, session);
    } else
        mail_judge(session);
}

/* ---- commands */
static void word_send(struct session *session, enum milter_word word)
{
    struct buf out = {.arena = session_scratch(session)};
    milter_word_write(word, &out);
    session_send(session, buf_span(&out));
}

static void offer_send(struct session *session)
{
    struct buf out = {.arena = session_scratch(session)};
    milter_offer_write(&session->talk, &mail_wish, &out);
    session_send(session, buf_span(&out));
}

static int take(struct session *session, const struct milter_said *said, struct err *err)
{
    switch (said->command) {
    case MILTER_MACROS: macros_take(session, said); return 0;
    case MILTER_CONNECT: client_take(session, &said->client); return 0;
    case MILTER_HELO: text_set(&session->facts.helo, said->text); return 0;
    case MILTER_MAIL: return mail_begin(session, said, err);
    case MILTER_RCPT: return recipient_add(session, said->text, params_of(session->mail.arena, said->params), err);
    case MILTER_HEADER: field_add(session, said); return 0;
    case MILTER_HEADERS_END: head_end(session); return 0;
    case MILTER_BODY: mail_bytes(session, said->text); return 0;
    case MILTER_ABORT: mail_drop(session); return 0;
    case MILTER_QUIT_NEW: mail_drop(session); facts_drop(session); return 0;
    default: return 0;
    }
}

static int mail_said(struct session *session, const struct milter_said *said, struct err *err)
{
    if (said->command == MILTER_QUIT || take(session, said, err) < 0)
        return -1;
    if (said->command == MILTER_NEGOTIATE)
        offer_send(session);
    else if (said->command == MILTER_MESSAGE_END) {
        mail_bytes(session, said->text);
        mail_go(session);
    } else if (said->command == MILTER_BODY && session->mail.too_large && session->talk.agreed.steps & MILTER_CAN_SKIP)
        word_send(session, MILTER_SKIP);
    else if (milter_is_answered(&session->talk, said->command))
        word_send(session, MILTER_CONTINUE);
    return 0;
}

/* ---- what is spoken */
static int take_frame(struct session *session, struct span bytes, size_t *used, struct err *err)
{
    struct milter_said said;
    enum milter_reading read = milter_read(bytes, used, &said, err);
    if (read != MILTER_SAID)
        return read;
    return milter_follow(&session->talk, &said, &mail_wish, err) < 0 || mail_said(session, &said, err) < 0 ? -1 : 1;
}

static void progress(struct session *session)
{
    word_send(session, MILTER_PROGRESS);
}

static bool waits(const struct session *session)
{
    return session->talk.awaited;
}

static bool carries(const struct session *session)
{
    return true;
}

const struct speech milter_speech = {.words = WORDS_NONE, .fault = "milter-fault", .take = take_frame, .progress = progress, .waits = waits, .carries = carries,
                                     .answer = mail_answer, .unjudged = mail_unjudged};
