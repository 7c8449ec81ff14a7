/* One message of a bought or honest sender, and what identity makes of it. The brands are written for the test. */
#include "exact.h"
#include "identity/identity.h"

#include <stdio.h>
#include <unistd.h>

static const char brands[] =
    "brands:\n"
    "  - {id: paypal, name: PayPal, names: [PayPal], domains: [paypal.com], kind: payment, country: US, sure: yes, source: own, date: 2026-11-22}\n"
    "  - {id: chase, name: Chase, names: [Chase Bank], words: [Chase], domains: [chase.com], kind: bank, country: US, sure: yes, source: own, date: 2026-11-22}\n"
    "  - {id: great, name: Great Station, names: [Great Station], domains: [greatstation.example], kind: railway, country: ZZ, sure: yes, source: own, date: 2026-11-22}\n";
static const char words[] = "lists:\n"
                            "  - {use: added, words: [security, login, secure], source: own, date: 2026-11-22}\n"
                            "  - {use: role, words: [support, team], source: own, date: 2026-11-22}\n"
                            "  - {use: trade, kinds: [bank], words: [bank, account], source: own, date: 2026-11-22}\n"
                            "  - {use: title, words: [mr, ceo, \"\xe7\xa4\xbe\xe9\x95\xb7\"], source: own, date: 2026-11-22}\n"
                            "  - {use: hoster, words: [vps, static], source: own, date: 2026-11-22}\n"
                            "  - {use: desk, words: [abuse, it-security], source: own, date: 2026-11-22}\n";
static const char hosts[] = "groups:\n"
                            "  - {kind: free-mail, sure: yes, source: own, date: 2026-11-22, hosts: [freemail.example, signing.example]}\n"
                            "  - {kind: signs-all, sure: yes, source: own, date: 2026-11-22, hosts: [signing.example]}\n"
                            "  - {kind: free-pages, sure: yes, source: own, date: 2026-11-22, hosts: [shops.test]}\n"
                            "  - {kind: cheap-suffix, sure: yes, source: own, date: 2026-11-22, hosts: [icu]}\n";
static const char people[] = "own_domains: [corp.example]\nown_names: [Corp Holdings]\npartners: [goodpartner.example]\n"
                             "people:\n  - name: Taro Yamada\n    names: [\"\xe5\xb1\xb1\xe7\x94\xb0 \xe5\xa4\xaa\xe9\x83\x8e\"]\n"
                             "    addresses: [taro@freemail.example]\n    title: CEO\n";

static char folder[64];
static struct tables *tables;
static struct arena *settings_arena;
static struct identity_settings settings;

struct world {
    struct arena *arena;
    struct arrival arrival;
    struct recipient recipient;
    struct message message;
    struct path path;
    struct hop hop;
    struct proof proof;
    struct dkim_proof dkim;
    struct told told;
    struct claim claim;
};

static void file_put(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int group_open(void **state)
{
    struct err err;
    snprintf(folder, sizeof folder, "/tmp/sekimori-identity-XXXXXX");
    assert_non_null(mkdtemp(folder));
    file_put("services.yaml", "services:\n  - {id: mailer, name: Mailer, sure: yes, hosts: [mailer.test], source: own, date: 2026-11-22}\n");
    file_put("networks.yaml", "networks: []\npools: []\n");
    file_put("brands.yaml", brands);
    file_put("name-words.yaml", words);
    file_put("hosts.yaml", hosts);
    file_put("people.yaml", people);
    if (tables_open(&(struct table_options){.data_dir = folder, .partial = true}, &tables, &err) < 0)
        fail_msg("%s", err.text);
    settings_arena = arena_new(1 << 20);
    char path[128];
    snprintf(path, sizeof path, "%s/people.yaml", folder);
    if (identity_load(settings_arena, path, &settings, &err) < 0)
        fail_msg("%s", err.text);
    return 0;
}

static int group_close(void **state)
{
    static const char *const names[] = {"services.yaml", "networks.yaml", "brands.yaml", "name-words.yaml", "hosts.yaml", "people.yaml"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
    tables_close(&tables);
    arena_free(&settings_arena);
    return 0;
}

/* A proved message of the domain in From. */
static void world_open(struct world *w, const char *head)
{
    struct message_limits limits;
    message_limits_default(&limits);
    *w = (struct world){.arena = arena_new(8 << 20)};
    w->recipient.address = S("bobby@corp.example");
    w->arrival = (struct arrival){.raw = exact(head), .mail_from_state = SENDER_UNKNOWN, .received_at = TIME_UNKNOWN};
    w->arrival.rcpt_to.at = &w->recipient;
    w->arrival.rcpt_to.len = 1;
    message_parse(w->arena, &limits, tables, &w->arrival, &w->message);
    w->path.smtp = w->path.edge_known = true;
    w->path.hops.at = &w->hop;
    w->path.hops.len = 1;
    w->proof.basis = BASIS_VERIFIED;
    w->proof.dmarc.result = PROOF_NONE;
    w->proof.spf.result = PROOF_NONE;
    w->dkim = (struct dkim_proof){.result = PROOF_PASS};
    if (w->message.from.len)
        w->dkim.domain = w->message.from.at[0].domain_ascii;
    w->proof.dkim.at = &w->dkim;
    w->proof.dkim.len = 1;
}
static void world_claim(struct world *w)
{
    identity_claim(w->arena, &settings, tables, &w->arrival, &w->message, &w->path, &w->proof, &w->told, &w->claim);
}
static void world_close(struct world *w)
{
    free((char *)w->arrival.raw.at);
    arena_free(&w->arena);
}

/* What content would have told of a piece of text. */
static void text_put(struct world *w, enum told_place place, const char *text, const char *link_host)
{
    struct folded *folded = arena_one(w->arena, struct folded);
    phrase_hits_t hits;
    text_fold(w->arena, span_of(text), 1000, folded);
    phrases_find(w->arena, tables, folded, 50, &hits);
    *vec_push(w->arena, &w->told.texts) = (struct told_text){.place = place, .raw = span_of(text), .folded = folded, .hits = hits.at,
                                                             .hit_count = hits.len, .link_host = span_of(link_host)};
}
static void host_put(struct world *w, const char *host, bool main, unsigned kinds)
{
    struct span name = span_of(host);
    *vec_push(w->arena, &w->told.hosts) =
        (struct told_host){.host = name, .organisation = organisation_of(tables, name), .kinds = kinds, .clickable = true, .main = main, .times = 1};
}
#define MAIL(from) "From: " from "\r\nTo: bobby@corp.example\r\nSubject: Notice\r\nMessage-ID: <1@mail.example>\r\n\r\nHello\r\n"

/* A name that repeats the subject does so behind a list's prefix too, but not behind words that only resemble one. */
static void name_repeats_subject(void **state)
{
    static const struct {
        const char *subject;
        bool alike;
    } rows[] = {
        {"Claim your prize", true},
        {"[friends] Claim your prize", true},
        {"[friends] Re: Claim your prize", false},
        {"friends: Claim your prize", false},
        {"[", false},
        {"[friends]", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world w;
        char head[400];
        snprintf(head, sizeof head, "From: Claim your prize <a@evil.example>\r\nSubject: %s\r\n\r\nx\r\n", rows[i].subject);
        world_open(&w, head);
        text_put(&w, TOLD_NAME, "Claim your prize", NULL);
        text_put(&w, TOLD_SUBJECT, rows[i].subject, NULL);
        world_claim(&w);
        if (w.claim.shape.like_subject != rows[i].alike)
            fail_msg("%s", rows[i].subject);
        world_close(&w);
    }
}

/* ---- brands */

static void brand_in_name(void **state)
{
    static const struct {
        const char *name, *from;
        bool named, as, own;
    } rows[] = {
        {"PayPal", "PayPal <a@evil.example>", true, true, false},
        {"PayPal Support", "PayPal Support <a@paypal.com>", true, true, true},
        {"PayPal", "PayPal <a@mail.paypal.com>", true, true, true},
        {"Chase", "Chase <a@evil.example>", true, true, false},
        {"Chase Support", "Chase Support <a@evil.example>", true, true, false},
        {"Chase Miller", "Chase Miller <a@evil.example>", false, false, false},
        {"Anna (PayPal)", "\"Anna (PayPal)\" <a@evil.example>", true, false, false},
        {"TechShop PayPal", "TechShop PayPal <a@techshop.example>", true, false, false},
        {"Paypaul", "Paypaul <a@evil.example>", false, false, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world w;
        char head[400];
        snprintf(head, sizeof head, MAIL("%s"), rows[i].from);
        world_open(&w, head);
        text_put(&w, TOLD_NAME, rows[i].name, NULL);
        world_claim(&w);
        if ((w.claim.brands.len > 0) != rows[i].named)
            fail_msg("%s: %zu brands", rows[i].name, w.claim.brands.len);
        if (rows[i].named && (w.claim.brands.at[0].as != rows[i].as || w.claim.brands.at[0].from_own != rows[i].own))
            fail_msg("%s: as %d own %d", rows[i].name, w.claim.brands.at[0].as, w.claim.brands.at[0].from_own);
        assert_true(!w.claim.main == !rows[i].as);
        world_close(&w);
    }
}

/* Named in subject and text it speaks as the brand; among others, in an answer or forwarded it speaks about it. */
static void brand_as_or_about(void **state)
{
    static const struct {
        const char *subject, *text, *field;
        bool as, history;
        const char *link; /* the main one; NULL: none */
    } rows[] = {
        {"Your PayPal account", "PayPal has locked it", "", true, false, NULL},
        {"Your account", "PayPal has locked it", "", false, false, NULL},
        {"PayPal and Chase Bank compared", "PayPal, Chase Bank", "", false, false, NULL},
        {"Fwd: Your PayPal account", "PayPal has locked it", "", false, false, NULL},
        {"Your PayPal account", "PayPal has locked it", "In-Reply-To: <2@corp.example>\r\n", false, false, NULL},
        /* the fields and the word are anybody's: with nothing quoted they excuse nothing that leads to a stranger */
        {"Fwd: Your PayPal account", "PayPal has locked it", "", true, false, "elsewhere.example"},
        {"Your PayPal account", "PayPal has locked it", "In-Reply-To: <2@corp.example>\r\n", true, false, "elsewhere.example"},
        {"Fwd: Your PayPal account", "PayPal has locked it", "", false, true, "elsewhere.example"},
        {"Your PayPal account", "PayPal has locked it", "References: <2@corp.example>\r\n", false, true, "elsewhere.example"},
        {"Your PayPal account", "PayPal has locked it", "In-Reply-To: <2@corp.example>\r\n", false, false, "www.evil.example"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world w;
        char head[400];
        snprintf(head, sizeof head, "From: Anna <a@evil.example>\r\n%sSubject: %s\r\n\r\nx\r\n", rows[i].field, rows[i].subject);
        world_open(&w, head);
        text_put(&w, TOLD_NAME, "Anna", NULL);
        text_put(&w, TOLD_SUBJECT, rows[i].subject, NULL);
        text_put(&w, TOLD_TOP, rows[i].text, NULL);
        if (rows[i].link)
            host_put(&w, rows[i].link, true, 0);
        w.told.history = rows[i].history;
        world_claim(&w);
        if (!w.claim.main == rows[i].as)
            fail_msg("%zu: %s", i, rows[i].subject);
        world_close(&w);
    }
}

/* A letter that is passed on: its author is judged as told, and the one who passes it on speaks about it. */
static void forwarded(void **state)
{
    static const struct {
        const char *name, *address, *link;
        bool brand, own, out, free_mail, related, random, lookalike;
    } rows[] = {
        {"PayPal", "service@paypal.com", "www.paypal.com", true, true, false, false, true, false, false},
        {"PayPal", "service@paypal.com", "elsewhere.example", true, true, true, false, true, false, false},
        {"PayPal", "desk@elsewhere.example", "www.elsewhere.example", true, false, false, false, false, false, false},
        {"PayPal", "pay.desk@freemail.example", "freemail.example", true, false, true, true, false, false, false},
        {"Garden News", "news@garden.example", "shop.garden.example", false, false, false, false, true, false, false},
        {"Garden News", "xkqzvwtp@qzxkvjwp.com", "garden.example", false, false, true, false, false, true, false},
        {"Garden News", "news@paypla.com", "garden.example", false, false, true, false, true, false, true},
        {"Garden News", "", "garden.example", false, false, true, false, true, false, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world w;
        struct mailbox from = {.name = span_of(rows[i].name), .address = span_of(rows[i].address)};
        const char *sign = from.address.len ? span_find_byte(from.address, '@') : NULL;
        if (sign) {
            from.local = span_from(from.address.at, sign);
            from.domain_ascii = span_of(sign + 1);
        }
        world_open(&w, MAIL("Anna <a@evil.example>"));
        text_put(&w, TOLD_NAME, "Anna", NULL);
        text_put(&w, TOLD_NAME, rows[i].name, NULL);
        *vec_push(w.arena, &w.told.forwarded_texts) = w.told.texts.at[--w.told.texts.len];
        host_put(&w, rows[i].link, true, 0);
        w.told.forwarded = &from;
        world_claim(&w);
        const struct forwarded_claim *out = &w.claim.forwarded;
        bool same = out->is && !w.claim.main && !out->brand.brand == !rows[i].brand && out->brand.from_own == rows[i].own &&
                    w.claim.vouching.main_out == rows[i].out && w.claim.vouching.main_told == !rows[i].out && out->free_mail == rows[i].free_mail && (out->shape.shares_word || !from.address.len) == rows[i].related &&
                    (out->shape.local_random && out->shape.domain_random) == rows[i].random && (out->lookalike.seen.len > 0) == rows[i].lookalike;
        if (!same)
            fail_msg("%zu %s: brand %d own %d out %d free %d shares %d random %d %d like %d main %d", i, rows[i].name, out->brand.brand != NULL, out->brand.from_own,
                     w.claim.vouching.main_out, out->free_mail, out->shape.shares_word, out->shape.local_random, out->shape.domain_random,
                     out->lookalike.seen.len > 0, w.claim.main != NULL);
        world_close(&w);
    }
}

static void brand_links(void **state)
{
    struct world w;
    world_open(&w, MAIL("PayPal <a@evil.example>"));
    text_put(&w, TOLD_NAME, "PayPal", NULL);
    text_put(&w, TOLD_LINK, "Pay with PayPal", "www.paypal.com"); /* points at it */
    host_put(&w, "evil.example", true, 0);
    host_put(&w, "www.paypal.com", false, 0);
    world_claim(&w);
    assert_int_equal(w.claim.main->places, TOLD_NAME);
    assert_true(w.claim.main->any_link_own && w.claim.main->links_own);
    world_close(&w);
    world_open(&w, MAIL("PayPal <a@evil.example>"));
    text_put(&w, TOLD_NAME, "PayPal", NULL);
    host_put(&w, "pages.paypal.com", true, HOST_FREE_PAGES); /* where anybody writes */
    world_claim(&w);
    assert_false(w.claim.main->any_link_own);
    world_close(&w);
}

/* ---- lookalikes */

static void lookalikes(void **state)
{
    static const struct {
        const char *domain;
        int kind; /* -1: none */
        char of;  /* 'o' own, 'p' partner, 'b' brand */
    } rows[] = {
        {"paypa1.com", LOOKALIKE_SKELETON, 'b'},           {"paypaul.com", -1, 0},
        {"paypla.com", LOOKALIKE_TYPING, 'b'},             {"chaes.com", -1, 0}, /* too short for slips */
        {"paypal-security.com", LOOKALIKE_ADDED_WORD, 'b'}, {"securepaypal.com", LOOKALIKE_ADDED_WORD, 'b'},
        {"paypal.net", LOOKALIKE_SUFFIX, 'b'},             {"chase.net", -1, 0}, /* an ordinary word */
        {"paypal.com.evil.example", LOOKALIKE_SUBDOMAIN, 'b'}, {"com.evil.example", -1, 0},
        {"paypal-fans.com", LOOKALIKE_INSIDE, 'b'},        {"www.paypal.com", -1, 0},
        {"xn--pypal-4ve.com", LOOKALIKE_SKELETON, 'b'},    {"xn--mnchen-3ya.com", -1, 0},
        {"c0rp.example", LOOKALIKE_SKELETON, 'o'},         {"mail.corp.example", -1, 0},
        {"corp.com", LOOKALIKE_SUFFIX, 'o'},               {"corps.com", -1, 0},
        {"corp-login.com", LOOKALIKE_ADDED_WORD, 'o'},     {"corpulent.com", -1, 0},
        {"corp.example.evil.com", LOOKALIKE_SUBDOMAIN, 'o'}, {"example.evil.com", -1, 0},
        {"goodpartmer.example", LOOKALIKE_TYPING, 'p'},    {"goodparents.example", -1, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int link = 0; link < 2; link++) {
            struct world w;
            char head[400];
            snprintf(head, sizeof head, MAIL("Anna <a@%s>"), link ? "elsewhere.test" : rows[i].domain);
            world_open(&w, head);
            if (link)
                host_put(&w, rows[i].domain, true, 0);
            world_claim(&w);
            if ((w.claim.lookalikes.len > 0) != (rows[i].kind >= 0))
                fail_msg("%s: %zu, kind %d", rows[i].domain, w.claim.lookalikes.len, w.claim.lookalikes.len ? (int)w.claim.lookalikes.at[0].kind : -1);
            if (rows[i].kind >= 0) {
                const struct lookalike *seen = &w.claim.lookalikes.at[0];
                if ((int)seen->kind != rows[i].kind || seen->own != (rows[i].of == 'o') || seen->partner != (rows[i].of == 'p') || !seen->brand != (rows[i].of != 'b'))
                    fail_msg("%s: kind %d", rows[i].domain, (int)seen->kind);
                assert_int_equal(seen->place, link ? LOOKALIKE_LINK : LOOKALIKE_FROM);
            }
            world_close(&w);
        }
}

/* A short name among other words: only where the mail speaks as the brand. */
static void lookalike_of_what_is_claimed(void **state)
{
    static const struct {
        const char *from, *name;
        bool found;
    } rows[] = {
        {MAIL("Chase <a@my-chase-send.com>"), "Chase", true},
        {MAIL("Chase <a@chase.deals-send.com>"), "Chase", true},
        {MAIL("Anna <a@send-chase-now.com>"), "Anna", false},
        {MAIL("Chase <a@send-purchase-now.com>"), "Chase", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world w;
        world_open(&w, rows[i].from);
        text_put(&w, TOLD_NAME, rows[i].name, NULL);
        world_claim(&w);
        if ((w.claim.lookalikes.len > 0) != rows[i].found)
            fail_msg("row %zu", i);
        world_close(&w);
    }
}

static void lookalike_local_part(void **state)
{
    struct world w;
    world_open(&w, MAIL("Anna <paypal-service@evil.example>"));
    world_claim(&w);
    assert_int_equal(w.claim.lookalikes.len, 1);
    assert_int_equal(w.claim.lookalikes.at[0].place, LOOKALIKE_LOCAL_PART);
    world_close(&w);
    world_open(&w, MAIL("Anna <paypalservice2@evil.example>"));
    world_claim(&w);
    assert_int_equal(w.claim.lookalikes.len, 0);
    world_close(&w);
}

/* ---- people */

static void protected_people(void **state)
{
    static const struct {
        const char *from;
        int exact; /* -1: no claim */
        bool listed, inside;
    } rows[] = {
        {"Taro Yamada <x@evil.example>", 1, false, false},
        {"YAMADA Taro <x@evil.example>", 1, false, false},
        {"\"Yamada, Taro\" <x@evil.example>", 1, false, false},
        {"Mr Taro Yamada CEO <x@evil.example>", 1, false, false},
        {"\xe5\xb1\xb1\xe7\x94\xb0\xe5\xa4\xaa\xe9\x83\x8e <x@evil.example>", 1, false, false},
        {"\xe5\xb1\xb1\xe7\x94\xb0 \xe5\xa4\xaa\xe9\x83\x8e <x@evil.example>", 1, false, false},
        {"\xe5\xb1\xb1\xe7\x94\xb0 \xe5\xa4\xaa\xe9\x83\x8e \xe7\xa4\xbe\xe9\x95\xb7 <x@evil.example>", 1, false, false},
        {"T. Yamada <x@evil.example>", 0, false, false},
        {"Yamada CEO <x@evil.example>", 0, false, false},
        {"Taro Yamada Consulting <x@evil.example>", 0, false, false},
        {"Hanako Yamada <x@evil.example>", -1, false, false},
        {"Yamada <x@evil.example>", -1, false, false},
        {"Taro <x@evil.example>", -1, false, false},
        {"\xe5\xb1\xb1\xe7\x94\xb0 \xe8\x8a\xb1\xe5\xad\x90 <x@evil.example>", -1, false, false},
        {"Taro Yamada <taro@freemail.example>", 1, true, false},
        {"Taro Yamada <t.yamada@corp.example>", 1, false, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world w;
        char head[400];
        snprintf(head, sizeof head, MAIL("%s"), rows[i].from);
        world_open(&w, head);
        world_claim(&w);
        if ((w.claim.people.len > 0) != (rows[i].exact >= 0))
            fail_msg("%s: %zu", rows[i].from, w.claim.people.len);
        if (rows[i].exact >= 0) {
            const struct person_claim *claim = &w.claim.people.at[0];
            if (claim->exact != (rows[i].exact > 0) || claim->address_of_person != rows[i].listed || claim->from_inside != rows[i].inside)
                fail_msg("%s: exact %d listed %d inside %d", rows[i].from, claim->exact, claim->address_of_person, claim->from_inside);
        }
        world_close(&w);
    }
}

/* ---- shapes */

enum { SHARES = 1, ADDRESS = 2, DOMAIN_TOLD = 4, ORNAMENT = 8, FIGURES = 16, ROLE = 32, RECIPIENT = 64, LOCAL_RANDOM = 128, DOMAIN_RANDOM = 256, LOCAL_RECIPIENT = 512 };

static unsigned shape_bits(const struct name_shape *shape)
{
    return (shape->shares_word ? SHARES : 0) | (shape->address_of_other ? ADDRESS : 0) | (shape->domain_of_other ? DOMAIN_TOLD : 0) |
           (shape->ornament ? ORNAMENT : 0) | (shape->figures ? FIGURES : 0) | (shape->role ? ROLE : 0) | (shape->recipient ? RECIPIENT : 0) |
           (shape->local_random ? LOCAL_RANDOM : 0) | (shape->domain_random ? DOMAIN_RANDOM : 0) | (shape->local_is_recipient ? LOCAL_RECIPIENT : 0);
}

static void shapes(void **state)
{
    static const struct {
        const char *from;
        unsigned bits;
    } rows[] = {
        {"Green Garden <news@greengarden.example>", SHARES},
        {"The Green Garden Company <news@ggc.example>", 0},
        {"Great Northern Railway <a@gnr.example>", SHARES},
        {"John Smith <jsmith@firm.example>", SHARES},
        {"Prize Desk <a@firm.example>", 0},
        {"\xe5\xb1\xb1\xe7\x94\xb0 <a@firm.example>", SHARES}, /* nothing to compare */
        {"Firm Support Team <a@firm.example>", SHARES | ROLE},
        {"\"a@bank.com\" <x@firm.example>", ADDRESS},
        {"\"a@bank.example\" <x@firm.example>", SHARES | ADDRESS}, /* behind an @ any ending */
        {"\"a@b.2\" <x@firm.example>", 0},
        {"\"www.bank.com\" <x@firm.example>", DOMAIN_TOLD},
        {"\"www.bank.example\" <x@firm.example>", SHARES},
        {"\"St.Louis Firm\" <x@firm.example>", SHARES},
        {"\xe2\x9c\x94 Firm <x@firm.example>", SHARES | ORNAMENT},
        {"Firm & Sons - Garden <x@firm.example>", SHARES},
        {"Firm 48213 <x@firm.example>", SHARES | FIGURES},
        {"Firm Days 2026 <x@firm.example>", SHARES},
        {"bobby <x@firm.example>", RECIPIENT},
        {"Firm <bobby.corp@firm.example>", SHARES},
        {"Firm <xkqzvwpj@firm.example>", SHARES | LOCAL_RANDOM},
        {"Firm <a8f3k2q9x1@firm.example>", SHARES | LOCAL_RANDOM},
        {"Firm <newsletter@firm.example>", SHARES},
        {"Anna <anna@xkqzvwpj.test>", SHARES | DOMAIN_RANDOM},
        {"Anna <anna@gartenmoebel.test>", SHARES},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world w;
        char head[400];
        snprintf(head, sizeof head, MAIL("%s"), rows[i].from);
        world_open(&w, head);
        world_claim(&w);
        if (shape_bits(&w.claim.shape) != rows[i].bits)
            fail_msg("%s: %u, wanted %u", rows[i].from, shape_bits(&w.claim.shape), rows[i].bits);
        world_close(&w);
    }
}

static void name_beside_domain(void **state)
{
    static const struct {
        const char *from;
        bool fits;
    } rows[] = {
        {"Green Garden <news@greengarden.example>", true},
        {"Green Garden <greengarden@mail.other.example>", false},
        {"Great Northern Railway <a@gnr.example>", true},
        {"Great Northern Railway <gnr@other.example>", false},
        {"Garden <a@garden.news.example>", true},
        {"Mail of some org <a@uapgrandsud.org>", false}, /* the ending is everybody's */
        {"Org of us <a@org-of-us.org>", true},
        {"\xe5\xb1\xb1\xe7\x94\xb0 <a@firm.example>", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world w;
        char head[400];
        snprintf(head, sizeof head, MAIL("%s"), rows[i].from);
        world_open(&w, head);
        world_claim(&w);
        if (w.claim.shape.fits_domain != rows[i].fits)
            fail_msg("%s", rows[i].from);
        world_close(&w);
    }
}

/* ---- who vouched */

static void vouching(void **state)
{
    struct world w;
    world_open(&w, "From: Anna <a@firm.example>\r\nList-Unsubscribe: <https://out.firm.example/u>, <mailto:u@firm.example>\r\n"
                   "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\nx\r\n");
    host_put(&w, "www.firm.example", true, 0);
    host_put(&w, "stranger.test", false, 0);
    world_claim(&w);
    const struct vouching *out = &w.claim.vouching;
    assert_true(out->proved && !out->unknown && out->unsubscribe && out->one_click && out->unsubscribe_from);
    assert_true(out->clickable_in == 1 && out->clickable_out == 1 && !out->main_out && !out->all_out && out->from_link);
    assert_true(out->from_share > 0.49 && out->from_share < 0.51);
    world_close(&w);

    world_open(&w, MAIL("Anna <a@firm.example>"));
    w.dkim.result = PROOF_FAIL;
    w.dkim.domain = S("stranger.test");
    host_put(&w, "stranger.test", true, 0);
    world_claim(&w);
    assert_true(!out->proved && !out->unknown && out->main_out && out->all_out);
    world_close(&w);

    world_open(&w, MAIL("Anna <a@firm.example>")); /* nothing could be asked: its word is taken */
    w.proof.spf.result = PROOF_UNKNOWN;
    w.dkim.result = PROOF_UNKNOWN;
    w.dkim.domain = S("stranger.test");
    host_put(&w, "stranger.test", true, 0);
    world_claim(&w);
    assert_true(!out->proved && out->unknown && !out->main_out);
    world_close(&w);

    world_open(&w, MAIL("Anna <a@firm.example>"));
    host_put(&w, "www.paypal.com", true, 0);
    world_claim(&w);
    assert_true(out->main_out && out->main_brand);
    world_close(&w);
}

/* Where no author can be asked for, the envelope of somebody speaks for nobody. */
static void vouching_by_envelope(void **state)
{
    static const char *const from[] = {MAIL("Anna <a@firm.example>"), MAIL("Prizes")};
    for (int i = 0; i < 2; i++) {
        struct world w;
        world_open(&w, from[i]);
        w.dkim.result = PROOF_FAIL;
        w.arrival.mail_from = S("bounce@bought.test");
        w.arrival.mail_from_state = SENDER_GIVEN;
        host_put(&w, "www.bought.test", true, 0);
        world_claim(&w);
        assert_int_equal(w.claim.vouching.main_out, i == 1);
        world_close(&w);
    }
}

/* A place for anybody: its keeper vouches for it in his own letters alone. */
static void vouching_for_borrowed_places(void **state)
{
    static const struct {
        const char *from, *signer, *host;
        unsigned kinds;
        enum proof_result result;
        bool out;
    } rows[] = {
        {MAIL("Anna <a@firm.example>"), "pages.test", "x.pages.test", HOST_FORM, PROOF_PASS, true},
        {MAIL("Anna <a@firm.example>"), "pages.test", "x.pages.test", HOST_FORM | HOST_TRACKER, PROOF_PASS, false},
        {MAIL("Anna <a@firm.example>"), "pages.test", "x.pages.test", 0, PROOF_PASS, false},
        {MAIL("Forms <no-reply@pages.test>"), "pages.test", "x.pages.test", HOST_FORM, PROOF_PASS, false},
        {MAIL("Forms <no-reply@pages.test>"), "pages.test", "x.pages.test", HOST_FORM, PROOF_FAIL, true},
        {MAIL("Anna <a@freemail.example>"), "freemail.example", "x.freemail.example", HOST_SHARE, PROOF_PASS, true},
        {MAIL("Anna <a@firm.example>"), "firm.example", "firm-my.shares.test", HOST_SHARE, PROOF_PASS, false},
        {MAIL("Anna <a@firm.example>"), "firm.example", "other-my.shares.test", HOST_SHARE, PROOF_PASS, true},
        {MAIL("Anna <a@my-firm.example>"), "my-firm.example", "myfirm.shares.test", HOST_SHARE, PROOF_PASS, false}, /* tenants have no hyphens */
        {MAIL("Anna <a@my-firm.example>"), "my-firm.example", "myfirms.shares.test", HOST_SHARE, PROOF_PASS, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world w;
        world_open(&w, rows[i].from);
        w.dkim.result = rows[i].result;
        w.dkim.domain = span_of(rows[i].signer);
        host_put(&w, rows[i].host, true, rows[i].kinds);
        world_claim(&w);
        if (w.claim.vouching.main_out != rows[i].out)
            fail_msg("row %zu: %s", i, rows[i].host);
        world_close(&w);
    }
}

/* Mail of a firm's service that was forwarded to us: the road shows the service no more. */
static void vouching_by_the_service_engaged(void **state)
{
    static const struct {
        const char *unsubscribe, *post, *host;
        enum proof_result result;
        bool out;
    } rows[] = {
        {"<https://visitor.mailer.test/u>", "List-Unsubscribe=One-Click", "click.mailer.test", PROOF_PASS, false},
        {"<https://visitor.mailer.test/u>", "List-Unsubscribe=One-Click", "click.other.test", PROOF_PASS, true},
        {"<https://visitor.mailer.test/u>", "List-Unsubscribe=One-Click", "click.mailer.test", PROOF_FAIL, true},
        {"<https://visitor.mailer.test/u>", "None", "click.mailer.test", PROOF_PASS, true},
        {"<mailto:u@mailer.test>", "List-Unsubscribe=One-Click", "click.mailer.test", PROOF_PASS, true},
        {"<https://visitor.other.test/u>", "List-Unsubscribe=One-Click", "click.mailer.test", PROOF_PASS, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world w;
        char head[600];
        snprintf(head, sizeof head, "From: Anna <a@firm.example>\r\nList-Unsubscribe: %s\r\nList-Unsubscribe-Post: %s\r\n\r\nx\r\n",
                 rows[i].unsubscribe, rows[i].post);
        world_open(&w, head);
        w.dkim.result = rows[i].result;
        host_put(&w, rows[i].host, true, HOST_TRACKER);
        world_claim(&w);
        if (w.claim.vouching.main_out != rows[i].out)
            fail_msg("row %zu", i);
        world_close(&w);
    }
}

/* ---- what differs */

/* Customers of a hoster write below its domain; its own machines write as noreply at the domain itself. */
static void from_a_hoster(void **state)
{
    static const struct {
        const char *mail;
        bool customer;
    } rows[] = {
        {MAIL("Bowls <noreply@shops.test>"), false},
        {MAIL("Bowls <noreply@bowls.shops.test>"), true},
        {MAIL("Bowls <bowls@shops.test>"), true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world w;
        world_open(&w, rows[i].mail);
        world_claim(&w);
        if (w.claim.mismatch.from_free_pages != rows[i].customer)
            fail_msg("row %zu", i);
        world_close(&w);
    }
}

/* Lists that write under their own address have answers go to the poster. The fields of a list alone do not make one. */
static void reply_to_poster(void **state)
{
    static const struct {
        const char *head;
        enum proof_result dmarc;
        bool away;
    } rows[] = {
        {"From: Anna Roth via Garden <garden@lists.test>\r\nTo: garden@lists.test\r\nReply-To: Anna Roth <a@freemail.example>\r\n", PROOF_NONE, false},
        {"From: \"'Anna Roth' via Garden\" <garden@lists.test>\r\nTo: x@corp.example\r\nCc: Garden@lists.test\r\nReply-To: Anna Roth <a@freemail.example>\r\n", PROOF_NONE, false},
        {"From: anna via Garden <garden@lists.test>\r\nTo: garden@lists.test\r\nReply-To: anna@freemail.example\r\n", PROOF_NONE, false},
        {"From: Anna via Garden <garden@lists.test>\r\nTo: x@corp.example\r\nReply-To: Anna <a@freemail.example>\r\n", PROOF_NONE, true}, /* not sent to it */
        {"From: Anna via Garden <garden@lists.test>\r\nTo: garden@lists.test\r\nReply-To: Anna <a@freemail.example>\r\n", PROOF_FAIL, true},
        {"From: Anna via Garden <garden@lists.test>\r\nTo: garden@lists.test\r\nReply-To: Bob <a@freemail.example>\r\n", PROOF_NONE, true},
        {"From: Anna Roth <garden@lists.test>\r\nTo: garden@lists.test\r\nReply-To: Anna Roth <a@freemail.example>\r\n", PROOF_NONE, true},
        {"From: Anna via Garden <garden@lists.test>\r\nTo: garden@lists.test\r\nList-Post: <mailto:x@other.test>\r\nReply-To: Anna <a@freemail.example>\r\n", PROOF_NONE, true},
        {"From: Anna <a@bought.test>\r\nTo: x@corp.example\r\nList-Id: <garden.lists.test>\r\nReply-To: Anna <a@freemail.example>\r\n", PROOF_NONE, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world w;
        char text[600];
        snprintf(text, sizeof text, "%s\r\nx\r\n", rows[i].head);
        world_open(&w, text);
        w.proof.dmarc.result = rows[i].dmarc;
        world_claim(&w);
        if (w.claim.mismatch.reply_to_free_mail != rows[i].away)
            fail_msg("row %zu", i);
        world_close(&w);
    }
}

static void mismatches(void **state)
{
    struct world w;
    const struct mismatch *out = &w.claim.mismatch;
    world_open(&w, "From: Anna <a@firm.example>\r\nReply-To: x@freemail.example\r\nSender: s@other.test\r\n"
                   "Message-ID: <1@WIN-AB12CD34EF5>\r\nX-PHP-Script: www.firm.example/x.php\r\n\r\nx\r\n");
    world_claim(&w);
    assert_true(out->reply_to_differs && out->reply_to_free_mail && out->sender_differs && out->feeding_machine && out->php_mailer && out->hidden_recipients);
    assert_span(out->feeding_name, "WIN-AB12CD34EF5");
    world_close(&w);

    world_open(&w, "From: Anna <a@firm.example>\r\nTo: bobby@corp.example\r\nReply-To: x@desk.firm.example\r\nSender: s@firm.example\r\n"
                   "Message-ID: <1@winter.firm.example>\r\n\r\nx\r\n");
    world_claim(&w);
    assert_false(out->reply_to_differs || out->reply_to_free_mail || out->sender_differs || out->feeding_machine || out->php_mailer || out->hidden_recipients);
    world_close(&w);

    world_open(&w, MAIL("Anna <a@signing.example>"));
    world_claim(&w);
    assert_true(out->from_free_mail && out->from_signs_all);
    world_close(&w);

    world_open(&w, MAIL("Anna <a@shop.icu>"));
    world_claim(&w);
    assert_true(out->from_cheap);
    world_close(&w);

    world_open(&w, MAIL("Support Team <a@freemail.example>"));
    world_claim(&w);
    assert_false(out->from_cheap);
    assert_true(out->from_free_mail && out->corporate_claim);
    world_close(&w);

    world_open(&w, MAIL("Anna Miller <a@freemail.example>"));
    world_claim(&w);
    assert_true(out->from_free_mail && !out->corporate_claim);
    world_close(&w);

    world_open(&w, MAIL("Anna <a@corp.example>"));
    w.dkim.result = PROOF_FAIL;
    w.path.client.name = S("vps-48213.static.hoster.test");
    world_claim(&w);
    assert_true(out->own_unproved && out->from_own && out->helo_hosting);
    world_close(&w);

    world_open(&w, MAIL("Corp Holdings IT <bobby@corp.example>"));
    world_claim(&w);
    assert_true(!out->own_unproved && !out->own_name_claimed && out->to_self);
    world_close(&w);

    world_open(&w, MAIL("Corp Holdings IT <a@evil.test>"));
    world_claim(&w);
    assert_true(out->own_name_claimed);
    world_close(&w);
}

/* Fields that bulk programs copy make no list of it. */
/* bob@outlook-like addresses written once more as the name claim nothing; somebody else's name does. */
static void address_as_name(void **state)
{
    struct world w;
    world_open(&w, MAIL("\"bob@paypal.com\" <bob@paypal.com>"));
    text_put(&w, TOLD_NAME, "bob@paypal.com", "");
    world_claim(&w);
    assert_int_equal(w.claim.brands.len, 0);
    world_close(&w);
    world_open(&w, MAIL("\"bob@paypal.com\" <bob@other.example>"));
    text_put(&w, TOLD_NAME, "bob@paypal.com", "");
    world_claim(&w);
    assert_int_equal(w.claim.brands.len, 1);
    world_close(&w);
}

static void report_desks(void **state)
{
    static const struct {
        const char *first, *second;
        bool desk;
    } rows[] = {{"abuse@corp.example", "it-security@corp.example", true}, {"Abuse@corp.example", "Abuse@corp.example", true},
                {"abuse@corp.example", "anna@corp.example", false}, {"abuses@corp.example", "abuses@corp.example", false}, {"abuse", "abuse", false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world w;
        struct recipient recipients[2] = {{.address = span_of(rows[i].first)}, {.address = span_of(rows[i].second)}};
        world_open(&w, MAIL("Anna <a@firm.example>"));
        w.arrival.rcpt_to.at = recipients;
        w.arrival.rcpt_to.len = 2;
        world_claim(&w);
        assert_int_equal(w.claim.mismatch.to_desk, rows[i].desk);
        world_close(&w);
    }
}

static void lists(void **state)
{
    struct world w;
    world_open(&w, "From: Anna <a@firm.example>\r\nList-Post: <mailto:l@lists.test>\r\nList-Id: <l.lists.test>\r\n\r\nx\r\n");
    world_claim(&w);
    assert_false(w.claim.mismatch.list_borne_out);
    world_close(&w);
    world_open(&w, "From: Anna <a@firm.example>\r\nList-Post: <mailto:l@lists.test>\r\n\r\nx\r\n");
    w.arrival.mail_from_state = SENDER_GIVEN;
    w.arrival.mail_from = S("l-bounces@lists.test");
    world_claim(&w);
    assert_true(w.claim.mismatch.list_borne_out);
    world_close(&w);
}

static void load_faults(void **state)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"own_domains: [corp]\n", "own_domains: \"corp\" is no domain"},
        {"partners: [\"*.corp.example\"]\n", "is no domain"},
        {"people:\n  - {name: Taro, addresses: [taro]}\n", "people: Taro: \"taro\" is no address"},
        {"people:\n  - {title: CEO}\n", "lacks the key \"name\""},
        {"own_domain: [corp.example]\n", "did you mean \"own_domains\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *arena = arena_new(1 << 20);
        struct identity_settings loaded = {0};
        struct err err = {""};
        char path[128];
        snprintf(path, sizeof path, "%s/people.yaml", folder);
        file_put("people.yaml", rows[i].text);
        assert_int_equal(identity_load(arena, path, &loaded, &err), -1);
        if (!strstr(err.text, rows[i].says))
            fail_msg("\"%s\" lacks \"%s\"", err.text, rows[i].says);
        arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(name_repeats_subject), cmocka_unit_test(brand_in_name), cmocka_unit_test(brand_as_or_about), cmocka_unit_test(forwarded), cmocka_unit_test(brand_links), cmocka_unit_test(lookalikes),
        cmocka_unit_test(lookalike_of_what_is_claimed), cmocka_unit_test(lookalike_local_part), cmocka_unit_test(protected_people), cmocka_unit_test(shapes), cmocka_unit_test(name_beside_domain), cmocka_unit_test(vouching), cmocka_unit_test(vouching_by_envelope), cmocka_unit_test(vouching_for_borrowed_places), cmocka_unit_test(vouching_by_the_service_engaged), cmocka_unit_test(report_desks), cmocka_unit_test(address_as_name),
        cmocka_unit_test(reply_to_poster), cmocka_unit_test(mismatches), cmocka_unit_test(from_a_hoster), cmocka_unit_test(lists), cmocka_unit_test(load_faults),
    };
    return cmocka_run_group_tests(tests, group_open, group_close);
}
