/* clock: the clock by which what is kept goes. */
#include "record/record.h"

enum { ONE = 1, STEP = 3 * 86400, DOUBT = 3 * 86400, NOTED = 600 }; /* NOTED: so long it need not be written that it went on */

static bool integer_take(void *context, const struct store_value *values)
{
    *(int64_t *)context = values[0].integer;
    return false;
}

struct noted {
    int64_t believed;
    int64_t doubted, behind; /* seconds of running by a clock far ahead of it, far behind it */
};

static bool noted_take(void *context, const struct store_value *values)
{
    *(struct noted *)context = (struct noted){values[0].integer, values[1].integer, values[2].null ? 0 : values[2].integer};
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

static bool is_far(int64_t from, int64_t to)
{
    return to > from && (uint64_t)to - (uint64_t)from > STEP;
}

/* A machine without a clock that goes on while it is off begins long ago each time, until the network tells it better: what was noted
 * stands, and so does how long a clock ahead of it was doubted. */
static struct noted noted_after(const struct noted *was, int64_t now, int64_t ran)
{
    if (is_far(was->believed, now) && was->doubted + ran < DOUBT)
        return (struct noted){was->believed, was->doubted + ran, 0};
    if (is_far(now, was->believed) && was->behind + ran < DOUBT)
        return (struct noted){was->believed, was->doubted, was->behind + ran};
    return (struct noted){now, 0, 0};
}

int record_clock(struct store *store, int64_t now, int64_t ran, struct record_clock *out, struct err *err)
{
    struct noted was = {0};
    struct store_query query = {.table = "clock", .columns = "believed doubted behind", .limit = 1};
    int64_t there = store_find(store, &query, noted_take, &was, err);
    if (there < 0 || (!there && newest_kept(store, now, &was.believed, err) < 0))
        return -1;
    struct noted is = noted_after(&was, now, ran);
    *out = (struct record_clock){.believed = now < is.believed ? now : is.believed, .doubted = is.doubted, .ahead = now > is.believed};
    bool same = is.doubted == was.doubted && is.behind == was.behind;
    if (there && same && is.believed >= was.believed && is.believed - was.believed < NOTED)
        return 0;
    const struct store_value row[] = {STORE_INT(ONE), STORE_INT(is.believed), STORE_INT(is.doubted), STORE_INT(is.behind)};
    return store_insert(store, "clock", row, STORE_REPLACE, err) < 0 ? -1 : 0;
}
