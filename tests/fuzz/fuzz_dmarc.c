/* The first piece is the author's domain, the second what SPF and DKIM passed for; the input's lines are the records of
 * the names as they are asked for. A bounded walk, an end, and never a pass without something aligned. */
#include "auth/dmarc.h"
#include "fuzz.h"

static void answer_lines(struct arena *arena, struct dns_answers *answers, struct span *lines)
{
    const struct dns_ask *asks;
    while (dns_wanted(answers, &asks) > 0) {
        struct dns_ask ask = asks[0];
        struct dns_answer answer = {.ask = ask, .status = DNS_NO_NAME};
        struct span line;
        while (span_cut(lines, '\n', &line) && line.len) {
            answer.status = line.at[0] == '!' ? DNS_TIMED_OUT : DNS_FOUND;
            *vec_push(arena, &answer.data) = line;
        }
        if (answer.status != DNS_FOUND)
            answer.data.len = 0;
        dns_answers_add(answers, &answer);
    }
}

static void organisation_find(struct arena *arena, struct span domain, struct span lines)
{
    struct dns_answers *answers = dns_answers_new(arena, 50);
    struct span organisation = {0};
    unsigned rounds = 0;
    while (!dmarc_organisation(arena, answers, domain, &organisation)) {
        promise(++rounds <= 2);
        answer_lines(arena, answers, &lines);
    }
    promise(dns_asked(answers) <= 8);
    promise(!organisation.len || span_ends_case(domain, S("..")) || domain_is_or_under(domain, organisation));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = fuzz_arena();
    struct span lines = {(const char *)data, size}, domain = fuzz_cut(&lines), passed = fuzz_cut(&lines);
    organisation_find(arena, domain, lines);
    struct mailbox author = {.domain = domain, .domain_ascii = domain};
    struct message message = {.from = {&author, 1, 1}};
    struct spf_proof spf = {.result = size % 3 ? PROOF_PASS : PROOF_FAIL, .domain = passed};
    struct dkim_proof dkim = {.result = size % 2 ? PROOF_PASS : PROOF_TEMPERROR, .domain = passed};
    struct dns_answers *answers = dns_answers_new(arena, 50);
    struct dmarc_proof proof;
    unsigned rounds = 0;
    while (!dmarc_check(arena, NULL, answers, &message, &spf, &dkim, 1, &proof)) {
        promise(++rounds <= 4);
        answer_lines(arena, answers, &lines);
    }
    promise(dns_asked(answers) <= 17 && proof.reason.len > 0); /* two walks, and whether the author's name exists */
    promise(proof.result != PROOF_PASS || ((proof.spf_aligned || proof.dkim_aligned) && proof.policy_domain.len));
    return 0;
}
