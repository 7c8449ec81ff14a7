#include "files_world.h"

void files_world_open(struct files_world *w)
{
    struct err err;
    *w = (struct files_world){.arena = arena_new((size_t)256 << 20)};
    if (tables_open(&(struct table_options){0}, &w->tables, &err) < 0)
        fail_msg("%s", err.text);
}

void files_world_close(struct files_world *w)
{
    tables_close(&w->tables);
    arena_free(&w->arena);
}

void files_world_read(struct files_world *w, const struct file_limits *limits, const char *type, const char *name, struct span bytes)
{
    struct file_limits usual;
    struct message_limits message_limits;
    struct buf text = {.arena = w->arena};
    file_limits_default(&usual);
    message_limits_default(&message_limits);
    buf_print(&text, "From: a@brand.example\r\nMIME-Version: 1.0\r\nContent-Type: %s\r\nContent-Transfer-Encoding: binary\r\n"
                     "Content-Disposition: attachment; filename=\"%s\"\r\n\r\n", type, name);
    buf_add(&text, bytes);
    w->raw = exact_bytes(text.at, text.len);
    struct arrival arrival = {.raw = w->raw, .received_at = TIME_UNKNOWN};
    message_parse(w->arena, &message_limits, w->tables, &arrival, &w->message);
    content_files_read(w->arena, limits ? limits : &usual, w->tables, &w->message, &w->files);
}

void files_world_done(struct files_world *w)
{
    free((char *)(uintptr_t)w->raw.at);
    arena_reset(w->arena);
}

static bool leads_to(const struct content_files *files, const char *address)
{
    vec_each(link, &files->links)
        if (span_eq(link->raw, span_of(address)) && link->url)
            return true;
    return false;
}

void files_sample_check(struct files_world *w, const struct files_sample *sample)
{
    files_world_read(w, NULL, sample->type, sample->name, sample->bytes);
    const struct file_fact *file = w->files.list.at;
    if (w->files.list.len != 1)
        fail_msg("%s: %zu files", sample->label, w->files.list.len);
    if ((file->traits & sample->has) != sample->has)
        fail_msg("%s: lacks %x of its traits (has %x)", sample->label, sample->has & ~file->traits, file->traits);
    if (file->traits & sample->lacks)
        fail_msg("%s: has %x and must not", sample->label, file->traits & sample->lacks);
    if (sample->leads ? !leads_to(&w->files, sample->leads) : w->files.links.len != 0)
        fail_msg("%s: %zu links, wanted %s, first %.*s", sample->label, w->files.links.len, sample->leads ? sample->leads : "none",
                 SPAN_FMT(w->files.links.len ? w->files.links.at[0].raw : S("")));
    if (sample->inner)
        assert_span(file->inner, sample->inner);
    files_world_done(w);
}

int rooms_setup(void **state)
{
    static struct files_world world;
    files_world_open(&world);
    *state = &world;
    return 0;
}

int rooms_teardown(void **state)
{
    files_world_close(*state);
    return 0;
}
