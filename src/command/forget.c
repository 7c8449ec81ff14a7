#include "command/asking.h"
#include "command/command.h"
#include "record/decide.h"

#include <inttypes.h>
#include <stdio.h>

static void counts_print(const struct asking *asking, const struct forgotten *counts)
{
    bool dry = !asking->yes;
    if (asking->json) {
        struct buf out = {.arena = asking->arena};
        struct json json = {.out = &out};
        json_object(&json, NULL);
        json_bool(&json, "done", !dry);
        json_number(&json, "written", (int64_t)counts->written);
        json_number(&json, "received", (int64_t)counts->received);
        json_number(&json, "corrections", (int64_t)counts->corrections);
        json_number(&json, "entries", (int64_t)counts->entries);
        json_object_end(&json);
        printf("%.*s\n", SPAN_FMT(buf_span(&out)));
        return;
    }
    printf("%s %" PRIu64 " records of mail this person wrote, with %" PRIu64 " corrections\n", dry ? "would remove" : "removed", counts->written, counts->corrections);
    printf("%s a stand-in for the person into %" PRIu64 " records of mail received\n", dry ? "would put" : "put", counts->received);
    printf("%s %" PRIu64 " allow and deny entries\n", dry ? "would remove" : "removed", counts->entries);
    if (dry)
        printf("nothing was changed: add --yes to do it\n");
}

static int forget_run(const struct asking *asking, struct err *err)
{
    struct store *store = NULL;
    struct forgotten counts;
    int done = -1;
    if (!asking->person)
        err_set(err, "who is to be forgotten? --person ADDRESS");
    else if (asking_open(asking, asking->yes != NULL, &store, err) == 0)
        done = record_forget(store, span_of(asking->person), !asking->yes, &counts, err);
    store_close(&store);
    if (done < 0)
        return asking_fail(err);
    counts_print(asking, &counts);
    return 0;
}

int command_forget(int argc, char **argv)
{
    struct err err;
    struct asking asking;
    int parsed = asking_parse(argc, argv, ASK_FORGET, &asking, &err);
    int status = parsed < 0 ? asking_fail(&err) : parsed == 1 ? 0 : forget_run(&asking, &err);
    arena_free(&asking.arena);
    return status;
}
