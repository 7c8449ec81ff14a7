#include "command/scan.h"
#include "command/command.h"
#include "command/keeping.h"
#include "role/duty.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum { WINDOW = 1024, WAIT_MS = 200 };

struct outcome { /* a message given and not yet printed */
    bool done;
    bool failed, story;
    char *text;      /* output, or the error */
    size_t len;
    char *name;
    size_t folder_len; /* of the name: what the summary counts it under; 0: the working folder */
};

struct scan {
    struct scan_options *options;
    struct judge_settings judge;
    struct scan_world world;
    struct inputs *inputs;
    struct resolver *resolver;
    struct crew *crew; /* NULL: messages are judged in this process */
    struct arena *arena; /* of one message, in this process */
    struct summary *summary;
    struct progress progress;
    struct outcome window[WINDOW];
    uint32_t given, printed, told;
    size_t files_done;
    struct closing closing;
    struct keeping keeping;
    struct record_settings settings; /* that records are made with */
    struct witness_tally witnesses;
    const struct record_settings *story_settings; /* ... of the story in work; NULL: none is */
    bool found, unread;
};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
    interrupted = number;
}

/* ---- what is said */
static void complain(struct scan *scan, const char *name, struct span why)
{
    struct buf text = {.arena = scan->arena};
    plain_add(&text, span_of(name));
    buf_add(&text, name ? S(": ") : S(""));
    plain_add(&text, why);
    progress_hide(&scan->progress);
    fflush(stdout);
    fprintf(stderr, "sekimori: %.*s\n", SPAN_FMT(buf_span(&text)));
    scan->unread = true;
}

static void outcome_print(struct scan *scan, struct outcome *outcome)
{
    if (outcome->failed) {
        struct span why = {outcome->text, outcome->len};
        complain(scan, span_starts(why, span_of(outcome->name)) ? NULL : outcome->name, why); /* of a story: names its file */
    } else if (outcome->len && !scan->options->quiet) {
        progress_hide(&scan->progress);
        if (scan->options->style.form == RESULT_TEXT && scan->told++)
            putchar('\n'); /* explanations are parted by an empty line */
        fwrite(outcome->text, 1, outcome->len, stdout);
        if (isatty(STDOUT_FILENO))
            fflush(stdout);
    }
    free(outcome->text);
    free(outcome->name);
    *outcome = (struct outcome){0};
}

static void outcomes_print(struct scan *scan)
{
    while (scan->printed < scan->given && scan->window[scan->printed % WINDOW].done)
        outcome_print(scan, &scan->window[scan->printed++ % WINDOW]);
    progress_step(&scan->progress, scan->files_done, scan->printed);
    const char *complaint = resolver_complaint(scan->resolver);
    if (complaint) {
        progress_hide(&scan->progress);
        fprintf(stderr, "sekimori: %s\n", complaint);
    }
}

static size_t folder_len(const char *path)
{
    const char *slash = strrchr(path, '/');
    return !slash ? 0 : slash == path ? 1 : (size_t)(slash - path);
}

static void count(struct scan *scan, const char *name, size_t folder, const struct scan_result *result)
{
    if (scan->summary)
        summary_count(scan->summary, folder ? (struct span){name, folder} : S("."), result);
}

/* Once it cannot be written, no further one is tried: the next scan of the same messages keeps what this one did not. */
static void record_take(struct scan *scan, struct span parcel)
{
    struct err err;
    if (!scan->keeping.store || !parcel.len)
        return;
    if (keeping_add(&scan->keeping, scan->story_settings ? scan->story_settings : &scan->settings, parcel, &err) == 0)
        return;
    keeping_close(&scan->keeping, NULL);
    scan->keeping.failed = true;
    complain(scan, NULL, span_of(err.text));
}

static void on_complaint(void *context, struct span complaint)
{
    struct scan *scan = context;
    progress_hide(&scan->progress);
    fprintf(stderr, "sekimori: %.*s\n", SPAN_FMT(complaint));
}

static void on_result(void *context, uint32_t serial, const struct scan_result *result)
{
    struct scan *scan = context;
    struct outcome *outcome = &scan->window[serial % WINDOW];
    struct span text = result->error.len ? result->error : result->output;
    outcome->done = true;
    outcome->failed = result->error.len != 0;
    outcome->len = text.len;
    outcome->text = malloc(text.len + 1);
    if (!outcome->text)
        abort();
    memcpy(outcome->text, text.len ? text.at : "", text.len);
    scan->found |= !result->error.len && result->verdict != VERDICT_CLEAN;
    if (!result->error.len)
        closing_count(&scan->closing, result, outcome->story);
    count(scan, outcome->name, outcome->folder_len, result);
    record_take(scan, result->record);
    if (!outcome->story) /* whose world is its own */
        witness_tally_add(&scan->witnesses, result->heard, on_complaint, scan);
}

/* ---- what is done with one message */
static struct arrival arrival_for(struct scan *scan, struct arena *arena, const struct input *input)
{
    struct arrival arrival = {.source = span_of(input->name), .received_at = scan->options->now, .direction = scan->options->direction,
                              .org = span_of(scan->options->organisation)};
    scan->closing.enveloped |= envelopes_find(scan->world.envelopes, arena, input->name, &arrival);
    return arrival;
}

static int crew_wait(struct scan *scan, int wait_ms)
{
    struct err err;
    if (crew_turn(scan->crew, scan->resolver, wait_ms, on_result, scan, &err) == 0) {
        outcomes_print(scan);
        return 0;
    }
    complain(scan, NULL, span_of(err.text));
    return -1;
}

static int give(struct scan *scan, uint32_t serial, struct scan_job *job)
{
    while (!crew_has_room(scan->crew))
        if (interrupted || crew_wait(scan, WAIT_MS) < 0) {
            close(job->fd);
            return -1;
        }
    crew_give(scan->crew, serial, job);
    return 0;
}

static void judge_story(struct scan *scan, const struct input *input, uint32_t serial)
{
    struct err err;
    struct story story;
    struct scan_result result = {0};
    struct arrival arrival = {.source = arena_copy(scan->arena, span_of(input->name)), .received_at = scan->options->now,
                              .direction = scan->options->direction, .org = span_of(scan->options->organisation)};
    if (story_load(scan->arena, input->path, &scan->options->walk, &arrival, &story, &err) < 0) {
        result.error = span_of(err.text);
        on_result(scan, serial, &result);
        return;
    }
    struct judge_settings judge = scan->judge;
    judge.walk = &story.walk;
    struct resolver_settings world = {.zone = story.zone, .offline = true};
    struct resolver *resolver = resolver_new(&world);
    judge.scanner = story.clamd_says ? clamd_new(&(struct clamd_options){.says = story.clamd_says}) : NULL;
    struct scan_job job = {.arrival = story.arrival, .fd = story.fd, .length = story.length};
    struct record_settings settings;
    if (judge.style.keep) {
        keeping_settings(scan->arena, &story.walk, &settings);
        scan->story_settings = judge.style.keep = &settings;
    }
    judge_here(scan->arena, &judge, resolver, &job, &result);
    on_result(scan, serial, &result);
    scan->story_settings = NULL;
    resolver_free(&resolver);
    clamd_free(&judge.scanner);
    close(story.fd);
}

static int judge_input(struct scan *scan, const struct input *input)
{
    arena_reset(scan->arena);
    while (scan->given - scan->printed >= WINDOW)
        if (interrupted || crew_wait(scan, WAIT_MS) < 0)
            return -1;
    uint32_t serial = scan->given++;
    bool member = strcmp(input->name, input->path) != 0; /* an mbox of several counts as a folder */
    scan->window[serial % WINDOW] = (struct outcome){.name = strdup(input->name), .story = input->story,
                                                     .folder_len = member ? strlen(input->path) : folder_len(input->path)};
    scan->files_done += !input->further;
    if (input->story) {
        judge_story(scan, input, serial);
        return 0;
    }
    struct scan_job job = {.arrival = arrival_for(scan, scan->arena, input), .fd = input->fd, .offset = input->offset,
                           .length = input->length, .mbox = input->mbox};
    if (scan->crew)
        return give(scan, serial, &job);
    struct scan_result result;
    judge_here(scan->arena, &scan->judge, scan->resolver, &job, &result);
    on_result(scan, serial, &result);
    close(input->fd);
    return 0;
}

/* ---- the whole */
/* Judges are worth their start where there is more than one message; a story is judged here with a world of its own. */
static int crew_begin(struct scan *scan, struct err *err)
{
    const struct scan_options *options = scan->options;
    struct sigaction on = {.sa_handler = on_interrupt};
    if (options->judges == 1 && (options->resolver.offline || options->resolver.zone))
        return 0;
    fflush(stdout);
    sigaction(SIGINT, &on, NULL); /* without judges there is nobody to send home, and the signal may end us at once */
    sigaction(SIGTERM, &on, NULL);
    return crew_start(&scan->judge, options->judges, &scan->crew, err);
}

/* The next input; complaints on the way to it are said. False: the end. */
static bool next_input(struct scan *scan, struct input *out)
{
    struct err err;
    int got;
    while ((got = inputs_next(scan->inputs, out, &err)) < 0) {
        complain(scan, NULL, span_of(err.text));
        const char *path = inputs_path(scan->inputs);
        count(scan, path, folder_len(path), &(struct scan_result){.error = S("unread")});
    }
    return got == 1;
}

struct kept_input { /* one input looked at before the next was fetched */
    struct input input;
    char path[4096 + 64], name[4096 + 64];
};

static void input_keep(struct kept_input *kept, const struct input *input)
{
    kept->input = *input;
    snprintf(kept->path, sizeof kept->path, "%s", input->path);
    snprintf(kept->name, sizeof kept->name, "%s", input->name);
    kept->input.path = kept->path;
    kept->input.name = kept->name;
}

static int scan_all(struct scan *scan, struct err *err)
{
    struct kept_input now;
    struct input next;
    bool more = next_input(scan, &next), crew_tried = false;
    if (!more && !scan->unread)
        complain(scan, NULL, S("no message was found in the paths given"));
    while (more && !interrupted) {
        input_keep(&now, &next);
        more = next_input(scan, &next);
        if (more && (!now.input.story || scan->options->store_file) && !crew_tried) { /* judges are forked before a store is open */
            crew_tried = true;
            if (crew_begin(scan, err) < 0)
                return -1;
        }
        if (scan->options->store_file && !scan->keeping.store && !scan->keeping.failed && keeping_open(&scan->keeping, scan->options->store_file, err) < 0)
            return -1;
        if (judge_input(scan, &now.input) < 0)
            return 0;
        outcomes_print(scan);
    }
    while (scan->crew && crew_holds(scan->crew) && !interrupted)
        if (crew_wait(scan, WAIT_MS) < 0)
            return 0;
    return 0;
}

static void scan_done(struct scan *scan)
{
    for (; scan->printed < scan->given; scan->printed++) { /* only where it was interrupted */
        free(scan->window[scan->printed % WINDOW].text);
        free(scan->window[scan->printed % WINDOW].name);
    }
    resolver_free(&scan->resolver);
    crew_stop(&scan->crew);
    clamd_free(&scan->judge.scanner);
    summary_free(&scan->summary);
    inputs_free(&scan->inputs);
    arena_free(&scan->arena);
    scan_world_close(&scan->world);
}

static void scan_begin(struct scan *scan)
{
    struct scan_options *options = scan->options;
    memory_settle();
    judge_settings_default(&scan->judge);
    if (options->generation)
        judge_settings_take(&scan->judge, options->generation);
    if (options->walk.witness.scanner) {
        struct clamd_options clamd;
        clamd_options_take(&clamd, options->generation);
        scan->judge.scanner = clamd_new(&clamd);
    }
    scan->judge.walk = &options->walk;
    scan->judge.style = options->style;
    if (options->deadline_ms)
        scan->judge.deadline_ms = options->deadline_ms;
    scan->arena = arena_new(scan->judge.ceiling);
    scan->summary = options->summary ? summary_new() : NULL;
    scan->inputs = inputs_new(options->paths.at, options->paths.len);
    progress_start(&scan->progress, isatty(STDERR_FILENO) ? inputs_count(options->paths.at, options->paths.len) : 0);
}

static int scan_run(struct scan *scan)
{
    struct err err;
    scan_begin(scan);
    int done = scan_world_open(scan->options, &scan->world, &err);
    scan->resolver = resolver_new(&scan->options->resolver);
    if (done == 0 && scan->options->store_file)
        done = keeping_entries(scan->options->arena, scan->options->store_file, &scan->options->walk.verdict.entries, &err);
    if (done == 0 && scan->options->store_file) {
        keeping_settings(scan->options->arena, &scan->options->walk, &scan->settings);
        scan->judge.style.keep = &scan->settings;
    }
    if (done == 0)
        done = scan_all(scan, &err);
    if (done < 0)
        complain(scan, NULL, span_of(err.text));
    if (keeping_close(&scan->keeping, &err) < 0)
        complain(scan, NULL, span_of(err.text));
    progress_hide(&scan->progress);
    if (scan->summary && scan->told)
        putchar('\n');
    if (scan->summary && done == 0)
        summary_print(scan->summary, scan->options->style.form == RESULT_JSON && !scan->options->quiet ? stderr : stdout,
                      scan->options->style.text.language);
    if (done == 0 && !interrupted) {
        fflush(stdout);
        closing_print(&scan->closing, scan->options, stderr);
        if (scan->options->store_file)
            fprintf(stderr, "sekimori: %zu records kept in %s%s\n", scan->keeping.kept, scan->options->store_file,
                    scan->keeping.there ? arena_print(scan->options->arena, "; %zu messages had one already", scan->keeping.there).at : "");
    }
    int status = scan->unread ? STATUS_UNREAD : scan->found ? STATUS_FOUND : STATUS_CLEAN;
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "sekimori: the output cannot be written: %s\n", strerror(errno));
        status = STATUS_UNREAD;
    }
    scan_done(scan);
    return status;
}

int command_scan(int argc, char **argv)
{
    struct err err;
    struct scan_options options = {.arena = arena_new((size_t)1 << 30), .verb = VERB_SCAN};
    static struct scan scan;
    int status = STATUS_UNREAD;
    scan = (struct scan){.options = &options};
    if (options_parse(argc, argv, &options, &err) < 0) {
        fprintf(stderr, "sekimori: %s\n", err.text);
    } else if (options.help) {
        options_help(VERB_SCAN);
        status = STATUS_CLEAN;
    } else if (!options.paths.len) {
        fprintf(stderr, "usage: sekimori scan [OPTION]... PATH...   (sekimori scan --help tells the options)\n");
    } else {
        status = scan_run(&scan);
    }
    generation_free(&options.generation);
    arena_free(&options.arena);
    if (interrupted) { /* the shell is to see what ended us */
        signal(interrupted, SIG_DFL);
        raise(interrupted);
    }
    return status;
}
