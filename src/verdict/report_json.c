#include "verdict/report_json.h"
#include "verdict/stored.h"

#include "message/url.h"

enum { MOST_ADDRESSES = 100, MOST_LINKS = 200, MOST_ATTACHMENTS = 200, MOST_NAMES = 10, MOST_URL = 1000, MOST_TEXT = 200 };

/* ---- envelope */

static void recipients_write(struct json *json, const struct arrival *arrival)
{
    json_array(json, "rcpt_to");
    vec_each(recipient, &arrival->rcpt_to) {
        json_object(json, NULL);
        json_text(json, "address", recipient->address);
        json_text_or_null(json, "params", recipient->params);
        json_text_or_null(json, "org", recipient->org);
        json_object_end(json);
    }
    json_array_end(json);
}

static void envelope_tls(struct json *json, const struct arrival *arrival)
{
    if (!arrival->tls.version.len) {
        json_null(json, "tls");
        return;
    }
    json_object(json, "tls");
    json_text(json, "version", arrival->tls.version);
    json_text_or_null(json, "cert_subject", arrival->tls.cert_subject);
    json_bool(json, "cert_verified", arrival->tls.cert_verified);
    json_object_end(json);
}

/* mail_from: null is unknown, "" is the null sender. */
void report_envelope_write(struct json *json, const struct arrival *arrival)
{
    json_object(json, "envelope");
    json_ip(json, "client_ip", &arrival->client_ip);
    json_text_or_null(json, "client_name", arrival->client_name);
    json_text_or_null(json, "helo", arrival->helo);
    if (arrival->mail_from_state == SENDER_UNKNOWN)
        json_null(json, "mail_from");
    else
        json_text(json, "mail_from", arrival->mail_from);
    json_text_or_null(json, "mail_params", arrival->mail_params);
    recipients_write(json, arrival);
    json_bool(json, "local", arrival->local);
    json_text_or_null(json, "login", arrival->login);
    envelope_tls(json, arrival);
    json_text_or_null(json, "listener", arrival->listener);
    json_text(json, "direction", span_of(direction_name(arrival->direction)));
    json_text_or_null(json, "queue_id", arrival->queue_id);
    json_object_end(json);
}

/* ---- message */

static void mailboxes_write(struct json *json, const char *key, const mailboxes_t *mailboxes)
{
    json_array(json, key);
    for (size_t i = 0; i < mailboxes->len && i < MOST_ADDRESSES; i++) {
        const struct mailbox *mailbox = &mailboxes->at[i];
        json_object(json, NULL);
        json_text_or_null(json, "name", span_first(mailbox->name, MOST_URL));
        json_text(json, "address", span_first(mailbox->address, MOST_URL));
        json_text_or_null(json, "domain", span_first(mailbox->domain_ascii, MOST_URL));
        json_object_end(json);
    }
    json_array_end(json);
}

static void digest_write(struct json *json, const struct part *part)
{
    static const char hex[] = "0123456789abcdef";
    char text[64];
    for (size_t i = 0; i < sizeof part->sha256; i++) {
        text[2 * i] = hex[part->sha256[i] >> 4];
        text[2 * i + 1] = hex[part->sha256[i] & 15];
    }
    json_text(json, "sha256", (struct span){text, sizeof text});
}

static void attachment_write(struct json *json, struct arena *arena, const struct part *part)
{
    json_object(json, NULL);
    json_array(json, "names");
    for (size_t i = 0; i < part->names.len && i < MOST_NAMES; i++)
        json_text(json, NULL, span_first(part->names.at[i], MOST_URL));
    json_array_end(json);
    json_text(json, "declared_type", arena_print(arena, "%.*s/%.*s", SPAN_FMT(part->type), SPAN_FMT(part->subtype)));
    json_text_or_null(json, "sniffed_type", part->sniffed);
    json_number(json, "size", (int64_t)part->decoded.len);
    digest_write(json, part);
    json_text_or_null(json, "disposition", part->disposition);
    json_number(json, "reading", part->reading);
    json_object_end(json);
}

static size_t attachments_write(struct json *json, struct arena *arena, const struct message *message)
{
    size_t count = 0;
    json_array(json, "attachments");
    vec_each(leaf, &message->leaves)
        if ((*leaf)->attachment && count++ < MOST_ATTACHMENTS)
            attachment_write(json, arena, *leaf);
    json_array_end(json);
    return count;
}

static void links_write(struct json *json, const struct message *message)
{
    json_array(json, "links");
    for (size_t i = 0; i < message->links.len && i < MOST_LINKS; i++) {
        const struct link *link = &message->links.at[i];
        json_object(json, NULL);
        json_text(json, "kind", span_of(link_kind_name(link->kind)));
        json_text_or_null(json, "url", link->url ? span_first(link->url->href, MOST_URL) : S(""));
        json_text_or_null(json, "host", link->url ? link->url->host : S(""));
        json_text(json, "raw", span_first(link->raw, MOST_URL));
        json_text_or_null(json, "text", span_first(link->text, MOST_TEXT));
        json_bool(json, "hidden", link->hidden);
        json_object_end(json);
    }
    json_array_end(json);
}

static void defects_write(struct json *json, const struct message *message)
{
    json_array(json, "defects");
    vec_each(defect, &message->defects) {
        json_object(json, NULL);
        json_text(json, "id", span_of(defect_name(defect->id)));
        if (defect->offset == SIZE_MAX)
            json_null(json, "offset");
        else
            json_number(json, "offset", (int64_t)defect->offset);
        json_text_or_null(json, "detail", defect->detail);
        json_text(json, "text", span_of(defect_text(defect->id, false)));
        json_object_end(json);
    }
    json_array_end(json);
}

static void message_write(struct json *json, struct arena *arena, const struct message *message)
{
    json_object(json, "message");
    json_text_or_null(json, "message_id", span_first(message->message_id, MOST_URL));
    json_text_or_null(json, "subject", span_first(message->subject, MOST_URL));
    json_time(json, "date", message->date);
    mailboxes_write(json, "from", &message->from);
    mailboxes_write(json, "reply_to", &message->reply_to);
    mailboxes_write(json, "to", &message->to);
    mailboxes_write(json, "cc", &message->cc);
    size_t attachments = attachments_write(json, arena, message);
    links_write(json, message);
    defects_write(json, message);
    json_object(json, "counts");
    json_number(json, "from", (int64_t)message->from.len);
    json_number(json, "reply_to", (int64_t)message->reply_to.len);
    json_number(json, "to", (int64_t)message->to.len);
    json_number(json, "cc", (int64_t)message->cc.len);
    json_number(json, "attachments", (int64_t)attachments);
    json_number(json, "links", (int64_t)message->links.len);
    json_number(json, "parts", (int64_t)message->part_count);
    json_number(json, "readings", (int64_t)message->readings);
    json_object_end(json);
    json_object_end(json);
}

/* ---- relay */

static void relay_write(struct json *json, const struct relay_use *relay)
{
    if (!relay || !relay->applies) {
        json_null(json, "relay");
        return;
    }
    json_object(json, "relay");
    json_text_or_null(json, "customer", relay->customer ? relay->customer->name : S(""));
    json_array(json, "proofs");
    vec_each(proof, &relay->proofs) {
        json_object(json, NULL);
        json_text(json, "name", proof->name);
        json_text(json, "answer", span_of(relay_answer_name(proof->answer)));
        json_text_or_null(json, "value", proof->value);
        json_text(json, "reason", proof->reason);
        json_object_end(json);
    }
    json_array_end(json);
    json_bool(json, "agree", relay->agree);
    json_text(json, "leave", span_of(relay_answer_name(relay->leave)));
    json_text(json, "sign", span_of(relay_answer_name(relay->sign)));
    json_text(json, "reason", relay->reason);
    json_object_end(json);
}

/* ---- opinion */

static void evidence_write(struct json *json, struct arena *arena, const struct report *report)
{
    json_array(json, "evidence");
    vec_each(evidence, &report->evidence) {
        const struct evidence_kind *kind = evidence_kind(evidence->id);
        json_object(json, NULL);
        json_text(json, "id", span_of(kind->name));
        json_text(json, "group", span_of(kind->group));
        json_text_or_null(json, "tag", span_of(kind->tag));
        json_real(json, "weight", evidence->weight);
        json_text(json, "where", evidence->where);
        json_text(json, "text", evidence_text(arena, evidence, LANGUAGE_EN));
        json_text(json, "caution", evidence_caution(arena, evidence, LANGUAGE_EN));
        json_object_end(json);
    }
    json_array_end(json);
}

static void actions_write(struct json *json, const struct report *report)
{
    json_array(json, "actions");
    vec_each(action, &report->actions) {
        json_object(json, NULL);
        json_array(json, "recipients");
        vec_each(recipient, &action->recipients)
            json_text(json, NULL, *recipient);
        json_array_end(json);
        json_text(json, "action", action->action);
        json_text(json, "mode", action->mode);
        json_text(json, "reason", action->reason);
        json_object_end(json);
    }
    json_array_end(json);
}

static void opinion_write(struct json *json, struct arena *arena, const struct report *report)
{
    evidence_write(json, arena, report);
    json_real(json, "absence", report->absence);
    json_real(json, "score", report->score);
    json_text(json, "verdict", span_of(verdict_name(report->verdict)));
    json_array(json, "tags");
    vec_each(tag, &report->tags)
        json_text(json, NULL, *tag);
    json_array_end(json);
    actions_write(json, report);
}

/* Seals that it came with; the one that we add stands in no report, for it is made of the record's id. */
static void seals_write(struct json *json, const struct seals *seals)
{
    if (!seals || !seals->fields) {
        json_null(json, "seal");
        return;
    }
    json_object(json, "seal");
    json_text(json, "state", span_of(seal_state_name(seals_state(seals))));
    json_number(json, "fields", (int64_t)seals->fields);
    json_array(json, "seals");
    vec_each(found, &seals->list) {
        bool read = found->state != SEAL_MALFORMED;
        json_object(json, NULL);
        json_text(json, "state", span_of(seal_state_name(found->state)));
        json_text_or_null(json, "key", read ? found->seal.key : S(""));
        json_text_or_null(json, "record", read ? found->seal.record : S(""));
        json_time(json, "at", read ? found->seal.at : TIME_UNKNOWN);
        json_object_end(json);
    }
    json_array_end(json);
    json_object_end(json);
}

/* The order is that of docs/report.schema.json: whose judgement it is, the facts, the opinion. */
static void head_write(struct json *json, const struct report *report)
{
    json_object(json, NULL);
    json_text(json, "schema", S("sekimori.report/1"));
    json_text(json, "id", report->id);
    json_text_or_null(json, "generation", report->generation);
}

static void facts_write(struct json *json, struct arena *arena, const struct report *report)
{
    json_text_or_null(json, "source", report->arrival->source);
    json_time(json, "received_at", report->arrival->received_at);
    json_number(json, "size", (int64_t)report->arrival->raw.len);
    report_envelope_write(json, report->arrival);
    message_write(json, arena, report->message);
    json_path(json, arena, report->path);
    json_auth(json, report->message, report->proof);
    relay_write(json, report->relay);
    json_claim(json, report->claim);
    json_content(json, report->content);
    seals_write(json, report->seals);
    json_witnesses(json, report->testimony);
    json_null(json, "habit"); /* behaviour has not spoken yet */
}

struct span report_json_whole(struct arena *arena, const struct report *report, struct buf *out)
{
    struct json json = {.out = out};
    head_write(&json, report);
    size_t from = out->len + 1; /* behind the comma */
    facts_write(&json, arena, report);
    size_t end = out->len;
    opinion_write(&json, arena, report);
    json_object_end(&json);
    return out->cut ? (struct span){0} : (struct span){out->at + from, end - from};
}

void report_json(struct arena *arena, const struct report *report, struct buf *out)
{
    report_json_whole(arena, report, out);
}

void report_json_facts(struct arena *arena, const struct report *report, struct buf *out)
{
    struct json json = {.out = out};
    facts_write(&json, arena, report);
}

void report_json_again(struct arena *arena, const struct report *report, struct span facts, struct buf *out)
{
    struct json json = {.out = out};
    head_write(&json, report);
    buf_byte(out, ',');
    buf_add(out, facts);
    opinion_write(&json, arena, report);
    json_object_end(&json);
}
