/* Reading a signature field and hashing what it covers. */
#include "auth/signature.h"

static void refusal_note(struct signature *s, struct span why)
{
    if (!s->refusal.len)
        s->refusal = why;
}

/* ---- reading: each returns a sentence where nothing can be computed, else the empty span */
static struct span algorithm_read(struct arena *arena, struct signature *s)
{
    static const struct {
        const char *name;
        enum key_kind kind;
        enum digest digest;
    } known[] = {{"rsa-sha256", KEY_RSA, DIGEST_SHA256},
                 {"ed25519-sha256", KEY_ED25519, DIGEST_SHA256},
                 {"rsa-sha1", KEY_RSA, DIGEST_SHA1}};
    s->algorithm = tag_value(&s->tags, "a");
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (span_eq(s->algorithm, span_of(known[i].name))) {
            s->key_kind = known[i].kind;
            s->digest = known[i].digest;
            return (struct span){0};
        }
    return arena_print(arena, "the algorithm \"%.*s\" (a=) is unknown", SPAN_FMT(span_first(s->algorithm, 40)));
}

static bool canon_read(struct span word, enum canon *out)
{
    *out = span_eq(word, S("relaxed")) ? CANON_RELAXED : CANON_SIMPLE;
    return *out == CANON_RELAXED || span_eq(word, S("simple"));
}

static struct span canons_read(struct arena *arena, struct signature *s)
{
    struct span rest = tag_value(&s->tags, "c"), word;
    if (s->kind != SIGNATURE_DKIM) /* RFC 8617 4.1.3: always for seals; the suite of its authors: by default for AMS */
        s->header_canon = s->body_canon = CANON_RELAXED;
    if (s->kind == SIGNATURE_SEAL || !tag_find(&s->tags, "c"))
        return (struct span){0};
    bool good = span_cut(&rest, '/', &word) && canon_read(word, &s->header_canon);
    s->body_canon = CANON_SIMPLE; /* also where only the header's is named */
    if (good && span_cut(&rest, '/', &word))
        good = canon_read(word, &s->body_canon) && !rest.len;
    return good ? (struct span){0} : S("the canonicalisation (c=) is none of simple and relaxed");
}

static struct span names_read(struct arena *arena, struct signature *s)
{
    struct span rest = tag_value(&s->tags, "h"), name;
    bool from = false;
    while (tag_item(&rest, &name)) {
        if (s->names.len == SIGNED_NAMES_MOST)
            return S("the list of signed fields (h=) is too long");
        for (size_t i = 0; i < name.len; i++)
            if (name.at[i] <= ' ' || name.at[i] == 127)
                return S("the list of signed fields (h=) holds what is no field name");
        if (s->kind == SIGNATURE_ARC && span_eq_case(name, S("arc-seal")))
            return S("the list of signed fields (h=) names ARC-Seal, which RFC 8617 forbids");
        from |= span_eq_case(name, S("from"));
        if (name.len)
            *vec_push(arena, &s->names) = name;
    }
    if (s->kind == SIGNATURE_ARC)
        return (struct span){0}; /* it may cover little: arc says so where From is not covered */
    if (!s->names.len)
        return S("the list of signed fields (h=) is empty");
    if (!from)
        refusal_note(s, S("From is not among the signed fields (h=)"));
    return (struct span){0};
}

static struct span domain_read(struct arena *arena, struct signature *s)
{
    s->domain = tag_value(&s->tags, "d");
    s->selector = tag_value(&s->tags, "s");
    if (!domain_is_plain(s->domain, true))
        return S("the signing domain (d=) is no domain name");
    if (!domain_is_plain(s->selector, false))
        return S("the selector (s=) is no name");
    s->key_name =
        arena_lower(arena, arena_print(arena, "%.*s._domainkey.%.*s", SPAN_FMT(s->selector), SPAN_FMT(s->domain)));
    return (struct span){0};
}

static int hex_digit(char c)
{
    return ascii_is_digit(c) ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* RFC 6376 2.11: "=" and two hexadecimal digits; white space is none of the value's. */
static struct span quoted_printable_read(struct arena *arena, struct span text)
{
    struct buf out = {.arena = arena};
    for (size_t i = 0; i < text.len; i++) {
        int high = text.at[i] == '=' && i + 2 < text.len ? hex_digit(text.at[i + 1]) : -1;
        int low = high < 0 ? -1 : hex_digit(text.at[i + 2]);
        if (low >= 0)
            i += 2;
        if (low >= 0 || !ascii_is_space(text.at[i]))
            buf_byte(&out, low >= 0 ? (char)(high << 4 | low) : text.at[i]);
    }
    return buf_span(&out);
}

static void identity_read(struct arena *arena, struct signature *s)
{
    s->identity = quoted_printable_read(arena, tag_value(&s->tags, "i"));
    if (!s->identity.len) {
        s->identity = arena_print(arena, "@%.*s", SPAN_FMT(s->domain));
        return;
    }
    const char *at = memrchr(s->identity.at, '@', s->identity.len);
    if (!at || !domain_is_or_under(span_from(at + 1, s->identity.at + s->identity.len), s->domain))
        refusal_note(s, S("the identity (i=) is not in the signing domain (d=)"));
}

static bool seconds_read(const struct signature *s, const char *name, int64_t *out)
{
    uint64_t number;
    *out = TIME_UNKNOWN;
    if (!tag_find(&s->tags, name))
        return true;
    if (!span_number(tag_value(&s->tags, name), 999999999999, &number)) /* RFC 6376 3.5: twelve digits */
        return false;
    *out = (int64_t)number;
    return true;
}

static void times_read(struct signature *s)
{
    if (!seconds_read(s, "t", &s->signed_at))
        refusal_note(s, S("the time of signing (t=) is no number"));
    if (!seconds_read(s, "x", &s->expires_at))
        refusal_note(s, S("the time of expiry (x=) is no number"));
    if (s->signed_at != TIME_UNKNOWN && s->expires_at != TIME_UNKNOWN && s->expires_at <= s->signed_at)
        refusal_note(s, S("it expires (x=) before it was made (t=)"));
}

/* RFC 6376 3.5: up to 76 digits; what is larger than any message stays so. */
static struct span limit_read(struct arena *arena, struct signature *s)
{
    struct span limit = tag_value(&s->tags, "l");
    s->limit = UINT64_MAX;
    if (!tag_find(&s->tags, "l"))
        return (struct span){0};
    if (!limit.len || limit.len > 76)
        return S("the length of the signed body (l=) is no number");
    for (size_t i = 0; i < limit.len; i++)
        if (!ascii_is_digit(limit.at[i]))
            return S("the length of the signed body (l=) is no number");
    if (!span_number(limit, (uint64_t)INT64_MAX, &s->limit))
        s->limit = (uint64_t)INT64_MAX;
    return (struct span){0};
}

static struct span bytes_read(struct arena *arena, struct signature *s)
{
    if (!tag_base64_read(arena, tag_value(&s->tags, "b"), &s->bytes) || !s->bytes.len)
        return S("the signature (b=) is not base64");
    if (s->kind == SIGNATURE_SEAL)
        return (struct span){0};
    if (!tag_base64_read(arena, tag_value(&s->tags, "bh"), &s->body_hash))
        return S("the hash of the body (bh=) is not base64");
    if (s->body_hash.len != digest_size(s->digest))
        return S("the hash of the body (bh=) has not the length of its algorithm");
    return (struct span){0};
}

static void version_and_method_read(struct arena *arena, struct signature *s)
{
    const struct tag *version = tag_find(&s->tags, "v"), *methods = tag_find(&s->tags, "q");
    if (!version)
        refusal_note(s, S("the tag v= is missing"));
    else if (!span_eq(version->value, S("1")))
        refusal_note(s, arena_print(arena, "its version is \"%.*s\", not 1", SPAN_FMT(span_first(version->value, 20))));
    if (methods && !tag_items_have(methods->value, "dns/txt") && !tag_items_have(methods->value, "dns"))
        refusal_note(s, S("the key is offered by another way than DNS (q=)"));
}

static struct span required_read(struct arena *arena, struct signature *s)
{
    static const char *const wanted[3][8] = {[SIGNATURE_DKIM] = {"a", "b", "bh", "d", "h", "s"},
                                             [SIGNATURE_ARC] = {"a", "b", "bh", "d", "h", "i", "s"},
                                             [SIGNATURE_SEAL] = {"a", "b", "cv", "d", "i", "s"}};
    for (const char *const *name = wanted[s->kind]; *name; name++)
        if (!tag_find(&s->tags, *name))
            return arena_print(arena, "the tag %s= is missing", *name);
    if (s->kind == SIGNATURE_SEAL && tag_find(&s->tags, "h"))
        return S("the seal has a list of signed fields (h=), which RFC 8617 forbids");
    return (struct span){0};
}

void signature_read(struct arena *arena, const struct field *field, enum signature_kind kind, struct signature *out)
{
    *out = (struct signature){
        .field = field, .kind = kind, .limit = UINT64_MAX, .signed_at = TIME_UNKNOWN, .expires_at = TIME_UNKNOWN};
    if (!tag_list_parse(arena, field->raw, &out->tags, &out->flaw))
        return;
    struct span (*const steps[])(struct arena *, struct signature *) = {
        domain_read, required_read, algorithm_read,
        canons_read, bytes_read,    /* and of what covers a message: */ names_read,
        limit_read};
    for (size_t i = 0; i < (kind == SIGNATURE_SEAL ? 5 : 7); i++) {
        struct span flaw = steps[i](arena, out);
        out->flaw = out->flaw.len ? out->flaw : flaw;
    }
    times_read(out);
    if (kind == SIGNATURE_DKIM) {
        version_and_method_read(arena, out);
        identity_read(arena, out);
    }
}

/* ---- hashing */
bool signature_wants_body(const struct signature *s, struct body_hash *out)
{
    if (s->kind == SIGNATURE_SEAL || s->flaw.len)
        return false;
    *out = (struct body_hash){.canon = s->body_canon, .digest = s->digest, .limit = s->limit};
    return true;
}

void signature_body_compare(struct signature *s, const struct body_hash *hashes, size_t n)
{
    const struct body_hash *hash = body_hash_find(hashes, n, s->body_canon, s->digest, s->limit);
    if (s->flaw.len || !hash)
        return;
    s->body_length = hash->length;
    s->body_matches = span_eq(s->body_hash, (struct span){(const char *)hash->value, digest_size(s->digest)});
}

void signature_own_add(struct arena *arena, const struct signature *s, struct sink *sink)
{
    const struct tag *b = tag_find(&s->tags, "b");
    struct span whole = s->field->whole;
    struct buf copy = {.arena = arena};
    buf_add(&copy, span_from(whole.at, b->whole.at));
    buf_add(&copy, span_from(b->whole.at + b->whole.len, whole.at + whole.len));
    field_canonicalise(sink, s->header_canon, buf_span(&copy), false);
}

void signature_digest(struct arena *arena, const struct signature *s, struct header_index *index, uint8_t *value)
{
    struct sink sink;
    sink_open(&sink, s->digest);
    header_index_rewind(index);
    vec_each (name, &s->names) {
        const struct field *field = header_index_take(index, *name, s->field);
        if (field)
            field_canonicalise(&sink, s->header_canon, field->whole, true);
    }
    signature_own_add(arena, s, &sink);
    sink_digest(&sink, value);
}
