#include "command/scan.h"

#include <time.h>
#include <unistd.h>

enum { FEWEST = 20, BAR = 30, EVERY_MS = 100 };

static int64_t clock_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void progress_start(struct progress *progress, size_t files)
{
    *progress = (struct progress){.terminal = isatty(STDERR_FILENO), .files = files, .started_ms = clock_now()};
}

static void bar_draw(const struct progress *progress)
{
    char bar[BAR + 1];
    size_t full = progress->files_done >= progress->files ? BAR : progress->files_done * BAR / progress->files;
    memset(bar, ' ', BAR);
    memset(bar, '#', full);
    bar[BAR] = 0;
    fprintf(stderr, "[%s] %3zu%%  ", bar, full * 100 / BAR);
}

/* Of a few files that hold many messages nobody knows how many are to come: then they are counted, without a bar. */
static void draw(struct progress *progress, int64_t now)
{
    int64_t spent = now - progress->started_ms;
    fputc('\r', stderr);
    if (progress->files >= FEWEST)
        bar_draw(progress);
    fprintf(stderr, "%zu messages, %lld/s\033[K", progress->messages,
            spent > 0 ? (long long)((int64_t)progress->messages * 1000 / spent) : 0LL);
    fflush(stderr);
    progress->shown = true;
}

void progress_step(struct progress *progress, size_t files_done, size_t messages)
{
    progress->files_done = files_done;
    progress->messages = messages;
    if (!progress->terminal || (progress->files < FEWEST && messages < FEWEST))
        return;
    int64_t now = clock_now();
    if (now - progress->drawn_ms < EVERY_MS)
        return;
    progress->drawn_ms = now;
    draw(progress, now);
}

void progress_hide(struct progress *progress)
{
    if (!progress->shown)
        return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
    progress->shown = false;
}
