#include "command/asking.h"
#include "command/command.h"
#include "record/decide.h"

#include <pwd.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

struct span asking_by(const struct asking *asking)
{
    struct passwd *user = asking->by ? NULL : getpwuid(getuid());
    return asking->by ? span_of(asking->by) : user ? arena_copy(asking->arena, span_of(user->pw_name)) : arena_print(asking->arena, "uid %u", (unsigned)getuid());
}

static int correct_one(const struct asking *asking, struct store *store, const char *id, struct err *err)
{
    struct correction correction = {asking->honest != NULL, time(NULL), asking_by(asking)};
    int done = asking->undo ? record_correct_undo(store, span_of(id), err) : record_correct(store, span_of(id), &correction, err);
    if (done == 0)
        return err_set(err, asking->undo ? "%s: was not corrected, so there is nothing to take back" : "%s: there is no such record; it may have been pruned, or is of another store", id);
    if (done > 0)
        printf("%s  %s\n", id, asking->undo ? "correction taken back" : asking->honest ? "noted: honest" : "noted: bad");
    return done;
}

static int correct_run(const struct asking *asking, struct err *err)
{
    struct store *store = NULL;
    int status = 0;
    if (!asking->honest + !asking->bad + !asking->undo != 2)
        err_set(err, "say what the message was: one of --honest, --bad, --undo");
    else if (!asking->words.len)
        err_set(err, "correct wants the id of a record; sekimori hunt finds them");
    else if (asking_open(asking, true, &store, err) == 0) {
        for (size_t i = 0; i < asking->words.len; i++)
            if (correct_one(asking, store, asking->words.at[i], err) < 0)
                status = asking_fail(err);
        store_close(&store);
        return status;
    }
    return asking_fail(err);
}

int command_correct(int argc, char **argv)
{
    struct err err;
    struct asking asking;
    int parsed = asking_parse(argc, argv, ASK_CORRECT, &asking, &err);
    int status = parsed < 0 ? asking_fail(&err) : parsed == 1 ? 0 : correct_run(&asking, &err);
    arena_free(&asking.arena);
    return status;
}
