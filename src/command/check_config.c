#include "command/command.h"
#include "generation/generation.h"
#include "keyring/keyring.h"

#include <getopt.h>
#include <stdio.h>
#include <time.h>

enum { STATUS_IN_ORDER = 0, STATUS_WARNED = 1, STATUS_WRONG = 2 };

static int usage(FILE *to, int status)
{
    fprintf(to, "usage: sekimori check-config [OPTION]... [FILE]\n\n"
                "Reads a configuration and all that it names, and says everything that is wrong with it: file, line, key, and what to\n"
                "do. FILE: " SEKIMORI_CONFIG_FILE " where none is given.\n\n"
                "      --print-config  print every value in force, as a file that gives the same generation\n"
                "      --strict        warnings count as faults do: exit status 1\n"
                "  -h, --help          this text\n\n"
                "Exit status: 0 in order, 1 warnings (with --strict), 2 faults.\n");
    return status;
}

static void text_put(const struct buf *text, FILE *to)
{
    if (text->len)
        fwrite(text->at, 1, text->len, to);
}

/* One line that says what was found to be in order. */
static void summary_put(const struct generation *generation, FILE *to)
{
    size_t organisations = generation->organisations.len, listeners = generation->listeners.len;
    fprintf(to, "%.*s: in order: generation %.*s, %zu organisation%s, %zu listener%s\n", SPAN_FMT(generation->path), SPAN_FMT(generation->id),
            organisations, organisations == 1 ? "" : "s", listeners, listeners == 1 ? "" : "s");
}

/* A key of ARC sets that the signer would look for in vain. */
static bool arc_key_lacks(const struct generation *generation, const struct keyring *ring, FILE *to)
{
    const struct ring_key *key = keyring_by_selector(ring, PURPOSE_ARC, generation->arc.domain, generation->arc.selector);
    bool lacks = !key || !span_eq(key->algorithm, S("rsa-sha256"));
    if (lacks)
        fprintf(to, "%.*s: warning: arc.selector: no rsa-sha256 key in use for selector %.*s of %.*s lies in %.*s, and no ARC set is made; sekimori key make arc, put its "
                    "record into DNS, and sekimori key rotate arc\n", SPAN_FMT(generation->path), SPAN_FMT(generation->arc.selector), SPAN_FMT(generation->arc.domain),
                SPAN_FMT(generation->keys_folder));
    return lacks;
}

/* The first policy that locks links, or would where somebody agrees. */
static const struct policy *locking(const struct generation *generation)
{
    vec_each(policy, &generation->policies.list)
        if (policy->mode != POLICY_PASSIVE && policy->acts & (ACT_LOCK | ACT_DOUBLE_LOCK))
            return policy;
    return NULL;
}

static bool token_key_lacks(const struct generation *generation, const struct policy *policy, const struct keyring *ring, FILE *to)
{
    bool lacks = !keyring_find(ring, PURPOSE_TOKEN, KEY_CURRENT, S(""), S(""));
    if (lacks)
        fprintf(to, "%.*s: warning: policies: %.*s: links are locked for good: there is no key in %.*s; sekimori key make token, then reload\n", SPAN_FMT(generation->path),
                SPAN_FMT(policy->name), SPAN_FMT(generation->keys_folder));
    return lacks;
}

/* Who may not look into the folder cannot tell. */
static bool keys_lack(const struct generation *generation, FILE *to)
{
    struct err err;
    struct keyring *ring = NULL;
    const struct policy *policy = locking(generation);
    bool lacks = false, signs = generation->arc.domain.len > 0;
    if (!signs && !policy)
        return false;
    if (keyring_read(generation->keys_folder.at, time(NULL), &ring, &err) < 0) {
        fprintf(to, "%.*s: %s: whether there is its key could not be seen: %s\n", SPAN_FMT(generation->path), signs ? "arc.selector" : "policies", err.text);
        return false;
    }
    lacks |= signs && arc_key_lacks(generation, ring, to);
    lacks |= policy && token_key_lacks(generation, policy, ring, to);
    keyring_free(&ring);
    return lacks;
}

static int check(const char *path, bool print, bool strict)
{
    struct faults faults;
    struct generation *generation = NULL;
    faults_begin(&faults, path);
    generation_load(path, &generation, &faults);
    struct buf said = {.arena = faults.arena}, values = {.arena = faults.arena};
    faults_print(&faults, &said);
    text_put(&said, stderr);
    bool lacks = generation && keys_lack(generation, stderr);
    int status = faults.wrong ? STATUS_WRONG : strict && (faults.warnings || lacks) ? STATUS_WARNED : STATUS_IN_ORDER;
    if (generation && print)
        generation_print(generation, &values);
    else if (generation)
        summary_put(generation, stdout);
    text_put(&values, stdout);
    if (fflush(stdout) != 0)
        status = STATUS_WRONG;
    generation_free(&generation);
    faults_end(&faults);
    return status;
}

int command_check_config(int argc, char **argv)
{
    static const struct option longs[] = {{"print-config", no_argument, NULL, 'p'}, {"strict", no_argument, NULL, 's'}, {"help", no_argument, NULL, 'h'}, {0}};
    bool print = false, strict = false;
    optind = 0;
    for (int got; (got = getopt_long(argc, argv, "h", longs, NULL)) != -1;) {
        if (got == 'h')
            return usage(stdout, STATUS_IN_ORDER);
        if (got != 'p' && got != 's')
            return usage(stderr, STATUS_WRONG);
        print |= got == 'p';
        strict |= got == 's';
    }
    if (argc - optind > 1)
        return usage(stderr, STATUS_WRONG);
    return check(optind < argc ? argv[optind] : SEKIMORI_CONFIG_FILE, print, strict);
}
