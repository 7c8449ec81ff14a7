/* The signer over its channels, as a process of its own: what it gives a door, what a judge, and what neither. */
#include "exact.h"
#include "keyring/keyring.h"
#include "role/inner.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#define RECORD S("01j0abcd0123456789abcdefghjk")
struct signer_desk {
    char above[64];
    struct signer_settings settings;
    pid_t pid;
    struct channel *parent, *door, *judge;
    struct arena *arena;
};
static struct signer_desk desk;

static struct channel *linked(enum role role)
{
    int ends[2];
    struct err err;
    char who = (char)role;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    assert_int_equal(channel_send(desk.parent, FRAME_LINK, 0, (struct span){&who, 1}, ends[1], &err), 0);
    struct channel *channel = channel_new(ends[0], FRAME_MOST);
    channel_between(channel, role, ROLE_SIGNER);
    return channel;
}

static enum channel_state received(struct channel *channel, struct frame *out)
{
    struct err err;
    struct pollfd wait = channel_wait(channel);
    enum channel_state state;
    while ((state = channel_receive(channel, out, &err)) == CHANNEL_LATER)
        if (poll(&wait, 1, 20000) <= 0)
            fail_msg("no answer");
    return state;
}

static int setup(void **state)
{
    int ends[2];
    struct frame ready;
    snprintf(desk.above, sizeof desk.above, "/tmp/signer-XXXXXX");
    assert_non_null(mkdtemp(desk.above));
    snprintf(desk.settings.folder, sizeof desk.settings.folder, "%s/keys", desk.above);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    desk.pid = fork();
    if (desk.pid == 0) {
        close(ends[0]);
        log_begin(ROLE_SIGNER, LEVEL_ERROR);
        _exit(signer_serve(ends[1], &desk.settings));
    }
    close(ends[1]);
    desk.arena = arena_new(1 << 24);
    desk.parent = channel_new(ends[0], FRAME_MOST);
    channel_between(desk.parent, ROLE_PARENT, ROLE_SIGNER);
    assert_int_equal(received(desk.parent, &ready), CHANNEL_FRAME);
    assert_int_equal(ready.kind, FRAME_READY);
    desk.door = linked(ROLE_DOOR);
    desk.judge = linked(ROLE_JUDGE);
    return 0;
}

static int teardown(void **state)
{
    char command[128];
    int status;
    channel_free(&desk.door);
    channel_free(&desk.judge);
    channel_free(&desk.parent);
    arena_free(&desk.arena);
    waitpid(desk.pid, &status, 0);
    snprintf(command, sizeof command, "rm -rf %s", desk.above);
    return system(command) || status;
}

/* ---- what a test does */
static struct span key_made(const struct key_request *request, bool rotate)
{
    struct keyring *ring;
    struct err err;
    const struct ring_key *key = NULL;
    if (keyring_edit(desk.settings.folder, (uid_t)-1, time(NULL), &ring, &err) < 0 || keyring_make(ring, request, time(NULL), &key, &err) < 0 ||
        (rotate && keyring_rotate(ring, request, time(NULL), 3600, &key, &err) < 0) || keyring_commit(ring, &err) < 0)
        fail_msg("%s", err.text);
    struct span id = arena_copy(desk.arena, key->id);
    keyring_free(&ring);
    return id;
}

static void reload(void)
{
    struct err err;
    struct frame pong;
    assert_int_equal(channel_send(desk.parent, FRAME_SETTINGS, 0, (struct span){(const char *)&desk.settings, sizeof desk.settings}, -1, &err), 0);
    assert_int_equal(channel_send(desk.parent, FRAME_PING, 0, S(""), -1, &err), 0);
    assert_int_equal(received(desk.parent, &pong), CHANNEL_FRAME);
    assert_int_equal(pong.kind, FRAME_PONG);
}

static struct signed_answer asked(enum frame_kind kind, const struct span *words, size_t count)
{
    struct err err;
    struct frame frame;
    struct signed_answer answer;
    struct buf bytes = {.arena = desk.arena};
    words_pack(&bytes, words, count);
    assert_int_equal(channel_send(desk.door, kind, 7, buf_span(&bytes), -1, &err), 0);
    assert_int_equal(received(desk.door, &frame), CHANNEL_FRAME);
    assert_int_equal(frame.kind, FRAME_SIGNED);
    assert_int_equal(frame.serial, 7);
    assert_int_equal(signed_unpack(frame.bytes, &answer), 0);
    answer.text = arena_copy(desk.arena, answer.text);
    return answer;
}
#define ASKED(kind, ...) asked(kind, (const struct span[]){__VA_ARGS__}, sizeof((const struct span[]){__VA_ARGS__}) / sizeof(struct span))

static int checked(const struct seal *seal)
{
    struct err err;
    struct frame frame;
    struct buf bytes = {.arena = desk.arena};
    seal_pack(&bytes, seal);
    seal_pack(&bytes, seal);
    assert_int_equal(channel_send(desk.judge, FRAME_CHECK, 9, buf_span(&bytes), -1, &err), 0);
    assert_int_equal(received(desk.judge, &frame), CHANNEL_FRAME);
    assert_int_equal(frame.kind, FRAME_CHECKED);
    assert_int_equal(frame.bytes.len, 2);
    assert_int_equal(frame.bytes.at[0], frame.bytes.at[1]);
    return frame.bytes.at[0];
}

static const struct seal_measure measure = {{1, 2}, {3, 4}};
#define MEASURE ((struct span){(const char *)&measure, sizeof measure})

static void seals_are_made_and_known_again(void **state)
{
    struct seal seal;
    assert_int_equal(ASKED(FRAME_SEAL, RECORD, MEASURE).how, SIGNED_NO_KEY);
    struct span id = key_made(&(struct key_request){.purpose = PURPOSE_SEAL}, false);
    assert_int_equal(ASKED(FRAME_SEAL, RECORD, MEASURE).how, SIGNED_NO_KEY); /* until it is told */
    reload();
    struct signed_answer answer = ASKED(FRAME_SEAL, RECORD, MEASURE);
    assert_int_equal(answer.how, SIGNED_DONE);
    assert_true(seal_read(answer.text, &seal));
    assert_true(span_eq(seal.key, id) && span_eq(seal.record, RECORD));
    assert_true(seal.at <= time(NULL) && seal.at > time(NULL) - 100);
    assert_int_equal(checked(&seal), CHECKED_HOLDS);
    seal.at++;
    assert_int_equal(checked(&seal), CHECKED_FORGED);
    seal.at--;
    seal.key = S("otherkey1234");
    assert_int_equal(checked(&seal), CHECKED_UNKNOWN);
    seal.key = id;
    key_made(&(struct key_request){.purpose = PURPOSE_SEAL}, true); /* rotated: the old one still holds */
    reload();
    assert_int_equal(checked(&seal), CHECKED_HOLDS);
    assert_true(seal_read(ASKED(FRAME_SEAL, RECORD, MEASURE).text, &seal));
    assert_false(span_eq(seal.key, id));
}

/* A judge gets tokens of locked links, and of nothing else. */
static void judges_get_passes_of_locked_links_alone(void **state)
{
    static const struct {
        enum pass_kind kind;
        bool once, broken, gets;
    } rows[] = {{PASS_LOCK, false, false, true}, {PASS_DOUBLE_LOCK, false, false, true}, {PASS_RELEASE, false, false, false}, {PASS_ASK, false, false, false},
                {PASS_LOCK, true, false, false}, {PASS_LOCK, false, true, false}};
    enum { ROWS = sizeof rows / sizeof *rows };
    struct err err;
    struct frame frame;
    for (int keyed = 0; keyed < 2; keyed++) {
        struct buf bytes = {.arena = desk.arena};
        for (size_t i = 0; i < ROWS; i++) {
            struct pass pass = {.kind = rows[i].kind, .record = RECORD, .until = 5, .once = rows[i].once ? S("0123456789abcdef") : S(""), .target = S("https://a.example/")};
            struct span text;
            pass_name(desk.arena, &pass, NULL, 0, NULL);
            assert_int_equal(pass_write(desk.arena, &pass, &text, &err), 0);
            pass_ask_pack(&bytes, rows[i].kind, rows[i].broken ? span_skip(text, 1) : text);
        }
        assert_int_equal(channel_send(desk.judge, FRAME_PASS, 9, buf_span(&bytes), -1, &err), 0);
        assert_int_equal(received(desk.judge, &frame), CHANNEL_FRAME);
        assert_true(frame.kind == FRAME_PASSED && frame.serial == 9);
        struct span rest = arena_copy(desk.arena, frame.bytes), token;
        for (size_t i = 0; i < ROWS; i++) {
            assert_true(pass_token_unpack(&rest, &token));
            assert_int_equal(token.len > 0, keyed && rows[i].gets);
            struct pass pass;
            struct signed_answer opened = token.len ? ASKED(FRAME_OPEN, pass_purpose(rows[i].kind), token) : (struct signed_answer){0};
            assert_true(!token.len || (opened.how == SIGNED_DONE && pass_read(opened.text, rows[i].kind, &pass) && span_eq(pass.record, RECORD)));
        }
        assert_false(pass_token_unpack(&rest, &token));
        key_made(&(struct key_request){.purpose = PURPOSE_TOKEN}, false);
        reload();
    }
}

static void a_key_of_another_purpose_checks_no_seal(void **state)
{
    struct seal seal = {.key = key_made(&(struct key_request){.purpose = PURPOSE_TOKEN}, false), .record = RECORD, .at = 1};
    reload();
    assert_int_equal(checked(&seal), CHECKED_UNKNOWN);
}

static void keys_that_cannot_be_read_leave_the_old(void **state)
{
    char path[320];
    key_made(&(struct key_request){.purpose = PURPOSE_SEAL}, false);
    reload();
    snprintf(path, sizeof path, "%s/keys", desk.settings.folder);
    FILE *file = fopen(path, "w");
    fputs("nonsense\n", file);
    fclose(file);
    reload();
    assert_int_equal(ASKED(FRAME_SEAL, RECORD, MEASURE).how, SIGNED_DONE);
}

/* ---- signatures */
static EVP_PKEY *public_half(struct span id)
{
    struct keyring *ring;
    struct err err;
    assert_int_equal(keyring_read(desk.settings.folder, time(NULL), &ring, &err), 0);
    struct span pem = keyring_by_id(ring, id)->secret;
    BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    BIO_free(bio);
    keyring_free(&ring);
    return key;
}

static void digests_are_signed_for_domain_and_selector(void **state)
{
    static const char *const algorithms[] = {"rsa-sha256", "ed25519-sha256"};
    uint8_t digest[32], signature[2048];
    EVP_Digest("text", 4, digest, NULL, EVP_sha256(), NULL);
    struct span sum = {(const char *)digest, sizeof digest};
    for (int i = 0; i < 2; i++) {
        struct span selector = arena_print(desk.arena, "s%d", i);
        struct span id = key_made(&(struct key_request){.purpose = PURPOSE_DKIM, .domain = S("example.com"), .selector = selector, .algorithm = span_of(algorithms[i])}, false);
        reload();
        assert_int_equal(ASKED(FRAME_SIGN, S("dkim"), S("example.com"), selector, sum).how, SIGNED_NO_KEY); /* its record may not be out yet */
        struct keyring *ring;
        struct err err;
        const struct ring_key *key;
        assert_int_equal(keyring_edit(desk.settings.folder, (uid_t)-1, time(NULL), &ring, &err), 0);
        assert_int_equal(keyring_rotate(ring, &(struct key_request){.purpose = PURPOSE_DKIM, .domain = S("example.com"), .algorithm = span_of(algorithms[i])}, time(NULL), 9, &key, &err), 0);
        assert_int_equal(keyring_commit(ring, &err), 0);
        keyring_free(&ring);
        reload();
        struct signed_answer answer = ASKED(FRAME_SIGN, S("dkim"), S("Example.COM"), selector, sum);
        assert_int_equal(answer.how, SIGNED_DONE);
        int len = EVP_DecodeBlock(signature, (const unsigned char *)answer.text.at, (int)answer.text.len);
        while (len && answer.text.at[answer.text.len - 1] == '=')
            answer.text.len--, len--;
        EVP_PKEY *pair = public_half(id);
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        assert_int_equal(EVP_DigestVerifyInit(context, NULL, i ? NULL : EVP_sha256(), NULL, pair), 1);
        if (i)
            assert_int_equal(EVP_DigestVerify(context, signature, (size_t)len, digest, sizeof digest), 1);
        else
            assert_int_equal(EVP_DigestVerify(context, signature, (size_t)len, (const unsigned char *)"text", 4), 1);
        EVP_MD_CTX_free(context);
        EVP_PKEY_free(pair);
    }
    assert_int_equal(ASKED(FRAME_SIGN, S("arc"), S("example.com"), S("s0"), sum).how, SIGNED_NO_KEY);
    assert_int_equal(ASKED(FRAME_SIGN, S("dkim"), S("example.org"), S("s0"), sum).how, SIGNED_NO_KEY);
    assert_int_equal(ASKED(FRAME_SIGN, S("dkim"), S("example.com"), S("s2"), sum).how, SIGNED_NO_KEY);
    assert_int_equal(ASKED(FRAME_SIGN, S("seal"), S("example.com"), S("s0"), sum).how, SIGNED_REFUSED);
    assert_int_equal(ASKED(FRAME_SIGN, S("dkim"), S("example.com"), S("s0"), S("short")).how, SIGNED_REFUSED);
}

static void tokens_go_out_and_come_back(void **state)
{
    assert_int_equal(ASKED(FRAME_TOKEN, S("release"), S("id 7")).how, SIGNED_NO_KEY);
    key_made(&(struct key_request){.purpose = PURPOSE_TOKEN}, false);
    reload();
    struct signed_answer token = ASKED(FRAME_TOKEN, S("release"), S("id 7")), other = ASKED(FRAME_TOKEN, S("release"), S("id 7"));
    assert_int_equal(token.how, SIGNED_DONE);
    assert_false(span_eq(token.text, other.text));
    struct signed_answer text = ASKED(FRAME_OPEN, S("release"), token.text);
    assert_int_equal(text.how, SIGNED_DONE);
    assert_span(text.text, "id 7");
    assert_int_equal(ASKED(FRAME_OPEN, S("session"), token.text).how, SIGNED_REFUSED);
    assert_int_equal(ASKED(FRAME_OPEN, S("release"), S("1otherkey1234.AAAA")).how, SIGNED_NO_KEY);
    assert_int_equal(ASKED(FRAME_OPEN, S("release"), S("nonsense")).how, SIGNED_REFUSED);
}

static void nonsense_is_refused(void **state)
{
    struct err err;
    struct frame frame;
    struct signed_answer answer;
    key_made(&(struct key_request){.purpose = PURPOSE_SEAL}, false);
    reload();
    for (enum frame_kind kind = FRAME_SEAL; kind <= FRAME_OPEN; kind++) {
        assert_int_equal(channel_send(desk.door, kind, 1, S("\xff\xff\xff\xff\xff\xff\xff\xff"), -1, &err), 0);
        assert_int_equal(received(desk.door, &frame), CHANNEL_FRAME);
        assert_int_equal(signed_unpack(frame.bytes, &answer), 0);
        assert_int_equal(answer.how, SIGNED_REFUSED);
    }
    assert_int_equal(ASKED(FRAME_SEAL, S("id; k=x"), MEASURE).how, SIGNED_REFUSED);
    assert_int_equal(ASKED(FRAME_SEAL, RECORD, S("short")).how, SIGNED_REFUSED);
    assert_int_equal(channel_send(desk.judge, FRAME_CHECK, 1, S("\1"), -1, &err), 0);
    assert_int_equal(received(desk.judge, &frame), CHANNEL_FRAME);
    assert_int_equal(frame.bytes.len, 0);
}

/* A judge that asks for more than it may loses its channel; the door goes on. */
static void a_judge_gets_nothing_signed(void **state)
{
    struct err err;
    struct frame frame;
    struct buf bytes = {.arena = desk.arena};
    key_made(&(struct key_request){.purpose = PURPOSE_SEAL}, false);
    reload();
    words_pack(&bytes, (const struct span[]){RECORD, MEASURE}, 2);
    assert_int_equal(channel_send(desk.judge, FRAME_SEAL, 1, buf_span(&bytes), -1, &err), 0);
    assert_in_range(received(desk.judge, &frame) + 1, 0, 1); /* broken or closed */
    assert_int_equal(ASKED(FRAME_SEAL, RECORD, MEASURE).how, SIGNED_DONE);
}

/* ---- ARC, for judges */
static struct signed_answer judged(const char *purpose, const char *domain, const char *selector)
{
    struct err err;
    struct frame frame;
    struct signed_answer answer;
    static const char sum[32] = "a digest of thirty-two bytes...";
    struct buf bytes = {.arena = desk.arena};
    words_pack(&bytes, (const struct span[]){span_of(purpose), span_of(domain), span_of(selector), {sum, sizeof sum}}, 4);
    assert_int_equal(channel_send(desk.judge, FRAME_SIGN, 8, buf_span(&bytes), -1, &err), 0);
    assert_int_equal(received(desk.judge, &frame), CHANNEL_FRAME);
    assert_int_equal(frame.kind, FRAME_SIGNED);
    assert_int_equal(frame.serial, 8);
    assert_int_equal(signed_unpack(frame.bytes, &answer), 0);
    return answer;
}

static void arc_key_made(const char *selector, const char *algorithm)
{
    key_made(&(struct key_request){.purpose = PURPOSE_ARC, .domain = S("example.com"), .selector = span_of(selector), .algorithm = span_of(algorithm)}, true);
}

static void a_judge_gets_signatures_of_the_configured_arc_key_and_of_no_other(void **state)
{
    arc_key_made("a1", "rsa-sha256");
    arc_key_made("a2", "ed25519-sha256");
    key_made(&(struct key_request){.purpose = PURPOSE_DKIM, .domain = S("example.com"), .selector = S("d1"), .algorithm = S("rsa-sha256")}, true);
    reload();
    assert_int_equal(judged("arc", "example.com", "a1").how, SIGNED_REFUSED); /* nothing is configured */
    assert_int_equal(judged("arc", "", "").how, SIGNED_REFUSED);
    snprintf(desk.settings.arc_domain, sizeof desk.settings.arc_domain, "example.com");
    snprintf(desk.settings.arc_selector, sizeof desk.settings.arc_selector, "a1");
    reload();
    assert_int_equal(judged("arc", "example.com", "a1").how, SIGNED_DONE);
    assert_int_equal(judged("dkim", "example.com", "a1").how, SIGNED_REFUSED);
    assert_int_equal(judged("dkim", "example.com", "d1").how, SIGNED_REFUSED);
    assert_int_equal(judged("arc", "example.com", "a2").how, SIGNED_REFUSED);
    assert_int_equal(judged("arc", "example.org", "a1").how, SIGNED_REFUSED);
    snprintf(desk.settings.arc_selector, sizeof desk.settings.arc_selector, "a2");
    reload();
    assert_int_equal(judged("arc", "example.com", "a2").how, SIGNED_NO_KEY); /* the sets would say rsa-sha256 */
    desk.settings.arc_domain[0] = desk.settings.arc_selector[0] = '\0';
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(seals_are_made_and_known_again), TEST(judges_get_passes_of_locked_links_alone), TEST(a_key_of_another_purpose_checks_no_seal), TEST(keys_that_cannot_be_read_leave_the_old),
        TEST(digests_are_signed_for_domain_and_selector), TEST(tokens_go_out_and_come_back), TEST(nonsense_is_refused), TEST(a_judge_gets_nothing_signed), TEST(a_judge_gets_signatures_of_the_configured_arc_key_and_of_no_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
