/* signer: alone may read the keys; seals, checks seals, signs digests, seals and opens tokens; never sees mail, a store or the
 * network. Judges may ask whether a seal is ours, for passes of locked links, and for signatures of the one ARC key that is configured. */
#include "role/inner.h"

#include "keyring/keyring.h"
#include "seal/token.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

enum { ASK_CEILING = 64 << 20, SIGNATURE_MOST = 1024 };

struct signer {
    struct signer_settings settings;
    struct keyring *ring;  /* NULL: none could be read yet */
    EVP_PKEY **pairs;      /* by place in the ring; parsed with the first use */
    struct arena *scratch; /* of one frame */
    bool keyless_told;     /* that links are locked for good, since the keys were read */
    bool chainless_told;   /* that no ARC set is made, likewise */
};

/* ---- keys */
static void keys_drop(struct signer *signer)
{
    for (size_t i = 0; signer->pairs && i < signer->ring->keys.len; i++)
        EVP_PKEY_free(signer->pairs[i]);
    free(signer->pairs);
    signer->pairs = NULL;
    keyring_free(&signer->ring);
}

/* Where the new cannot be read the old go on. */
static void keys_load(struct signer *signer)
{
    struct err err;
    struct keyring *ring;
    if (keyring_read(signer->settings.folder, time(NULL), &ring, &err) < 0) {
        log_event(LEVEL_ERROR, "no-keys", "%s; %s", err.text, signer->ring ? "the keys of before go on" : "nothing is sealed or signed");
        return;
    }
    if (ring->lacking.text[0])
        log_event(LEVEL_ERROR, "no-key", "%s; the other keys are used", ring->lacking.text);
    keys_drop(signer);
    signer->ring = ring;
    signer->keyless_told = signer->chainless_told = false;
    signer->pairs = calloc(ring->keys.len + 1, sizeof *signer->pairs);
    if (!signer->pairs)
        abort();
}

static bool is_live(const struct ring_key *key)
{
    return key && key->secret.len && (key->state != KEY_RETIRING || key->expires > time(NULL));
}

static const struct ring_key *current(const struct signer *signer, enum key_purpose purpose)
{
    const struct ring_key *key = signer->ring ? keyring_find(signer->ring, purpose, KEY_CURRENT, S(""), S("")) : NULL;
    return is_live(key) ? key : NULL;
}

static const struct ring_key *known(const struct signer *signer, enum key_purpose purpose, struct span id)
{
    const struct ring_key *key = signer->ring ? keyring_by_id(signer->ring, id) : NULL;
    return is_live(key) && key->purpose == purpose ? key : NULL;
}

static EVP_PKEY *pair_of(struct signer *signer, const struct ring_key *key)
{
    EVP_PKEY **at = &signer->pairs[key - signer->ring->keys.at];
    if (*at)
        return *at;
    BIO *bio = BIO_new_mem_buf(key->secret.at, (int)key->secret.len);
    *at = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, (void *)"") : NULL;
    BIO_free(bio);
    ERR_clear_error();
    return *at;
}

/* ---- what is asked. Each gives an answer, whatever was asked. */
static struct signed_answer refused(const char *why)
{
    return (struct signed_answer){.how = SIGNED_REFUSED, .text = span_of(why)};
}

static struct signed_answer done(struct span text)
{
    return (struct signed_answer){.how = SIGNED_DONE, .text = text};
}

static struct signed_answer seal(struct signer *signer, struct span bytes)
{
    struct span words[2]; /* record, measure */
    const struct ring_key *key = current(signer, PURPOSE_SEAL);
    if (words_unpack(bytes, words, 2) < 0 || words[1].len != SEAL_MEASURE_BYTES)
        return refused("what is to be sealed could not be read from the channel");
    if (!key)
        return (struct signed_answer){.how = SIGNED_NO_KEY};
    struct seal made = {.key = key->id, .record = words[0], .at = time(NULL)};
    if (!seal_names_are_plain(made.key, made.record))
        return refused("the id of the record is none");
    memcpy(&made.measure, words[1].at, sizeof made.measure);
    return done(seal_write(signer->scratch, &made, key->secret));
}

static void seals_check(struct signer *signer, struct desk *desk, const struct frame *frame)
{
    struct err err;
    struct seal asked;
    struct buf answers = {.arena = signer->scratch};
    for (struct span rest = frame->bytes; seal_unpack(&rest, &asked);) {
        const struct ring_key *key = known(signer, PURPOSE_SEAL, asked.key);
        buf_byte(&answers, (char)(!key ? CHECKED_UNKNOWN : seal_holds(&asked, key->secret) ? CHECKED_HOLDS : CHECKED_FORGED));
    }
    channel_send(desk->channel, FRAME_CHECKED, frame->serial, buf_span(&answers), -1, &err); /* who is gone shows itself on reading */
}

static void context_free(EVP_PKEY_CTX **context)
{
    EVP_PKEY_CTX_free(*context);
}

static void digest_free(EVP_MD_CTX **digest)
{
    EVP_MD_CTX_free(*digest);
}

/* RSA: PKCS#1 v1.5 over the digest. Ed25519: RFC 8463 3 signs the digest as the message. */
static size_t digest_sign(EVP_PKEY *pair, struct span digest, uint8_t out[SIGNATURE_MOST])
{
    size_t len = SIGNATURE_MOST;
    const unsigned char *bytes = (const unsigned char *)digest.at;
    if (EVP_PKEY_get_base_id(pair) == EVP_PKEY_ED25519) {
        EVP_MD_CTX *context __attribute__((cleanup(digest_free))) = EVP_MD_CTX_new();
        return EVP_DigestSignInit(context, NULL, NULL, NULL, pair) == 1 && EVP_DigestSign(context, out, &len, bytes, digest.len) == 1 ? len : 0;
    }
    EVP_PKEY_CTX *context __attribute__((cleanup(context_free))) = EVP_PKEY_CTX_new(pair, NULL);
    return EVP_PKEY_sign_init(context) == 1 && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
                   EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1 && EVP_PKEY_sign(context, out, &len, bytes, digest.len) == 1
               ? len
               : 0;
}

static struct signed_answer sign(struct signer *signer, struct span bytes)
{
    enum { DIGEST = 32 };
    struct span words[4]; /* purpose, domain, selector, SHA-256 */
    enum key_purpose purpose;
    uint8_t signature[SIGNATURE_MOST];
    if (words_unpack(bytes, words, 4) < 0 || words[3].len != DIGEST || !purpose_by_name(words[0], &purpose) || !purpose_is_published(purpose))
        return refused("what is to be signed could not be read from the channel");
    const struct ring_key *key = signer->ring ? keyring_by_selector(signer->ring, purpose, words[1], words[2]) : NULL;
    EVP_PKEY *pair = is_live(key) ? pair_of(signer, key) : NULL;
    if (!pair)
        return (struct signed_answer){.how = SIGNED_NO_KEY};
    size_t len = digest_sign(pair, words[3], signature);
    ERR_clear_error();
    if (!len)
        return refused("OpenSSL could not sign with this key");
    char *text = arena_alloc(signer->scratch, 2 * SIGNATURE_MOST);
    return done((struct span){text, (size_t)EVP_EncodeBlock((unsigned char *)text, signature, (int)len)});
}

/* A judge may be a stranger's: what it signs is our word in a chain, under the name that was configured for that and no other. */
static struct signed_answer chain_sign(struct signer *signer, struct span bytes)
{
    struct span words[4];
    const struct signer_settings *settings = &signer->settings;
    if (words_unpack(bytes, words, 4) < 0 || !span_eq(words[0], S("arc")) || !settings->arc_domain[0] || !span_eq(words[1], span_of(settings->arc_domain)) ||
        !span_eq(words[2], span_of(settings->arc_selector)))
        return refused("a judge may ask for signatures of the ARC key that is configured alone");
    const struct ring_key *key = signer->ring ? keyring_by_selector(signer->ring, PURPOSE_ARC, words[1], words[2]) : NULL;
    struct signed_answer answer = {.how = SIGNED_NO_KEY};
    if (key && span_eq(key->algorithm, S("rsa-sha256"))) /* what the sets say */
        answer = sign(signer, bytes);
    if (answer.how == SIGNED_NO_KEY && !signer->chainless_told)
        log_event(LEVEL_ERROR, "no-arc-key", "edited messages go without an ARC set: there is no rsa-sha256 key in use for selector %s of %s; sekimori key make arc, publish it, "
                                             "sekimori key rotate arc, and reload", settings->arc_selector, settings->arc_domain);
    signer->chainless_told |= answer.how == SIGNED_NO_KEY;
    return answer;
}

static struct signed_answer token_make(struct signer *signer, struct span bytes)
{
    struct span words[2], token; /* purpose, text */
    struct err err;
    uint8_t nonce[TOKEN_NONCE_BYTES];
    const struct ring_key *key = current(signer, PURPOSE_TOKEN);
    if (words_unpack(bytes, words, 2) < 0)
        return refused("what is to be made a token could not be read from the channel");
    if (!key)
        return (struct signed_answer){.how = SIGNED_NO_KEY};
    randombytes_buf(nonce, sizeof nonce);
    if (token_seal(signer->scratch, key->id, key->secret, nonce, words[0], words[1], &token, &err) < 0)
        return refused(arena_copy(signer->scratch, span_of(err.text)).at);
    return done(token);
}

/* A judge may be a stranger's: it gets tokens of locked links and of nothing else, and none that holds once. */
static struct span pass_token(struct signer *signer, const struct ring_key *key, enum pass_kind kind, struct span text)
{
    struct pass pass;
    struct span token;
    struct err err;
    uint8_t nonce[TOKEN_NONCE_BYTES];
    if (!key || (kind != PASS_LOCK && kind != PASS_DOUBLE_LOCK) || !pass_read(text, kind, &pass) || pass.once.len)
        return S("");
    randombytes_buf(nonce, sizeof nonce);
    return token_seal(signer->scratch, key->id, key->secret, nonce, pass_purpose(kind), text, &token, &err) < 0 ? S("") : token;
}

static void passes_make(struct signer *signer, struct desk *desk, const struct frame *frame)
{
    struct err err;
    enum pass_kind kind;
    struct span text;
    struct buf tokens = {.arena = signer->scratch};
    const struct ring_key *key = current(signer, PURPOSE_TOKEN);
    struct span rest = frame->bytes;
    if (!key && !signer->keyless_told)
        log_event(LEVEL_ERROR, "no-token-key", "links are locked, and there is no key for their passes: nobody can go on from their pages; sekimori key make token, and reload");
    signer->keyless_told |= !key;
    for (size_t i = 0; i < PASSES_MOST && pass_ask_unpack(&rest, &kind, &text); i++)
        pass_token_pack(&tokens, pass_token(signer, key, kind, text));
    channel_send(desk->channel, FRAME_PASSED, frame->serial, buf_span(&tokens), -1, &err);
}

static struct signed_answer token_read(struct signer *signer, struct span bytes)
{
    struct span words[2], id, text; /* purpose, token */
    if (words_unpack(bytes, words, 2) < 0 || !token_key(words[1], &id))
        return refused("this is no token");
    const struct ring_key *key = known(signer, PURPOSE_TOKEN, id);
    if (!key)
        return (struct signed_answer){.how = SIGNED_NO_KEY};
    return token_open(signer->scratch, words[1], key->secret, words[0], &text) ? done(text) : refused("this is no token of ours, or it was changed");
}

/* ---- doors and judges */
static void asked(void *context, struct desk *desk, struct frame *frame)
{
    struct signer *signer = context;
    struct err err;
    struct signed_answer answer;
    arena_reset(signer->scratch);
    if (frame->kind == FRAME_CHECK || frame->kind == FRAME_PASS) {
        (frame->kind == FRAME_CHECK ? seals_check : passes_make)(signer, desk, frame);
        return;
    }
    if (frame->kind == FRAME_SEAL)
        answer = seal(signer, frame->bytes);
    else if (frame->kind == FRAME_SIGN)
        answer = (desk->role == ROLE_JUDGE ? chain_sign : sign)(signer, frame->bytes);
    else
        answer = frame->kind == FRAME_TOKEN ? token_make(signer, frame->bytes) : token_read(signer, frame->bytes);
    struct buf bytes = {.arena = signer->scratch};
    signed_pack(&bytes, &answer);
    channel_send(desk->channel, FRAME_SIGNED, frame->serial, buf_span(&bytes), -1, &err);
}

/* ---- the parent */
static void told(void *context, const struct frame *frame)
{
    struct signer *signer = context;
    if (frame->kind != FRAME_SETTINGS || frame->bytes.len != sizeof signer->settings)
        return;
    memcpy(&signer->settings, frame->bytes.at, sizeof signer->settings);
    keys_load(signer);
}

int signer_serve(int fd, const struct signer_settings *settings)
{
    static const struct desk_calls calls = {.asked = asked, .told = told};
    struct err err;
    struct desks desks;
    struct signer signer = {.settings = *settings, .scratch = arena_new(ASK_CEILING)};
    desks_open(&desks, ROLE_SIGNER, fd, &calls, &signer);
    if (sodium_init() < 0)
        abort();
    prctl(PR_SET_DUMPABLE, 0); /* no core on disk, and nobody of the same user looks into our memory */
    keys_load(&signer);
    channel_send(desks.parent, FRAME_READY, 0, (struct span){0}, -1, &err);
    while (desks_turn(&desks))
        desks_wait(&desks, -1, -1);
    desks_end(&desks);
    keys_drop(&signer);
    arena_free(&signer.scratch);
    return 0;
}
