/* door/killers: which messages killed two judges, by a digest of their bytes: they are not given to a third. */
#pragma once
#include "base/digest.h"
#include "role/role.h"

struct killers;
struct killers *killers_new(void);
void killers_free(struct killers **killers);
/* Of its bytes and of the sender; false: it cannot be read. */
bool killers_digest(const struct scan_job *job, uint8_t *out);
void killers_add(struct killers *killers, const uint8_t *digest, int64_t now); /* seconds; the oldest of 1,024 is forgotten */
bool killers_has(const struct killers *killers, const uint8_t *digest, int64_t now);
bool killers_is_empty(const struct killers *killers);
