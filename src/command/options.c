#include "command/scan.h"

#include <getopt.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { MOST_JUDGES = 256, NARROWEST = 40, WIDEST = 200 };

typedef int take_t(struct scan_options *options, const char *value, struct err *err);

/* What is wrong with the value, behind the option it was given to. */
static int refuse(const char *option, const struct err *why, struct err *err)
{
    return err_set(err, "%s: %s", option, why->text);
}

static int take_number(const char *option, const char *value, uint64_t least, uint64_t most, uint64_t *out, struct err *err)
{
    struct err why;
    return value_number(span_of(value), least, most, out, &why) == 0 ? 0 : refuse(option, &why, err);
}

static int take_jobs(struct scan_options *options, const char *value, struct err *err)
{
    uint64_t number = 0;
    int taken = take_number("--jobs", value, 1, MOST_JUDGES, &number, err);
    options->judges = (unsigned)number;
    return taken;
}

static int take_json(struct scan_options *options, const char *value, struct err *err)
{
    options->style.form = RESULT_JSON;
    options->json = true;
    return 0;
}

static int take_explain(struct scan_options *options, const char *value, struct err *err)
{
    options->style.form = RESULT_TEXT;
    options->explain = true;
    return 0;
}

static int take_lang(struct scan_options *options, const char *value, struct err *err)
{
    bool english = strcmp(value, "en") == 0;
    if (!english && strcmp(value, "ja") != 0)
        return err_set(err, "--lang: \"%s\" is not one of: en, ja", value);
    options->style.text.language = english ? LANGUAGE_EN : LANGUAGE_JA;
    return 0;
}

static int take_envelopes(struct scan_options *options, const char *value, struct err *err)
{
    *vec_push(options->arena, &options->envelopes) = value;
    return 0;
}

static int take_authserv(struct scan_options *options, const char *value, struct err *err)
{
    struct err why;
    if (value_name(span_of(value), "write the id as it stands at the front of Authentication-Results", &why) < 0)
        return refuse("--trust-authserv", &why, err);
    *vec_push(options->arena, &options->walk.auth.trusted_authserv) = span_of(value);
    return 0;
}

static int take_authserv_below(struct scan_options *options, const char *value, struct err *err)
{
    options->walk.auth.authserv_below = true;
    return 0;
}

static int take_preset(struct scan_options *options, const char *value, struct err *err)
{
    if (trace_preset_parse(span_of(value), &options->walk.trace.preset))
        return 0;
    return err_set(err, "--preset: \"%s\" is not one of: none, postfix, m365, google", value);
}

static int take_host(struct scan_options *options, const char *value, struct err *err)
{
    struct err why;
    struct span host;
    if (value_host(options->arena, span_of(value), &host, &why) < 0)
        return refuse("--trusted-host", &why, err);
    *vec_push(options->arena, &options->walk.trace.trusted_hosts) = host;
    return 0;
}

static int take_network(struct scan_options *options, const char *value, struct err *err)
{
    struct err why;
    struct prefix prefix;
    if (value_network(span_of(value), &prefix, &why) < 0)
        return refuse("--trusted-network", &why, err);
    *vec_push(options->arena, &options->walk.trace.trusted_networks) = prefix;
    return 0;
}

static int take_sealer(struct scan_options *options, const char *value, struct err *err)
{
    struct err why;
    struct span domain;
    if (value_host(options->arena, span_of(value), &domain, &why) < 0)
        return refuse("--trusted-sealer", &why, err);
    *vec_push(options->arena, &options->walk.verdict.trusted_sealers) = domain;
    return 0;
}

static int take_now(struct scan_options *options, const char *value, struct err *err)
{
    int zone;
    if (time_parse(span_of(value), &options->now, &zone))
        return 0;
    return err_set(err, "--now: \"%s\" is no time such as 2026-01-31T12:00:00Z", value);
}

static int take_zone(struct scan_options *options, const char *value, struct err *err)
{
    options->zone_file = value;
    return 0;
}

static int take_offline(struct scan_options *options, const char *value, struct err *err)
{
    options->resolver.offline = options->offline_told = true;
    options->resolver.zone = NULL; /* of the configuration */
    return 0;
}

static int take_deadline(struct scan_options *options, const char *value, struct err *err)
{
    uint64_t seconds = 0;
    int taken = take_number("--deadline", value, 1, 600, &seconds, err);
    options->deadline_ms = (int)seconds * 1000;
    if (seconds < 5)
        options->resolver.deadline_ms = options->deadline_ms;
    return taken;
}

static int take_customers(struct scan_options *options, const char *value, struct err *err)
{
    options->customers_file = value;
    return 0;
}

static int take_direction(struct scan_options *options, const char *value, struct err *err)
{
    for (int direction = DIRECTION_UNKNOWN; direction <= DIRECTION_REINJECT; direction++)
        if (strcmp(direction_name((enum direction)direction), value) == 0) {
            options->direction = (enum direction)direction;
            return 0;
        }
    return err_set(err, "--direction: \"%s\" is not one of: inbound, outbound, submission, internal, reinject", value);
}

static int take_country(struct scan_options *options, const char *value, struct err *err)
{
    options->table.country_file = value;
    options->tables_told = true;
    return 0;
}

static int take_as(struct scan_options *options, const char *value, struct err *err)
{
    options->table.as_file = value;
    options->tables_told = true;
    return 0;
}

static int take_data(struct scan_options *options, const char *value, struct err *err)
{
    options->table.data_dir = value;
    options->tables_told = true;
    return 0;
}

static int take_limit(struct scan_options *options, const char *value, struct err *err)
{
    struct err why;
    struct span name, rest = span_of(value);
    bool valued = span_find_byte(rest, '=') != NULL;
    span_cut(&rest, '=', &name);
    const struct limit *limit = limit_find(name);
    if (!limit)
        return err_set(err, "--limit wants NAME=VALUE; no limit is called \"%.*s\", docs/LIMITS.md lists them", SPAN_FMT(name));
    if (!valued)
        return err_set(err, "--limit wants NAME=VALUE, such as depth=20; \"%s\" has no value", value);
    return limit_set(limit, rest, false, &options->walk, &why) == 0 ? 0 : refuse("--limit", &why, err);
}

static int take_weights(struct scan_options *options, const char *value, struct err *err)
{
    options->table.weights_file = value;
    options->tables_told = true;
    return 0;
}

static int take_lists(struct scan_options *options, const char *value, struct err *err)
{
    options->table.own_dir = value;
    options->tables_told = true;
    return 0;
}

static int take_store(struct scan_options *options, const char *value, struct err *err)
{
    options->store_file = value;
    return 0;
}

static int take_people(struct scan_options *options, const char *value, struct err *err)
{
    options->people_file = value;
    return 0;
}

static int take_own_domain(struct scan_options *options, const char *value, struct err *err)
{
    struct err why;
    struct span domain;
    if (value_domain(options->arena, span_of(value), &domain, &why) < 0)
        return refuse("--own-domain", &why, err);
    *vec_push(options->arena, &options->walk.identity.own_domains) = domain;
    return 0;
}

static int take_ham(struct scan_options *options, const char *value, struct err *err)
{
    options->label = LABEL_HONEST;
    return 0;
}

static int take_phish(struct scan_options *options, const char *value, struct err *err)
{
    options->label = LABEL_BAD;
    return 0;
}

static int take_perturb(struct scan_options *options, const char *value, struct err *err)
{
    options->perturb = true;
    return 0;
}

static int take_output(struct scan_options *options, const char *value, struct err *err)
{
    options->output_file = value;
    return 0;
}

static int take_parts(struct scan_options *options, const char *value, struct err *err)
{
    options->parts_file = value;
    return 0;
}

static int take_worst(struct scan_options *options, const char *value, struct err *err)
{
    uint64_t number = 0;
    int taken = take_number("--worst", value, 0, 100000, &number, err);
    options->worst = number;
    return taken;
}

static int take_top(struct scan_options *options, const char *value, struct err *err)
{
    uint64_t number = 0;
    int taken = take_number("--top", value, 0, EVIDENCE_COUNT, &number, err);
    options->top = number;
    return taken;
}

static int take_prior(struct scan_options *options, const char *value, struct err *err)
{
    struct err why;
    return value_share(span_of(value), false, &options->walk.verdict.prior, &why) == 0 ? 0 : refuse("--prior", &why, err);
}

/* Both were read before all others; see options_parse. */
static int take_config(struct scan_options *options, const char *value, struct err *err)
{
    options->config_file = value;
    return 0;
}

static int take_organisation(struct scan_options *options, const char *value, struct err *err)
{
    options->organisation = value;
    return 0;
}

static int take_colour(struct scan_options *options, const char *value, struct err *err)
{
    static const char *const names[] = {"auto", "always", "never"};
    for (int i = 0; i < 3; i++)
        if (strcmp(value, names[i]) == 0) {
            options->colour = i;
            return 0;
        }
    return err_set(err, "--colour: \"%s\" is not one of: auto, always, never", value);
}

static int take_summary(struct scan_options *options, const char *value, struct err *err)
{
    options->summary = true;
    return 0;
}

static int take_quiet(struct scan_options *options, const char *value, struct err *err)
{
    options->quiet = true;
    return 0;
}

static int take_help(struct scan_options *options, const char *value, struct err *err)
{
    options->help = true;
    return 0;
}

enum { JUDGES = 8 /* a bit beside the verbs: with it a configuration is not judged by as it stands */ };
enum { EVERY = VERB_SCAN | VERB_EVAL | VERB_FIT, ONLY_SCAN = VERB_SCAN, ONLY_STUDY = VERB_EVAL | VERB_FIT };
/* Every option once: what the command line takes and what --help prints. */
static const struct row {
    unsigned verbs;           /* bits of enum option_verb, and JUDGES */
    char letter;
    const char *name, *value; /* value NULL: takes none */
    const char *help;         /* NULL: another spelling of the row before */
    take_t *take;
} rows[] = {
    {ONLY_SCAN, 0, "explain", NULL, "the road, the proofs and the reasons, for people (default on a terminal)", take_explain},
    {ONLY_SCAN, 0, "json", NULL, "one JSON object a line (docs/report.schema.json)", take_json},
    {ONLY_SCAN, 'q', "quiet", NULL, "no output for single messages", take_quiet},
    {ONLY_SCAN, 0, "summary", NULL, "a table at the end: verdicts and heaviest evidence of each folder", take_summary},
    {ONLY_SCAN, 0, "lang", "en|ja", "language of the explanation (default: from LC_ALL, LC_MESSAGES, LANG)", take_lang},
    {ONLY_SCAN, 0, "colour", "WHEN", "auto, always or never", take_colour},
    {ONLY_SCAN, 0, "color", "WHEN", NULL, take_colour},
    {ONLY_SCAN, 'j', "jobs", "N", "judges at work (default: one a processor)", take_jobs},
    {EVERY, 0, "envelopes", "FILE", "table of file, client address, HELO, reverse name, MAIL FROM, RCPT TO; may repeat", take_envelopes},
    {ONLY_SCAN, 0, "config", "FILE", "take everything from this sekimori.conf; other options override it, lists are added to", take_config},
    {ONLY_SCAN, 0, "organisation", "ID", "of --config: whose mail it is, where the file has several", take_organisation},
    {EVERY | JUDGES, 0, "trust-authserv", "ID", "believe Authentication-Results of this authserv-id; may repeat", take_authserv},
    {EVERY | JUDGES, 0, "trust-authserv-below", NULL, "our servers remove such fields of others: believe one directly below our Received too", take_authserv_below},
    {EVERY | JUDGES, 0, "preset", "NAME", "whose machines stand on top of the road: none, postfix, m365 or google", take_preset},
    {EVERY | JUDGES, 0, "trusted-host", "NAME", "a machine of ours, as it stands after `by` in Received; may repeat", take_host},
    {EVERY | JUDGES, 0, "trusted-network", "PREFIX", "addresses of machines of ours; may repeat", take_network},
    {EVERY | JUDGES, 0, "trusted-sealer", "DOMAIN", "believe what this ARC sealer recorded; may repeat", take_sealer},
    {ONLY_SCAN, 0, "direction", "NAME", "inbound, outbound, submission, internal or reinject", take_direction},
    {ONLY_SCAN | JUDGES, 0, "customers", "FILE", "customers of a relay; wants --direction outbound (see CUSTOMERS in the manual)", take_customers},
    {EVERY, 0, "now", "TIME", "when the messages arrived (default: the date of the topmost Received)", take_now},
    {EVERY | JUDGES, 0, "zone", "FILE", "answer DNS from this master file and ask no network", take_zone},
    {EVERY | JUDGES, 0, "offline", NULL, "ask no DNS: what it would have shown is unknown", take_offline},
    {ONLY_SCAN, 0, "deadline", "SECONDS", "longest wait for the names of one message (default: 20)", take_deadline},
    {EVERY | JUDGES, 0, "country-db", "FILE", "MaxMind database of countries", take_country},
    {EVERY | JUDGES, 0, "as-db", "FILE", "MaxMind database or CSV of AS numbers", take_as},
    {ONLY_STUDY, 0, "ham", NULL, "what follows, up to --phish, is honest mail", take_ham},
    {ONLY_STUDY, 0, "phish", NULL, "what follows, up to --ham, is bad mail", take_phish},
    {VERB_EVAL, 0, "perturb", NULL, "judge copies too in which was changed what must not matter; fails where a verdict changes", take_perturb},
    {ONLY_STUDY, 0, "worst", "N", "misses and false alarms to be named (default: 10)", take_worst},
    {VERB_EVAL, 0, "top", "N", "rows of evidence to be shown (default: 40)", take_top},
    {VERB_FIT, 'o', "output", "FILE", "write the weights there (default: standard output)", take_output},
    {VERB_FIT, 0, "parts", "FILE", "write there on which side of the tests each message stood, for other programs", take_parts},
    {ONLY_SCAN, 0, "store", "FILE", "keep a record of each message in this store, for hunt, explain, replay", take_store},
    {EVERY | JUDGES, 0, "prior", "PERCENT", "share of bad mail that scores are stated at (default: 0.5)", take_prior},
    {EVERY | JUDGES, 0, "people", "FILE", "own domains and names, partners, protected people (see PEOPLE in the manual)", take_people},
    {EVERY | JUDGES, 0, "own-domain", "NAME", "a domain of the organisation that receives; may repeat", take_own_domain},
    {EVERY | JUDGES, 0, "weights", "FILE", "weights of evidence (default: weights.tsv of the tables)", take_weights},
    {EVERY | JUDGES, 0, "lists", "DIR", "lists of your own, added to those of the tables: brands.yaml, hosts.yaml, lures.yaml ...", take_lists},
    {EVERY | JUDGES, 0, "data", "DIR", "the tables of services and networks (default: the installed ones)", take_data},
    {EVERY | JUDGES, 0, "limit", "NAME=VALUE", "a limit of the reader (docs/LIMITS.md); may repeat", take_limit},
    {EVERY, 'h', "help", NULL, "this text", take_help},
};
enum { ROWS = sizeof rows / sizeof *rows, FIRST_LONG = 256, PATH_CODE = 1 };

static const char *const usages[] = {
    [VERB_SCAN] = "usage: sekimori scan [OPTION]... PATH...\n\n"
                  "Reads mail and says whom it is from, which road it took and what speaks against it. A PATH is a message, a\n"
                  "folder, an mbox, a Maildir, a story (a folder with message.eml), or - for standard input. In folders hidden\n"
                  "files, README and *.envelopes.tsv are passed over.\n\n",
    [VERB_EVAL] = "usage: sekimori eval [OPTION]... --ham PATH... --phish PATH...\n\n"
                  "Judges mail whose truth is known and says how well: for each folder k of n with its interval, recall at three rates\n"
                  "of false alarms, AUC, what scores promise and keep, the evidence that carried most, the worst mistakes. Asks no DNS\n"
                  "but a --zone: old mail is judged by what its receiver recorded (--trust-authserv).\n\n",
    [VERB_FIT] = "usage: sekimori fit [OPTION]... --ham PATH... --phish PATH... [-o FILE]\n\n"
                 "Learns what evidence weighs from mail whose truth is known, and writes the table weights.tsv. Says on standard error\n"
                 "how weights learnt from a part of the mail judge the other part: apart by campaign, and the later by the earlier.\n\n",
};
static const char *const statuses[] = {
    [VERB_SCAN] = "Exit status: 0 all clean, 1 something suspicious or malicious, 2 something could not be read.\n",
    [VERB_EVAL] = "Exit status: 0, 1 a verdict changed under --perturb, 2 something could not be read.\n",
    [VERB_FIT] = "Exit status: 0, 2 something could not be read or written.\n",
};

void options_help(enum option_verb verb)
{
    fputs(usages[verb], stdout);
    for (const struct row *row = rows; row < rows + ROWS; row++) {
        char left[64];
        if (!row->help || !(row->verbs & verb))
            continue;
        snprintf(left, sizeof left, "%c%c%s --%s%s%s", row->letter ? '-' : ' ', row->letter ? row->letter : ' ',
                 row->letter ? "," : " ", row->name, row->value ? " " : "", row->value ? row->value : "");
        printf("  %-29s %s\n", left, row->help);
    }
    printf("\n%s", statuses[verb]);
}

static enum language language_default(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (int i = 0; i < 3; i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return span_starts(span_of(value), S("ja")) ? LANGUAGE_JA : LANGUAGE_EN;
    }
    return LANGUAGE_EN;
}

static unsigned terminal_width(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
        return 0;
    return size.ws_col < NARROWEST ? NARROWEST : size.ws_col > WIDEST ? WIDEST : size.ws_col;
}

static void options_default(struct scan_options *out)
{
    struct arena *arena = out->arena;
    enum option_verb verb = out->verb;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    *out = (struct scan_options){.arena = arena, .verb = verb, .now = TIME_UNKNOWN, .judges = 1, .worst = 10, .top = 40};
    walk_settings_default(&out->walk);
    if (cores > 1)
        out->judges = cores > MOST_JUDGES ? MOST_JUDGES : (unsigned)cores;
    out->style.text.language = language_default();
    out->style.text.width = terminal_width();
}

/* What depends on where the output goes. */
static void options_settle(struct scan_options *options)
{
    bool terminal = isatty(STDOUT_FILENO);
    if (options->zone_file && !options->offline_told)
        options->resolver.offline = false; /* as the configuration may have it */
    const char *without = getenv("NO_COLOR");
    if (!options->json && !options->explain && terminal)
        options->style.form = RESULT_TEXT;
    options->style.text.colour = options->colour == COLOUR_ALWAYS ||
                                 (options->colour == COLOUR_AUTO && terminal && !(without && *without));
}

static void table_fill(struct option *longs, char *letters)
{
    *letters++ = '-'; /* paths in their order: those after --ham and --phish are labelled */
    *letters++ = ':';
    for (int i = 0; i < ROWS; i++) {
        longs[i] = (struct option){rows[i].name, rows[i].value ? required_argument : no_argument, NULL, FIRST_LONG + i};
        if (rows[i].letter)
            *letters++ = rows[i].letter;
        if (rows[i].letter && rows[i].value)
            *letters++ = ':';
    }
    *letters = 0;
    longs[ROWS] = (struct option){0};
}

static const struct row *row_of(int got)
{
    for (int i = 0; i < ROWS; i++)
        if (got == FIRST_LONG + i || (rows[i].letter && got == rows[i].letter))
            return &rows[i];
    return NULL;
}

/* What getopt did not take. One of several letters behind one dash is named alone. */
static int option_refuse(int got, const char *last, struct err *err)
{
    const struct row *row = row_of(optopt);
    const char letter[] = {'-', (char)optopt, 0}, *word = optopt > ' ' && optopt < 127 ? letter : last;
    size_t len = strlen(word), fits = 0;
    if (got == ':')
        return err_set(err, "%s wants a value (%s); --help tells them", word, row ? row->value : "");
    if (row)
        return err_set(err, "%s: this option takes no value", word);
    for (const struct row *each = rows; len > 2 && each < rows + ROWS; each++)
        fits += strncmp(each->name, word + 2, len - 2) == 0;
    return err_set(err, "%s: %s; --help tells them", word, fits ? "is the beginning of several options" : "unknown option");
}

/* Of options that contradict each other none can be what was meant. */
static int options_check(const struct scan_options *options, struct err *err)
{
    if (options->offline_told && options->zone_file)
        return err_set(err, "--offline and --zone: give one of them; --zone asks no network either");
    if (options->json && options->explain)
        return err_set(err, "--json and --explain: give one of them");
    return 0;
}

/* `--trust-authserv m.eml`: the file became the value, and nothing would be left but to wait for standard input. */
static int swallowed_check(const struct row *last, const char *value, struct err *err)
{
    bool a_file = last && value && (strcmp(last->value, "FILE") == 0 || strcmp(last->value, "DIR") == 0);
    if (!last || !value || a_file || access(value, F_OK) != 0)
        return 0;
    return err_set(err, "--%s wants a value (%s), and %s is a file; no path is left to scan", last->name, last->value, value);
}

static void path_take(struct scan_options *options, const char *path)
{
    if (options->label == LABEL_NONE)
        *vec_push(options->arena, &options->paths) = path;
    else
        *vec_push(options->arena, &options->labelled) = (struct labelled_path){path, options->label == LABEL_BAD};
}

/* --config and --organisation, wherever they stand: what they say comes first. Mistakes are told by the second reading. */
static int configuration_find(int argc, char **argv, const char *letters, const struct option *longs, struct scan_options *out, struct err *err)
{
    optind = 0;
    for (int got; (got = getopt_long(argc, argv, letters, longs, NULL)) != -1;) {
        const struct row *row = got == ':' ? NULL : row_of(got);
        if (row && (row->take == take_config || row->take == take_organisation) && row->take(out, optarg, err) < 0)
            return -1;
    }
    if (out->organisation && !out->config_file)
        return err_set(err, "--organisation chooses among those of a configuration: add --config FILE");
    return out->config_file && out->verb == VERB_SCAN ? options_configure(out, err) : 0;
}

int options_parse(int argc, char **argv, struct scan_options *out, struct err *err)
{
    struct option longs[ROWS + 1];
    char letters[2 * ROWS + 3];
    const struct row *last = NULL;
    const char *value = NULL;
    table_fill(longs, letters);
    options_default(out);
    if (configuration_find(argc, argv, letters, longs, out, err) < 0)
        return -1;
    optind = 0;
    for (int got; (got = getopt_long(argc, argv, letters, longs, NULL)) != -1;) {
        const struct row *row = row_of(got);
        if (got == PATH_CODE) {
            path_take(out, optarg);
            last = NULL;
            continue;
        }
        if (row && !(row->verbs & out->verb))
            return err_set(err, "--%s: this option belongs to another verb; see sekimori help", row->name);
        if (got == ':' || !row)
            return option_refuse(got, argv[optind - 1], err);
        last = row->value ? row : NULL;
        value = optarg;
        out->overridden |= (row->verbs & JUDGES) != 0;
        if (row->take(out, optarg, err) < 0)
            return -1;
    }
    for (; optind < argc; optind++)
        path_take(out, argv[optind]);
    if (out->verb == VERB_SCAN && !out->paths.len && !out->help && swallowed_check(last, value, err) < 0)
        return -1;
    if (out->verb == VERB_SCAN && !out->paths.len && !out->help && !isatty(STDIN_FILENO))
        *vec_push(out->arena, &out->paths) = "-";
    options_settle(out);
    options_override(out);
    return options_check(out, err);
}
