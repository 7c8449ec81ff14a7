/* A DNS message from the net: whatever it holds, an answer with data or a reason why there is none. */
#include "dns/dns.h"
#include "dns/wire.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint16_t types[] = {DNS_A, DNS_TXT, DNS_MX, DNS_PTR, DNS_AAAA, DNS_CNAME};
    if (!size)
        return 0;
    struct arena *arena = fuzz_arena();
    struct dns_answer answer = {.ask = {S("example.com"), types[data[0] % 6]}};
    dns_wire_read(arena, (struct span){(const char *)data + 1, size - 1}, &answer);
    promise(answer.status == DNS_FOUND ? answer.data.len > 0 : answer.data.len == 0 && answer.why.len > 0);
    vec_each(one, &answer.data)
        promise(one->len <= 65535 && (answer.ask.type != DNS_A || one->len == 4));
    return 0;
}
