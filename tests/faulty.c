/* `sekimori serve` whose judges die where a message's source says so: deadly (each time), once, hang, slow; or cannot read it: unreadable
 * (a large one, which comes in a file). */
#include "command/command.h"
#include "command/serve.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

static volatile int *deaths; /* of all judges together */

static void die_at(const struct scan_job *job)
{
    struct span source = job->arrival.source;
    if (span_starts(source, S("deadly")))
        raise(SIGKILL);
    if (span_starts(source, S("once")) && __sync_fetch_and_add(deaths, 1) == 0)
        raise(SIGKILL);
    if (span_starts(source, S("slow")))
        usleep(1500000);
    if (span_starts(source, S("unreadable")))
        dup2(open("/", O_RDONLY | O_CLOEXEC), job->fd); /* a folder cannot be read */
    if (span_starts(source, S("hang")))
        for (volatile int spin = 1; spin;)
            ;
}

int main(int argc, char **argv)
{
    deaths = mmap(NULL, sizeof *deaths, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    serve_before = die_at;
    return deaths == MAP_FAILED ? 2 : command_serve(argc - 1, argv + 1);
}
