/* A DNS message (RFC 1035 4.1) to an answer. */
#pragma once
#include "dns/dns.h"

/* out->ask names the question; fills status, ttl, data and why. What does not parse is DNS_FAILED. */
void dns_wire_read(struct arena *arena, struct span packet, struct dns_answer *out);
