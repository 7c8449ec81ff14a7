/* Who is told: what is wrong with a notification, and what is not. */
#include "world.h"

#define BASE "organisations:\n  - id: one\n    name: One\n    domains: [one.example]\nlisteners:\n  - name: http\n    address: 127.0.0.1:80\nnotify:\n  - name: desk\n"
#define MAIL "    mail: soc@one.example\n    sender: seki@one.example\n"
#define HOOK "    webhook: https://soc.example/x\n"
static const struct said_row rows[] = {
    {HOOK, NULL},
    {"    webhook: http://127.0.0.1:99/x\n", NULL},
    {"    webhook: http://u:p@[::1]/x\n", NULL},
    {"    webhook: http://soc.example/x\n", "10 notify[1].webhook: http: what is told can be read on its way; write https://"},
    {"    webhook: http://127.0.0.1@soc.example/x\n", "10 notify[1].webhook: http: what is told can be read on its way; write https://"},
    {"    webhook: ftp://soc.example/x\n", "10 notify[1].webhook: \"ftp://soc.example/x\" is no address of a receiver; write one like https://soc.example.com/hook"},
    {"    webhook: https:///x\n", "10 notify[1].webhook: \"https:///x\" is no address of a receiver; write one like https://soc.example.com/hook"},
    {"    webhook: https://a b/x\n", "10 notify[1].webhook: \"https://a b/x\" is no address of a receiver; write one like https://soc.example.com/hook"},
    {HOOK "    secret: good.secret\n", NULL},
    {HOOK "    secret: open.secret\n", "11 notify[1].secret: FOLDER/open.secret holds secrets and every user of this machine may read it: chmod o= FOLDER/open.secret"},
    {HOOK "    secret: bad.secret\n", "11 notify[1].secret: FOLDER/bad.secret:1: is no header field; write one like Authorization: Bearer 1234"},
    {HOOK "    secret: empty.secret\n", "11 notify[1].secret: FOLDER/empty.secret holds no header field; write one like Authorization: Bearer 1234"},
    {MAIL "    secret: good.secret\n", "12 notify[1].secret: belongs to webhook:, which does not stand here; take it out"},
    {MAIL, NULL},
    {MAIL "    server: mx.one.example\n    tls: must\n", NULL},
    {MAIL "    server: '[::1]:2525'\n", NULL},
    {MAIL "    server: 'mx.one.example:0'\n", "12 notify[1].server: \"mx.one.example:0\" is no server; write a host with or without a port, like mx.example.com:25 or [::1]:25"},
    {MAIL "    server: 'smtp://mx'\n", "12 notify[1].server: \"smtp://mx\" is no server; write a host with or without a port, like mx.example.com:25 or [::1]:25"},
    {"    mail: soc@one.example\n", "9 notify[1].sender: is missing: a mail comes from an address; write sender: sekimori@your.domain"},
    {"    mail: soc\n    sender: a@one.example\n", "9 notify[1].name: goes nowhere: write one of webhook:, program: and mail:\n"
     "10 notify[1].mail: \"soc\" is no address: write it like taro@example.com\n11 notify[1].sender: belongs to mail:, which does not stand here; take it out"},
    {"    program: [/bin/true, -x]\n", NULL},
    {"    program: [true]\n", "10 notify[1].program: \"true\": write the whole path of the program, as /usr/local/bin/notice; no shell looks for it"},
    {"    program: [/bin/truest]\n", "10 notify[1].program: /bin/truest: No such file or directory; name a program that is there"},
    {"    program: [/etc/passwd]\n", "10 notify[1].program: /etc/passwd is no program that can be started; chmod +x /etc/passwd"},
    {"    addresses: yes\n", "9 notify[1].name: goes nowhere: write one of webhook:, program: and mail:"},
    {MAIL HOOK, "9 notify[1].name: goes more than one way: write one of webhook:, program: and mail:"},
    {HOOK "  - name: desk\n" HOOK, "11 notify[2].name: \"desk\" is the name of two notifications; each has its own"},
    {HOOK "    when:\n      verdict: clean\n      tags: [credential-lure]\n      evidence: [from-twice]\n      directions: [inbound, outbound]\n      organisations: [one]\n", NULL},
    {HOOK "    when:\n      verdict: bad\n", "12 notify[1].when.verdict: \"bad\" is not one of: clean, suspicious, malicious"},
    {HOOK "    when:\n      unjudged: also\n      tags: [credential-lure]\n      directions: [inbound]\n", NULL},
    {HOOK "    when:\n      unjudged: only\n      directions: [inbound]\n", NULL},
    {HOOK "    when:\n      unjudged: only\n      evidence: [from-twice]\n",
     "12 notify[1].when.unjudged: only contradicts tags and evidence, for what no judge could finish has none; take them out, or write also"},
    {HOOK "    when:\n      waiting: only\n      directions: [inbound]\n", NULL},
    {HOOK "    when:\n      waiting: only\n      unjudged: also\n",
     "12 notify[1].when.waiting: only contradicts unjudged, appeals, tags and evidence, which nobody asks of what waits; take them out, or write also"},
    {HOOK "    when:\n      unjudged: always\n", "12 notify[1].when.unjudged: \"always\" is not one of: no, also, only"},
    {HOOK "    when:\n      tags: [lure]\n", "12 notify[1].when.tags: \"lure\" is no tag; docs/EVIDENCE.md has them"},
    {HOOK "    when:\n      evidence: [from-thrice]\n", "12 notify[1].when.evidence: \"from-thrice\" is no evidence; docs/EVIDENCE.md has the ids"},
    {HOOK "    when:\n      directions: [in]\n", "12 notify[1].when.directions: \"in\" is not one of: inbound, outbound, submission, internal, reinject"},
    {HOOK "    when:\n      organisations: [two]\n", "12 notify[1].when.organisations: \"two\" is the id of no organisation of this file"},
    {HOOK "    tags: [x]\n", "11 notify[1].tags: does not belong here; it stands at notify: - when.tags"},
    {HOOK "outbox:\n  wait: 30 min\n  wait_most: 10 min\n", "12 outbox.wait: may not be longer than wait_most"},
};

static void secrets_put(void)
{
    file_put("good.secret", "# ours\n\nAuthorization: Bearer 1234\nX-Key: 5\n");
    file_put("open.secret", "Authorization: Bearer 1234\n");
    file_put("bad.secret", "Bearer 1234\n");
    file_put("empty.secret", "#\n");
    static const char *const names[] = {"good.secret", "bad.secret", "empty.secret"};
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(chmod(file_path(names[i]), 0600), 0);
    assert_int_equal(chmod(file_path("open.secret"), 0644), 0);
}

static void every_fault_has_its_sentence(void **state)
{
    secrets_put();
    rows_check(BASE, rows, sizeof rows / sizeof *rows);
}

/* What is printed is the same configuration: sections of records of a list too. */
static void what_is_printed_loads_again(void **state)
{
    struct generation *first = load_whole(BASE HOOK "    when:\n      verdict: suspicious\n      tags: [credential-lure]\n  - name: second\n" MAIL "outbox:\n  at_once: 2\n");
    struct buf out = {.arena = first->arena};
    generation_print(first, &out);
    struct generation *again = load_whole(arena_copy(first->arena, buf_span(&out)).at);
    assert_true(span_eq(first->id, again->id));
    assert_int_equal(again->notifications.len, 2);
    assert_span(again->notifications.at[0].when.tags.at[0], "credential-lure");
    assert_int_equal(again->notifications.at[0].when.verdict, VERDICT_SUSPICIOUS);
    assert_int_equal(again->notifications.at[1].when.verdict, VERDICT_MALICIOUS);
    assert_span(again->notifications.at[1].server, "127.0.0.1:25");
    generation_free(&first);
    generation_free(&again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_fault_has_its_sentence), cmocka_unit_test(what_is_printed_loads_again)};
    return cmocka_run_group_tests(tests, world_open, world_close);
}
