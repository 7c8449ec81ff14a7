/* auth: DMARC, RFC 9989: records, the tree walk, policy, alignment, and where RFC 7489 would differ. */
#include "world.h"
#include "auth/dmarc.h"

#include <stdio.h>

static struct tables *tables;

/* ---- records */
static void records(void **state)
{
    static const struct {
        const char *text;
        bool is;
        const char *p, *sp, *np;
        const char *flags; /* r rua, d strict dkim, s strict spf, t testing, y psd=y, n psd=n */
    } cases[] = {
        {"v=DMARC1; p=reject", true, "reject", "", "", ""},
        {"v=DMARC1;p=Reject;sp=NONE;np=quarantine;", true, "reject", "none", "quarantine", ""},
        {"V = DMARC1 ; p = none ; rua = mailto:a@example.com", true, "none", "", "", "r"},
        {"v=DMARC1", true, "", "", "", ""},
        {"v=DMARC1; p=reject; adkim=s; aspf=S; t=Y; psd=y", true, "reject", "", "", "dsty"},
        {"v=DMARC1; adkim=r; aspf=x; t=n; psd=n; pct=0; p=quarantine", true, "quarantine", "", "", "n"},
        {"v=DMARC1; psd=u; p=none; future=x y z; =; ;; p", true, "none", "", "", ""},
        {"v=DMARC1; p=deny; rua=https://r.example/x", true, "", "", "", "r"},
        {"v=DMARC1; rua=mailto:nobody", true, "", "", "", ""},
        {"v=DMARC1; rua=example.com", true, "", "", "", ""},
        {"v=DMARC1; rua=bad, mailto:a@b!10m", true, "", "", "", "r"},
        {"v=dmarc1; p=reject", false, "", "", "", ""},
        {"v=DMARC10; p=reject", false, "", "", "", ""},
        {"v=DMARC1 p=reject", false, "", "", "", ""},
        {"v=DMARC2; p=reject", false, "", "", "", ""},
        {"p=reject; v=DMARC1", false, "", "", "", ""},
        {" v=DMARC1; p=reject", false, "", "", "", ""},
        {"v=spf1 -all", false, "", "", "", ""},
        {"", false, "", "", "", ""},
        {";", false, "", "", "", ""},
        {"v=DMARC1;", true, "", "", "", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct span text = exact(cases[i].text);
        struct dmarc_record record;
        char flags[8];
        if (dmarc_record_parse(text, &record) != cases[i].is)
            fail_msg("\"%s\": %s", cases[i].text, cases[i].is ? "not read" : "read");
        snprintf(flags, sizeof flags, "%s%s%s%s%s%s", record.has_rua ? "r" : "", record.strict_dkim ? "d" : "", record.strict_spf ? "s" : "",
                 record.testing ? "t" : "", record.psd == DMARC_PSD_YES ? "y" : "", record.psd == DMARC_PSD_NO ? "n" : "");
        assert_span(record.p, cases[i].p);
        assert_span(record.sp, cases[i].sp);
        assert_span(record.np, cases[i].np);
        assert_string_equal(flags, cases[i].flags);
        free((char *)text.at);
    }
}

/* ---- the walk */
static void names_of_the_walk(void **state)
{
    static const struct {
        const char *domain, *names[9];
    } cases[] = {
        {"a.b.c.d.e.f.g.h.i.j.k.example.com",
         {"_dmarc.a.b.c.d.e.f.g.h.i.j.k.example.com", "_dmarc.g.h.i.j.k.example.com", "_dmarc.h.i.j.k.example.com",
          "_dmarc.i.j.k.example.com", "_dmarc.j.k.example.com", "_dmarc.k.example.com", "_dmarc.example.com", "_dmarc.com"}},
        {"a.b.c.d.e.f.example.com",
         {"_dmarc.a.b.c.d.e.f.example.com", "_dmarc.b.c.d.e.f.example.com", "_dmarc.c.d.e.f.example.com", "_dmarc.d.e.f.example.com",
          "_dmarc.e.f.example.com", "_dmarc.f.example.com", "_dmarc.example.com", "_dmarc.com"}},
        {"z.a.b.c.d.e.f.example.com",
         {"_dmarc.z.a.b.c.d.e.f.example.com", "_dmarc.b.c.d.e.f.example.com", "_dmarc.c.d.e.f.example.com", "_dmarc.d.e.f.example.com",
          "_dmarc.e.f.example.com", "_dmarc.f.example.com", "_dmarc.example.com", "_dmarc.com"}},
        {"Example.COM.", {"_dmarc.example.com", "_dmarc.com"}},
        {"com", {"_dmarc.com"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world world;
        struct dmarc_walk walk;
        const struct dns_ask *asks;
        struct span domain = exact(cases[i].domain);
        world_begin(&world, "");
        dmarc_walk_make(world.arena, world.answers, domain, &walk);
        size_t n = dns_wanted(world.answers, &asks), expected = 0;
        while (cases[i].names[expected])
            expected++;
        assert_int_equal(n, expected);
        for (size_t j = 0; j < n; j++) {
            assert_span(asks[j].name, cases[i].names[j]);
            assert_int_equal(asks[j].type, DNS_TXT);
        }
        assert_int_equal(walk.end, STEP_LACKING);
        world_end(&world);
        free((char *)domain.at);
    }
}

static void organisations(void **state)
{
    static const struct {
        const char *zone, *domain, *organisation;
    } cases[] = {
        {"", "a.b.example.com", "a.b.example.com"}, /* nothing published: the name itself */
        {"_dmarc.example.com TXT \"v=DMARC1; p=none\"", "a.b.example.com", "example.com"},
        {"_dmarc.b.example.com TXT \"v=DMARC1; p=none\"\n_dmarc.example.com TXT \"v=DMARC1; p=none\"", "a.b.example.com", "example.com"},
        {"_dmarc.b.example.com TXT \"v=DMARC1; p=none; psd=n\"\n_dmarc.example.com TXT \"v=DMARC1; p=none\"", "a.b.example.com", "b.example.com"},
        {"_dmarc.gov TXT \"v=DMARC1; p=none; psd=y\"", "a.b.agency.gov", "agency.gov"},
        {"_dmarc.gov TXT \"v=DMARC1; p=none; psd=y\"\n_dmarc.b.agency.gov TXT \"v=DMARC1; p=none\"", "a.b.agency.gov", "agency.gov"},
        {"_dmarc.gov TXT \"v=DMARC1; p=none; psd=y\"", "gov", "gov"},
        {"_dmarc.example.com TXT \"v=DMARC1; p=none; psd=y\"\n_dmarc.com TXT \"v=DMARC1; p=none\"", "example.com", "example.com"},
        {"_dmarc.example.com TXT \"hello\"", "a.example.com", "a.example.com"},
        {"_dmarc.example.com TXT \"hello\"\n_dmarc.example.com TXT \"v=DMARC1; p=none\"", "a.example.com", "example.com"},
        {"_dmarc.a.example.com TXT \"v=DMARC1; p=none\"\n_dmarc.example.com TXT \"v=DMARC1; p=none\"\n_dmarc.example.com TXT \"v=DMARC1; p=reject\"",
         "a.example.com", "a.example.com"}, /* the walk ends where two stand */
        {"_dmarc.com TIMEOUT\n_dmarc.example.com TXT \"v=DMARC1; p=none\"", "a.example.com", "example.com"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world world;
        struct span organisation;
        world_begin(&world, cases[i].zone);
        while (!dmarc_organisation(world.arena, world.answers, span_of(cases[i].domain), &organisation))
            world_answer(&world, SIZE_MAX);
        assert_int_equal(world.rounds, 1);
        assert_span(organisation, cases[i].organisation);
        world_end(&world);
    }
}

/* ---- results. from: addresses' domains; spf and dkim: "result domain", several signatures joined by commas */
struct expected {
    const char *name, *zone, *from, *spf, *dkim;
    enum proof_result result;
    const char *policy, *policy_domain, *reason, *note;
};

static enum proof_result result_read(struct span *text, struct span *domain)
{
    enum proof_result result = PROOF_NONE;
    struct span word;
    *domain = (struct span){0};
    if (span_word(text, &word)) {
        assert_true(proof_result_parse(word, &result));
        span_word(text, domain);
    }
    return result;
}

static void authors_fill(struct arena *arena, struct span domains, struct message *message)
{
    struct span domain;
    while (span_cut(&domains, ',', &domain)) {
        struct mailbox *mailbox = vec_push(arena, &message->from);
        mailbox->domain = domain;
        mailbox->domain_ascii = span_eq(domain, S("-")) ? (struct span){0} : domain;
    }
}

static void case_run(const struct expected *c, size_t most)
{
    struct world world;
    struct message message = {0};
    struct spf_proof spf = {0};
    struct dmarc_proof out;
    VEC(struct dkim_proof) dkim = {0};
    struct span rest = span_of(c->spf), list = span_of(c->dkim), one;
    world_begin(&world, c->zone);
    authors_fill(world.arena, span_of(c->from), &message);
    spf.result = result_read(&rest, &spf.domain);
    while (span_cut(&list, ',', &one)) {
        struct dkim_proof *proof = vec_push(world.arena, &dkim);
        proof->result = result_read(&one, &proof->domain);
    }
    while (!dmarc_check(world.arena, tables, world.answers, &message, &spf, dkim.at, dkim.len, &out))
        world_answer(&world, most);
    if (out.result != c->result)
        fail_msg("%s: %s, wanted %s: %.*s", c->name, proof_result_name(out.result), proof_result_name(c->result), SPAN_FMT(out.reason));
    if (!span_eq(out.policy, span_of(c->policy)) || !span_eq(out.policy_domain, span_of(c->policy_domain)))
        fail_msg("%s: policy \"%.*s\" of \"%.*s\"", c->name, SPAN_FMT(out.policy), SPAN_FMT(out.policy_domain));
    if (!out.reason.len || (*c->reason && !span_find(out.reason, span_of(c->reason))))
        fail_msg("%s: reason \"%.*s\"", c->name, SPAN_FMT(out.reason));
    if (out.suffix_differs != (*c->note != '\0') || (*c->note && !span_find(out.suffix_note, span_of(c->note))))
        fail_msg("%s: note \"%.*s\"", c->name, SPAN_FMT(out.suffix_note));
    assert_true(out.result != PROOF_PASS || out.spf_aligned || out.dkim_aligned);
    world_end(&world);
}

#define REJECT "_dmarc.example.com TXT \"v=DMARC1; p=reject\"\n"
static const struct expected cases[] = {
    /* alignment */
    {"same domain by SPF", REJECT, "example.com", "pass example.com", "", PROOF_PASS, "reject", "example.com", "proved by SPF for example.com", ""},
    {"same domain by DKIM", REJECT, "Example.com", "fail example.com", "pass example.com", PROOF_PASS, "reject", "example.com", "DKIM signature of example.com", ""},
    {"relaxed below", REJECT, "example.com", "pass bounce.example.com", "", PROOF_PASS, "reject", "example.com", "bounce.example.com", ""},
    {"relaxed beside", REJECT, "news.example.com", "none", "pass mail.example.com", PROOF_PASS, "reject", "example.com", "", ""},
    {"a passed one beside a failed one", REJECT, "example.com", "", "fail example.com,pass mail.example.com,pass other.net", PROOF_PASS, "reject", "example.com", "mail.example.com", ""},
    {"strict SPF", "_dmarc.example.com TXT \"v=DMARC1; p=reject; aspf=s\"", "example.com", "pass bounce.example.com", "", PROOF_FAIL, "reject", "example.com", "SPF passes only for bounce.example.com", ""},
    {"strict SPF leaves DKIM relaxed", "_dmarc.example.com TXT \"v=DMARC1; p=reject; aspf=s\"", "example.com", "pass bounce.example.com", "pass d.example.com", PROOF_PASS, "reject", "example.com", "", ""},
    {"strict DKIM", "_dmarc.example.com TXT \"v=DMARC1; p=reject; adkim=s\"", "example.com", "", "pass d.example.com", PROOF_FAIL, "reject", "example.com", "", ""},
    {"another organisation", REJECT, "example.com", "pass example.net", "pass mailer.example", PROOF_FAIL, "reject", "example.com", "a DKIM signature holds only for mailer.example", ""},
    {"a name that only ends alike", REJECT, "example.com", "pass badexample.com", "", PROOF_FAIL, "reject", "example.com", "", ""},
    {"nothing passes", REJECT, "example.com", "softfail example.com", "fail example.com", PROOF_FAIL, "reject", "example.com", "nothing proves example.com, whose policy is reject", ""},
    {"own organisation below by psd=n", REJECT "_dmarc.uni.example.com TXT \"v=DMARC1; p=none; psd=n\"\n", "uni.example.com", "pass example.com", "", PROOF_FAIL, "none", "uni.example.com", "", "would be pass"},
    {"the other way by psd=n", REJECT "_dmarc.uni.example.com TXT \"v=DMARC1; p=none; psd=n\"\n", "example.com", "pass uni.example.com", "", PROOF_FAIL, "reject", "example.com", "", "would be pass"},
    {"customers of a suffix by psd=y", "_dmarc.hosting.com TXT \"v=DMARC1; p=reject; psd=y\"\n", "one.hosting.com", "pass two.hosting.com", "", PROOF_FAIL, "reject", "hosting.com", "", "would be pass"},
    {"one customer of a suffix by psd=y", "_dmarc.hosting.com TXT \"v=DMARC1; p=reject; psd=y\"\n", "one.hosting.com", "pass m.one.hosting.com", "", PROOF_PASS, "reject", "hosting.com", "", ""},
    /* policy */
    {"sp below", "_dmarc.example.com TXT \"v=DMARC1; p=reject; sp=quarantine\"\na.example.com A 192.0.2.1", "a.example.com", "", "", PROOF_FAIL, "quarantine", "example.com", "", ""},
    {"p at the name itself", "_dmarc.example.com TXT \"v=DMARC1; p=reject; sp=none; np=none\"", "example.com", "", "", PROOF_FAIL, "reject", "example.com", "", ""},
    {"own record before the organisation's", REJECT "_dmarc.a.example.com TXT \"v=DMARC1; p=none\"", "a.example.com", "", "", PROOF_FAIL, "none", "a.example.com", "", ""},
    {"a record between does not speak", REJECT "_dmarc.b.example.com TXT \"v=DMARC1; p=none\"", "a.b.example.com", "", "", PROOF_FAIL, "reject", "example.com", "", ""},
    {"np for a name that is not there", "_dmarc.example.com TXT \"v=DMARC1; p=none; sp=none; np=reject\"", "a.example.com", "", "", PROOF_FAIL, "reject", "example.com", "", ""},
    {"sp for a name that is there", "_dmarc.example.com TXT \"v=DMARC1; p=none; sp=quarantine; np=reject\"\na.example.com TXT here", "a.example.com", "", "", PROOF_FAIL, "quarantine", "example.com", "", ""},
    {"p for a name that is there without sp", "_dmarc.example.com TXT \"v=DMARC1; p=none; np=reject\"\nx.a.example.com TXT here", "a.example.com", "", "", PROOF_FAIL, "none", "example.com", "", ""},
    {"sp where np is not said", "_dmarc.example.com TXT \"v=DMARC1; p=none; sp=reject\"", "a.example.com", "", "", PROOF_FAIL, "reject", "example.com", "", ""},
    {"t=y on reject", "_dmarc.example.com TXT \"v=DMARC1; p=reject; t=y\"", "example.com", "", "", PROOF_FAIL, "quarantine", "example.com", "", ""},
    {"t=y on quarantine", "_dmarc.example.com TXT \"v=DMARC1; p=quarantine; t=y\"", "example.com", "", "", PROOF_FAIL, "none", "example.com", "", ""},
    {"pct is historic", "_dmarc.example.com TXT \"v=DMARC1; p=reject; pct=0\"", "example.com", "", "", PROOF_FAIL, "reject", "example.com", "", ""},
    {"no p with rua", "_dmarc.example.com TXT \"v=DMARC1; rua=mailto:a@example.com\"", "example.com", "", "", PROOF_FAIL, "none", "example.com", "", ""},
    {"no p without rua", "_dmarc.example.com TXT \"v=DMARC1\"", "example.com", "pass example.com", "", PROOF_NONE, "", "example.com", "states no policy", ""},
    {"suffix speaks where nobody below does", "_dmarc.gov TXT \"v=DMARC1; p=none; sp=reject; psd=y\"", "x.agency.gov", "", "", PROOF_FAIL, "reject", "gov", "", "would be none"},
    {"suffix is silent where somebody does", "_dmarc.gov TXT \"v=DMARC1; p=reject; psd=y\"\n_dmarc.agency.gov TXT \"v=DMARC1; p=none\"", "x.agency.gov", "", "", PROOF_FAIL, "none", "agency.gov", "", ""},
    {"far below", REJECT, "a.b.c.d.e.f.g.h.i.example.com", "pass example.com", "", PROOF_PASS, "reject", "example.com", "", ""},
    /* none and faults */
    {"no record", "", "example.com", "pass example.com", "pass example.com", PROOF_NONE, "", "", "publishes no DMARC policy", ""},
    {"two records", REJECT "_dmarc.example.com TXT \"v=DMARC1; p=none\"", "example.com", "pass example.com", "", PROOF_PERMERROR, "", "", "more than one DMARC record", ""},
    {"two records and no falling back", REJECT "_dmarc.a.example.com TXT \"v=DMARC1; p=none\"\n_dmarc.a.example.com TXT \"v=DMARC1; p=none; t=y\"", "a.example.com", "pass example.com", "", PROOF_PERMERROR, "", "", "a.example.com publishes more than one", ""},
    {"another text beside the record", REJECT "_dmarc.example.com TXT \"v=DMARC2; p=none\"", "example.com", "pass example.com", "", PROOF_PASS, "reject", "example.com", "", ""},
    {"a chunked record", "_dmarc.example.com TXT \"v=DMARC1; p=rej\" \"ect\"", "example.com", "", "", PROOF_FAIL, "reject", "example.com", "", ""},
    {"a silent record", "_dmarc.example.com TIMEOUT", "example.com", "pass example.com", "", PROOF_TEMPERROR, "", "", "could not be read", ""},
    {"a failing record above", "_dmarc.example.com SERVFAIL", "a.example.com", "pass a.example.com", "", PROOF_TEMPERROR, "", "", "could not be read", ""},
    {"a record between, a failing one above", "_dmarc.example.com SERVFAIL\n_dmarc.b.example.com TXT \"v=DMARC1; p=none\"", "a.b.example.com", "pass a.b.example.com", "", PROOF_TEMPERROR, "", "", "example.com could not be read", ""},
    {"own record below a failing one", "_dmarc.example.com SERVFAIL\n_dmarc.a.example.com TXT \"v=DMARC1; p=reject\"", "a.example.com", "pass a.example.com", "", PROOF_PASS, "reject", "a.example.com", "", ""},
    {"own record, alignment hangs on a failing one", "_dmarc.example.com SERVFAIL\n_dmarc.a.example.com TXT \"v=DMARC1; p=reject\"", "a.example.com", "pass b.example.com", "", PROOF_TEMPERROR, "reject", "a.example.com", "cannot be told", ""},
    {"own record, strict needs no walk", "_dmarc.example.com SERVFAIL\n_dmarc.a.example.com TXT \"v=DMARC1; p=reject; aspf=s\"", "a.example.com", "pass b.example.com", "", PROOF_FAIL, "reject", "a.example.com", "", ""},
    {"a silent top-level domain", REJECT "_dmarc.com TIMEOUT", "example.com", "pass m.example.com", "", PROOF_PASS, "reject", "example.com", "", ""},
    /* what is not known is neither pass nor fail */
    {"SPF failed for a time", REJECT, "example.com", "temperror example.com", "", PROOF_TEMPERROR, "reject", "example.com", "cannot be told", ""},
    {"SPF of others failed for a time", REJECT, "example.com", "temperror example.net", "", PROOF_FAIL, "reject", "example.com", "", ""},
    {"SPF unknown with its domain", REJECT, "example.com", "unknown bounce.example.com", "fail example.com", PROOF_UNKNOWN, "reject", "example.com", "", ""},
    {"SPF unknown altogether", REJECT, "example.com", "unknown", "", PROOF_UNKNOWN, "reject", "example.com", "the result of SPF is not known", ""},
    {"SPF unknown and DKIM good", REJECT, "example.com", "unknown", "pass example.com", PROOF_PASS, "reject", "example.com", "", ""},
    {"key not read", REJECT, "example.com", "fail example.com", "temperror example.com", PROOF_TEMPERROR, "reject", "example.com", "", ""},
    {"key of others not read", REJECT, "example.com", "fail example.com", "temperror example.net", PROOF_FAIL, "reject", "example.com", "", ""},
    {"no SMTP facts", REJECT, "example.com", "not-applicable", "", PROOF_UNKNOWN, "reject", "example.com", "SPF does not apply", ""},
    /* authors */
    {"nobody", REJECT, "", "pass example.com", "", PROOF_PERMERROR, "", "", "names no author", ""},
    {"no domain", REJECT, "-", "pass example.com", "", PROOF_PERMERROR, "", "", "no domain", ""},
    {"one without a domain", REJECT, "example.com,-", "pass example.com", "", PROOF_PERMERROR, "reject", "example.com", "not all of its authors", ""},
    {"two of one domain", REJECT, "example.com,EXAMPLE.com", "pass example.com", "", PROOF_PASS, "reject", "example.com", "", ""},
    {"two domains, one fails", REJECT "_dmarc.example.net TXT \"v=DMARC1; p=none\"", "example.net,example.com", "pass example.net", "", PROOF_FAIL, "reject", "example.com", "of 2 author domains", ""},
    {"two domains, one says nothing", REJECT, "example.com,example.net", "pass example.com", "", PROOF_NONE, "", "", "of 2 author domains", ""},
    {"two domains, both proved", REJECT "_dmarc.example.net TXT \"v=DMARC1; p=none\"", "example.net,example.com", "pass example.net", "pass example.com", PROOF_PASS, "reject", "example.com", "", ""},
    {"more domains than are looked at", "_dmarc.example TXT \"v=DMARC1; p=none\"", "a.example,b.example,c.example,d.example,e.example,f.example,g.example,h.example,i.example,j.example,k.example", "pass a.example", "", PROOF_PERMERROR, "none", "example", "not all of its authors", "would be none"},
    {"related by the top-level domain alone", "_dmarc.example TXT \"v=DMARC1; p=reject\"", "a.example", "pass b.example", "", PROOF_PASS, "reject", "example", "", "would be none"},
    /* the suffix list */
    {"under a listed suffix without psd", "_dmarc.co.uk TXT \"v=DMARC1; p=reject\"", "shop.co.uk", "pass other.co.uk", "", PROOF_PASS, "reject", "co.uk", "", "the organisation is shop.co.uk"},
    {"no record at the organisation of the list", "_dmarc.b.example.com TXT \"v=DMARC1; p=reject\"", "a.b.example.com", "", "", PROOF_FAIL, "reject", "b.example.com", "", "would be none"},
};

static void results(void **state)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        case_run(&cases[i], SIZE_MAX);
        case_run(&cases[i], 1);
    }
}

static void all_names_are_asked_for_at_once(void **state)
{
    struct world world;
    struct message message = {0};
    struct dmarc_proof out;
    struct spf_proof spf = {.result = PROOF_UNKNOWN, .domain = S("bounce.mail.example.com")};
    struct dkim_proof dkim[] = {{.result = PROOF_NONE, .domain = S("d.example.com")}, {.result = PROOF_NONE, .domain = S("other.net")}};
    const struct dns_ask *asks;
    world_begin(&world, REJECT);
    authors_fill(world.arena, S("news.example.com"), &message);
    assert_false(dmarc_check(world.arena, NULL, world.answers, &message, &spf, dkim, 2, &out));
    assert_int_equal(dns_wanted(world.answers, &asks), 6); /* news, example, com; bounce.mail, mail; d; not other.net */
    world_answer(&world, SIZE_MAX);
    spf.result = dkim[0].result = dkim[1].result = PROOF_PASS;
    assert_true(dmarc_check(world.arena, NULL, world.answers, &message, &spf, dkim, 2, &out));
    assert_int_equal(out.result, PROOF_PASS);
    assert_true(out.spf_aligned && out.dkim_aligned);
    assert_false(out.suffix_differs);
    assert_int_equal(dns_asked(world.answers), 6); /* other.net can never be aligned */
    world_end(&world);
}

static void an_unknown_world_is_unknown(void **state)
{
    static const char *const names[] = {"_dmarc.example.com", "_dmarc.com"};
    struct world world;
    struct message message = {0};
    struct dmarc_proof out;
    struct spf_proof spf = {.result = PROOF_UNKNOWN, .domain = S("example.com")};
    world_begin(&world, "");
    authors_fill(world.arena, S("example.com"), &message);
    for (size_t i = 0; i < 2; i++)
        dns_answers_add(world.answers, &(struct dns_answer){.ask = {span_of(names[i]), DNS_TXT}, .status = DNS_UNKNOWN});
    assert_true(dmarc_check(world.arena, tables, world.answers, &message, &spf, NULL, 0, &out));
    assert_int_equal(out.result, PROOF_UNKNOWN);
    world_end(&world);
}

static int setup(void **state)
{
    struct err err;
    if (tables_open(&(struct table_options){0}, &tables, &err) == 0)
        return 0;
    print_error("%s\n", err.text);
    return -1;
}

static int teardown(void **state)
{
    tables_close(&tables);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records),
        cmocka_unit_test(names_of_the_walk),
        cmocka_unit_test(organisations),
        cmocka_unit_test(results),
        cmocka_unit_test(all_names_are_asked_for_at_once),
        cmocka_unit_test(an_unknown_world_is_unknown),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
