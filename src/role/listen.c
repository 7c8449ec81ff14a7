/* listen: opens the listening sockets, which the parent hands down. */
#include "role/inner.h"

#include <arpa/inet.h>
#include <errno.h>
#include <grp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

enum { BACKLOG = 1024, SOCKET_MODE = 0660 };

static socklen_t address_fill(const struct ip *ip, uint64_t port, struct sockaddr_storage *out)
{
    *out = (struct sockaddr_storage){0};
    if (ip->family == IP_V4) {
        struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)out;
        v4->sin_family = AF_INET;
        v4->sin_port = htons((uint16_t)port);
        memcpy(&v4->sin_addr, ip->bytes, sizeof v4->sin_addr);
        return sizeof *v4;
    }
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)out;
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons((uint16_t)port);
    memcpy(&v6->sin6_addr, ip->bytes, sizeof v6->sin6_addr);
    return sizeof *v6;
}

static socklen_t path_fill(struct span path, struct sockaddr_storage *out)
{
    struct sockaddr_un *un = (struct sockaddr_un *)(void *)out;
    *out = (struct sockaddr_storage){0};
    un->sun_family = AF_UNIX;
    memcpy(un->sun_path, path.at, path.len < sizeof un->sun_path ? path.len : sizeof un->sun_path - 1);
    return sizeof *un;
}

/* A socket that a program left behind is in the way of nobody but us; one that answers is somebody's. */
static void path_clear(const struct sockaddr_storage *to, socklen_t len)
{
    struct stat found;
    const char *path = ((const struct sockaddr_un *)(const void *)to)->sun_path;
    int fd __attribute__((cleanup(fd_close_later))) = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (stat(path, &found) < 0 || !S_ISSOCK(found.st_mode))
        return;
    if (fd >= 0 && connect(fd, (const struct sockaddr *)(const void *)to, len) < 0 && errno == ECONNREFUSED)
        unlink(path);
}

/* Whoever is of the group may connect. */
static int path_open(const char *path, const char *name, struct err *err)
{
    const struct group *group = name ? getgrnam(name) : NULL;
    if (name && !group)
        return err_set(err, "%s: there is no group %s", path, name);
    if (group && chown(path, (uid_t)-1, group->gr_gid) < 0)
        return err_set(err, "%s: cannot be given to the group %s: %s; start the service anew, or make its user a member of that group", path, name, strerror(errno));
    return chmod(path, SOCKET_MODE) < 0 ? err_set(err, "%s: %s", path, strerror(errno)) : 0;
}

int listen_open(const struct address *address, const char *group, struct err *err)
{
    struct sockaddr_storage to;
    bool local = address->path.len != 0;
    if (address->path.len >= sizeof ((struct sockaddr_un *)NULL)->sun_path)
        return err_set(err, "%.*s: the path of a socket has at most 107 characters", SPAN_FMT(address->text));
    socklen_t len = local ? path_fill(address->path, &to) : address_fill(&address->ip, address->port, &to);
    int fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return err_set(err, "no socket for %.*s: %s", SPAN_FMT(address->text), strerror(errno));
    if (local)
        path_clear(&to, len);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(fd, (struct sockaddr *)(void *)&to, len) < 0 || listen(fd, BACKLOG) < 0)
        err_set(err, "cannot listen on %.*s: %s; is another program there already?", SPAN_FMT(address->text), strerror(errno));
    else if (!local || path_open(address->path.at, group, err) == 0)
        return fd;
    close(fd);
    return -1;
}
