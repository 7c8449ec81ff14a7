/* witness: what block lists are asked, and what an answer is worth. */
#include "exact.h"
#include "witness/witness.h"

/* good: as RFC 5782 wants it; all: lists everything; empty: nothing; shut: refuses; sold: its domain was given up. */
static const char world[] = "$TTL 300\n"
                            "2.0.0.127.good.example. A 127.0.0.2\n"
                            "66.2.0.192.good.example. A 127.0.0.4\n66.2.0.192.good.example. A 127.0.0.2\n"
                            "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.good.example. A 127.0.0.3\n"
                            "shop.example.good.example. A 127.0.1.2\n"
                            "1.0.0.127.all.example. A 127.0.0.2\n2.0.0.127.all.example. A 127.0.0.2\n66.2.0.192.all.example. A 127.0.0.2\n"
                            "7.2.0.192.all.example. A 127.0.0.2\ninvalid.all.example. A 127.0.0.2\nshop.example.all.example. A 127.0.1.2\n"
                            "66.2.0.192.shut.example. A 127.255.255.254\n1.0.0.127.shut.example. A 127.255.255.254\n2.0.0.127.shut.example. A 127.255.255.254\n"
                            "66.2.0.192.old.example. A 127.0.0.1\n2.0.0.127.old.example. A 127.0.0.2\n"
                            "66.2.0.192.part.example. A 127.0.0.2\n66.2.0.192.part.example. A 127.255.255.255\n2.0.0.127.part.example. A 127.0.0.2\n"
                            "66.2.0.192.sold.example. A 203.0.113.80\n7.2.0.192.sold.example. A 203.0.113.80\n1.0.0.127.sold.example. A 203.0.113.80\n2.0.0.127.sold.example. A 203.0.113.80\n"
                            "66.2.0.192.mute.example. TIMEOUT\n1.0.0.127.mute.example. TIMEOUT\n2.0.0.127.mute.example. TIMEOUT\n"
                            "66.2.0.192.half.example. A 127.0.0.2\n1.0.0.127.half.example. TIMEOUT\n2.0.0.127.half.example. A 127.0.0.2\n"
                            "66.2.0.192.sick.example. SERVFAIL\n2.0.0.127.sick.example. A 127.0.0.2\n";

struct fixture {
    struct arena *arena;
    struct dns_zone *zone; /* NULL: offline */
    struct witness_settings settings;
    struct witness_subjects subjects;
    struct testimony testimony;
    struct dns_answers *answers;
};

static int begin(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct err err;
    f->arena = arena_new(16 << 20);
    if (dns_zone_parse(f->arena, S(world), "world", &f->zone, &err) < 0)
        fail_msg("%s", err.text);
    *state = f;
    return 0;
}

static int end(void **state)
{
    struct fixture *f = *state;
    arena_free(&f->arena);
    free(f);
    return 0;
}

/* One list, asked until nothing is wanted; how many rounds that took. */
static unsigned ask(struct fixture *f, const char *zone, enum list_asks asks)
{
    unsigned rounds = 0;
    memset(&f->settings, 0, sizeof f->settings);
    *vec_push(f->arena, &f->settings.lists) = (struct witness_list){span_of(zone), asks};
    witness_begin(f->arena, &f->settings, &f->subjects, &f->testimony);
    f->answers = dns_answers_new(f->arena, witness_asks(&f->testimony));
    for (; !witness_hear(f->arena, &f->testimony, f->answers, false); rounds++) {
        const struct dns_ask *asked;
        size_t count = dns_wanted(f->answers, &asked);
        assert_true(count > 0 && rounds < 3);
        struct dns_ask *copy = arena_alloc(f->arena, count * sizeof *copy);
        memcpy(copy, asked, count * sizeof *copy);
        for (size_t i = 0; i < count; i++) {
            struct dns_answer answer = {.ask = copy[i], .status = DNS_UNKNOWN};
            if (f->zone)
                dns_zone_answer(f->zone, &copy[i], &answer);
            dns_answers_add(f->answers, &answer);
        }
    }
    return rounds;
}

static const struct {
    const char *zone;
    enum list_asks asks;
    const char *subject;
    enum listing_state state;
    const char *answers;
} rows[] = {
    {"good.example", LIST_CLIENT, "192.0.2.66", LISTING_FOUND, "127.0.0.4 127.0.0.2"},
    {"good.example", LIST_CLIENT, "192.0.2.7", LISTING_NOT, ""},
    {"good.example", LIST_CLIENT, "2001:db8::1", LISTING_FOUND, "127.0.0.3"},
    {"good.example", LIST_CLIENT, "2001:db8::2", LISTING_NOT, ""},
    {"good.example", LIST_CLIENT, "", LISTING_NOTHING, ""},
    {"good.example", LIST_DOMAIN, "shop.example", LISTING_FOUND, "127.0.1.2"},
    {"good.example", LIST_DOMAIN, "work.example", LISTING_NOT, ""},
    {"good.example", LIST_DOMAIN, "", LISTING_NOTHING, ""},
    {"good.example", LIST_HELO, "shop.example", LISTING_FOUND, "127.0.1.2"},
    {"all.example", LIST_CLIENT, "192.0.2.66", LISTING_ALL, "127.0.0.2"},
    {"all.example", LIST_CLIENT, "192.0.2.7", LISTING_ALL, "127.0.0.2"},
    {"all.example", LIST_DOMAIN, "shop.example", LISTING_ALL, "127.0.1.2"},
    {"none.example", LIST_CLIENT, "192.0.2.66", LISTING_EMPTY, ""},
    {"none.example", LIST_DOMAIN, "shop.example", LISTING_NOT, ""}, /* lists of names need not list a test entry */
    {"shut.example", LIST_CLIENT, "192.0.2.66", LISTING_REFUSED, "127.255.255.254"},
    {"shut.example", LIST_CLIENT, "192.0.2.7", LISTING_REFUSED, ""},
    {"old.example", LIST_CLIENT, "192.0.2.66", LISTING_REFUSED, "127.0.0.1"},
    {"part.example", LIST_CLIENT, "192.0.2.66", LISTING_REFUSED, "127.0.0.2 127.255.255.255"},
    {"sold.example", LIST_CLIENT, "192.0.2.66", LISTING_FOREIGN, "203.0.113.80"},
    {"mute.example", LIST_CLIENT, "192.0.2.66", LISTING_SILENT, ""},
    {"half.example", LIST_CLIENT, "192.0.2.66", LISTING_SILENT, "127.0.0.2"},
    {"sick.example", LIST_CLIENT, "192.0.2.66", LISTING_FAILED, ""},
};

static void each_answer(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        f->subjects = (struct witness_subjects){0};
        if (rows[i].asks == LIST_CLIENT)
            ip_parse(span_of(rows[i].subject), &f->subjects.client);
        f->subjects.domain = rows[i].asks == LIST_DOMAIN ? span_of(rows[i].subject) : S("");
        f->subjects.helo = rows[i].asks == LIST_HELO ? span_of(rows[i].subject) : S("");
        assert_true(ask(f, rows[i].zone, rows[i].asks) <= 1); /* all of it in one round */
        assert_int_equal(f->testimony.listings.len, 1);
        const struct listing *listing = f->testimony.listings.at;
        if (listing->state != rows[i].state || !span_eq(listing->answers, span_of(rows[i].answers)))
            fail_msg("%s about %s: %s (%.*s)", rows[i].zone, rows[i].subject, listing_state_name(listing->state), SPAN_FMT(listing->answers));
        assert_span(listing->subject, rows[i].subject);
        if (listing_is_defect(listing->state)) {
            struct span said = listing_complaint(f->arena, listing);
            assert_true(listing_is_unknown(listing->state) && span_find(said, span_of(rows[i].zone)));
        }
    }
}

static void nothing_that_is_not_asked_is_clean(void **state)
{
    struct fixture *f = *state;
    f->zone = NULL;
    ip_parse(S("192.0.2.66"), &f->subjects.client);
    ask(f, "good.example", LIST_CLIENT);
    assert_int_equal(f->testimony.listings.at[0].state, LISTING_OFFLINE);
    assert_true(listing_is_unknown(LISTING_OFFLINE) && listing_is_unknown(LISTING_SILENT) && !listing_is_unknown(LISTING_NOT));
    witness_begin(f->arena, &f->settings, &f->subjects, &f->testimony);
    f->answers = dns_answers_new(f->arena, 10);
    assert_false(witness_hear(f->arena, &f->testimony, f->answers, false));
    assert_true(witness_hear(f->arena, &f->testimony, f->answers, true)); /* at the end of all waiting */
    assert_int_equal(f->testimony.listings.at[0].state, LISTING_SILENT);
}

/* A letter with a hundred links asks no more than others. */
static void links_are_bounded(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 100; i++)
        *vec_push(f->arena, &f->subjects.links) = arena_print(f->arena, "s%d.example", i);
    f->subjects.links.at[0] = S("shop.example");
    ask(f, "good.example", LIST_LINKS);
    assert_int_equal(f->testimony.listings.len, LINK_DOMAINS_MOST);
    assert_int_equal(f->testimony.links_left, 100 - LINK_DOMAINS_MOST);
    assert_int_equal(dns_asked(f->answers), LINK_DOMAINS_MOST + 1);
    assert_int_equal(f->testimony.listings.at[0].state, LISTING_FOUND);
    assert_int_equal(f->testimony.listings.at[1].state, LISTING_NOT);
    f->subjects.links.len = 0;
    ask(f, "good.example", LIST_LINKS);
    assert_int_equal(f->testimony.listings.len, 1);
    assert_int_equal(f->testimony.listings.at[0].state, LISTING_NOTHING);
}

static void without_lists_nobody_is_asked(void **state)
{
    struct fixture *f = *state;
    ip_parse(S("192.0.2.66"), &f->subjects.client);
    witness_begin(f->arena, &f->settings, &f->subjects, &f->testimony);
    assert_int_equal(f->testimony.listings.len, 0);
    assert_int_equal(witness_asks(&f->testimony), 0);
    assert_true(witness_hear(f->arena, &f->testimony, dns_answers_new(f->arena, 0), false));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_answer, begin, end),
        cmocka_unit_test_setup_teardown(nothing_that_is_not_asked_is_clean, begin, end),
        cmocka_unit_test_setup_teardown(links_are_bounded, begin, end),
        cmocka_unit_test_setup_teardown(without_lists_nobody_is_asked, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
