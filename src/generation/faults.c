#include "generation/inner.h"

#include <stdio.h>

enum { CEILING = 4 << 20, MOST = 200, LONGEST = 1024 };

void faults_begin(struct faults *faults, const char *path)
{
    *faults = (struct faults){.arena = arena_new(CEILING)};
    faults->file = arena_copy(faults->arena, span_of(path));
}

void faults_end(struct faults *faults)
{
    arena_free(&faults->arena);
}

/* By line; what is of one line stays in its order. */
static void fault_put(struct faults *faults, struct fault fault)
{
    vec_push(faults->arena, &faults->list);
    size_t at = faults->list.len - 1;
    for (; at && faults->list.at[at - 1].line > fault.line; at--)
        faults->list.at[at] = faults->list.at[at - 1];
    faults->list.at[at] = fault;
}

static void __attribute__((format(printf, 5, 0)))
fault_keep(struct faults *faults, bool warning, unsigned line, struct span key, const char *format, va_list args)
{
    char text[LONGEST];
    vsnprintf(text, sizeof text, format, args);
    *(warning ? &faults->warnings : &faults->wrong) += 1;
    if (faults->list.len < MOST)
        fault_put(faults, (struct fault){warning, line, arena_copy(faults->arena, key), arena_copy(faults->arena, span_of(text))});
}

void fault_add(struct faults *faults, bool warning, unsigned line, struct span key, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fault_keep(faults, warning, line, key, format, args);
    va_end(args);
}

void fault_at(struct reading *reading, bool warning, const void *member, const char *format, ...)
{
    const struct place *place = place_of(reading->out, member);
    va_list args;
    va_start(args, format);
    fault_keep(reading->faults, warning, place ? place->line : 0, place ? place->path : S(""), format, args);
    va_end(args);
}

void faults_print(const struct faults *faults, struct buf *out)
{
    vec_each(fault, &faults->list) {
        buf_print(out, "%.*s:", SPAN_FMT(faults->file));
        if (fault->line)
            buf_print(out, "%u:", fault->line);
        buf_print(out, " %s", fault->warning ? "warning: " : "");
        if (fault->key.len)
            buf_print(out, "%.*s: ", SPAN_FMT(fault->key));
        buf_print(out, "%.*s\n", SPAN_FMT(fault->text));
    }
    size_t all = faults->wrong + faults->warnings;
    if (all > faults->list.len)
        buf_print(out, "%.*s: %zu more faults are not shown\n", SPAN_FMT(faults->file), all - faults->list.len);
}
