/* What differs from From, and the machine that fed the message in. */
#include "identity/scene.h"

static bool differs(const struct scene *at, struct span domain)
{
    return domain.len && at->from_org.len && !same_owner_as_from(at, domain);
}

/* Two domains of one brand, or one of the organisation and its partner, are not strangers. */
static bool is_stranger(const struct scene *at, struct span domain)
{
    if (!differs(at, domain))
        return false;
    const struct brand *brand = brand_by_domain(at->tables, domain);
    if (brand && brand == at->out->from_brand)
        return false;
    return !(at->service && service_by_host(at->tables, domain) == at->service);
}

static bool is_list_post(const struct scene *at, struct span address)
{
    const struct field *post = message_field(at->message, FIELD_LIST_POST, 0);
    return post && span_find_case(span_first(post->value, 1000), address);
}

static bool is_among_recipients(const struct scene *at, struct span address)
{
    enum { RECIPIENTS_MOST = 50 };
    const mailboxes_t *const fields[] = {&at->message->to, &at->message->cc};
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < fields[i]->len && k < RECIPIENTS_MOST; k++)
            if (span_eq_case(fields[i]->at[k].address, address))
                return true;
    return false;
}

/* "Anna Roth via Garden", answers to Anna Roth. */
static bool names_poster(struct span from, struct span reply)
{
    enum { LEAST = 2 };
    if (from.len && from.at[0] == '\'') /* one program of lists sets the name in quotes */
        from = span_skip(from, 1);
    if (reply.len < LEAST || !span_starts_case(from, reply))
        return false;
    struct span rest = span_skip(from, reply.len);
    return span_starts_case(rest, S(" via ")) || span_starts_case(rest, S("' via "));
}

/* Lists whose posters' policies forbid to send in their names write under the list's own address, to which the letter goes, name
 * the poster and have answers go to him. Who only adds the fields of a list has not that shape; and nothing may have failed. */
static bool is_rewritten_by_list(const struct scene *at)
{
    const struct field *post = message_field(at->message, FIELD_LIST_POST, 0);
    const struct mailbox *reply = &at->message->reply_to.at[0];
    enum proof_result spf = at->proof->spf.result;
    if (!at->from || at->from_kinds & (HOST_FREE_MAIL | HOST_DISPOSABLE) || at->proof->dmarc.result == PROOF_FAIL)
        return false;
    if ((spf == PROOF_FAIL || spf == PROOF_SOFTFAIL) && !at->out->vouching.proved)
        return false;
    struct span poster = reply->name.len ? reply->name : reply->local;
    return (post ? is_list_post(at, at->from->address) : is_among_recipients(at, at->from->address)) && names_poster(at->from->name, poster);
}

static void reply_compare(struct scene *at, struct mismatch *out)
{
    if (!at->message->reply_to.len || at->list || is_rewritten_by_list(at))
        return;
    const struct mailbox *reply = &at->message->reply_to.at[0];
    unsigned kinds = host_kinds(at->tables, reply->domain_ascii, S(""), NULL);
    out->reply_to = reply->address;
    out->reply_to_differs = is_stranger(at, reply->domain_ascii) && !is_list_post(at, reply->address);
    out->reply_to_free_mail = out->reply_to_differs && kinds & (HOST_FREE_MAIL | HOST_DISPOSABLE) && !(at->from_kinds & HOST_FREE_MAIL);
    vec_each(found, &at->out->lookalikes)
        out->reply_to_lookalike |= found->place == LOOKALIKE_REPLY_TO;
}

static void senders_compare(struct scene *at, struct mismatch *out)
{
    const struct message *message = at->message;
    bool signer_own = false;
    if (message->sender.len && !at->list)
        out->sender_differs = is_stranger(at, message->sender.at[0].domain_ascii);
    out->return_path_differs = !at->list && is_stranger(at, at->sender_domain);
    vec_each(dkim, &at->proof->dkim) {
        if (dkim->result != PROOF_PASS)
            continue;
        signer_own |= !differs(at, dkim->domain) || (at->out->from_brand && brand_sends(at->out->from_brand, dkim->domain));
        out->signer_service |= at->service && service_by_host(at->tables, dkim->domain) == at->service;
        if (!out->signer.len)
            out->signer = dkim->domain;
    }
    out->signer_foreign = out->signer.len && !signer_own;
    out->signer_service &= out->signer_foreign;
}

/* ---- the feeding machine */

static bool is_default_name(struct span name, bool of_message_id)
{
    static const struct span servers[] = {{"WIN-", 4}, {"EC2AMAZ-", 8}, {"vps-", 4}, {"vmi", 3}};
    static const struct span desks[] = {{"DESKTOP-", 8}, {"LAPTOP-", 7}, {"localhost", 9}, {"vps", 3}};
    struct span label = first_label_of(name);
    for (size_t i = 0; i < 3; i++)
        if (span_starts_case(label, servers[i]) && label.len > servers[i].len + 3)
            return true;
    if (span_starts_case(label, servers[3]) && label.len > 6 && ascii_is_digit(label.at[3]))
        return true;
    for (size_t i = 0; of_message_id && i < sizeof desks / sizeof *desks; i++)
        if (span_starts_case(label, desks[i]))
            return true;
    return false;
}

/* The machine that wrote the message: in its Message-ID, or as the lowest hop names it. */
static void feeding_find(struct scene *at, struct mismatch *out)
{
    struct span id = at->message->message_id;
    const char *sign = span_find_byte(id, '@');
    struct span host = sign ? span_trim(span_from(sign + 1, id.at + id.len)) : S("");
    if (host.len && host.at[host.len - 1] == '>')
        host.len--;
    if (is_default_name(host, true)) {
        out->feeding_machine = true;
        out->feeding_name = host;
        return;
    }
    if (!at->path->hops.len)
        return;
    const struct hop *lowest = &at->path->hops.at[at->path->hops.len - 1];
    const struct span names[] = {lowest->helo, lowest->from};
    for (size_t i = 0; i < 2 && !out->feeding_machine; i++)
        if (is_default_name(names[i], false)) {
            out->feeding_machine = true;
            out->feeding_name = names[i];
        }
}

static bool has_php_marks(const struct message *message)
{
    if (message_field_named(message, S("X-PHP-Script"), 0) || message_field_named(message, S("X-PHP-Originating-Script"), 0))
        return true;
    const struct field *mailer = message_field_named(message, S("X-Mailer"), 0);
    return mailer && (span_starts_case(mailer->value, S("PHPMailer")) || span_starts_case(mailer->value, S("PHP/")));
}

/* How hosters name what they rent out: the address spelt in the name, or their words with figures. */
static bool is_hosters_name(const struct scene *at, struct span name)
{
    unsigned groups = 0, words = 0;
    size_t figures = 0, i = 0;
    name = span_first(name, 253);
    while (i < name.len) {
        size_t from = i;
        bool digit = ascii_is_digit(name.at[i]), alpha = ascii_is_alpha(name.at[i]);
        while (i < name.len && (digit ? ascii_is_digit(name.at[i]) : alpha ? ascii_is_alpha(name.at[i]) : i == from))
            i++;
        groups += digit;
        figures += digit ? i - from : 0;
        if (alpha) {
            struct span word = arena_lower(at->arena, (struct span){name.at + from, i - from});
            words += (name_word_uses(at->tables, word) & NAME_WORD_HOSTER) != 0;
        }
    }
    return groups >= 4 || (words && figures >= 3);
}

static void helo_examine(struct scene *at, struct mismatch *out)
{
    const struct span names[] = {at->path->client.name, at->path->client.helo};
    if (at->service || !at->path->edge_known)
        return;
    for (size_t i = 0; i < 2 && !out->helo_hosting; i++)
        if (names[i].len && !same_owner_as_from(at, names[i]) && !service_by_host(at->tables, names[i]) && is_hosters_name(at, names[i])) {
            out->helo_hosting = true;
            out->helo_name = names[i];
        }
}

/* ---- the organisation itself */

static bool is_from_outside(const struct scene *at)
{
    return !at->arrival->login.len && at->arrival->direction != DIRECTION_OUTBOUND && at->arrival->direction != DIRECTION_SUBMISSION &&
           at->arrival->direction != DIRECTION_INTERNAL;
}

static bool is_at_edge(char c)
{
    return c == ' ' || c == '\n' || (unsigned char)c >= 0x80;
}

static bool holds_words(struct span text, struct span words)
{
    const char *found = words.len ? span_find(text, words) : NULL;
    if (!found)
        return false;
    const char *end = found + words.len;
    return (found == text.at || is_at_edge(found[-1]) || (unsigned char)*found >= 0x80) &&
           (end == text.at + text.len || is_at_edge(*end) || (unsigned char)end[-1] >= 0x80);
}

static bool names_own(const struct scene *at)
{
    enum { LABEL_LEAST = 5 };
    vec_each(form, &at->settings->own_forms)
        if (holds_words(at->name, *form))
            return true;
    vec_each(domain, &at->settings->own_domains) {
        struct span label = first_label_of(*domain);
        if (label.len >= LABEL_LEAST && holds_words(at->name, label))
            return true;
    }
    return false;
}

static bool is_desk(const struct scene *at, struct span address)
{
    enum { LOCAL_MOST = 64 }; /* RFC 5321 4.5.3.1.1 */
    const char *sign = span_find_byte(address, '@');
    struct folded local = {0};
    if (sign && sign - address.at <= LOCAL_MOST)
        text_fold(at->arena, span_from(address.at, sign), LOCAL_MOST, &local);
    return local.text.len && name_word_uses(at->tables, local.text) & NAME_WORD_DESK;
}

static bool goes_to_desk(const struct scene *at)
{
    enum { RECIPIENTS_MOST = 10 };
    size_t count = at->arrival->rcpt_to.len;
    for (size_t i = 0; i < count; i++)
        if (i >= RECIPIENTS_MOST || !is_desk(at, at->arrival->rcpt_to.at[i].address))
            return false;
    return count > 0;
}

/* Something came of asking. Of one's own domains it is known that they can be proved: there, that nothing passed says enough. */
static bool is_asked(const struct proof *proof)
{
    bool undecided = proof->spf.result == PROOF_UNKNOWN || proof->spf.result == PROOF_TEMPERROR || proof->dmarc.result == PROOF_UNKNOWN ||
                     proof->dmarc.result == PROOF_TEMPERROR;
    vec_each(dkim, &proof->dkim)
        undecided |= dkim->result == PROOF_UNKNOWN || dkim->result == PROOF_TEMPERROR;
    return proof->basis != BASIS_NONE && !undecided;
}

static void own_compare(struct scene *at, struct mismatch *out)
{
    const struct vouching *vouching = &at->out->vouching;
    bool inside = is_own_domain(at, at->from_domain);
    out->from_own = inside;
    out->from_partner = is_partner(at, at->from_domain);
    out->own_unproved = inside && is_from_outside(at) && !vouching->proved && is_asked(at->proof);
    out->own_name_claimed = at->from && !inside && is_from_outside(at) && !at->list && !out->from_partner && names_own(at);
    out->to_desk = goes_to_desk(at);
    for (size_t i = 0; at->from && i < at->arrival->rcpt_to.len && i < 10; i++)
        out->to_self |= span_eq_case(at->from->address, at->arrival->rcpt_to.at[i].address);
}

static bool claims_office(const struct scene *at)
{
    struct span rest = at->name, word;
    unsigned roles = 0, others = 0;
    while (span_word(&rest, &word)) {
        unsigned uses = name_word_uses(at->tables, word);
        roles += (uses & NAME_WORD_ROLE) != 0;
        others += !(uses & (NAME_WORD_ROLE | NAME_WORD_ADDED | NAME_WORD_LEGAL));
    }
    return roles && !others;
}

void mismatch_find(struct scene *at)
{
    struct mismatch *out = &at->out->mismatch;
    const struct claim *claim = at->out;
    out->from_free_mail = at->from_kinds & HOST_FREE_MAIL;
    out->from_signs_all = out->from_free_mail && at->from_kinds & HOST_SIGNS_ALL;
    out->from_cheap = at->from_kinds & HOST_CHEAP_SUFFIX;
    out->from_disposable = at->from_kinds & HOST_DISPOSABLE;
    out->from_onmicrosoft = domain_is_or_under(at->from_domain, S("onmicrosoft.com"));
    out->from_free_pages = at->from_domain.len && !out->from_onmicrosoft && !claim->from_brand &&
                           (at->from_kinds & (HOST_FREE_PAGES | HOST_BUCKET | HOST_TUNNEL) || host_is_private(at->tables, at->from_domain));
    out->well_known = !out->from_free_mail && !out->from_free_pages &&
                      (claim->from_brand || (at->from_kinds & HOST_REPUTABLE && !brand_by_domain(at->tables, at->from_domain)));
    out->list_borne_out = at->list;
    out->service_claimed = at->service != NULL;
    out->several_from = at->message->from.len > 1;
    out->hidden_recipients = !at->message->to.len && !at->message->cc.len && !at->list;
    reply_compare(at, out);
    senders_compare(at, out);
    own_compare(at, out);
    out->corporate_claim = out->from_free_mail && ((claim->main && !claim->main->from_own) || out->own_name_claimed || claims_office(at));
    feeding_find(at, out);
    out->php_mailer = has_php_marks(at->message);
    helo_examine(at, out);
}
