/* clock: the clock by which what is kept goes. */
#include "record/record.h"

enum { ONE = 1, STEP = 3 * 86400, DOUBT = 3 * 86400, NOTED = 600 }; /* NOTED: so long it need not be written that it went on */

static bool integer_take(void *context, const struct store_value *values)
{
    *(int64_t *)context = values[0].integer;
    return false;
}

static bool clock_take(void *context, const struct store_value *values)
{
    *(struct record_clock *)context = (struct record_clock){.believed = values[0].integer, .doubted = values[1].integer};
    return false;
}

/* When it was looked at by older versions nobody noted; what they kept tells. */
static int newest_kept(struct store *store, int64_t now, int64_t *out, struct err *err)
{
    static const struct {
        const char *table, *column;
    } kept[] = {{"record", "kept"}, {"fresh", "kept"}, {"unjudged", "kept"}, {"hold", "at"}};
    int64_t found = 0, newest = INT64_MIN;
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        struct store_query query = {.table = kept[i].table, .columns = kept[i].column, .order = kept[i].column, .descending = true, .limit = 1};
        int64_t at = INT64_MIN;
        if ((found = store_find(store, &query, integer_take, &at, err)) < 0)
            return -1;
        newest = at > newest ? at : newest;
    }
    *out = newest == INT64_MIN ? now : newest;
    return 0;
}

int record_clock(struct store *store, int64_t now, int64_t ran, struct record_clock *out, struct err *err)
{
    struct record_clock was = {0};
    struct store_query query = {.table = "clock", .columns = "believed doubted", .limit = 1};
    int64_t there = store_find(store, &query, clock_take, &was, err);
    if (there < 0 || (!there && newest_kept(store, now, &was.believed, err) < 0))
        return -1;
    bool ahead = now > was.believed && (uint64_t)now - (uint64_t)was.believed > STEP;
    *out = (struct record_clock){.believed = ahead ? was.believed : now, .doubted = ahead ? was.doubted + ran : 0, .ahead = ahead};
    if (ahead && out->doubted >= DOUBT)
        *out = (struct record_clock){.believed = now};
    if (there && out->doubted == was.doubted && out->believed >= was.believed && out->believed - was.believed < NOTED)
        return 0;
    return store_insert(store, "clock", (const struct store_value[]){STORE_INT(ONE), STORE_INT(out->believed), STORE_INT(out->doubted)}, STORE_REPLACE, err) < 0 ? -1 : 0;
}
