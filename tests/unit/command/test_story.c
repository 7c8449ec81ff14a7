#include "command/scan.h"
#include "folder.h"

#include <sys/stat.h>

struct fixture {
    char folder[256];
    struct arena *arena;
    struct walk_settings walk;
    struct story story;
    struct err err;
};

static int begin(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    folder_make(f->folder, sizeof f->folder);
    f->arena = arena_new(1 << 20);
    walk_settings_default(&f->walk);
    folder_write(f->folder, "message.eml", S("From: a@b\r\n\r\n"));
    *state = f;
    return 0;
}

static int end(void **state)
{
    struct fixture *f = *state;
    folder_drop(f->folder);
    arena_free(&f->arena);
    free(f);
    return 0;
}

static int load(struct fixture *f)
{
    struct arrival arrival = {.source = S("s"), .received_at = 7};
    int loaded = story_load(f->arena, f->folder, &f->walk, &arrival, &f->story, &f->err);
    if (f->story.fd >= 0)
        close(f->story.fd);
    return loaded;
}

static void a_bare_message_has_no_world(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(load(f), 0);
    assert_null(f->story.zone);
    assert_null(f->story.walk.customers);
    assert_int_equal(f->story.arrival.mail_from_state, SENDER_UNKNOWN);
    assert_int_equal(f->story.arrival.received_at, 7);
    assert_int_equal(f->story.length, 13);
}

static void envelope_settings_and_time(void **state)
{
    struct fixture *f = *state;
    folder_write(f->folder, "envelope", S("# who\nclient_ip: 192.0.2.1\nclient_name: mx.example\r\nhelo: -\nmail_from: <a@example.net> SIZE=5\n"
                                          "rcpt_to: b@example.org NOTIFY=NEVER\nrcpt_to: <c@example.org>\ntls_version: TLSv1.3\n"
                                          "tls_cert_verified: yes\nlocal: yes\ndirection: outbound\n"));
    folder_write(f->folder, "settings", S("preset: m365\ntrusted_host: GW.example\ntrusted_network: 192.0.2.0/24\ntrust_authserv: mx\n"));
    folder_write(f->folder, "now", S("2026-01-31T12:00:00Z\n"));
    folder_write(f->folder, "dns.zone", S("example.net. 300 TXT \"x\"\n"));
    *vec_push(f->arena, &f->walk.auth.trusted_authserv) = S("ours");
    if (load(f) < 0)
        fail_msg("%s", f->err.text);
    assert_span(f->story.arrival.client_name, "mx.example");
    assert_int_equal(f->story.arrival.helo.len, 0);
    assert_span(f->story.arrival.mail_from, "a@example.net");
    assert_span(f->story.arrival.mail_params, "SIZE=5");
    assert_int_equal(f->story.arrival.rcpt_to.len, 2);
    assert_span(f->story.arrival.rcpt_to.at[0].params, "NOTIFY=NEVER");
    assert_true(f->story.arrival.tls.cert_verified && f->story.arrival.local);
    assert_int_equal(f->story.arrival.direction, DIRECTION_OUTBOUND);
    assert_int_equal(f->story.walk.trace.preset, PRESET_M365);
    assert_span(f->story.walk.trace.trusted_hosts.at[0], "gw.example");
    assert_int_equal(f->story.walk.auth.trusted_authserv.len, 2);
    assert_int_equal(f->walk.auth.trusted_authserv.len, 1); /* the command line's own list is as it was */
    assert_int_equal(f->walk.trace.trusted_hosts.len, 0);
    assert_int_equal(f->story.arrival.received_at, time_from_civil(2026, 1, 31) + 12 * 3600);
    assert_non_null(f->story.zone);
}

static void its_people_stand_instead_of_the_command_lines(void **state)
{
    struct fixture *f = *state;
    *vec_push(f->arena, &f->walk.identity.own_domains) = S("ours.example");
    assert_int_equal(load(f), 0);
    assert_span(f->story.walk.identity.own_domains.at[0], "ours.example");
    folder_write(f->folder, "people.yaml", S("own_domains: [harbour.example]\npeople:\n  - name: Hanako Suzuki\n"));
    if (load(f) < 0)
        fail_msg("%s", f->err.text);
    assert_int_equal(f->story.walk.identity.own_domains.len, 1);
    assert_span(f->story.walk.identity.own_domains.at[0], "harbour.example");
    assert_span(f->story.walk.identity.people.at[0].forms.at[0], "hanako suzuki");
    assert_int_equal(f->walk.identity.own_domains.len, 1);
    assert_span(f->walk.identity.own_domains.at[0], "ours.example");
}

static void the_null_sender(void **state)
{
    struct fixture *f = *state;
    folder_write(f->folder, "envelope", S("mail_from: <>\n"));
    assert_int_equal(load(f), 0);
    assert_int_equal(f->story.arrival.mail_from_state, SENDER_NULL);
    folder_write(f->folder, "envelope", S("mail_from: -\n"));
    assert_int_equal(load(f), 0);
    assert_int_equal(f->story.arrival.mail_from_state, SENDER_UNKNOWN);
}

static void faults_name_file_and_line(void **state)
{
    static const struct {
        const char *file, *text, *why;
    } rows[] = {
        {"envelope", "helo: x\ncolour: red\n", "envelope:2: \"colour\" is no key"},
        {"envelope", "helo x\n", "envelope:1: is not of the form"},
        {"envelope", "client_ip: 1.2.3\n", "envelope:1: \"1.2.3\" is no address"},
        {"envelope", "direction: up\n", "envelope:1: \"up\" is no direction"},
        {"envelope", "tls_cert_verified: maybe\n", "envelope:1: \"maybe\""},
        {"envelope", "local: true\n", "envelope:1: \"true\""},
        {"envelope", "helo: x\n", NULL},
        {"settings", "preset: yahoo\n", "settings:1: \"yahoo\" is no preset"},
        {"settings", "\n\ntrusted_network: x\n", "settings:3: \"x\" is no network"},
        {"settings", "client_ip: 192.0.2.1\n", "settings:1: \"client_ip\" is no key"},
        {"settings", "", NULL},
        {"now", "soon\n", "now: \"soon\" is no time"},
        {"now", "2026-01-31T12:00:00Z\n", NULL},
        {"people.yaml", "partners: [harbour]\n", "people.yaml: partners: \"harbour\" is no domain"},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        folder_write(f->folder, rows[i].file, span_of(rows[i].text));
        assert_int_equal(load(f), rows[i].why ? -1 : 0);
        if (rows[i].why && !strstr(f->err.text, rows[i].why))
            fail_msg("%s: %s", rows[i].text, f->err.text);
    }
}

/* Opening a pipe that nobody writes to would wait for ever. */
static void a_pipe_is_no_part_of_a_story(void **state)
{
    static const char *const names[] = {"envelope", "settings", "now", "dns.zone", "customers.yaml", "people.yaml"};
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[300];
        snprintf(path, sizeof path, "%s/%s", f->folder, names[i]);
        assert_int_equal(mkfifo(path, 0600), 0);
        alarm(10);
        assert_int_equal(load(f), -1);
        alarm(0);
        if (!strstr(f->err.text, names[i]) || !strstr(f->err.text, "is no regular file"))
            fail_msg("%s: %s", names[i], f->err.text);
        unlink(path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_bare_message_has_no_world, begin, end),
        cmocka_unit_test_setup_teardown(envelope_settings_and_time, begin, end),
        cmocka_unit_test_setup_teardown(its_people_stand_instead_of_the_command_lines, begin, end),
        cmocka_unit_test_setup_teardown(the_null_sender, begin, end),
        cmocka_unit_test_setup_teardown(faults_name_file_and_line, begin, end),
        cmocka_unit_test_setup_teardown(a_pipe_is_no_part_of_a_story, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
