/* message/url: URLs by the WHATWG URL Standard (https://url.spec.whatwg.org, read 2025), hosts by UTS 46 through ICU.
 *
 * Strings in, a parsed URL out, every component serialised as the standard says. No I/O. */
#pragma once
#include "base/base.h"

enum url_host_kind { URL_HOST_NONE, URL_HOST_DOMAIN, URL_HOST_IPV4, URL_HOST_IPV6, URL_HOST_OPAQUE };
struct url {
    struct span href;               /* the whole, serialised */
    struct span scheme;             /* lower case, without the colon */
    struct span username, password; /* percent-encoded */
    struct span host;               /* A-labels, dotted quad, or IPv6 without brackets; empty where none */
    enum url_host_kind host_kind;
    bool host_present;              /* an empty host ("file:///") is not a missing one */
    int port;                       /* -1 where none or the scheme's own */
    struct span path;               /* with its slash; opaque paths without */
    bool path_opaque;
    bool query_present, fragment_present;
    struct span query, fragment;    /* without '?' and '#' */
    struct ip ip;                   /* for IPV4 and IPV6 hosts */
};

/* base may be NULL. False where the standard says failure; then *out is zero. Input is UTF-8 (other bytes: U+FFFD). */
bool url_parse(struct arena *arena, struct span input, const struct url *base, struct url *out);
/* The same for what a person or a mail program would make of words in running text: a missing scheme is taken as
 * https ("www.example.com/x", "example.com/login"), trailing punctuation is left off. */
bool url_parse_text(struct arena *arena, struct span words, struct url *out);
/* Addresses in running text. Calls for each, in order: `raw` as written, without the line ends inside. What a line's end may
 * have cut is told twice: as it stands on its line, and joined with the next. */
typedef void link_found(void *context, struct span raw);
void text_scan(struct arena *arena, struct span text, link_found *found, void *context);
