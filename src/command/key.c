/* key: makes, lists, rotates and retires the keys of seal, tokens, DKIM and ARC. */
#include "command/command.h"
#include "command/keys.h"
#include "generation/value.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { STATUS_DONE = 0, STATUS_FAILED = 2, DAY = 86400 };
static const int64_t keeps[PURPOSE_COUNT] = {[PURPOSE_SEAL] = 730 * DAY, [PURPOSE_TOKEN] = 30 * DAY, [PURPOSE_DKIM] = 14 * DAY, [PURPOSE_ARC] = 14 * DAY};

struct keying { /* one call */
    struct keys_place place;
    struct arena *arena;
    struct key_request request;
    const char *keep;
    const char *word; /* a purpose or an id */
};

static int usage(FILE *to, int status)
{
    fprintf(to, "usage: sekimori key make PURPOSE [OPTION]...\n"
                "       sekimori key rotate PURPOSE [OPTION]...\n"
                "       sekimori key retire ID [OPTION]...\n"
                "       sekimori key list [ID] [OPTION]...\n\n"
                "Keys are for a PURPOSE: seal, token, dkim or arc. make makes one: current where there is none yet, else the next; those of dkim\n"
                "and arc are always the next one, for their DNS record, which is printed, must be published first. rotate makes the next one\n"
                "current, and the current one retires: what it made holds for a while. retire takes a key out; with --keep 0s at once, as where\n"
                "it became known. list shows all keys, or one with its DNS record. A running service takes the change when it is reloaded.\n\n"
                "    --config FILE             the configuration that names the folder of the keys (default: the installed one)\n"
                "    --keys DIR                the folder itself\n"
                "    --domain NAME             of a key for dkim or arc\n"
                "    --selector NAME           ... where to publish it (default: one is made)\n"
                "    --algorithm NAME          ... rsa-sha256 (default) or ed25519-sha256\n"
                "    --keep TIME               how long what the old key made still holds (default: seal 730d, token 30d, dkim and arc 14d)\n"
                "    -h, --help                this text\n\n"
                "Exit status: 0 done, 2 nothing was changed.\n");
    return status;
}

static int failed(const struct err *err)
{
    fflush(stdout);
    fprintf(stderr, "sekimori: %s\n", err->text);
    return STATUS_FAILED;
}

static int keep_of(const struct keying *keying, enum key_purpose purpose, int64_t *out, struct err *err)
{
    uint64_t ms;
    struct err why;
    *out = keeps[purpose];
    if (!keying->keep)
        return 0;
    if (value_time(span_of(keying->keep), 0, UINT64_C(1000) * 3650 * DAY, &ms, &why) < 0)
        return err_set(err, "--keep: %s", why.text);
    *out = (int64_t)(ms / 1000);
    return 0;
}

/* ---- what is told */
static void key_print(struct arena *arena, const struct ring_key *key)
{
    struct buf out = {.arena = arena};
    buf_print(&out, "%.*s  %-5s  %-8s  since ", SPAN_FMT(key->id), purpose_name(key->purpose), key_state_name(key->state));
    time_print(&out, key->since);
    if (key->expires != TIME_UNKNOWN) {
        buf_print(&out, "  until ");
        time_print(&out, key->expires);
    }
    if (key->domain.len)
        buf_print(&out, "  %.*s  %.*s._domainkey.%.*s", SPAN_FMT(key->algorithm), SPAN_FMT(key->selector), SPAN_FMT(key->domain));
    printf("%.*s\n", SPAN_FMT(buf_span(&out)));
}

static int record_print(struct arena *arena, const struct ring_key *key, struct err *err)
{
    struct span record;
    if (!purpose_is_published(key->purpose))
        return 0;
    if (keyring_dns(arena, key, &record, err) < 0)
        return -1;
    printf("\n%.*s\n", SPAN_FMT(record));
    return 0;
}

static void next_tell(const struct ring_key *key)
{
    bool published = purpose_is_published(key->purpose);
    if (key->state == KEY_CURRENT)
        printf("\nReload the service (systemctl reload sekimori, or SIGHUP), and it is used from then on.\n");
    else if (published)
        printf("\nPublish this record, and when it can be seen everywhere: sekimori key rotate %s --domain %.*s%s, then reload the service.\n",
               purpose_name(key->purpose), SPAN_FMT(key->domain), span_eq(key->algorithm, S("rsa-sha256")) ? "" : " --algorithm ed25519-sha256");
    else
        printf("\nIt waits: sekimori key rotate %s makes it current.\n", purpose_name(key->purpose));
}

/* ---- what is done, under the lock */
static int make(const struct keying *keying, struct keyring *ring, struct err *err)
{
    const struct ring_key *made;
    if (keyring_make(ring, &keying->request, time(NULL), &made, err) < 0 || keyring_commit(ring, err) < 0)
        return -1;
    key_print(keying->arena, made);
    if (record_print(keying->arena, made, err) < 0)
        return -1;
    next_tell(made);
    return 0;
}

static int rotate(const struct keying *keying, struct keyring *ring, struct err *err)
{
    int64_t keep;
    const struct ring_key *current;
    if (keep_of(keying, keying->request.purpose, &keep, err) < 0 ||
        keyring_rotate(ring, &keying->request, time(NULL), keep, &current, err) < 0 || keyring_commit(ring, err) < 0)
        return -1;
    vec_each(key, &ring->keys)
        if (key->purpose == keying->request.purpose)
            key_print(keying->arena, key);
    next_tell(current);
    return 0;
}

static int retire(const struct keying *keying, struct keyring *ring, struct err *err)
{
    int64_t keep;
    struct span id = span_of(keying->word);
    const struct ring_key *key = keyring_by_id(ring, id);
    enum key_purpose purpose = key ? key->purpose : PURPOSE_SEAL;
    bool current = key && key->state == KEY_CURRENT;
    if (keep_of(keying, purpose, &keep, err) < 0 || keyring_retire(ring, id, time(NULL), keep, err) < 0 || keyring_commit(ring, err) < 0)
        return -1;
    key = keyring_by_id(ring, id);
    if (key)
        key_print(keying->arena, key);
    else
        printf("%s is gone, and its secret with it\n", keying->word);
    printf("%sReload the service, and it is so there too.\n",
           current ? "There is no current key of its kind now: nothing new is made with it until one is made (sekimori key make).\n" : "");
    return 0;
}

static int changed(struct keying *keying, int (*act)(const struct keying *, struct keyring *, struct err *), struct err *err)
{
    struct keyring *ring = NULL;
    if (keyring_edit(keying->place.path, keying->place.owner, time(NULL), &ring, err) < 0)
        return -1;
    int done = act(keying, ring, err);
    keyring_free(&ring);
    return done;
}

static int list(struct keying *keying, struct err *err)
{
    struct keyring *ring = NULL;
    if (keyring_read(keying->place.path, time(NULL), &ring, err) < 0)
        return -1;
    const struct ring_key *one = keying->word ? keyring_by_id(ring, span_of(keying->word)) : NULL;
    int done = keying->word && !one ? err_set(err, "there is no key %s; sekimori key list shows those that are", keying->word) : 0;
    vec_each(key, &ring->keys)
        if (done == 0 && (!keying->word || key == one))
            key_print(keying->arena, key);
    if (one && done == 0)
        done = record_print(keying->arena, one, err);
    if (!ring->keys.len && done == 0)
        printf("there are no keys in %s; sekimori key make seal makes the first\n", keying->place.path);
    if (ring->lacking.text[0] && done == 0)
        done = err_set(err, "%s", ring->lacking.text);
    keyring_free(&ring);
    return done;
}

/* ---- the command line */
static int purpose_take(struct keying *keying, struct err *err)
{
    if (!keying->word)
        return err_set(err, "for what? seal, token, dkim or arc");
    return purpose_by_name(span_of(keying->word), &keying->request.purpose) ? 0 : err_set(err, "\"%s\" is no purpose; seal, token, dkim and arc are", keying->word);
}

static int act(struct keying *keying, const char *what, struct err *err)
{
    bool makes = strcmp(what, "make") == 0, rotates = strcmp(what, "rotate") == 0, retires = strcmp(what, "retire") == 0;
    if (!makes && !rotates && !retires && strcmp(what, "list") != 0)
        return err_set(err, "say what to do: make, rotate, retire or list");
    if ((makes || rotates) && purpose_take(keying, err) < 0)
        return -1;
    if (retires && !keying->word)
        return err_set(err, "which key? sekimori key list shows their ids");
    if (keys_place_open(&keying->place, err) < 0)
        return -1;
    if (makes || rotates)
        return changed(keying, makes ? make : rotate, err);
    return retires ? changed(keying, retire, err) : list(keying, err);
}

static bool option_take(struct keying *keying, int got)
{
    switch (got) {
    case 'c': keying->place.config = optarg; return true;
    case 'k': keying->place.folder = optarg; return true;
    case 'd': keying->request.domain = span_of(optarg); return true;
    case 's': keying->request.selector = span_of(optarg); return true;
    case 'a': keying->request.algorithm = span_of(optarg); return true;
    case 'w': keying->keep = optarg; return true;
    default: return false;
    }
}

int command_key(int argc, char **argv)
{
    static const struct option longs[] = {{"config", required_argument, NULL, 'c'}, {"keys", required_argument, NULL, 'k'},
                                          {"domain", required_argument, NULL, 'd'}, {"selector", required_argument, NULL, 's'},
                                          {"algorithm", required_argument, NULL, 'a'}, {"keep", required_argument, NULL, 'w'},
                                          {"help", no_argument, NULL, 'h'}, {0}};
    struct keying keying = {.place.keys_alone = true};
    struct err err;
    optind = 0;
    for (int got; (got = getopt_long(argc, argv, "h", longs, NULL)) != -1;)
        if (got == 'h')
            return usage(stdout, STATUS_DONE);
        else if (!option_take(&keying, got))
            return usage(stderr, STATUS_FAILED);
    const char *what = optind < argc ? argv[optind++] : "";
    keying.word = optind < argc ? argv[optind++] : NULL;
    if (optind < argc)
        return usage(stderr, STATUS_FAILED);
    keying.arena = arena_new(1 << 24);
    int done = act(&keying, what, &err);
    keys_place_close(&keying.place);
    arena_free(&keying.arena);
    return done < 0 ? failed(&err) : STATUS_DONE;
}
