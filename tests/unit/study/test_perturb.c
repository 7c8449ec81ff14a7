#include "exact.h"

#include "study/perturb.h"

#include <stdlib.h>

static const char letter[] = "Received: from out.shop.example (out.shop.example [203.0.113.9])\r\n"
                             "\tby mx.here.example with ESMTPS id 1; Sat, 31 Jan 2026 12:00:00 +0000\r\n"
                             "From: Shop <post@shop.example>\r\nTo: anna@here.example\r\nSubject: Order 2024 for you\r\n"
                             "Date: Sat, 31 Jan 2026 11:59:58 +0000\r\n\r\n"
                             "Hello Anna@here.example, see https://shop.example/u?e=anna%40here.example\r\n";

struct perturbed {
    struct arena *arena;
    struct walk_settings settings;
    struct walk walk;
    struct recipient recipient;
    struct arrival arrival; /* the copy */
    bool done;
};

static void setup(struct perturbed *p, enum perturbation kind, const char *text)
{
    *p = (struct perturbed){.arena = arena_new((size_t)64 << 20)};
    walk_settings_default(&p->settings);
    *vec_push(p->arena, &p->settings.trace.trusted_hosts) = S("here.example");
    *vec_push(p->arena, &p->settings.auth.trusted_authserv) = S("mx.here.example");
    p->settings.trace.preset = PRESET_POSTFIX;
    struct arrival arrival = {.raw = exact(text), .received_at = TIME_UNKNOWN};
    p->recipient.address = S("anna@here.example");
    arrival.rcpt_to.at = &p->recipient;
    arrival.rcpt_to.len = 1;
    walk_read(&p->walk, p->arena, &p->settings, &arrival);
    walk_judge(&p->walk);
    p->done = study_perturb(p->arena, kind, &p->walk, &p->arrival);
}

static void teardown(struct perturbed *p)
{
    free((void *)(uintptr_t)p->walk.arrival.raw.at);
    arena_free(&p->arena);
}

struct row {
    enum perturbation kind;
    const char *there, *gone; /* in the copy */
};

static void each_kind(void **state)
{
    static const struct row rows[] = {
        {PERTURB_DATES, "Date: Sat, 31 Jan 2029 11:59:58", "Jan 2026"},
        {PERTURB_DATES, "Subject: Order 2024 for you", "2027"},
        {PERTURB_RECIPIENT, "To: k.ogawa@harbour.example.net", "nna@here.example"},
        {PERTURB_RECIPIENT, "e=k.ogawa%40harbour.example.net\r\n", "anna%40"},
        {PERTURB_LINE_ENDS, "for you\nDate", "\r"},
        {PERTURB_LIST_ON, "Subject: [friends] Order", "Subject: Order"},
        {PERTURB_LIST_ON, "List-Id: ", "none"},
        {PERTURB_LIST_ON, "Friends mailing list\r\n", "none"},
        {PERTURB_RESULTS_NONE, "Authentication-Results: mx.here.example; spf=none;", "pass"},
        {PERTURB_HOP, "Received: from mx.here.example (mx.here.example [192.168.20.7])", "none"},
        {PERTURB_HOP, "id 4Zq1xK2b9z; Sat, 31 Jan 2026 12:00:00 +0000\r\nReceived: from out.shop", "none"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct perturbed p;
        setup(&p, rows[i].kind, letter);
        assert_true(p.done);
        if (!span_find(p.arrival.raw, span_of(rows[i].there)))
            fail_msg("%s: \"%s\" is not in the copy:\n%.*s", perturbation_name(rows[i].kind), rows[i].there, SPAN_FMT(p.arrival.raw));
        if (span_find(p.arrival.raw, span_of(rows[i].gone)))
            fail_msg("%s: \"%s\" is still in the copy", perturbation_name(rows[i].kind), rows[i].gone);
        teardown(&p);
    }
}

/* Who writes to himself, or a list in its own name, would become another sender. */
static void author_stays(void **state)
{
    struct perturbed p;
    setup(&p, PERTURB_RECIPIENT, "From: Bea via Friends <Anna@here.example>\r\nTo: anna@here.example\r\n\r\nHi\r\n");
    assert_false(p.done);
    teardown(&p);
}

static const char listed[] = "From: a@b.example\r\nList-Id: x <x.example>\r\nSubject: [x] Hello [you]\r\nList-Post: <mailto:x@x.example>\r\n\r\nHi\r\n";

static void list_off(void **state)
{
    struct perturbed p;
    setup(&p, PERTURB_LIST_OFF, listed);
    assert_true(p.done);
    assert_true(span_eq(p.arrival.raw, S("From: a@b.example\r\nSubject:  Hello [you]\r\n\r\nHi\r\n")));
    teardown(&p);
    setup(&p, PERTURB_LIST_OFF, letter);
    assert_false(p.done);
    teardown(&p);
    setup(&p, PERTURB_LIST_ON, listed);
    assert_false(p.done);
    teardown(&p);
}

/* A hop of one's own does not move the trust edge. */
static void edge_stays(void **state)
{
    struct perturbed p;
    struct walk again;
    setup(&p, PERTURB_HOP, letter);
    walk_read(&again, p.arena, &p.settings, &p.arrival);
    assert_true(again.path.edge_known && again.path.edge == p.walk.path.edge + 1);
    assert_true(ip_eq(&again.path.client.ip, &p.walk.path.client.ip));
    teardown(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_kind), cmocka_unit_test(author_stays), cmocka_unit_test(list_off), cmocka_unit_test(edge_stays)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
