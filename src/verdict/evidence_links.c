#include "verdict/judging.h"

/* What the links lead to and how they are written. Kinds of hosts and odd forms are ordinary in honest mail wherever
 * somebody who proved himself stands behind the host; so almost all of this asks whether anybody vouches for it. */

enum {
    HOST_OF_ANYBODY = HOST_SHORTENER | HOST_FREE_PAGES | HOST_FORM | HOST_BUCKET | HOST_SHARE | HOST_TUNNEL | HOST_GATEWAY,
    FEW_LINKS = 4, LINKS_WEIGHED = 400
};

/* A list's own word counts where its host sent or signed: anybody can write its fields. */
static bool is_list(const struct judging *at)
{
    return at->claim->mismatch.list_borne_out;
}

static bool is_vouched(const struct judging *at, const struct link_fact *fact)
{
    const struct link_fact *main = at->content->links.main;
    const struct vouching *vouching = &at->claim->vouching;
    bool borrowed = fact->kinds & HOST_OF_ANYBODY; /* of that only its owner's own letters vouch */
    bool own_letter = (vouching->proved || vouching->unknown) && !at->claim->mismatch.from_free_mail;
    vec_each(organisation, &vouching->organisations)
        if (!borrowed && span_eq_case(*organisation, fact->organisation))
            return true;
    if ((!borrowed || own_letter) && at->claim->from_brand && brand_owns(at->claim->from_brand, fact->host))
        return true;
    return main && span_eq(borrowed ? main->host : main->organisation, borrowed ? fact->host : fact->organisation) && !vouching->main_out;
}

/* In plain text people write to each other about addresses; only a page can show one thing and lead to another. */
static bool is_of_page(const struct link_fact *fact)
{
    return fact->link->kind != LINK_TEXT;
}

static void say(struct judging *at, enum evidence_id id, struct span first, struct span second, struct span third)
{
    evidence_add(at, id, S("links"), first, second, third);
}

static void say_host(struct judging *at, enum evidence_id id, const struct link_fact *fact)
{
    say(at, id, fact->host, S(""), S(""));
}

/* ---- one link */
static void text_weigh(struct judging *at, const struct link_fact *fact)
{
    const struct brand *brand = at->tables ? brand_by_domain(at->tables, fact->shown_host) : NULL;
    if (!(fact->traits & TRAIT_TEXT_DIFFERS))
        return;
    if (brand && !brand_owns(brand, fact->host) && !(fact->kinds & HOST_TRACKER))
        say(at, EVIDENCE_LINK_TEXT_BORROWED, brand->name, fact->shown_host, fact->host);
    else
        say(at, EVIDENCE_LINK_TEXT_DIFFERS, fact->shown_host, fact->host, S(""));
}

static void host_trick_weigh(struct judging *at, const struct link_fact *fact)
{
    if (fact->traits & TRAIT_USERINFO_HOST)
        say(at, EVIDENCE_LINK_USERINFO_HOST, fact->target.username, fact->host, S(""));
    else if (fact->traits & TRAIT_USERINFO)
        say_host(at, EVIDENCE_LINK_USERINFO, fact);
    if (!(fact->traits & TRAIT_ADDRESS_HOST) || ip_scope_of(&fact->target.ip) != IP_PUBLIC)
        return;
    if (fact->traits & TRAIT_ODD_NUMBER)
        say_host(at, EVIDENCE_LINK_ODD_NUMBER, fact);
    else if (is_of_page(fact))
        say_host(at, EVIDENCE_LINK_ADDRESS, fact);
}

static bool is_program(const struct judging *at, struct span path)
{
    size_t dot = path.len;
    bool sure;
    while (dot > 0 && path.at[dot - 1] != '.')
        dot--;
    enum ending_kind kind = ending_kind_of(at->tables, span_skip(path, dot), &sure);
    return kind == ENDING_PROGRAM || kind == ENDING_SCRIPT || kind == ENDING_DISK_IMAGE;
}

static void path_weigh(struct judging *at, const struct link_fact *fact)
{
    if (fact->traits & TRAIT_KIT_PATH)
        say_host(at, EVIDENCE_LINK_KIT_PATH, fact);
    if (fact->traits & TRAIT_WORDPRESS)
        say(at, EVIDENCE_LINK_WORDPRESS, span_first(fact->target.href, 120), S(""), S(""));
    if (fact->traits & TRAIT_RECIPIENT_FRAGMENT)
        say_host(at, EVIDENCE_LINK_RECIPIENT, fact);
    if (fact->traits & TRAIT_DOWNLOAD && is_of_page(fact) && is_program(at, fact->target.path))
        say(at, EVIDENCE_LINK_PROGRAM, span_first(fact->target.href, 120), S(""), S(""));
}

static void form_weigh(struct judging *at, const struct link_fact *fact)
{
    if (fact->traits & (TRAIT_DATA | TRAIT_BLOB))
        say(at, EVIDENCE_LINK_CARRIES_PAGE, span_first(fact->target.href, 40), S(""), S(""));
    if (fact->traits & TRAIT_BACKSLASH)
        say_host(at, EVIDENCE_LINK_MENDED, fact);
    if (fact->traits & TRAIT_TOKEN_EMPTY && is_of_page(fact))
        say(at, EVIDENCE_LINK_TOKEN, span_first(fact->link->raw, 120), S(""), S(""));
    if (fact->traits & TRAIT_REDIRECT_OPEN && fact->link->url && !span_eq(fact->link->url->host, fact->host))
        say(at, EVIDENCE_LINK_OPEN_REDIRECT, fact->link->url->host, fact->host, S(""));
}

static void link_weigh(struct judging *at, const struct link_fact *fact)
{
    if (fact->traits & (TRAIT_DATA | TRAIT_BLOB))
        form_weigh(at, fact);
    if (!fact->host.len || is_vouched(at, fact))
        return;
    text_weigh(at, fact);
    host_trick_weigh(at, fact);
    path_weigh(at, fact);
    form_weigh(at, fact);
    if (fact->traits & TRAIT_PAGE_FILE && fact->kinds & (HOST_BUCKET | HOST_GATEWAY) && is_of_page(fact))
        say_host(at, EVIDENCE_LINK_BUCKET_PAGE, fact);
    if (fact->kinds & HOST_TUNNEL && is_of_page(fact))
        say_host(at, EVIDENCE_LINK_TUNNEL, fact);
}

static bool is_seen_elsewhere(const struct judging *at, const struct link_fact *hidden)
{
    size_t looked = 0;
    vec_each(fact, &at->content->links.list)
        if (fact->clickable && fact->seen && ++looked <= LINKS_WEIGHED && span_eq(fact->organisation, hidden->organisation))
            return true;
    return looked == 0 || looked > LINKS_WEIGHED;
}

static void each_weigh(struct judging *at)
{
    const struct link_fact *hidden = NULL;
    size_t looked = 0;
    vec_each(fact, &at->content->links.list) {
        if (!fact->clickable || ++looked > LINKS_WEIGHED)
            continue;
        if (fact->seen)
            link_weigh(at, fact);
        else if (fact->link->hidden && is_of_page(fact) && fact->host.len && !hidden && !is_vouched(at, fact))
            hidden = fact;
    }
    if (hidden && !is_seen_elsewhere(at, hidden))
        say_host(at, EVIDENCE_LINK_HIDDEN, hidden);
}

/* ---- the link the message is for, where nobody vouches for it */
static void main_kind_weigh(struct judging *at, const struct link_fact *main)
{
    static const struct {
        unsigned kind;
        enum evidence_id id;
    } rows[] = {
        {HOST_SHORTENER, EVIDENCE_LINK_SHORT}, {HOST_GATEWAY, EVIDENCE_LINK_GATEWAY}, {HOST_FREE_PAGES, EVIDENCE_LINK_FREE_PAGE},
        {HOST_FORM, EVIDENCE_LINK_FORM},       {HOST_BUCKET, EVIDENCE_LINK_BUCKET},   {HOST_MESSENGER, EVIDENCE_LINK_MESSENGER},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (main->kinds & rows[i].kind) {
            say_host(at, rows[i].id, main);
            return;
        }
    if (main->traits & TRAIT_PRIVATE_SUFFIX && !main->kinds)
        say_host(at, EVIDENCE_LINK_PRIVATE, main);
}

/* The message speaks as a brand whose the host is not; the brand's own share or form service is its own host. */
static void borrowed_weigh(struct judging *at, const struct link_fact *main)
{
    const struct brand_claim *claim = at->claim->main;
    if (!claim || !claim->as || claim->from_own || claim->signer_own || claim->links_own || claim->service_own)
        return;
    if (main->kinds & HOST_OF_ANYBODY && !brand_owns(claim->brand, main->host))
        say(at, EVIDENCE_LINK_BORROWED_HOST, claim->brand->name, main->host, S(""));
}

/* A page that knows whom it shows itself to; services' click hosts count for whom they send. */
static void address_weigh(struct judging *at, const struct link_fact *main)
{
    static const enum lure_id accounts[] = {LURE_PASSWORD, LURE_MAILBOX_FULL, LURE_SIGN_IN, LURE_ODD_SIGN_IN, LURE_ACCOUNT_ENDS};
    const struct lure_fact *account = NULL;
    if (!(main->traits & TRAIT_ADDRESS_INSIDE) || main->kinds & (HOST_TRACKER | HOST_SOCIAL) || at->claim->vouching.main_by_service)
        return;
    for (size_t i = 0; i < sizeof accounts / sizeof *accounts && !account; i++)
        if (at->content->words.lures[accounts[i]].strong)
            account = &at->content->words.lures[accounts[i]];
    if (account)
        say(at, EVIDENCE_LINK_ADDRESS_ACCOUNT, account->phrase, main->host, S(""));
    else if ((at->seen[EVIDENCE_NAME_UNRELATED] || judging_speaks_for_another(at)) && is_of_page(main))
        say_host(at, EVIDENCE_LINK_ADDRESS_STRANGER, main);
}

static void main_weigh(struct judging *at, const struct link_fact *main)
{
    struct span port = main->target.port >= 0 ? arena_print(at->arena, "%d", main->target.port) : S("");
    main_kind_weigh(at, main);
    borrowed_weigh(at, main);
    if (main->traits & TRAIT_MACHINE_NAME && is_of_page(main))
        say_host(at, EVIDENCE_LINK_MACHINE, main);
    if (main->traits & TRAIT_LINK_INSIDE && is_of_page(main) && !(main->kinds & HOST_TRACKER) && !at->claim->vouching.main_by_service)
        say_host(at, EVIDENCE_LINK_SENT_ON, main);
    address_weigh(at, main);
    bool inside = main->traits & TRAIT_ADDRESS_HOST && ip_scope_of(&main->target.ip) != IP_PUBLIC; /* a device of the reader's own network */
    if (main->traits & TRAIT_PORT && !inside)
        say(at, EVIDENCE_LINK_PORT, main->host, port, S(""));
    if (main->traits & TRAIT_PUNYCODE)
        say_host(at, EVIDENCE_LINK_FOREIGN_LETTERS, main);
    if (main->traits & TRAIT_DOWNLOAD && !at->seen[EVIDENCE_LINK_PROGRAM])
        say(at, EVIDENCE_LINK_ARCHIVE, span_first(main->target.href, 120), S(""), S(""));
}

static size_t seen_count(const struct content_links *links)
{
    size_t count = 0;
    vec_each(fact, &links->list)
        count += fact->seen && fact->host.len;
    return count;
}

static void together_weigh(struct judging *at, const struct link_fact *main)
{
    const struct content_links *links = &at->content->links;
    struct span number = arena_print(at->arena, "%zu", links->clickable);
    if (main->kinds & HOST_TRACKER || !is_of_page(main))
        return;
    if (links->same_shape_twice && links->clickable <= FEW_LINKS + 2)
        say_host(at, EVIDENCE_LINK_SAME_SHAPE, main);
    if (links->one_target)
        say(at, EVIDENCE_LINK_ONE_TARGET, arena_print(at->arena, "%zu", seen_count(links)), main->host, S(""));
    if (links->all_images)
        say_host(at, EVIDENCE_LINK_ALL_IMAGES, main);
    if (links->clickable >= 2 && links->clickable <= FEW_LINKS && links->organisations == 1)
        say(at, EVIDENCE_LINK_FEW, number, main->host, S(""));
}

static void crowd_weigh(struct judging *at)
{
    const struct message *message = at->message;
    bool passed = false;
    size_t hidden = 0;
    vec_each(defect, &message->defects)
        passed |= defect->id == DEFECT_LINKS_LIMIT;
    if (!passed)
        return;
    vec_each(link, &message->links)
        hidden += link->hidden;
    if (hidden * 2 > message->links.len)
        evidence_add(at, EVIDENCE_LINK_CROWD, S("links"), arena_print(at->arena, "%zu", message->links.len), S(""), S(""));
}

void evidence_of_links(struct judging *at)
{
    crowd_weigh(at);
    const struct vouching *vouching = at->claim ? &at->claim->vouching : NULL;
    if (!at->content || !vouching || is_list(at) || (at->claim->mismatch.from_own && vouching->proved))
        return;
    each_weigh(at);
    const struct link_fact *main = at->content->links.main;
    if (!main || !vouching->main_out)
        return;
    if (vouching->main_brand && !(main->kinds & HOST_OF_ANYBODY)) /* a brand's own host may still be one for anybody: docs.google.com */
        return;
    main_weigh(at, main);
    together_weigh(at, main);
}
