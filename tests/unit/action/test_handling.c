/* From a report to what a door does: policies, the mode, one body for all, edits, and what the report tells of it. */
#include "action/handling.h"
#include "../message/reading.h"
#include "../../work.h"

#define TEXT "From: a@shop.example\r\nSubject: Hello\r\nAuthentication-Results: mx.one.example; spf=pass\r\n\r\nHello\r\n"

struct handled {
    struct reading reading;
    struct arrival arrival;
    struct report report;
    struct handling_settings settings;
    struct handling handling;
    bool drops, tells, body_stays;
};

static void begin(struct handled *h, const char *text, enum verdict verdict)
{
    *h = (struct handled){0};
    reading_of(&h->reading, text);
    struct arena *arena = h->reading.arena;
    h->arrival = (struct arrival){.direction = DIRECTION_INBOUND};
    *vec_push(arena, &h->arrival.rcpt_to) = (struct recipient){.address = S("b@one.example"), .org = S("one")};
    *vec_push(arena, &h->arrival.rcpt_to) = (struct recipient){.address = S("c@two.example"), .org = S("two")};
    h->report = (struct report){.arrival = &h->arrival, .message = &h->reading.message, .verdict = verdict, .score = 12, .suspicious = 6, .malicious = 90, .id = S("abc")};
    *vec_push(arena, &h->report.actions) = (struct planned_action){.action = S("banner"), .mode = S("passive"), .reason = S("It lies.")};
    *vec_push(arena, &h->settings.houses) = (struct handling_house){S("one"), LANGUAGE_EN};
    *vec_push(arena, &h->settings.houses) = (struct handling_house){S("two"), LANGUAGE_JA};
    h->settings.tags[VERDICT_SUSPICIOUS] = S("[S]");
}

static struct policy *policy_add(struct handled *h, const char *name, unsigned acts, enum policy_mode mode)
{
    struct policy *policy = vec_push(h->reading.arena, &h->settings.policies.list);
    *policy = (struct policy){.name = span_of(name), .acts = acts, .mode = mode, .when.verdict = VERDICT_SUSPICIOUS};
    return policy;
}

static enum handling_door door_of(const struct handled *h)
{
    return h->tells ? DOOR_TELLS : h->drops ? DOOR_DROPS : DOOR_HOLDS;
}

static const char *decide(struct handled *h)
{
    struct buf out = {.arena = h->reading.arena};
    struct handling_words words = {.results = S("mx.one.example; spf=fail")};
    handling_plan(h->reading.arena, &h->settings, &h->reading.limits, &h->reading.message, &h->report, door_of(h), h->body_stays, &h->handling);
    handling_finish(h->reading.arena, &h->settings, &h->reading.limits, &h->reading.message, &words, &h->report, &h->handling);
    vec_each(action, &h->report.actions)
        buf_print(&out, "%s%.*s %.*s %zu %.*s", out.len ? "; " : "", SPAN_FMT(action->action), SPAN_FMT(action->mode), action->recipients.len, SPAN_FMT(action->reason));
    buf_byte(&out, 0);
    return out.at;
}

static struct span whole(struct handled *h)
{
    return edits_apply(h->reading.arena, &h->reading.message, &h->handling.edits);
}

static void nothing_holds(void **state)
{
    struct handled h;
    begin(&h, TEXT, VERDICT_CLEAN);
    policy_add(&h, "care", ACT_BANNER | ACT_REJECT, POLICY_ACTIVE);
    assert_string_equal(decide(&h), "banner passive 0 It lies."); /* as it was */
    assert_true(handling_is_empty(&h.handling) && !h.report.by_policy);
    reading_done(&h.reading);
}

/* Kept as it came is what a reader gets changed, and for whom the policy holds. */
static void originals(void **state)
{
    static const struct {
        unsigned acts;
        enum policy_mode mode;
        bool keeps, wanted;
    } rows[] = {{ACT_TAG, POLICY_ACTIVE, true, true},   {ACT_BANNER, POLICY_ACTIVE, true, true}, {ACT_TAG, POLICY_ACTIVE, false, false}, {ACT_JUNK, POLICY_ACTIVE, true, false},
                {ACT_TAG, POLICY_PASSIVE, true, false}, {ACT_HOLD, POLICY_ACTIVE, true, false},  {ACT_TAKE_OFF, POLICY_ACTIVE, true, false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct handled h;
        begin(&h, TEXT, VERDICT_SUSPICIOUS);
        struct policy *policy = policy_add(&h, "keep", rows[i].acts, rows[i].mode);
        policy->keep_original = rows[i].keeps;
        *vec_push(h.reading.arena, &policy->people) = S("c@two.example");
        h.drops = h.settings.sends = true;
        decide(&h);
        if (h.handling.originals.len != rows[i].wanted || (rows[i].wanted && h.handling.originals.at[0] != 1))
            fail_msg("row %zu: %zu originals", i, h.handling.originals.len);
        reading_done(&h.reading);
    }
}

/* Whoever hands it in and takes no changed body gets the header's edits, and is told of the rest. */
static void body_stays(void **state)
{
    struct handled h;
    begin(&h, TEXT, VERDICT_SUSPICIOUS);
    policy_add(&h, "one", ACT_TAG | ACT_BANNER | ACT_JUNK, POLICY_ACTIVE);
    h.body_stays = true;
    assert_non_null(strstr(decide(&h), "Not done: whoever handed it in takes no changed body."));
    assert_true(h.handling.acts == (ACT_TAG | ACT_BANNER | ACT_JUNK) && !h.handling.edits.body_changed);
    struct span text = whole(&h);
    assert_true(span_find(text, S("Subject: [S] Hello\r\n")) && span_find(text, S("X-Sekimori-Junk: yes\r\n")) && span_ends_case(text, S("\r\n\r\nHello\r\n")));
    reading_done(&h.reading);
    begin(&h, TEXT, VERDICT_SUSPICIOUS);
    struct policy *policy = policy_add(&h, "one", ACT_BANNER, POLICY_ACTIVE);
    policy->keep_original = h.body_stays = true;
    decide(&h);
    assert_int_equal(h.handling.originals.len, 0); /* nothing is changed */
    assert_true(span_eq(whole(&h), h.reading.message.raw));
    reading_done(&h.reading);
}

/* So many recipients, of whom some get another copy, some none, and all of them have it kept as it came. */
static uint64_t work_of(size_t recipients, size_t policies)
{
    struct handled h;
    begin(&h, TEXT, VERDICT_SUSPICIOUS);
    struct arena *arena = h.reading.arena;
    for (size_t i = 0; i < recipients; i++)
        *vec_push(arena, &h.arrival.rcpt_to) = (struct recipient){.address = arena_print(arena, "r%zu@%s.example", i, i % 3 ? i % 3 == 1 ? "one" : "two" : "held")};
    for (size_t i = 0; i < policies; i++) {
        struct policy *policy = policy_add(&h, "keep", ACT_TAG | ACT_COPY, POLICY_ACTIVE);
        policy->keep_original = true;
        for (size_t n = 0; n < 20; n++)
            *vec_push(arena, &policy->copy_to) = arena_print(arena, "c%zu@one.example", n);
    }
    struct policy *other = policy_add(&h, "other", ACT_BANNER, POLICY_ACTIVE);
    *vec_push(arena, &other->domains) = S("two.example");
    struct policy *hold = policy_add(&h, "hold", ACT_HOLD, POLICY_ACTIVE);
    *vec_push(arena, &hold->domains) = S("held.example");
    h.drops = h.settings.sends = true;
    uint64_t before = work_counted();
    decide(&h);
    uint64_t work = work_counted() - before;
    assert_int_equal(h.handling.copies.len, 2);
    assert_int_equal(h.handling.originals.len, recipients - (recipients + 2) / 3 + 2);
    reading_done(&h.reading);
    return work;
}

static void work_is_a_multiple_of_the_recipients(void **state)
{
    uint64_t few = work_of(600, 2), many = work_of(9600, 2), more = work_of(600, 32);
    if (many > 24 * few)
        fail_msg("16 times the recipients took %zu times the work", (size_t)(many / few));
    if (more > 24 * few)
        fail_msg("16 times the policies took %zu times the work", (size_t)(more / few));
}

static void passive_and_confirm(void **state)
{
    struct handled h;
    begin(&h, TEXT, VERDICT_SUSPICIOUS);
    policy_add(&h, "one", ACT_REJECT | ACT_HEADERS, POLICY_PASSIVE);
    policy_add(&h, "two", ACT_HOLD, POLICY_CONFIRM);
    assert_string_equal(decide(&h), "hold confirm 2 Policy two: It lies. Nobody is asked: without hold.release_to it could not leave again.; reject passive 2 Policy one: It lies.; banner passive 0 It lies.; "
                                    "headers passive 2 Policy one: It lies.");
    assert_true(handling_is_empty(&h.handling) && h.report.by_policy);
    assert_true(span_eq(whole(&h), h.reading.message.raw));
    reading_done(&h.reading);
}

/* What a policy does is not told as what the organisation would do; what none does still is. */
static void what_is_done_is_not_told_as_undone(void **state)
{
    static const struct {
        unsigned acts;
        enum policy_mode mode;
        const char *domain; /* for whom; NULL: for all */
        bool told;
    } rows[] = {{ACT_BANNER, POLICY_ACTIVE, NULL, false}, {ACT_TAG, POLICY_ACTIVE, NULL, true}, {ACT_BANNER, POLICY_PASSIVE, NULL, true},
                {ACT_BANNER, POLICY_CONFIRM, NULL, true}, {ACT_BANNER, POLICY_ACTIVE, "two.example", true}, {ACT_HOLD, POLICY_ACTIVE, NULL, false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct handled h;
        begin(&h, TEXT, VERDICT_SUSPICIOUS);
        struct policy *policy = policy_add(&h, "one", rows[i].acts, rows[i].mode);
        if (rows[i].domain)
            *vec_push(h.reading.arena, &policy->domains) = span_of(rows[i].domain);
        h.drops = h.settings.sends = true; /* else one body serves all of them */
        if ((strstr(decide(&h), "banner passive 0 It lies.") != NULL) != rows[i].told)
            fail_msg("row %zu: %s", i, decide(&h));
        reading_done(&h.reading);
    }
}

static void acts(void **state)
{
    struct handled h;
    begin(&h, TEXT, VERDICT_SUSPICIOUS);
    policy_add(&h, "one", ACT_TAG | ACT_BANNER, POLICY_ACTIVE);
    struct policy *two = policy_add(&h, "two", ACT_JUNK, POLICY_ACTIVE); /* one body serves all */
    *vec_push(h.reading.arena, &two->domains) = S("two.example");
    decide(&h);
    assert_true(h.handling.fate == FATE_DELIVER && h.handling.acts == (ACT_TAG | ACT_BANNER | ACT_JUNK));
    struct span text = whole(&h);
    assert_non_null(span_find(text, S("Subject: [S] Hello\r\n")));
    assert_non_null(span_find(text, S("X-Sekimori-Junk: yes\r\n")));
    assert_non_null(span_find(text, S("spf=pass"))); /* nobody writes results here */
    assert_true(h.handling.edits.bannered && h.handling.plan.groups.at[0].en && h.handling.plan.groups.at[0].ja);
    assert_span(h.report.actions.at[0].action, "junk");
    assert_int_equal(h.report.actions.at[0].recipients.len, 1);
    reading_done(&h.reading);
}

static void headers(void **state)
{
    struct handled h;
    begin(&h, TEXT, VERDICT_SUSPICIOUS);
    policy_add(&h, "one", ACT_HEADERS, POLICY_ACTIVE);
    h.settings.authserv_id = S("mx.one.example");
    h.settings.writes_results = true;
    decide(&h);
    struct span text = whole(&h);
    assert_true(span_starts(text, S("Authentication-Results: mx.one.example;\r\n\tspf=fail\r\n")));
    assert_null(span_find(text, S("spf=pass")));
    assert_non_null(span_find(text, S("X-Spam-Flag: YES\r\nX-Spam-Status: Yes, score=10.0 required=5.0\r\n\ttests=none\r\n"))); /* twice the threshold */
    reading_done(&h.reading);
    begin(&h, TEXT, VERDICT_CLEAN); /* no policy holds, and nobody else's results bear our id all the same */
    policy_add(&h, "one", ACT_HEADERS, POLICY_ACTIVE);
    h.settings.authserv_id = S("mx.one.example");
    h.settings.writes_results = true;
    decide(&h);
    assert_true(!h.handling.acts && !span_find(whole(&h), S("Authentication-Results")));
    reading_done(&h.reading);
}

static void fates(void **state)
{
    struct handled h;
    begin(&h, TEXT, VERDICT_SUSPICIOUS);
    policy_add(&h, "no", ACT_REJECT, POLICY_ACTIVE);
    decide(&h);
    assert_int_equal(h.handling.fate, FATE_REJECT);
    reading_done(&h.reading);
    begin(&h, TEXT, VERDICT_SUSPICIOUS);
    struct policy *no = policy_add(&h, "no", ACT_REJECT, POLICY_ACTIVE);
    *vec_push(h.reading.arena, &no->people) = S("b@one.example");
    assert_non_null(strstr(decide(&h), "hold active 1 Policy no: It lies. Held instead of refused"));
    assert_int_equal(h.handling.fate, FATE_HOLD);
    reading_done(&h.reading);
    begin(&h, TEXT, VERDICT_MALICIOUS); /* the organisation's mode, and no policy */
    h.report.actions.at[0].action = S("hold"), h.report.actions.at[0].mode = S("active");
    decide(&h);
    assert_true(h.handling.fate == FATE_HOLD && !h.report.by_policy);
    reading_done(&h.reading);
}

/* Who drops recipients gets the message for the others; who does not holds it for all. */
static void some_are_held(void **state)
{
    for (int drops = 0; drops < 2; drops++) {
        struct handled h;
        begin(&h, TEXT, VERDICT_SUSPICIOUS);
        h.drops = drops;
        struct policy *keep = policy_add(&h, "keep", ACT_HOLD, POLICY_ACTIVE);
        *vec_push(h.reading.arena, &keep->people) = S("c@two.example");
        policy_add(&h, "care", ACT_BANNER | ACT_TAG, POLICY_ACTIVE);
        assert_non_null(strstr(decide(&h), "hold active 1 Policy keep"));
        assert_int_equal(h.handling.fate, drops ? FATE_DELIVER : FATE_HOLD);
        assert_int_equal(h.handling.dropped.len, drops);
        assert_true(!drops || (h.handling.dropped.at[0] == 1 && h.handling.acts == (ACT_BANNER | ACT_TAG) && h.handling.edits.bannered));
        const struct plan_group *rides = drops ? &h.handling.plan.groups.at[h.handling.plan.rides] : NULL;
        assert_true(!rides || (rides->en && !rides->ja)); /* the one who reads Japanese gets none of it */
        reading_done(&h.reading);
    }
}

/* Where copies can be sent each gets its own; where links are locked, or nobody is dropped, one body serves all. */
static void copies_of_their_own(void **state)
{
    static const struct {
        bool drops, sends, locks;
        size_t copies;
    } rows[] = {{true, true, false, 1}, {true, false, false, 0}, {false, true, false, 0}, {true, true, true, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct handled h;
        begin(&h, TEXT, VERDICT_SUSPICIOUS);
        h.drops = rows[i].drops;
        h.settings.sends = rows[i].sends;
        struct policy *junk = policy_add(&h, "junk", ACT_JUNK | (rows[i].locks ? ACT_LOCK : 0), POLICY_ACTIVE);
        *vec_push(h.reading.arena, &junk->people) = S("c@two.example");
        policy_add(&h, "care", ACT_BANNER, POLICY_ACTIVE);
        const char *told = decide(&h);
        assert_null(strstr(told, "No banner was set"));
        assert_true(h.handling.fate == FATE_DELIVER && !h.handling.dropped.len);
        assert_int_equal(h.handling.copies.len, rows[i].copies);
        if (rows[i].copies) {
            const struct handling_copy *copy = h.handling.copies.at;
            struct span other = edits_apply(h.reading.arena, &h.reading.message, &copy->edits);
            assert_true(copy->recipients.len == 1 && copy->recipients.at[0] == 1);
            assert_true(span_find(other, S("X-Sekimori-Junk: yes\r\n")) && !span_find(whole(&h), S("X-Sekimori-Junk")));
            assert_true(copy->edits.bannered && h.handling.edits.bannered);
        }
        reading_done(&h.reading);
    }
}

static void what_goes_out(void **state)
{
    struct handled h;
    begin(&h, TEXT, VERDICT_SUSPICIOUS);
    h.arrival.direction = DIRECTION_SUBMISSION;
    policy_add(&h, "one", ACT_TAG | ACT_BANNER | ACT_HEADERS, POLICY_ACTIVE);
    assert_non_null(strstr(decide(&h), "banner active 2 Policy one: It lies. Not done: mail on its way out is not edited."));
    assert_true(handling_is_empty(&h.handling));
    reading_done(&h.reading);
}

/* ---- what could not be taken out of a message */
#define LINKED "Content-Type: text/html\r\n\r\n<p>Look: <a href=http://evil.example/a>x</a>\r\n"
#define FILED "Content-Type: application/zip; name=a.zip\r\nContent-Disposition: attachment; filename=a.zip\r\n\r\nPK\r\n"
#define HEAD "From: a@shop.example\r\nMIME-Version: 1.0\r\n"
#define MIXED HEAD "Content-Type: multipart/mixed; boundary=x\r\n"
#define SIGNATURE "--x\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--x--\r\n"
#define SIGNED HEAD "Content-Type: multipart/signed; boundary=x\r\n"

/* Evidence names the host of the link and the file. */
static void named_in(struct handled *h, struct content *content)
{
    static const char *const ids[] = {"link-to-address", "file-program", "archive-program"}, *const places[] = {"links", "attachment", "attachment"}, *const words[] = {"evil.example", "a.zip", "a.zip"};
    struct arena *arena = h->reading.arena;
    *content = (struct content){0};
    content_links_read(arena, NULL, &h->arrival, &h->reading.message, &content->links);
    vec_each(leaf, &h->reading.message.leaves)
        if ((*leaf)->names.len)
            *vec_push(arena, &content->files.list) = (struct file_fact){.part = *leaf, .name = (*leaf)->names.at[0]};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        struct evidence evidence = {.weight = 2, .where = span_of(places[i]), .words = {span_of(words[i])}};
        if (evidence_by_name(span_of(ids[i]), &evidence.id))
            *vec_push(arena, &h->report.evidence) = evidence;
    }
    h->report.content = content;
}

static void finish(struct handled *h)
{
    struct handling_words words = {0};
    handling_plan(h->reading.arena, &h->settings, &h->reading.limits, &h->reading.message, &h->report, door_of(h), h->body_stays, &h->handling);
    vec_each(number, &h->handling.links) {
        *vec_push(h->reading.arena, &words.locks.list) = (struct lock){*number, S("https://g.example/?l=0")};
        *vec_push(h->reading.arena, &words.double_locks.list) = (struct lock){*number, S("https://g.example/?d=0")};
    }
    handling_finish(h->reading.arena, &h->settings, &h->reading.limits, &h->reading.message, &words, &h->report, &h->handling);
}

static void left_in(void **state)
{
    static const struct {
        const char *text;
        unsigned acts;
        enum policy_mode mode;
        enum fate fate;
        const char *told; /* of the first action */
    } rows[] = {
        {HEAD LINKED, ACT_DOUBLE_LOCK, POLICY_ACTIVE, FATE_DELIVER, "double-lock active"},
        {SIGNED "\r\n--x\r\n" LINKED SIGNATURE, ACT_DOUBLE_LOCK, POLICY_ACTIVE, FATE_HOLD, "hold active Policy one:  Held instead: a link that evidence names"},
        {SIGNED "\r\n--x\r\n" LINKED SIGNATURE, ACT_LOCK | ACT_BANNER, POLICY_ACTIVE, FATE_DELIVER, "lock active Policy one:  Not done: its links"}, /* as good as can be */
        {SIGNED "\r\n--x\r\n" LINKED SIGNATURE, ACT_DOUBLE_LOCK, POLICY_PASSIVE, FATE_DELIVER, "double-lock passive"},
        {SIGNED "\r\n--x\r\nContent-Type: text/plain\r\n\r\nHello\r\n" SIGNATURE, ACT_DOUBLE_LOCK | ACT_TAKE_OFF, POLICY_ACTIVE, FATE_DELIVER, "take-off active"}, /* nothing is named */
        {MIXED "Content-Type: multipart/mixed; boundary=y\r\n\r\n--x\r\n" LINKED "--x--\r\n", ACT_DOUBLE_LOCK, POLICY_ACTIVE, FATE_HOLD, "hold active"},
        {MIXED "\r\n--x\r\n" FILED "--x--\r\n", ACT_TAKE_OFF, POLICY_ACTIVE, FATE_DELIVER, "take-off active Policy one: "},
        {SIGNED "\r\n--x\r\n" FILED SIGNATURE, ACT_TAKE_OFF, POLICY_ACTIVE, FATE_HOLD, "hold active Policy one:  Held instead: a file that evidence names"},
        {SIGNED "\r\n--x\r\n" FILED SIGNATURE, ACT_RENAME, POLICY_ACTIVE, FATE_DELIVER, "rename active Policy one:  Not done"},
        {MIXED "\r\n--x\r\nContent-Disposition: attachment; filename=a.zip\r\n" LINKED "--x--\r\n", ACT_TAKE_OFF | ACT_DOUBLE_LOCK, POLICY_ACTIVE, FATE_DELIVER, "take-off active"}, /* its link went with it */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int drops = 0; drops < 2; drops++) {
            struct handled h;
            struct content content;
            begin(&h, rows[i].text, VERDICT_SUSPICIOUS);
            h.report.actions.len = 0;
            h.drops = h.settings.sends = drops;
            named_in(&h, &content);
            policy_add(&h, "one", rows[i].acts, rows[i].mode);
            finish(&h);
            const struct planned_action *action = h.report.actions.at;
            struct span told = arena_print(h.reading.arena, "%.*s %.*s %.*s", SPAN_FMT(action->action), SPAN_FMT(action->mode), SPAN_FMT(action->reason));
            if (h.handling.fate != rows[i].fate || !span_starts(told, span_of(rows[i].told)) || (rows[i].fate == FATE_HOLD && h.handling.edits.headers.len + h.handling.edits.body_changed))
                fail_msg("row %zu, drops %d: fate %d, %.*s", i, drops, h.handling.fate, SPAN_FMT(told));
            reading_done(&h.reading);
        }
}

/* Held is who had it taken off; the others, who did not want that, have it. */
static void left_in_for_some(void **state)
{
    struct handled h;
    struct content content;
    begin(&h, "Subject: Hello\r\n" SIGNED "\r\n--x\r\n" FILED SIGNATURE, VERDICT_SUSPICIOUS);
    h.drops = h.settings.sends = true;
    named_in(&h, &content);
    struct policy *one = policy_add(&h, "one", ACT_TAKE_OFF, POLICY_ACTIVE);
    *vec_push(h.reading.arena, &one->people) = S("b@one.example");
    policy_add(&h, "two", ACT_TAG, POLICY_ACTIVE);
    finish(&h);
    assert_true(h.handling.fate == FATE_DELIVER && h.handling.dropped.len == 1 && h.handling.dropped.at[0] == 0 && !h.handling.copies.len);
    assert_true(span_starts(h.report.actions.at[0].action, S("hold")) && h.report.actions.at[0].recipients.len == 1);
    assert_non_null(span_find(whole(&h), S("Subject: [S]")));
    reading_done(&h.reading);
}

static void how_long(void **state)
{
    static const struct {
        unsigned acts[2];
        int64_t keeps[2];
        enum policy_mode mode;
        bool originals, by_mode;
        int64_t seconds;
    } rows[] = {
        {{ACT_HOLD, 0}, {0, 0}, POLICY_ACTIVE, false, false, 0},        {{ACT_HOLD, 0}, {70, 0}, POLICY_ACTIVE, false, false, 70},
        {{ACT_HOLD, ACT_HOLD}, {70, 50}, POLICY_ACTIVE, false, false, 70}, {{ACT_HOLD, ACT_HOLD}, {70, 0}, POLICY_ACTIVE, false, false, 1000},
        {{ACT_HOLD, ACT_BANNER}, {70, 0}, POLICY_ACTIVE, false, false, 70}, {{ACT_HOLD, 0}, {70, 0}, POLICY_PASSIVE, false, false, 0},
        {{ACT_DOUBLE_LOCK, 0}, {70, 0}, POLICY_ACTIVE, false, false, 0}, {{ACT_HOLD, 0}, {70, 0}, POLICY_ACTIVE, false, true, 1000},
        {{ACT_HOLD, ACT_TAG}, {70, 0}, POLICY_ACTIVE, true, false, 1000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct handled h;
        begin(&h, TEXT, VERDICT_SUSPICIOUS);
        h.settings.hold_seconds = 1000;
        h.drops = true;
        if (rows[i].by_mode)
            h.report.actions.at[0].action = S("hold"), h.report.actions.at[0].mode = S("active");
        for (size_t k = 0; k < 2; k++) {
            struct policy *policy = policy_add(&h, k ? "two" : "one", rows[i].acts[k], rows[i].mode);
            policy->keep_held = rows[i].keeps[k];
            policy->keep_original = k && rows[i].originals;
            if (!k)
                *vec_push(h.reading.arena, &policy->people) = S("b@one.example");
        }
        decide(&h);
        if (h.handling.hold_seconds != rows[i].seconds)
            fail_msg("row %zu: %lld", i, (long long)h.handling.hold_seconds);
        reading_done(&h.reading);
    }
}

static void too_large(void **state)
{
    static const struct {
        unsigned acts;
        enum direction direction;
        enum fate fate;
    } rows[] = {{ACT_DOUBLE_LOCK, DIRECTION_INBOUND, FATE_HOLD}, {ACT_LOCK, DIRECTION_INBOUND, FATE_DELIVER}, {ACT_TAKE_OFF, DIRECTION_INBOUND, FATE_DELIVER}, {ACT_DOUBLE_LOCK, DIRECTION_OUTBOUND, FATE_DELIVER}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct handled h;
        struct content content;
        begin(&h, HEAD LINKED, VERDICT_SUSPICIOUS);
        h.arrival.direction = rows[i].direction;
        named_in(&h, &content);
        policy_add(&h, "one", rows[i].acts, POLICY_ACTIVE);
        h.reading.message.raw.len = (size_t)25 << 20; /* nothing of it is read */
        finish(&h);
        if (h.handling.fate != rows[i].fate)
            fail_msg("row %zu: fate %d", i, h.handling.fate);
        reading_done(&h.reading);
    }
}

/* What waits: what somebody is asked about, and what becomes of it either way. */
static void waits(void **state)
{
    enum { LINK = 1, SEALED = 2, LARGE = 4, OUT = 8, ALONE = 16, TELLS = 32, KEEPS = 64 };
    static const struct {
        const char *text;
        unsigned active, confirm;
        int how;
        unsigned asked;       /* 0: nothing waits */
        const char *declined; /* what stands in it; NULL: as it came */
        const char *agreed, *reason;
    } rows[] = {
        {TEXT, 0, ACT_TAG, 0, ACT_TAG, NULL, "Subject: [S] Hello", "It waits until somebody agrees."},
        {TEXT, 0, ACT_JUNK | ACT_HEADERS, 0, ACT_JUNK | ACT_HEADERS, NULL, "X-Sekimori-Junk: yes", "It waits"},
        {TEXT, ACT_TAG, ACT_JUNK, 0, ACT_JUNK, "Subject: [S] Hello", "X-Sekimori-Junk: yes", "It waits"},
        {TEXT, ACT_TAG, ACT_TAG, 0, 0, NULL, NULL, "Nobody is asked: it is done already."},
        {TEXT, 0, ACT_HOLD | ACT_TAG, 0, ACT_HOLD, NULL, NULL, "It waits"},
        {TEXT, ACT_TAG, ACT_REJECT, 0, ACT_HOLD, "Subject: [S] Hello", NULL, "It waits until somebody agrees, and is held then: its sender"},
        {TEXT, ACT_HOLD, ACT_TAG, 0, 0, NULL, NULL, "Nobody is asked: it is held"},
        {TEXT, 0, ACT_HEADERS, 0, 0, NULL, NULL, "Nobody is asked: nothing waits for fields alone."},
        {TEXT, 0, ACT_COPY, 0, 0, NULL, NULL, "Nobody is asked: copies"},
        {TEXT, 0, ACT_LOCK | ACT_DOUBLE_LOCK, 0, 0, NULL, NULL, "Nobody is asked: evidence names no link"},
        {TEXT, 0, ACT_TAKE_OFF, 0, 0, NULL, NULL, "Nobody is asked: evidence names no file"},
        {TEXT, 0, ACT_TAG, LARGE, 0, NULL, NULL, "Nobody is asked: the message is too large"},
        {TEXT, 0, ACT_TAG, OUT, 0, NULL, NULL, "Nobody is asked: mail on its way out"},
        {TEXT, 0, ACT_HOLD, OUT, ACT_HOLD, NULL, NULL, "It waits"},
        {TEXT, 0, ACT_HOLD, LARGE, ACT_HOLD, NULL, NULL, "It waits"},
        {TEXT, 0, ACT_TAG, TELLS, 0, NULL, NULL, "Nobody is asked: whoever handed it in"},
        {TEXT, 0, ACT_HOLD, ALONE, 0, NULL, NULL, "Nobody is asked: the message was handed in without recipients"},
        {HEAD LINKED, 0, ACT_LOCK, LINK, ACT_LOCK, NULL, "https://g.example/?l", "It waits"},
        {HEAD LINKED, ACT_LOCK, ACT_DOUBLE_LOCK, LINK, ACT_DOUBLE_LOCK, "https://g.example/?l", "https://g.example/?d", "It waits"},
        {HEAD LINKED, ACT_DOUBLE_LOCK, ACT_LOCK, LINK, 0, NULL, NULL, "Nobody is asked: it is done already."},
        {HEAD LINKED, 0, ACT_DOUBLE_LOCK, LINK | LARGE, ACT_HOLD, NULL, NULL, "It waits until somebody agrees, and is held then: it cannot"},
        {SIGNED "\r\n--x\r\n" LINKED SIGNATURE, 0, ACT_DOUBLE_LOCK, LINK, ACT_HOLD, NULL, NULL, "It waits until somebody agrees, and is held then: it cannot"},
        {SIGNED "\r\n--x\r\n" LINKED SIGNATURE, 0, ACT_LOCK, LINK, 0, NULL, NULL, "Nobody is asked: evidence names no link that may be changed."},
        {SIGNED "\r\n--x\r\n" LINKED SIGNATURE, 0, ACT_BANNER, LINK, 0, NULL, NULL, "Nobody is asked: no banner"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct handled h;
        struct content content;
        begin(&h, rows[i].text, VERDICT_SUSPICIOUS);
        h.report.actions.len = 0;
        h.drops = h.settings.sends = true;
        h.tells = rows[i].how & TELLS;
        h.arrival.rcpt_to.len = rows[i].how & ALONE ? 0 : h.arrival.rcpt_to.len;
        h.arrival.direction = rows[i].how & OUT ? DIRECTION_OUTBOUND : DIRECTION_INBOUND;
        if (rows[i].how & LINK)
            named_in(&h, &content);
        if (rows[i].how & LARGE)
            h.reading.message.raw.len = (size_t)9 << 20; /* nothing of it is read */
        policy_add(&h, "asks", rows[i].confirm, POLICY_CONFIRM);
        if (rows[i].active)
            policy_add(&h, "does", rows[i].active, POLICY_ACTIVE);
        finish(&h);
        const struct handling_wait *wait = h.handling.waits.at;
        struct span reason = S("");
        bool waits = false;
        vec_each(action, &h.report.actions)
            if (span_eq(action->mode, S("confirm"))) {
                waits |= action->waits;
                reason = !reason.len ? action->reason : reason;
            }
        if (!span_find(reason, span_of(rows[i].reason)) || h.handling.waits.len != (rows[i].asked != 0) || waits != (rows[i].asked != 0))
            fail_msg("row %zu: %zu wait, %.*s", i, h.handling.waits.len, SPAN_FMT(reason));
        if (!rows[i].asked)
            assert_true(h.handling.fate == (rows[i].active & ACT_HOLD ? FATE_HOLD : FATE_DELIVER));
        else if (wait->asked != rows[i].asked || wait->recipients.len != 2 || h.handling.fate != FATE_HOLD)
            fail_msg("row %zu: %x is asked, for %zu", i, wait->asked, wait->recipients.len);
        for (int k = 0; rows[i].asked && k < 2; k++) {
            const char *wanted = k ? rows[i].agreed : rows[i].declined;
            const struct edits *edits = k ? &wait->agreed.edits : &wait->declined.edits;
            struct span text = wanted ? edits_apply(h.reading.arena, &h.reading.message, edits) : S("");
            if (wanted ? !span_find(text, span_of(wanted)) : edits->headers.len || edits->body_changed)
                fail_msg("row %zu, %d: %.*s", i, k, SPAN_FMT(text));
        }
        reading_done(&h.reading);
    }
}

/* Who waits does not keep the others waiting, where the door can tell them apart. */
static void some_wait(void **state)
{
    for (int drops = 0; drops < 2; drops++) {
        struct handled h;
        bool meant[2];
        begin(&h, TEXT, VERDICT_SUSPICIOUS);
        h.drops = drops;
        h.settings.sends = true;
        struct policy *asks = policy_add(&h, "asks", ACT_BANNER, POLICY_CONFIRM);
        *vec_push(h.reading.arena, &asks->people) = S("c@two.example");
        policy_add(&h, "does", ACT_TAG, POLICY_ACTIVE)->keep_original = true;
        decide(&h);
        assert_int_equal(h.handling.waits.len, 1);
        const struct handling_wait *wait = h.handling.waits.at;
        assert_int_equal(h.handling.fate, drops ? FATE_DELIVER : FATE_HOLD);
        assert_true(wait->recipients.len == (drops ? 1 : 2) && wait->asked == ACT_BANNER && wait->agreed.edits.bannered && !wait->declined.edits.bannered);
        assert_true(wait->originals[0].len == wait->recipients.len && wait->originals[1].len == wait->recipients.len); /* both are changed */
        assert_true(!handling_is_empty(&h.handling) && h.handling.acts == (drops ? ACT_TAG : 0) && h.handling.dropped.len == 0);
        handling_locks_for(&h.handling, ACT_LOCK, meant, 2);
        assert_false(meant[0] || meant[1]);
        h.handling.waits.at[0].agreed.acts |= ACT_LOCK;
        handling_locks_for(&h.handling, ACT_LOCK, meant, 2);
        assert_true(meant[0] == !drops && meant[1]);
        reading_done(&h.reading);
    }
}

/* Who says no has nobody's word for ours delivered either. */
static void results_of_others_do_not_wait(void **state)
{
    for (int writes = 0; writes < 2; writes++) {
        struct handled h;
        begin(&h, TEXT, VERDICT_SUSPICIOUS);
        h.drops = h.settings.sends = true;
        h.settings.authserv_id = S("mx.one.example");
        h.settings.writes_results = writes;
        policy_add(&h, "asks", ACT_BANNER, POLICY_CONFIRM);
        decide(&h);
        assert_int_equal(h.handling.waits.len, 2);
        struct span text = edits_apply(h.reading.arena, &h.reading.message, &h.handling.waits.at[0].declined.edits);
        assert_true((span_find(text, S("spf=pass")) == NULL) == writes && (span_find(text, S("Authentication-Results")) == NULL) == writes);
        reading_done(&h.reading);
    }
}

/* Both forms of each that waits are bodies: where they come to too many bytes one serves all, whatever the first form is changed for. */
static void forms_that_wait_fit(void **state)
{
    for (int writes = 0; writes < 2; writes++) {
        struct handled h;
        begin(&h, TEXT, VERDICT_SUSPICIOUS);
        h.drops = h.settings.sends = true;
        h.settings.authserv_id = S("mx.one.example");
        h.settings.writes_results = writes;
        for (int i = 0; i < 5; i++) { /* five groups of one recipient each, for none has the same acts as another */
            struct policy *asks = policy_add(&h, i == 0 ? "a" : i == 1 ? "b" : i == 2 ? "c" : i == 3 ? "d" : "e", ACT_BANNER | (i & 1 ? ACT_TAG : 0) | (i & 2 ? ACT_JUNK : 0) | (i & 4 ? ACT_HEADERS : 0), POLICY_CONFIRM);
            struct span address = arena_print(h.reading.arena, "p%d@one.example", i);
            *vec_push(h.reading.arena, &asks->people) = address;
            *vec_push(h.reading.arena, &h.arrival.rcpt_to) = (struct recipient){.address = address, .org = S("one")};
        }
        decide(&h);
        assert_int_equal(h.handling.waits.len, writes ? 1 : 5);
        reading_done(&h.reading);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(forms_that_wait_fit), cmocka_unit_test(results_of_others_do_not_wait), cmocka_unit_test(left_in), cmocka_unit_test(left_in_for_some), cmocka_unit_test(too_large), cmocka_unit_test(how_long), cmocka_unit_test(nothing_holds), cmocka_unit_test(originals), cmocka_unit_test(body_stays), cmocka_unit_test(work_is_a_multiple_of_the_recipients), cmocka_unit_test(what_is_done_is_not_told_as_undone), cmocka_unit_test(passive_and_confirm), cmocka_unit_test(acts),
                                       cmocka_unit_test(headers), cmocka_unit_test(fates), cmocka_unit_test(some_are_held), cmocka_unit_test(copies_of_their_own), cmocka_unit_test(what_goes_out), cmocka_unit_test(waits), cmocka_unit_test(some_wait)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
