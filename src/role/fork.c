/* fork: how a role of the service becomes a process: it dies with its parent and inherits nothing but what it is given. */
#include "role/inner.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>

enum { FIRST_KEPT = 3 };

static void fd_place(int *fd)
{
    if (*fd != FIRST_KEPT && dup3(*fd, FIRST_KEPT, O_CLOEXEC) < 0)
        _exit(70);
    *fd = FIRST_KEPT;
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

pid_t role_fork(enum role role, int *keep)
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
    fd_place(keep);
    close_range(FIRST_KEPT + 1, ~0u, 0);
    return 0;
}
