#include "auth/dmarc.h"

/* ---- the record */
static bool policy_read(struct span value, struct span *out)
{
    static const struct span known[] = {{"none", 4}, {"quarantine", 10}, {"reject", 6}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (span_eq_case(value, known[i])) {
            *out = known[i];
            return true;
        }
    return false;
}

/* At least one URI of the list that could be one: a scheme, and for mailto: an address. */
static bool addresses_named(struct span list)
{
    struct span uri;
    while (span_cut(&list, ',', &uri)) {
        uri = span_trim(uri);
        const char *colon = span_find_byte(uri, ':');
        if (!colon || colon == uri.at || !ascii_is_alpha(uri.at[0]))
            continue;
        struct span rest = span_skip(uri, (size_t)(colon - uri.at) + 1);
        if (span_starts_case(uri, S("mailto:")) ? span_find_byte(rest, '@') != NULL : rest.len > 0)
            return true;
    }
    return false;
}

static void tag_read(struct span name, struct span value, struct dmarc_record *out)
{
    if (span_eq_case(name, S("p")))
        policy_read(value, &out->p);
    else if (span_eq_case(name, S("sp")))
        policy_read(value, &out->sp);
    else if (span_eq_case(name, S("np")))
        policy_read(value, &out->np);
    else if (span_eq_case(name, S("rua")))
        out->has_rua = addresses_named(value);
    else if (span_eq_case(name, S("adkim")))
        out->strict_dkim = span_eq_case(value, S("s"));
    else if (span_eq_case(name, S("aspf")))
        out->strict_spf = span_eq_case(value, S("s"));
    else if (span_eq_case(name, S("t")))
        out->testing = span_eq_case(value, S("y"));
    else if (span_eq_case(name, S("psd")))
        out->psd = span_eq_case(value, S("y"))   ? DMARC_PSD_YES
                   : span_eq_case(value, S("n")) ? DMARC_PSD_NO
                                                 : DMARC_PSD_UNSAID;
}

static bool tag_cut(struct span *rest, struct span *name, struct span *value)
{
    struct span tag;
    if (!span_cut(rest, ';', &tag))
        return false;
    const char *equals = span_find_byte(tag, '=');
    *name = span_trim(equals ? span_from(tag.at, equals) : tag);
    *value = equals ? span_trim(span_skip(tag, (size_t)(equals - tag.at) + 1)) : (struct span){0};
    return true;
}

bool dmarc_record_parse(struct span text, struct dmarc_record *out)
{
    struct span rest = span_first(text, DMARC_RECORD_MOST), name, value;
    *out = (struct dmarc_record){0};
    if (!text.len || ascii_is_space(text.at[0]) || !tag_cut(&rest, &name, &value) || !span_eq_case(name, S("v")) ||
        !span_eq(value, S("DMARC1")))
        return false;
    while (tag_cut(&rest, &name, &value))
        tag_read(name, value, out);
    return true;
}

/* ---- the walk */
static size_t labels_of(struct span domain)
{
    size_t n = domain.len > 0;
    for (size_t i = 0; i < domain.len; i++)
        n += domain.at[i] == '.';
    return n;
}

/* The last n labels. */
static struct span labels_keep(struct span domain, size_t n)
{
    for (size_t have = labels_of(domain); have > n; have--)
        domain = span_skip(domain, (size_t)(span_find_byte(domain, '.') - domain.at) + 1);
    return domain;
}

static void step_take(struct arena *arena, struct dns_answers *answers, struct dmarc_step *step)
{
    const struct dns_answer *answer =
        dns_known(answers, arena_print(arena, "_dmarc.%.*s", SPAN_FMT(step->domain)), DNS_TXT);
    if (!answer) {
        step->state = STEP_LACKING;
        return;
    }
    step->why = answer->why.len ? answer->why : span_of(dns_status_name(answer->status));
    if (answer->status == DNS_FAILED || answer->status == DNS_TIMED_OUT)
        step->state = STEP_FAILED;
    if (answer->status == DNS_UNKNOWN)
        step->state = STEP_UNKNOWN;
    vec_each(text, &answer->data) {
        struct dmarc_record record;
        if (!dmarc_record_parse(*text, &record))
            continue;
        if (step->state == STEP_RECORD) { /* how many more there are does not matter */
            step->state = STEP_MANY;
            return;
        }
        step->state = STEP_RECORD;
        step->record = record;
    }
}

/* RFC 9989 4.10.2: psd=n names the organisation; psd=y above the start says that it lies one label below; else the
 * shortest name with a record. A top-level domain that cannot be asked changes nothing where a record was found. */
static void walk_conclude(struct dmarc_walk *walk)
{
    bool found = false;
    walk->organisation = walk->domain;
    for (size_t i = 0; i < walk->count; i++) {
        const struct dmarc_step *step = &walk->steps[i];
        bool top = !span_find_byte(step->domain, '.');
        if (step->state == STEP_EMPTY || (step->state == STEP_FAILED && top && found))
            continue;
        walk->ended_at = i;
        if (step->state != STEP_RECORD) {
            walk->end = step->state;
            return;
        }
        found = true;
        walk->organisation = step->domain;
        if (step->record.psd == DMARC_PSD_UNSAID)
            continue;
        if (step->record.psd == DMARC_PSD_YES) /* at the start itself: the start */
            walk->organisation = labels_keep(walk->domain, labels_of(step->domain) + 1);
        walk->end = STEP_RECORD;
        return;
    }
    walk->end = STEP_EMPTY;
}

void dmarc_walk_make(struct arena *arena, struct dns_answers *answers, struct span domain, struct dmarc_walk *out)
{
    *out = (struct dmarc_walk){0};
    domain = domain_undotted(domain);
    out->domain = arena_lower(arena, domain);
    size_t labels = labels_of(domain);
    for (size_t left = labels; left; left = left > DMARC_STEPS_MOST ? DMARC_STEPS_MOST - 1 : left - 1) {
        out->steps[out->count] = (struct dmarc_step){.domain = labels_keep(out->domain, left)};
        step_take(arena, answers, &out->steps[out->count++]);
    }
    walk_conclude(out);
}

bool dmarc_organisation(struct arena *arena, struct dns_answers *answers, struct span domain, struct span *organisation)
{
    struct dmarc_walk walk;
    dmarc_walk_make(arena, answers, domain, &walk);
    *organisation = walk.organisation;
    return walk.end != STEP_LACKING;
}
