#include "command/command.h"
#include "command/held_print.h"
#include "role/duty.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { LIST_MOST = 100, ROOM = 1 << 28 };

/* ---- list */
struct lines {
    const struct asking *asking;
    struct store *store;
    struct err *err;
    bool failed;
    uint64_t given;
};

static bool copy_list(void *context, const struct held_copy *copy)
{
    struct lines *listing = context;
    struct held_telling telling;
    struct arena *arena __attribute__((cleanup(arena_free))) = arena_new(ROOM);
    struct buf out = {.arena = arena};
    listing->failed = held_telling(listing->asking, listing->store, arena, copy->id, &telling, listing->err) < 0;
    if (listing->failed)
        return false;
    if (listing->asking->json)
        held_json(&telling, copy, &out);
    else
        held_line(&telling, copy, &out);
    fwrite(out.at, 1, out.len, stdout);
    listing->given++;
    return true;
}

static int wish_take(const struct asking *asking, struct held_wish *out, struct err *err)
{
    double limit = LIST_MOST;
    *out = (struct held_wish){.recipient = span_of(asking->recipient), .org = span_of(asking->org), .since = TIME_UNKNOWN, .until = TIME_UNKNOWN};
    for (enum held_state state = HELD_KEPT; asking->state && state < HELD_STATE_COUNT; state++)
        if (strcmp(asking->state, held_state_name(state)) == 0)
            out->state = state;
    if (asking->state && !out->state)
        return err_set(err, "--state: \"%s\" is not one of: held, asked, leaving, delivered, refused, deleted, expired, kept, waiting", asking->state);
    if ((asking->since && asking_time("--since", asking->since, false, &out->since, err) < 0) ||
        (asking->until && asking_time("--until", asking->until, false, &out->until, err) < 0) ||
        (asking->limit && asking_number("--limit", asking->limit, 1, 1e9, &limit, err) < 0))
        return -1;
    out->limit = (uint64_t)limit;
    return 0;
}

static int copies_list(const struct asking *asking, struct store *store, struct err *err)
{
    struct held_wish wish;
    struct lines listing = {.asking = asking, .store = store, .err = err};
    if (wish_take(asking, &wish, err) < 0 || held_list(store, &wish, copy_list, &listing, err) < 0 || listing.failed)
        return -1;
    if (!asking->json && listing.given == wish.limit)
        printf("... these are the first %" PRIu64 "; --limit gives more\n", listing.given);
    return 0;
}

/* ---- agree, release and delete */
static const struct verb {
    const char *word, *said;
    int (*of)(struct store *store, const struct held_act *act, int64_t now, struct held_done *out, struct err *err);
} verbs[] = {{"agree", "agreed to for", held_agree}, {"release", "released to", held_release}, {"delete", "deleted for", held_delete}};

static const struct verb *verb_of(const struct asking *asking)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(asking->words.at[0], verbs[i].word) == 0)
            return &verbs[i];
    return NULL;
}

static const char *because(const struct verb *verb, enum held_state state)
{
    static const char *const words[HELD_STATE_COUNT] = {[HELD_LEAVING] = "is on its way out already", [HELD_DELIVERED] = "was released already, and delivered",
                                                        [HELD_DELETED] = "was deleted", [HELD_EXPIRED] = "was held until its time was over, and is gone"};
    if (verb->of == held_agree && (state == HELD_KEPT || state == HELD_ASKED || state == HELD_REFUSED || state == HELD_ORIGINAL))
        return "does not wait for anybody to agree";
    return words[state] ? words[state] : "is held for nobody";
}

/* Of copies that waited until now some are held on: who agreed to that has nothing sent. */
static void agreed_print(struct store *store, struct arena *arena, const struct held_act *act)
{
    struct err err;
    struct held_copies copies;
    uint64_t stay = 0;
    if (held_copies(store, arena, act->id, &copies, &err) < 0)
        return;
    vec_each(copy, &copies.list)
        stay += copy->asked == HELD_AGREED && copy->state == HELD_KEPT;
    if (stay)
        printf("    %" PRIu64 " of them held from now on; sekimori held release %.*s lets them go\n", stay, SPAN_FMT(act->id));
}

static int one_act(const struct asking *asking, struct store *store, struct span id, struct err *err)
{
    struct held_done done;
    const struct verb *what = verb_of(asking);
    struct arena *arena __attribute__((cleanup(arena_free))) = arena_new(ROOM);
    struct held_act act = {id, span_of(asking->recipient), span_of(asking->org), asking_by(asking), span_of(asking->reason), asking->original != NULL};
    if (what->of(store, &act, time(NULL), &done, err) < 0)
        return -1;
    if (!done.done && done.originals)
        return err_set(err, "%.*s: nothing of it is held; with --original it is sent as it came, which is kept", SPAN_FMT(id));
    if (!done.found)
        return err_set(err, "%.*s: no such message is held%s; sekimori held list shows them", SPAN_FMT(id),
                       asking->recipient ? " for that recipient" : asking->org ? " for that organisation" : "");
    if (!done.done)
        return err_set(err, "%.*s: %s; sekimori held show %.*s tells more", SPAN_FMT(id), because(what, done.state), SPAN_FMT(id));
    printf("%.*s  %s %" PRIu64 " %s%s\n", SPAN_FMT(id), what->said, done.done, done.done == 1 ? "recipient" : "recipients",
           done.declined ? ", without what was proposed" : "");
    if (what->of != held_delete && asking_leaves_nowhere(asking))
        printf("    nothing leaves until hold.release_to is set: name a listener of the mail server that filters nothing, then reload\n");
    if (what->of == held_agree)
        agreed_print(store, arena, &act);
    return 0;
}

/* ---- show and export */
static bool is_of(const struct asking *asking, const struct held_telling *telling)
{
    vec_each(copy, &telling->copies.list)
        if ((!asking->org || span_eq(copy->org, span_of(asking->org))) && (!asking->recipient || span_eq_case(copy->address, span_of(asking->recipient))))
            return true;
    return !asking->org && !asking->recipient;
}

static int telling_of(const struct asking *asking, struct store *store, struct arena *arena, struct span id, struct held_telling *out, struct err *err)
{
    int found = held_telling(asking, store, arena, id, out, err);
    if (found > 0 && is_of(asking, out))
        return 0;
    return found < 0 ? -1 : err_set(err, "%.*s: no such message is held; sekimori held list shows them", SPAN_FMT(id));
}

static int one_show(const struct asking *asking, struct store *store, struct span id, struct err *err)
{
    struct held_telling telling;
    struct arena *arena __attribute__((cleanup(arena_free))) = arena_new(ROOM);
    struct buf out = {.arena = arena};
    if (telling_of(asking, store, arena, id, &telling, err) < 0)
        return -1;
    if (asking->json)
        held_json(&telling, NULL, &out);
    else
        held_page(&telling, &out);
    fwrite(out.at, 1, out.len, stdout);
    return 0;
}

/* As it came where it lies there so and nobody's copy is asked for, or where it waits; else the recipient's copy, or the first of them; of a
 * message without recipients the whole. */
static struct span copy_of(const struct asking *asking, const struct held_telling *telling, struct span whole)
{
    uint64_t came;
    const struct held_copy *found = NULL;
    if (!asking->recipient && held_as_it_came(&telling->copies, &came))
        return span_first(whole, came);
    vec_each(copy, &telling->copies.list)
        if (!asking->recipient ? !found || copy->start < found->start : span_eq_case(copy->address, span_of(asking->recipient)))
            found = copy;
    if (found && found->state == HELD_WAITING)
        return span_first(whole, found->came);
    return found ? span_first(span_skip(whole, found->start), found->length) : whole;
}

static int bytes_write(const char *path, struct span bytes, struct err *err)
{
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : STDOUT_FILENO;
    while (fd >= 0 && bytes.len) {
        ssize_t written = write(fd, bytes.at, bytes.len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            break;
        bytes = span_skip(bytes, (size_t)written);
    }
    int failed = fd < 0 || bytes.len ? errno : 0;
    if (path && fd >= 0 && close(fd) < 0 && !failed)
        failed = errno;
    return failed ? err_set(err, "%s: cannot be written: %s", path ? path : "standard output", strerror(failed)) : 0;
}

static int one_export(const struct asking *asking, struct store *store, struct span id, struct err *err)
{
    enum { MOST = 1 << 30 };
    struct held_telling telling;
    struct span folder, whole;
    struct arena *arena __attribute__((cleanup(arena_free))) = arena_new((size_t)3 << 30);
    if (telling_of(asking, store, arena, id, &telling, err) < 0)
        return -1;
    if (!telling.lies)
        return err_set(err, "%.*s: its bytes are gone; sekimori held show %.*s tells what became of it", SPAN_FMT(id), SPAN_FMT(id));
    if (asking_hold(asking, &folder, err) < 0 || spool_read(arena, folder.at, telling.held.file, MOST, &whole, err) < 0)
        return -1;
    return bytes_write(asking->output, copy_of(asking, &telling, whole), err);
}

/* ---- the verb */
static int held_do(const struct asking *asking, struct store *store, struct err *err)
{
    int status = 0;
    const char *what = asking->words.at[0];
    if (strcmp(what, "list") == 0)
        return copies_list(asking, store, err) < 0 ? asking_fail(err) : 0;
    for (size_t i = 1; i < asking->words.len; i++) {
        struct span id = span_of(asking->words.at[i]);
        int done = strcmp(what, "show") == 0     ? one_show(asking, store, id, err)
                   : strcmp(what, "export") == 0 ? one_export(asking, store, id, err)
                                                 : one_act(asking, store, id, err);
        if (done < 0)
            status = asking_fail(err);
    }
    return status;
}

static int words_check(const struct asking *asking, struct err *err)
{
    const char *what = asking->words.len ? asking->words.at[0] : "";
    bool list = strcmp(what, "list") == 0, export = strcmp(what, "export") == 0, show = strcmp(what, "show") == 0;
    const struct verb *verb = asking->words.len ? verb_of(asking) : NULL;
    if (!list && !export && !show && !verb)
        return err_set(err, "say what to do: list, show, agree, release, delete or export");
    if (list ? asking->words.len > 1 : asking->words.len < 2)
        return err_set(err, list ? "list takes no ids; show does" : "%s wants the ids of messages; sekimori held list shows them", what);
    if (export && asking->words.len > 2)
        return err_set(err, "export wants one id, for two messages in one file are none");
    if (!list && (asking->since || asking->until || asking->limit || asking->state))
        return err_set(err, "--since, --until, --limit and --state belong to list");
    if ((asking->output || asking->folder) && !export)
        return err_set(err, "--output and --folder belong to export");
    if (asking->original && strcmp(what, "release") != 0)
        return err_set(err, "--original belongs to release");
    if ((asking->by || asking->reason) && !verb)
        return err_set(err, "--by and --reason belong to agree, release and delete");
    return 0;
}

int command_held(int argc, char **argv)
{
    struct err err;
    struct asking asking;
    struct store *store = NULL;
    int status, parsed = asking_parse(argc, argv, ASK_HELD, &asking, &err);
    if (parsed == 1)
        status = 0;
    else if (parsed < 0 || words_check(&asking, &err) < 0 || asking_open(&asking, verb_of(&asking), &store, &err) < 0)
        status = asking_fail(&err);
    else
        status = held_do(&asking, store, &err);
    store_close(&store);
    arena_free(&asking.arena);
    return status;
}
