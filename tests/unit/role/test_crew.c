/* Judges that die, and what becomes of their messages. The settings' `before` is the place to die in. */
#include "exact.h"
#include "role/inner.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

enum { MOST_MESSAGES = 200, TURNS = 2000 };

struct outcome {
    unsigned times;
    bool error;
    bool spf_passed;
    char text[200];
};

static struct outcome outcomes[MOST_MESSAGES];
static struct walk_settings walk;
static bool in_frames; /* the messages travel so */
static volatile int *shared; /* counts over all judges */

static void on_done(void *context, uint32_t serial, const struct scan_result *result)
{
    assert_true(serial < MOST_MESSAGES);
    outcomes[serial].times++;
    outcomes[serial].error = result->error.len != 0;
    struct span text = result->error.len ? result->error : result->output;
    outcomes[serial].spf_passed = span_find(text, S("\"spf\":{\"result\":\"pass\"")) != NULL;
    snprintf(outcomes[serial].text, sizeof outcomes[serial].text, "%.*s", SPAN_FMT(text));
}

static int message_fd(const char *text)
{
    int fd = memfd_create("message", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    return fd;
}

static void die_at(const struct scan_job *job)
{
    struct span source = job->arrival.source;
    if (span_eq(source, S("deadly")))
        _exit(9);
    if (span_eq(source, S("once")) && __sync_fetch_and_add(shared, 1) == 0)
        _exit(9);
    if (span_eq(source, S("busy")) && __sync_add_and_fetch(shared, 1))
        for (clock_t until = clock() + CLOCKS_PER_SEC * 4 / 10; clock() < until;)
            ;
    if (span_eq(source, S("hang")))
        for (volatile int spin = 1; spin;)
            ;
}

static struct resolver_settings world = {.offline = true};

static struct arrival arrival_of(const char *source)
{
    struct arrival arrival = {.source = span_of(source), .helo = S("mx.shop.example"), .mail_from = S("a@shop.example"),
                              .mail_from_state = SENDER_GIVEN, .received_at = 1800000000};
    assert_true(ip_parse(S("198.51.100.25"), &arrival.client_ip));
    return arrival;
}

/* Gives `count` messages whose sources `source_of` names, and turns until all are done. */
static void run(struct judge_settings *settings, unsigned judges, unsigned count, const char *(*source_of)(unsigned))
{
    struct crew *crew;
    struct err err;
    struct resolver *resolver = resolver_new(&world);
    unsigned given = 0, turns = 0;
    memset(outcomes, 0, sizeof outcomes);
    assert_int_equal(crew_start(settings, judges, &crew, &err), 0);
    while (given < count || crew_holds(crew)) {
        while (given < count && crew_has_room(crew)) {
            const char *text = "From: a@example.com\r\nSubject: x\r\n\r\nHello\r\n";
            struct scan_job job = {.fd = in_frames ? -1 : message_fd(text), .length = strlen(text)};
            job.arrival = arrival_of(source_of(given));
            job.arrival.raw = in_frames ? span_of(text) : S("");
            crew_give(crew, given++, &job);
        }
        assert_int_equal(crew_turn(crew, resolver, 1000, on_done, NULL, &err), 0);
        assert_true(++turns < TURNS);
    }
    resolver_free(&resolver);
    crew_stop(&crew);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nobody is left, not even a zombie */
}

static const char *plain(unsigned number)
{
    return "plain";
}

static const char *one_deadly(unsigned number)
{
    return number == 21 ? "deadly" : "plain";
}

static const char *two_deadly(unsigned number)
{
    return number == 3 || number == 4 ? "deadly" : "plain";
}

static const char *deadly_again(unsigned number)
{
    return number % 4 == 0 && number < 9 ? "deadly" : "plain";
}

static const char *one_once(unsigned number)
{
    return number == 5 ? "once" : "plain";
}

static const char *one_hang(unsigned number)
{
    return number == 2 ? "hang" : "plain";
}

static struct judge_settings settings_for_tests(void)
{
    struct judge_settings settings;
    judge_settings_default(&settings);
    settings.walk = &walk;
    settings.slots = 4;
    settings.before = die_at;
    return settings;
}

static void assert_done_once(unsigned count, unsigned first_bad, unsigned last_bad)
{
    for (unsigned i = 0; i < count; i++) {
        assert_int_equal(outcomes[i].times, 1);
        assert_int_equal(outcomes[i].error, i >= first_bad && i <= last_bad);
    }
}

static void every_message_is_done_once(void **state)
{
    struct judge_settings settings = settings_for_tests();
    run(&settings, 3, 100, plain);
    assert_done_once(100, 1, 0);
    assert_non_null(strstr(outcomes[0].text, "plain"));
}

static void a_deadly_message_is_unjudged_and_costs_nobody_else(void **state)
{
    struct judge_settings settings = settings_for_tests();
    run(&settings, 2, 60, one_deadly);
    assert_done_once(60, 21, 21);
    assert_non_null(strstr(outcomes[21].text, "unjudged"));
}

static void deadly_messages_beside_each_other_are_told_apart(void **state)
{
    struct judge_settings settings = settings_for_tests();
    run(&settings, 1, 12, two_deadly);
    assert_done_once(12, 3, 4);
}

static void one_death_is_forgiven(void **state)
{
    struct judge_settings settings = settings_for_tests();
    *shared = 0;
    run(&settings, 2, 20, one_once);
    assert_done_once(20, 1, 0);
    assert_int_equal(*shared, 2);
}

static const char *busy(unsigned number)
{
    return "busy";
}

/* Near miss: many messages take longer than one may. */
static void a_judge_that_is_busy_is_not_ended(void **state)
{
    struct judge_settings settings = settings_for_tests();
    settings.hang_seconds = 1;
    *shared = 0;
    run(&settings, 2, 8, busy);
    assert_done_once(8, 1, 0);
    assert_int_equal(*shared, 8);
}

/* A small message travels in its frame, and is judged as it is by its descriptor; a death sends it again. */
static void small_messages_travel_in_their_frames(void **state)
{
    struct judge_settings settings = settings_for_tests();
    run(&settings, 1, 1, plain);
    char *by_descriptor = strdup(outcomes[0].text);
    in_frames = true;
    run(&settings, 2, 10, plain);
    assert_done_once(10, 1, 0);
    assert_string_equal(outcomes[9].text, by_descriptor);
    *shared = 0;
    run(&settings, 2, 20, one_once);
    assert_done_once(20, 1, 0);
    in_frames = false;
    free(by_descriptor);
}

static void a_judge_that_hangs_is_ended(void **state)
{
    struct judge_settings settings = settings_for_tests();
    settings.hang_seconds = 1;
    run(&settings, 2, 6, one_hang);
    assert_done_once(6, 2, 2);
}

static struct dns_zone *shop_zone(struct arena *arena)
{
    struct dns_zone *zone = NULL;
    struct err err;
    assert_int_equal(dns_zone_parse(arena, S("$TTL 300\nshop.example. TXT \"v=spf1 include:spf.shop.example -all\"\n"
                                             "spf.shop.example. TXT \"v=spf1 ip4:198.51.100.25 -all\"\n"), "zone", &zone, &err), 0);
    return zone;
}

/* The number of messages among `count` whose SPF passed. */
static unsigned passed_with(struct dns_zone *zone, int deadline_ms, unsigned count)
{
    struct judge_settings settings = settings_for_tests();
    unsigned passed = 0;
    settings.style.form = RESULT_JSON;
    settings.deadline_ms = deadline_ms;
    world = (struct resolver_settings){.zone = zone, .offline = !zone};
    run(&settings, 2, count, plain);
    world = (struct resolver_settings){.offline = true};
    assert_done_once(count, 1, 0);
    for (unsigned i = 0; i < count; i++)
        passed += outcomes[i].spf_passed;
    return passed;
}

/* More messages than slots, several rounds each: SPF passes by an include that only the first answer names. Past the
 * deadline every name has timed out, and the message is judged all the same. */
static void names_are_answered_over_the_channel(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct dns_zone *zone = shop_zone(arena);
    assert_int_equal(passed_with(zone, 20000, 50), 50);
    assert_int_equal(passed_with(NULL, 20000, 5), 0);
    assert_int_equal(passed_with(zone, -1, 10), 0);
    arena_free(&arena);
}

/* A message that sat beside a deadly one is sent again alone: the next deadly one, taken up while it waits for its
 * names, must not count as its own second death. */
static void who_waits_for_names_is_not_blamed(void **state)
{
    struct judge_settings settings = settings_for_tests();
    struct arena *arena = arena_new(1 << 20);
    world = (struct resolver_settings){.zone = shop_zone(arena)};
    run(&settings, 1, 14, deadly_again);
    world = (struct resolver_settings){.offline = true};
    for (unsigned i = 0; i < 14; i++) {
        assert_int_equal(outcomes[i].times, 1);
        assert_int_equal(outcomes[i].error, i % 4 == 0 && i < 9);
    }
    arena_free(&arena);
}

static struct frame frame_wait(struct channel *channel)
{
    struct frame frame;
    struct err err;
    enum channel_state state;
    while ((state = channel_receive(channel, &frame, &err)) == CHANNEL_LATER)
        assert_int_equal(poll(&(struct pollfd){channel_fd(channel), POLLIN, 0}, 1, 20000), 1);
    assert_int_equal(state, CHANNEL_FRAME);
    return frame;
}

static void answer(struct channel *channel, uint32_t number, struct arena *arena, const struct dns_ask *ask)
{
    struct err err;
    struct buf bytes = {.arena = arena};
    struct dns_answer none = {.ask = *ask, .status = DNS_NO_NAME};
    answer_pack(&bytes, &none);
    assert_int_equal(channel_send(channel, FRAME_ANSWER, number, buf_span(&bytes), -1, &err), 0);
}

/* One answer a frame: the judge goes on with the last of a round and not before. */
static void a_round_waits_for_its_last_answer(void **state)
{
    int ends[2];
    struct err err;
    struct judge_settings settings = settings_for_tests();
    struct arena *arena = arena_new(1 << 20);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        _exit(judge_run(ends[1], &settings));
    }
    close(ends[1]);
    struct channel *channel = channel_new(ends[0], FRAME_MOST);
    struct scan_job job = {.arrival = arrival_of("plain"), .length = 100};
    struct buf bytes = {.arena = arena};
    job_pack(&bytes, &job);
    assert_int_equal(channel_send(channel, FRAME_MESSAGE, 7, buf_span(&bytes), message_fd("From: a@example.com\r\n\r\nx\r\n"), &err), 0);
    struct frame frame = frame_wait(channel);
    assert_int_equal(frame.kind, FRAME_MARKS); /* before all else, and then what it is at is seen */
    int marks = frame.fd;
    frame = frame_wait(channel);
    assert_int_equal(frame.kind, FRAME_ASK);
    assert_true(marks_has(marks, 7));
    assert_false(marks_has(marks, 6));
    uint32_t number = frame.serial; /* the judge's own */
    struct dns_ask asks[20];
    struct ip client;
    size_t count = 0;
    struct span rest = arena_copy(arena, frame.bytes);
    assert_true(asks_unpack(&rest, &client) && ip_eq(&client, &job.arrival.client_ip));
    while (count < 20 && ask_unpack(&rest, &asks[count]))
        count++;
    assert_in_range(count, 2, 19);
    for (size_t i = 0; i < count; i++) {
        struct frame early;
        usleep(20000);
        assert_int_equal(channel_receive(channel, &early, &err), CHANNEL_LATER);
        answer(channel, number, arena, &asks[i]);
    }
    frame = frame_wait(channel);
    assert_true(frame.kind == FRAME_ASK || frame.kind == FRAME_REPORT);
    bool done = frame.kind == FRAME_REPORT;
    channel_free(&channel);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(marks_has(marks, 7), !done);
    close(marks);
    assert_int_equal(status, 0);
    arena_free(&arena);
}

static int begin(void **state)
{
    walk_settings_default(&walk);
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return shared == MAP_FAILED;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_is_done_once),
        cmocka_unit_test(a_deadly_message_is_unjudged_and_costs_nobody_else),
        cmocka_unit_test(deadly_messages_beside_each_other_are_told_apart),
        cmocka_unit_test(one_death_is_forgiven),
        cmocka_unit_test(small_messages_travel_in_their_frames),
        cmocka_unit_test(a_judge_that_hangs_is_ended), cmocka_unit_test(a_judge_that_is_busy_is_not_ended),
        cmocka_unit_test(names_are_answered_over_the_channel),
        cmocka_unit_test(who_waits_for_names_is_not_blamed),
        cmocka_unit_test(a_round_waits_for_its_last_answer),
    };
    return cmocka_run_group_tests(tests, begin, NULL);
}
