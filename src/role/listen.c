/* listen: opens the listening sockets, which the parent hands down. */
#include "role/inner.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

enum { BACKLOG = 1024, PORT_MOST = 65535 };

static int address_read(const char *address, struct ip *ip, uint64_t *port, struct err *err)
{
    struct span text = span_of(address), host = text;
    const char *colon = strrchr(address, ':');
    if (colon)
        host = span_from(address, colon);
    if (!colon || !span_number(span_of(colon + 1), PORT_MOST, port) || !ip_parse(host, ip))
        return err_set(err, "\"%s\" is no address to listen on; write it like 127.0.0.1:7780 or [::1]:7780", address);
    return 0;
}

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

int listen_open(const char *address, struct err *err)
{
    struct ip ip;
    uint64_t port;
    struct sockaddr_storage to;
    if (address_read(address, &ip, &port, err) < 0)
        return -1;
    socklen_t len = address_fill(&ip, port, &to);
    int fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return err_set(err, "no socket for %s: %s", address, strerror(errno));
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(fd, (struct sockaddr *)(void *)&to, len) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    err_set(err, "cannot listen on %s: %s; is another program there already?", address, strerror(errno));
    close(fd);
    return -1;
}
