/* DKIM, ARC and DMARC over a message (second piece) with the first piece as every TXT record: ends, never passes by
 * accident with records that hold no key of ours. */
#include "auth/auth.h"
#include "fuzz.h"

static void answer_txt(struct arena *arena, struct dns_answers *answers, struct span record)
{
    const struct dns_ask *asks;
    while (dns_wanted(answers, &asks) > 0) {
        struct dns_ask ask = asks[0];
        struct dns_answer answer = {.ask = ask, .status = ask.type == DNS_TXT ? DNS_FOUND : DNS_NO_NAME};
        if (ask.type == DNS_TXT)
            *vec_push(arena, &answer.data) = record;
        dns_answers_add(answers, &answer);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = fuzz_arena();
    struct span rest = {(const char *)data, size}, record = fuzz_cut(&rest);
    struct message_limits limits;
    struct auth_settings settings;
    struct message message;
    struct path path = {.smtp = true};
    struct arrival arrival = {.raw = rest, .received_at = 1769860800, .mail_from = S("a@example.com"), .mail_from_state = SENDER_GIVEN};
    ip_parse(S("192.0.2.1"), &arrival.client_ip);
    message_limits_default(&limits);
    auth_settings_default(&settings);
    message_parse(arena, &limits, NULL, &arrival, &message);
    struct auth_work *work = auth_begin(arena, &settings, NULL, &arrival, &message, &path);
    struct dns_answers *answers = dns_answers_new(arena, 200);
    struct proof proof;
    for (unsigned round = 0; !auth_continue(work, answers, arrival.received_at, round > 12, &proof); round++) {
        promise(round <= 13);
        answer_txt(arena, answers, record);
    }
    promise(proof.dkim.len <= settings.most_signatures);
    promise(results_write(arena, &settings, &proof).len > 0);
    return 0;
}
