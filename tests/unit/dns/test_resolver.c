/* dns: the resolver, against a server of our own on the loopback address. */
#include "exact.h"
#include "dns/dns.h"
#include "dns/wire.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <strings.h>
#include <unistd.h>

static struct arena *arena;

/* ---- the server: answers by the first label of the name asked for */
struct server {
    int fd, tcp, stop[2];
    pthread_t thread;
    bool silent, failing; /* never answers; answers SERVFAIL to everything */
    char address[32]; /* as libunbound writes it */
};

static const struct {
    const char *label;
    uint8_t rcode, answers;
    const char *records;
    size_t len;
} replies[] = {
#define RECORDS(literal) literal, sizeof(literal) - 1
    {"found", 0, 2, RECORDS("\300\014\0\20\0\1\0\0\0\100\0\6\2ab\2cd" "\300\014\0\20\0\1\0\0\0\40\0\3\2xy")},
    {"address", 0, 1, RECORDS("\300\014\0\1\0\1\0\0\0\100\0\4\300\0\2\1")},
    {"alias", 0, 2, RECORDS("\300\014\0\5\0\1\0\0\0\24\0\11\6target\300\22" "\6target\300\22\0\1\0\1\0\0\0\100\0\4\300\0\2\7")},
    {"target", 0, 1, RECORDS("\300\014\0\1\0\1\0\0\0\100\0\4\300\0\2\7")}, /* libunbound asks again for the target */
    {"nodata", 0, 0, RECORDS("")},
    {"noname", 3, 0, RECORDS("")},
    {"broken", 2, 0, RECORDS("")},
    {"odd name", 0, 1, RECORDS("\300\014\0\1\0\1\0\0\0\100\0\4\300\0\2\10")},
};

static size_t reply_make(unsigned char *packet, size_t len)
{
    unsigned char label = packet[12];
    size_t question = 12;
    while (question < len && packet[question])
        question += packet[question] + 1u;
    question += 5;
    packet[2] = 0x84;
    packet[3] = 0x80;
    packet[10] = packet[11] = 0; /* EDNS is not answered */
    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
        if (strlen(replies[i].label) != label || strncasecmp((const char *)packet + 13, replies[i].label, label) != 0)
            continue;
        packet[3] |= replies[i].rcode;
        packet[7] = replies[i].answers;
        memcpy(packet + question, replies[i].records, replies[i].len);
        return question + replies[i].len;
    }
    return question;
}

enum { LARGE_STRINGS = 20 };

/* "large" is cut off over UDP; over TCP it is 20 strings of 255 bytes. */
static size_t large_make(unsigned char *packet, size_t question)
{
    static const unsigned char head[] = {0xc0, 12, 0, DNS_TXT, 0, 1, 0, 0, 0, 60, LARGE_STRINGS * 256 >> 8, 0};
    memcpy(packet + question, head, sizeof head);
    packet[7] = 1;
    memset(packet + question + sizeof head, 255, LARGE_STRINGS * 256); /* each length and what it counts */
    return question + sizeof head + LARGE_STRINGS * 256;
}

static void serve_tcp(int listening)
{
    unsigned char packet[8192];
    int fd = accept(listening, NULL, NULL);
    ssize_t got = recv(fd, packet, 2, MSG_WAITALL);
    size_t len = (size_t)packet[0] << 8 | packet[1];
    if (got == 2 && len < 512 && recv(fd, packet + 2, len, MSG_WAITALL) == (ssize_t)len) {
        len = large_make(packet + 2, reply_make(packet + 2, len));
        packet[0] = (unsigned char)(len >> 8);
        packet[1] = (unsigned char)len;
        assert_int_equal(send(fd, packet, len + 2, 0), len + 2);
    }
    close(fd);
}

static void *serve(void *context)
{
    struct server *server = context;
    unsigned char packet[1500];
    struct pollfd ready[3] = {{server->fd, POLLIN, 0}, {server->tcp, POLLIN, 0}, {server->stop[0], POLLIN, 0}};
    while (poll(ready, 3, -1) > 0 && !ready[2].revents) {
        if (ready[1].revents)
            serve_tcp(server->tcp);
        if (!ready[0].revents)
            continue;
        struct sockaddr_in from;
        socklen_t size = sizeof from;
        ssize_t got = recvfrom(server->fd, packet, 512, 0, (struct sockaddr *)&from, &size);
        if (got < 17 || server->silent || memcmp(packet + 12, "\6silent", 7) == 0)
            continue;
        size_t len = reply_make(packet, (size_t)got);
        if (memcmp(packet + 12, "\5large", 6) == 0)
            packet[2] |= 2; /* truncated */
        if (server->failing)
            packet[3] = 0x82, packet[7] = 0;
        sendto(server->fd, packet, len, 0, (struct sockaddr *)&from, size);
    }
    return NULL;
}

/* One port for both; whether it is free for TCP too is seen only by trying. */
static bool server_bind(struct server *server)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    server->fd = socket(AF_INET, SOCK_DGRAM, 0);
    server->tcp = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(server->fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(getsockname(server->fd, (struct sockaddr *)&at, &size), 0);
    snprintf(server->address, sizeof server->address, "127.0.0.1@%u", ntohs(at.sin_port));
    if (bind(server->tcp, (struct sockaddr *)&at, sizeof at) == 0 && listen(server->tcp, 4) == 0)
        return true;
    close(server->fd);
    close(server->tcp);
    return false;
}

static void server_start(struct server *server, bool silent)
{
    unsigned tries = 0;
    while (!server_bind(server))
        assert_true(++tries < 20);
    server->silent = silent;
    assert_int_equal(pipe(server->stop), 0);
    assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

static void server_stop(struct server *server)
{
    assert_int_equal(write(server->stop[1], "x", 1), 1);
    pthread_join(server->thread, NULL);
    close(server->fd);
    close(server->tcp);
    close(server->stop[0]);
    close(server->stop[1]);
}

/* ---- asking */
struct seen {
    bool done;
    enum dns_status status;
    char data[64];
    size_t count, len;
    uint32_t ttl;
    char name[64];
};

static void note(void *context, const struct dns_answer *answer)
{
    struct seen *seen = context;
    assert_false(seen->done);
    seen->done = true;
    seen->status = answer->status;
    seen->count = answer->data.len;
    seen->ttl = answer->ttl;
    snprintf(seen->name, sizeof seen->name, "%.*s", SPAN_FMT(answer->ask.name));
    if (answer->data.len)
        memcpy(seen->data, answer->data.at[0].at, span_first(answer->data.at[0], sizeof seen->data).len);
    seen->len = answer->data.len ? answer->data.at[0].len : 0;
    assert_true(answer->status == DNS_FOUND || answer->why.len > 0);
}

static void ask(struct dns_resolver *resolver, const char *name, uint16_t type, struct seen *seen)
{
    struct span copy = exact(name);
    *seen = (struct seen){0};
    dns_resolver_ask(resolver, &(struct dns_ask){copy, type}, note, seen);
    free((char *)copy.at);
}

static void run_until(struct dns_resolver *resolver, const struct seen *seen)
{
    for (int turns = 0; turns < 10000 && !seen->done; turns++) {
        struct pollfd ready = {dns_resolver_fd(resolver), POLLIN, 0};
        int wait = dns_resolver_wait_ms(resolver);
        assert_true(wait >= 0);
        poll(&ready, 1, wait);
        dns_resolver_run(resolver);
    }
    assert_true(seen->done);
}

static struct dns_resolver *resolver_to(const struct server *server, int deadline_ms, int silence_ms)
{
    struct dns_resolver_options options = {.forward = server->address, .deadline_ms = deadline_ms, .silence_ms = silence_ms};
    struct dns_resolver *resolver = NULL;
    struct err err;
    if (dns_resolver_open(&options, &resolver, &err) < 0)
        fail_msg("%s", err.text);
    return resolver;
}

static void kinds_of_answers(void **state)
{
    static const struct {
        const char *name;
        uint16_t type;
        enum dns_status status;
        const char *data;
        size_t count;
        uint32_t ttl;
    } cases[] = {{"found.example", DNS_TXT, DNS_FOUND, "abcd", 2, 32},
                 {"Address.example.", DNS_A, DNS_FOUND, "\300\0\2\1", 1, 64},
                 {"alias.example", DNS_A, DNS_FOUND, "\300\0\2\7", 1, 20},
                 {"nodata.example", DNS_A, DNS_NO_DATA, "", 0, 0},
                 {"noname.example", DNS_TXT, DNS_NO_NAME, "", 0, 0},
                 {"broken.example", DNS_TXT, DNS_FAILED, "", 0, 0},
                 {"odd name.example", DNS_A, DNS_FOUND, "\300\0\2\10", 1, 64},
                 {"a..b", DNS_A, DNS_NO_NAME, "", 0, 0}};
    enum { COUNT = sizeof cases / sizeof *cases };
    struct server server = {0};
    struct seen seen[COUNT];
    server_start(&server, false);
    struct dns_resolver *resolver = resolver_to(&server, 10000, 8000);
    for (size_t i = 0; i < COUNT; i++)
        ask(resolver, cases[i].name, cases[i].type, &seen[i]);
    for (size_t i = 0; i < COUNT; i++) {
        run_until(resolver, &seen[i]);
        if (seen[i].status != cases[i].status)
            fail_msg("%s: %s", cases[i].name, dns_status_name(seen[i].status));
        assert_int_equal(seen[i].count, cases[i].count);
        assert_memory_equal(seen[i].data, cases[i].data, cases[i].type == DNS_A && cases[i].count ? 4 : strlen(cases[i].data));
        assert_int_equal(seen[i].ttl, cases[i].ttl);
    }
    struct seen again;
    ask(resolver, "found.example", DNS_TXT, &again); /* from the cache, at once */
    assert_true(again.done);
    assert_string_equal(again.name, "found.example");
    assert_false(dns_resolver_is_offline(resolver));
    dns_resolver_close(&resolver);
    assert_null(resolver);
    server_stop(&server);
}

static void large_answers_come_by_tcp(void **state)
{
    struct server server = {0};
    struct seen seen;
    server_start(&server, false);
    struct dns_resolver *resolver = resolver_to(&server, 10000, 8000);
    ask(resolver, "large.example", DNS_TXT, &seen);
    run_until(resolver, &seen);
    assert_int_equal(seen.status, DNS_FOUND);
    assert_int_equal(seen.len, LARGE_STRINGS * 255);
    dns_resolver_close(&resolver);
    server_stop(&server);
}

static void one_silent_name_is_not_a_silent_world(void **state)
{
    struct server server = {0};
    struct seen silent, found;
    server_start(&server, false);
    struct dns_resolver *resolver = resolver_to(&server, 2000, 1500);
    ask(resolver, "silent.example", DNS_TXT, &silent);
    run_until(resolver, &silent);
    assert_int_equal(silent.status, DNS_TIMED_OUT);
    assert_false(dns_resolver_is_offline(resolver));
    ask(resolver, "found.example", DNS_TXT, &found);
    run_until(resolver, &found);
    assert_int_equal(found.status, DNS_FOUND);
    dns_resolver_close(&resolver);
    server_stop(&server);
}

static void silence_goes_offline(void **state)
{
    struct server server = {0};
    struct seen own, first, second, later;
    server_start(&server, true);
    struct dns_resolver *resolver = resolver_to(&server, 5000, 300);
    assert_int_equal(dns_resolver_wait_ms(resolver), -1);
    ask(resolver, "localhost", DNS_A, &own); /* libunbound knows it by itself: no sign of a world outside */
    assert_int_equal(own.status, DNS_FOUND);
    ask(resolver, "found.example", DNS_TXT, &first);
    ask(resolver, "address.example", DNS_A, &second);
    assert_false(first.done);
    run_until(resolver, &first);
    run_until(resolver, &second);
    assert_int_equal(first.status, DNS_UNKNOWN);
    assert_int_equal(second.status, DNS_UNKNOWN);
    assert_true(dns_resolver_is_offline(resolver));
    ask(resolver, "found.example", DNS_TXT, &later);
    assert_true(later.done);
    assert_int_equal(later.status, DNS_UNKNOWN);
    dns_resolver_close(&resolver);
    server_stop(&server);
}

/* A server that only fails is no better than none: the asks wait for the first true answer, then are unknown. */
static void failing_of_everything_goes_offline(void **state)
{
    struct server server = {.failing = true};
    struct seen seen;
    server_start(&server, false);
    struct dns_resolver *resolver = resolver_to(&server, 5000, 300);
    ask(resolver, "found.example", DNS_TXT, &seen);
    run_until(resolver, &seen);
    assert_int_equal(seen.status, DNS_UNKNOWN);
    assert_true(dns_resolver_is_offline(resolver));
    dns_resolver_close(&resolver);
    server_stop(&server);
}

static void closed_while_asking(void **state)
{
    struct server server = {0};
    struct seen seen;
    server_start(&server, true);
    struct dns_resolver *resolver = resolver_to(&server, 0, 0);
    ask(resolver, "found.example", DNS_TXT, &seen);
    dns_resolver_close(&resolver);
    assert_false(seen.done);
    server_stop(&server);
}

static void bad_settings_are_named(void **state)
{
    struct dns_resolver_options options = {.forward = "not an address"};
    struct dns_resolver *resolver = NULL;
    struct err err;
    assert_int_equal(dns_resolver_open(&options, &resolver, &err), -1);
    assert_non_null(strstr(err.text, "not an address"));
    options = (struct dns_resolver_options){.trust_anchor = "no/such/anchor"};
    assert_int_equal(dns_resolver_open(&options, &resolver, &err), -1);
    assert_non_null(strstr(err.text, "no/such/anchor"));
}

/* ---- packets that do not hold what they say */
static void malformed_packets_fail(void **state)
{
#define QUESTION "\1a\0\0\1\0\1"
#define HEAD(answers) "\0\0\204\200\0\1\0" answers "\0\0\0\0" QUESTION
    static const struct {
        const char *what;
        struct span packet;
        enum dns_status status;
    } cases[] = {
        {"whole", S(HEAD("\1") "\300\014\0\1\0\1\0\0\0\1\0\4\1\2\3\4"), DNS_FOUND},
        {"empty", S(""), DNS_FAILED},
        {"half a head", S("\0\0\204\200\0\1"), DNS_FAILED},
        {"no record", S(HEAD("\1")), DNS_FAILED},
        {"record cut", S(HEAD("\1") "\300\014\0\1\0\1\0\0\0\1\0\4\1\2\3"), DNS_FAILED},
        {"three bytes for A", S(HEAD("\1") "\300\014\0\1\0\1\0\0\0\1\0\3\1\2\3"), DNS_FAILED},
        {"pointer to itself", S(HEAD("\1") "\300\023\0\1\0\1\0\0\0\1\0\4\1\2\3\4"), DNS_FAILED},
        {"pointer forward", S(HEAD("\1") "\300\040\0\1\0\1\0\0\0\1\0\4\1\2\3\4"), DNS_FAILED},
        {"label of a reserved kind", S(HEAD("\1") "\200\014\0\1\0\1\0\0\0\1\0\4\1\2\3\4"), DNS_FAILED},
        {"other name", S(HEAD("\1") "\1b\0\0\1\0\1\0\0\0\1\0\4\1\2\3\4"), DNS_NO_DATA},
        {"other class", S(HEAD("\1") "\300\014\0\1\0\3\0\0\0\1\0\4\1\2\3\4"), DNS_NO_DATA},
        {"alias to itself", S(HEAD("\1") "\300\014\0\5\0\1\0\0\0\1\0\2\300\014"), DNS_FAILED},
        {"refused", S("\0\0\204\205\0\1\0\0\0\0\0\0" QUESTION), DNS_FAILED},
        {"two questions", S("\0\0\204\200\0\2\0\0\0\0\0\0" QUESTION QUESTION), DNS_FAILED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct span packet = exact_bytes(cases[i].packet.at, cases[i].packet.len);
        struct dns_answer answer = {.ask = {S("a"), DNS_A}};
        dns_wire_read(arena, packet, &answer);
        if (answer.status != cases[i].status)
            fail_msg("%s: %s", cases[i].what, dns_status_name(answer.status));
        free((char *)packet.at);
    }
}

static int setup(void **state)
{
    arena = arena_new(1 << 20);
    return 0;
}

static int teardown(void **state)
{
    arena_free(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_of_answers), cmocka_unit_test(large_answers_come_by_tcp),
            cmocka_unit_test(one_silent_name_is_not_a_silent_world),
        cmocka_unit_test(silence_goes_offline), cmocka_unit_test(failing_of_everything_goes_offline),
        cmocka_unit_test(closed_while_asking),
        cmocka_unit_test(bad_settings_are_named), cmocka_unit_test(malformed_packets_fail),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
