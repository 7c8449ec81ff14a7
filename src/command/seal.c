/* seal: tells of message files whose seal they bear, of which record, and whether they were changed since. */
#include "base/config.h"
#include "command/command.h"
#include "command/keys.h"
#include "command/scan.h"
#include "seal/seal.h"

#include <getopt.h>
#include <time.h>

enum { STATUS_GOOD = 0, STATUS_NOT = 1, STATUS_FAILED = 2 };
static const size_t ceiling = (size_t)4 << 30;

static int usage(FILE *to, int status)
{
    fprintf(to, "usage: sekimori seal [OPTION]... FILE...\n\n"
                "Tells of each message, - is standard input, whose seal (X-Sekimori-Seal) it bears, when it was sealed and for which record, and\n"
                "whether it was changed since. sekimori explain prints that record: what From, Subject and recipients were then.\n\n"
                "    --config FILE             the configuration that names the folder of the keys (default: the installed one)\n"
                "    --keys DIR                the folder itself\n"
                "    -h, --help                this text\n\n"
                "Exit status: 0 every message bears a seal of ours and is unchanged, 1 some do not or are not, 2 something could not be read.\n");
    return status;
}

struct checking {
    struct keys_place place;
    struct keyring *ring;
    struct message_limits limits;
};

static const char *words_of(enum seal_state state)
{
    static const char *const words[] = {
        [SEAL_NONE] = "no seal", [SEAL_UNCHECKED] = "ours, but too large to be read whole, so that nothing can be compared",
        [SEAL_MALFORMED] = "no seal of ours: the field is damaged, or was written by somebody else", [SEAL_UNKNOWN_KEY] = "of a key that is not here",
        [SEAL_FORGED] = "FORGED: it names a key of ours, which did not make it", [SEAL_MOVED] = "ours, but MADE FOR ANOTHER MESSAGE: the Message-ID differs",
        [SEAL_CHANGED] = "ours, and CHANGED after it was sealed", [SEAL_GOOD] = "ours, and unchanged since"};
    return words[state];
}

static void found_judge(const struct checking *checking, const struct seal_measure *measure, struct seal_found *found)
{
    const struct ring_key *key = found->state == SEAL_MALFORMED ? NULL : keyring_by_id(checking->ring, found->seal.key);
    bool known = key && key->purpose == PURPOSE_SEAL && key->secret.len;
    if (found->state != SEAL_MALFORMED)
        found->state = seal_judge(&found->seal, known, known && seal_holds(&found->seal, key->secret), measure);
}

static void found_print(struct arena *arena, const char *file, const struct seal_found *found)
{
    struct buf out = {.arena = arena};
    plain_add(&out, span_of(file));
    buf_print(&out, ": %s", words_of(found->state));
    if (found->state != SEAL_MALFORMED) {
        buf_print(&out, "; record %.*s, sealed ", SPAN_FMT(found->seal.record));
        time_print(&out, found->seal.at);
        buf_print(&out, ", key %.*s", SPAN_FMT(found->seal.key));
    }
    printf("%.*s\n", SPAN_FMT(buf_span(&out)));
}

static int message_check(const struct checking *checking, struct arena *arena, const char *file, const struct message *message)
{
    struct seals seals;
    struct seal_measure measure;
    bool measured = seal_measure(message, &measure);
    seals_find(arena, message, &seals);
    if (!seals.fields)
        printf("%s: %s\n", file, words_of(SEAL_NONE));
    if (seals.fields > 1)
        printf("%s: %zu seals; only one that was added here should be left\n", file, seals.fields);
    vec_each(found, &seals.list) {
        found_judge(checking, measured ? &measure : NULL, found);
        found_print(arena, file, found);
    }
    return seals_state(&seals) == SEAL_GOOD ? STATUS_GOOD : STATUS_NOT;
}

static int file_check(const struct checking *checking, const char *file, struct err *err)
{
    struct arena *arena __attribute__((cleanup(arena_free))) = arena_new(ceiling);
    struct arrival arrival = {.received_at = TIME_UNKNOWN};
    struct message message;
    if (file_read(arena, file, checking->limits.message_bytes, &arrival.raw, err) < 0)
        return -1;
    message_parse(arena, &checking->limits, NULL, &arrival, &message);
    return message_check(checking, arena, file, &message);
}

static int files_check(struct checking *checking, char *const *files, struct err *err)
{
    int worst = STATUS_GOOD;
    if (keys_place_open(&checking->place, err) < 0 || keyring_read(checking->place.path, time(NULL), &checking->ring, err) < 0)
        return -1;
    message_limits_default(&checking->limits);
    if (checking->place.generation)
        checking->limits = checking->place.generation->walk.message;
    if (checking->ring->lacking.text[0])
        fprintf(stderr, "sekimori: %s\n", checking->ring->lacking.text);
    for (; *files; files++) {
        int status = file_check(checking, *files, err);
        if (status < 0)
            fprintf(stderr, "sekimori: %s\n", err->text);
        status = status < 0 ? STATUS_FAILED : status;
        worst = status > worst ? status : worst;
    }
    return worst;
}

int command_seal(int argc, char **argv)
{
    static const struct option longs[] = {{"config", required_argument, NULL, 'c'}, {"keys", required_argument, NULL, 'k'}, {"help", no_argument, NULL, 'h'}, {0}};
    struct checking checking = {0};
    struct err err;
    optind = 0;
    for (int got; (got = getopt_long(argc, argv, "h", longs, NULL)) != -1;) {
        if (got != 'c' && got != 'k')
            return usage(got == 'h' ? stdout : stderr, got == 'h' ? STATUS_GOOD : STATUS_FAILED);
        *(got == 'c' ? &checking.place.config : &checking.place.folder) = optarg;
    }
    if (optind == argc)
        return usage(stderr, STATUS_FAILED);
    int status = files_check(&checking, argv + optind, &err);
    if (status < 0)
        fprintf(stderr, "sekimori: %s\n", err.text);
    keyring_free(&checking.ring);
    keys_place_close(&checking.place);
    return status < 0 ? STATUS_FAILED : status;
}
