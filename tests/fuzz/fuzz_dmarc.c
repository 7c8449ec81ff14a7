/* The tree walk with the input's lines as the records of the names, from the full name up. */
#include "auth/auth.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = fuzz_arena();
    struct span rest = {(const char *)data, size}, domain = fuzz_cut(&rest), organisation = {0};
    struct dns_answers *answers = dns_answers_new(arena, 50);
    unsigned rounds = 0;
    while (!dmarc_organisation(arena, answers, domain, &organisation)) {
        const struct dns_ask *asks;
        promise(++rounds <= 20);
        while (dns_wanted(answers, &asks) > 0) {
            struct dns_ask ask = asks[0];
            struct dns_answer answer = {.ask = ask, .status = DNS_NO_NAME};
            struct span line;
            while (span_cut(&rest, '\n', &line) && line.len) {
                answer.status = DNS_FOUND;
                *vec_push(arena, &answer.data) = line;
            }
            dns_answers_add(answers, &answer);
        }
    }
    promise(dns_asked(answers) <= 16);
    return 0;
}
