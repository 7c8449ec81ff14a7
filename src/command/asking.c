#include "command/asking.h"

#include "generation/generation.h"

#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define AT(name) offsetof(struct asking, name)
enum { SELECT = ASK_HUNT | ASK_REPLAY, SHOW = ASK_EXPLAIN | ASK_WHY_NOT, ENTRIES = ASK_ALLOW | ASK_DENY };
static const struct row {
    unsigned verbs;
    const char *name, *value, *help;
    size_t at;
} rows[] = {
    {ASK_ALL, "store", "FILE", "the store that the service, or scan --store, keeps its records in", AT(store)},
    {ASK_ALL, "config", "FILE", "the store that this sekimori.conf names (default: the installed one)", AT(config)},
    {ASK_HUNT, "from", "GLOB", "From's address, or its domain where no @ is written", AT(from)},
    {ASK_HUNT, "to", "GLOB", "a recipient's address, or its domain", AT(to)},
    {ASK_HUNT, "mail-from", "GLOB", "MAIL FROM", AT(mail_from)},
    {ASK_HUNT, "subject", "GLOB", "the subject, letters of any case; words without * and ? may stand anywhere in it", AT(subject)},
    {ASK_HUNT, "link-host", "GLOB", "the host of a link", AT(link_host)},
    {ASK_HUNT, "digest", "HEX", "SHA-256 of the body or of an attachment, or how it begins", AT(digest)},
    {ASK_HUNT, "message-id", "GLOB", "the Message-ID", AT(message_id)},
    {ASK_HUNT, "client", "GLOB", "the client's address", AT(client)},
    {ASK_HUNT, "service", "ID", "the sending service, by its id in services.yaml", AT(service)},
    {ASK_HUNT, "account", "GLOB", "the customer's account at the service", AT(account)},
    {ASK_HUNT, "tenant", "GLOB", "the Microsoft tenant: its id, organisation or onmicrosoft.com name", AT(tenant)},
    {ASK_HUNT, "evidence", "GLOB", "evidence that was found (docs/EVIDENCE.md)", AT(evidence)},
    {ASK_HUNT, "verdict", "NAME", "clean, suspicious or malicious", AT(verdict)},
    {ASK_HUNT, "unjudged", NULL, "messages that no judge could finish; with it go --org, --since, --until, --limit and --after alone", AT(unjudged)},
    {SELECT, "org", "ID", "records of this organisation", AT(org)},
    {ASK_HELD, "org", "ID", "mail to this organisation's recipients alone", AT(org)},
    {ASK_HELD, "recipient", "ADDRESS", "mail to this recipient alone", AT(recipient)},
    {SELECT | ASK_HELD, "since", "TIME", "arrived then or later: 2026-01-31, 2026-01-31T12:00:00Z, 12h, 7d", AT(since)},
    {SELECT | ASK_HELD, "until", "TIME", "arrived before that", AT(until)},
    {SELECT | ASK_OUTBOX | ASK_HELD, "limit", "N", "so many at most (default for hunt: 100)", AT(limit)},
    {ASK_HUNT, "after", "ID", "go on behind this record, the last one of the page before", AT(after)},
    {ASK_REPLAY, "conf", "FILE", "judge by this sekimori.conf", AT(conf)},
    {ASK_REPLAY, "weights", "FILE", "... by these weights", AT(weights)},
    {ASK_REPLAY, "lists", "DIR", "... with these lists added", AT(lists)},
    {ASK_REPLAY, "data", "DIR", "... with these tables", AT(data)},
    {ASK_REPLAY, "suspicious", "SCORE", "... with this threshold", AT(suspicious)},
    {ASK_REPLAY, "malicious", "SCORE", "... with this threshold", AT(malicious)},
    {ASK_REPLAY, "prior", "PERCENT", "... with this share of bad mail", AT(prior)},
    {ASK_REPLAY, "mode", "MODE", "... in this mode: passive, confirm or active", AT(mode)},
    {ASK_REPLAY, "trusted-sealer", "DOMAIN", "... believing this ARC sealer alone", AT(sealer)},
    {ASK_REPLAY, "entries", NULL, "... with the allow and deny entries that are there now", AT(entries)},
    {ASK_REPLAY, "all", NULL, "name every record, not only those whose verdict changes; with --json the whole report of each", AT(all)},
    {ASK_OUTBOX, "state", "NAME", "waiting, failed or done", AT(state)},
    {ASK_HELD, "state", "NAME", "list: held, asked, leaving, delivered, refused, deleted, expired, kept or waiting (default: whatever lies there but what is kept as it came)", AT(state)},
    {ASK_HELD, "reason", "TEXT", "agree, release, delete: why; it is kept with what was done", AT(reason)},
    {ASK_HELD, "original", NULL, "release: what is kept as it came (keep_original), instead of what is held", AT(original)},
    {ASK_HELD, "output", "FILE", "export: where to (default: standard output)", AT(output)},
    {ASK_HELD, "folder", "DIR", "export: where held messages lie (default: hold.folder of the configuration, or hold beside --store)", AT(folder)},
    {ASK_OUTBOX, "all", NULL, "retry, drop: all that failed", AT(all)},
    {ASK_APPEALS, "all", NULL, "list: those that were answered too", AT(all)},
    {ASK_APPEALS, "org", "ID", "list: of this organisation's readers", AT(org)},
    {ASK_FORGET, "person", "ADDRESS", "whose records are to go", AT(person)},
    {ASK_FORGET, "yes", NULL, "do it; without it only the counts are told", AT(yes)},
    {ENTRIES, "domain", "NAME", "mail whose author's domain is this one or under it", AT(domain)},
    {ENTRIES, "person", "ADDRESS", "... whose author's address is this", AT(person)},
    {ENTRIES, "service", "ID", "... that this service sent, borne out by the path", AT(service)},
    {ENTRIES, "account", "NAME", "... for this customer of the service", AT(account)},
    {ENTRIES, "stream", "NAME", "... with this List-Id", AT(stream)},
    {ENTRIES, "org", "ID", "for mail to this organisation alone", AT(org)},
    {ENTRIES, "reason", "TEXT", "why; it stands in the report", AT(reason)},
    {ENTRIES, "expires", "TIME", "until when: 2026-12-31, 30d", AT(expires)},
    {ASK_CORRECT, "honest", NULL, "the message was honest", AT(honest)},
    {ASK_CORRECT, "bad", NULL, "the message was bad", AT(bad)},
    {ASK_CORRECT, "undo", NULL, "take the correction back", AT(undo)},
    {ENTRIES | ASK_CORRECT | ASK_HELD | ASK_APPEALS, "by", "NAME", "who says so (default: the user's name)", AT(by)},
    {ASK_ALL, "json", NULL, "one JSON object a line", AT(json)},
    {SHOW, "lang", "en|ja", "language (default: from LC_ALL, LC_MESSAGES, LANG)", AT(lang)},
    {ASK_EXPLAIN, "colour", "WHEN", "auto, always or never", AT(colour)},
    {ASK_ALL, "help", NULL, "this text", AT(help)},
};
enum { ROWS = sizeof rows / sizeof *rows, FIRST = 256 };

static const struct {
    enum asking_verb verb;
    const char *usage;
} usages[] = {
    {ASK_EXPLAIN, "usage: sekimori explain [OPTION]... ID...\n\nPrints the report of a record again, as it was when the message was judged.\n\n"},
    {ASK_WHY_NOT, "usage: sekimori why-not [OPTION]... ID...\n\nSays what would have changed the verdict of a record.\n\n"},
    {ASK_HUNT, "usage: sekimori hunt [OPTION]...\n\n"
               "Finds records, newest first. Options combine: a record must fit all of them. In a GLOB * stands for any run of letters\n"
               "and ? for one. Exit status: 0 something was found, 1 nothing was, 2 it could not be looked for.\n\n"},
    {ASK_REPLAY, "usage: sekimori replay [OPTION]...\n\n"
                 "Judges the past again from what was kept, and says which verdicts would change. What cannot be told without the message\n"
                 "itself is counted as \"needs the body\", what block lists were not asked then as \"needs the net\". Exit status: 0 no verdict changes, 1 some do, 2 it could not be done.\n\n"},
    {ASK_FORGET, "usage: sekimori forget [OPTION]... --person ADDRESS\n\n"
                 "Removes the records of mail that a person wrote, and puts a stand-in for the person into those of mail the person received.\n\n"},
    {ASK_ALLOW, "usage: sekimori allow add|list|remove [OPTION]... [NUMBER]\n\n"
                "Entries that speak for mail. They never beat a failed proof.\n\n"},
    {ASK_DENY, "usage: sekimori deny add|list|remove [OPTION]... [NUMBER]\n\nEntries that speak against mail.\n\n"},
    {ASK_OUTBOX, "usage: sekimori outbox list|show|retry|drop [OPTION]... [JOB]...\n\n"
                 "Jobs on the outside world: notices (notify in sekimori.conf) on their way. list shows them, oldest first; show prints what one\n"
                 "tells; retry has one tried at once, one that failed too; drop removes one. Works while the service runs.\n\n"},
    {ASK_HELD, "usage: sekimori held list|show|agree|release|delete|export [OPTION]... [ID]...\n\n"
               "Mail that is held. list has a line for each recipient, the oldest first; show tells all of a message: envelope, verdict, size,\n"
               "until when it lies there, and what became of it for whom; release has the courier send it to the mail server (hold.release_to),\n"
               "to all its recipients or to --recipient; delete removes it; export writes the bytes as they came. What waits for somebody to agree to a\n"
               "policy (mode: confirm) is agreed to by agree, and released without what was proposed by release. Works while the service runs.\n\n"},
    {ASK_APPEALS, "usage: sekimori appeals list|grant|refuse [OPTION]... [NUMBER]...\n\n"
                  "Readers who ask for the release of a locked link. list shows those that wait for an answer; grant lets the recipients that the\n"
                  "link was made for, and no others, go on; refuse tells them no. Works while the service runs.\n\n"},
    {ASK_CORRECT, "usage: sekimori correct [OPTION]... --honest|--bad|--undo ID...\n\nNotes what a message really was, for later fitting.\n\n"},
};

static void help_print(enum asking_verb verb)
{
    for (size_t i = 0; i < sizeof usages / sizeof *usages; i++)
        if (usages[i].verb == verb)
            fputs(usages[i].usage, stdout);
    for (const struct row *row = rows; row < rows + ROWS; row++) {
        char left[64];
        if (!(row->verbs & verb))
            continue;
        snprintf(left, sizeof left, "    --%s%s%s", row->name, row->value ? " " : "", row->value ? row->value : "");
        printf("  %-29s %s\n", left, row->help);
    }
}

static enum language language_of(const char *told)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    if (told)
        return strcmp(told, "ja") == 0 ? LANGUAGE_JA : LANGUAGE_EN;
    for (int i = 0; i < 3; i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return span_starts(span_of(value), S("ja")) ? LANGUAGE_JA : LANGUAGE_EN;
    }
    return LANGUAGE_EN;
}

static int settle(struct asking *asking, struct err *err)
{
    struct winsize size;
    bool terminal = isatty(STDOUT_FILENO);
    const char *without = getenv("NO_COLOR"), *colour = asking->colour ? asking->colour : "auto";
    if (asking->lang && strcmp(asking->lang, "en") != 0 && strcmp(asking->lang, "ja") != 0)
        return err_set(err, "--lang: \"%s\" is not one of: en, ja", asking->lang);
    if (strcmp(colour, "auto") != 0 && strcmp(colour, "always") != 0 && strcmp(colour, "never") != 0)
        return err_set(err, "--colour: \"%s\" is not one of: auto, always, never", colour);
    asking->language = language_of(asking->lang);
    asking->coloured = strcmp(colour, "always") == 0 || (strcmp(colour, "auto") == 0 && terminal && !(without && *without));
    if (terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
        asking->width = size.ws_col < 40 ? 40 : size.ws_col > 200 ? 200 : size.ws_col;
    return 0;
}

int asking_parse(int argc, char **argv, enum asking_verb verb, struct asking *out, struct err *err)
{
    struct option longs[ROWS + 1] = {0};
    int got, taken = 0;
    *out = (struct asking){.verb = verb, .arena = arena_new((size_t)2 << 30)};
    for (int i = 0; i < ROWS; i++)
        if (rows[i].verbs & verb)
            longs[taken++] = (struct option){rows[i].name, rows[i].value ? required_argument : no_argument, NULL, FIRST + i};
    opterr = 0;
    optind = 0;
    while ((got = getopt_long(argc, argv, "-:h", longs, NULL)) != -1) {
        if (got == 1)
            *vec_push(out->arena, &out->words) = optarg;
        else if (got == ':')
            return err_set(err, "%s wants a value; sekimori %s --help tells which", argv[optind - 1], argv[0]);
        else if (got != 'h' && got < FIRST)
            return err_set(err, "%s: is no option of this verb, or not the only one that begins so; sekimori %s --help tells them", argv[optind - 1], argv[0]);
        else if (got == 'h')
            out->help = "";
        else
            memcpy((char *)out + rows[got - FIRST].at, &(const char *){optarg ? optarg : ""}, sizeof(const char *));
    }
    while (optind < argc)
        *vec_push(out->arena, &out->words) = argv[optind++];
    if (out->help)
        help_print(verb);
    return out->help ? 1 : settle(out, err);
}

/* Of the configuration: where the store is, and where held messages are. */
static int configured(const struct asking *asking, struct span *store, struct span *hold, struct err *err)
{
    const char *path = asking->config ? asking->config : SEKIMORI_CONFIG_FILE;
    struct generation *generation;
    struct faults faults;
    if (!asking->config && access(path, R_OK) != 0)
        return err_set(err, "which store? name its file by --store FILE, or a configuration by --config FILE");
    faults_begin(&faults, path);
    int loaded = generation_load(path, &generation, &faults);
    if (loaded < 0)
        err_set(err, "%s is not in order; sekimori check-config %s tells what is wrong, or name the store by --store FILE", path, path);
    else {
        *store = arena_copy(asking->arena, generation->store.path);
        *hold = arena_copy(asking->arena, generation->hold.folder);
        generation_free(&generation);
    }
    faults_end(&faults);
    return loaded;
}

bool asking_leaves_nowhere(const struct asking *asking)
{
    const char *path = asking->config ? asking->config : SEKIMORI_CONFIG_FILE;
    struct generation *generation;
    struct faults faults;
    if (asking->store && !asking->config)
        return false;
    faults_begin(&faults, path);
    bool loaded = generation_load(path, &generation, &faults) == 0, nowhere = loaded && !generation->hold.release_to.text.len;
    if (loaded)
        generation_free(&generation);
    faults_end(&faults);
    return nowhere;
}

int asking_hold(const struct asking *asking, struct span *out, struct err *err)
{
    struct span store;
    const char *slash = asking->store ? strrchr(asking->store, '/') : NULL;
    if (!asking->folder && !asking->store)
        return configured(asking, &store, out, err);
    *out = asking->folder ? span_of(asking->folder)
                          : arena_print(asking->arena, "%.*shold", slash ? (int)(slash + 1 - asking->store) : 0, asking->store);
    return 0;
}

int asking_open(const struct asking *asking, bool write, struct store **out, struct err *err)
{
    struct span path = span_of(asking->store), hold;
    if (!path.len && configured(asking, &path, &hold, err) < 0)
        return -1;
    if (strcmp(path.at, "memory:") == 0)
        return err_set(err, "this store lives in the service's memory; there is no file to be asked");
    if (access(path.at, F_OK) != 0) /* none is made by asking */
        return err_set(err, "%s: there is no such store; --store FILE names one", path.at);
    return store_open(path.at, record_schema(), &(struct store_settings){.read_only = !write}, out, err);
}

int asking_time(const char *option, const char *value, bool ahead, int64_t *out, struct err *err)
{
    static const struct {
        char letter;
        int64_t seconds;
    } units[] = {{'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 7 * 86400}};
    uint64_t number;
    int zone;
    struct span text = span_of(value), date = text;
    for (size_t i = 0; text.len > 1 && i < sizeof units / sizeof *units; i++)
        if (text.at[text.len - 1] == units[i].letter && span_number(span_first(text, text.len - 1), 100000, &number)) {
            *out = time(NULL) + (ahead ? 1 : -1) * (int64_t)number * units[i].seconds;
            return 0;
        }
    if (text.len == 10 && text.at[4] == '-') { /* a day: its beginning */
        char whole[32];
        snprintf(whole, sizeof whole, "%.10sT00:00:00Z", value);
        if (time_parse(span_of(whole), out, &zone))
            return 0;
    }
    if (time_parse(date, out, &zone))
        return 0;
    return err_set(err, "%s: \"%s\" is no time such as 2026-01-31, 2026-01-31T12:00:00Z, 12h or 7d", option, value);
}

int asking_number(const char *option, const char *value, double least, double most, double *out, struct err *err)
{
    char *end;
    *out = strtod(value, &end);
    if (end != value && !*end && *out >= least && *out <= most)
        return 0;
    return err_set(err, "%s: \"%s\" is no number from %g to %g", option, value, least, most);
}

static int act_run(struct asking *asking, const struct asking_acts *acts, struct store **store, struct err *err)
{
    const char *what = asking->words.len ? asking->words.at[0] : "";
    struct span rest = span_of(acts->words), looks;
    span_word(&rest, &looks);
    if (!span_is_one_of(span_of(what), span_of(acts->words)))
        return err_set(err, "say what to do: %s", acts->told);
    if (asking_open(asking, !span_eq(span_of(what), looks), store, err) < 0)
        return -1;
    return acts->act(asking, *store, what, err);
}

int asking_run(int argc, char **argv, enum asking_verb verb, const struct asking_acts *acts)
{
    struct err err;
    struct asking asking;
    struct store *store = NULL;
    int parsed = asking_parse(argc, argv, verb, &asking, &err), status = 0;
    if (parsed < 0 || (parsed == 0 && act_run(&asking, acts, &store, &err) < 0))
        status = asking_fail(&err);
    store_close(&store);
    arena_free(&asking.arena);
    return status;
}

int asking_fail(const struct err *err)
{
    fflush(stdout);
    fprintf(stderr, "sekimori: %s\n", err->text);
    return 2;
}
