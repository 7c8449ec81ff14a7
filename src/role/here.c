/* here: one message judged in the process that was called: both halves of the walk, the resolver between them. */
#include "role/inner.h"

#include <fcntl.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

int64_t clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void on_answer(void *context, const struct dns_answer *answer)
{
    dns_answers_add(context, answer);
}

/* One round: asks for all that is wanted and waits until the last answer, or its deadline, has come. */
static void round_ask(struct arena *arena, struct dns_answers *answers, struct resolver *resolver)
{
    const struct dns_ask *asks;
    size_t count = dns_wanted(answers, &asks);
    struct dns_ask *copy = arena_alloc(arena, count * sizeof *copy); /* answers that come at once alter the list */
    memcpy(copy, asks, count * sizeof *copy);
    for (size_t i = 0; i < count; i++)
        resolver_ask(resolver, &copy[i], on_answer, answers);
    while (dns_wanted(answers, &asks) && resolver_wait_ms(resolver) >= 0) {
        struct pollfd wait = {resolver_fd(resolver), POLLIN, 0};
        poll(&wait, 1, resolver_wait_ms(resolver));
        resolver_run(resolver);
    }
}

static void on_scanned(void *context, const struct clamd_answer *answer)
{
    walk_scanned(context, answer);
}

static void scan_wait(struct walk *walk, struct clamd *scanner, const struct scan_job *job)
{
    int fd = scanner ? fcntl(job->fd, F_DUPFD_CLOEXEC, 0) : -1;
    if (fd < 0) {
        walk_scanned(walk, &(struct clamd_answer){.word = CLAMD_AWAY, .why = S("there is no scanner here")});
        return;
    }
    clamd_scan(scanner, fd, job->offset, job->length, on_scanned, walk);
    while (walk->scan_wanted) {
        struct pollfd wait = {clamd_fd(scanner), POLLIN, 0};
        poll(&wait, 1, clamd_wait_ms(scanner));
        clamd_run(scanner);
    }
}

struct walk *walk_here(struct arena *arena, const struct judge_settings *settings, struct resolver *resolver,
                       const struct scan_job *job, struct err *err)
{
    struct walk *walk = arena_one(arena, struct walk);
    struct arrival *arrival = arena_one(arena, struct arrival);
    const struct dns_ask *asks;
    *arrival = job->arrival;
    if (job_read(arena, job, settings->walk->message.message_bytes, &arrival->raw, err) < 0)
        return NULL;
    int64_t due = clock_ms() + settings->deadline_ms;
    bool ready = walk_read(walk, arena, settings->walk, arrival);
    while (!ready && dns_wanted(walk->answers, &asks) && clock_ms() < due) {
        round_ask(arena, walk->answers, resolver);
        if (dns_wanted(walk->answers, &asks))
            break; /* the resolver has nothing under way and yet an answer is lacking */
        ready = walk_answered(walk);
    }
    if (walk->scan_wanted)
        scan_wait(walk, settings->scanner, job);
    walk_judge(walk);
    return walk;
}

void judge_here(struct arena *arena, const struct judge_settings *settings, struct resolver *resolver,
                const struct scan_job *job, struct scan_result *out)
{
    struct err err;
    struct walk *walk = walk_here(arena, settings, resolver, job, &err);
    *out = (struct scan_result){0};
    if (walk)
        result_write(walk, &settings->style, out);
    else
        out->error = arena_copy(arena, span_of(err.text));
}
