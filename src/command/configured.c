/* sekimori scan --config: everything from one generation, before the options override it. */
#include "command/scan.h"

static const struct organisation *organisation_choose(const struct scan_options *options, struct err *err)
{
    const struct generation *generation = options->generation;
    const struct organisation *only = generation->organisations.len == 1 ? generation->organisations.at : NULL;
    const struct organisation *told = generation_organisation_by_id(generation, span_of(options->organisation));
    if (options->organisation && !told)
        err_set(err, "--organisation: %s has no organisation \"%s\"", options->config_file, options->organisation);
    else if (!told && generation->organisations.len > 1)
        err_set(err, "%s has %zu organisations, and which of them received the mail is not said: add --organisation ID", options->config_file,
                generation->organisations.len);
    return told ? told : only;
}

/* What options add to a list must not land in the generation's memory. */
static void lists_part(struct walk_settings *walk)
{
    walk->trace.trusted_hosts.cap = walk->trace.trusted_hosts.len;
    walk->trace.trusted_networks.cap = walk->trace.trusted_networks.len;
    walk->auth.trusted_authserv.cap = walk->auth.trusted_authserv.len;
    walk->verdict.trusted_sealers.cap = walk->verdict.trusted_sealers.len;
    walk->identity.own_domains.cap = walk->identity.own_domains.len;
    walk->identity.own_names.cap = walk->identity.own_names.len;
    walk->identity.partners.cap = walk->identity.partners.len;
    walk->identity.people.cap = walk->identity.people.len;
    walk->identity.own_forms.cap = walk->identity.own_forms.len;
}

static void settings_take(struct scan_options *options, const struct organisation *organisation)
{
    const struct generation *generation = options->generation;
    options->walk = organisation ? organisation->walk : generation->walk;
    options->organisation = organisation ? organisation->id.at : NULL;
    lists_part(&options->walk);
    resolver_settings_take(&options->resolver, generation);
    options->deadline_ms = (int)generation->judges.deadline_ms;
    if (generation->judges.number)
        options->judges = (unsigned)generation->judges.number;
    if (organisation && organisation->language == LANGUAGE_JA)
        options->style.text.language = LANGUAGE_JA;
    options->table = generation_tables(generation);
}

int options_configure(struct scan_options *options, struct err *err)
{
    struct faults faults;
    faults_begin(&faults, options->config_file);
    int loaded = generation_load(options->config_file, &options->generation, &faults);
    if (loaded < 0) {
        struct buf text = {.arena = faults.arena};
        faults_print(&faults, &text);
        fwrite(text.at, 1, text.len, stderr);
        err_set(err, "%s is not in order (%zu fault%s); nothing was scanned", options->config_file, faults.wrong, faults.wrong == 1 ? "" : "s");
    }
    faults_end(&faults);
    if (loaded < 0)
        return -1;
    const struct organisation *organisation = organisation_choose(options, err);
    if (!organisation && (options->organisation || options->generation->organisations.len > 1))
        return -1;
    settings_take(options, organisation);
    return 0;
}

/* Reports are to tell that they are not this very generation's. */
void options_override(struct scan_options *options)
{
    if (options->generation && options->overridden)
        options->walk.generation = arena_print(options->arena, "%.*s+options", SPAN_FMT(options->generation->id));
}
