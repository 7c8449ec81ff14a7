/* Writing Authentication-Results, RFC 8601 2.2. Whatever came from outside is quoted unless it is a plain token. */
#include "auth/auth.h"

enum { VALUE_MOST = 255 };

static bool is_token_byte(char c)
{
    return c > ' ' && c < 127 && !strchr("()<>@,;:\\\"/[]?=", c); /* RFC 2045 5.1 */
}

/* A token, or local@domain of plain atoms. */
static bool value_is_plain(struct span value)
{
    size_t ats = 0;
    for (size_t i = 0; i < value.len; i++)
        if (value.at[i] == '@' && !ats && i + 1 < value.len)
            ats++;
        else if (!is_token_byte(value.at[i]))
            return false;
    return value.len > 0;
}

static void value_write(struct buf *out, struct span value)
{
    value = span_first(value, VALUE_MOST);
    if (value_is_plain(value)) {
        buf_add(out, value);
        return;
    }
    buf_byte(out, '"');
    for (size_t i = 0; i < value.len; i++) {
        char c = value.at[i];
        if (c == '"' || c == '\\')
            buf_byte(out, '\\');
        buf_byte(out, (unsigned char)c < ' ' || c == 127 ? '?' : c);
    }
    buf_byte(out, '"');
}

static void property_write(struct buf *out, const char *name, struct span value)
{
    if (!value.len)
        return;
    buf_print(out, " %s=", name);
    value_write(out, value);
}

static bool is_writable(enum proof_result result)
{
    return result != PROOF_UNKNOWN && result != PROOF_NOT_APPLICABLE; /* RFC 8601 has no words for these */
}

static void method_write(struct buf *out, const char *method, enum proof_result result)
{
    buf_print(out, ";\r\n\t%s=%s", method, proof_result_name(result));
}

static void spf_write(struct buf *out, const struct spf_proof *spf)
{
    if (!is_writable(spf->result))
        return;
    method_write(out, "spf", spf->result);
    property_write(out, span_eq(spf->identity, S("helo")) ? "smtp.helo" : "smtp.mailfrom", spf->domain);
}

static struct span b_begin(struct arena *arena, const struct field *field)
{
    const char *at = field ? span_find(field->value, S("b=")) : NULL;
    while (at && at > field->value.at && at[-1] != ';' && !ascii_is_space(at[-1])) {
        struct span rest = span_from(at + 2, field->value.at + field->value.len);
        at = span_find(rest, S("b="));
    }
    struct buf out = {.arena = arena, .max = 8};
    for (at = at ? at + 2 : NULL; at && at < field->value.at + field->value.len && *at != ';' && out.len < 8; at++)
        if (!ascii_is_space(*at))
            buf_byte(&out, *at);
    return buf_span(&out);
}

static void dkim_write(struct buf *out, const struct dkim_proof *dkim)
{
    if (!is_writable(dkim->result))
        return;
    method_write(out, "dkim", dkim->result);
    property_write(out, "header.d", dkim->domain);
    property_write(out, "header.s", dkim->selector);
    property_write(out, "header.a", dkim->algorithm);
    property_write(out, "header.b", b_begin(out->arena, dkim->field));
}

static void chain_and_policy_write(struct buf *out, const struct proof *proof)
{
    if (proof->arc.sets.len && is_writable(proof->arc.result)) {
        method_write(out, "arc", proof->arc.result);
        if (proof->arc.oldest_pass) /* RFC 8617 7.2 */
            buf_print(out, " header.oldest-pass=%u", proof->arc.oldest_pass);
    }
    if (!is_writable(proof->dmarc.result))
        return;
    method_write(out, "dmarc", proof->dmarc.result);
    property_write(out, "header.from", proof->dmarc.from_domain);
    property_write(out, "policy.dmarc", proof->dmarc.policy);
}

struct span results_write(struct arena *arena, const struct auth_settings *settings, const struct proof *proof)
{
    struct buf out = {.arena = arena};
    value_write(&out, settings->authserv_id.len ? settings->authserv_id : S("localhost"));
    size_t empty = out.len;
    spf_write(&out, &proof->spf);
    vec_each (dkim, &proof->dkim)
        dkim_write(&out, dkim);
    chain_and_policy_write(&out, proof);
    if (out.len == empty)
        buf_add(&out, S("; none"));
    return buf_span(&out);
}
