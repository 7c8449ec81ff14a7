/* The envelope as a JSON object. */
#include "door/envelope.h"
#include "door/fields.h"

#include <jansson.h>

struct json_reading {
    struct arena *arena;
    struct arrival *out;
    struct span *where;
    struct err *err;
};

static int __attribute__((format(printf, 3, 4))) refuse(struct json_reading *at, struct span where, const char *format, ...)
{
    char text[256];
    va_list words;
    va_start(words, format);
    vsnprintf(text, sizeof text, format, words);
    va_end(words);
    *at->where = where;
    return err_set(at->err, "%s", text);
}

static int word_take(struct json_reading *at, const char *name, struct span where, const json_t *value)
{
    struct span word = {json_string_value(value), json_string_length(value)};
    if (json_is_null(value))
        return 0;
    if (json_is_boolean(value) && (strcmp(name, "tls.cert_verified") == 0 || strcmp(name, "local") == 0))
        word = json_is_true(value) ? S("yes") : S("no");
    else if (!json_is_string(value))
        return refuse(at, where, "wants a text, or null where it is not known");
    if (envelope_take(at->arena, ENVELOPE_JSON, span_of(name), word, at->out, at->err) == 0)
        return 0;
    *at->where = where;
    return -1;
}

/* ---- recipients */
static int recipient_object(struct json_reading *at, struct span where, json_t *value)
{
    const char *key;
    json_t *member, *address = json_object_get(value, "address"), *params = json_object_get(value, "params");
    json_object_foreach(value, key, member)
        if (strcmp(key, "address") != 0 && strcmp(key, "params") != 0 && strcmp(key, "org") != 0) /* org is ours to tell, and stands in reports */
            return refuse(at, arena_print(at->arena, "%.*s.%.60s", SPAN_FMT(where), key), "is no member of a recipient; there are address and params");
    where = arena_print(at->arena, "%.*s.address", SPAN_FMT(where));
    if (!json_is_string(address))
        return refuse(at, where, "wants an address");
    if (word_take(at, "rcpt_to", where, address) < 0)
        return -1;
    if (json_is_string(params))
        at->out->rcpt_to.at[at->out->rcpt_to.len - 1].params = arena_copy(at->arena, (struct span){json_string_value(params), json_string_length(params)});
    return !params || json_is_null(params) || json_is_string(params) ? 0 : refuse(at, where, "params wants a text");
}

static int recipients_take(struct json_reading *at, json_t *list)
{
    size_t i;
    json_t *one;
    if (!json_is_array(list))
        return json_is_null(list) ? 0 : refuse(at, S("rcpt_to"), "wants a list: [\"a@example.com\"]");
    json_array_foreach(list, i, one) {
        struct span where = arena_print(at->arena, "rcpt_to[%zu]", i + 1);
        if (json_is_null(one))
            return refuse(at, where, "wants an address");
        if ((json_is_object(one) ? recipient_object(at, where, one) : word_take(at, "rcpt_to", where, one)) < 0)
            return -1;
    }
    return 0;
}

/* ---- the whole */
static int members_take(struct json_reading *at, const char *before, json_t *object)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value) {
        int taken;
        const char *name = arena_print(at->arena, "%s%.60s", before, key).at;
        if (strcmp(name, "rcpt_to") == 0)
            taken = recipients_take(at, value);
        else if (strcmp(name, "tls") == 0 && json_is_object(value))
            taken = members_take(at, "tls.", value);
        else if (strcmp(name, "tls") == 0)
            taken = json_is_null(value) ? 0 : refuse(at, S("tls"), "wants an object, or null");
        else
            taken = word_take(at, name, span_of(name), value);
        if (taken < 0)
            return -1;
    }
    return 0;
}

static void json_end(json_t **json)
{
    json_decref(*json);
}

static int whole_read(struct json_reading *at, struct span json, json_t **out)
{
    json_error_t why;
    *at->where = S("");
    *out = json_loadb(json.at, json.len, JSON_REJECT_DUPLICATES, &why);
    if (!*out)
        return err_set(at->err, "is no JSON: line %d, column %d: %s", why.line, why.column, why.text);
    return json_is_object(*out) ? 0 : err_set(at->err, "wants an object: {\"mail_from\": \"a@example.com\"}");
}

int envelope_json(struct arena *arena, struct span json, struct arrival *out, struct span *where, struct err *err)
{
    struct json_reading at = {arena, out, where, err};
    json_t *whole __attribute__((cleanup(json_end))) = NULL;
    return whole_read(&at, json, &whole) < 0 ? -1 : members_take(&at, "", whole);
}

int envelope_of_report(struct arena *arena, struct span report, struct arrival *out, struct span *where, struct err *err)
{
    struct json_reading at = {arena, out, where, err};
    static const char *const beside[] = {"received_at", "source"};
    json_t *whole __attribute__((cleanup(json_end))) = NULL;
    if (whole_read(&at, report, &whole) < 0 || members_take(&at, "", json_object_get(whole, "envelope")) < 0)
        return -1;
    for (size_t i = 0; i < 2; i++)
        if (word_take(&at, beside[i], span_of(beside[i]), json_object_get(whole, beside[i])) < 0)
            return -1;
    return 0;
}
