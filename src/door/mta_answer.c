/* mta_answer: what a mail server is told at the end of a message. */
#include "door/mta.h"

#include "role/carried.h"
#include "role/keep.h"

#include <stdlib.h>

enum { REMOVED_MOST = 1000 }; /* what comes with more is bound to be unread by anybody */
#define MARK_FIELD "X-Sekimori"
#define JUNK_FIELD "X-Sekimori-Junk"
#define SEAL_FIELD "X-Sekimori-Seal"
#define RELEASE_FIELD "X-Sekimori-Release"

struct reply { /* being written */
    struct session *session;
    struct buf out;
    bool refused; /* an edit was: told once */
};

static void refusal_note(struct reply *reply, const char *why)
{
    if (!reply->refused)
        log_event(LEVEL_WARNING, "not-edited", "%s: %.*s goes on unchanged: %s", reply->session->gate->gate.settings.name,
                  SPAN_FMT(reply->session->mail.arrival.source), why);
    reply->refused = true;
}

static void edit(struct reply *reply, const struct milter_edit *edit)
{
    struct err err;
    if (milter_edit_write(&reply->session->talk, edit, &reply->out, &err) < 0)
        refusal_note(reply, err.text);
}

/* From the highest index, for each removal would move those behind it. */
static void fields_remove(struct reply *reply, struct span name, uint32_t count)
{
    for (uint32_t i = count < REMOVED_MOST ? count : REMOVED_MOST; i; i--)
        edit(reply, &(struct milter_edit){.kind = MILTER_REMOVE, .index = i, .name = name});
}

static void field_add(struct reply *reply, struct span name, struct span value)
{
    edit(reply, &(struct milter_edit){.kind = MILTER_ADD, .name = name, .value = value});
}

static struct reply reply_begin(struct session *session)
{
    return (struct reply){.session = session, .out = {.arena = session->mail.arena}};
}

/* The message's end: its answer stands behind all edits. */
static void reply_end(struct reply *reply)
{
    struct session *session = reply->session;
    session_send(session, buf_span(&reply->out));
    mail_drop(session);
    session->last = flow_is_draining(session->gate->mta->flow);
}

/* Names that are ours and came from outside go. */
static void ours_remove(struct reply *reply)
{
    const struct mail *mail = &reply->session->mail;
    fields_remove(reply, S(MARK_FIELD), mail->marks);
    fields_remove(reply, S(JUNK_FIELD), mail->junks);
    fields_remove(reply, S(SEAL_FIELD), mail->seals);
    fields_remove(reply, S(RELEASE_FIELD), mail->releases);
}

static void pass(struct session *session, struct span mark, struct span seal)
{
    struct reply reply = reply_begin(session);
    ours_remove(&reply);
    if (mark.len)
        field_add(&reply, S(MARK_FIELD), mark);
    if (seal.len)
        field_add(&reply, S(SEAL_FIELD), seal);
    milter_word_write(MILTER_CONTINUE, &reply.out);
    reply_end(&reply);
}

/* ---- what a policy does to it */
static bool is_ours(struct span name)
{
    return span_eq_case(name, S(RELEASE_FIELD)) || span_eq_case(name, S(MARK_FIELD)) || span_eq_case(name, S(JUNK_FIELD)) || span_eq_case(name, S(SEAL_FIELD));
}

/* The fields of a changed body belong to it: all of these are made, or none is. */
static int headers_write(struct reply *reply, const struct edits *edits, struct err *err)
{
    static const enum milter_edit_kind kinds[] = {[HEADER_CHANGE] = MILTER_CHANGE, [HEADER_REMOVE] = MILTER_REMOVE, [HEADER_ADD] = MILTER_ADD,
                                                  [HEADER_INSERT] = MILTER_INSERT};
    const struct milter_talk *talk = &reply->session->talk;
    if (edits->body_changed && !(talk->agreed.actions & MILTER_MAY_REPLACE_BODY))
        return err_set(err, "replacing the body is nothing that the mail server offered");
    vec_each(edit, &edits->headers) {
        struct milter_edit one = {.kind = kinds[edit->act], .index = edit->index, .name = edit->name, .value = edit->value};
        if (edit->act == HEADER_REMOVE && is_ours(edit->name))
            continue; /* gone already, counted as the mail server told them */
        if (milter_edit_write(talk, &one, &reply->out, err) < 0)
            return -1;
    }
    return 0;
}

/* In frames of their own: a body may be as large as the message, and is not to lie there twice. */
static void body_send(struct reply *reply, struct span body)
{
    struct session *session = reply->session;
    if (reply->out.len)
        session_send(session, buf_span(&reply->out));
    reply->out.len = 0;
    do {
        struct err err;
        struct buf piece = {.arena = session_scratch(session)};
        milter_edit_write(&session->talk, &(struct milter_edit){.kind = MILTER_REPLACE_BODY, .value = span_first(body, MILTER_CHUNK_MOST)}, &piece, &err);
        session_send(session, buf_span(&piece));
        body = span_skip(body, MILTER_CHUNK_MOST);
    } while (body.len);
}

/* ---- recipients who get nothing by this answer, for their copy is on disk, or was taken care of before */
typedef VEC(struct keep_key) served_t;

/* Sorted, for there may be as many as there are recipients. */
static served_t served_of(struct arena *arena, struct span bytes)
{
    served_t served = {0};
    for (struct span one; span_cut(&bytes, '\0', &one);)
        *vec_push(arena, &served) = keep_key(arena, one);
    if (served.len)
        qsort(served.at, served.len, sizeof *served.at, keep_key_compare);
    return served;
}

static bool is_served(struct arena *arena, const served_t *served, struct span address)
{
    struct keep_key key = keep_key(arena, address);
    return served->len && bsearch(&key, served->at, served->len, sizeof *served->at, keep_key_compare);
}

/* How many they are; gone: for each recipient whether it is one. */
static size_t gone_find(const struct mail *mail, const struct carried *carried, const struct flow_answer *answer, bool *gone)
{
    size_t count = 0;
    served_t served = served_of(mail->arena, answer->served);
    for (size_t i = 0; i < mail->told.len; i++)
        gone[i] = answer->repeated ? is_served(mail->arena, &served, mail->arrival.rcpt_to.at[i].address) : answer->held && carried->fate == FATE_HOLD;
    vec_each(recipient, &carried->dropped)
        if (!answer->repeated && answer->held && recipient->number < mail->told.len)
            gone[recipient->number] = true;
    vec_each(copy, &carried->copies)
        vec_each(recipient, &copy->recipients)
            if (!answer->repeated && answer->held && recipient->number < mail->told.len)
                gone[recipient->number] = true;
    vec_each(wait, &carried->waits)
        vec_each(recipient, &wait->recipients)
            if (!answer->repeated && answer->held && recipient->number < mail->told.len)
                gone[recipient->number] = true;
    for (size_t i = 0; i < mail->told.len; i++)
        count += gone[i];
    return count;
}

static void recipients_drop(struct reply *reply, const bool *gone)
{
    const struct mail *mail = &reply->session->mail;
    for (size_t i = 0; gone && i < mail->told.len; i++)
        if (gone[i])
            edit(reply, &(struct milter_edit){.kind = MILTER_REMOVE_RCPT, .value = mail->told.at[i]});
}

/* gone: NULL: nobody is. */
static void pass_edited(struct session *session, const struct edits *edits, struct span seal, const bool *gone)
{
    struct err err;
    struct reply reply = reply_begin(session);
    recipients_drop(&reply, gone);
    ours_remove(&reply);
    size_t before = reply.out.len;
    if (headers_write(&reply, edits, &err) < 0) {
        reply.out.len = before;
        refusal_note(&reply, err.text);
        seal = edits->body_changed ? S("") : seal; /* it was made of what does not leave now */
    } else if (edits->body_changed) {
        body_send(&reply, edits->body);
    }
    if (seal.len)
        field_add(&reply, S(SEAL_FIELD), seal);
    milter_word_write(MILTER_CONTINUE, &reply.out);
    reply_end(&reply);
}

static void refuse(struct session *session, const char *code, const char *enhanced, struct span text)
{
    struct reply reply = reply_begin(session);
    milter_reply_write(code, enhanced, text, &reply.out);
    reply_end(&reply);
}

/* It lies in the hold, on disk; the mail server need not keep it. */
static void keep_back(struct session *session)
{
    struct reply reply = reply_begin(session);
    milter_word_write(MILTER_DISCARD, &reply.out);
    reply_end(&reply);
}

/* From the highest index, as fields_remove. */
static void claims_remove(struct reply *reply)
{
    const struct mail *mail = &reply->session->mail;
    for (size_t i = mail->claimed.len; i-- > 0;)
        edit(reply, &(struct milter_edit){.kind = MILTER_REMOVE, .index = mail->claimed.at[i], .name = S("Authentication-Results")});
}

static void claims_refuse(struct session *session, struct span id)
{
    log_event(LEVEL_ERROR, "forged-results", "%s: %.*s was released, and is refused: its sender wrote our own id into %u Authentication-Results fields; sekimori held export shows it",
              session->gate->gate.settings.name, SPAN_FMT(id), session->mail.claims);
    refuse(session, "554", "5.6.0", S("The message bears too many Authentication-Results that claim to be ours"));
}

/* What the courier was given to send is as it shall be. In what a policy edited our fields say what was decided then; in the others all
 * of them are the sender's. */
void mail_released(struct session *session, const struct flow_answer *answer)
{
    if (!answer->edited && session->mail.claims > CLAIMS_MOST) {
        claims_refuse(session, answer->id);
        return;
    }
    struct reply reply = reply_begin(session);
    log_event(LEVEL_INFO, "released", "%s: %.*s is %.*s, which was released: it passes", session->gate->gate.settings.name,
              SPAN_FMT(session->mail.arrival.source), SPAN_FMT(answer->id));
    if (!answer->edited) {
        claims_remove(&reply);
        ours_remove(&reply);
    } else {
        fields_remove(&reply, S(SEAL_FIELD), session->mail.seals);
        fields_remove(&reply, S(RELEASE_FIELD), session->mail.releases);
    }
    if (answer->seal.len)
        field_add(&reply, S(SEAL_FIELD), answer->seal);
    milter_word_write(MILTER_CONTINUE, &reply.out);
    reply_end(&reply);
}

void mail_later(struct session *session, struct span why)
{
    log_event(LEVEL_WARNING, "not-kept", "%s: %.*s is told to come again: %.*s", session->gate->gate.settings.name, SPAN_FMT(session->mail.arrival.source), SPAN_FMT(why));
    refuse(session, "451", "4.7.1", S("The message could not be looked at just now; try again later"));
}

void mail_looped(struct session *session)
{
    log_event(LEVEL_ERROR, "mail-loop", "%s: %.*s came through %u mail servers, and is refused: does released mail come back to where it was held?",
              session->gate->gate.settings.name, SPAN_FMT(session->mail.arrival.source), session->mail.hops);
    refuse(session, "554", "5.4.6", S("The message came through too many mail servers"));
}

static void unjudged_answer(struct session *session, struct span why, bool defers)
{
    bool too_large = session->mail.too_large;
    log_event(LEVEL_WARNING, "unjudged", "%s: %.*s is %s: %.*s", session->gate->gate.settings.name, SPAN_FMT(session->mail.arrival.source),
              !defers ? "passed unjudged" : too_large ? "refused" : "deferred", SPAN_FMT(why));
    if (!defers)
        pass(session, S("unjudged"), S(""));
    else if (too_large)
        refuse(session, "552", "5.3.4", S("The message is larger than what is taken here"));
    else
        refuse(session, "451", "4.7.1", S("The message could not be looked at just now; try again later"));
}

void mail_unjudged(struct session *session, struct span why)
{
    unjudged_answer(session, why, flow_defers(session->gate->mta->flow, &session->mail.arrival));
}

/* Judged, but its record is not on disk: what a policy holds, refuses or changes does not go by as if nobody had looked at it. */
static void not_kept(struct session *session, const struct flow_answer *answer)
{
    bool needed = carried_is_needed(session->mail.arena, answer->carried);
    unjudged_answer(session, answer->why, needed || flow_defers(session->gate->mta->flow, &session->mail.arrival));
}

static void carry_out(struct session *session, const struct carried *carried, const struct flow_answer *answer)
{
    const struct mail *mail = &session->mail;
    bool *gone = arena_alloc(mail->arena, mail->told.len + 1);
    size_t count = gone_find(mail, carried, answer, gone);
    bool drops = session->talk.agreed.actions & MILTER_MAY_REMOVE_RCPT;
    if (count ? count == mail->told.len || (!drops && answer->held) : answer->held && !mail->told.len)
        keep_back(session);
    else
        pass_edited(session, &carried->edits, answer->seal, count && drops ? gone : NULL);
}

/* All of its recipients are taken care of since the first time, whatever would become of it now. */
static bool is_served_before(const struct mail *mail, const struct carried *carried, const struct flow_answer *answer)
{
    bool *gone = arena_alloc(mail->arena, mail->told.len + 1);
    return answer->repeated && (mail->told.len ? gone_find(mail, carried, answer, gone) == mail->told.len : answer->held);
}

static void carry(struct session *session, const struct flow_answer *answer)
{
    struct carried carried;
    struct arena *arena = session->mail.arena;
    if (carried_unpack(arena, answer->carried, &carried) < 0)
        mail_unjudged(session, S("a judge told something that cannot be read"));
    else if (carried.fate == FATE_REJECT && is_served_before(&session->mail, &carried, answer))
        keep_back(session);
    else if (carried.fate == FATE_REJECT)
        refuse(session, "550", "5.7.1", arena_print(arena, "The message was refused here by policy (%.*s)", SPAN_FMT(answer->id)));
    else
        carry_out(session, &carried, answer);
}

void mail_answer(struct session *session, const struct flow_answer *answer)
{
    if (answer->end == FLOW_NOT_KEPT)
        not_kept(session, answer);
    else if (answer->end == FLOW_UNREAD || answer->end == FLOW_NONE)
        mail_unjudged(session, answer->why);
    else if (answer->end == FLOW_REPORT)
        carry(session, answer);
    else if (answer->held)
        keep_back(session);
    else
        pass(session, S("unjudged"), answer->seal);
}
