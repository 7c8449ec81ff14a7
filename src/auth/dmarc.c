#include "auth/dmarc.h"

enum { DOMAINS_AHEAD = 5 }; /* DKIM domains whose walk is asked for before their signatures are checked */

enum answer { NO, YES, LACKING, FAILED, UNKNOWN };

/* What is the same for every author of a message. */
struct dmarc_world {
    struct arena *arena;
    const struct tables *tables;
    struct dns_answers *answers;
    const struct spf_proof *spf;
    const struct dkim_proof *dkim;
    size_t n_dkim;
};

/* ---- alignment, RFC 9989 4.4 */
static enum answer walk_answer(const struct dmarc_walk *walk)
{
    static const enum answer answers[] = {[STEP_EMPTY] = YES,     [STEP_RECORD] = YES,      [STEP_MANY] = YES,
                                          [STEP_FAILED] = FAILED, [STEP_UNKNOWN] = UNKNOWN, [STEP_LACKING] = LACKING};
    return answers[walk->end];
}

static enum answer is_aligned(const struct dmarc_world *world, const struct dmarc_walk *author, struct span domain,
                              bool strict)
{
    struct dmarc_walk own;
    domain = domain_undotted(domain);
    if (span_eq_case(domain, author->domain))
        return YES;
    if (strict || !domain.len)
        return NO;
    if (walk_answer(author) != YES)
        return walk_answer(author);
    if (!domain_is_or_under(domain, author->organisation))
        return NO;
    dmarc_walk_make(world->arena, world->answers, domain, &own);
    if (walk_answer(&own) != YES)
        return walk_answer(&own);
    return span_eq_case(own.organisation, author->organisation) ? YES : NO;
}

/* Whether two names could be of one organisation: more than the top-level domain is common to them. */
static bool are_related(struct span a, struct span b)
{
    size_t i = 0, dots = 0;
    while (i < a.len && i < b.len && ascii_lower(a.at[a.len - 1 - i]) == ascii_lower(b.at[b.len - 1 - i]))
        dots += a.at[a.len - 1 - i++] == '.';
    return dots > 1 ||
           (dots == 1 && (i == a.len || i == b.len || a.at[a.len - 1 - i] == '.' || b.at[b.len - 1 - i] == '.'));
}

/* While the author's own walk lacks names, those of the other domains are asked for beside it. */
static void names_ask_ahead(const struct dmarc_world *world, const struct dmarc_walk *author)
{
    struct dmarc_walk walk;
    if (are_related(world->spf->domain, author->domain))
        dmarc_walk_make(world->arena, world->answers, world->spf->domain, &walk);
    for (size_t i = 0, ahead = 0; i < world->n_dkim && ahead < DOMAINS_AHEAD; i++)
        if (are_related(world->dkim[i].domain, author->domain)) {
            dmarc_walk_make(world->arena, world->answers, world->dkim[i].domain, &walk);
            ahead++;
        }
}

/* ---- what passed and is aligned */
struct aligned {
    bool spf, dkim;
    struct span dkim_domain;
    enum answer open; /* NO: nothing that is not known could still have made it pass */
};

static void open_note(struct aligned *aligned, enum answer why)
{
    if (why == LACKING || (aligned->open != LACKING && why > aligned->open))
        aligned->open = why;
}

/* What a mechanism's result leaves open; YES: it passed. */
static enum answer result_answer(enum proof_result result)
{
    switch (result) {
    case PROOF_PASS:
        return YES;
    case PROOF_TEMPERROR:
        return FAILED;
    case PROOF_UNKNOWN:
    case PROOF_NOT_APPLICABLE:
        return UNKNOWN;
    default:
        return NO;
    }
}

static void aligned_find(const struct dmarc_world *world, const struct dmarc_walk *author,
                         const struct dmarc_record *record, struct aligned *out)
{
    enum answer passed = result_answer(world->spf->result);
    *out = (struct aligned){0};
    if (passed != NO) { /* an envelope that is not known could have been the author's */
        enum answer answer = passed == YES || world->spf->domain.len
                                 ? is_aligned(world, author, world->spf->domain, record->strict_spf)
                                 : YES;
        out->spf = passed == YES && answer == YES;
        open_note(out, answer == YES ? (passed == YES ? NO : passed) : answer);
    }
    for (size_t i = 0; i < world->n_dkim; i++) {
        passed = result_answer(world->dkim[i].result);
        if (passed == NO)
            continue;
        enum answer answer = is_aligned(world, author, world->dkim[i].domain, record->strict_dkim);
        if (passed == YES && answer == YES && !out->dkim) {
            out->dkim = true;
            out->dkim_domain = world->dkim[i].domain;
        }
        open_note(out, answer == YES ? (passed == YES ? NO : passed) : answer);
    }
}

/* ---- the policy, RFC 9989 4.10.1 and 5.1 */
/* The step whose record speaks for the author: its own, else the organisation's, else the public suffix's. Where the
 * walk was cut short by a fault, what lies above is not known and only its own record counts. */
static const struct dmarc_step *policy_find(const struct dmarc_walk *walk)
{
    const struct dmarc_step *of_organisation = NULL, *of_suffix = NULL;
    bool cut = walk->end == STEP_FAILED || walk->end == STEP_UNKNOWN;
    for (size_t i = 0; i < walk->count && i <= walk->ended_at; i++) {
        const struct dmarc_step *step = &walk->steps[i];
        if (step->state != STEP_RECORD)
            continue;
        if (i == 0)
            return step;
        if (cut)
            break;
        if (span_eq(step->domain, walk->organisation))
            of_organisation = step;
        else if (step->record.psd == DMARC_PSD_YES)
            of_suffix = step;
    }
    return of_organisation ? of_organisation : of_suffix;
}

/* p, sp or np, whichever is meant. False: whether the name exists is lacking. */
static bool policy_select(const struct dmarc_world *world, const struct dmarc_walk *walk, const struct dmarc_step *step,
                          struct span *out)
{
    const struct dmarc_record *record = &step->record;
    *out = record->p.len ? record->p : record->has_rua ? S("none") : (struct span){0};
    if (!out->len || step == walk->steps)
        return true;
    if (record->sp.len)
        *out = record->sp;
    if (!record->np.len)
        return true;
    const struct dns_answer *answer = dns_known(world->answers, walk->domain, DNS_A);
    if (answer && answer->status == DNS_NO_NAME)
        *out = record->np;
    return answer != NULL;
}

static struct span policy_lower(struct span policy)
{
    return span_eq(policy, S("reject")) ? S("quarantine") : S("none");
}

/* ---- what RFC 7489 would have said, from names that are known by now */
static const struct dmarc_step *step_at(const struct dmarc_walk *walk, struct span domain)
{
    for (size_t i = 0; i < walk->count; i++)
        if (span_eq_case(walk->steps[i].domain, domain))
            return &walk->steps[i];
    return NULL;
}

static bool passed_by_suffix(const struct dmarc_world *world, const struct dmarc_walk *walk,
                             const struct dmarc_record *record)
{
    if (world->spf->result == PROOF_PASS &&
        (span_eq_case(world->spf->domain, walk->domain) ||
         (!record->strict_spf && same_organisation(world->tables, world->spf->domain, walk->domain))))
        return true;
    for (size_t i = 0; i < world->n_dkim; i++)
        if (world->dkim[i].result == PROOF_PASS &&
            (span_eq_case(world->dkim[i].domain, walk->domain) ||
             (!record->strict_dkim && same_organisation(world->tables, world->dkim[i].domain, walk->domain))))
            return true;
    return false;
}

/* Fills the suffix_ fields; only finished results are compared. */
static void suffix_compare(const struct dmarc_world *world, const struct dmarc_walk *walk, struct dmarc_proof *out)
{
    if (!world->tables)
        return;
    out->suffix_organisation = arena_lower(world->arena, organisation_of(world->tables, walk->domain));
    const struct dmarc_step *step = walk->steps;
    if (step->state == STEP_EMPTY)
        step = step_at(walk, out->suffix_organisation);
    if (!step || (step->state != STEP_RECORD && step->state != STEP_EMPTY && step->state != STEP_MANY))
        return;
    bool serves = step->state == STEP_RECORD && (step->record.p.len || step->record.has_rua);
    enum proof_result old = !serves                                        ? PROOF_NONE
                            : passed_by_suffix(world, walk, &step->record) ? PROOF_PASS
                                                                           : PROOF_FAIL;
    enum proof_result now = out->result == PROOF_PERMERROR ? PROOF_NONE : out->result;
    bool other_record = serves && out->policy_domain.len && !span_eq(step->domain, out->policy_domain);
    if (old == now && !other_record)
        return;
    out->suffix_differs = true;
    if (old != now)
        out->suffix_note =
            arena_print(world->arena,
                        "by RFC 7489 the organisation is %.*s, from the public suffix list, and the result would be %s",
                        SPAN_FMT(out->suffix_organisation), proof_result_name(old));
    else
        out->suffix_note =
            arena_print(world->arena, "by RFC 7489 the policy would be that of %.*s", SPAN_FMT(step->domain));
}

/* ---- one author */
static struct span pass_reason(const struct dmarc_world *world, const struct aligned *aligned, struct span author)
{
    if (aligned->spf && aligned->dkim)
        return arena_print(world->arena, "%.*s is proved by SPF for %.*s and by the DKIM signature of %.*s",
                           SPAN_FMT(author), SPAN_FMT(world->spf->domain), SPAN_FMT(aligned->dkim_domain));
    return arena_print(world->arena, "%.*s is proved by %s %.*s", SPAN_FMT(author),
                       aligned->spf ? "SPF for" : "the DKIM signature of",
                       SPAN_FMT(aligned->spf ? world->spf->domain : aligned->dkim_domain));
}

static struct span fail_reason(const struct dmarc_world *world, struct span author, struct span policy)
{
    struct buf text = {.arena = world->arena, .max = 1000};
    buf_print(&text, "nothing proves %.*s, whose policy is %.*s", SPAN_FMT(author), SPAN_FMT(policy));
    if (world->spf->result == PROOF_PASS)
        buf_print(&text, "; SPF passes only for %.*s", SPAN_FMT(world->spf->domain));
    for (size_t i = 0, told = 0; i < world->n_dkim && told < 3; i++)
        if (world->dkim[i].result == PROOF_PASS && ++told)
            buf_print(&text, "; a DKIM signature holds only for %.*s", SPAN_FMT(world->dkim[i].domain));
    return buf_span(&text);
}

/* No record speaks for the author: why, and what the result is. */
static void policy_absent(const struct dmarc_world *world, const struct dmarc_walk *walk, struct dmarc_proof *out)
{
    const struct dmarc_step *step = &walk->steps[walk->ended_at];
    out->result = PROOF_NONE;
    if (walk->end == STEP_MANY) {
        out->result = PROOF_PERMERROR;
        out->reason = arena_print(world->arena, "%.*s publishes more than one DMARC record, so none counts",
                                  SPAN_FMT(step->domain));
    } else if (walk->end == STEP_FAILED || walk->end == STEP_UNKNOWN) {
        out->result = walk->end == STEP_FAILED ? PROOF_TEMPERROR : PROOF_UNKNOWN;
        out->reason = arena_print(world->arena, "the DMARC record of %.*s could not be read: %.*s",
                                  SPAN_FMT(step->domain), SPAN_FMT(step->why));
    } else {
        out->reason = arena_print(world->arena, "%.*s publishes no DMARC policy", SPAN_FMT(walk->domain));
    }
}

static const char *open_reason(const struct dmarc_world *world, enum answer open)
{
    if (open == FAILED)
        return "the DNS failed for a name that it depends on";
    if (world->spf->result == PROOF_NOT_APPLICABLE)
        return "no signature proves it, and SPF does not apply to mail that did not come in by SMTP";
    if (world->spf->result == PROOF_UNKNOWN)
        return "no signature proves it, and the result of SPF is not known";
    return "a name that it depends on was not asked for";
}

static void author_decide(const struct dmarc_world *world, const struct dmarc_walk *walk, const struct aligned *aligned,
                          struct dmarc_proof *out)
{
    if (aligned->spf || aligned->dkim) {
        out->result = PROOF_PASS;
        out->reason = pass_reason(world, aligned, walk->domain);
    } else if (aligned->open == NO) {
        out->result = PROOF_FAIL;
        out->reason = fail_reason(world, walk->domain, out->policy);
    } else {
        out->result = aligned->open == FAILED ? PROOF_TEMPERROR : PROOF_UNKNOWN;
        out->reason = arena_print(world->arena, "whether %.*s is proved cannot be told: %s", SPAN_FMT(walk->domain),
                                  open_reason(world, aligned->open));
    }
}

static bool author_check(const struct dmarc_world *world, struct span domain, struct dmarc_proof *out)
{
    struct dmarc_walk walk;
    struct aligned aligned;
    static const struct dmarc_record relaxed;
    dmarc_walk_make(world->arena, world->answers, domain, &walk);
    *out = (struct dmarc_proof){.from_domain = walk.domain, .organisation = walk.organisation};
    const struct dmarc_step *step = policy_find(&walk);
    if (walk.end == STEP_LACKING) {
        names_ask_ahead(world, &walk);
        return false;
    }
    if (step && !policy_select(world, &walk, step, &out->policy))
        return false;
    aligned_find(world, &walk, step ? &step->record : &relaxed, &aligned);
    if (aligned.open == LACKING)
        return false;
    out->spf_aligned = aligned.spf;
    out->dkim_aligned = aligned.dkim;
    if (step) {
        out->policy_domain = step->domain;
        out->testing = step->record.testing;
    }
    if (!step) {
        policy_absent(world, &walk, out);
    } else if (!out->policy.len) {
        out->result = PROOF_NONE;
        out->reason = arena_print(world->arena, "the DMARC record of %.*s states no policy", SPAN_FMT(step->domain));
    } else {
        author_decide(world, &walk, &aligned, out);
        out->policy = out->testing ? policy_lower(out->policy) : out->policy;
    }
    if (out->result != PROOF_TEMPERROR && out->result != PROOF_UNKNOWN)
        suffix_compare(world, &walk, out);
    return true;
}

/* ---- all authors */
typedef VEC(struct span) domains_t;

/* *unchecked: some author has no domain, or there are more domains than are looked at. */
static void domains_collect(struct arena *arena, const mailboxes_t *mailboxes, domains_t *out, bool *unchecked)
{
    vec_each(mailbox, mailboxes) {
        bool known = false;
        vec_each(domain, out)
            known = known || span_eq_case(*domain, mailbox->domain_ascii);
        if (!known && mailbox->domain_ascii.len && out->len < DMARC_AUTHORS_MOST)
            *vec_push(arena, out) = mailbox->domain_ascii;
        else if (!known)
            *unchecked = true;
    }
}

static unsigned result_rank(const struct dmarc_proof *proof)
{
    static const unsigned ranks[] = {[PROOF_PASS] = 0,      [PROOF_NONE] = 1,      [PROOF_UNKNOWN] = 2,
                                     [PROOF_TEMPERROR] = 3, [PROOF_PERMERROR] = 4, [PROOF_FAIL] = 5};
    unsigned policy = span_eq(proof->policy, S("reject")) ? 2 : span_eq(proof->policy, S("quarantine")) ? 1 : 0;
    return ranks[proof->result] * 3 + policy;
}

bool dmarc_check(struct arena *arena, const struct tables *tables, struct dns_answers *answers,
                 const struct message *message, const struct spf_proof *spf, const struct dkim_proof *dkim,
                 size_t n_dkim, struct dmarc_proof *out)
{
    const struct dmarc_world world = {arena, tables, answers, spf, dkim, n_dkim};
    domains_t domains = {0};
    bool complete = true,
         unchecked = message_field(message, FIELD_FROM, message->from.len) != NULL; /* a field without author */
    domains_collect(arena, &message->from, &domains, &unchecked);
    *out = (struct dmarc_proof){.result = PROOF_PERMERROR};
    if (!domains.len) {
        out->reason = message->from.len ? S("the author's address has no domain that could be asked for")
                                        : S("the message names no author");
        return true;
    }
    vec_each(domain, &domains) {
        struct dmarc_proof one;
        if (!author_check(&world, *domain, &one))
            complete = false;
        else if (domain == domains.at || result_rank(&one) > result_rank(out))
            *out = one;
    }
    if (unchecked && complete && out->result == PROOF_PASS) {
        out->result = PROOF_PERMERROR;
        out->reason = S("not all of its authors have a domain that was asked for");
    } else if (domains.len > 1 && complete) {
        out->reason = arena_print(arena, "of %zu author domains the strictest result counts: %.*s", domains.len,
                                  SPAN_FMT(out->reason));
    }
    return complete;
}
