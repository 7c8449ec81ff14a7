/* The seals of a message, and what each shows. */
#include "seal/seal.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

const char *seal_state_name(enum seal_state state)
{
    static const char *const names[] = {"none", "unchecked", "malformed", "unknown-key", "forged", "moved", "changed", "good", "several"};
    return names[state];
}

void seals_find(struct arena *arena, const struct message *message, struct seals *out)
{
    const struct field *field;
    *out = (struct seals){0};
    for (; (field = message_field_named(message, S(SEAL_FIELD), out->fields)); out->fields++) {
        if (out->list.len == SEALS_MOST)
            continue; /* they are counted: all are to be removed */
        struct seal_found *found = vec_push(arena, &out->list);
        found->state = seal_read(field->value, &found->seal) ? SEAL_UNCHECKED : SEAL_MALFORMED;
    }
}

/* A server that found no Message-ID may have given one: what was sealed without one is compared by its parts alone. */
static bool id_is_same(const struct seal_measure *sealed, const struct seal_measure *seen)
{
    static const uint8_t none[SEAL_ID_BYTES];
    return CRYPTO_memcmp(sealed->message_id, none, sizeof none) == 0 || CRYPTO_memcmp(sealed->message_id, seen->message_id, sizeof none) == 0;
}

enum seal_state seal_judge(const struct seal *seal, bool known, bool holds, const struct seal_measure *measure)
{
    if (!known)
        return SEAL_UNKNOWN_KEY;
    if (!holds)
        return SEAL_FORGED;
    if (!measure)
        return SEAL_UNCHECKED;
    if (!id_is_same(&seal->measure, measure))
        return SEAL_MOVED;
    return CRYPTO_memcmp(seal->measure.parts, measure->parts, sizeof measure->parts) == 0 ? SEAL_GOOD : SEAL_CHANGED;
}

enum seal_state seals_state(const struct seals *seals)
{
    if (!seals->fields)
        return SEAL_NONE;
    return seals->fields > 1 ? SEAL_SEVERAL : seals->list.at[0].state;
}
