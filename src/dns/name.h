/* Names as text. Labels are joined by dots; a byte that could be mistaken (dot, backslash, not printable) is written
 * \DDD. */
#pragma once
#include "base/base.h"

bool dns_name_askable(struct span name); /* 1 to 253 bytes, labels of 1 to 63; the final dot is off already */
struct span dns_name_undotted(struct span name);
void dns_label_add(struct buf *out, struct span label);            /* one label, escaped */
uint64_t dns_name_hash(struct span name, uint16_t type);           /* ASCII case ignored */
struct span dns_name_shown(struct arena *arena, struct span name); /* raw bytes to text; "." for the root */
