#include "generation/value.h"

static const struct limit limits[] = {
#define LIMIT(name, value, en) {#name, en, #value, false, offsetof(struct message_limits, name)},
#include "message/limit.def"
#undef LIMIT
#define LIMIT(name, value, en) {#name, en, #value, true, offsetof(struct file_limits, name)},
#include "content/limit.def"
#undef LIMIT
};

const struct limit *limit_at(size_t index)
{
    return index < sizeof limits / sizeof *limits ? &limits[index] : NULL;
}

const struct limit *limit_find(struct span name)
{
    const struct limit *limit;
    for (size_t i = 0; (limit = limit_at(i)); i++)
        if (span_eq(name, span_of(limit->name)))
            return limit;
    return NULL;
}

bool limit_counts_bytes(const struct limit *limit)
{
    return strstr(limit->written, "<<") != NULL; /* so the tables write them */
}

static size_t *place(const struct limit *limit, const struct walk_settings *settings)
{
    const void *of = limit->of_files ? (const void *)&settings->files : (const void *)&settings->message;
    return (size_t *)((char *)of + limit->offset);
}

size_t limit_value(const struct limit *limit, const struct walk_settings *settings)
{
    return *place(limit, settings);
}

int limit_set(const struct limit *limit, struct span text, bool unit, struct walk_settings *settings, struct err *err)
{
    uint64_t number;
    bool bytes = limit_counts_bytes(limit);
    if (unit && (bytes ? value_size(text, true, 1, LIMIT_MOST, &number, err) : value_number(text, 1, LIMIT_MOST, &number, err)) < 0)
        return -1;
    if (!unit && value_size(text, false, 1, LIMIT_MOST, &number, NULL) < 0)
        return err_set(err, "\"%.*s\" is no number from 1 to 1G; write %s=2000 or %s=64M", SPAN_FMT(text), limit->name, limit->name);
    *place(limit, settings) = number;
    return 0;
}
