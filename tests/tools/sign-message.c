/* Signs a message as the stories want it: DKIM, or a set of ARC. Standard input to standard output; LF becomes CRLF.
 *
 * usage: sign-message --key PEM --domain D --selector S [--canon C/C] [--fields a:b:c] [--algorithm A] [--identity I]
 *                     [--time T] [--expires T] [--limit N]        T: 2026-01-31T12:00:00Z or seconds since 1970
 *        ... --arc N --results "authserv; spf=pass ..." [--cv none|pass|fail]     seals instead of signing
 *        sign-message --key PEM --record            prints the TXT data of the key for a zone file */
#include "auth/sign.h"
#include "base/config.h"

#include <getopt.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST = 64 << 20 };

struct work {
    struct arena *arena;
    struct span pem, results, cv;
    struct sign_request request;
    unsigned arc;
    bool record;
};

static void __attribute__((noreturn)) give_up(const char *why)
{
    fprintf(stderr, "sign-message: %s\n", why);
    exit(1);
}

static EVP_PKEY *key_read(struct span pem)
{
    BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);
    if (!key)
        give_up("the key is no private key in PEM");
    return key;
}

/* RFC 6376 3.6.1: the public half; RFC 8463: an Ed25519 key stands bare. In strings of at most 200 characters. */
static void record_print(struct span pem)
{
    EVP_PKEY *key = key_read(pem);
    unsigned char *der = NULL, raw[32];
    size_t raw_len = sizeof raw;
    bool edwards = EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519;
    int len = edwards ? (EVP_PKEY_get_raw_public_key(key, raw, &raw_len), (int)raw_len) : i2d_PUBKEY(key, &der);
    unsigned char text[2048];
    int size = EVP_EncodeBlock(text, edwards ? raw : der, len);
    printf("\"v=DKIM1; k=%s; p=\"", edwards ? "ed25519" : "rsa");
    for (int at = 0; at < size; at += 200)
        printf(" \"%.*s\"", size - at < 200 ? size - at : 200, text + at);
    printf("\n");
    OPENSSL_free(der);
    EVP_PKEY_free(key);
}

static struct span with_crlf(struct arena *arena, struct span text)
{
    struct buf out = {.arena = arena};
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '\n' && (i == 0 || text.at[i - 1] != '\r'))
            buf_byte(&out, '\r');
        buf_byte(&out, text.at[i]);
    }
    return buf_span(&out);
}

static void field_print(const char *name, struct span value)
{
    printf("%s: %.*s\r\n", name, SPAN_FMT(value));
}

/* ---- DKIM */
static struct span signed_value(struct work *work, struct span value, struct span to_sign)
{
    struct err err;
    struct span b;
    if (dkim_sign(work->arena, work->pem, work->request.algorithm, to_sign, &b, &err) < 0)
        give_up(err.text);
    return arena_print(work->arena, "%.*s%.*s", SPAN_FMT(value), SPAN_FMT(b));
}

static void signing_input(struct work *work, const struct message *message, struct span *value, struct span *to_sign)
{
    struct err err;
    if (dkim_signing_input(work->arena, message, &work->request, value, to_sign, &err) < 0)
        give_up(err.text);
}

/* ---- ARC, RFC 8617 4: a set is three fields; the seal covers those of all sets, relaxed */
static void relaxed_add(struct buf *out, const char *name, struct span value, bool last)
{
    struct span word;
    bool first = true;
    buf_print(out, "%s:", name);
    while (span_word(&value, &word)) {
        buf_print(out, "%s%.*s", first ? "" : " ", SPAN_FMT(word));
        first = false;
    }
    buf_add(out, last ? S("") : S("\r\n"));
}

/* RFC 8617 4.1.2: a DKIM signature with i= in the place of v= and its own name. */
static struct span message_signature(struct work *work, const struct message *message)
{
    struct span value, to_sign, name = S("dkim-signature:");
    signing_input(work, message, &value, &to_sign);
    const char *at = NULL;
    for (const char *hit; (hit = span_find(span_from(at ? at + 1 : to_sign.at, to_sign.at + to_sign.len), name));)
        at = hit;
    struct span tail = at ? span_from(at + name.len, to_sign.at + to_sign.len) : (struct span){0};
    if (!span_starts(value, S("v=1;")) || !span_starts(tail, S("v=1;")))
        give_up("a signature does not begin with v=1");
    struct span sealed = arena_print(work->arena, "%.*sarc-message-signature:i=%u;%.*s", SPAN_FMT(span_from(to_sign.at, at)),
                                     work->arc, SPAN_FMT(span_skip(tail, 4)));
    return signed_value(work, arena_print(work->arena, "i=%u;%.*s", work->arc, SPAN_FMT(span_skip(value, 4))), sealed);
}

static struct span arc_field(const struct message *message, enum field_id id, unsigned instance)
{
    char want[16];
    snprintf(want, sizeof want, "i=%u;", instance);
    const struct field *field;
    for (size_t nth = 0; (field = message_field(message, id, nth)); nth++)
        if (span_starts(field->value, span_of(want)))
            return field->value;
    give_up("a set of the instances below is missing");
}

static void seal(struct work *work, const struct message *message)
{
    struct span results = arena_print(work->arena, "i=%u; %.*s", work->arc, SPAN_FMT(work->results));
    struct span signature = message_signature(work, message);
    struct span cv = work->cv.len ? work->cv : work->arc == 1 ? S("none") : S("pass");
    struct span value = arena_print(work->arena, "i=%u; a=%.*s; t=%lld; cv=%.*s; d=%.*s; s=%.*s; b=", work->arc,
                                    SPAN_FMT(work->request.algorithm), (long long)work->request.signed_at, SPAN_FMT(cv),
                                    SPAN_FMT(work->request.domain), SPAN_FMT(work->request.selector));
    struct buf covered = {.arena = work->arena};
    for (unsigned i = 1; i < work->arc; i++) {
        relaxed_add(&covered, "arc-authentication-results", arc_field(message, FIELD_ARC_AUTHENTICATION_RESULTS, i), false);
        relaxed_add(&covered, "arc-message-signature", arc_field(message, FIELD_ARC_MESSAGE_SIGNATURE, i), false);
        relaxed_add(&covered, "arc-seal", arc_field(message, FIELD_ARC_SEAL, i), false);
    }
    relaxed_add(&covered, "arc-authentication-results", results, false);
    relaxed_add(&covered, "arc-message-signature", signature, false);
    relaxed_add(&covered, "arc-seal", value, true);
    field_print("ARC-Seal", signed_value(work, value, buf_span(&covered)));
    field_print("ARC-Message-Signature", signature);
    field_print("ARC-Authentication-Results", results);
}

static void message_sign(struct work *work)
{
    struct err err;
    struct arrival arrival = {.received_at = TIME_UNKNOWN};
    struct message message;
    struct message_limits limits;
    if (file_read(work->arena, "-", MOST, &arrival.raw, &err) < 0)
        give_up(err.text);
    arrival.raw = with_crlf(work->arena, arrival.raw);
    message_limits_default(&limits);
    message_parse(work->arena, &limits, NULL, &arrival, &message);
    if (work->arc) {
        seal(work, &message);
    } else {
        struct span value, to_sign;
        signing_input(work, &message, &value, &to_sign);
        field_print("DKIM-Signature", signed_value(work, value, to_sign));
    }
    fwrite(arrival.raw.at, 1, arrival.raw.len, stdout);
}

/* ---- the command line */
static int64_t time_taken(const char *text)
{
    int64_t time;
    int zone;
    uint64_t seconds;
    if (span_number(span_of(text), INT32_MAX, &seconds))
        return (int64_t)seconds;
    if (!time_parse(span_of(text), &time, &zone))
        give_up("a time is not of the form 2026-01-31T12:00:00Z");
    return time;
}

static void fields_take(struct work *work, const char *text)
{
    struct span rest = span_of(text), name;
    work->request.fields.len = 0;
    while (span_cut(&rest, ':', &name))
        *vec_push(work->arena, &work->request.fields) = name;
}

static void canon_take(struct work *work, const char *text)
{
    struct span rest = span_of(text);
    span_cut(&rest, '/', &work->request.header_canon);
    work->request.body_canon = rest.len ? rest : S("simple");
}

static void key_take(struct work *work, const char *path)
{
    struct err err;
    if (file_read(work->arena, path, 1 << 16, &work->pem, &err) < 0)
        give_up(err.text);
    if (!work->request.algorithm.len) {
        EVP_PKEY *key = key_read(work->pem);
        work->request.algorithm = EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519 ? S("ed25519-sha256") : S("rsa-sha256");
        EVP_PKEY_free(key);
    }
}

static const struct option options[] = {
    {"key", 1, NULL, 'k'}, {"domain", 1, NULL, 'd'}, {"selector", 1, NULL, 's'}, {"canon", 1, NULL, 'c'},
    {"fields", 1, NULL, 'f'}, {"algorithm", 1, NULL, 'a'}, {"identity", 1, NULL, 'i'}, {"time", 1, NULL, 't'},
    {"expires", 1, NULL, 'x'}, {"limit", 1, NULL, 'l'}, {"arc", 1, NULL, 'n'}, {"results", 1, NULL, 'r'},
    {"cv", 1, NULL, 'v'}, {"record", 0, NULL, 'p'}, {0},
};

static void option_take(struct work *work, int letter)
{
    struct sign_request *request = &work->request;
    uint64_t number = 0;
    switch (letter) {
    case 'k': key_take(work, optarg); break;
    case 'd': request->domain = span_of(optarg); break;
    case 's': request->selector = span_of(optarg); break;
    case 'c': canon_take(work, optarg); break;
    case 'f': fields_take(work, optarg); break;
    case 'a': request->algorithm = span_of(optarg); break;
    case 'i': request->identity = span_of(optarg); break;
    case 't': request->signed_at = time_taken(optarg); break;
    case 'x': request->expires_at = time_taken(optarg); break;
    case 'r': work->results = span_of(optarg); break;
    case 'v': work->cv = span_of(optarg); break;
    case 'p': work->record = true; break;
    case 'l':
    case 'n':
        if (!span_number(span_of(optarg), INT32_MAX, &number))
            give_up("a number is none");
        if (letter == 'l')
            request->body_limit = (int64_t)number;
        else
            work->arc = (unsigned)number;
        break;
    default: give_up("an option is none; its source tells them");
    }
}

int main(int argc, char **argv)
{
    struct work work = {.arena = arena_new((size_t)1 << 30)};
    work.request = (struct sign_request){.signed_at = TIME_UNKNOWN, .expires_at = TIME_UNKNOWN, .body_limit = -1};
    fields_take(&work, "from:to:subject:date:message-id:mime-version:content-type");
    canon_take(&work, "relaxed/relaxed");
    for (int letter; (letter = getopt_long(argc, argv, "", options, NULL)) != -1;)
        option_take(&work, letter);
    if (!work.pem.len)
        give_up("--key is wanted");
    if (work.record)
        record_print(work.pem);
    else if (!work.request.domain.len || !work.request.selector.len || (work.arc && !work.results.len))
        give_up("--domain and --selector are wanted, and --results with --arc");
    else
        message_sign(&work);
    arena_free(&work.arena);
    return 0;
}
