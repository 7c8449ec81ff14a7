/* hang: ends a judge that computes at one step for too long; that is a bug, and the parent goes on with another. A clock of the CPU looks
 * now and then whether there was a new step: a step itself costs nothing. */
#include "role/judge.h"

#include <signal.h>
#include <sys/time.h>

enum { LOOKS = 2 }; /* in vain; a step ends after as many seconds as were said, or half as many again */

static volatile sig_atomic_t step, seen, looks;

static void on_look(int number)
{
    if (seen != step)
        looks = 0;
    else if (++looks == LOOKS) {
        signal(number, SIG_DFL);
        raise(number);
    }
    seen = step;
}

void hang_watch(unsigned seconds)
{
    int64_t pause = (int64_t)seconds * 1000000 / LOOKS;
    struct timeval look = {.tv_sec = pause / 1000000, .tv_usec = pause % 1000000};
    signal(SIGPROF, on_look);
    setitimer(ITIMER_PROF, &(struct itimerval){look, look}, NULL);
}

void hang_step(void)
{
    step = (step + 1) & 0xffff;
}
