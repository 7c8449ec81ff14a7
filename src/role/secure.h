/* role/secure: TLS (RFC 8446, 5246) for a client on a connected socket that is never waited for.
 *
 * In: the socket, and what its other end must prove. Out: bytes, as recv and send give and take them. Never: closes the socket; takes a TLS before
 * 1.2; goes on in clear. Only who is to be verified is: else the bytes are hidden from listeners, and from nobody who stands between. */
#pragma once
#include "base/base.h"

#include <sys/types.h>

struct secure;
struct secure_wish {
    bool verified;     /* the certificate is to be good for this name, or address */
    struct span name;  /* empty: ip's */
    struct ip ip;
    struct span ca;    /* a file of certificates that are trusted, with a NUL behind; empty: the system's */
};
int secure_begin(int fd, const struct secure_wish *wish, struct secure **out, struct err *err);
int secure_shake(struct secure *secure, struct err *err); /* 1: done; 0: later; -1: err says why not */
ssize_t secure_recv(struct secure *secure, void *to, size_t most);       /* as recv(2): -1 and EAGAIN: later; 0: the other end has ended it */
ssize_t secure_send(struct secure *secure, const void *from, size_t len); /* as send(2) */
bool secure_writes(const struct secure *secure, bool something); /* whether the socket is waited for to take something; something is to be sent */
void secure_free(struct secure **secure);
