/* Adding a set to an ARC chain, RFC 8617 5.1. */
#include "auth/sign.h"
#include "auth/arc.h"

static struct span cv_of(unsigned instance, enum proof_result chain)
{
    if (instance == 1)
        return S("none");
    return chain == PROOF_PASS ? S("pass") : S("fail");
}

/* The next instance; 0: none may be added. */
static unsigned instance_next(const struct arc_proof *proof)
{
    size_t n = proof->sets.len;
    if (n == ARC_SETS_MOST || (n && span_eq(proof->sets.at[n - 1].cv, S("fail"))))
        return 0;
    return (unsigned)n + 1;
}

static struct span names_join(struct arena *arena, const struct seal_request *request)
{
    struct buf out = {.arena = arena};
    vec_each (name, &request->fields) {
        if (out.len)
            buf_byte(&out, ':');
        buf_add(&out, *name);
    }
    return buf_span(&out);
}

/* Behind the empty b= that follows the algorithm. Not folded: the seal covers each blank that a fold would leave. */
static struct span b_insert(struct arena *arena, struct span value, struct span b)
{
    const char *at = span_find(value, S("b=;"));
    struct buf out = {.arena = arena};
    buf_add(&out, span_from(value.at, at + 2));
    buf_add(&out, b);
    buf_add(&out, span_from(at + 2, value.at + value.len));
    return buf_span(&out);
}

static struct span time_tag(struct arena *arena, int64_t time)
{
    return time == TIME_UNKNOWN ? (struct span){0} : arena_print(arena, "; t=%lld", (long long)time);
}

static int request_check(const struct seal_request *request, struct err *err)
{
    bool from = false;
    if (!signing_names_are_plain(request->domain, request->selector))
        return err_set(err, "domain and selector of a seal must be plain names");
    if (!span_eq(request->algorithm, S("rsa-sha256")) && !span_eq(request->algorithm, S("ed25519-sha256")))
        return err_set(err, "the sealing algorithm \"%.*s\" is unknown", SPAN_FMT(request->algorithm));
    vec_each (name, &request->fields) {
        if (span_eq_case(*name, S("arc-seal")))
            return err_set(err, "an ARC message signature must not cover ARC-Seal");
        from |= span_eq_case(*name, S("from"));
    }
    return from ? 0 : err_set(err, "an ARC message signature must cover From");
}

static void written_add(struct arena *arena, struct sink *sink, const char *name, struct span value, bool line_end)
{
    field_canonicalise(sink, CANON_RELAXED, arena_print(arena, "%s: %.*s", name, SPAN_FMT(value)), line_end);
}

int arc_signature_input(struct arena *arena, const struct message *message, const struct seal_request *request,
                        struct arc_writing *out, struct span *to_sign, struct err *err)
{
    struct body_hash hash = {.canon = CANON_RELAXED, .digest = DIGEST_SHA256, .limit = UINT64_MAX};
    struct arc_check check;
    struct buf bytes = {.arena = arena};
    struct sink sink;
    *out = (struct arc_writing){0};
    if (request_check(request, err) < 0)
        return -1;
    arc_begin(arena, message, &check);
    out->instance = instance_next(&check.proof);
    out->results = arena_print(arena, "i=%u; %.*s", out->instance, SPAN_FMT(request->results));
    body_hashes_compute(message->body, &hash, 1);
    out->signature =
        arena_print(arena, "a=%.*s;\r\n b=;\r\n bh=%.*s; c=relaxed/relaxed;\r\n d=%.*s; h=%.*s;\r\n i=%u; s=%.*s%.*s",
                    SPAN_FMT(request->algorithm), SPAN_FMT(tag_base64_write(arena, hash.value, 32)),
                    SPAN_FMT(request->domain), SPAN_FMT(names_join(arena, request)), out->instance,
                    SPAN_FMT(request->selector), SPAN_FMT(time_tag(arena, request->signed_at)));
    struct header_index *index = header_index_new(arena, &message->fields);
    header_index_rewind(index);
    sink_open_buf(&sink, &bytes);
    vec_each (name, &request->fields) {
        const struct field *field = header_index_take(index, *name, NULL);
        if (field)
            field_canonicalise(&sink, CANON_RELAXED, field->whole, true);
    }
    written_add(arena, &sink, "ARC-Message-Signature", out->signature, false);
    sink_end_buf(&sink);
    *to_sign = buf_span(&bytes);
    return 0;
}

/* A seal that calls the chain broken covers its own set alone (5.1.2). */
void arc_seal_input(struct arena *arena, const struct message *message, const struct seal_request *request,
                    struct span signature_b, struct arc_writing *out, struct span *to_sign)
{
    struct span cv = cv_of(out->instance, request->chain);
    struct buf bytes = {.arena = arena};
    struct arc_check check;
    struct sink sink;
    out->signature = b_insert(arena, out->signature, signature_b);
    out->seal = arena_print(arena, "a=%.*s;\r\n b=; cv=%.*s; d=%.*s; i=%u; s=%.*s%.*s", SPAN_FMT(request->algorithm),
                            SPAN_FMT(cv), SPAN_FMT(request->domain), out->instance, SPAN_FMT(request->selector),
                            SPAN_FMT(time_tag(arena, request->signed_at)));
    sink_open_buf(&sink, &bytes);
    arc_begin(arena, message, &check);
    for (size_t i = 0; span_eq(cv, S("pass")) && i < check.proof.sets.len; i++) {
        const struct arc_set *set = &check.proof.sets.at[i];
        const struct field *const fields[] = {set->results, set->signature, set->seal};
        for (size_t k = 0; k < 3; k++)
            if (fields[k])
                field_canonicalise(&sink, CANON_RELAXED, fields[k]->whole, true);
    }
    written_add(arena, &sink, "ARC-Authentication-Results", out->results, true);
    written_add(arena, &sink, "ARC-Message-Signature", out->signature, true);
    written_add(arena, &sink, "ARC-Seal", out->seal, false);
    sink_end_buf(&sink);
    *to_sign = buf_span(&bytes);
}

void arc_seal_finish(struct arena *arena, struct span seal_b, struct arc_writing *out)
{
    out->seal = b_insert(arena, out->seal, seal_b);
}
