/* Domains that resemble those of the organisation, its partners, and brands. UTS 39 for letters of other scripts. */
#include "identity/scene.h"

#include <unicode/uidna.h>
#include <unicode/uspoof.h>

enum { HOSTS_MOST = 40, LOOKALIKES_MOST = 20, WORD_LEAST = 4, INSIDE_LEAST = 6, LABELS_MOST = 12 };

/* One host, taken apart once. */
struct candidate {
    enum lookalike_place place;
    struct span host, organisation, label; /* label: the registrable one */
    struct span shown;                     /* label in the letters people see, UTF-8; empty: the same */
    struct span look;                      /* letters that look alike made one */
    struct span plain;                     /* without hyphens, lower case */
    char plain_room[LABEL_MOST], look_room[LABEL_MOST];
};

/* ---- letters of other scripts: only for labels in punycode, for it costs */

static UIDNA *idna;
static USpoofChecker *spoof;

static bool icu_ready(void)
{
    UErrorCode failed = U_ZERO_ERROR;
    if (!idna)
        idna = uidna_openUTS46(UIDNA_NONTRANSITIONAL_TO_UNICODE, &failed);
    if (!spoof)
        spoof = uspoof_open(&failed);
    return idna && spoof;
}

static struct span label_shown(struct scene *at, struct span label)
{
    enum { ROOM = 256 };
    UErrorCode failed = U_ZERO_ERROR;
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    char *out = arena_alloc(at->arena, ROOM);
    int32_t len = icu_ready() ? uidna_labelToUnicodeUTF8(idna, label.at, (int32_t)label.len, out, ROOM, &info, &failed) : 0;
    return U_SUCCESS(failed) && len > 0 && len <= ROOM ? (struct span){out, (size_t)len} : S("");
}

/* The skeleton without marks over letters, in lower case; empty where it is not all ASCII then. */
static struct span skeleton_of(struct scene *at, struct span shown)
{
    enum { ROOM = 512 };
    UErrorCode failed = U_ZERO_ERROR;
    char *out = arena_alloc(at->arena, ROOM);
    int32_t len = icu_ready() ? uspoof_getSkeletonUTF8(spoof, 0, shown.at, (int32_t)shown.len, out, ROOM, &failed) : 0;
    struct span rest = {out, U_SUCCESS(failed) && len > 0 && len <= ROOM ? (size_t)len : 0};
    struct buf ascii = {.arena = at->arena};
    uint32_t c;
    while (code_point_next(&rest, &c)) {
        if (c >= 0x300 && c <= 0x36f)
            continue;
        if (c >= 0x80)
            return S("");
        if (c != '-')
            buf_byte(&ascii, ascii_lower((char)c));
    }
    return buf_span(&ascii);
}

static void candidate_make(struct scene *at, struct candidate *out, enum lookalike_place place, struct span host)
{
    *out = (struct candidate){.place = place, .host = host, .organisation = organisation_of(at->tables, host)};
    out->label = first_label_of(out->organisation);
    struct span letters = {out->plain_room, label_plain(out->label, out->plain_room)};
    out->plain = letters;
    if (span_starts_case(out->label, S("xn--"))) {
        out->shown = label_shown(at, out->label);
        letters = out->shown.len ? skeleton_of(at, out->shown) : S("");
    }
    out->look = (struct span){out->look_room, look_fold(letters, out->look_room)};
}

static struct lookalike *found_add(struct scene *at, const struct candidate *host, enum lookalike_kind kind, struct span of)
{
    if (at->out->lookalikes.len >= LOOKALIKES_MOST)
        return NULL;
    struct lookalike *out = vec_push(at->arena, &at->out->lookalikes);
    struct span seen = host->host;
    if (host->shown.len)
        seen = arena_print(at->arena, "%.*s%.*s", SPAN_FMT(host->shown), SPAN_FMT(span_skip(host->organisation, host->label.len)));
    *out = (struct lookalike){.kind = kind, .place = host->place, .seen = seen, .of = of, .punycode = host->shown.len > 0};
    return out;
}

/* ---- own domains and partners: few, compared one by one */

static bool is_added(const struct scene *at, struct span text)
{
    return text.len && name_word_uses(at->tables, text) & NAME_WORD_ADDED;
}

/* All pieces between hyphens are the name or added words, and there is more than the name. */
static bool is_name_with_words(const struct scene *at, struct span label, struct span name)
{
    struct span rest = label, piece;
    bool named = false, more = false;
    for (int i = 0; i < LABELS_MOST && span_cut(&rest, '-', &piece); i++) {
        if (span_eq_case(piece, name))
            named = true;
        else if (is_added(at, piece))
            more = true;
        else
            return false;
    }
    return named && more;
}

/* paypalsecurity, securepaypal: the name at one end, an added word at the other. */
static bool is_name_joined(const struct scene *at, struct span plain, struct span name)
{
    if (plain.len <= name.len || name.len < WORD_LEAST)
        return false;
    if (span_starts(plain, name) && is_added(at, span_skip(plain, name.len)))
        return true;
    return span_eq(span_skip(plain, plain.len - name.len), name) && is_added(at, span_first(plain, plain.len - name.len));
}

/* The domain stands whole left of another: example.com.evil.example, example-com.evil.example. */
static bool holds_domain(const struct candidate *host, struct span domain)
{
    struct span left = span_first(host->host, host->host.len - host->organisation.len);
    struct span label = first_label_of(domain);
    if (left.len <= label.len)
        return false;
    const char *found = span_find_case(left, label);
    if (!found || (found > left.at && found[-1] != '.' && found[-1] != '-'))
        return false;
    struct span from = span_from(found, left.at + left.len);
    if (from.len <= domain.len)
        return false;
    for (size_t i = 0; i < domain.len; i++)
        if (ascii_lower(from.at[i]) != ascii_lower(domain.at[i]) && !(domain.at[i] == '.' && from.at[i] == '-'))
            return false;
    return from.at[domain.len] == '.' || from.at[domain.len] == '-';
}

static bool resembles(const struct scene *at, const struct candidate *host, struct span domain, enum lookalike_kind *kind)
{
    char plain_room[LABEL_MOST], look_room[LABEL_MOST];
    struct span label = first_label_of(domain), plain = {plain_room, label_plain(label, plain_room)};
    struct span look = {look_room, look_fold(plain, look_room)};
    unsigned most = plain.len >= LABEL_NEAR_TWO ? 2 : 1;
    if (holds_domain(host, domain))
        *kind = LOOKALIKE_SUBDOMAIN;
    else if (span_eq(host->plain, plain))
        *kind = span_eq_case(host->label, label) ? LOOKALIKE_SUFFIX : LOOKALIKE_TYPING;
    else if (plain.len >= WORD_LEAST && span_eq(host->look, look))
        *kind = LOOKALIKE_SKELETON;
    else if (plain.len >= LABEL_NEAR_LEAST && typing_distance(host->plain, plain, most) <= most)
        *kind = LOOKALIKE_TYPING;
    else if (is_name_with_words(at, host->label, label) || is_name_joined(at, host->plain, plain))
        *kind = LOOKALIKE_ADDED_WORD;
    else if (plain.len >= INSIDE_LEAST && span_find(host->plain, plain))
        *kind = LOOKALIKE_INSIDE;
    else
        return false;
    return true;
}

static bool own_compare(struct scene *at, const struct candidate *host)
{
    const struct identity_settings *settings = at->settings;
    for (size_t i = 0; i < settings->own_domains.len + settings->partners.len; i++) {
        bool own = i < settings->own_domains.len;
        struct span domain = own ? settings->own_domains.at[i] : settings->partners.at[i - settings->own_domains.len];
        enum lookalike_kind kind;
        if (!resembles(at, host, domain, &kind))
            continue;
        struct lookalike *found = found_add(at, host, kind, domain);
        if (found)
            *(own ? &found->own : &found->partner) = true;
        return true;
    }
    return false;
}

/* ---- brands: by the index */

static bool brand_add(struct scene *at, const struct candidate *host, enum lookalike_kind kind, const struct brand *brand, struct span of)
{
    struct lookalike *found = found_add(at, host, kind, of.len ? of : brand->domains.at[0]);
    if (found)
        found->brand = brand;
    return true;
}

static bool label_compare(struct scene *at, const struct candidate *host)
{
    const struct brand_label *label = brand_label_exact(at->tables, host->plain);
    if (label && label->of_domain)
        return brand_add(at, host, span_eq_case(host->label, host->plain) ? LOOKALIKE_SUFFIX : LOOKALIKE_TYPING, label->brand, S(""));
    if (label)
        return brand_add(at, host, LOOKALIKE_INSIDE, label->brand, S(""));
    if ((label = brand_label_by_look(at->tables, host->look)) && label->text.len > WORD_LEAST)
        return brand_add(at, host, LOOKALIKE_SKELETON, label->brand, S(""));
    if (!host->shown.len && !name_word_uses(at->tables, host->plain) && (label = brand_label_near(at->tables, host->plain)) && label->of_domain)
        return brand_add(at, host, LOOKALIKE_TYPING, label->brand, S(""));
    return false;
}

/* A label of several pieces with a brand's name among them: added words make it a lookalike, other words leave it a likeness. */
static bool pieces_compare(struct scene *at, const struct candidate *host, struct span text)
{
    const struct brand_label *brand = NULL;
    struct span rest = text, piece;
    unsigned added = 0, others = 0;
    for (int i = 0; i < LABELS_MOST && span_cut(&rest, '-', &piece); i++) {
        const struct brand_label *found = piece.len >= WORD_LEAST ? brand_label_exact(at->tables, piece) : NULL;
        if (found && found->of_domain && !brand)
            brand = found;
        else if (is_added(at, piece))
            added++;
        else
            others++;
    }
    if (!brand || !(added + others) || (!added && brand->text.len < INSIDE_LEAST))
        return false;
    return brand_add(at, host, added ? LOOKALIKE_ADDED_WORD : LOOKALIKE_INSIDE, brand->brand, S(""));
}

static bool joined_compare(struct scene *at, const struct candidate *host)
{
    size_t from = 0;
    const struct brand_label *label = host->shown.len ? NULL : brand_label_within(at->tables, host->plain, &from);
    if (!label || !label->of_domain)
        return false;
    struct span before = span_first(host->plain, from), after = span_skip(host->plain, from + label->text.len);
    bool words = (!before.len || is_added(at, before)) && (!after.len || is_added(at, after));
    if (words)
        return brand_add(at, host, LOOKALIKE_ADDED_WORD, label->brand, S(""));
    return label->text.len >= INSIDE_LEAST && (!before.len || !after.len) && brand_add(at, host, LOOKALIKE_INSIDE, label->brand, S(""));
}

/* Labels left of the registrable one: a whole domain of a brand (paypal.com.evil.example), its name with added words, its name alone. */
static const struct brand *brand_left(const struct scene *at, struct span left)
{
    struct span rest = left, label;
    for (int i = 0; i < LABELS_MOST && span_cut(&rest, '.', &label) && label.len; i++) {
        const struct brand *brand = i > 0 ? brand_by_domain(at->tables, span_from(left.at, label.at + label.len)) : NULL;
        if (brand)
            return brand;
    }
    return NULL;
}

static bool left_compare(struct scene *at, const struct candidate *host)
{
    struct span left = span_first(host->host, host->host.len - host->organisation.len), label;
    const struct brand *brand = brand_left(at, left);
    if (brand)
        return brand_add(at, host, LOOKALIKE_SUBDOMAIN, brand, S(""));
    for (int i = 0; i < LABELS_MOST && span_cut(&left, '.', &label) && label.len; i++) {
        if (label.len >= WORD_LEAST && pieces_compare(at, host, label))
            return true;
        const struct brand_label *name = label.len > WORD_LEAST ? brand_label_exact(at->tables, label) : NULL;
        if (name && name->of_domain && host->place != LOOKALIKE_LINK)
            return brand_add(at, host, LOOKALIKE_INSIDE, name->brand, S(""));
    }
    return false;
}

/* A name that is short or an ordinary word says nothing among others, except where the mail speaks as that very brand. Where the text
 * between dots and signs is its label, that is. */
static bool names_claimed(const struct scene *at, struct span text)
{
    const struct brand_claim *main = at->out->main;
    struct span rest = span_first(text, 253), piece;
    while (main && rest.len) {
        size_t len = 0;
        while (len < rest.len && !strchr("._-+=", rest.at[len]))
            len++;
        piece = span_first(rest, len);
        rest = span_skip(rest, len + 1);
        if (piece.len < WORD_LEAST)
            continue;
        vec_each(domain, &main->brand->domains)
            if (span_eq_case(first_label_of(*domain), piece))
                return true;
    }
    return false;
}

static bool claimed_compare(struct scene *at, const struct candidate *host)
{
    size_t suffix = host->organisation.len - host->label.len;
    return names_claimed(at, span_first(host->host, host->host.len - suffix)) &&
           brand_add(at, host, LOOKALIKE_INSIDE, at->out->main->brand, S(""));
}

/* Hosts that are somebody's known own, or a service's, resemble nobody. */
static bool is_known(const struct scene *at, const struct candidate *host, unsigned kinds)
{
    if (is_own_domain(at, host->host) || is_partner(at, host->host) || brand_by_domain(at->tables, host->host))
        return true;
    return kinds & (HOST_REPUTABLE | HOST_COMMON_LIBRARY | HOST_TRACKER) || service_by_host(at->tables, host->host);
}

static bool is_host_name(struct span host)
{
    for (size_t i = 0; i < host.len; i++)
        if (!ascii_is_alpha(host.at[i]) && !ascii_is_digit(host.at[i]) && host.at[i] != '-' && host.at[i] != '.' && host.at[i] != '_')
            return false;
    return host.len && host.len <= 253 && span_find_byte(host, '.') && !ip_parse(host, &(struct ip){0});
}

static void host_examine(struct scene *at, enum lookalike_place place, struct span host, unsigned kinds)
{
    struct candidate candidate;
    if (!is_host_name(host))
        return;
    candidate_make(at, &candidate, place, host);
    if (is_known(at, &candidate, kinds) || own_compare(at, &candidate))
        return;
    bool user = kinds & HOST_OF_ANYBODY; /* the label is the hoster's; what its customer calls himself stands left of it */
    if (!user && label_compare(at, &candidate))
        return;
    if (!user && (pieces_compare(at, &candidate, candidate.label) || joined_compare(at, &candidate)))
        return;
    if (!left_compare(at, &candidate))
        claimed_compare(at, &candidate);
}

/* ---- before the @ */

static bool local_holds_domain(const struct scene *at, struct span local, struct span domain)
{
    return local.len >= domain.len && span_find_case(local, domain);
}

static void local_examine(struct scene *at, struct span local, struct span domain)
{
    struct candidate holder = {.place = LOOKALIKE_LOCAL_PART, .host = local};
    struct span rest = span_first(local, 100), piece;
    if (!local.len || is_own_domain(at, domain) || is_partner(at, domain) || brand_by_domain(at->tables, domain) ||
        service_by_host(at->tables, domain))
        return;
    vec_each(own, &at->settings->own_domains)
        if (local_holds_domain(at, local, *own)) {
            struct lookalike *found = found_add(at, &holder, LOOKALIKE_SUBDOMAIN, *own);
            if (found)
                found->own = true;
            return;
        }
    while (rest.len) {
        size_t len = 0;
        while (len < rest.len && !strchr("._-+=", rest.at[len]))
            len++;
        piece = span_first(rest, len);
        rest = span_skip(rest, len + 1);
        char room[LABEL_MOST];
        const struct brand_label *label =
            piece.len > WORD_LEAST ? brand_label_exact(at->tables, (struct span){room, label_plain(piece, room)}) : NULL;
        if (label && label->of_domain) {
            brand_add(at, &holder, span_eq(piece, local) ? LOOKALIKE_INSIDE : LOOKALIKE_ADDED_WORD, label->brand, S(""));
            return;
        }
    }
    if (names_claimed(at, local))
        brand_add(at, &holder, LOOKALIKE_INSIDE, at->out->main->brand, S(""));
}

static bool is_seen(const struct scene *at, struct span host)
{
    vec_each(found, &at->out->lookalikes)
        if (span_eq_case(found->seen, host))
            return true;
    return false;
}

void lookalike_author_find(struct scene *at)
{
    host_examine(at, LOOKALIKE_FROM, at->from_domain, at->from_kinds | (host_is_private(at->tables, at->from_domain) ? HOST_FREE_PAGES : 0));
}

void lookalikes_find(struct scene *at)
{
    size_t hosts = 0;
    lookalike_author_find(at);
    if (at->message->reply_to.len && !same_owner_as_from(at, at->message->reply_to.at[0].domain_ascii))
        host_examine(at, LOOKALIKE_REPLY_TO, at->message->reply_to.at[0].domain_ascii, 0);
    if (!same_owner_as_from(at, at->sender_domain))
        host_examine(at, LOOKALIKE_SENDER, at->sender_domain, 0);
    if (at->from)
        local_examine(at, at->from->local, at->from_domain);
    vec_each(host, &at->told->hosts)
        if (host->clickable && hosts++ < HOSTS_MOST && !is_seen(at, host->host))
            host_examine(at, LOOKALIKE_LINK, host->host, host->kinds | (host_is_private(at->tables, host->host) ? HOST_FREE_PAGES : 0));
}
