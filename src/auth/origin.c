/* Whom SPF is to be checked for. */
#include "auth/work.h"

static void subject_settle(struct spf_subject *subject, enum proof_result result, struct span reason)
{
    subject->done = true;
    subject->proof.result = result;
    subject->proof.reason = reason;
}

/* RFC 5321 4.1.2: one @ outside quotes, nothing in front of it that would be read as something else. */
static bool sender_is_plain(struct span sender, const char *at)
{
    struct span local = span_from(sender.at, at);
    if (local.len >= 2 && local.at[0] == '"' && local.at[local.len - 1] == '"')
        local = (struct span){local.at + 1, local.len - 2};
    else
        for (size_t i = 0; i < local.len; i++)
            if (strchr(" \"(),:;<>@[\\]", local.at[i])) /* NUL too */
                return false;
    for (size_t i = 0; i < local.len; i++)
        if ((unsigned char)local.at[i] < ' ' || local.at[i] == 127)
            return false;
    return local.len > 0;
}

static struct span domain_asked(struct arena *arena, struct span domain)
{
    struct span ascii = span_is_ascii(domain) ? domain : domain_to_ascii(arena, domain);
    return arena_lower(arena, domain_undotted(ascii));
}

static void sender_prepare(struct auth_work *work, struct span sender)
{
    struct spf_subject *subject = &work->sender;
    const char *at = sender.len ? memrchr(sender.at, '@', sender.len) : NULL;
    if (!at || !sender_is_plain(sender, at)) {
        subject_settle(subject, PROOF_PERMERROR, S("MAIL FROM is no address"));
        return;
    }
    subject->question.mail_from = sender;
    subject->question.domain = domain_asked(work->arena, span_from(at + 1, sender.at + sender.len));
    subject->proof.domain = subject->question.domain;
    if (!domain_is_plain(subject->question.domain, false))
        subject_settle(subject, PROOF_PERMERROR, S("the domain of MAIL FROM is no domain name"));
}

static void helo_prepare(struct auth_work *work, struct span helo)
{
    struct spf_subject *subject = &work->helo;
    struct span domain = domain_asked(work->arena, helo);
    subject->question.domain = domain;
    subject->question.mail_from = arena_print(work->arena, "postmaster@%.*s", SPAN_FMT(domain));
    subject->proof.domain = domain;
    if (!helo.len)
        subject_settle(subject, PROOF_UNKNOWN, S("what the client said in HELO is not known"));
    else if (!domain_is_plain(domain, true))
        subject_settle(subject, PROOF_NONE, S("what the client said in HELO is no domain name"));
}

/* The door's word first; else, where the path's edge is known, what the edge machine wrote down. */
static bool client_read(const struct auth_work *work, struct ip *client, struct span *helo)
{
    const struct path *path = work->path;
    bool edge = path && path->edge_known;
    *helo = work->arrival->helo.len || !edge ? work->arrival->helo : path->client.helo;
    *client = work->arrival->client_ip.family || !edge ? work->arrival->client_ip : path->client.ip;
    return client->family != IP_NONE;
}

void origin_read(struct auth_work *work)
{
    struct ip client;
    struct span helo, sender;
    bool known = client_read(work, &client, &helo);
    enum sender_state state = sender_told(work->arrival, work->message, work->path, &sender);
    struct span receiver = work->settings->authserv_id;
    work->sender.question = work->helo.question =
        (struct spf_question){.client = client, .helo = helo, .receiver = receiver};
    work->sender_is_null = state == SENDER_NULL;
    if (!known && work->path && !work->path->smtp) {
        subject_settle(&work->sender, PROOF_NOT_APPLICABLE, S("it did not come in by SMTP"));
        subject_settle(&work->helo, PROOF_NOT_APPLICABLE, S("it did not come in by SMTP"));
        return;
    }
    helo_prepare(work, helo);
    if (state == SENDER_GIVEN)
        sender_prepare(work, sender);
    else if (state == SENDER_UNKNOWN)
        subject_settle(&work->sender, PROOF_UNKNOWN, S("MAIL FROM is not known"));
    if (known)
        return;
    subject_settle(&work->sender, PROOF_UNKNOWN, S("the address of the client that sent it is not known"));
    subject_settle(&work->helo, PROOF_UNKNOWN, S("the address of the client that sent it is not known"));
}
