/* Cases of what block lists and a virus scanner say. */
#include "world.h"

/* The list that is asked about that answers so; 127.0.0.2 means the evidence, 127.0.1.x with bit 8 too, and nothing else means anything. */
static void list_says(struct world *w, enum list_asks asks, const char *subject, enum evidence_id means, enum listing_state state, const char *answers)
{
    struct witness_codes *codes = vec_push(w->arena, &w->witnesses.lists);
    *codes = (struct witness_codes){.zone = S("list.example"), .asks = asks};
    struct witness_code *code = vec_push(w->arena, &codes->codes);
    code->id = means;
    ip_prefix_parse(S("127.0.0.2"), &code->within.network, &code->within.bits);
    code = vec_push(w->arena, &codes->codes);
    *code = (struct witness_code){.id = means, .bits = 8};
    ip_prefix_parse(S("127.0.1.0/24"), &code->within.network, &code->within.bits);
    *vec_push(w->arena, &w->testimony.listings) =
        (struct listing){.zone = S("list.example"), .asks = asks, .state = state, .subject = span_of(subject), .answers = span_of(answers)};
    w->settings.witnesses = &w->witnesses;
    w->testified = &w->testimony;
}

#define LISTED(name, asks, subject, id)                                                                                                   \
    static void name##_listed(struct world *w) { list_says(w, asks, subject, id, LISTING_FOUND, "127.0.0.9 127.0.0.2"); }                 \
    static void name##_other(struct world *w) { list_says(w, asks, subject, id, LISTING_FOUND, "127.0.0.9 127.0.1.4"); }                  \
    static void name##_bit(struct world *w) { list_says(w, asks, subject, id, LISTING_FOUND, "127.0.1.24"); }                             \
    static void name##_refused(struct world *w) { list_says(w, asks, subject, id, LISTING_REFUSED, "127.0.0.2 127.255.255.254"); }
LISTED(client_spam, LIST_CLIENT, "198.51.100.7", EVIDENCE_CLIENT_LISTED_SPAM)
LISTED(client_exploited, LIST_CLIENT, "198.51.100.7", EVIDENCE_CLIENT_LISTED_EXPLOITED)
LISTED(client_policy, LIST_CLIENT, "198.51.100.7", EVIDENCE_CLIENT_LISTED_POLICY)
LISTED(client_poor, LIST_CLIENT, "198.51.100.7", EVIDENCE_CLIENT_LISTED_POOR)
LISTED(domain_spam, LIST_DOMAIN, "brand.example", EVIDENCE_DOMAIN_LISTED_SPAM)
LISTED(domain_phish, LIST_DOMAIN, "brand.example", EVIDENCE_DOMAIN_LISTED_PHISH)
LISTED(domain_malware, LIST_HELO, "brand.example", EVIDENCE_DOMAIN_LISTED_MALWARE)
LISTED(domain_abused, LIST_DOMAIN, "brand.example", EVIDENCE_DOMAIN_LISTED_ABUSED)
LISTED(domain_new, LIST_DOMAIN, "brand.example", EVIDENCE_DOMAIN_LISTED_NEW)
LISTED(link_spam, LIST_LINKS, "pills.example", EVIDENCE_LINK_LISTED_SPAM)
LISTED(link_phish, LIST_LINKS, "login.example", EVIDENCE_LINK_LISTED_PHISH)
LISTED(link_malware, LIST_LINKS, "load.example", EVIDENCE_LINK_LISTED_MALWARE)
LISTED(link_abused, LIST_LINKS, "blog.example", EVIDENCE_LINK_LISTED_ABUSED)
LISTED(link_new, LIST_LINKS, "new.example", EVIDENCE_LINK_LISTED_NEW)

/* Somebody else's good word never stands against a proof that failed. */
static void client_welcome(struct world *w)
{
    list_says(w, LIST_CLIENT, "198.51.100.7", EVIDENCE_CLIENT_WELCOMED, LISTING_FOUND, "127.0.0.2");
}
static void client_welcome_failed(struct world *w)
{
    client_welcome(w);
    dmarc_fails(w, "none");
}
static void domain_welcome(struct world *w)
{
    list_says(w, LIST_DOMAIN, "brand.example", EVIDENCE_DOMAIN_WELCOMED, LISTING_FOUND, "127.0.0.2");
}
static void domain_welcome_failed(struct world *w)
{
    domain_welcome(w);
    dmarc_fails(w, "reject");
}

/* Tables of another list, or about somebody else, say nothing of these answers. */
static void link_asked_as_domain(struct world *w)
{
    link_phish_listed(w);
    w->witnesses.lists.at[0].asks = LIST_DOMAIN;
}
static void link_of_other_zone(struct world *w)
{
    link_phish_listed(w);
    w->witnesses.lists.at[0].zone = S("other.example");
}

static void scanner_says(struct world *w, enum clamd_word word, const char *name)
{
    w->testimony.scanned = w->witnesses.scanner = true;
    w->testimony.scanner = (struct clamd_answer){.word = word, .name = span_of(name)};
    w->settings.witnesses = &w->witnesses;
    w->testified = &w->testimony;
}
static void virus(struct world *w)
{
    scanner_says(w, CLAMD_FOUND, "Win.Test.EICAR_HDB-1");
}
static void virus_on_its_way_out(struct world *w)
{
    virus(w);
    w->arrival.direction = DIRECTION_OUTBOUND;
}
static void virus_guessed(struct world *w)
{
    scanner_says(w, CLAMD_FOUND, "Heuristics.Phishing.Email.SpoofedDomain");
}
static void virus_like_a_guess(struct world *w)
{
    scanner_says(w, CLAMD_FOUND, "Win.Heuristics.Agent-1");
}
static void scanner_silent(struct world *w)
{
    scanner_says(w, CLAMD_SILENT, "");
}
static void scanner_finds_nothing(struct world *w)
{
    scanner_says(w, CLAMD_NOTHING, "");
}
static void scanner_not_asked_any_more(struct world *w)
{
    virus(w);
    w->witnesses.scanner = false;
}

#define ROWS(evidence, name) {evidence, "listed", name##_listed, name##_other}, {evidence, "a bit of the answer", name##_bit, name##_refused}
const struct evidence_case witness_cases[] = {
    ROWS("client-listed-spam", client_spam),
    ROWS("client-listed-exploited", client_exploited),
    ROWS("client-listed-policy", client_policy),
    ROWS("client-listed-poor", client_poor),
    ROWS("domain-listed-spam", domain_spam),
    ROWS("domain-listed-phish", domain_phish),
    ROWS("domain-listed-malware", domain_malware),
    ROWS("domain-listed-abused", domain_abused),
    ROWS("domain-listed-new", domain_new),
    ROWS("link-listed-spam", link_spam),
    ROWS("link-listed-phish", link_phish),
    ROWS("link-listed-malware", link_malware),
    ROWS("link-listed-abused", link_abused),
    ROWS("link-listed-new", link_new),
    {"client-welcomed", "listed", client_welcome, client_welcome_failed},
    {"domain-welcomed", "listed", domain_welcome, domain_welcome_failed},
    {"link-listed-phish", "of the same list, about the same", link_phish_listed, link_asked_as_domain},
    {"link-listed-phish", "of the same list", link_phish_listed, link_of_other_zone},
    {"virus-found", "known", virus, scanner_finds_nothing},
    {"virus-found", "on its way out too", virus_on_its_way_out, scanner_silent},
    {"virus-found", "named like a guess", virus_like_a_guess, virus_guessed},
    {"virus-found", "where a scanner is asked", virus, scanner_not_asked_any_more},
    {"virus-suspected", "by a rule of thumb", virus_guessed, virus},
    {0},
};
