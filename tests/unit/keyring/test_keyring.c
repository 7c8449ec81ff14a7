/* Keys on disk: made, rotated, retired; cut off in between; and folders that are not to be trusted. */
#include "exact.h"
#include "keyring/inner.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NOW = 1795000000, DAY = 86400 };
struct at {
    char above[64], folder[80];
};

static int setup(void **state)
{
    static struct at at;
    snprintf(at.above, sizeof at.above, "/tmp/keyring-XXXXXX");
    assert_non_null(mkdtemp(at.above));
    snprintf(at.folder, sizeof at.folder, "%s/keys", at.above);
    *state = &at;
    return 0;
}

static int teardown(void **state)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", ((struct at *)*state)->above);
    return system(command);
}

static struct keyring *editing(void **state, int64_t now)
{
    struct keyring *ring;
    struct err err;
    if (keyring_edit(((struct at *)*state)->folder, (uid_t)-1, now, &ring, &err) < 0)
        fail_msg("%s", err.text);
    return ring;
}

static struct keyring *reading(void **state, int64_t now)
{
    struct keyring *ring;
    struct err err;
    if (keyring_read(((struct at *)*state)->folder, now, &ring, &err) < 0)
        fail_msg("%s", err.text);
    return ring;
}

static void commit(struct keyring **ring)
{
    struct err err;
    if (keyring_commit(*ring, &err) < 0)
        fail_msg("%s", err.text);
    keyring_free(ring);
}

static const struct key_request seal = {.purpose = PURPOSE_SEAL};
static const struct key_request dkim = {.purpose = PURPOSE_DKIM, .domain = {"Example.com", 11}, .selector = {"s1", 2}};

static char made_id[32];
static void make(void **state, const struct key_request *request, int64_t now)
{
    const struct ring_key *made;
    struct err err;
    struct keyring *ring = editing(state, now);
    if (keyring_make(ring, request, now, &made, &err) < 0)
        fail_msg("%s", err.text);
    snprintf(made_id, sizeof made_id, "%.*s", SPAN_FMT(made->id));
    commit(&ring);
}

static void rotate(void **state, const struct key_request *request, int64_t now, int64_t keep)
{
    const struct ring_key *made;
    struct err err;
    struct keyring *ring = editing(state, now);
    if (keyring_rotate(ring, request, now, keep, &made, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(made->state, KEY_CURRENT);
    commit(&ring);
}

/* "c" and so on: the states of the keys, in the order of the table. */
static void assert_states(void **state, int64_t now, const char *states)
{
    char seen[16] = "";
    struct keyring *ring = reading(state, now);
    vec_each(key, &ring->keys)
        strncat(seen, key_state_name(key->state), 1);
    assert_string_equal(seen, states);
    keyring_free(&ring);
}

static int mode_of(void **state, const char *name)
{
    char path[160];
    struct stat about;
    snprintf(path, sizeof path, "%s/%s", ((struct at *)*state)->folder, name);
    return stat(path, &about) < 0 ? -1 : (int)(about.st_mode & 0777);
}

static void a_folder_that_is_not_there_has_no_keys(void **state)
{
    assert_states(state, NOW, "");
    assert_int_equal(mode_of(state, "."), -1);
}

static void files_are_for_their_owner_alone(void **state)
{
    char secret[64];
    umask(0);
    make(state, &seal, NOW);
    snprintf(secret, sizeof secret, "%s.secret", made_id);
    assert_int_equal(mode_of(state, "."), 0700);
    assert_int_equal(mode_of(state, "keys"), 0600);
    assert_int_equal(mode_of(state, "lock"), 0600);
    assert_int_equal(mode_of(state, secret), 0600);
}

static void seals_are_rotated_and_the_old_hold_for_a_while(void **state)
{
    char first[32];
    struct keyring *ring;
    make(state, &seal, NOW);
    memcpy(first, made_id, sizeof first);
    assert_states(state, NOW, "c");
    make(state, &seal, NOW + 1);
    assert_states(state, NOW + 1, "cn");
    rotate(state, &seal, NOW + 2, DAY);
    assert_states(state, NOW + 2, "rc");
    ring = reading(state, NOW + 2);
    assert_int_equal(keyring_find(ring, PURPOSE_SEAL, KEY_CURRENT, S(""), S(""))->secret.len, SECRET_BYTES);
    assert_int_equal(keyring_by_id(ring, span_of(first))->secret.len, SECRET_BYTES);
    keyring_free(&ring);
    assert_states(state, NOW + 2 + DAY, "c");
    rotate(state, &seal, NOW + 3, DAY); /* none is next: it is made */
    assert_states(state, NOW + 3, "rrc");
    rotate(state, &seal, NOW + 4, 0);
    assert_states(state, NOW + 4, "rrc");
}

static void only_one_waits(void **state)
{
    const struct ring_key *made;
    struct err err;
    make(state, &seal, NOW);
    make(state, &seal, NOW);
    struct keyring *ring = editing(state, NOW);
    assert_int_equal(keyring_make(ring, &seal, NOW, &made, &err), -1);
    assert_non_null(strstr(err.text, "waits already"));
    keyring_free(&ring);
    make(state, &(struct key_request){.purpose = PURPOSE_TOKEN}, NOW); /* another purpose is not in its way */
    assert_states(state, NOW, "cnc");
}

static void what_is_published_waits_for_its_record(void **state)
{
    const struct ring_key *made;
    struct err err;
    struct span record;
    make(state, &dkim, NOW);
    assert_states(state, NOW, "n");
    struct keyring *ring = reading(state, NOW);
    assert_null(keyring_by_selector(ring, PURPOSE_DKIM, S("example.com"), S("s1")));
    assert_int_equal(keyring_dns(ring->arena, &ring->keys.at[0], &record, &err), 0);
    assert_true(span_starts(record, S("s1._domainkey.example.com. IN TXT ( \"v=DKIM1; k=rsa; p=MIIBIjAN")));
    assert_true(record.len > 400 && span_ends_case(record, S("\" )")));
    assert_null(span_find(record, S("PRIVATE")));
    keyring_free(&ring);
    rotate(state, &dkim, NOW + 1, DAY);
    ring = reading(state, NOW + 1);
    assert_non_null(keyring_by_selector(ring, PURPOSE_DKIM, S("EXAMPLE.com"), S("S1")));
    assert_null(keyring_by_selector(ring, PURPOSE_ARC, S("example.com"), S("s1")));
    keyring_free(&ring);
    ring = editing(state, NOW + 2);
    assert_int_equal(keyring_rotate(ring, &dkim, NOW + 2, DAY, &made, &err), -1);
    assert_non_null(strstr(err.text, "sekimori key make dkim --domain Example.com"));
    assert_int_equal(keyring_make(ring, &dkim, NOW + 2, &made, &err), -1);
    assert_non_null(strstr(err.text, "take another"));
    keyring_free(&ring);
}

static void an_edwards_key_is_short(void **state)
{
    struct err err;
    struct span record;
    make(state, &(struct key_request){.purpose = PURPOSE_ARC, .domain = S("example.com"), .algorithm = S("ed25519-sha256")}, NOW);
    struct keyring *ring = reading(state, NOW);
    assert_int_equal(keyring_dns(ring->arena, &ring->keys.at[0], &record, &err), 0);
    assert_non_null(span_find(record, S("_domainkey.example.com. IN TXT ( \"v=DKIM1; k=ed25519; p=")));
    assert_true(span_starts(record, S("sekimori-")));
    keyring_free(&ring);
}

static void requests_out_of_order_are_refused(void **state)
{
    static const struct key_request wrong[] = {
        {.purpose = PURPOSE_SEAL, .domain = {"example.com", 11}},
        {.purpose = PURPOSE_DKIM},
        {.purpose = PURPOSE_DKIM, .domain = {"example", 7}},
        {.purpose = PURPOSE_DKIM, .domain = {"exa mple.com", 12}},
        {.purpose = PURPOSE_DKIM, .domain = {"example.com\n", 12}},
        {.purpose = PURPOSE_DKIM, .domain = {"example.com", 11}, .selector = {"a b", 3}},
        {.purpose = PURPOSE_DKIM, .domain = {"example.com", 11}, .algorithm = {"rsa-sha1", 8}},
    };
    const struct ring_key *made;
    struct err err;
    struct keyring *ring = editing(state, NOW);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(keyring_make(ring, &wrong[i], NOW, &made, &err), -1);
    keyring_free(&ring);
    assert_states(state, NOW, "");
}

static void retired_keys_go_when_their_time_is_over(void **state)
{
    struct err err;
    char secret[64];
    make(state, &seal, NOW);
    snprintf(secret, sizeof secret, "%s.secret", made_id);
    struct keyring *ring = editing(state, NOW);
    assert_int_equal(keyring_retire(ring, span_of("nosuchkey"), NOW, DAY, &err), -1);
    assert_int_equal(keyring_retire(ring, span_of(made_id), NOW, DAY, &err), 0);
    commit(&ring);
    assert_states(state, NOW, "r");
    assert_states(state, NOW + DAY, "");
    assert_int_equal(mode_of(state, secret), 0600);
    ring = editing(state, NOW + 1);
    assert_int_equal(keyring_retire(ring, span_of(made_id), NOW + 1, 0, &err), 0);
    commit(&ring);
    assert_states(state, NOW + 1, "");
    assert_int_equal(mode_of(state, secret), -1); /* with its secret */
}

/* ---- cut off */
static void a_change_that_is_cut_off_changes_nothing(void **state)
{
    char cut[64];
    const struct ring_key *made;
    struct err err;
    make(state, &seal, NOW);
    struct keyring *ring = editing(state, NOW);
    assert_int_equal(keyring_rotate(ring, &seal, NOW, DAY, &made, &err), 0); /* its secret is on disk, the table is not */
    snprintf(cut, sizeof cut, "%.*s.secret", SPAN_FMT(made->id));
    assert_int_equal(file_put(ring->folder, "keys.x", S("half a ta"), &err), 0);
    assert_int_equal(renameat(ring->folder, "keys.x", ring->folder, "keys.new"), 0);
    keyring_free(&ring);
    assert_states(state, NOW, "c");
    assert_int_equal(mode_of(state, cut), 0600);
    make(state, &seal, NOW); /* the next change cleans up */
    assert_states(state, NOW, "cn");
    assert_int_equal(mode_of(state, cut), -1);
    assert_int_equal(mode_of(state, "keys.new"), -1);
}

static void a_second_change_waits(void **state)
{
    struct keyring *ring = editing(state, NOW);
    int other = openat(ring->folder, "lock", O_RDWR);
    assert_int_equal(flock(other, LOCK_EX | LOCK_NB), -1);
    keyring_free(&ring);
    assert_int_equal(flock(other, LOCK_EX | LOCK_NB), 0);
    close(other);
}

/* ---- what is not to be trusted */
static void assert_refused(void **state, const char *words)
{
    struct keyring *ring;
    struct err err;
    assert_int_equal(keyring_read(((struct at *)*state)->folder, NOW, &ring, &err), -1);
    if (!strstr(err.text, words))
        fail_msg("\"%s\" does not say \"%s\"", err.text, words);
    assert_int_equal(keyring_edit(((struct at *)*state)->folder, (uid_t)-1, NOW, &ring, &err), -1);
}

static void write_to(void **state, const char *name, const char *text, mode_t mode)
{
    char path[160];
    snprintf(path, sizeof path, "%s/%s", ((struct at *)*state)->folder, name);
    FILE *file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
    assert_int_equal(chmod(path, mode), 0);
}

static void what_others_may_read_is_refused(void **state)
{
    make(state, &seal, NOW);
    assert_int_equal(chmod(((struct at *)*state)->folder, 0750), 0);
    assert_refused(state, "chmod 700");
    assert_int_equal(chmod(((struct at *)*state)->folder, 0700), 0);
    assert_states(state, NOW, "c");
    write_to(state, "keys", "", 0640);
    assert_refused(state, "keys may be read by others");
}

static void broken_tables_are_refused(void **state)
{
    static const char *const tables[] = {
        "seal\n", "seal abcdefghjkmn current 1 2 - - -\n", "seal abcdefghjkmn current 1 2 - - - - -\n", "seal abcdefghjkmn gone 1 2 - - - -\n",
        "seal ../../etc/pw current 1 2 - - - -\n", "seal abcdefghjkmn current x 2 - - - -\n", "dkim abcdefghjkmn current 1 2 - - s1 rsa-sha256\n",
        "seal abcdefghjkmn current 1 2 - example.com - -x\nbad\n",
    };
    make(state, &seal, NOW);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        write_to(state, "keys", tables[i], 0600);
        assert_refused(state, "keys:");
    }
}

static void a_key_without_its_secret_is_none_and_harms_no_other(void **state)
{
    char secret[64];
    make(state, &seal, NOW);
    snprintf(secret, sizeof secret, "%s.secret", made_id);
    make(state, &(struct key_request){.purpose = PURPOSE_TOKEN}, NOW);
    static const char *const broken[] = {"", "00", "zz34567890123456789012345678901234567890123456789012345678901234\n"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        write_to(state, secret, broken[i], 0600);
        struct keyring *ring = reading(state, NOW);
        assert_int_equal(keyring_find(ring, PURPOSE_SEAL, KEY_CURRENT, S(""), S(""))->secret.len, 0);
        assert_int_equal(keyring_find(ring, PURPOSE_TOKEN, KEY_CURRENT, S(""), S(""))->secret.len, SECRET_BYTES);
        assert_non_null(strstr(ring->lacking.text, secret));
        keyring_free(&ring);
    }
    write_to(state, secret, "0034567890123456789012345678901234567890123456789012345678901234\n", 0644);
    struct keyring *ring = reading(state, NOW);
    assert_non_null(strstr(ring->lacking.text, "chmod 600"));
    keyring_free(&ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_folder_that_is_not_there_has_no_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(files_are_for_their_owner_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(seals_are_rotated_and_the_old_hold_for_a_while, setup, teardown),
        cmocka_unit_test_setup_teardown(only_one_waits, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_published_waits_for_its_record, setup, teardown),
        cmocka_unit_test_setup_teardown(an_edwards_key_is_short, setup, teardown),
        cmocka_unit_test_setup_teardown(requests_out_of_order_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(retired_keys_go_when_their_time_is_over, setup, teardown),
        cmocka_unit_test_setup_teardown(a_change_that_is_cut_off_changes_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_second_change_waits, setup, teardown),
        cmocka_unit_test_setup_teardown(what_others_may_read_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(broken_tables_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_key_without_its_secret_is_none_and_harms_no_other, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
