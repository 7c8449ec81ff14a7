/* trace: what the files of this room share. */
#pragma once
#include "trace/trace.h"

/* Addresses that cannot be a stranger's: the machine itself, or a network without a way in from the Internet. */
static inline bool scope_is_inside(enum ip_scope scope)
{
    return scope == IP_PRIVATE || scope == IP_LOOPBACK || scope == IP_LINK_LOCAL || scope == IP_SHARED;
}

/* LMTP is spoken inside a site only (RFC 2033). "LMTPS", "LMTPA"; "UTF8LMTP" (RFC 6531). */
static inline bool speaks_lmtp(const struct hop *hop)
{
    return span_starts_case(hop->with, S("LMTP")) || span_starts_case(hop->with, S("UTF8LMTP"));
}

/* These mailers name the client of every SMTP session. Where they do not, a site hides its own people's addresses. */
static inline bool hides_client(const struct hop *hop)
{
    return (hop->mailer == MAILER_POSTFIX || hop->mailer == MAILER_EXIM || hop->mailer == MAILER_SENDMAIL) &&
           span_find_case(hop->with, S("SMTP"));
}

/* Handed over inside one machine, or by a hop that names no sender at all. */
static inline bool handed_inside(const struct hop *hop)
{
    if (hop->local)
        return true;
    return !hop->from.len && !hop->reverse.len && !hop->helo.len && hop->address.family == IP_NONE &&
           !hides_client(hop);
}

/* mailer.c */
enum mailer mailer_of_product(struct span comment, enum mailer so_far); /* words in brackets after `by` or `with` */
enum mailer mailer_of_hop(const struct hop *hop);                       /* what the protocol and the host names say */

/* peer.c: comments and words after `from`, `by` and elsewhere */
void peer_read(struct span comment, struct hop *out);
void own_read(struct span comment, struct hop *out);
void remark_read(struct span comment, struct hop *out);
bool host_word_ip(struct span word, struct ip *out); /* "[1.2.3.4]", "[1.2.3.4]:25", "1.2.3.4:25", "IPv6:..." */

/* edge.c */
void edge_find(const struct trace_settings *settings, const struct arrival *arrival, struct path *path);
void inner_edge_find(struct arena *arena, const struct tables *tables, struct path *path); /* after carrier_find */
bool trusts_anything(const struct trace_settings *settings);

/* names.c */
bool microsoft_host(struct span name);           /* a name of Exchange Online */
bool microsoft_outbound_host(struct span name);  /* one of those that deliver to the outside */
bool microsoft_sends_from(const struct ip *ip);  /* Exchange Online's published addresses of outgoing mail */
bool microsoft_relays_from(const struct ip *ip); /* its relay pool */
bool microsoft_inside(const struct ip *ip);      /* between its own servers */
bool google_host(struct span name);
bool looks_public(struct span name); /* two labels or more, and no ending that is used inside only */
bool same_owner(struct arena *arena, const struct tables *tables, struct span a, struct span b);
bool writes_confirmed_names(const struct hop *hop); /* a reverse name in it leads back to the address */

/* oddity.c */
void oddities_find(struct arena *arena, const struct trace_settings *settings, const struct tables *tables,
                   int64_t arrived, struct path *path);

/* carrier.c, account.c, tenant.c */
void carrier_find(struct arena *arena, const struct tables *tables, const struct arrival *arrival,
                  const struct message *message, struct path *path);
void account_find(struct arena *arena, const struct arrival *arrival, const struct message *message,
                  struct carrier *carrier);
void tenant_find(struct arena *arena, const struct tables *tables, const struct message *message, struct path *path);
