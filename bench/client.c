/* A mail server's side of the service, for bench/load: hands messages in over kept connections and looks at the clock.
 *
 * usage: client http|spamc|milter PORT REQUESTS FIRST COUNT links N      so many in flight, each followed by the next: what the service is able to do
 *        client http|spamc|milter PORT REQUESTS FIRST COUNT rate R       R a second by a schedule drawn before: what it is like when it is not pressed
 *
 * REQUESTS, as bench/load writes it: for each message three numbers (bytes of the HTTP head, of the message, and of the message's header), then
 * both; for milter bytes of the frames up to the last field of the header, of those behind it, and how many of these are pieces of the body. FIRST
 * counts on over the messages, round and round; each is handed in with its number in a header field of its own, so that none was seen before.
 * By spamc each comes over a connection of its own, and by http where the other side keeps none; else connections are kept.
 * Prints name<TAB>value lines. Nothing is parsed but the answers' heads, and nothing is read from a disk while it runs. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { SILENT = 0xff080, SILENT_BODY = 0x80000 }; /* bits of the milter protocol: commands that are not answered */
enum { LINKS_MOST = 512, FIELD = 64, PIECES = 5, ANSWER_HEAD = 4096, FRAME_HEAD = 5 };

struct letter {
    const char *head, *mail;
    size_t head_len, mail_len, header_len;
};

struct link {
    int fd;
    bool busy, used;
    bool closes;                 /* its connection ends with the answer */
    char cut[FRAME_HEAD]; /* of a milter frame whose head did not come whole */
    size_t cut_len, pieces_left; /* of the body, whose answers are to come */
    int64_t since;                  /* when the message was due */
    char length[FIELD], mark[FIELD]; /* the rest of the HTTP head; the message's own field */
    struct iovec pieces[PIECES];
    int piece;
    char answer[ANSWER_HEAD + 1];
    size_t got;
    uint64_t body_left; /* of the answer; UINT64_MAX: its head is not whole yet */
};

static struct {
    struct sockaddr_in to;
    struct letter *letters;
    uint64_t letter_count, first, count, sent, done, refused, repeated;
    struct link links[LINKS_MOST];
    unsigned open, most;
    bool milter, spamc, body_answered;
    int epoll;
    int64_t *due; /* of each message, ns; NULL: as soon as a link is free */
    int64_t *took;
    int64_t late; /* how far we were behind the schedule ourselves, at worst, while a link was free */
} all;

static void __attribute__((noreturn)) fail(const char *what)
{
    fprintf(stderr, "client: %s: %s\n", what, strerror(errno));
    exit(2);
}

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* ---- the messages */
static void letters_load(const char *path)
{
    struct stat there;
    int fd = open(path, O_RDONLY);
    if (fd < 0 || fstat(fd, &there) < 0)
        fail(path);
    const char *at = mmap(NULL, (size_t)there.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    if (at == MAP_FAILED)
        fail(path);
    for (const char *end = at + there.st_size; at < end;) {
        uint32_t numbers[3];
        memcpy(numbers, at, sizeof numbers);
        at += sizeof numbers;
        all.letters = realloc(all.letters, (all.letter_count + 1) * sizeof *all.letters);
        if (!all.letters)
            fail("memory");
        all.letters[all.letter_count++] = (struct letter){at, at + numbers[0], numbers[0], numbers[1], numbers[2]};
        at += numbers[0] + numbers[1];
    }
    close(fd);
}

/* ---- links */
static void exactly(int fd, char *at, size_t len, bool out)
{
    for (ssize_t part; len; at += part, len -= (size_t)part)
        if ((part = out ? write(fd, at, len) : read(fd, at, len)) <= 0)
            fail("the filter closed a connection while it was agreed how to speak");
}

static uint32_t number_at(const char *at)
{
    uint32_t number;
    memcpy(&number, at, sizeof number);
    return ntohl(number);
}

/* Version 6, all that may be done to a message, and no answer to anything but its end, or to the pieces of its body. */
static void milter_agree(int fd)
{
    static const uint32_t said[] = {6, 0x1ff, SILENT};
    char offer[4 + 1 + sizeof said] = {0, 0, 0, 1 + sizeof said, 'O'}, answer[4096];
    for (size_t i = 0; i < 3; i++)
        memcpy(offer + 5 + 4 * i, &(uint32_t){htonl(said[i])}, 4);
    exactly(fd, offer, sizeof offer, true);
    exactly(fd, answer, 4, false);
    uint32_t len = number_at(answer);
    if (len < 13 || len > sizeof answer)
        fail("the filter answers with something else than an offer");
    exactly(fd, answer, len, false);
    uint32_t agreed = number_at(answer + 9);
    if (answer[0] != 'O' || ((agreed | SILENT_BODY) & SILENT) != SILENT)
        fail("the filter wants to answer each command, which this client does not wait for");
    all.body_answered = !(agreed & SILENT_BODY);
}

static void link_connect(struct link *link)
{
    int on = 1;
    link->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (link->fd < 0 || connect(link->fd, (struct sockaddr *)&all.to, sizeof all.to) < 0)
        fail("connect");
    setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (all.milter)
        milter_agree(link->fd);
    fcntl(link->fd, F_SETFL, O_NONBLOCK);
    if (epoll_ctl(all.epoll, EPOLL_CTL_ADD, link->fd, &(struct epoll_event){.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = link}) < 0)
        fail("epoll");
}

static struct link *link_open(void)
{
    if (all.open == all.most)
        return NULL;
    link_connect(&all.links[all.open]);
    return &all.links[all.open++];
}

/* The next message gets another connection. */
static void link_end(struct link *link)
{
    close(link->fd);
    link->fd = -1;
    link->closes = false;
}

static struct link *link_free(void)
{
    for (unsigned i = 0; i < all.open; i++)
        if (!all.links[i].busy)
            return &all.links[i];
    return link_open();
}

static void link_write(struct link *link)
{
    while (link->piece < PIECES) {
        ssize_t sent = writev(link->fd, link->pieces + link->piece, PIECES - link->piece);
        if (sent < 0 && errno == EAGAIN)
            return;
        if (sent < 0 && errno != EINTR)
            fail("the service closed a connection");
        for (size_t left = sent < 0 ? 0 : (size_t)sent; link->piece < PIECES && (left || !link->pieces[link->piece].iov_len);) {
            struct iovec *piece = &link->pieces[link->piece];
            size_t part = left < piece->iov_len ? left : piece->iov_len;
            piece->iov_base = (char *)piece->iov_base + part;
            piece->iov_len -= part;
            left -= part;
            link->piece += !piece->iov_len;
        }
    }
}

static struct iovec piece(const char *at, size_t len)
{
    return (struct iovec){(void *)at, len};
}

static void link_send(struct link *link, int64_t since)
{
    uint64_t number = all.first + all.sent++;
    const struct letter *letter = &all.letters[number % all.letter_count];
    size_t header = letter->header_len, own, rest = 0;
    if (all.milter) {
        link->pieces_left = all.body_answered ? header : 0;
        header = 0;
        own = 4 + (size_t)snprintf(link->mark + 4, FIELD - 4, "LX-Bench%c%llu", 0, (unsigned long long)number) + 1;
        memcpy(link->mark, &(uint32_t){htonl((uint32_t)own - 4)}, 4);
    } else {
        own = (size_t)snprintf(link->mark, FIELD, "X-Bench: %llu\r\n", (unsigned long long)number);
        rest = (size_t)snprintf(link->length, FIELD, "Content-Length: %zu\r\n\r\n", letter->mail_len + own);
    }
    if (link->fd < 0)
        link_connect(link);
    link->busy = true;
    link->since = since;
    link->got = 0;
    link->body_left = all.milter ? 0 : UINT64_MAX;
    link->piece = 0;
    size_t again = all.milter && !link->used ? FRAME_HEAD : 0; /* the first frame says that another client follows */
    link->used = true;
    const struct iovec pieces[PIECES] = {piece(letter->head + again, letter->head_len - again), piece(link->length, rest), piece(letter->mail, header), piece(link->mark, own),
                                         piece(letter->mail + header, letter->mail_len - header)};
    memcpy(link->pieces, pieces, sizeof pieces);
    link_write(link);
}

/* ---- answers */
static void answer_head(struct link *link)
{
    link->answer[link->got] = 0;
    char *end = strstr(link->answer, "\r\n\r\n"), *length = strcasestr(link->answer, "\r\nContent-Length:");
    if (!end && link->got == ANSWER_HEAD)
        fail("an answer's head is too long");
    if (!end)
        return;
    if (!length || length > end)
        fail("an answer does not tell its length");
    uint64_t body = strtoull(length + 17, NULL, 10), have = link->got - (size_t)(end + 4 - link->answer);
    all.refused += strncmp(link->answer, "HTTP/1.1 200 ", 13) != 0;
    end[2] = 0;
    all.repeated += strcasestr(link->answer, "\r\nX-Sekimori-Repeated:") != NULL;
    link->closes = strcasestr(link->answer, "\r\nConnection: close") != NULL;
    link->body_left = body - have;
}

static bool link_read(struct link *link)
{
    static char scrap[1 << 18];
    while (link->body_left) {
        bool head = link->body_left == UINT64_MAX;
        ssize_t got = head ? read(link->fd, link->answer + link->got, ANSWER_HEAD - link->got) : read(link->fd, scrap, sizeof scrap);
        if (got < 0 && errno == EAGAIN)
            return false;
        if (got <= 0)
            fail("the service closed a connection");
        if (head) {
            link->got += (size_t)got;
            answer_head(link);
        } else {
            link->body_left -= (uint64_t)got;
        }
    }
    return true;
}

/* What is to be done to the message goes by; its answer is the letter that is none of these. */
static bool milter_frames(struct link *link, const char *at, size_t got)
{
    bool ended = false;
    while (got) {
        if (link->body_left) {
            size_t part = got < link->body_left ? got : link->body_left;
            link->body_left -= part;
            at += part;
            got -= part;
            continue;
        }
        link->cut[link->cut_len++] = *at++;
        got--;
        if (link->cut_len < FRAME_HEAD)
            continue;
        link->cut_len = 0;
        link->body_left = number_at(link->cut) - 1;
        if (link->pieces_left && strchr("cs", link->cut[4]))
            link->pieces_left--;
        else
            ended |= !strchr("him+-beq2p", link->cut[4]);
        all.refused += link->cut[4] == 't';
    }
    return ended && !link->body_left && !link->cut_len;
}

static bool milter_read(struct link *link)
{
    static char scrap[1 << 16];
    for (;;) {
        ssize_t got = read(link->fd, scrap, sizeof scrap);
        if (got < 0 && errno == EAGAIN)
            return false;
        if (got <= 0)
            fail("the filter closed a connection");
        if (milter_frames(link, scrap, (size_t)got))
            return true;
    }
}

/* Whole where it ends; refused is what does not begin as an answer does that has a score. */
static bool spamc_read(struct link *link)
{
    static char scrap[1 << 18];
    for (;;) {
        size_t room = ANSWER_HEAD - link->got;
        ssize_t got = room ? read(link->fd, link->answer + link->got, room) : read(link->fd, scrap, sizeof scrap);
        if (got < 0 && errno == EAGAIN)
            return false;
        if (got < 0)
            fail("the service closed a connection");
        if (got == 0)
            break;
        link->got += room ? (size_t)got : 0;
    }
    link->answer[link->got] = 0;
    const char *ok = strstr(link->answer, " 0 EX_OK"), *end = strstr(link->answer, "\r\n");
    all.refused += !ok || !end || ok > end;
    link->closes = true;
    return true;
}

static bool answer_read(struct link *link)
{
    return all.milter ? milter_read(link) : all.spamc ? spamc_read(link) : link_read(link);
}

static void link_turn(struct link *link, unsigned events)
{
    if (!link->busy)
        return;
    if (events & EPOLLOUT)
        link_write(link);
    if (!(events & (EPOLLIN | EPOLLHUP)) || !answer_read(link))
        return;
    if (link->closes)
        link_end(link);
    link->busy = false;
    all.took[all.done++] = now_ns() - link->since;
}

/* ---- the run */
static void send_due(void)
{
    struct link *link;
    for (int64_t now; all.sent < all.count; link_send(link, all.due ? all.due[all.sent] : now)) {
        now = now_ns();
        if ((all.due && all.due[all.sent] > now) || !(link = link_free()))
            return;
        if (all.due && now - all.due[all.sent] > all.late)
            all.late = now - all.due[all.sent];
    }
}

static void turn(void)
{
    struct epoll_event events[64];
    struct timespec wait = {60, 0};
    int64_t left = all.due && all.sent < all.count ? all.due[all.sent] - now_ns() : INT64_MAX;
    if (left < (int64_t)wait.tv_sec * 1000000000)
        wait = left < 0 ? (struct timespec){0, 1000000} : (struct timespec){left / 1000000000, left % 1000000000};
    int count = epoll_pwait2(all.epoll, events, sizeof events / sizeof *events, &wait, NULL);
    if (count == 0 && wait.tv_sec >= 60) {
        errno = ETIMEDOUT;
        fail("no answer");
    }
    for (int i = 0; i < count; i++)
        link_turn(events[i].data.ptr, events[i].events);
}

/* As mail comes: the time between two is random, and nothing waits for an answer. The same draw in every run. */
static void schedule_draw(double rate)
{
    struct drand48_data luck;
    double at = 0, draw;
    int64_t begin = now_ns() + 10000000;
    srand48_r(4, &luck);
    all.due = calloc(all.count, sizeof *all.due);
    if (!all.due)
        fail("memory");
    for (uint64_t i = 0; i < all.count; i++) {
        drand48_r(&luck, &draw);
        at += -log(1 - draw) / rate;
        all.due[i] = begin + (int64_t)(at * 1e9);
    }
}

static int by_size(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

static double share(double of)
{
    return (double)all.took[(uint64_t)(of * (double)(all.count - 1))] / 1e6;
}

static void tell(int64_t wall)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double own = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
    qsort(all.took, all.count, sizeof *all.took, by_size);
    printf("answered\t%llu\nrefused\t%llu\nrepeated\t%llu\n", (unsigned long long)all.done, (unsigned long long)all.refused, (unsigned long long)all.repeated);
    printf("rate\t%.1f\nlinks\t%u\nown-us\t%.1f\nlate-ms\t%.2f\n", (double)all.count / ((double)wall / 1e9), all.open, own / (double)all.count, (double)all.late / 1e6);
    printf("p50-ms\t%.2f\np90-ms\t%.2f\np99-ms\t%.2f\nmost-ms\t%.2f\n", share(0.5), share(0.9), share(0.99), share(1));
}

int main(int argc, char **argv)
{
    if (argc != 8 || (strcmp(argv[6], "links") != 0 && strcmp(argv[6], "rate") != 0)) {
        fprintf(stderr, "usage: client http|spamc|milter PORT REQUESTS FIRST COUNT links N|rate R\n");
        return 2;
    }
    all.milter = strcmp(*++argv, "milter") == 0;
    all.spamc = strcmp(*argv, "spamc") == 0;
    bool paced = strcmp(argv[5], "rate") == 0;
    all.to = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    letters_load(argv[2]);
    all.first = strtoull(argv[3], NULL, 10);
    all.count = strtoull(argv[4], NULL, 10);
    all.most = paced ? LINKS_MOST : (unsigned)atoi(argv[6]);
    all.took = calloc(all.count, sizeof *all.took);
    all.epoll = epoll_create1(0);
    if (!all.letter_count || !all.count || !all.took || all.epoll < 0 || all.most < 1 || all.most > LINKS_MOST)
        fail("nothing to do");
    int64_t begin = now_ns();
    if (paced)
        schedule_draw(atof(argv[6]));
    while (all.done < all.count) {
        send_due();
        turn();
    }
    tell(now_ns() - begin);
    return all.refused ? 1 : 0;
}
