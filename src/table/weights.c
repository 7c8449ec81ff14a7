#include "table/inner.h"

#include "base/config.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

enum { FILE_MOST = 4 << 20, COLUMNS = 9 };

size_t weight_count(const struct tables *tables)
{
    return tables ? tables->weights.len : 0;
}

const struct weight *weight_at(const struct tables *tables, size_t index)
{
    return &tables->weights.at[index];
}

static bool real_read(struct span word, double *out)
{
    char copy[32], *end;
    if (!word.len || word.len >= sizeof copy)
        return false;
    memcpy(copy, word.at, word.len);
    copy[word.len] = 0;
    *out = strtod(copy, &end);
    return !*end && isfinite(*out);
}

static bool count_read(struct span word, size_t *out)
{
    uint64_t number;
    bool read = span_number(word, (uint64_t)1 << 40, &number);
    *out = read ? (size_t)number : 0;
    return read;
}

static bool row_read(struct span line, struct weight *out)
{
    struct span cells[COLUMNS], rest = line;
    for (int i = 0; i < COLUMNS; i++)
        if (!span_cut(&rest, '\t', &cells[i]))
            return false;
    *out = (struct weight){.name = cells[0], .fitted = span_eq(cells[8], S("fitted"))};
    return !rest.len && cells[0].len && real_read(cells[1], &out->value) && real_read(cells[2], &out->low) &&
           real_read(cells[3], &out->high) && count_read(cells[4], &out->bad_fired) && count_read(cells[5], &out->bad) &&
           count_read(cells[6], &out->honest_fired) && count_read(cells[7], &out->honest) &&
           (out->fitted || span_eq(cells[8], S("prior")));
}

static bool is_named(const struct tables *tables, struct span name)
{
    vec_each(have, &tables->weights)
        if (span_eq(have->name, name))
            return true;
    return false;
}

/* Absent from the data folder is no error: then every prior stands. */
int weights_load(struct tables *tables, const char *path, struct err *err)
{
    struct span text, line;
    unsigned number = 0;
    bool told = path != NULL;
    path = told ? path : data_path(tables, "weights.tsv");
    if (!told && access(path, F_OK) < 0)
        return 0;
    if (file_read(tables->arena, path, FILE_MOST, &text, err) < 0)
        return -1;
    while (span_cut(&text, '\n', &line)) {
        struct weight row;
        number++;
        if (!line.len || line.at[0] == '#' || span_starts(line, S("evidence\t")))
            continue;
        if (!row_read(line, &row))
            return err_set(err, "%s:%u: is no row of nine columns (evidence, weight, low, high, bad_fired, bad, honest_fired, honest, "
                                "basis); write the file with `sekimori fit`", path, number);
        if (is_named(tables, row.name))
            return err_set(err, "%s:%u: \"%.*s\" stands twice; take one of the rows out", path, number, SPAN_FMT(row.name));
        *vec_push(tables->arena, &tables->weights) = row;
    }
    if (!tables->weights.len)
        return err_set(err, "%s: holds no weight; write the file with `sekimori fit`", path);
    return 0;
}
