#include "role/secure.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

struct secure {
    SSL_CTX *context;
    SSL *ssl;
    int wants; /* of the last call: SSL_ERROR_WANT_READ, ... */
};

void secure_free(struct secure **secure)
{
    if (!*secure)
        return;
    SSL_free((*secure)->ssl);
    SSL_CTX_free((*secure)->context);
    free(*secure);
    *secure = NULL;
}

static int fault(struct err *err, const char *what)
{
    char words[160] = "";
    unsigned long why = ERR_peek_last_error();
    if (why)
        ERR_error_string_n(why, words, sizeof words);
    ERR_clear_error();
    return err_set(err, "%s%s%s", what, words[0] ? ": " : "", words);
}

/* A name of a DNS, as RFC 6125 compares it, or an address that the certificate names as one. */
static bool name_wish(SSL *ssl, const struct secure_wish *wish)
{
    char name[256];
    struct ip ip = wish->ip;
    X509_VERIFY_PARAM *wanted = SSL_get0_param(ssl);
    if (wish->name.len && !ip_parse(wish->name, &ip)) {
        snprintf(name, sizeof name, "%.*s", SPAN_FMT(wish->name));
        SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        return SSL_set1_host(ssl, name) && SSL_set_tlsext_host_name(ssl, name);
    }
    return ip.family != IP_NONE && X509_VERIFY_PARAM_set1_ip(wanted, ip.bytes, ip.family == IP_V4 ? 4 : 16);
}

static int context_make(struct secure *secure, const struct secure_wish *wish, struct err *err)
{
    secure->context = SSL_CTX_new(TLS_client_method());
    if (!secure->context || !SSL_CTX_set_min_proto_version(secure->context, TLS1_2_VERSION))
        return fault(err, "TLS cannot begin");
    SSL_CTX_set_options(secure->context, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(secure->context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (!wish->verified)
        return 0;
    SSL_CTX_set_verify(secure->context, SSL_VERIFY_PEER, NULL);
    int trusts = wish->ca.len ? SSL_CTX_load_verify_file(secure->context, wish->ca.at) : SSL_CTX_set_default_verify_paths(secure->context);
    return trusts ? 0 : fault(err, "the certificates that are trusted cannot be read");
}

int secure_begin(int fd, const struct secure_wish *wish, struct secure **out, struct err *err)
{
    struct secure *secure = calloc(1, sizeof *secure);
    if (!secure)
        abort();
    *out = secure;
    ERR_clear_error();
    if (context_make(secure, wish, err) == 0) {
        secure->ssl = SSL_new(secure->context);
        if (secure->ssl && SSL_set_fd(secure->ssl, fd) && (!wish->verified || name_wish(secure->ssl, wish)))
            return 0;
        fault(err, "TLS cannot begin");
    }
    secure_free(out);
    return -1;
}

/* 1: it is to be tried again. */
static bool is_later(struct secure *secure, int done)
{
    secure->wants = SSL_get_error(secure->ssl, done);
    return secure->wants == SSL_ERROR_WANT_READ || secure->wants == SSL_ERROR_WANT_WRITE;
}

int secure_shake(struct secure *secure, struct err *err)
{
    ERR_clear_error();
    int done = SSL_connect(secure->ssl);
    if (done == 1) {
        secure->wants = SSL_ERROR_NONE;
        return 1;
    }
    if (is_later(secure, done))
        return 0;
    long verified = SSL_get_verify_result(secure->ssl);
    if (SSL_get_verify_mode(secure->ssl) & SSL_VERIFY_PEER && verified != X509_V_OK)
        return err_set(err, "its certificate does not hold: %s", X509_verify_cert_error_string(verified));
    return fault(err, "no TLS could be agreed on");
}

static ssize_t failed(struct secure *secure, int done)
{
    if (is_later(secure, done)) {
        errno = EAGAIN;
        return -1;
    }
    if (secure->wants == SSL_ERROR_ZERO_RETURN)
        return 0;
    errno = secure->wants == SSL_ERROR_SYSCALL && errno && errno != EAGAIN && errno != EINTR ? errno : ECONNRESET;
    return -1;
}

ssize_t secure_recv(struct secure *secure, void *to, size_t most)
{
    size_t got;
    ERR_clear_error();
    errno = 0;
    int done = SSL_read_ex(secure->ssl, to, most, &got);
    return done ? (ssize_t)got : failed(secure, done);
}

ssize_t secure_send(struct secure *secure, const void *from, size_t len)
{
    size_t sent;
    ERR_clear_error();
    errno = 0;
    int done = SSL_write_ex(secure->ssl, from, len, &sent);
    secure->wants = SSL_ERROR_NONE;
    if (done)
        return (ssize_t)sent;
    ssize_t failure = failed(secure, done);
    if (failure == 0)
        errno = EPIPE;
    return -1;
}

bool secure_writes(const struct secure *secure, bool something)
{
    return secure->wants == SSL_ERROR_WANT_WRITE || something;
}
