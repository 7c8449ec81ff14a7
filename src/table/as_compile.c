/* CSV `start,end,asn,name` (the form of npm @ip-location-db/asn; addresses written out or as decimal numbers) into the
 * sorted image of as_image.c. */
#include "table/inner.h"

#include "base/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { BUILD_CEILING_MB = 2048, CSV_MOST_MB = 256 };

struct as_name {
    uint32_t number, order; /* the first name that a number is given stays */
    struct span csv;        /* as written, without the outer quotes */
};
struct build {
    struct arena *arena;
    VEC(struct as_range4) v4; /* `as` is the number until the image is laid out */
    VEC(struct as_range6) v6;
    VEC(struct as_name) names;
    size_t text_bytes;
};

/* Decimal digits up to 2^128. */
static bool wide_number(struct span text, unsigned __int128 *out)
{
    unsigned __int128 value = 0, most = ~(unsigned __int128)0;
    if (!text.len || text.len > 39)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        unsigned digit = (unsigned)(text.at[i] - '0');
        if (digit > 9 || value > (most - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

static bool address_read(struct span text, struct ip *out)
{
    unsigned __int128 value;
    if (!wide_number(text, &value))
        return ip_parse(text, out);
    *out = (struct ip){.family = value >> 32 ? IP_V6 : IP_V4};
    size_t bytes = out->family == IP_V4 ? 4 : 16;
    for (size_t i = bytes; i-- > 0; value >>= 8)
        out->bytes[i] = (uint8_t)value;
    return true;
}

static uint32_t four_bytes(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static void range_add(struct build *build, const struct ip *start, const struct ip *end, uint32_t number)
{
    if (start->family == IP_V4) {
        *vec_push(build->arena, &build->v4) = (struct as_range4){four_bytes(start->bytes), four_bytes(end->bytes), number};
        return;
    }
    struct as_range6 *range = vec_push(build->arena, &build->v6);
    memcpy(range->start, start->bytes, 16);
    memcpy(range->end, end->bytes, 16);
    range->as = number;
}

static void name_add(struct build *build, uint32_t number, struct span csv)
{
    if (build->names.len && build->names.at[build->names.len - 1].number == number)
        return;
    if (csv.len >= 2 && csv.at[0] == '"' && csv.at[csv.len - 1] == '"')
        csv = span_first(span_skip(csv, 1), csv.len - 2);
    *vec_push(build->arena, &build->names) = (struct as_name){number, (uint32_t)build->names.len, span_first(csv, 200)};
}

static const char *row_read(struct build *build, struct span line)
{
    struct span start, end, number;
    struct ip first, last;
    uint64_t asn;
    if (!span_cut(&line, ',', &start) || !span_cut(&line, ',', &end) || !span_cut(&line, ',', &number))
        return "is not start,end,asn,name";
    if (!address_read(span_trim(start), &first) || !address_read(span_trim(end), &last) || first.family != last.family)
        return "has no two addresses of one kind at its beginning";
    if (memcmp(first.bytes, last.bytes, sizeof first.bytes) > 0)
        return "ends before it starts";
    if (!span_number(span_trim(number), UINT32_MAX, &asn))
        return "has no AS number in its third column";
    if (asn == 0)
        return NULL; /* announced by nobody */
    range_add(build, &first, &last, (uint32_t)asn);
    name_add(build, (uint32_t)asn, span_trim(line));
    return NULL;
}

static int csv_read(struct build *build, const char *path, uint64_t most_bytes, struct err *err)
{
    struct span rest, line;
    unsigned number = 0;
    if (file_read(build->arena, path, (size_t)most_bytes, &rest, err) < 0)
        return -1;
    while (span_cut(&rest, '\n', &line)) {
        number++;
        line = span_trim(line);
        const char *fault = line.len ? row_read(build, line) : NULL;
        if (fault)
            return err_set(err, "%s:%u: the line %s; give the CSV of npm's @ip-location-db/asn or one of its form", path, number, fault);
    }
    return 0;
}

static int by_start4(const void *a, const void *b)
{
    const struct as_range4 *one = a, *other = b;
    return (one->start > other->start) - (one->start < other->start);
}

static int by_start6(const void *a, const void *b)
{
    return memcmp(((const struct as_range6 *)a)->start, ((const struct as_range6 *)b)->start, 16);
}

static int by_number(const void *a, const void *b)
{
    const struct as_name *one = a, *other = b;
    if (one->number != other->number)
        return one->number > other->number ? 1 : -1;
    return (one->order > other->order) - (one->order < other->order);
}

static int contradiction(struct build *build, struct ip at, struct err *err)
{
    struct span text = ip_text(build->arena, &at);
    return err_set(err, "two ranges contradict each other at %.*s: one lies within the other; give files that belong together", SPAN_FMT(text));
}

/* A row that says again what stands before it is dropped (a list given in two spellings). Where two rows merely run into each
 * other, as happens in the public table, the one that starts later has the address. */
static int v4_sort(struct build *build, struct err *err)
{
    size_t kept = 0;
    if (build->v4.len)
        qsort(build->v4.at, build->v4.len, sizeof *build->v4.at, by_start4);
    vec_each (range, &build->v4) {
        struct as_range4 *last = kept ? &build->v4.at[kept - 1] : NULL;
        if (last && memcmp(last, range, sizeof *last) == 0)
            continue;
        if (last && range->start <= last->end) {
            if (range->start == last->start || range->end < last->end)
                return contradiction(build, (struct ip){.family = IP_V4, .bytes = {(uint8_t)(range->start >> 24), (uint8_t)(range->start >> 16),
                                                                                   (uint8_t)(range->start >> 8), (uint8_t)range->start}}, err);
            last->end = range->start - 1;
        }
        build->v4.at[kept++] = *range;
    }
    build->v4.len = kept;
    return 0;
}

static void one_before(const uint8_t address[16], uint8_t out[16])
{
    memcpy(out, address, 16);
    for (size_t i = 16; i-- > 0 && out[i]-- == 0;)
        ;
}

static int v6_sort(struct build *build, struct err *err)
{
    size_t kept = 0;
    if (build->v6.len)
        qsort(build->v6.at, build->v6.len, sizeof *build->v6.at, by_start6);
    vec_each (range, &build->v6) {
        struct as_range6 *last = kept ? &build->v6.at[kept - 1] : NULL;
        if (last && memcmp(last, range, sizeof *last) == 0)
            continue;
        if (last && memcmp(range->start, last->end, 16) <= 0) {
            struct ip at = {.family = IP_V6};
            memcpy(at.bytes, range->start, 16);
            if (memcmp(range->start, last->start, 16) == 0 || memcmp(range->end, last->end, 16) < 0)
                return contradiction(build, at, err);
            one_before(range->start, last->end);
        }
        build->v6.at[kept++] = *range;
    }
    build->v6.len = kept;
    return 0;
}

static void names_sort(struct build *build)
{
    size_t kept = 0;
    if (build->names.len)
        qsort(build->names.at, build->names.len, sizeof *build->names.at, by_number);
    vec_each (name, &build->names)
        if (!kept || build->names.at[kept - 1].number != name->number) {
            build->names.at[kept++] = *name;
            build->text_bytes += name->csv.len;
        }
    build->names.len = kept;
}

static uint32_t index_of(const struct build *build, uint32_t number)
{
    size_t low = 0, high = build->names.len;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (build->names.at[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return (uint32_t)low;
}

/* "" inside a quoted value is one quotation mark. */
static uint32_t name_write(char *at, struct span csv)
{
    uint32_t n = 0;
    for (size_t i = 0; i < csv.len; i++) {
        at[n++] = csv.at[i];
        if (csv.at[i] == '"' && i + 1 < csv.len && csv.at[i + 1] == '"')
            i++;
    }
    return n;
}

static void systems_write(const struct build *build, struct as_system *systems, char *text)
{
    uint32_t used = 0;
    for (size_t i = 0; i < build->names.len; i++) {
        systems[i] = (struct as_system){build->names.at[i].number, used, name_write(text + used, build->names.at[i].csv)};
        used += systems[i].name_length;
    }
}

static void image_write(struct build *build, const struct as_header *head, char *at)
{
    vec_each (range, &build->v6)
        range->as = index_of(build, range->as);
    vec_each (range, &build->v4)
        range->as = index_of(build, range->as);
    memcpy(at, head, sizeof *head);
    at += sizeof *head;
    if (head->v6_count)
        memcpy(at, build->v6.at, head->v6_count * sizeof *build->v6.at);
    at += head->v6_count * sizeof *build->v6.at;
    if (head->v4_count)
        memcpy(at, build->v4.at, head->v4_count * sizeof *build->v4.at);
    at += head->v4_count * sizeof *build->v4.at;
    systems_write(build, (struct as_system *)(void *)at, at + head->as_count * sizeof(struct as_system));
}

static int image_make(struct build *build, struct span *out, struct err *err)
{
    struct as_header head = {.magic = AS_MAGIC, .version = AS_VERSION, .byte_order = AS_BYTE_ORDER};
    if (v4_sort(build, err) < 0 || v6_sort(build, err) < 0)
        return -1;
    names_sort(build);
    head.v4_count = (uint32_t)build->v4.len;
    head.v6_count = (uint32_t)build->v6.len;
    head.as_count = (uint32_t)build->names.len;
    head.text_bytes = (uint32_t)build->text_bytes;
    head.size = sizeof head + build->v6.len * sizeof *build->v6.at + build->v4.len * sizeof *build->v4.at +
                build->names.len * sizeof(struct as_system) + build->text_bytes;
    char *at = calloc(1, (size_t)head.size);
    if (!at)
        return err_set(err, "no memory for an AS table of %llu bytes", (unsigned long long)head.size);
    image_write(build, &head, at);
    *out = (struct span){at, (size_t)head.size};
    return 0;
}

int as_image_build(const char *const *csv_paths, size_t count, uint64_t most_bytes, struct span *out, struct err *err)
{
    struct arena *arena __attribute__((cleanup(arena_free))) = arena_new((size_t)BUILD_CEILING_MB << 20);
    struct build build = {.arena = arena};
    for (size_t i = 0; i < count; i++)
        if (csv_read(&build, csv_paths[i], most_bytes, err) < 0)
            return -1;
    if (!build.v4.len && !build.v6.len)
        return err_set(err, "%s: holds no address range", count ? csv_paths[0] : "the list of files");
    return image_make(&build, out, err);
}

static int all_written(int fd, struct span bytes)
{
    while (bytes.len) {
        ssize_t done = write(fd, bytes.at, bytes.len);
        if (done < 0 && errno != EINTR)
            return -1;
        bytes = span_skip(bytes, done > 0 ? (size_t)done : 0);
    }
    return fsync(fd);
}

/* Beside the place, then renamed: a reader never meets half a table. */
static int image_store(struct span bytes, const char *path, struct err *err)
{
    char beside[4096];
    if (snprintf(beside, sizeof beside, "%s.new", path) >= (int)sizeof beside)
        return err_set(err, "%s: the path is too long", path);
    int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return err_set(err, "%s: cannot be written: %s", beside, strerror(errno));
    int failed = all_written(fd, bytes);
    if (close(fd) < 0 || failed < 0 || rename(beside, path) < 0) {
        err_set(err, "%s: cannot be written: %s", path, strerror(errno));
        unlink(beside);
        return -1;
    }
    return 0;
}

int table_compile_as(const char *const *csv_paths, size_t count, const char *out_path, struct err *err)
{
    struct span bytes;
    if (as_image_build(csv_paths, count, (uint64_t)CSV_MOST_MB << 20, &bytes, err) < 0)
        return -1;
    int done = image_store(bytes, out_path, err);
    free((void *)bytes.at);
    return done;
}
