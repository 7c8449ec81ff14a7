/* Which brands a message names, and whether it speaks as one of them or about them. */
#include "identity/scene.h"

enum { BRANDS_MOST = 40, ABOUT_LEAST = 3 };

/* ---- names that are ordinary words too */

struct around {
    struct span before, after; /* of the hit, in the reading */
};

static struct span last_word(struct span text)
{
    size_t end = text.len;
    while (end > 0 && ascii_is_space(text.at[end - 1]))
        end--;
    size_t from = end;
    while (from > 0 && !ascii_is_space(text.at[from - 1]))
        from--;
    return (struct span){text.at + from, end - from};
}

/* Japanese is not parted by blanks: the word may begin what follows, or end what goes before. */
static bool joins_trade(const struct scene *at, struct span text, bool begins, enum brand_kind kind)
{
    enum { SHORTEST = 3, LONGEST = 30 };
    for (size_t len = SHORTEST; len <= LONGEST && len <= text.len; len += 3) {
        struct span part = begins ? span_first(text, len) : span_skip(text, text.len - len);
        if (name_word_of_trade(at->tables, part, kind))
            return true;
    }
    return false;
}

static bool is_beside_trade(const struct scene *at, struct around around, enum brand_kind kind)
{
    struct span word, rest = around.after;
    if (name_word_of_trade(at->tables, last_word(around.before), kind) || joins_trade(at, last_word(around.before), false, kind))
        return true;
    return span_word(&rest, &word) && (name_word_of_trade(at->tables, word, kind) || joins_trade(at, word, true, kind));
}

static bool all_generic(const struct scene *at, struct span text, enum brand_kind kind)
{
    struct span word;
    while (span_word(&text, &word))
        if (!(name_word_uses(at->tables, word) & (NAME_WORD_ROLE | NAME_WORD_ADDED | NAME_WORD_LEGAL)) &&
            !name_word_of_trade(at->tables, word, kind))
            return false;
    return true;
}

/* Where the sender's own name holds the word among others ("Target Archery Supplies"), the word is the sender's. */
static bool is_of_senders_name(const struct scene *at, struct span word, enum brand_kind kind)
{
    const char *found = word.len ? span_find(at->name, word) : NULL;
    if (!found)
        return false;
    struct span before = span_from(at->name.at, found), after = span_from(found + word.len, at->name.at + at->name.len);
    return !all_generic(at, before, kind) || !all_generic(at, after, kind);
}

static bool word_counts(const struct scene *at, const struct told_text *text, const struct phrase_hit *hit, enum brand_kind kind)
{
    struct span reading = hit->disguised ? text->folded->undone : text->folded->text;
    if (hit->at + hit->len > reading.len)
        return false;
    struct around around = {span_first(reading, hit->at), span_skip(reading, hit->at + hit->len)};
    if (is_of_senders_name(at, span_first(span_skip(reading, hit->at), hit->len), kind))
        return false;
    if (text->place == TOLD_NAME && all_generic(at, around.before, kind) && all_generic(at, around.after, kind))
        return true;
    return is_beside_trade(at, around, kind);
}

/* ---- collecting */

static struct brand_claim *claim_of(struct scene *at, const struct brand *brand)
{
    vec_each(claim, &at->out->brands)
        if (claim->brand == brand)
            return claim;
    if (at->out->brands.len >= BRANDS_MOST)
        return NULL;
    struct brand_claim *claim = vec_push(at->arena, &at->out->brands);
    *claim = (struct brand_claim){.brand = brand, .by_word = true, .disguised = true};
    return claim;
}

/* A link or picture that leads to the brand itself points at it; that is no claim to be it. */
static bool points_at_brand(const struct scene *at, const struct told_text *text, const struct brand *brand)
{
    return (text->place == TOLD_LINK || text->place == TOLD_IMAGE) && text->link_host.len && brand_owns(brand, text->link_host) &&
           !brand_sends(brand, at->from_domain);
}

/* The address written once more as the name: its provider's name in it is no claim. */
static bool is_own_address(const struct scene *at, const struct told_text *text)
{
    return text->place == TOLD_NAME && at->from && at->from->address.len && span_find_case(text->raw, at->from->address);
}

static void text_collect(struct scene *at, const struct told_text *text)
{
    if (is_own_address(at, text))
        return;
    for (size_t i = 0; i < text->hit_count; i++) {
        const struct phrase_hit *hit = &text->hits[i];
        if (hit->phrase->kind == PHRASE_LURE)
            continue;
        const struct brand *brand = brand_at(at->tables, hit->phrase->of);
        bool by_word = hit->phrase->kind == PHRASE_BRAND_WORD;
        if (points_at_brand(at, text, brand) || (by_word && !word_counts(at, text, hit, brand->kind)))
            continue;
        struct brand_claim *claim = claim_of(at, brand);
        if (!claim)
            continue;
        claim->places |= text->place;
        claim->by_word &= by_word;
        claim->disguised &= hit->disguised;
        claim->times++;
    }
}

/* ---- whose the mail is */

static bool is_user_mail(const struct scene *at, struct span domain)
{
    return host_kinds(at->tables, domain, S(""), NULL) & (HOST_FREE_MAIL | HOST_FREE_PAGES | HOST_BUCKET | HOST_TUNNEL) || host_is_private(at->tables, domain);
}

static void owner_compare(struct scene *at, struct brand_claim *claim)
{
    const struct brand *brand = claim->brand;
    claim->from_own = at->from_domain.len && brand_sends(brand, at->from_domain) &&
                      (brand == at->out->from_brand || brand->kind == BRAND_CARRIER || !is_user_mail(at, at->from_domain));
    claim->proved = claim->from_own && at->out->vouching.proved;
    vec_each(dkim, &at->proof->dkim)
        claim->signer_own |= dkim->result == PROOF_PASS && brand_sends(brand, dkim->domain) && !is_user_mail(at, dkim->domain);
    vec_each(id, &brand->services)
        claim->service_own |= at->service && span_eq(at->service->id, *id);
}

static void links_compare(struct scene *at, struct brand_claim *claim)
{
    size_t clickable = 0, own = 0;
    bool main_own = false;
    vec_each(host, &at->told->hosts) {
        if (!host->clickable || (host->kinds & HOST_COMMON_LIBRARY))
            continue;
        bool of_brand = speaks_for_brand(at, claim->brand, host);
        clickable++;
        own += of_brand;
        main_own |= host->main && of_brand;
    }
    claim->any_link_own = own > 0;
    claim->links_own = main_own || (own && own * 2 >= clickable);
}

/* ---- as, or about */

static bool main_leads_elsewhere(const struct scene *at, const struct brand_claim *claim)
{
    vec_each(host, &at->told->hosts)
        if (host->main && host->clickable)
            return !brand_owns(claim->brand, host->host);
    return false;
}

static unsigned named_in(const struct claim *out, unsigned place)
{
    unsigned count = 0;
    vec_each(claim, &out->brands)
        count += (claim->places & place) != 0;
    return count;
}

static bool is_forwarded(const struct scene *at)
{
    static const struct span heads[] = {{"fwd:", 4}, {"fw:", 3}, {"wg:", 3}, {"tr:", 3}, {"rv:", 3}, {"enc:", 4}, {"i:", 2}, {"doorst:", 7}, {"転送:", 7}};
    struct span subject = span_trim(at->message->subject);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        if (span_starts_case(subject, heads[i]))
            return true;
    return false;
}

/* An answer, and what is forwarded, speak about brands, and so do lists. The fields and the word in the subject anybody writes: where
 * no earlier letter stands below, or nothing but one, they excuse nothing that is to be followed. */
static bool is_conversation(const struct scene *at)
{
    bool told = is_forwarded(at) || message_field(at->message, FIELD_IN_REPLY_TO, 0) || message_field(at->message, FIELD_REFERENCES, 0);
    bool asks = at->out->vouching.main_out || at->told->calls;
    if (at->list || at->passed_on)
        return at->list;
    return at->told->forwarded || (told && (at->told->history || !asks));
}

/* "Anna via Docs", "Anna (Calendar)": a person's name, and behind it the service that sends it for her. */
static bool name_is_via(const struct scene *at, enum brand_kind kind)
{
    const char *via = span_find(at->name, S(" via ")), *open = span_find_byte(at->from->name, '(');
    struct folded before = {0};
    if (via)
        return !all_generic(at, span_from(at->name.at, via), kind);
    if (!open || open == at->from->name.at)
        return false;
    text_fold(at->arena, span_from(at->from->name.at, open), 200, &before);
    return !all_generic(at, before.text, kind);
}

/* What mail programs write about mail that was not delivered bears their makers' names. */
static bool is_report(const struct scene *at)
{
    const struct part *root = at->message->root;
    return root && root->kind == PART_MULTIPART && span_eq(root->subtype, S("report")) && !at->sender_domain.len;
}

static bool is_of_brand_name(const struct brand *brand, struct span word)
{
    vec_each(name, &brand->names)
        if (span_find_case(*name, word))
            return true;
    vec_each(name, &brand->words)
        if (span_find_case(*name, word))
            return true;
    return false;
}

/* "TechShop Apple Service" of techshop.example tells who writes; the brand is what it is about. */
static bool name_tells_sender(const struct scene *at, const struct brand *brand)
{
    enum { WORD_LEAST = 4, WORDS_MOST = 20 };
    struct span rest = at->name, word, label = first_label_of(at->from_org);
    for (int i = 0; i < WORDS_MOST && span_word(&rest, &word); i++)
        if (word.len >= WORD_LEAST && !name_word_uses(at->tables, word) && !is_of_brand_name(brand, word) && span_find_case(label, word))
            return true;
    return false;
}

static bool speaks_as(const struct scene *at, const struct brand_claim *claim)
{
    const struct claim *out = at->out;
    unsigned text = TOLD_TOP | TOLD_TEXT;
    if (is_report(at))
        return false;
    if (claim->places & TOLD_NAME)
        return !name_is_via(at, claim->brand->kind) && !name_tells_sender(at, claim->brand);
    if (is_conversation(at) || named_in(out, TOLD_NAME))
        return false;
    bool alone_in_subject = claim->places & TOLD_SUBJECT && named_in(out, TOLD_SUBJECT) == 1 && named_in(out, TOLD_TOP) < ABOUT_LEAST;
    if (alone_in_subject && claim->places & (text | TOLD_IMAGE | TOLD_TITLE))
        return true;
    if (claim->places & (TOLD_IMAGE | TOLD_TITLE) && named_in(out, TOLD_IMAGE | TOLD_TITLE) == 1 && claim->brand->kind != BRAND_SOCIAL)
        return main_leads_elsewhere(at, claim) || claim->places & text;
    return false;
}

static int prominence(const struct brand_claim *claim)
{
    static const int worth[] = {64, 32, 4, 1, 2, 8, 2, 16, 1}; /* by bit of the place */
    int sum = claim->as ? 1000 : 0;
    for (unsigned bit = 0; bit < sizeof worth / sizeof *worth; bit++)
        sum += claim->places >> bit & 1 ? worth[bit] : 0;
    return sum * 2 - claim->by_word;
}

static void claims_sort(struct claim *out)
{
    for (size_t i = 1; i < out->brands.len; i++) /* few, and a stable order */
        for (size_t k = i; k > 0 && prominence(&out->brands.at[k]) > prominence(&out->brands.at[k - 1]); k--) {
            struct brand_claim held = out->brands.at[k];
            out->brands.at[k] = out->brands.at[k - 1];
            out->brands.at[k - 1] = held;
        }
}

void brands_find(struct scene *at)
{
    struct claim *out = at->out;
    vec_each(text, &at->told->texts)
        text_collect(at, text);
    vec_each(claim, &out->brands) {
        owner_compare(at, claim);
        links_compare(at, claim);
        claim->as = speaks_as(at, claim);
    }
    claims_sort(out);
    /* A name may hold two: the firm that sends is the one that speaks. */
    vec_each(claim, &out->brands)
        if (claim->as && !out->main)
            out->main = claim;
    vec_each(claim, &out->brands)
        if (claim->as && claim->from_own)
            out->main = claim;
}
