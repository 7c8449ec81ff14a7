/* The whole walk over a message (second piece) in the world of the first (a zone file), then both reports. */
#include "fuzz.h"
#include "walk/walk.h"

static void answers_from(struct walk *walk, const struct dns_zone *zone)
{
    const struct dns_ask *asks;
    while (dns_wanted(walk->answers, &asks) > 0) {
        struct dns_ask ask = asks[0];
        struct dns_answer answer = {.ask = ask, .status = DNS_UNKNOWN};
        if (zone)
            dns_zone_answer(zone, &ask, &answer);
        dns_answers_add(walk->answers, &answer);
    }
}

/* A relay's customer whose names stand in the seeds, so that the guard has something to compare. */
static void customers_add(struct arena *arena, struct customers *customers)
{
    struct customer *customer = vec_push(arena, &customers->list);
    struct prefix *own = vec_push(arena, &customer->on_premises);
    customer->name = S("Example");
    *vec_push(arena, &customer->tenants) = S("11111111-2222-3333-4444-555555555555");
    *vec_push(arena, &customer->domains) = S("example.com");
    *vec_push(arena, &customer->organisations) = S("example.onmicrosoft.com");
    ip_prefix_parse(S("192.0.2.0/24"), &own->network, &own->bits);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = fuzz_arena();
    struct span rest = {(const char *)data, size}, world = fuzz_cut(&rest);
    struct dns_zone *zone = NULL;
    struct walk_settings settings;
    struct walk walk;
    struct arrival arrival = {.raw = rest, .received_at = 1769860800, .helo = S("mail.example.com"),
                              .mail_from = S("a@example.com"), .mail_from_state = SENDER_GIVEN, .direction = DIRECTION_INBOUND};
    struct customers customers = {0};
    ip_parse(S("192.0.2.1"), &arrival.client_ip);
    walk_settings_default(&settings);
    if (size % 2) { /* half of the inputs leave through a relay */
        customers_add(arena, &customers);
        settings.customers = &customers;
        arrival.direction = DIRECTION_OUTBOUND;
        ip_parse(S("40.107.209.10"), &arrival.client_ip);
    }
    if (dns_zone_parse(arena, world, "zone", &zone, NULL) < 0)
        zone = NULL;
    bool ready = walk_read(&walk, arena, &settings, &arrival);
    for (unsigned round = 0; !ready; round++) {
        promise(round <= settings.rounds + 1);
        answers_from(&walk, zone);
        ready = walk_answered(&walk);
    }
    walk_judge(&walk);
    promise(walk.report.score >= 0 && walk.report.score <= 100);
    struct buf json = {.arena = arena}, text = {.arena = arena};
    report_json(arena, &walk.report, &json);
    promise(span_is_utf8(buf_span(&json)) && !span_find_byte(buf_span(&json), '\n'));
    for (enum language language = LANGUAGE_EN; language <= LANGUAGE_JA; language++)
        report_text(arena, &walk.report, &(struct report_style){.language = language}, &text);
    promise(span_is_utf8(buf_span(&text)) && !span_find_byte(buf_span(&text), '\x1b'));
    return 0;
}
