/* fork: how a role of the service becomes a process: it dies with its parent and inherits nothing but what it is given. */
#include "role/inner.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>

enum { FIRST_KEPT = 3 };

/* Moves a descriptor to a place beyond those that are filled next, so that none overwrites another. */
static int fd_aside(int fd)
{
    int aside = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, FIRST_KEPT + 8);
    if (fd >= 0 && aside < 0)
        _exit(70);
    return aside;
}

static void fd_place(int aside, int *fd, int place)
{
    if (!fd)
        return;
    *fd = aside < 0 ? -1 : place;
    if (aside >= 0 && dup3(aside, place, O_CLOEXEC) < 0)
        _exit(70);
}

static void signals_reset(void)
{
    sigset_t none;
    static const int ignored[] = {SIGINT, SIGHUP, SIGPIPE, SIGXFSZ}, normal[] = {SIGTERM, SIGCHLD};
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        signal(ignored[i], SIG_IGN); /* the parent alone is spoken to; a file that may not grow is an error */
    for (size_t i = 0; i < sizeof normal / sizeof *normal; i++)
        signal(normal[i], SIG_DFL);
}

pid_t role_fork(enum role role, int *keep, int *also)
{
    pid_t parent = getpid(), pid = fork();
    if (pid)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(0); /* it ended before we could ask to end with it */
    char name[16] = "seki-";
    strncat(name, role_name(role), sizeof name - sizeof "seki-");
    prctl(PR_SET_NAME, name);
    signals_reset();
    memory_settle();
    int first = fd_aside(*keep), second = also ? fd_aside(*also) : -1;
    fd_place(first, keep, FIRST_KEPT);
    fd_place(second, also, FIRST_KEPT + 1);
    close_range(FIRST_KEPT + (second < 0 ? 1 : 2), ~0u, 0);
    return 0;
}
