/* notify: tells systemd how we are, by its own little protocol: a datagram to the socket that it names (sd_notify(3)). */
#include "role/inner.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

void notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    if (!path || (path[0] != '/' && path[0] != '@') || strlen(path) >= sizeof to.sun_path)
        return;
    memcpy(to.sun_path, path, strlen(path));
    if (to.sun_path[0] == '@')
        to.sun_path[0] = 0; /* of the abstract namespace */
    int fd __attribute__((cleanup(fd_close_later))) = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
    if (fd >= 0)
        sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)(const void *)&to, len);
}

/* Half of what it allows, as systemd's own pages advise. */
int64_t notify_watchdog_ms(void)
{
    const char *text = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    uint64_t us = 0;
    if (!text || !span_number(span_of(text), INT64_MAX, &us) || (pid && atol(pid) != getpid()))
        return 0;
    return (int64_t)(us / 2000);
}
