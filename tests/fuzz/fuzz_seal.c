/* Seals and tokens: what is read as a seal is what would be written, a seal made of any message holds, and says so of it. */
#include "fuzz.h"
#include "seal/seal.h"
#include "seal/token.h"

#define SECRET S("0123456789abcdef0123456789abcdef")

static void field_read(struct arena *arena, struct span value)
{
    struct seal read, again;
    if (!seal_read(value, &read))
        return;
    bool ours = seal_holds(&read, SECRET);
    struct span written = seal_write(arena, &read, SECRET);
    promise(seal_read(written, &again) && seal_holds(&again, SECRET) && again.at == read.at);
    promise(!ours || memcmp(again.hmac, read.hmac, sizeof again.hmac) == 0);
}

static void message_seal(struct arena *arena, struct span raw)
{
    struct message_limits limits;
    struct message message;
    struct arrival arrival = {.raw = raw, .received_at = TIME_UNKNOWN};
    struct seals seals;
    struct seal seal = {.key = S("k1234567"), .record = S("r1234567"), .at = 1}, read;
    struct seal_measure again;
    message_limits_default(&limits);
    message_parse(arena, &limits, NULL, &arrival, &message);
    seals_find(arena, &message, &seals);
    promise(seals.list.len <= SEALS_MOST && seals.list.len <= seals.fields && (seals.fields > 0) == (seals_state(&seals) != SEAL_NONE));
    if (!seal_measure(&message, &seal.measure))
        return;
    promise(seal_measure(&message, &again) && memcmp(&again, &seal.measure, sizeof again) == 0);
    promise(seal_read(seal_write(arena, &seal, SECRET), &read));
    promise(seal_judge(&read, true, seal_holds(&read, SECRET), &again) == SEAL_GOOD);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = fuzz_arena();
    struct span rest = {(const char *)data, size}, head = fuzz_cut(&rest), text;
    field_read(arena, head);
    message_seal(arena, rest.len ? rest : head);
    promise(!token_open(arena, head, SECRET, S("release"), &text) || head.len > TOKEN_NONCE_BYTES);
    return 0;
}
