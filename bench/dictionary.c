/* Trains data/record.dictionary: usage: dictionary STORE OUT. STORE holds records of messages of our own making; see bench/README.md. */
#include "record/inner.h"
#include "base/shape.h"

#include <stdio.h>
#include <zdict.h>

enum { SIZE = 32 << 10 };

struct samples {
    struct arena *arena;
    struct buf bytes;
    VEC(size_t) sizes;
};

static bool paper_take(void *context, const struct store_value *values)
{
    struct samples *samples = context;
    struct buf plain = {.arena = samples->arena};
    struct err err;
    if (paper_plain(samples->arena, values[0].span, &plain, &err) < 0) {
        fprintf(stderr, "dictionary: %s\n", err.text);
        return false;
    }
    buf_add(&samples->bytes, buf_span(&plain));
    *vec_push(samples->arena, &samples->sizes) = plain.len;
    return true;
}

int main(int argc, char **argv)
{
    struct err err;
    struct store *store;
    struct samples samples = {.arena = arena_new((size_t)4 << 30)};
    samples.bytes.arena = samples.arena;
    if (argc != 3)
        return 2;
    if (store_open(argv[1], record_schema(), &(struct store_settings){.read_only = true}, &store, &err) < 0 ||
        store_find(store, &(struct store_query){.table = "paper", .columns = "bytes", .order = "id"}, paper_take, &samples, &err) < 0) {
        fprintf(stderr, "dictionary: %s\n", err.text);
        return 2;
    }
    static char dictionary[SIZE];
    size_t len = ZDICT_trainFromBuffer(dictionary, sizeof dictionary, samples.bytes.at, samples.sizes.at, (unsigned)samples.sizes.len);
    FILE *out = ZDICT_isError(len) ? NULL : fopen(argv[2], "wb");
    if (!out || fwrite(dictionary, 1, len, out) != len || fclose(out) != 0) {
        fprintf(stderr, "dictionary: %s\n", ZDICT_isError(len) ? ZDICT_getErrorName(len) : "cannot be written");
        return 2;
    }
    printf("%zu samples, %zu bytes; a dictionary of %zu bytes\n", samples.sizes.len, samples.bytes.len, len);
    store_close(&store);
    return 0;
}
