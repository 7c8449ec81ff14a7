/* content_files_read over any bytes as a file: the first line is its name, the rest what it holds. Links and texts are
 * readable, limits hold, and what was unpacked does not stay. */
#include "fuzz.h"
#include "content/files.h"

static size_t touched;

static void span_touch(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        touched += (unsigned char)s.at[i];
}

static const struct tables *tables_once(void)
{
    static struct tables *tables;
    struct err err;
    if (!tables && tables_open(&(struct table_options){0}, &tables, &err) < 0) {
        fprintf(stderr, "%s\n", err.text);
        abort();
    }
    return tables;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = fuzz_arena();
    struct file_limits limits;
    struct content_files files;
    struct span bytes = {(const char *)data, size}, name = {0};
    span_cut(&bytes, '\n', &name);
    struct part part = {.kind = PART_OTHER, .attachment = true, .decoded = bytes, .body = bytes};
    struct part *leaf = &part;
    *vec_push(arena, &part.names) = name;
    struct message message = {.raw = {(const char *)data, size}, .root = &part, .part_count = 1};
    message.leaves.at = &leaf;
    message.leaves.len = 1;
    file_limits_default(&limits);
    limits.archive_output = limits.inflate_output = 1 << 20;
    limits.image_pixels = limits.image_work = 1 << 20;
    content_files_read(arena, &limits, tables_once(), &message, &files);
    promise(files.list.len == 1 && files.links.len <= limits.file_links);
    promise(arena_used(arena) <= 64 * size + ((size_t)4 << 20));
    vec_each(file, &files.list) {
        span_touch(file->inner);
        span_touch(file->text);
        promise(file->text.len <= FILE_TEXT_MOST && file->entries <= limits.archive_entries);
    }
    vec_each(link, &files.links) {
        span_touch(link->raw);
        if (link->url)
            span_touch(link->url->href);
    }
    return 0;
}
