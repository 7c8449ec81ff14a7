/* What a configuration becomes: defaults, the shipped example, the id, several organisations, what is printed. */
#include "world.h"

#include "base/config.h"
#include "role/role.h"

#define CONFIG                                                                                                                      \
    "organisations:\n"                                                                                                             \
    "  - id: one\n    name: One\n    domains: [one.example, 例え.jp]\n    names: ['One \"Ltd\": the first']\n"                      \
    "    people: [{name: 山田 太郎, names: [Taro Yamada], addresses: [taro@home.example], title: CEO}]\n"                           \
    "    people_file: people.yaml\n    mode: active\n    suspicious: 12.5\n"                                                        \
    "  - {id: two, name: Two, domains: [two.one.example], names: [Two], language: ja}\n"                                                          \
    "listeners:\n"                                                                                                                  \
    "  - {name: http, address: '0.0.0.0:80', tokens: secret, organisation: two}\n"                                                  \
    "  - {name: out, address: 'unix:/run/out.sock', direction: outbound, metrics: no}\n"                                            \
    "trust: {preset: m365, hosts: [MX.one.example], networks: [192.0.2.0/24, '2001:db8::/32'], authserv: [mx], authserv_below: yes,\n" \
    "        sealers: [seal.example], clock_tolerance: 90 s}\n"                                                                     \
    "relay: {customers: customers.yaml}\n"                                                                                          \
    "dns:\n  servers: [192.0.2.53, '[2001:db8::53]:5353']\n  deadline: 2 s\n  rounds: 3\n"                                          \
    "  block_lists: [{zone: list.example, codes: [{code: 127.0.0.0/30, evidence: client-listed-spam}]}]\n"                                  \
    "limits: {message_bytes: 1 MiB, archive_depth: 1, hops: 9}\n"                                                                   \
    "verdict: {prior: 2 %}\nkeep: {records: 400 d}\nstore: {path: data.db, sync: normal}\njudges: {number: 3, hang: 2 min}\n"

static void files_put(void)
{
    file_put("people.yaml", "own_domains: [third.example]\nown_names: [Third]\npeople:\n  - name: Hanako Suzuki\n");
    file_put("customers.yaml", "customers:\n  - {name: A, tenants: [0f0e0d0c-1111-2222-3333-444455556666], domains: [a.example]}\n");
    file_put("secret", "this-is-the-token-0123\n");
    chmod(file_path("secret"), 0600);
}

static void every_value_reaches_its_place(void **state)
{
    files_put();
    struct generation *got = load_whole(CONFIG);
    assert_int_equal(got->organisations.len, 2);
    const struct organisation *one = &got->organisations.at[0], *two = &got->organisations.at[1];
    assert_span(one->identity.own_domains.at[1], "xn--r8jz45g.jp");
    assert_span(one->identity.people.at[0].names.at[0], "Taro Yamada");
    assert_true(one->suspicious == 12.5 && one->walk.verdict.suspicious == 12.5 && two->walk.verdict.suspicious == 6);
    assert_span(one->walk.verdict.mode, "active");
    assert_span(two->walk.verdict.mode, "passive");
    assert_int_equal(one->unjudged, UNJUDGED_HOLD);
    assert_int_equal(two->unjudged, UNJUDGED_PASS);
    assert_int_equal(two->language, LANGUAGE_JA);
    assert_int_equal(one->walk.identity.own_domains.len, 3); /* with that of people_file */
    assert_int_equal(one->identity.own_domains.len, 2);
    assert_int_equal(one->walk.identity.people.len, 2);
    assert_int_equal(one->walk.identity.own_forms.len, 2);
    assert_int_equal(one->walk.identity.people.at[0].forms.len, 2);
    assert_int_equal(two->walk.identity.own_forms.len, 1);
    assert_ptr_equal(got->listeners.at[0].belongs_to, two);
    assert_int_equal(got->listeners.at[1].direction, DIRECTION_OUTBOUND);
    assert_false(got->listeners.at[1].metrics);
    assert_int_equal(got->walk.trace.preset, PRESET_M365);
    assert_span(got->walk.trace.trusted_hosts.at[0], "mx.one.example");
    assert_int_equal(got->walk.trace.trusted_networks.at[1].bits, 32);
    assert_span(got->walk.auth.trusted_authserv.at[0], "mx");
    assert_true(got->walk.auth.authserv_below);
    assert_span(got->walk.verdict.trusted_sealers.at[0], "seal.example");
    assert_int_equal(got->walk.trace.clock_tolerance, 90);
    assert_int_equal(got->walk.trace.most_hops, 9);
    assert_int_equal(got->walk.customers->list.len, 1);
    assert_span(got->dns.forward, "192.0.2.53@53 2001:db8::53@5353");
    assert_int_equal(got->walk.rounds, 3);
    assert_int_equal(got->dns.block_lists.at[0].codes.at[0].means.within.bits, 30);
    assert_span(got->walk.witness.lists.at[0].zone, "list.example");
    assert_int_equal(got->organisations.at[0].walk.verdict.witnesses->lists.at[0].codes.at[0].id, EVIDENCE_CLIENT_LISTED_SPAM);
    assert_int_equal(got->walk.message.message_bytes, 1 << 20);
    assert_int_equal(got->walk.files.archive_depth, 1);
    assert_true(got->walk.verdict.prior == 0.02);
    assert_int_equal(got->keep.records, 400 * 86400);
    assert_int_equal(got->store.sync, SYNC_NORMAL);
    assert_true(span_ends_case(got->store.path, S("/data.db")) && got->store.path.at[0] == '/');
    assert_span(one->walk.generation, arena_copy(got->arena, got->id).at);
    generation_free(&got);
    assert_null(got);
}

static void as_roles_take_it(void **state)
{
    files_put();
    struct generation *got = load_whole(CONFIG);
    struct judge_settings judge;
    struct resolver_settings resolver = {0};
    judge_settings_default(&judge);
    judge_settings_take(&judge, got);
    resolver_settings_take(&resolver, got);
    assert_int_equal(judge.hang_seconds, 120);
    assert_int_equal(resolver.deadline_ms, 2000);
    assert_string_equal(resolver.options.forward, "192.0.2.53@53 2001:db8::53@5353");
    generation_free(&got);
}

/* The table's defaults and those of the rooms are the same: a scan with an empty file is a scan without one. */
static void defaults_are_those_of_the_rooms(void **state)
{
    struct generation *got = load_whole("");
    struct walk_settings walk;
    struct judge_settings judge = {0}, fresh;
    struct dns_resolver_options none = {0};
    walk_settings_default(&walk);
    walk.tables = got->tables;
    walk.generation = got->id;
    memcpy(walk.verdict.weights, got->walk.verdict.weights, sizeof walk.verdict.weights); /* the tables' */
    assert_int_equal(got->walk.verdict.witnesses->lists.len, 0);
    walk.verdict.witnesses = got->walk.verdict.witnesses;
    assert_memory_equal(&walk.message, &got->walk.message, sizeof walk.message);
    assert_memory_equal(&walk.files, &got->walk.files, sizeof walk.files);
    assert_true(walk.trace.preset == got->walk.trace.preset && walk.trace.clock_tolerance == got->walk.trace.clock_tolerance &&
                walk.trace.most_hops == got->walk.trace.most_hops);
    assert_memory_equal(&walk.auth, &got->walk.auth, sizeof walk.auth);
    assert_memory_equal(&walk.verdict, &got->walk.verdict, sizeof walk.verdict);
    assert_true(walk.rounds == got->walk.rounds && walk.most_asks == got->walk.most_asks);
    assert_null(got->walk.customers);
    judge_settings_default(&fresh);
    judge_settings_take(&judge, got);
    assert_memory_equal(&judge, &fresh, sizeof judge);
    struct resolver_settings resolver = {0};
    resolver_settings_take(&resolver, got);
    assert_true(resolver.deadline_ms == 5000 && resolver.options.silence_ms == 3000 && !resolver.options.forward && !none.forward); /* as dns.h has it */
    struct organisation organisation = {0};
    generation_free(&got);
    got = load_whole("organisations: [{id: one, name: One, domains: [one.example]}]\n");
    organisation = got->organisations.at[0];
    assert_true(organisation.suspicious == walk.verdict.suspicious && organisation.malicious == walk.verdict.malicious);
    generation_free(&got);
}

static struct span printed(const struct generation *generation)
{
    struct buf out = {.arena = generation->arena};
    generation_print(generation, &out);
    return buf_span(&out);
}

static void what_is_printed_is_the_same_generation(void **state)
{
    files_put();
    static const char *const files[] = {CONFIG, "", "trust: {hosts: [a.example], own_authserv: mx}\narc: {domain: a.example, selector: s1}\nlisteners: [{name: h, address: '[::1]:1'}]\n"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct generation *first = load_whole(files[i]);
        struct span text = printed(first);
        struct generation *again = load_whole(arena_copy(first->arena, text).at);
        assert_span(again->id, arena_copy(first->arena, first->id).at);
        assert_null(span_find(printed(again), S("# default"))); /* all of it is written now, but for empty lists of the file */
        generation_free(&again);
        generation_free(&first);
    }
}

static void defaults_are_marked_and_secrets_not_shown(void **state)
{
    files_put();
    struct generation *got = load_whole(CONFIG);
    struct span text = printed(got);
    assert_non_null(span_find(text, S("  prior: 2 %\n")));
    assert_non_null(span_find(text, S("  silence: 3 s # default\n")));
    assert_non_null(span_find(text, S("  # trust_anchor: not set\n")));
    assert_non_null(span_find(text, S("    names: [\"One \\\"Ltd\\\": the first\"]\n")));
    assert_non_null(span_find(text, S("/secret\n")));
    assert_null(span_find(text, S("this-is-the-token")));
    generation_free(&got);
}

static void the_shipped_example_is_in_order(void **state)
{
    struct generation *got = NULL, *again = NULL;
    struct faults faults;
    faults_begin(&faults, "conf/sekimori.conf");
    if (generation_load("conf/sekimori.conf", &got, &faults) < 0 || faults.warnings)
        fail_msg("%.*s", SPAN_FMT(faults.list.at[0].text));
    file_put("printed.conf", arena_copy(got->arena, printed(got)).at);
    assert_int_equal(generation_load(file_path("printed.conf"), &again, &faults), 0);
    assert_span(again->id, arena_copy(got->arena, got->id).at);
    faults_end(&faults);
    generation_free(&again);
    generation_free(&got);
}

/* What stands behind # in the example is no key of yesterday: with every such line in force it is in order too. */
static void the_example_holds_with_all_its_examples(void **state)
{
    struct arena *arena = arena_new(1 << 22);
    struct span text, line;
    struct buf out = {.arena = arena};
    struct err err;
    struct faults faults;
    assert_int_equal(file_read(arena, "conf/sekimori.conf", 1 << 20, &text, &err), 0);
    while (span_cut(&text, '\n', &line)) {
        size_t indent = 0;
        while (indent < line.len && line.at[indent] == ' ')
            indent++;
        struct span rest = span_skip(line, indent), word;
        bool key = span_starts(rest, S("# ")) && !span_starts(rest, S("# --"));
        for (size_t i = 2; key && i < rest.len && rest.at[i] != ':'; i++) /* "# key: value", "#   - key: value" */
            key = (rest.at[i] >= 'a' && rest.at[i] <= 'z') || strchr(" _-{", rest.at[i]) || ascii_is_digit(rest.at[i]);
        key = key && span_find_byte(rest, ':');
        word = key ? span_skip(rest, 2) : rest;
        buf_print(&out, "%*s%.*s\n", (int)indent, "", SPAN_FMT(word));
    }
    struct generation *got = load(arena_copy(arena, buf_span(&out)).at, &faults);
    assert_null(got);
    vec_each(fault, &faults.list) /* files and users that are not on this machine are what may lack */
        if (!span_find(fault->text, S("No such file")) && !span_find(fault->text, S("there is no ")))
            fail_msg("%u %.*s: %.*s", fault->line, SPAN_FMT(fault->key), SPAN_FMT(fault->text));
    faults_end(&faults);
    arena_free(&arena);
}

static void the_id_follows_what_is_loaded(void **state)
{
    static const struct {
        const char *yaml;
        bool same;
    } other[] = {
        {"# a remark\nverdict: {prior: 2 %}\n", true}, {"verdict:\n  prior: 2.0%\n", true}, {"verdict: {prior: 2 %}\ndns: {silence: 3000 ms}\n", true},
        {"verdict: {prior: 3 %}\n", false}, {"verdict: {prior: 2 %}\ntrust: {hosts: [a.example]}\n", false},
    };
    struct generation *first = load_whole("verdict: {prior: 2 %}\n");
    assert_int_equal(first->id.len, 20);
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        struct generation *got = load_whole(other[i].yaml);
        assert_int_equal(span_eq(got->id, first->id), other[i].same);
        generation_free(&got);
    }
    file_put("data/weights.tsv", "from-twice\t2.6\t2\t3\t0\t0\t0\t0\tprior\n");
    struct generation *got = load_whole("verdict: {prior: 2 %}\n");
    file_put("data/weights.tsv", "from-twice\t2.5\t2\t3\t0\t0\t0\t0\tprior\n");
    assert_false(span_eq(got->id, first->id));
    generation_free(&got);
    generation_free(&first);
}

static void secrets_take_no_part_in_the_id(void **state)
{
    files_put();
    struct generation *one = load_whole(CONFIG);
    file_put("secret", "another-token-0123456789\n");
    struct generation *other = load_whole(CONFIG);
    assert_true(span_eq(one->id, other->id));
    file_put("people.yaml", "own_domains: [fourth.example]\n");
    struct generation *third = load_whole(CONFIG);
    assert_false(span_eq(one->id, third->id));
    generation_free(&one);
    generation_free(&other);
    generation_free(&third);
}

static void a_broken_file_leaves_the_old_one(void **state)
{
    struct generation *old = load_whole(""), *kept = old;
    struct faults faults;
    file_put("sekimori.conf", "verdict: {prior: much}\n");
    faults_begin(&faults, file_path("sekimori.conf"));
    assert_int_equal(generation_load(file_path("sekimori.conf"), &old, &faults), -1);
    assert_ptr_equal(old, kept);
    assert_true(old->walk.verdict.prior == 0.005);
    faults_end(&faults);
    generation_free(&old);
}

static void domains_of_the_people_file_are_its_organisations(void **state)
{
    bool found = false;
    files_put();
    struct generation *got = load_whole(CONFIG);
    vec_each(domain, &generation_organisation_by_id(got, S("one"))->walk.identity.own_domains)
        found |= span_eq(*domain, S("third.example"));
    assert_true(found);
    assert_null(generation_organisation_by_id(got, S("three")));
    generation_free(&got);
}

static void ten_thousand_people_are_no_matter(void **state)
{
    struct arena *arena = arena_new(1 << 24);
    struct buf text = {.arena = arena};
    buf_print(&text, "organisations:\n  - id: one\n    name: One\n    domains: [one.example]\n    people:\n");
    for (int i = 0; i < 10000; i++)
        buf_print(&text, "      - {name: Person %d, addresses: [p%d@one.example]}\n", i, i);
    struct generation *got = load_whole(arena_copy(arena, buf_span(&text)).at);
    assert_int_equal(got->organisations.at[0].walk.identity.people.len, 10000);
    assert_true(printed(got).len > 400000);
    generation_free(&got);
    arena_free(&arena);
}

/* The printing goes through the table once: a section that began anew would be a key that stands twice. */
static void sections_stand_together(void **state)
{
    const struct key *key, *other;
    for (size_t i = 0; (key = key_at(i)); i++) {
        const char *dot = strchr(key->path, '.');
        struct span section = dot ? span_from(key->path, dot + 1) : S("");
        bool left = false;
        for (size_t j = i + 1; section.len && (other = key_at(j)); j++) {
            bool in = other->record == key->record && span_starts(span_of(other->path), section);
            assert_false(left && in);
            left |= !in;
        }
        for (size_t j = i + 1; (other = key_at(j)); j++)
            assert_false(other->record == key->record && strcmp(other->path, key->path) == 0);
    }
}

/* Every limit of the two tables can be set by the file, and the table has no other row of that name. */
static void limits_are_all_there(void **state)
{
    const struct limit *limit;
    size_t count = 0;
    for (; (limit = limit_at(count)); count++) {
        char path[64];
        snprintf(path, sizeof path, "limits.%s", limit->name);
        const struct key *key = key_by_path(RECORD_generation, span_of(path));
        assert_non_null(key);
        assert_int_equal(key->type, TYPE_LIMIT);
    }
    assert_true(count > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_value_reaches_its_place), cmocka_unit_test(as_roles_take_it), cmocka_unit_test(defaults_are_those_of_the_rooms),
        cmocka_unit_test(what_is_printed_is_the_same_generation), cmocka_unit_test(defaults_are_marked_and_secrets_not_shown),
        cmocka_unit_test(the_shipped_example_is_in_order), cmocka_unit_test(the_example_holds_with_all_its_examples),
        cmocka_unit_test(the_id_follows_what_is_loaded), cmocka_unit_test(secrets_take_no_part_in_the_id),
        cmocka_unit_test(a_broken_file_leaves_the_old_one), cmocka_unit_test(domains_of_the_people_file_are_its_organisations),
        cmocka_unit_test(ten_thousand_people_are_no_matter), cmocka_unit_test(sections_stand_together), cmocka_unit_test(limits_are_all_there),
    };
    return cmocka_run_group_tests(tests, world_open, world_close);
}
