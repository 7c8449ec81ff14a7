#include "witness/witness.h"

enum { NAMES_EACH = 3 }; /* of one listing: its subject, what must not be listed, what must be */

const char *list_asks_name(enum list_asks asks)
{
    static const char *const names[] = {"client", "domain", "helo", "links"};
    return names[asks];
}

const char *listing_state_name(enum listing_state state)
{
    static const char *const names[LISTING_STATES] = {"nothing-to-ask", "not-listed", "listed", "timed-out", "failed", "not-asked", "refused",
                                                      "lists-everything", "lists-nothing", "foreign-answer"};
    return names[state];
}

bool listing_is_unknown(enum listing_state state)
{
    return state > LISTING_FOUND;
}

bool listing_is_defect(enum listing_state state)
{
    return state >= LISTING_REFUSED;
}

/* ---- names */

static struct span name_of_v4(struct arena *arena, const struct ip *ip, struct span zone)
{
    return arena_print(arena, "%u.%u.%u.%u.%.*s", ip->bytes[3], ip->bytes[2], ip->bytes[1], ip->bytes[0], SPAN_FMT(zone));
}

static struct span name_of_v6(struct arena *arena, const struct ip *ip, struct span zone)
{
    struct buf out = {.arena = arena};
    for (size_t i = 16; i-- > 0;)
        buf_print(&out, "%x.%x.", ip->bytes[i] & 15, ip->bytes[i] >> 4);
    buf_add(&out, zone);
    return buf_span(&out);
}

static struct span name_under(struct arena *arena, struct span name, struct span zone)
{
    return arena_print(arena, "%.*s.%.*s", SPAN_FMT(name), SPAN_FMT(zone));
}

/* ---- what there is to ask */

static struct listing *listing_add(struct arena *arena, const struct witness_list *list, struct span subject, struct testimony *out)
{
    struct listing *listing = vec_push(arena, &out->listings);
    *listing = (struct listing){.zone = list->zone, .asks = list->asks, .subject = subject,
                                .state = subject.len ? LISTING_SILENT : LISTING_NOTHING};
    return listing;
}

static void links_begin(struct arena *arena, const struct witness_list *list, const struct witness_subjects *subjects, struct testimony *out)
{
    size_t count = subjects->links.len < LINK_DOMAINS_MOST ? subjects->links.len : LINK_DOMAINS_MOST;
    for (size_t i = 0; i < count; i++)
        listing_add(arena, list, subjects->links.at[i], out);
    if (!count)
        listing_add(arena, list, (struct span){0}, out);
    out->links_left = subjects->links.len - count;
}

void witness_begin(struct arena *arena, const struct witness_settings *settings, const struct witness_subjects *subjects, struct testimony *out)
{
    *out = (struct testimony){.scanned = settings->scanner, .scanner.word = CLAMD_SILENT};
    vec_each(list, &settings->lists)
        if (list->asks == LIST_LINKS)
            links_begin(arena, list, subjects, out);
        else
            listing_add(arena, list,
                        list->asks == LIST_CLIENT   ? ip_text(arena, &subjects->client)
                        : list->asks == LIST_DOMAIN ? subjects->domain
                                                    : subjects->helo, out);
}

size_t witness_asks(const struct testimony *testimony)
{
    return NAMES_EACH * testimony->listings.len;
}

/* ---- answers */

enum word { WORD_LACKING, WORD_NOT, WORD_LISTED, WORD_SILENT, WORD_FAILED, WORD_OFFLINE, WORD_REFUSED, WORD_FOREIGN };

static enum word address_word(struct span address)
{
    const unsigned char *at = (const unsigned char *)address.at;
    if (address.len != 4 || at[0] != 127)
        return WORD_FOREIGN;
    bool refuses = (at[1] == 255 && at[2] == 255) || (at[1] == 0 && at[2] == 0 && at[3] == 1);
    return refuses ? WORD_REFUSED : WORD_LISTED;
}

/* Of several answers the worst for the list: one that refuses is not read on. */
static enum word found_word(struct arena *arena, const struct dns_answer *answer, struct span *answers)
{
    enum word word = answer->data.len ? WORD_LISTED : WORD_NOT;
    struct buf text = {.arena = arena};
    vec_each(address, &answer->data) {
        struct ip ip = {.family = IP_V4};
        enum word one = address_word(*address);
        memcpy(ip.bytes, address->at, address->len < 4 ? address->len : 4);
        buf_add(&text, text.len ? S(" ") : S(""));
        ip_print(&text, &ip);
        word = one > word ? one : word;
    }
    *answers = buf_span(&text);
    return word;
}

static enum word word_of(struct arena *arena, struct dns_answers *known, struct span name, bool closing, struct span *answers)
{
    const struct dns_answer *answer = dns_known(known, name, DNS_A);
    *answers = (struct span){0};
    if (!answer)
        return closing ? WORD_SILENT : WORD_LACKING;
    switch (answer->status) {
    case DNS_FOUND: return found_word(arena, answer, answers);
    case DNS_NO_DATA:
    case DNS_NO_NAME: return WORD_NOT;
    case DNS_TIMED_OUT: return WORD_SILENT;
    case DNS_FAILED: return WORD_FAILED;
    default: return WORD_OFFLINE;
    }
}

static enum listing_state state_of(enum word word)
{
    static const enum listing_state states[] = {LISTING_SILENT, LISTING_NOT, LISTING_FOUND, LISTING_SILENT, LISTING_FAILED, LISTING_OFFLINE,
                                                LISTING_REFUSED, LISTING_FOREIGN};
    return states[word];
}

/* What a list says counts only where it does not list what none may. That it does not list something says nothing where it
 * does not list its test entry either: many a list is given up and left empty. Lists of names often have no such entry. */
static enum listing_state state_reach(enum word subject, enum word never, enum word always)
{
    if (subject == WORD_REFUSED || never == WORD_REFUSED)
        return LISTING_REFUSED;
    if (subject != WORD_LISTED && subject != WORD_NOT)
        return state_of(subject);
    if (never == WORD_LISTED)
        return LISTING_ALL;
    if (never != WORD_NOT)
        return state_of(never);
    if (subject == WORD_LISTED || always == WORD_LISTED)
        return state_of(subject);
    return always == WORD_NOT ? LISTING_EMPTY : state_of(always);
}

static bool listing_hear(struct arena *arena, struct listing *listing, struct dns_answers *known, bool closing)
{
    struct span name, never, always = {0}, none;
    struct ip ip;
    bool address = listing->asks == LIST_CLIENT && ip_parse(listing->subject, &ip);
    if (address && ip.family == IP_V4) {
        name = name_of_v4(arena, &ip, listing->zone);
        never = name_under(arena, S("1.0.0.127"), listing->zone);
        always = name_under(arena, S("2.0.0.127"), listing->zone);
    } else if (address) {
        name = name_of_v6(arena, &ip, listing->zone);
        never = name_under(arena, S("1.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0"), listing->zone);
    } else {
        name = name_under(arena, listing->subject, listing->zone);
        never = name_under(arena, S("invalid"), listing->zone);
    }
    enum word subject = word_of(arena, known, name, closing, &listing->answers);
    enum word not = word_of(arena, known, never, closing, &none);
    enum word test = always.len ? word_of(arena, known, always, closing, &none) : WORD_LISTED;
    if (subject == WORD_LACKING || not == WORD_LACKING || test == WORD_LACKING)
        return false;
    listing->state = state_reach(subject, not, test);
    return true;
}

bool witness_hear(struct arena *arena, struct testimony *testimony, struct dns_answers *answers, bool closing)
{
    bool all = true;
    vec_each(listing, &testimony->listings)
        if (listing->subject.len)
            all &= listing_hear(arena, listing, answers, closing);
    return all;
}

struct span listing_complaint(struct arena *arena, const struct listing *listing)
{
    struct span zone = listing->zone, about = listing->subject;
    switch (listing->state) {
    case LISTING_REFUSED:
        return arena_print(arena, "the block list %.*s refuses to answer us (asked about %.*s, it said %.*s): it wants a resolver of your own (dns: servers), "
                                  "fewer questions or a contract; until then it says nothing", SPAN_FMT(zone), SPAN_FMT(about), SPAN_FMT(listing->answers.len ? listing->answers : S("so of its test entry")));
    case LISTING_ALL:
        return arena_print(arena, "the block list %.*s lists everything, its test entry that no list may have too (RFC 5782): it has probably been given up; "
                                  "take it out of dns: block_lists", SPAN_FMT(zone));
    case LISTING_EMPTY:
        return arena_print(arena, "the block list %.*s does not list 127.0.0.2, as every list does (RFC 5782): its name is mistaken, or it has been given up", SPAN_FMT(zone));
    default:
        return arena_print(arena, "the block list %.*s answered %.*s about %.*s, which is no list's answer: its domain was given up, or a resolver puts its own "
                                  "answers in place of others'", SPAN_FMT(zone), SPAN_FMT(listing->answers), SPAN_FMT(about));
    }
}
