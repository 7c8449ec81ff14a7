#include "study/perturb.h"

#include <stdlib.h>

static const char *const names[][2] = {
#define PERTURBATION(id, name, en) [id] = {name, en},
#include "study/perturb.def"
#undef PERTURBATION
};

const char *perturbation_name(enum perturbation kind)
{
    return names[kind][0];
}

const char *perturbation_text(enum perturbation kind)
{
    return names[kind][1];
}

static bool is_between(char c, char low, char high)
{
    return c >= low && c <= high;
}

/* ---- dates: a year of 1990 to 2096 that stands as a word becomes one three years later */

static void years_move(struct buf *out, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        bool begins = i == 0 || !ascii_is_digit(text.at[i - 1]);
        struct span rest = span_skip(text, i);
        bool year = begins && rest.len >= 4 && (span_starts(rest, S("199")) || (span_starts(rest, S("20")) && is_between(rest.at[2], '0', '8'))) &&
                    ascii_is_digit(rest.at[3]) && (rest.len == 4 || !ascii_is_digit(rest.at[4]));
        if (!year) {
            buf_byte(out, text.at[i]);
            continue;
        }
        buf_print(out, "%d", atoi((char[]){rest.at[0], rest.at[1], rest.at[2], rest.at[3], 0}) + 3);
        i += 3;
    }
}

static bool dates_move(struct buf *out, const struct walk *walk, struct arrival *arrival)
{
    const struct message *message = &walk->message;
    const char *at = message->raw.at;
    vec_each(field, &message->fields) {
        if (field->id != FIELD_DATE && field->id != FIELD_RECEIVED)
            continue;
        buf_add(out, span_from(at, field->raw.at));
        years_move(out, field->raw);
        at = field->raw.at + field->raw.len;
    }
    buf_add(out, span_from(at, message->raw.at + message->raw.len));
    arrival->received_at = TIME_UNKNOWN; /* the topmost Received tells it anew */
    return at != message->raw.at;
}

/* ---- the recipient, wherever the address stands: plain, with %40, any case */

static void address_replace(struct buf *out, struct span text, struct span from, struct span to)
{
    while (text.len) {
        const char *found = span_find_case(text, from);
        if (!found)
            break;
        buf_add(out, span_from(text.at, found));
        buf_add(out, to);
        text = span_skip(text, (size_t)(found - text.at) + from.len);
    }
    buf_add(out, text);
}

static struct span escaped(struct arena *arena, struct span address)
{
    struct buf out = {.arena = arena};
    for (size_t i = 0; i < address.len; i++)
        if (address.at[i] == '@')
            buf_add(&out, S("%40"));
        else
            buf_byte(&out, address.at[i]);
    return buf_span(&out);
}

/* Whoever writes in the recipient's name would become another sender, and that matters. */
static bool is_author(const struct message *message, struct span address)
{
    vec_each(from, &message->from)
        if (span_eq_case(from->address, address))
            return true;
    return false;
}

static bool recipient_rename(struct buf *out, const struct walk *walk, struct arrival *arrival)
{
    const struct span other = S("k.ogawa@harbour.example.net");
    if (arrival->rcpt_to.len != 1 || !span_find_byte(arrival->rcpt_to.at[0].address, '@'))
        return false;
    struct span address = arrival->rcpt_to.at[0].address;
    if (is_author(&walk->message, address))
        return false;
    struct buf plain = {.arena = out->arena};
    address_replace(&plain, walk->message.raw, address, other);
    address_replace(out, buf_span(&plain), escaped(out->arena, address), escaped(out->arena, other));
    struct recipient *renamed = arena_one(out->arena, struct recipient);
    *renamed = arrival->rcpt_to.at[0];
    renamed->address = other;
    arrival->rcpt_to.at = renamed;
    return true;
}

/* ---- line ends */

static bool line_ends_change(struct buf *out, struct span raw)
{
    bool crlf = span_find(raw, S("\r\n")) != NULL;
    for (size_t i = 0; i < raw.len; i++) {
        if (crlf && raw.at[i] == '\r' && i + 1 < raw.len && raw.at[i + 1] == '\n')
            continue;
        if (!crlf && raw.at[i] == '\n')
            buf_byte(out, '\r');
        buf_byte(out, raw.at[i]);
    }
    return true;
}

/* ---- a list */

static const char list_fields[] = "List-Id: Friends of the Valley Railway <friends.lists.valley-railway.example>\r\n"
                                  "List-Post: <mailto:friends@lists.valley-railway.example>\r\n"
                                  "List-Help: <mailto:friends-request@lists.valley-railway.example?subject=help>\r\n"
                                  "Precedence: list\r\n";
static const char list_footer[] = "\r\n_______________________________________________\r\nFriends mailing list\r\nfriends@lists.valley-railway.example\r\n";

/* The footer only where the message is one part of plain text in no encoding: elsewhere it would have to be built in. */
static bool footer_fits(const struct message *message)
{
    const struct part *root = message->root;
    return root->kind == PART_TEXT && (root->encoding == ENCODING_7BIT || root->encoding == ENCODING_8BIT);
}

static bool list_put_on(struct buf *out, const struct walk *walk)
{
    const struct message *message = &walk->message;
    const struct field *subject = message_field(message, FIELD_SUBJECT, 0);
    if (message_field(message, FIELD_LIST_ID, 0) || !subject || !subject->raw.len)
        return false;
    buf_add(out, span_from(message->raw.at, subject->whole.at));
    buf_add(out, span_of(list_fields));
    buf_add(out, span_from(subject->whole.at, subject->raw.at));
    buf_add(out, S(" [friends]"));
    buf_add(out, span_from(subject->raw.at, message->raw.at + message->raw.len));
    if (footer_fits(message))
        buf_add(out, span_of(list_footer));
    return true;
}

static struct span without_prefix(struct span value)
{
    struct span trimmed = span_trim(value);
    const char *close = trimmed.len && trimmed.at[0] == '[' ? span_find_byte(trimmed, ']') : NULL;
    return close && close - trimmed.at < 40 ? span_skip(trimmed, (size_t)(close - trimmed.at) + 1) : value;
}

static bool list_take_off(struct buf *out, const struct walk *walk)
{
    const struct message *message = &walk->message;
    const char *at = message->raw.at;
    if (!message_field(message, FIELD_LIST_ID, 0))
        return false;
    vec_each(field, &message->fields) {
        bool list = span_starts_case(field->name, S("List-")) || span_eq_case(field->name, S("Precedence"));
        if (!list && field->id != FIELD_SUBJECT)
            continue;
        if (field->whole.at < at) /* a field inside another reading */
            continue;
        buf_add(out, span_from(at, list ? field->whole.at : field->raw.at));
        at = field->whole.at + field->whole.len;
        if (!list) {
            buf_byte(out, ' ');
            buf_add(out, without_prefix(field->value));
            buf_add(out, S("\r\n"));
        }
    }
    buf_add(out, span_from(at, message->raw.at + message->raw.len));
    return true;
}

/* ---- what one's own servers add */

static bool results_put_on(struct buf *out, const struct walk *walk)
{
    if (walk->proof.basis == BASIS_TRUSTED_HEADER || !walk->settings->auth.trusted_authserv.len)
        return false;
    struct span id = walk->settings->auth.trusted_authserv.at[0];
    buf_print(out, "Authentication-Results: %.*s; spf=none; dkim=none; dmarc=none\r\n", SPAN_FMT(id));
    buf_add(out, walk->message.raw);
    return true;
}

static bool hop_put_on(struct buf *out, const struct walk *walk)
{
    const struct path *path = &walk->path;
    const struct hop *top = path->hops.len ? &path->hops.at[0] : NULL;
    if (!path->edge_known || !top || !top->by.len || top->time == TIME_UNKNOWN || !walk->settings->trace.trusted_hosts.len)
        return false;
    const struct field *received = message_field(&walk->message, FIELD_RECEIVED, 0);
    const char *semicolon = received ? memrchr(received->value.at, ';', received->value.len) : NULL;
    if (!semicolon)
        return false;
    buf_print(out, "Received: from %.*s (%.*s [192.168.20.7])\r\n\tby store.%.*s with ESMTP id 4Zq1xK2b9z%.*s\r\n", SPAN_FMT(top->by),
              SPAN_FMT(top->by), SPAN_FMT(walk->settings->trace.trusted_hosts.at[0]),
              (int)(received->value.at + received->value.len - semicolon), semicolon);
    buf_add(out, walk->message.raw);
    return true;
}

bool study_perturb(struct arena *arena, enum perturbation kind, const struct walk *walk, struct arrival *out)
{
    struct buf raw = {.arena = arena};
    bool done = false;
    *out = walk->arrival;
    switch (kind) {
    case PERTURB_DATES: done = dates_move(&raw, walk, out); break;
    case PERTURB_RECIPIENT: done = recipient_rename(&raw, walk, out); break;
    case PERTURB_LINE_ENDS: done = line_ends_change(&raw, walk->message.raw); break;
    case PERTURB_LIST_ON: done = list_put_on(&raw, walk); break;
    case PERTURB_LIST_OFF: done = list_take_off(&raw, walk); break;
    case PERTURB_RESULTS_NONE: done = results_put_on(&raw, walk); break;
    case PERTURB_HOP: done = hop_put_on(&raw, walk); break;
    case PERTURBATION_COUNT: break;
    }
    out->raw = buf_span(&raw);
    return done;
}
