#include "command/replay_held.h"

#include "door/envelope.h"
#include "record/held.h"
#include "role/duty.h"

#include <sys/mman.h>
#include <unistd.h>

enum { HELD_MOST = 1 << 30 };

static void fd_close(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

/* What the door was told then, from the facts of the record. */
static int arrival_take(struct arena *arena, const struct record_told *told, struct arrival *out, struct err *err)
{
    struct buf report = {.arena = arena};
    struct span where;
    *out = (struct arrival){.received_at = TIME_UNKNOWN};
    record_json(arena, told, &report);
    return envelope_of_report(arena, buf_span(&report), out, &where, err);
}

static int bytes_put(struct span raw, struct err *err)
{
    int fd = memfd_create("message", MFD_CLOEXEC);
    while (fd >= 0 && raw.len) {
        ssize_t written = write(fd, raw.at, raw.len);
        if (written <= 0) {
            close(fd);
            return err_set(err, "its bytes cannot be handed over");
        }
        raw = span_skip(raw, (size_t)written);
    }
    return fd < 0 ? err_set(err, "its bytes cannot be handed over") : fd;
}

/* Where copies lie behind each other the message as it came, if it is kept, is in front. */
static bool came_find(const struct held_copies *copies, size_t all, size_t *length)
{
    uint64_t came;
    bool lies = held_as_it_came(copies, &came);
    *length = lies ? (size_t)came : copies->list.len ? 0 : all; /* an earlier version kept nothing else */
    return *length && *length <= all;
}

int replay_held(struct arena *arena, struct store *store, const struct generation *generation, const struct walk_settings *settings, struct resolver *resolver,
                const struct record_told *told, struct span org, const struct report **out, struct err *err)
{
    struct record_held held;
    struct held_copies copies;
    struct span whole;
    size_t length;
    struct scan_job job = {.fd = -1};
    struct judge_settings judge;
    struct clamd_options clamd;
    struct clamd *scanner __attribute__((cleanup(clamd_free))) = NULL;
    int found = record_held(store, arena, told->report.id, &held, err);
    if (found <= 0 || !span_eq(held.state, S("held")))
        return found < 0 ? -1 : 0;
    if (held_copies(store, arena, told->report.id, &copies, err) < 0 || spool_read(arena, generation->hold.folder.at, held.file, HELD_MOST, &whole, err) < 0)
        return -1;
    if (!came_find(&copies, whole.len, &length))
        return 0;
    if (arrival_take(arena, told, &job.arrival, err) < 0)
        return -1;
    int fd __attribute__((cleanup(fd_close))) = bytes_put(span_first(whole, length), err);
    judge_settings_default(&judge);
    judge_settings_take(&judge, generation);
    judge.walk = settings;
    clamd_options_take(&clamd, generation);
    if (settings->witness.scanner)
        judge.scanner = scanner = clamd_new(&clamd);
    job.fd = fd;
    job.length = length;
    job.arrival.org = org;
    const struct walk *walk = fd < 0 ? NULL : walk_here(arena, &judge, resolver, &job, err);
    if (!walk)
        return -1;
    *out = &walk->report;
    return 1;
}
