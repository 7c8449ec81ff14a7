/* SPF: the first piece is the record of every name asked for, the second the local part. Bounded lookups, an end. */
#include "auth/auth.h"
#include "fuzz.h"

static void answer_any(struct arena *arena, struct dns_answers *answers, struct span record)
{
    const struct dns_ask *asks;
    while (dns_wanted(answers, &asks) > 0) {
        struct dns_ask ask = asks[0];
        struct dns_answer answer = {.ask = ask, .status = ask.name.len % 3 ? DNS_FOUND : DNS_NO_NAME};
        struct span data = ask.type == DNS_A      ? (struct span){"\x0a\x00\x00\x01", 4}
                           : ask.type == DNS_AAAA ? (struct span){"0123456789abcdef", 16}
                           : ask.type == DNS_MX   ? S("10 mx.example.com")
                           : ask.type == DNS_PTR  ? S("host.example.com")
                                                  : record;
        if (answer.status == DNS_FOUND)
            *vec_push(arena, &answer.data) = data;
        dns_answers_add(answers, &answer);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = fuzz_arena();
    struct span rest = {(const char *)data, size}, record = fuzz_cut(&rest);
    if (size > 20000)
        return 0;
    struct auth_settings settings;
    auth_settings_default(&settings);
    struct spf_question question = {.helo = S("mail.example.com"), .mail_from = rest.len ? rest : S("a@example.com"), .domain = S("example.com")};
    ip_parse(S("192.0.2.1"), &question.client);
    struct dns_answers *answers = dns_answers_new(arena, 200);
    struct spf_proof proof;
    unsigned rounds = 0;
    while (!spf_check(arena, &settings, &question, answers, &proof)) {
        promise(++rounds <= 64);
        answer_any(arena, answers, record);
    }
    promise(proof.lookups <= settings.most_spf_lookups + 1 && proof.reason.len > 0);
    return 0;
}
