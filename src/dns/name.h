/* Names as text. Labels are joined by dots; a byte that could be mistaken (dot, backslash, not printable) is written
 * \DDD. */
#pragma once
#include "base/base.h"

void dns_label_add(struct buf *out, struct span label);            /* one label, escaped */
uint64_t dns_name_hash(struct span name, uint16_t type);           /* ASCII case ignored */
struct span dns_name_shown(struct arena *arena, struct span name); /* raw bytes to text; "." for the root */
