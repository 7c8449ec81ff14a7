#include "command/asking.h"
#include "command/command.h"
#include "record/outbox.h"
#include "role/role.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { LIST_MOST = 100 };

/* ---- showing */
static int64_t due_of(const struct job_row *row)
{
    return row->due == JOB_AT_ONCE ? row->made : row->due; /* when the operator said so */
}

static void job_json(const struct job_row *row, bool bytes, struct buf *out)
{
    struct json json = {.out = out};
    json_object(&json, NULL);
    json_text(&json, "job", row->job);
    json_text(&json, "id", row->id);
    json_text(&json, "notice", row->lane);
    json_text(&json, "kind", row->kind);
    json_text(&json, "state", span_of(job_state_name(row->state)));
    json_time(&json, "made", row->made);
    json_time(&json, "due", row->state == JOB_WAITING ? due_of(row) : TIME_UNKNOWN);
    json_number(&json, "tries", (int64_t)row->tries);
    json_text_or_null(&json, "fault", row->fault);
    json_time(&json, "ended", row->ended);
    if (bytes)
        json_text_or_null(&json, "bytes", row->bytes);
    json_object_end(&json);
    buf_byte(out, '\n');
}

static void job_line(const struct job_row *row, struct buf *out)
{
    buf_print(out, "%-8s ", job_state_name(row->state));
    time_print(out, row->state == JOB_WAITING ? due_of(row) : row->ended);
    buf_print(out, "  %.*s  %-7.*s  %" PRIu64 " %s", SPAN_FMT(row->job), SPAN_FMT(row->kind), row->tries, row->tries == 1 ? "try" : "tries");
    if (row->fault.len)
        buf_add(out, S("  "));
    plain_add(out, row->fault); /* a receiver's words */
    buf_byte(out, '\n');
}

static bool job_print(void *context, const struct job_row *row)
{
    const struct asking *asking = context;
    struct buf out = {.arena = asking->arena};
    if (asking->json)
        job_json(row, false, &out);
    else
        job_line(row, &out);
    fwrite(out.at, 1, out.len, stdout);
    return true;
}

static int state_of(const struct asking *asking, enum job_state *out, struct err *err)
{
    *out = 0;
    for (enum job_state state = JOB_WAITING; asking->state && state <= JOB_FAILED; state++)
        if (strcmp(asking->state, job_state_name(state)) == 0)
            *out = state;
    return asking->state && !*out ? err_set(err, "--state: \"%s\" is not one of: waiting, failed, done", asking->state) : 0;
}

static int jobs_list(struct asking *asking, struct store *store, struct err *err)
{
    enum job_state state;
    double limit = LIST_MOST;
    struct outbox_counts counts;
    if (state_of(asking, &state, err) < 0 || (asking->limit && asking_number("--limit", asking->limit, 1, 1e9, &limit, err) < 0) ||
        outbox_list(store, state, (uint64_t)limit, job_print, asking, err) < 0 || outbox_count(store, 0, &counts, err) < 0)
        return -1;
    if (!asking->json)
        printf("%" PRIu64 " waiting, %" PRIu64 " failed, %" PRIu64 " done\n", counts.waiting, counts.failed, counts.done);
    return 0;
}

static void job_show(struct asking *asking, const struct job_row *row)
{
    struct buf out = {.arena = asking->arena};
    if (asking->json) {
        job_json(row, true, &out);
    } else {
        job_line(row, &out);
        for (struct span rest = row->bytes, line; span_cut(&rest, '\n', &line);) {
            plain_add(&out, span_trim(line));
            buf_byte(&out, '\n');
        }
    }
    fwrite(out.at, 1, out.len, stdout);
}

/* ---- one job, and several */
static int one_do(struct asking *asking, struct store *store, struct span job, struct err *err)
{
    const char *what = asking->words.at[0];
    struct job_row row;
    int found = outbox_read(store, asking->arena, job, &row, err);
    if (found <= 0)
        return found < 0 ? -1 : err_set(err, "%.*s: there is no such job; sekimori outbox list shows them", SPAN_FMT(job));
    if (strcmp(what, "show") == 0) {
        job_show(asking, &row);
        return 0;
    }
    bool retry = strcmp(what, "retry") == 0;
    int64_t done = retry ? outbox_retry(store, job, time(NULL), err) : outbox_drop(store, job, time(NULL), err);
    if (done == 0)
        return err_set(err, "%.*s: is done; sekimori explain %.*s tells of the message", SPAN_FMT(job), SPAN_FMT(row.id));
    if (done > 0)
        printf("%.*s  %s\n", SPAN_FMT(job), retry ? "is tried at once" : "dropped");
    return done < 0 ? -1 : 0;
}

static int all_do(struct asking *asking, struct store *store, struct err *err)
{
    bool retry = strcmp(asking->words.at[0], "retry") == 0;
    int64_t done = retry ? outbox_retry(store, (struct span){0}, time(NULL), err) : outbox_drop(store, (struct span){0}, time(NULL), err);
    if (done == 0)
        printf("none failed, so none %s; those that wait are named one by one (sekimori outbox list)\n", retry ? "is tried" : "was dropped");
    else if (done > 0)
        printf("%" PRId64 " %s\n", done, retry ? "are tried at once" : "dropped");
    return done < 0 ? -1 : 0;
}

static int outbox_do(struct asking *asking, struct store *store, struct err *err)
{
    int status = 0;
    bool list = strcmp(asking->words.at[0], "list") == 0;
    if (list || asking->all)
        return (list ? jobs_list : all_do)(asking, store, err) < 0 ? asking_fail(err) : 0;
    for (size_t i = 1; i < asking->words.len; i++)
        if (one_do(asking, store, span_of(asking->words.at[i]), err) < 0)
            status = asking_fail(err);
    return status;
}

static int words_check(const struct asking *asking, struct err *err)
{
    const char *what = asking->words.len ? asking->words.at[0] : "";
    bool changes = strcmp(what, "retry") == 0 || strcmp(what, "drop") == 0, list = strcmp(what, "list") == 0;
    if (!changes && !list && strcmp(what, "show") != 0)
        return err_set(err, "say what to do: list, show, retry or drop");
    if (asking->all && !changes)
        return err_set(err, "--all belongs to retry and drop");
    if (list ? asking->words.len > 1 : (asking->words.len > 1) == (asking->all != NULL))
        return err_set(err, list ? "list takes no jobs; show does" : "%s wants the ids of jobs%s; sekimori outbox list shows them", what, changes ? ", or --all" : "");
    return 0;
}

int command_outbox(int argc, char **argv)
{
    struct err err;
    struct asking asking;
    struct store *store = NULL;
    int status, parsed = asking_parse(argc, argv, ASK_OUTBOX, &asking, &err);
    if (parsed == 1)
        status = 0;
    else if (parsed < 0 || words_check(&asking, &err) < 0 ||
             asking_open(&asking, strcmp(asking.words.at[0], "retry") == 0 || strcmp(asking.words.at[0], "drop") == 0, &store, &err) < 0)
        status = asking_fail(&err);
    else
        status = outbox_do(&asking, store, &err);
    store_close(&store);
    arena_free(&asking.arena);
    return status;
}
