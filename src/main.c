#include "command/command.h"

#include <stdio.h>
#include <string.h>

static int version(int argc, char **argv)
{
    printf("sekimori %s\n", SEKIMORI_VERSION);
    return 0;
}

static int help(int argc, char **argv);

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *what; /* NULL: another spelling */
} verbs[] = {
    {"scan", command_scan, "read mail, say whom it is from and what speaks against it"},
    {"serve", command_serve, "judge mail as it comes by milter, spamc and HTTP, until told to end"},
    {"eval", command_eval, "judge mail whose truth is known and say how well"},
    {"fit", command_fit, "learn from such mail what evidence weighs"},
    {"check-config", command_check_config, "say everything that is wrong with a configuration"},
    {"apply", command_apply, "print a message as a policy would change it"},
    {"explain", command_explain, "print the report of a record again"},
    {"why-not", command_why_not, "say what would have changed the verdict of a record"},
    {"hunt", command_hunt, "find records by what is known of them"},
    {"replay", command_replay, "judge records again by other settings"},
    {"correct", command_correct, "note what a message really was"},
    {"allow", command_allow, "enter what speaks for mail"},
    {"deny", command_deny, "enter what speaks against mail"},
    {"held", command_held, "list, show, agree to, release, delete and export mail that is held"},
    {"outbox", command_outbox, "look after notices and released mail that wait to be sent"},
    {"appeals", command_appeals, "answer readers who ask for locked links"},
    {"forget", command_forget, "remove what is kept of a person"},
    {"store", command_store, "check, back up or compact a store of the service"},
    {"seal", command_seal, "say of message files whose seal they bear, and whether they were changed since"},
    {"key", command_key, "make, list, rotate and retire the keys of seal, tokens, DKIM and ARC"},
    {"table", command_table, "make a table of AS numbers from CSV files"},
    {"version", version, "print the version"},
    {"help", help, "print this text"},
    {"--version", version, NULL},
    {"--help", help, NULL},
    {"-h", help, NULL},
};
enum { VERBS = sizeof verbs / sizeof *verbs };

static void usage(FILE *to)
{
    fprintf(to, "usage: sekimori VERB ...\n\n");
    for (int i = 0; i < VERBS; i++)
        if (verbs[i].what)
            fprintf(to, "  %-13s %s\n", verbs[i].name, verbs[i].what);
    fprintf(to, "\nsekimori scan --help tells the options of a verb; the manual is sekimori(1).\n");
}

static int verb_of(const char *name)
{
    for (int i = 0; i < VERBS; i++)
        if (strcmp(name, verbs[i].name) == 0)
            return i;
    fprintf(stderr, "sekimori: \"%s\" is no verb\n", name);
    usage(stderr);
    return -1;
}

static int help(int argc, char **argv)
{
    char *words[] = {argc > 1 ? argv[1] : argv[0], "--help", NULL};
    int verb = verb_of(words[0]);
    if (verb < 0)
        return 2;
    if (verbs[verb].run != help)
        return verbs[verb].run(2, words);
    usage(stdout);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        usage(stderr);
        return 2;
    }
    int verb = verb_of(argv[1]);
    return verb < 0 ? 2 : verbs[verb].run(argc - 1, argv + 1);
}
