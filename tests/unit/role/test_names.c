/* The resolver's desk: caps on what waits. A resolver whose zone answers at once, and one that never hears anything. */
#include "exact.h"
#include "role/inner.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

struct resolver_desk {
    struct resolver *resolver;
    struct names *names;
    struct asker *asker;
    struct channel *ours, *judge;
    int silent; /* a name server that answers nothing */
};

static void desk_open(struct resolver_desk *desk, const struct names_caps *caps)
{
    int ends[2];
    static char forward[64];
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    desk->silent = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(desk->silent, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(getsockname(desk->silent, (struct sockaddr *)&at, &len), 0);
    snprintf(forward, sizeof forward, "127.0.0.1@%d", ntohs(at.sin_port));
    desk->resolver = resolver_new(&(struct resolver_settings){.options = {.forward = forward, .silence_ms = 60000, .deadline_ms = 60000}});
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    desk->ours = channel_new(ends[0], FRAME_MOST);
    desk->judge = channel_new(ends[1], FRAME_MOST);
    desk->names = names_new(desk->resolver, caps, NULL);
    desk->asker = names_asker(desk->names, desk->ours);
}

static void desk_close(struct resolver_desk *desk)
{
    asker_free(&desk->asker);
    resolver_free(&desk->resolver);
    names_free(&desk->names);
    channel_free(&desk->ours);
    channel_free(&desk->judge);
    close(desk->silent);
}

/* How many of the asks were answered at once. */
static unsigned ask(struct resolver_desk *desk, const char *name, const char *client, unsigned count)
{
    struct arena *arena = arena_new(1 << 20);
    struct buf bytes = {.arena = arena};
    struct ip ip;
    struct dns_ask asks[64];
    struct frame frame;
    struct err err;
    unsigned answered = 0;
    assert_true(count <= 64 && ip_parse(span_of(client), &ip));
    for (unsigned i = 0; i < count; i++)
        asks[i] = (struct dns_ask){span_of(name), (uint16_t)(DNS_TXT + i)};
    asks_pack(&bytes, &ip, asks, count);
    names_ask(desk->asker, &(struct frame){.kind = FRAME_ASK, .serial = 1, .bytes = buf_span(&bytes), .fd = -1});
    while (channel_receive(desk->judge, &frame, &err) == CHANNEL_FRAME) {
        struct dns_answer answer;
        for (struct span rest = frame.bytes; answer_unpack(arena, &rest, &answer); answered++)
            assert_int_equal(answer.status, DNS_TIMED_OUT);
    }
    arena_free(&arena);
    return answered;
}

static void a_silent_domain_is_not_waited_for_by_ever_more(void **state)
{
    struct resolver_desk desk;
    desk_open(&desk, &(struct names_caps){.domain = 4});
    assert_int_equal(ask(&desk, "a.example", "192.0.2.1", 4), 0);
    assert_int_equal(ask(&desk, "a.example", "192.0.2.1", 2), 0); /* a burst: nobody knows yet that it is silent */
    usleep(600000);
    assert_int_equal(ask(&desk, "a.example", "192.0.2.2", 3), 3);
    assert_int_equal(ask(&desk, "b.example", "192.0.2.1", 3), 0); /* another domain is asked */
    assert_int_equal(names_waiting(desk.names), 9);
    assert_int_equal(names_refused(desk.names), 3);
    desk_close(&desk);
}

static void a_burst_is_bounded_too(void **state)
{
    struct resolver_desk desk;
    desk_open(&desk, &(struct names_caps){.domain = 4});
    assert_int_equal(ask(&desk, "a.example", "192.0.2.1", 20), 4); /* four times the cap, whatever the time */
    desk_close(&desk);
}

static void a_client_has_its_share(void **state)
{
    struct resolver_desk desk;
    desk_open(&desk, &(struct names_caps){.client = 4});
    assert_int_equal(ask(&desk, "a.example", "192.0.2.1", 4), 0);
    usleep(600000);
    assert_int_equal(ask(&desk, "b.example", "192.0.2.1", 2), 2);
    assert_int_equal(ask(&desk, "c.example", "192.0.2.2", 2), 0);
    assert_int_equal(ask(&desk, "d.example", "2001:db8::1", 4), 0);
    usleep(600000);
    assert_int_equal(ask(&desk, "e.example", "2001:db8::2", 1), 1); /* of the same network */
    desk_close(&desk);
}

static void of_all_the_oldest_gives_way(void **state)
{
    struct resolver_desk desk;
    desk_open(&desk, &(struct names_caps){.all = 5});
    assert_int_equal(ask(&desk, "a.example", "192.0.2.1", 5), 0);
    assert_int_equal(ask(&desk, "b.example", "192.0.2.2", 3), 3);
    assert_int_equal(names_waiting(desk.names), 5);
    desk_close(&desk);
}

static void who_is_gone_waits_no_more(void **state)
{
    struct resolver_desk desk;
    desk_open(&desk, &(struct names_caps){0});
    assert_int_equal(ask(&desk, "a.example", "192.0.2.1", 5), 0);
    asker_free(&desk.asker);
    assert_int_equal(names_waiting(desk.names), 0);
    desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_silent_domain_is_not_waited_for_by_ever_more), cmocka_unit_test(a_burst_is_bounded_too),
        cmocka_unit_test(a_client_has_its_share), cmocka_unit_test(of_all_the_oldest_gives_way), cmocka_unit_test(who_is_gone_waits_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
