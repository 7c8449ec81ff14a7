#include "auth/spf.h"
#include "dns/dns.h"

/* What a mechanism says; an error ends the check. */
enum outcome { MATCHES, MATCHES_NOT, ERROR_TEMPORARY, ERROR_PERMANENT, ERROR_UNKNOWN };

/* One record under evaluation: its domain changes with include and redirect. */
static enum proof_result domain_check(struct spf_work *work, struct span domain, bool top, struct span *exp_domain,
                                      struct span *exp);

static struct span client_text(struct spf_work *work)
{
    return ip_text(work->arena, &work->question->client);
}

static enum outcome wrong(struct spf_work *work, struct span domain, struct span fault)
{
    work->reason =
        arena_print(work->arena, "the SPF record of %.*s cannot be used: %.*s", SPAN_FMT(domain), SPAN_FMT(fault));
    return ERROR_PERMANENT;
}

static enum outcome unanswered(struct spf_work *work, struct span name, const struct dns_answer *answer)
{
    bool offline = answer->status == DNS_UNKNOWN;
    work->reason = arena_print(work->arena, "%.*s %s was %s: %.*s", SPAN_FMT(name), dns_type_name(answer->ask.type),
                               offline ? "not asked for" : "asked for in vain",
                               SPAN_FMT(answer->why.len ? answer->why : span_of(dns_status_name(answer->status))));
    return offline ? ERROR_UNKNOWN : ERROR_TEMPORARY;
}

static bool is_error(const struct dns_answer *answer)
{
    return answer->status == DNS_FAILED || answer->status == DNS_TIMED_OUT || answer->status == DNS_UNKNOWN;
}

/* RFC 7208 4.6.4: an answer without data is counted. */
static bool void_is_too_many(struct spf_work *work, struct span domain, const struct dns_answer *answer)
{
    bool none = answer->status == DNS_NO_DATA || answer->status == DNS_NO_NAME;
    if (!none || ++work->void_lookups <= work->settings->most_void_lookups)
        return false;
    wrong(work, domain,
          arena_print(work->arena, "more than %u of the names it asks for have no address",
                      work->settings->most_void_lookups));
    return true;
}

/* ---- mechanisms. Where a name is lacking they match not and set work->lacking. */
static enum outcome address_match(struct spf_work *work, const struct spf_term *term, struct span name,
                                  struct span domain)
{
    const struct dns_answer *answer;
    if (spf_name_has_client(work, name, term->bits4, term->bits6, &answer))
        return MATCHES;
    if (!answer) {
        work->lacking = true;
        return MATCHES_NOT;
    }
    if (is_error(answer))
        return unanswered(work, name, answer);
    return term->kind == SPF_A && void_is_too_many(work, domain, answer) ? ERROR_PERMANENT : MATCHES_NOT;
}

static enum outcome mx_match(struct spf_work *work, const struct spf_term *term, struct span name, struct span domain)
{
    const struct dns_answer *answer = dns_known(work->answers, name, DNS_MX);
    if (!answer) {
        work->lacking = true;
        return MATCHES_NOT;
    }
    if (is_error(answer))
        return unanswered(work, name, answer);
    if (void_is_too_many(work, domain, answer))
        return ERROR_PERMANENT;
    if (answer->data.len > SPF_NAMES_MOST)
        return wrong(work, domain,
                     arena_print(work->arena, "\"%.*s\" leads to more than %d mail servers", SPAN_FMT(term->text),
                                 SPF_NAMES_MOST));
    enum outcome outcome = MATCHES_NOT;
    for (size_t i = 0; i < answer->data.len && outcome == MATCHES_NOT; i++) {
        struct span host = answer->data.at[i], preference;
        if (span_word(&host, &preference))
            outcome = address_match(work, term, span_trim(host), domain);
    }
    return outcome;
}

static enum outcome exists_match(struct spf_work *work, struct span name, struct span domain)
{
    const struct dns_answer *answer = dns_known(work->answers, name, DNS_A);
    work->lacking = work->lacking || !answer;
    if (!answer || answer->status == DNS_FOUND)
        return answer ? MATCHES : MATCHES_NOT;
    if (is_error(answer))
        return unanswered(work, name, answer);
    return void_is_too_many(work, domain, answer) ? ERROR_PERMANENT : MATCHES_NOT;
}

static void name_note(void *context, struct span name)
{
    *(bool *)context = true;
}

static enum outcome ptr_match(struct spf_work *work, struct span name, struct span domain)
{
    bool found = false;
    const struct dns_answer *pointers = dns_known(work->answers, spf_reverse_name(work), DNS_PTR);
    if (!spf_client_names(work, name, name_note, &found) && !found)
        work->lacking = true;
    if (pointers && pointers->status == DNS_UNKNOWN)
        return unanswered(work, pointers->ask.name, pointers);
    if (pointers && void_is_too_many(work, domain, pointers))
        return ERROR_PERMANENT;
    return found ? MATCHES : MATCHES_NOT;
}

static enum outcome include_match(struct spf_work *work, const struct spf_term *term, struct span name)
{
    struct span mechanism = work->mechanism;
    enum proof_result result = domain_check(work, name, false, NULL, NULL);
    work->mechanism = mechanism;
    if (work->lacking) /* a guess that only leads to further names */
        return result == PROOF_PASS ? MATCHES : MATCHES_NOT;
    switch (result) {
    case PROOF_PASS:
        return MATCHES;
    case PROOF_TEMPERROR:
        return ERROR_TEMPORARY;
    case PROOF_UNKNOWN:
        return ERROR_UNKNOWN;
    case PROOF_PERMERROR:
        return ERROR_PERMANENT;
    case PROOF_NONE:
        work->reason =
            arena_print(work->arena, "\"%.*s\" leads to a domain without an SPF record", SPAN_FMT(term->text));
        return ERROR_PERMANENT;
    default:
        return MATCHES_NOT;
    }
}

static bool lookup_is_too_many(struct spf_work *work, struct span domain)
{
    if (++work->lookups <= work->settings->most_spf_lookups)
        return false;
    wrong(work, domain, arena_print(work->arena, "it takes more than %u lookups", work->settings->most_spf_lookups));
    return true;
}

static enum outcome term_match(struct spf_work *work, const struct spf_term *term, struct span domain)
{
    struct span name;
    if (term->kind == SPF_ALL)
        return MATCHES;
    if (term->kind == SPF_IP4 || term->kind == SPF_IP6)
        return ip_within(&work->question->client, &term->network, term->kind == SPF_IP6 ? term->bits6 : term->bits4)
                   ? MATCHES
                   : MATCHES_NOT;
    if (lookup_is_too_many(work, domain))
        return ERROR_PERMANENT;
    if (!spf_name_expand(work, term->domain, domain, &name)) {
        work->lacking = true;
        return MATCHES_NOT;
    }
    switch (term->kind) {
    case SPF_A:
        return address_match(work, term, name, domain);
    case SPF_MX:
        return mx_match(work, term, name, domain);
    case SPF_EXISTS:
        return exists_match(work, name, domain);
    case SPF_PTR:
        return ptr_match(work, name, domain);
    default:
        return include_match(work, term, name);
    }
}

/* ---- records */
/* RFC 7208 4.3: what is no domain of at least two labels is not asked for. */
static bool domain_is_checkable(struct span domain)
{
    return dns_name_askable(domain) && domain.at[0] != '[' && span_find_byte(domain, '.');
}

/* The one record of a domain. PROOF_PASS: it is in *text; else the result that ends the check. */
static enum proof_result record_select(struct spf_work *work, struct span domain, struct span *text)
{
    if (!domain_is_checkable(domain)) {
        work->reason = arena_print(work->arena, "\"%.*s\" is no domain that could have an SPF record",
                                   SPAN_FMT(span_first(domain, 253)));
        return PROOF_NONE;
    }
    const struct dns_answer *answer = dns_known(work->answers, domain, DNS_TXT);
    size_t count = 0;
    if (!answer) {
        work->lacking = true;
        return PROOF_NONE;
    }
    if (is_error(answer))
        return unanswered(work, domain, answer) == ERROR_UNKNOWN ? PROOF_UNKNOWN : PROOF_TEMPERROR;
    vec_each(record, &answer->data)
        if (spf_version_is(*record)) {
            *text = *record;
            count++;
        }
    if (count > 1)
        wrong(work, domain, S("there is more than one"));
    else if (!count)
        work->reason = arena_print(work->arena, "%.*s has no SPF record", SPAN_FMT(domain));
    return count > 1 ? PROOF_PERMERROR : count ? PROOF_PASS : PROOF_NONE;
}

static void decision_explain(struct spf_work *work, const struct spf_term *term, struct span domain)
{
    static const char *const does[] = {[PROOF_PASS] = "names",
                                       [PROOF_FAIL] = "excludes",
                                       [PROOF_SOFTFAIL] = "doubts",
                                       [PROOF_NEUTRAL] = "says nothing about"};
    struct span client = client_text(work);
    work->mechanism = term->text;
    if (term->kind != SPF_ALL)
        work->reason = arena_print(work->arena, "the SPF record of %.*s %s %.*s by \"%.*s\"", SPAN_FMT(domain),
                                   does[term->result], SPAN_FMT(client), SPAN_FMT(span_first(term->text, 200)));
    else if (term->result == PROOF_PASS)
        work->reason = arena_print(work->arena, "the SPF record of %.*s lets every address send", SPAN_FMT(domain));
    else
        work->reason = arena_print(work->arena, "the SPF record of %.*s does not name %.*s and ends in %.*s",
                                   SPAN_FMT(domain), SPAN_FMT(client), SPAN_FMT(term->text));
}

static enum proof_result redirect_follow(struct spf_work *work, struct span spec, struct span domain, bool top,
                                         struct span *exp_domain, struct span *exp)
{
    struct span name;
    if (lookup_is_too_many(work, domain))
        return PROOF_PERMERROR;
    if (!spf_name_expand(work, spec, domain, &name)) {
        work->lacking = true;
        return PROOF_NONE;
    }
    enum proof_result result = domain_check(work, name, top, exp_domain, exp);
    if (result != PROOF_NONE || work->lacking)
        return result;
    wrong(work, domain, arena_print(work->arena, "\"redirect=%.*s\" leads to a domain without one", SPAN_FMT(spec)));
    return PROOF_PERMERROR;
}

static enum proof_result domain_check(struct spf_work *work, struct span domain, bool top, struct span *exp_domain,
                                      struct span *exp)
{
    static const enum proof_result errors[] = {
        [ERROR_TEMPORARY] = PROOF_TEMPERROR, [ERROR_PERMANENT] = PROOF_PERMERROR, [ERROR_UNKNOWN] = PROOF_UNKNOWN};
    struct span text, fault;
    struct spf_record record;
    struct spf_term term;
    enum proof_result selected = record_select(work, domain, &text);
    if (selected != PROOF_PASS)
        return selected;
    if (!spf_record_parse(work->arena, text, &record, &fault)) {
        wrong(work, domain, fault);
        return PROOF_PERMERROR;
    }
    if (top) {
        *exp_domain = domain;
        *exp = record.exp;
    }
    while (spf_term_next(&record.terms, &term)) {
        enum outcome outcome = term_match(work, &term, domain);
        if (outcome == MATCHES) {
            decision_explain(work, &term, domain);
            return term.result;
        }
        if (outcome != MATCHES_NOT)
            return errors[outcome];
    }
    if (record.redirect.len)
        return redirect_follow(work, record.redirect, domain, top, exp_domain, exp);
    work->reason = arena_print(work->arena, "the SPF record of %.*s says nothing about %.*s", SPAN_FMT(domain),
                               SPAN_FMT(client_text(work)));
    return PROOF_NEUTRAL;
}

/* ---- the whole check */
/* RFC 7208 6.2. The text is a stranger's: printable ASCII only, cut at a bound. */
static struct span explanation_of(struct spf_work *work, struct span spec, struct span domain)
{
    struct span name, text;
    struct buf clean = {.arena = work->arena, .max = SPF_EXPLANATION_MOST};
    if (!spec.len)
        return (struct span){0};
    if (!spf_name_expand(work, spec, domain, &name)) {
        work->lacking = true;
        return (struct span){0};
    }
    const struct dns_answer *answer = dns_known(work->answers, name, DNS_TXT);
    work->lacking = work->lacking || !answer;
    if (!answer || answer->status != DNS_FOUND || answer->data.len != 1 ||
        !spf_macro_string_is(answer->data.at[0], true))
        return (struct span){0};
    if (!spf_macro_expand(work, answer->data.at[0], domain, &text)) {
        work->lacking = true;
        return (struct span){0};
    }
    for (size_t i = 0; i < text.len && !clean.cut; i++)
        buf_byte(&clean, text.at[i] >= ' ' && text.at[i] < 127 ? text.at[i] : '?');
    return buf_span(&clean);
}

/* RFC 7208 4.3: no local part is "postmaster". Longer than any mail system takes is cut: macros repeat it. */
static void sender_split(struct spf_work *work)
{
    const struct spf_question *q = work->question;
    const char *at = q->mail_from.len ? memrchr(q->mail_from.at, '@', q->mail_from.len) : NULL;
    struct span whole = q->mail_from.len ? q->mail_from : q->domain;
    work->sender_domain = span_first(at ? span_skip(whole, (size_t)(at - whole.at) + 1) : whole, SPF_VALUE_MOST);
    work->local = at && at > whole.at ? span_first(span_from(whole.at, at), SPF_VALUE_MOST) : S("postmaster");
}

bool spf_check(struct arena *arena, const struct auth_settings *settings, const struct spf_question *question,
               struct dns_answers *answers, struct spf_proof *out)
{
    struct spf_work work = {.arena = arena, .settings = settings, .question = question, .answers = answers};
    struct span domain = domain_undotted(question->domain), exp_domain = {0}, exp = {0};
    *out = (struct spf_proof){
        .domain = domain, .result = PROOF_UNKNOWN, .reason = S("the address of the sending host is not known")};
    if (question->client.family == IP_NONE)
        return true;
    sender_split(&work);
    enum proof_result result = domain_check(&work, domain, true, &exp_domain, &exp);
    if (work.lacking)
        return false;
    if (result == PROOF_FAIL)
        out->explanation = explanation_of(&work, exp, exp_domain);
    if (work.lacking)
        return false;
    out->result = result;
    if (work.unknown && result != PROOF_PASS) {
        out->result = PROOF_UNKNOWN;
        work.reason = S("a name of the sending host was not asked for");
    }
    out->mechanism = work.mechanism;
    out->lookups = work.lookups;
    out->void_lookups = work.void_lookups;
    out->reason = work.reason;
    return true;
}
