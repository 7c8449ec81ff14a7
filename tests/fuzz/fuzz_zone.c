/* Zone files: read or refused with a line, and any name may be asked of what was read. */
#include "dns/dns.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = fuzz_arena();
    struct dns_zone *zone;
    struct err err = {{0}};
    if (dns_zone_parse(arena, (struct span){(const char *)data, size}, "zone", &zone, &err) < 0) {
        promise(err.text[0]);
        return 0;
    }
    static const uint16_t types[] = {DNS_A, DNS_TXT, DNS_MX, DNS_PTR, DNS_AAAA};
    static const struct span names[] = {{"example.com", 11}, {"a.b.example.com", 15}, {"", 0}, {"com", 3}};
    for (size_t i = 0; i < 20; i++) {
        struct dns_ask ask = {.name = names[i % 4], .type = types[i / 4]};
        struct dns_answer answer;
        dns_zone_answer(zone, &ask, &answer);
        promise(answer.status <= DNS_UNKNOWN);
    }
    return 0;
}
