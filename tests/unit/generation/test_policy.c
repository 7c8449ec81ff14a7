/* Policies: names become acts, and what is wrong with one is told. */
#include "world.h"

#define BASE "organisations:\n  - id: one\n    name: One\n    domains: [one.example]\nlisteners:\n  - name: http\n    address: 127.0.0.1:80\n"
#define RELEASE "hold:\n  release_to: 127.0.0.1:26\n"
#define POLICY "policies:\n  - name: care\n"
static const struct said_row rows[] = {
    {POLICY "    do: [banner, tag]\n", NULL},
    {POLICY "    do: [lock]\nlinks:\n  base_url: https://mail.one.example/links/\n",
     "10 policies[1].do: locked links lead to pages, and nothing answers there; write a listener of kind: links (docs/LINKS.md)"},
    {"  - name: links\n    kind: links\n    address: 127.0.0.1:81\n" POLICY "    do: [lock]\nlinks:\n  base_url: https://mail.one.example/links/\n", NULL},
    {POLICY "    do: [lock]\n", "10 policies[1].do: locked links lead to a page of ours, and nobody knows where it is; write links: base_url: https://mail.example.com/links"},
    {POLICY "    do: [double-lock]\n", "10 policies[1].do: locked links lead to a page of ours, and nobody knows where it is; write links: base_url: https://mail.example.com/links"},
    {POLICY "    do: [copy]\n    copy_to: [soc@one.example]\n" RELEASE, NULL},
    {POLICY "    do: [copy]\n" RELEASE, "10 policies[1].do: copy goes to an address, and none is written; add copy_to: [soc@example.com] to the policy"},
    {POLICY "    do: [tag]\n    copy_to: [soc@one.example]\n" RELEASE, "11 policies[1].copy_to: the policy sends no copies; write copy in do too, or take copy_to out"},
    {POLICY "    do: [copy]\n    copy_to: [soc@one.example]\n",
     "10 policies[1].do: copies go by hold.release_to, and nobody says where that is; name a listener of the mail server that filters nothing (RELEASE in sekimori(1))"},
    {POLICY "    do: [tag]\n    keep_original: yes\n", NULL},
    {POLICY "    do: [junk]\n    keep_original: yes\n", "11 policies[1].keep_original: the policy changes nothing that could be wanted back; write it where do has tag, banner, lock, double-lock, take-off or rename"},
    {POLICY "    do: [hold]\n    keep_held: 3 d\n", NULL},
    {POLICY "    do: [banner]\n    keep_held: 3 d\n", "11 policies[1].keep_held: the policy holds nothing; write it where do has hold, reject, double-lock or take-off"},
    {POLICY "    do: [hold]\n    keep_held: 91 d\n", "11 policies[1].keep_held: may not be longer than keep.records, for nothing is kept longer than the record it belongs to"},
    {POLICY "    do: [hold]\n    mode: confirm\n" RELEASE, NULL},
    {POLICY "    do: [hold]\n    mode: active\n" RELEASE, NULL},
    {POLICY "    do: [banner]\n    mode: active\n", NULL},
    {POLICY "    do: [take-off]\n    mode: active\n", "10 policies[1].do: what is held could not be released without hold.release_to; name a listener of the mail server that filters nothing (RELEASE in sekimori(1))"},
    {POLICY "    do: [reject]\n    mode: active\n", "10 policies[1].do: what is held could not be released without hold.release_to; name a listener of the mail server that filters nothing (RELEASE in sekimori(1))"},
    {POLICY "    do: [hold]\n    mode: confirm\n", "11 policies[1].mode: confirm holds messages until somebody agrees, and lets them go by hold.release_to, which is missing; name a listener of the mail server that filters nothing (RELEASE in sekimori(1)), or write passive"},
    {POLICY "    do: [headers]\n    mode: confirm\n" RELEASE,
     "10 policies[1].do: no message waits for headers or copy alone, and nobody is asked: the policy does nothing; write another act too, or mode: active"},
    {POLICY "    do: [tag, copy]\n    copy_to: [soc@one.example]\n    mode: confirm\n" RELEASE,
     "10 policies[1].do: copy is never asked about, and not sent by a policy in mode confirm; write it into one that is active"},
    {POLICY "    do: [hold]\n    mode: confirm\n" RELEASE "  confirm_wait: 30 d\nkeep:\n  hold: 29 d\n", "14 hold.confirm_wait: confirm_wait may not be longer than keep.hold, for nothing is held longer"},
    {POLICY "    mode: active\n", "9 policies[1].do: is empty: the policy would do nothing; write what is done, such as do: [banner]"},
    {POLICY "    do: [burn]\n", "10 policies[1].do: \"burn\" is not one of: headers, tag, banner, lock, double-lock, take-off, rename, junk, copy, hold, reject"},
    {POLICY "    do: [hold, reject]\n", "10 policies[1].do: hold contradicts reject; give one of them"},
    {POLICY "    do: [hold]\n    when:\n      tags: [lure]\n", "12 policies[1].when.tags: \"lure\" is no tag; docs/EVIDENCE.md has them"},
    {POLICY "    do: [hold]\n  - name: care\n    do: [tag]\n", "11 policies[2].name: \"care\" is the name of two policies; each has its own"},
    {"links:\n  base_url: https://mail.one.example/?x\n", "9 links.base_url: \"https://mail.one.example/?x\" is no address of a page; write one like https://mail.example.com/links"},
    {"links:\n  base_url: mail.one.example\n", "9 links.base_url: \"mail.one.example\" is no address of a page; write one like https://mail.example.com/links"},
    {"links:\n  base_url: http://mail.one.example\n", "9 links.base_url: http: whoever stands on the way sees what readers open; write https://"},
};

static void every_fault_has_its_sentence(void **state)
{
    rows_check(BASE, rows, sizeof rows / sizeof *rows);
}

static void values(void **state)
{
    struct faults faults;
    struct generation *generation = load(BASE "links:\n  base_url: https://mail.one.example/l/\n" POLICY
                                         "    do: [banner, junk]\n    mode: active\n    when:\n      verdict: malicious\n      score: 95\n      domains: [one.example]\n", &faults);
    assert_non_null(generation);
    const struct policy *policy = generation->policies.list.at;
    assert_true(generation->policies.list.len == 1 && policy->acts == (ACT_BANNER | ACT_JUNK) && policy->mode == POLICY_ACTIVE);
    assert_true(policy->when.verdict == VERDICT_MALICIOUS && policy->score == 95 && policy->domains.len == 1);
    assert_span(generation->links.base_url, "https://mail.one.example/l");
    assert_span(generation->tags.suspicious, "[Suspicious]");
    assert_span(generation->tags.malicious, "[Malicious]");
    generation_free(&generation);
    faults_end(&faults);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_fault_has_its_sentence), cmocka_unit_test(values)};
    return cmocka_run_group_tests(tests, world_open, world_close);
}
