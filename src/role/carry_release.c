/* carry_release: one recipient's held copy by SMTP (RFC 5321, 3207) to the mail server that takes released mail. A client of our own, for
 * libcurl carries none of the parameters that MAIL and RCPT came with (RFC 3461, 6152, 6531). */
#include "role/carry.h"
#include "role/cleaned.h"
#include "role/secure.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <zstd.h>

enum { PIECE = 32 << 10, ANSWER_MOST = 16 << 10, FAULT_WORDS = 200, END_MS = 600000 };
enum step { STEP_CONNECT, STEP_GREETING, STEP_EHLO, STEP_STARTTLS, STEP_SHAKE, STEP_MAIL, STEP_RCPT, STEP_DATA, STEP_BODY, STEP_END };

struct sending {
    enum step step;
    int fd, file;
    struct letter letter;
    const struct destination *destination;
    struct secure *secure; /* NULL: in clear */
    struct ip ip;          /* of the mail server; none: a unix socket */
    unsigned offers;
    bool marked; /* the pass stands on top of the message */
    char in[ANSWER_MOST];
    size_t in_len;
    char out[2 * (PIECE + CLEANED_HELD_MOST) + 256];
    size_t out_at, out_len;
    ZSTD_DCtx *undo;
    char packed[PIECE];
    ZSTD_inBuffer source;
    uint64_t skip, left;       /* plain bytes before the copy, and of it */
    struct cleaned cleaned;    /* of a raw one */
    bool line_begins, cr_waits; /* where in a line of the message we are */
};

/* ---- the copy, as it goes over the wire */
static void out_add(struct sending *sending, struct span words)
{
    if (words.len)
        memcpy(sending->out + sending->out_len, words.at, words.len);
    sending->out_len += words.len;
}

/* Each line ends in CR LF, and nowhere else does a CR or LF stand: a bare one is where one server sees the end of a message and
 * another does not. */
static void line_end(struct sending *sending)
{
    out_add(sending, S("\r\n"));
    sending->line_begins = true;
    sending->cr_waits = false;
}

static void wire_add(struct sending *sending, struct span plain)
{
    for (size_t i = 0; i < plain.len; i++) {
        char c = plain.at[i];
        if (sending->cr_waits) {
            line_end(sending);
            if (c == '\n')
                continue;
        }
        if (c == '\n')
            line_end(sending);
        else if (!(sending->cr_waits = c == '\r')) {
            if (sending->line_begins && c == '.')
                out_add(sending, S("."));
            sending->out[sending->out_len++] = c;
            sending->line_begins = false;
        }
    }
}

static void wire_end(struct sending *sending)
{
    if (sending->cr_waits || !sending->line_begins)
        line_end(sending);
    out_add(sending, S(".\r\n"));
}

/* Some plain bytes of the text, or of the file, at most so many; -1: err. */
static int plain_read(struct sending *sending, char *to, size_t most, size_t *got, struct err *err)
{
    struct span *text = &sending->letter.text;
    if (text->len) {
        *got = text->len < most ? text->len : most;
        memcpy(to, text->at, *got);
        *text = span_skip(*text, *got);
        return 0;
    }
    ZSTD_outBuffer plain = {to, most, 0};
    while (plain.pos == 0) {
        if (sending->source.pos == sending->source.size) {
            ssize_t read_now = read(sending->file, sending->packed, sizeof sending->packed);
            if (read_now <= 0)
                return err_set(err, "its file in the hold spool is damaged: it ends too soon");
            sending->source = (ZSTD_inBuffer){sending->packed, (size_t)read_now, 0};
        }
        size_t done = ZSTD_decompressStream(sending->undo, &plain, &sending->source);
        if (ZSTD_isError(done))
            return err_set(err, "its file in the hold spool is damaged: %s", ZSTD_getErrorName(done));
    }
    *got = plain.pos;
    return 0;
}

static int copy_fill(struct sending *sending, struct err *err)
{
    size_t got = 0;
    char plain[PIECE], kept[PIECE + CLEANED_HELD_MOST];
    if (plain_read(sending, plain, sizeof plain, &got, err) < 0)
        return -1;
    size_t before = sending->skip < got ? (size_t)sending->skip : got;
    size_t mine = got - before < sending->left ? got - before : (size_t)sending->left;
    sending->skip -= before;
    sending->left -= mine;
    struct span piece = {plain + before, mine};
    if (sending->letter.raw)
        piece = (struct span){kept, cleaned_take(&sending->cleaned, piece, !sending->left, kept)};
    wire_add(sending, piece);
    return 0;
}

/* ---- commands */
static void command_send(struct work *work, enum step step, struct span command)
{
    struct sending *sending = work->sending;
    sending->step = step;
    sending->out_at = sending->out_len = 0;
    out_add(sending, command);
    out_add(sending, S("\r\n"));
}

static void mail_send(struct work *work, enum step step)
{
    struct err err;
    struct buf command = {.arena = work->arena, .max = 2 * PIECE};
    const struct sending *sending = work->sending;
    if ((step == STEP_MAIL ? mail_command : rcpt_command)(&command, &sending->letter, sending->offers, &err) < 0)
        work_failed(work, "%s", err.text);
    else
        command_send(work, step, buf_span(&command));
}

static void ehlo_send(struct work *work)
{
    char name[64];
    if (gethostname(name, sizeof name) < 0)
        strcpy(name, "localhost");
    name[sizeof name - 1] = 0;
    command_send(work, STEP_EHLO, arena_print(work->arena, "EHLO %s", name));
}

/* ---- answers */
static struct span words_of(struct work *work, struct span answer)
{
    struct buf words = {.arena = work->arena};
    struct span line;
    answer = span_first(answer, FAULT_WORDS);
    while (span_cut(&answer, '\n', &line)) {
        if (words.len)
            buf_byte(&words, ' ');
        plain_add(&words, span_trim(line));
    }
    return buf_span(&words);
}

/* What is said before MAIL is said to everybody. */
static void refused(struct work *work, unsigned code, struct span answer)
{
    static const char *const steps[] = {"", "the greeting", "EHLO", "STARTTLS", "", "MAIL", "RCPT", "DATA", "the message", "the message"};
    enum step step = work->sending->step;
    struct span words = words_of(work, answer);
    if (step < STEP_MAIL || code == 421)
        work_later(work, true, 0, "SMTP, at %s: %.*s", steps[step], SPAN_FMT(words));
    else if (code / 100 == 5)
        work_failed(work, "SMTP, at %s: %.*s", steps[step], SPAN_FMT(words));
    else
        work_later(work, false, 0, "SMTP, at %s: %.*s", steps[step], SPAN_FMT(words));
}

static void body_begin(struct sending *sending)
{
    sending->step = STEP_BODY;
    sending->line_begins = true;
    sending->out_at = sending->out_len = 0;
    if (sending->marked) {
        out_add(sending, S("X-Sekimori-Release: "));
        out_add(sending, sending->letter.pass);
        out_add(sending, S("\r\n"));
    }
}

/* ---- TLS */
static void greeted(struct work *work)
{
    struct sending *sending = work->sending;
    bool must = sending->destination->tls == DESTINATION_TLS_MUST;
    if (sending->secure || sending->destination->tls == DESTINATION_TLS_NO || (!must && !(sending->offers & OFFER_STARTTLS)))
        mail_send(work, STEP_MAIL);
    else if (sending->offers & OFFER_STARTTLS)
        command_send(work, STEP_STARTTLS, S("STARTTLS"));
    else
        work_later(work, true, 0, "the mail server offers no STARTTLS, and hold.release_tls is must: nothing is sent in clear");
}

static void shake_begin(struct work *work)
{
    struct err err;
    struct sending *sending = work->sending;
    const struct destination *destination = sending->destination;
    const struct secure_wish wish = {.verified = destination->tls == DESTINATION_TLS_MUST, .name = destination->certificate, .ip = sending->ip, .ca = destination->ca};
    if (sending->in_len)
        work_later(work, true, 0, "the mail server, or somebody between, spoke on before TLS began"); /* it would count as said by TLS */
    else if (secure_begin(sending->fd, &wish, &sending->secure, &err) < 0)
        work_later(work, true, 0, "%s", err.text);
    else
        sending->step = STEP_SHAKE;
}

/* What was offered in clear is worth nothing then: it is asked anew. */
static void shake(struct work *work)
{
    struct err err;
    struct sending *sending = work->sending;
    int done = secure_shake(sending->secure, &err);
    if (done < 0)
        work_later(work, true, 0, "TLS with %.*s: %s", SPAN_FMT(sending->destination->server), err.text);
    if (done <= 0)
        return;
    ehlo_send(work);
}

static ssize_t wire_send(const struct sending *sending, struct span bytes)
{
    return sending->secure ? secure_send(sending->secure, bytes.at, bytes.len) : send(sending->fd, bytes.at, bytes.len, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static ssize_t wire_recv(struct sending *sending)
{
    char *to = sending->in + sending->in_len;
    size_t room = sizeof sending->in - sending->in_len;
    return sending->secure ? secure_recv(sending->secure, to, room) : recv(sending->fd, to, room, MSG_DONTWAIT);
}

/* A yes to what was not said yet is worth nothing. */
static bool is_early(const struct sending *sending)
{
    return sending->out_at < sending->out_len && sending->step != STEP_BODY;
}

static void answer_take(struct work *work, unsigned code, struct span answer)
{
    static const unsigned wanted[] = {[STEP_GREETING] = 2, [STEP_EHLO] = 2, [STEP_STARTTLS] = 2, [STEP_SHAKE] = 9, [STEP_MAIL] = 2, [STEP_RCPT] = 2, [STEP_DATA] = 3, [STEP_BODY] = 9, [STEP_END] = 2};
    struct sending *sending = work->sending;
    if (sending->step == STEP_STARTTLS && code / 100 != 2 && sending->destination->tls == DESTINATION_TLS_MAY) {
        mail_send(work, STEP_MAIL);
        return;
    }
    if (code / 100 != wanted[sending->step]) {
        refused(work, code, answer);
        return;
    }
    if (is_early(sending)) {
        work_later(work, true, 0, "what answers there is no mail server: it answers what it was not asked");
        return;
    }
    switch (sending->step) {
    case STEP_GREETING: ehlo_send(work); return;
    case STEP_EHLO: sending->offers = offers_of(answer); greeted(work); return;
    case STEP_STARTTLS: shake_begin(work); return;
    case STEP_MAIL: mail_send(work, STEP_RCPT); return;
    case STEP_RCPT: command_send(work, STEP_DATA, S("DATA")); return;
    case STEP_DATA: body_begin(sending); return;
    default:
        work_done(work);
        wire_send(sending, S("QUIT\r\n")); /* whether it hears that changes nothing */
    }
}

/* The bytes of a whole answer at the front, whose last line has a blank behind its number; 0: it is not whole yet. */
static size_t answer_len(struct span said, unsigned *code)
{
    for (struct span rest = said, line; span_find_byte(rest, '\n') && span_cut(&rest, '\n', &line);) {
        uint64_t number = 0;
        bool good = span_number(span_first(line, 3), 999, &number) && line.len >= 3;
        *code = good ? (unsigned)number : 0;
        if (!good || line.len == 3 || line.at[3] != '-')
            return (size_t)(rest.at - said.at);
    }
    return 0;
}

static void answers_take(struct work *work)
{
    size_t len;
    unsigned code;
    struct sending *sending = work->sending;
    while (!work->ended && (len = answer_len((struct span){sending->in, sending->in_len}, &code))) {
        struct span answer = arena_copy(work->arena, (struct span){sending->in, len});
        memmove(sending->in, sending->in + len, sending->in_len - len);
        sending->in_len -= len;
        answer_take(work, code, answer);
    }
}

/* ---- the socket */
static void lost(struct work *work, const char *why)
{
    enum step step = work->sending->step;
    if (step == STEP_CONNECT)
        work_later(work, true, 0, "no connection: %s", why);
    else
        work_later(work, step < STEP_MAIL, 0, "the connection broke: %s", why);
}

static void hear(struct work *work)
{
    struct sending *sending = work->sending;
    while (!work->ended && sending->step != STEP_SHAKE) {
        ssize_t got = wire_recv(sending);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (got <= 0) {
            lost(work, got == 0 ? "the mail server closed it" : strerror(errno));
            return;
        }
        sending->in_len += (size_t)got;
        answers_take(work);
        if (!work->ended && sending->in_len == sizeof sending->in)
            work_later(work, true, 0, "what answers there is no mail server: an answer of more than %d bytes", ANSWER_MOST);
    }
}

/* Whoever hangs up while the mail server takes the message in has it delivered twice: RFC 5321 4.5.3.2.6. */
static void patience_begin(struct work *work, uint64_t least_ms)
{
    work->patience_ms = work->patience_ms > least_ms ? work->patience_ms : least_ms;
    work->due = clock_ms() + (int64_t)work->patience_ms;
}

/* More of the message where all was taken that was to be said. */
static bool more_to_say(struct work *work)
{
    struct err err;
    struct sending *sending = work->sending;
    if (sending->out_at < sending->out_len)
        return true;
    if (sending->step != STEP_BODY)
        return false;
    sending->out_at = sending->out_len = 0;
    if (sending->left && copy_fill(sending, &err) < 0) {
        work_failed(work, "%s", err.text); /* without the end of the message the mail server takes none of it */
        return false;
    }
    if (!sending->left) {
        wire_end(sending);
        sending->step = STEP_END;
        patience_begin(work, END_MS);
    }
    return true;
}

static void say(struct work *work)
{
    struct sending *sending = work->sending;
    while (!work->ended && more_to_say(work)) {
        ssize_t sent = wire_send(sending, (struct span){sending->out + sending->out_at, sending->out_len - sending->out_at});
        if (sent < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (sent < 0) {
            hear(work); /* it may have said why */
            if (!work->ended)
                lost(work, strerror(errno));
            return;
        }
        sending->out_at += (size_t)sent;
        if (sending->step == STEP_BODY)
            patience_begin(work, 0);
    }
}

static bool is_connected(struct work *work)
{
    int why = 0;
    socklen_t size = sizeof why;
    struct sending *sending = work->sending;
    struct pollfd wait = {.fd = sending->fd, .events = POLLOUT};
    if (sending->step != STEP_CONNECT)
        return true;
    if (poll(&wait, 1, 0) <= 0)
        return false;
    if (getsockopt(sending->fd, SOL_SOCKET, SO_ERROR, &why, &size) < 0 || why) {
        lost(work, strerror(why ? why : errno));
        return false;
    }
    sending->step = STEP_GREETING;
    return true;
}

void release_turn(struct work *work)
{
    if (work->ended || !is_connected(work))
        return;
    hear(work);
    if (!work->ended && work->sending->step == STEP_SHAKE)
        shake(work);
    if (!work->ended && work->sending->step != STEP_SHAKE)
        say(work);
}

int release_wait(const struct work *work, bool *writing)
{
    const struct sending *sending = work->sending;
    *writing = sending->step == STEP_CONNECT || sending->step == STEP_BODY || (sending->step != STEP_SHAKE && sending->out_at < sending->out_len);
    *writing = sending->secure ? secure_writes(sending->secure, *writing) : *writing;
    return sending->fd;
}

bool release_is_said(const struct work *work)
{
    return work->sending && work->sending->step == STEP_END;
}

/* ---- begin and end */
static int path_connect(int fd, struct span path)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    if (path.len >= sizeof to.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(to.sun_path, path.at, path.len);
    return connect(fd, (const struct sockaddr *)&to, sizeof to);
}

static int port_connect(int fd, const struct address *address)
{
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(address->port)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(address->port)};
    memcpy(&four.sin_addr, address->ip.bytes, sizeof four.sin_addr);
    memcpy(&six.sin6_addr, address->ip.bytes, sizeof six.sin6_addr);
    return address->ip.family == IP_V4 ? connect(fd, (const struct sockaddr *)&four, sizeof four) : connect(fd, (const struct sockaddr *)&six, sizeof six);
}

static int server_connect(struct work *work, struct span server, struct ip *ip, struct err *err)
{
    struct address to;
    if (value_address(work->arena, server, 0, &to, err) < 0)
        return -1;
    *ip = to.path.len ? (struct ip){0} : to.ip;
    int family = to.path.len ? AF_UNIX : to.ip.family == IP_V4 ? AF_INET : AF_INET6;
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return err_set(err, "no socket: %s", strerror(errno));
    int connected = to.path.len ? path_connect(fd, to.path) : port_connect(fd, &to);
    if (connected < 0 && errno != EINPROGRESS) {
        err_set(err, "%.*s: no connection: %s", SPAN_FMT(server), strerror(errno));
        close(fd);
        return -1;
    }
    return fd;
}

int release_begin(struct work *work, const struct destination *destination, CURLM *transfers, uint64_t deadline_ms, struct err *err)
{
    struct sending *sending = arena_one(work->arena, struct sending);
    *sending = (struct sending){.fd = -1, .file = work->message_fd, .marked = destination->marks, .destination = destination};
    if (letter_unpack(work->arena, work->errand.bytes, &sending->letter) < 0 || (work->message_fd < 0 && !sending->letter.text.len)) {
        work_failed(work, "the keeper sent no letter");
        return 0;
    }
    if ((sending->fd = server_connect(work, destination->server, &sending->ip, err)) < 0)
        return -1;
    sending->undo = ZSTD_createDCtx();
    if (!sending->undo)
        abort();
    sending->skip = sending->letter.start;
    sending->left = sending->letter.length;
    work->sending = sending;
    return 0;
}

void release_end(struct work *work)
{
    fd_close_later(&work->message_fd);
    if (!work->sending)
        return;
    secure_free(&work->sending->secure);
    fd_close_later(&work->sending->fd);
    ZSTD_freeDCtx(work->sending->undo);
    work->sending = NULL;
}
