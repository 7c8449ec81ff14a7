/* Which customer of the service sent the message, where the service writes it down. */
#include "trace/inner.h"

enum { MOST_ACCOUNT = 200, MOST_ENCODED = 4096 };

static struct span before(struct span value, char c)
{
    const char *at = span_find_byte(value, c);
    return at ? span_from(value.at, at) : (struct span){0};
}

static struct span colon_field(struct span value, unsigned index)
{
    struct span piece = {0};
    for (unsigned i = 0; i < index; i++)
        if (!span_cut(&value, ':', &piece))
            return (struct span){0};
    return piece;
}

/* "bounces+848413-634f-anna=example.org@..." */
static struct span verp_number(struct span address)
{
    static const struct span mark = {"bounces+", 8};
    const char *at = span_find_case(address, mark);
    if (!at)
        return (struct span){0};
    struct span rest = span_skip(address, (size_t)(at - address.at) + mark.len);
    size_t n = 0;
    while (n < rest.len && ascii_is_digit(rest.at[n]))
        n++;
    return n < rest.len && rest.at[n] == '-' ? span_first(rest, n) : (struct span){0};
}

/* One string of a JSON list, without escapes (keys have none); false at anything else. */
static bool json_string_cut(struct span *rest, struct span *out)
{
    *rest = span_trim(*rest);
    if (!rest->len || rest->at[0] != '"')
        return false;
    const char *close = span_find_byte(span_skip(*rest, 1), '"');
    if (!close)
        return false;
    *out = span_from(rest->at + 1, close);
    *rest = span_trim(span_skip(*rest, out->len + 2));
    return !span_find_byte(*out, '\\');
}

static struct span json_third(struct span list)
{
    struct span value = {0};
    list = span_trim(list);
    if (!list.len || list.at[0] != '[')
        return value;
    list = span_skip(list, 1);
    for (int i = 0; i < 3; i++) {
        if (!json_string_cut(&list, &value) || !list.len || list.at[0] != (i < 2 ? ',' : ']'))
            return (struct span){0};
        list = span_skip(list, 1);
    }
    return value;
}

static struct span account_read(struct arena *arena, const struct service_account *account, struct span value)
{
    bool strict;
    value = span_trim(value);
    switch (account->form) {
    case ACCOUNT_WHOLE:
        return value;
    case ACCOUNT_BEFORE_DOT:
        return before(value, '.');
    case ACCOUNT_BEFORE_UNDERSCORE:
        return before(value, '_');
    case ACCOUNT_COLON_FIELD:
        return colon_field(value, account->index);
    case ACCOUNT_VERP_NUMBER:
        return verp_number(value);
    case ACCOUNT_BASE64_JSON_THIRD:
        return value.len <= MOST_ENCODED ? json_third(base64_decode(arena, value, &strict)) : (struct span){0};
    }
    return (struct span){0};
}

static struct span sender_of(const struct arrival *arrival, const struct message *message)
{
    if (arrival->mail_from_state == SENDER_GIVEN)
        return arrival->mail_from;
    const struct field *path = message_field(message, FIELD_RETURN_PATH, 0);
    return arrival->mail_from_state == SENDER_UNKNOWN && path ? path->value : (struct span){0};
}

void account_find(struct arena *arena, const struct arrival *arrival, const struct message *message,
                  struct carrier *carrier)
{
    vec_each (account, &carrier->service->accounts) {
        bool envelope = span_eq_case(account->field, S("MAIL FROM"));
        const struct field *field = envelope ? NULL : message_field_named(message, account->field, 0);
        if (!envelope && !field)
            continue;
        struct span key =
            span_trim(account_read(arena, account, envelope ? sender_of(arrival, message) : field->value));
        if (!key.len || key.len > MOST_ACCOUNT)
            continue;
        carrier->account = key;
        carrier->account_from = account->field;
        carrier->account_sure = account->sure;
        return;
    }
}
