/* Policies per recipient, groups, and what one answer carries. */
#include "exact.h"
#include "action/plan.h"

static struct arena *arena;

/* Letters of acts: h hold, r reject, b banner, t tag, l lock, L double lock, j junk, s take off, n rename. */
static unsigned acts_of(const char *letters)
{
    static const struct {
        char letter;
        enum act act;
    } rows[] = {{'h', ACT_HOLD}, {'r', ACT_REJECT}, {'b', ACT_BANNER}, {'t', ACT_TAG}, {'l', ACT_LOCK}, {'L', ACT_DOUBLE_LOCK}, {'j', ACT_JUNK}, {'s', ACT_TAKE_OFF}, {'n', ACT_RENAME}};
    unsigned acts = 0;
    for (; *letters; letters++)
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
            acts |= rows[i].letter == *letters ? rows[i].act : 0;
    return acts;
}

static struct report *report_of(enum verdict verdict, double score)
{
    struct report *report = arena_one(arena, struct report);
    struct arrival *arrival = arena_one(arena, struct arrival);
    arrival->direction = DIRECTION_INBOUND;
    *report = (struct report){.verdict = verdict, .score = score, .arrival = arrival, .id = S("abc")};
    return report;
}

static struct policies *policies_of(const char *letters, enum policy_mode mode)
{
    struct policies *policies = arena_one(arena, struct policies);
    *vec_push(arena, &policies->list) = (struct policy){.name = S("p"), .acts = acts_of(letters), .mode = mode};
    return policies;
}

/* The plan as text: groups of "fate acts: recipients", the riding one marked; recipients are one letter a language and the letters of acts. */
static struct span told(const struct plan *plan)
{
    static const char *const fates[] = {"deliver", "hold", "reject", "wait"};
    struct buf out = {.arena = arena};
    for (size_t i = 0; i < plan->groups.len; i++) {
        const struct plan_group *group = &plan->groups.at[i];
        buf_print(&out, "%s%s%s", i ? "; " : "", plan->rides == i ? "*" : "", fates[group->fate]);
        for (unsigned act = 1; act < 1u << ACT_COUNT; act <<= 1)
            if (group->acts & act)
                buf_print(&out, " %s", act_name((enum act)act));
        buf_print(&out, "%s%s:", group->en ? " en" : "", group->ja ? " ja" : "");
        vec_each(number, &group->recipients)
            buf_print(&out, " %zu", *number);
    }
    return buf_span(&out);
}

static void groups(void **state)
{
    static const struct {
        const char *recipients; /* each: language e, j or 2, then acts; parted by a blank */
        bool one_body, rejected;
        const char *wanted;
    } rows[] = {
        {"e e e", false, false, "*deliver: 0 1 2"},
        {"eb jb eb", false, false, "*deliver banner en: 0 2; deliver banner ja: 1"},
        {"jb eb eb", false, false, "deliver banner ja: 0; *deliver banner en: 1 2"},
        {"eb jb", false, false, "*deliver banner en: 0; deliver banner ja: 1"}, /* of equal ones the first */
        {"e j", false, false, "*deliver: 0 1"}, /* without a banner the language is no matter */
        {"eh eh e", false, false, "hold: 0 1; *deliver: 2"}, /* the largest that is not held */
        {"eh jh", false, false, "hold: 0 1"},
        {"er er", false, true, "reject: 0 1"},
        {"er e", false, false, "hold: 0; *deliver: 1"}, /* reject only when all agree */
        {"er eh", false, false, "hold: 0; hold: 1"},
        {"erh", false, true, "reject: 0"},
        {"elL esn", false, false, "*deliver double-lock: 0; deliver take-off: 1"}, /* the stricter of two */
        {"eb jbt", true, false, "*deliver tag banner en ja: 0 1"},
        {"el jL", true, false, "*deliver double-lock: 0 1"},
        {"er e", true, false, "hold: 0 1"},
        {"er er", true, true, "reject: 0 1"},
        {"2b", false, false, "*deliver banner en ja: 0"},
        {"", false, false, ""},
    };
    arena = arena_new((size_t)4 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct plan_recipient recipients[8];
        struct report *report = report_of(VERDICT_MALICIOUS, 99);
        struct span rest = span_of(rows[i].recipients), word;
        size_t count = 0;
        struct plan plan;
        for (; span_word(&rest, &word); count++)
            recipients[count] = (struct plan_recipient){.address = S("a@b.example"), .report = report, .en = word.at[0] != 'j', .ja = word.at[0] != 'e',
                                                        .policies = policies_of(arena_copy(arena, span_skip(word, 1)).at, POLICY_ACTIVE)};
        plan_make(arena, recipients, count, rows[i].one_body, &plan);
        if (!span_eq(told(&plan), span_of(rows[i].wanted)) || plan.rejected != rows[i].rejected)
            fail_msg("row %zu: %.*s", i, SPAN_FMT(told(&plan)));
    }
    arena_free(&arena);
}

static void when(void **state)
{
    static const struct {
        const char *domain, *person, *address;
        double score;
        enum verdict verdict;
        bool holds;
    } rows[] = {
        {NULL, NULL, "a@b.example", 0, VERDICT_CLEAN, true},
        {NULL, NULL, "a@b.example", 50, VERDICT_SUSPICIOUS, true},
        {NULL, NULL, "a@b.example", 50.1, VERDICT_CLEAN, false},
        {NULL, NULL, "a@b.example", 0, VERDICT_MALICIOUS, false},
        {"b.example", NULL, "a@B.example", 0, VERDICT_CLEAN, true},
        {"b.example", NULL, "a@x.b.example", 0, VERDICT_CLEAN, true},
        {"b.example", NULL, "a@xb.example", 0, VERDICT_CLEAN, false},
        {"b.example", NULL, "postmaster", 0, VERDICT_CLEAN, false},
        {NULL, "A@b.example", "a@b.example", 0, VERDICT_CLEAN, true},
        {NULL, "c@b.example", "a@b.example", 0, VERDICT_CLEAN, false},
        {"other.example", "a@b.example", "a@b.example", 0, VERDICT_CLEAN, false},
    };
    arena = arena_new((size_t)4 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct policies *policies = policies_of("t", POLICY_ACTIVE);
        struct policy *policy = policies->list.at;
        policy->score = rows[i].score;
        policy->when.verdict = rows[i].verdict;
        if (rows[i].domain)
            *vec_push(arena, &policy->domains) = span_of(rows[i].domain);
        if (rows[i].person)
            *vec_push(arena, &policy->people) = span_of(rows[i].person);
        struct plan plan;
        struct plan_recipient recipient = {.address = span_of(rows[i].address), .report = report_of(VERDICT_SUSPICIOUS, 50), .policies = policies, .en = true};
        plan_make(arena, &recipient, 1, false, &plan);
        if ((plan.groups.at[0].acts == ACT_TAG) != rows[i].holds)
            fail_msg("row %zu", i);
    }
    arena_free(&arena);
}

/* Passive does nothing, confirm by nobody but who agrees; both are told. */
static void modes(void **state)
{
    arena = arena_new((size_t)4 << 20);
    struct policies *policies = policies_of("hb", POLICY_PASSIVE);
    *vec_push(arena, &policies->list) = (struct policy){.acts = acts_of("r"), .mode = POLICY_CONFIRM};
    *vec_push(arena, &policies->list) = (struct policy){.acts = acts_of("t"), .mode = POLICY_ACTIVE};
    struct plan plan;
    struct plan_recipient recipient = {.address = S("a@b.example"), .report = report_of(VERDICT_MALICIOUS, 99), .policies = policies, .en = true};
    plan_make(arena, &recipient, 1, false, &plan);
    assert_span(told(&plan), "wait tag: 0");
    assert_int_equal(plan.hits.len, 3);
    assert_true(plan.hits.at[0].mode == POLICY_PASSIVE && plan.hits.at[0].policy == 0 && plan.hits.at[0].acts == (ACT_HOLD | ACT_BANNER));
    assert_true(plan.hits.at[1].mode == POLICY_CONFIRM && plan.hits.at[1].policy == 1);
    recipient.acts = ACT_HOLD, recipient.barred = ACT_TAG; /* its organisation's mode does something too, and its mail goes out */
    plan_make(arena, &recipient, 1, false, &plan);
    assert_span(told(&plan), "hold: 0");
    arena_free(&arena);
}

/* Who gets a copy parts nobody from the others, and is named once; where nobody is a recipient there is none. */
static void copies(void **state)
{
    static const struct {
        const char *address;
        enum policy_mode mode;
        size_t wanted;
    } rows[] = {{"a@b.example", POLICY_ACTIVE, 2}, {"a@b.example", POLICY_PASSIVE, 0}, {"a@b.example", POLICY_CONFIRM, 0}, {"", POLICY_ACTIVE, 0}, {"c@b.example", POLICY_ACTIVE, 0}};
    arena = arena_new((size_t)4 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct policies *policies = policies_of("", rows[i].mode);
        struct policy *policy = policies->list.at;
        policy->acts = ACT_COPY | ACT_REJECT;
        *vec_push(arena, &policy->copy_to) = S("soc@b.example");
        *vec_push(arena, &policy->copy_to) = S("SOC@B.example");
        *vec_push(arena, &policy->copy_to) = S("law@b.example");
        if (rows[i].address[0])
            *vec_push(arena, &policy->people) = S("a@b.example");
        *vec_push(arena, &policies->list) = (struct policy){.acts = ACT_TAG, .mode = POLICY_ACTIVE};
        struct plan_recipient recipients[] = {{.address = span_of(rows[i].address), .report = report_of(VERDICT_SUSPICIOUS, 50), .policies = policies, .en = true, .barred = ACT_REJECT},
                                              {.address = S("d@b.example"), .policies = policies, .en = true, .barred = ACT_REJECT}};
        recipients[1].report = recipients[0].report;
        struct plan plan;
        plan_make(arena, recipients, rows[i].address[0] ? 2 : 1, PLAN_EACH, &plan);
        if (plan.copy_to.len != rows[i].wanted || plan.groups.len != 1 || plan.groups.at[0].acts != ACT_TAG)
            fail_msg("row %zu: %zu copies", i, plan.copy_to.len);
    }
    arena_free(&arena);
}

/* One body for two organisations that judge differently: the stricter one's words. */
static void strictest_words(void **state)
{
    arena = arena_new((size_t)4 << 20);
    struct policies *policies = policies_of("bl", POLICY_ACTIVE);
    struct plan_recipient recipients[] = {{.address = S("a@b.example"), .report = report_of(VERDICT_SUSPICIOUS, 50), .policies = policies, .en = true},
                                          {.address = S("a@c.example"), .report = report_of(VERDICT_MALICIOUS, 95), .policies = policies, .ja = true}};
    struct plan plan;
    struct banner banner;
    plan_make(arena, recipients, 2, true, &plan);
    assert_int_equal(plan.groups.len, 1);
    assert_true(plan_banner(arena, &plan.groups.at[0], &banner));
    assert_true(banner.verdict == VERDICT_MALICIOUS && banner.en && banner.ja && banner.locked);
    assert_span(banner.record, "abc");
    plan_make(arena, recipients, 2, false, &plan);
    assert_int_equal(plan.groups.len, 2);
    plan.groups.at[0].acts = ACT_TAG;
    assert_false(plan_banner(arena, &plan.groups.at[0], &banner));
    arena_free(&arena);
}

/* Acts become edits, and only those of the group. */
static void wishes(void **state)
{
    static const struct {
        const char *letters;
        size_t added, locks, removed;
        bool banner, tag;
    } rows[] = {{"", 0, 0, 3, false, false}, {"t", 0, 0, 3, false, true}, {"b", 0, 0, 3, true, false}, {"l", 0, 1, 3, false, false},
                {"L", 0, 1, 3, false, false}, {"j", 1, 0, 3, false, false}, {"H", 5, 0, 7, false, false}, {"btlj", 1, 1, 3, true, true}};
    arena = arena_new((size_t)4 << 20);
    struct spam_marks marks = {true, 7, 5, S("x")};
    struct header_line results = {S("Authentication-Results"), S("mx.one.example; none")};
    struct lock lock = {0, S("https://g.example/")};
    struct plan_words words = {.tags = {S(""), S("[S]"), S("[M]")}, .authserv_id = S("mx.one.example"), .results = &results, .marks = &marks, .locks = {&lock, 1, 1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct plan_group group = {.acts = rows[i].letters[0] == 'H' ? ACT_HEADERS : acts_of(rows[i].letters), .verdict = VERDICT_MALICIOUS, .en = true, .report = report_of(VERDICT_MALICIOUS, 99)};
        struct banner banner;
        struct edit_wishes out;
        plan_wishes(arena, &group, &words, &banner, &out);
        bool right = out.headers.added.len == rows[i].added && out.locks.len == rows[i].locks && out.headers.removed.len == rows[i].removed &&
                     (out.banner != NULL) == rows[i].banner && span_eq(out.headers.subject_tag, rows[i].tag ? S("[M]") : S("")) && out.headers.tops.len == 1;
        if (!right || (out.banner && out.banner->locked != (rows[i].locks > 0)))
            fail_msg("row %zu", i);
    }
    arena_free(&arena);
}

/* The files that evidence names, by their name or by the host of a link inside. */
static void files(void **state)
{
    static const struct {
        const char *where, *word;
        double weight;
        size_t count;
    } rows[] = {{"attachment", "a.zip", 2, 1}, {"attachment", "evil.example", 2, 1}, {"image", "evil.example", 2, 1}, {"attachment", "A.zip", 2, 0},
                {"attachment", "a.zip", -2, 0}, {"links", "a.zip", 2, 0}, {"image", "a.zip", 2, 0}, {"attachment", "logo.png", 2, 0}};
    arena = arena_new((size_t)4 << 20);
    struct part root = {.kind = PART_MULTIPART}, first = {.parent = &root}, second = {.parent = &root};
    root.first_child = &first;
    first.next = &second;
    struct url url = {.host = S("evil.example")};
    struct content content = {0};
    *vec_push(arena, &content.files.list) = (struct file_fact){.part = &second, .name = S("a.zip")};
    *vec_push(arena, &content.files.list) = (struct file_fact){.part = &first, .name = S("logo.png"), .shown = true};
    *vec_push(arena, &content.files.links) = (struct file_link){.part = &second, .url = &url};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct report *report = report_of(VERDICT_MALICIOUS, 99);
        struct evidence *evidence = vec_push(arena, &report->evidence);
        file_edits_t named = {0};
        report->content = &content;
        *evidence = (struct evidence){.weight = rows[i].weight, .where = span_of(rows[i].where), .words = {span_of(rows[i].word)}};
        assert_true(evidence_by_name(S("file-program"), &evidence->id) || evidence_by_name(S("archive-program"), &evidence->id));
        files_named(arena, report, &named);
        if (named.len != rows[i].count || (named.len && (!span_eq(named.at[0].path, S("2")) || !named.at[0].reasons[LANGUAGE_JA].len)))
            fail_msg("row %zu: %zu", i, named.len);
    }
    arena_free(&arena);
}

/* What is more in what somebody may agree to makes a copy wait. Rows: what is active, what is asked; of each recipient. */
static void waits(void **state)
{
    static const struct {
        const char *active[3], *asked[3];
        enum plan_bodies bodies;
        unsigned idle;
        const char *wanted; /* fate, acts and what is asked of each group */
    } rows[] = {
        {{""}, {"b"}, PLAN_EACH, 0, "wait:banner"},
        {{"b"}, {"b"}, PLAN_EACH, 0, "deliver banner:"},
        {{"b"}, {"bt"}, PLAN_EACH, 0, "wait banner:tag"},
        {{"L"}, {"l"}, PLAN_EACH, 0, "deliver double-lock:"},
        {{"l"}, {"L"}, PLAN_EACH, 0, "wait lock:double-lock"},
        {{"t"}, {"h"}, PLAN_EACH, 0, "wait tag:hold"},
        {{"t"}, {"r"}, PLAN_EACH, 0, "wait tag:hold"},
        {{"h"}, {"b"}, PLAN_EACH, 0, "hold:"},
        {{"r"}, {"h"}, PLAN_EACH, 0, "reject:"},
        {{""}, {"b"}, PLAN_EACH, ACT_BANNER, "deliver:"},
        {{""}, {"bt"}, PLAN_EACH, ACT_BANNER, "wait:tag"},
        {{"", ""}, {"b", ""}, PLAN_EACH, 0, "wait:banner; deliver:"},
        {{"", "", ""}, {"b", "t", "b"}, PLAN_EACH, 0, "wait:banner; wait:tag"},
        {{"", ""}, {"b", ""}, PLAN_ONE_BODY, 0, "wait:banner"}, /* for all where for one */
        {{"", "t"}, {"h", ""}, PLAN_ONE_BODY, 0, "wait tag:hold"},
        {{"h", ""}, {"", "b"}, PLAN_ONE_BODY, 0, "hold:"},
        {{"", "j", "t"}, {"b", "", ""}, PLAN_ONE_DELIVERED, 0, "wait:banner; deliver tag junk:"},
        {{"", "j", ""}, {"b", "", "t"}, PLAN_ONE_DELIVERED, 0, "wait:banner; deliver junk:; wait:tag"},
        {{"", "j", ""}, {"b", "", "t"}, PLAN_ONE_WAITING, 0, "wait:tag banner; deliver junk:"},
        {{"r", ""}, {"", "b"}, PLAN_EACH, 0, "hold:; wait:banner"},
    };
    static const char *const fates[] = {"deliver", "hold", "reject", "wait"};
    arena = arena_new((size_t)4 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct plan_recipient recipients[3];
        struct report *report = report_of(VERDICT_MALICIOUS, 99);
        struct buf out = {.arena = arena};
        struct plan plan;
        size_t count = 0;
        for (; count < 3 && rows[i].active[count]; count++) {
            struct policies *policies = policies_of(rows[i].active[count], POLICY_ACTIVE);
            *vec_push(arena, &policies->list) = (struct policy){.name = S("q"), .acts = acts_of(rows[i].asked[count]), .mode = POLICY_CONFIRM};
            recipients[count] = (struct plan_recipient){.address = S("a@b.example"), .report = report, .en = true, .policies = policies, .idle = rows[i].idle};
        }
        plan_make(arena, recipients, count, rows[i].bodies, &plan);
        vec_each(group, &plan.groups) {
            buf_print(&out, "%s%s", out.len ? "; " : "", fates[group->fate]);
            for (unsigned act = 1; group->fate != FATE_HOLD && group->fate != FATE_REJECT && act < 1u << ACT_COUNT; act <<= 1)
                if (group->acts & act)
                    buf_print(&out, " %s", act_name((enum act)act));
            buf_byte(&out, ':');
            bool first = true;
            for (unsigned act = 1; group->fate == FATE_WAIT && act < 1u << ACT_COUNT; act <<= 1)
                if (plan_asked(group) & act) {
                    buf_print(&out, "%s%s", first ? "" : " ", act_name((enum act)act));
                    first = false;
                }
        }
        if (!span_eq(buf_span(&out), span_of(rows[i].wanted)))
            fail_msg("row %zu: %.*s", i, SPAN_FMT(buf_span(&out)));
        assert_true(plan.rides == SIZE_MAX || plan.groups.at[plan.rides].fate == FATE_DELIVER);
    }
    arena_free(&arena);
}

static void names(void **state)
{
    enum act act;
    for (unsigned bit = 1; bit < 1u << ACT_COUNT; bit <<= 1)
        assert_true(act_by_name(span_of(act_name((enum act)bit)), &act) && (unsigned)act == bit);
    assert_false(act_by_name(S("burn"), &act));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(groups), cmocka_unit_test(when), cmocka_unit_test(modes), cmocka_unit_test(waits), cmocka_unit_test(copies), cmocka_unit_test(strictest_words), cmocka_unit_test(wishes), cmocka_unit_test(files), cmocka_unit_test(names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
