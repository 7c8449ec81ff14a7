/* mta_answer: what a mail server is told at the end of a message. */
#include "door/mta.h"

enum { REMOVED_MOST = 1000 }; /* what comes with more is bound to be unread by anybody */
#define MARK_FIELD "X-Sekimori"
#define SEAL_FIELD "X-Sekimori-Seal"

struct reply { /* being written */
    struct session *session;
    struct buf out;
    bool refused; /* an edit was: told once */
};

static void edit(struct reply *reply, const struct milter_edit *edit)
{
    struct err err;
    if (milter_edit_write(&reply->session->talk, edit, &reply->out, &err) == 0 || reply->refused)
        return;
    reply->refused = true;
    log_event(LEVEL_WARNING, "not-edited", "%s: %.*s goes on unchanged: %s", reply->session->gate->gate.settings.name,
              SPAN_FMT(reply->session->mail.arrival.source), err.text);
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

/* Names that are ours and came from outside go; ours comes. */
static void pass(struct session *session, struct span mark, struct span seal)
{
    struct reply reply = reply_begin(session);
    fields_remove(&reply, S(MARK_FIELD), session->mail.marks);
    fields_remove(&reply, S(SEAL_FIELD), session->mail.seals);
    if (mark.len)
        field_add(&reply, S(MARK_FIELD), mark);
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

void mail_unjudged(struct session *session, struct span why)
{
    bool defers = flow_defers(session->gate->mta->flow, &session->mail.arrival);
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

void mail_answer(struct session *session, const struct flow_answer *answer)
{
    if (answer->end == FLOW_NOT_KEPT || answer->end == FLOW_UNREAD || answer->end == FLOW_NONE)
        mail_unjudged(session, answer->why);
    else if (answer->held)
        keep_back(session);
    else
        pass(session, answer->end == FLOW_UNJUDGED ? S("unjudged") : S(""), answer->seal);
}
