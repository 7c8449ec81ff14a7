#include "command/labelled.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static size_t folder_len(const char *path)
{
    const char *slash = strrchr(path, '/');
    return !slash ? 0 : slash == path ? 1 : (size_t)(slash - path);
}

static void complain(struct labelled *labelled, const char *name, const char *why)
{
    fprintf(stderr, "sekimori: %s%s%s\n", name ? name : "", name ? ": " : "", why);
    labelled->unread = true;
}

static void one_walk(struct labelled *labelled, const struct input *input, bool bad, labelled_take *take, void *context)
{
    struct err err;
    const struct scan_options *options = labelled->options;
    struct scan_job job = {.arrival = {.source = span_of(input->name), .received_at = options->now, .direction = options->direction},
                           .fd = input->fd, .offset = input->offset, .length = input->length, .mbox = input->mbox};
    arena_reset(labelled->arena);
    envelopes_find(labelled->world.envelopes, labelled->arena, input->name, &job.arrival);
    struct walk *walk = walk_here(labelled->arena, &labelled->judge, labelled->resolver, &job, &err);
    size_t folder = strcmp(input->name, input->path) != 0 ? strlen(input->path) : folder_len(input->path);
    struct span where = folder ? (struct span){input->name, folder} : S(".");
    if (!walk)
        complain(labelled, input->name, err.text);
    else
        take(context, bad, where, span_of(input->name), walk);
    close(input->fd);
}

int labelled_open(struct labelled *labelled, struct scan_options *options, struct err *err)
{
    *labelled = (struct labelled){.options = options};
    judge_settings_default(&labelled->judge);
    labelled->judge.walk = &options->walk;
    labelled->arena = arena_new(labelled->judge.ceiling);
    if (scan_world_open(options, &labelled->world, err) < 0)
        return -1;
    options->resolver.offline = !options->resolver.zone;
    labelled->resolver = resolver_new(&options->resolver);
    return 0;
}

void labelled_walk(struct labelled *labelled, labelled_take *take, void *context)
{
    vec_each(path, &labelled->options->labelled) {
        struct inputs *inputs = inputs_new(&path->path, 1);
        struct input input;
        struct err err;
        for (int got; (got = inputs_next(inputs, &input, &err)) != 0;) {
            if (got < 0)
                complain(labelled, NULL, err.text);
            else if (input.story)
                complain(labelled, input.name, "is a story with a world of its own; sekimori scan judges it");
            else
                one_walk(labelled, &input, path->bad, take, context);
        }
        inputs_free(&inputs);
    }
}

void labelled_close(struct labelled *labelled)
{
    resolver_free(&labelled->resolver);
    scan_world_close(&labelled->world);
    arena_free(&labelled->arena);
}

int labelled_options(int argc, char **argv, struct scan_options *options)
{
    struct err err;
    bool kinds[2] = {false, false};
    if (options_parse(argc, argv, options, &err) < 0) {
        fprintf(stderr, "sekimori: %s\n", err.text);
        return STATUS_UNREAD;
    }
    if (options->help) {
        options_help(options->verb);
        return STATUS_CLEAN;
    }
    vec_each(path, &options->labelled)
        kinds[path->bad] = true;
    if (kinds[0] && kinds[1] && !options->paths.len)
        return -1;
    fprintf(stderr, "sekimori: give honest mail after --ham and bad mail after --phish%s%s; --help tells more\n",
            options->paths.len ? "; of neither kind is " : "", options->paths.len ? options->paths.at[0] : "");
    return STATUS_UNREAD;
}
