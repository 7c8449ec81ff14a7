/* Inside of message/url: percent-encoding, hosts and ends of addresses in text. */
#pragma once
#include "message/url.h"

enum url_set { /* bits in url_sets; every byte above 127 belongs to each percent-encode set */
    SET_CONTROL = 1, SET_FRAGMENT = 2, SET_QUERY = 4, SET_SPECIAL_QUERY = 8, SET_PATH = 16, SET_USERINFO = 32,
    FORBIDDEN_IN_HOST = 64, FORBIDDEN_IN_DOMAIN = 128
};
extern const uint8_t url_sets[128];

struct span url_encode(struct arena *arena, struct span s, enum url_set set); /* s itself where nothing changes */
void url_encode_into(struct buf *out, struct span s, enum url_set set);
struct span url_decode(struct arena *arena, struct span s); /* %XX undone; s itself where there is none */
struct span url_utf8(struct arena *arena, struct span s);   /* bytes that are no UTF-8 become U+FFFD */
int url_hex_digit(char c);                                  /* -1 where it is none */

/* "domain to ASCII" (3.3, not strict): A-labels, lower case. A name of more than 1,024 bytes that is not plain ASCII is
 * a failure: no name server could answer for it and Punycode takes quadratic time. */
bool url_domain_to_ascii(struct arena *arena, struct span domain, struct span *out);
/* The host parser (3.5). Fills host, host_kind, host_present and ip. */
bool url_host_parse(struct arena *arena, struct span text, bool special, struct url *out);
void url_ipv6_print(struct buf *out, const uint8_t bytes[16]); /* as the standard serialises: never a dotted tail */
/* Running text: punctuation and brackets that close the sentence and not the address are left off. Linear. */
struct span url_text_trim(struct span s);
