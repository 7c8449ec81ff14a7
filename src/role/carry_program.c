/* carry_program: a job as a program that reads it on standard input. Its exit status tells, as sysexits.h has it: 0 done; 71 and
 * 75 not now; 64 to 78 else: never; any other, or a signal: it fell over, which says nothing of the job. */
#include "role/carry.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

enum { SAID_MOST = 200, NOT_STARTED = 127, PLACES = 3 };

/* ---- in the new process, between fork and exec: nothing but system calls, since libcurl may have had threads */
struct start {
    int in, none, err;
    char **argv, **env;
    pid_t parent;
};

static void __attribute__((noreturn)) become(const struct start *start)
{
    static const char lost[] = "it could not be started";
    sigset_t none;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setpgid(0, 0);
    if (getppid() != start->parent)
        _exit(NOT_STARTED);
    sigemptyset(&none);
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (dup2(start->in, STDIN_FILENO) >= 0 && dup2(start->none, STDOUT_FILENO) >= 0 && dup2(start->err, STDERR_FILENO) >= 0 &&
        close_range(PLACES, ~0u, 0) == 0 && chdir("/") == 0)
        execve(start->argv[0], start->argv, start->env);
    if (write(STDERR_FILENO, lost, sizeof lost - 1) < 0)
        _exit(NOT_STARTED);
    _exit(NOT_STARTED);
}

/* ---- starting it */
static int bytes_fd(struct span bytes, struct err *err)
{
    int fd = memfd_create("job", MFD_CLOEXEC);
    if (fd < 0)
        return err_set(err, "memfd_create: %s", strerror(errno));
    for (struct span rest = bytes; rest.len;) {
        ssize_t written = write(fd, rest.at, rest.len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) {
            close(fd);
            return err_set(err, "a job cannot be written for its program: %s", strerror(errno));
        }
        rest = span_skip(rest, (size_t)written);
    }
    lseek(fd, 0, SEEK_SET);
    return fd;
}

static char **texts_of(struct arena *arena, const struct span *texts, size_t count)
{
    char **list = arena_alloc(arena, (count + 1) * sizeof *list);
    for (size_t i = 0; i < count; i++)
        list[i] = (char *)(uintptr_t)arena_copy(arena, texts[i]).at;
    return list;
}

static int child_start(struct work *work, struct start *start, struct err *err)
{
    int said[2];
    if (pipe2(said, O_CLOEXEC | O_NONBLOCK) < 0)
        return err_set(err, "pipe: %s", strerror(errno));
    start->err = said[1];
    work->said_fd = said[0];
    work->pid = fork();
    if (work->pid == 0) {
        fcntl(said[1], F_SETFL, 0); /* a pipe that does not block is not what programs know */
        become(start);
    }
    close(said[1]);
    if (work->pid < 0) {
        work->pid = 0;
        return err_set(err, "no process can be started: %s", strerror(errno));
    }
    setpgid(work->pid, work->pid);
    work->pid_fd = pidfd_open(work->pid, 0);
    return work->pid_fd < 0 ? err_set(err, "pidfd_open: %s", strerror(errno)) : 0;
}

int program_begin(struct work *work, const struct destination *destination, CURLM *transfers, uint64_t deadline_ms, struct err *err)
{
    struct span env[] = {S("PATH=/usr/local/bin:/usr/bin:/bin"), S("LANG=C.UTF-8"),
                         arena_print(work->arena, "SEKIMORI_JOB=%.*s", SPAN_FMT(work->errand.job)),
                         arena_print(work->arena, "SEKIMORI_NOTICE=%.*s", SPAN_FMT(work->errand.lane))};
    struct start start = {.parent = getpid(), .argv = texts_of(work->arena, destination->program.at, destination->program.len),
                          .env = texts_of(work->arena, env, sizeof env / sizeof *env)};
    int none __attribute__((cleanup(fd_close_later))) = open("/dev/null", O_WRONLY | O_CLOEXEC);
    int in __attribute__((cleanup(fd_close_later))) = bytes_fd(work->errand.bytes, err);
    start.none = none;
    start.in = in;
    work->said = (struct buf){.arena = work->arena, .max = SAID_MOST};
    if (in < 0 || none < 0)
        return in < 0 ? -1 : err_set(err, "/dev/null: %s", strerror(errno));
    return child_start(work, &start, err);
}

/* ---- its end */
static void said_close(struct work *work)
{
    fd_close_later(&work->said_fd);
    work->said_fd = -1;
}

static void said_take(struct work *work)
{
    char piece[4096];
    ssize_t got = 1;
    for (int i = 0; i < 16 && got > 0 && work->said_fd >= 0; i++) { /* who says much is read for as long as it may run */
        got = read(work->said_fd, piece, sizeof piece);
        if (got > 0)
            buf_add(&work->said, (struct span){piece, (size_t)got});
        else if (got == 0) /* it closed it; a closed pipe would be ready for ever */
            said_close(work);
    }
    for (size_t i = 0; i < work->said.len; i++) /* one line, for a log and a terminal */
        work->said.at[i] = (unsigned char)work->said.at[i] < ' ' || work->said.at[i] == 127 ? ' ' : work->said.at[i];
}

static void status_judge(struct work *work, int status)
{
    struct span said = span_trim(buf_span(&work->said));
    const char *colon = said.len ? ": " : "";
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    if (WIFSIGNALED(status))
        work_later(work, false, 0, "the program was ended by signal %d%s%.*s", WTERMSIG(status), colon, SPAN_FMT(said));
    else if (code == EX_OK)
        work_done(work);
    else if (code >= EX__BASE && code <= EX__MAX && code != EX_TEMPFAIL && code != EX_OSERR)
        work_failed(work, "the program ended with status %d%s%.*s", code, colon, SPAN_FMT(said));
    else
        work_later(work, code == NOT_STARTED, 0, "the program ended with status %d%s%.*s", code, colon, SPAN_FMT(said));
}

static void fds_close(struct work *work)
{
    fd_close_later(&work->pid_fd);
    work->pid_fd = -1;
    said_close(work);
}

void program_turn(struct work *work)
{
    int status;
    if (!work->pid)
        return;
    said_take(work);
    if (waitpid(work->pid, &status, WNOHANG) != work->pid)
        return;
    kill(-work->pid, SIGKILL); /* what it started and left behind */
    work->pid = 0;
    said_take(work);
    fds_close(work);
    status_judge(work, status);
}

void program_end(struct work *work)
{
    if (work->pid) {
        kill(-work->pid, SIGKILL);
        kill(work->pid, SIGKILL); /* before it made a group of its own */
        waitpid(work->pid, NULL, 0);
    }
    work->pid = 0;
    fds_close(work);
}
