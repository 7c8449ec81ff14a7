#include "exact.h"
#include "role/channel.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 1 << 20 };

struct pair {
    struct channel *one, *two;
};

static struct pair pair_new(size_t most)
{
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    return (struct pair){channel_new(ends[0], most), channel_new(ends[1], most)};
}

static void pair_free(struct pair *pair)
{
    channel_free(&pair->one);
    channel_free(&pair->two);
}

/* A raw end instead of the first channel: a test writes what it likes. */
static int raw_pair(struct channel **channel, size_t most)
{
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    *channel = channel_new(ends[1], most);
    return ends[0];
}

struct raw_head {
    uint16_t version, kind;
    uint32_t serial, length, with_fd;
};

static void frames_keep_order_and_bytes(void **state)
{
    struct pair pair = pair_new(MOST);
    struct err err;
    struct frame frame;
    assert_int_equal(channel_receive(pair.two, &frame, &err), CHANNEL_LATER);
    assert_int_equal(channel_send(pair.one, FRAME_ASK, 7, S("one\0two"), -1, &err), 0);
    assert_int_equal(channel_send(pair.one, FRAME_ANSWER, 8, S(""), -1, &err), 0);
    assert_int_equal(channel_receive(pair.two, &frame, &err), CHANNEL_FRAME);
    assert_int_equal(frame.kind, FRAME_ASK);
    assert_int_equal(frame.serial, 7);
    assert_int_equal(frame.fd, -1);
    assert_true(span_eq(frame.bytes, S("one\0two")));
    assert_int_equal(channel_receive(pair.two, &frame, &err), CHANNEL_FRAME);
    assert_int_equal(frame.serial, 8);
    assert_int_equal(frame.bytes.len, 0);
    assert_int_equal(channel_receive(pair.two, &frame, &err), CHANNEL_LATER);
    pair_free(&pair);
}

static void descriptors_stay_with_their_frames(void **state)
{
    struct pair pair = pair_new(MOST);
    struct err err;
    struct frame frame;
    char word[8] = {0};
    FILE *file = tmpfile();
    assert_int_equal(write(fileno(file), "inside", 6), 6);
    assert_int_equal(channel_send(pair.one, FRAME_MESSAGE, 1, S("before"), -1, &err), 0);
    assert_int_equal(channel_send(pair.one, FRAME_MESSAGE, 2, S("with"), dup(fileno(file)), &err), 0);
    assert_int_equal(channel_send(pair.one, FRAME_MESSAGE, 3, S("after"), -1, &err), 0);
    fclose(file);
    for (uint32_t serial = 1; serial <= 3; serial++) {
        assert_int_equal(channel_receive(pair.two, &frame, &err), CHANNEL_FRAME);
        assert_int_equal(frame.serial, serial);
        assert_int_equal(frame.fd >= 0, serial == 2);
        if (frame.fd >= 0) {
            assert_int_equal(pread(frame.fd, word, 6, 0), 6);
            assert_string_equal(word, "inside");
            assert_int_equal(fcntl(frame.fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
            close(frame.fd);
        }
    }
    pair_free(&pair);
}

/* What is read ahead of a frame may bring the descriptor of the next one. */
static void descriptors_wait_for_their_frames(void **state)
{
    struct channel *channel;
    struct err err;
    struct frame frame;
    struct channel *sender;
    int ends[2];
    char first[16 + 4], byte;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    struct raw_head head = {CHANNEL_VERSION, FRAME_ASK, 1, 4, 0};
    memcpy(first, &head, sizeof head);
    memcpy(first + sizeof head, "four", 4);
    assert_int_equal(write(ends[0], first, 18), 18); /* two bytes lack */
    channel = channel_new(ends[1], MOST);
    assert_int_equal(channel_receive(channel, &frame, &err), CHANNEL_LATER);
    assert_int_equal(write(ends[0], first + 18, 2), 2);
    sender = channel_new(ends[0], MOST);
    for (uint32_t serial = 2; serial <= 40; serial++) {
        int pipe_ends[2];
        assert_int_equal(pipe(pipe_ends), 0);
        byte = (char)serial;
        assert_int_equal(write(pipe_ends[1], &byte, 1), 1);
        close(pipe_ends[1]);
        assert_int_equal(channel_send(sender, FRAME_MESSAGE, serial, S("x"), serial % 3 ? pipe_ends[0] : -1, &err), 0);
        if (serial % 3 == 0)
            close(pipe_ends[0]);
    }
    for (uint32_t serial = 1; serial <= 40; serial++) {
        while (channel_receive(channel, &frame, &err) == CHANNEL_LATER)
            ;
        assert_int_equal(frame.serial, serial);
        assert_int_equal(frame.fd >= 0, serial % 3 != 0 && serial > 1);
        if (frame.fd < 0)
            continue;
        assert_int_equal(read(frame.fd, &byte, 1), 1);
        assert_int_equal(byte, (char)serial);
        close(frame.fd);
    }
    channel_free(&sender);
    channel_free(&channel);
}

static void a_descriptor_that_no_frame_announces_breaks_the_channel(void **state)
{
    struct pair pair = pair_new(MOST);
    struct err err;
    struct frame frame;
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {{0}};
    struct raw_head head = {CHANNEL_VERSION, FRAME_ASK, 1, 0, 0};
    struct iovec part = {&head, sizeof head};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    struct cmsghdr *at = CMSG_FIRSTHDR(&message);
    int fd = channel_fd(pair.one);
    at->cmsg_level = SOL_SOCKET;
    at->cmsg_type = SCM_RIGHTS;
    at->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(at), &fd, sizeof fd);
    assert_int_equal(sendmsg(fd, &message, 0), sizeof head);
    assert_int_equal(channel_receive(pair.two, &frame, &err), CHANNEL_BROKEN);
    assert_non_null(strstr(err.text, "announce"));
    pair_free(&pair);
}

static size_t files_open(void)
{
    size_t count = 0;
    for (int fd = 0; fd < 256; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

/* The buffer that one descriptor needs holds two: neither may stay behind in whoever reads. */
static void several_descriptors_break_the_channel_and_stay_nowhere(void **state)
{
    enum { MANY = 3 };
    for (size_t count = 2; count <= MANY; count++) {
        struct pair pair = pair_new(MOST);
        struct err err;
        struct frame frame;
        union {
            char bytes[CMSG_SPACE(MANY * sizeof(int))];
            struct cmsghdr align;
        } control = {{0}};
        struct raw_head head = {CHANNEL_VERSION, FRAME_ASK, 1, 0, 0};
        struct iovec part = {&head, sizeof head};
        struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = CMSG_SPACE(count * sizeof(int))};
        struct cmsghdr *at = CMSG_FIRSTHDR(&message);
        int fds[MANY] = {0, 1, 2};
        at->cmsg_level = SOL_SOCKET;
        at->cmsg_type = SCM_RIGHTS;
        at->cmsg_len = CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(at), fds, count * sizeof(int));
        size_t before = files_open();
        assert_int_equal(sendmsg(channel_fd(pair.one), &message, 0), sizeof head);
        assert_int_equal(channel_receive(pair.two, &frame, &err), CHANNEL_BROKEN);
        assert_non_null(strstr(err.text, "more descriptors than one"));
        assert_int_equal(files_open(), before);
        pair_free(&pair);
    }
}

/* The other fills the socket again after each frame that is read, as one who was taken over may. */
static void who_sends_without_end_leaves_turns_to_others(void **state)
{
    enum { MANY = 256, ENOUGH = 1000000 };
    struct channel *channel;
    struct err err;
    struct frame frame;
    struct raw_head heads[MANY];
    int raw = raw_pair(&channel, MOST);
    size_t frames = 0;
    enum channel_state state_now;
    for (size_t i = 0; i < MANY; i++)
        heads[i] = (struct raw_head){CHANNEL_VERSION, FRAME_ASK, 1, 0, 0};
    fcntl(raw, F_SETFL, O_NONBLOCK);
    do {
        for (int i = 0; i < 8 && frames % 64 == 0; i++)
            if (write(raw, heads, sizeof heads) < 0)
                break;
        state_now = channel_receive(channel, &frame, &err);
        frames += state_now == CHANNEL_FRAME;
    } while (state_now == CHANNEL_FRAME && frames < ENOUGH);
    assert_int_equal(state_now, CHANNEL_LATER);
    assert_true(frames > 0 && frames < ENOUGH);
    struct pollfd wait = channel_wait(channel);
    assert_int_equal(poll(&wait, 1, 0), 1); /* what is left is not slept over */
    assert_int_equal(channel_receive(channel, &frame, &err), CHANNEL_FRAME);
    close(raw);
    channel_free(&channel);
}

/* More than a socket takes at once: the sender never blocks, the rest goes with channel_flush. */
static void large_frames_go_piece_by_piece(void **state)
{
    struct pair pair = pair_new(8 << 20);
    struct err err;
    struct frame frame;
    size_t len = 5 << 20, turns = 0;
    char *bytes = malloc(len);
    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)(i * 31 >> 3);
    FILE *file = tmpfile();
    assert_int_equal(channel_send(pair.one, FRAME_REPORT, 9, (struct span){bytes, len}, dup(fileno(file)), &err), 0);
    assert_int_equal(channel_flush(pair.one, &err), 0);
    while (channel_receive(pair.two, &frame, &err) == CHANNEL_LATER) {
        assert_true(channel_flush(pair.one, &err) >= 0);
        assert_true(++turns < 10000);
    }
    assert_true(turns > 1);
    assert_int_equal(channel_flush(pair.one, &err), 1);
    assert_true(frame.fd >= 0);
    close(frame.fd);
    assert_int_equal(frame.bytes.len, len);
    assert_memory_equal(frame.bytes.at, bytes, len);
    free(bytes);
    fclose(file);
    pair_free(&pair);
}

static void a_byte_at_a_time_is_a_frame_too(void **state)
{
    struct channel *channel;
    struct err err;
    struct frame frame;
    int raw = raw_pair(&channel, MOST);
    struct raw_head head = {CHANNEL_VERSION, FRAME_ASK, 5, 3, 0};
    char bytes[sizeof head + 3];
    memcpy(bytes, &head, sizeof head);
    memcpy(bytes + sizeof head, "abc", 3);
    for (size_t i = 0; i < sizeof bytes; i++) {
        assert_int_equal(channel_receive(channel, &frame, &err), CHANNEL_LATER);
        assert_int_equal(write(raw, bytes + i, 1), 1);
    }
    assert_int_equal(channel_receive(channel, &frame, &err), CHANNEL_FRAME);
    assert_span(frame.bytes, "abc");
    close(raw);
    assert_int_equal(channel_receive(channel, &frame, &err), CHANNEL_CLOSED);
    channel_free(&channel);
}

static void odd_heads_break_the_channel(void **state)
{
    static const struct {
        struct raw_head head;
        const char *why;
    } rows[] = {
        {{CHANNEL_VERSION + 1, FRAME_ASK, 1, 0, 0}, "version"},
        {{CHANNEL_VERSION, 0, 1, 0, 0}, "unknown kind"},
        {{CHANNEL_VERSION, FRAME_COUNT, 1, 0, 0}, "unknown kind"},
        {{CHANNEL_VERSION, FRAME_ASK, 1, MOST + 1, 0}, "more than"},
        {{CHANNEL_VERSION, FRAME_ASK, 1, 0, 1}, "came without"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct channel *channel;
        struct err err;
        struct frame frame;
        int raw = raw_pair(&channel, MOST);
        assert_int_equal(write(raw, &rows[i].head, sizeof rows[i].head), sizeof rows[i].head);
        assert_int_equal(channel_receive(channel, &frame, &err), CHANNEL_BROKEN);
        assert_non_null(strstr(err.text, rows[i].why));
        close(raw);
        channel_free(&channel);
    }
}

static void the_largest_frame_goes_and_one_byte_more_does_not(void **state)
{
    struct pair pair = pair_new(100);
    struct err err;
    struct frame frame;
    char bytes[101] = {0};
    assert_int_equal(channel_send(pair.one, FRAME_ASK, 1, (struct span){bytes, 101}, -1, &err), -1);
    assert_int_equal(channel_send(pair.one, FRAME_ASK, 2, (struct span){bytes, 100}, -1, &err), 0);
    assert_int_equal(channel_receive(pair.two, &frame, &err), CHANNEL_FRAME);
    assert_int_equal(frame.serial, 2);
    pair_free(&pair);
}

static void an_end_within_a_frame_is_told_from_an_end(void **state)
{
    struct channel *channel;
    struct err err;
    struct frame frame;
    int raw = raw_pair(&channel, MOST);
    struct raw_head head = {CHANNEL_VERSION, FRAME_ASK, 5, 3, 0};
    assert_int_equal(write(raw, &head, sizeof head), sizeof head);
    close(raw);
    assert_int_equal(channel_receive(channel, &frame, &err), CHANNEL_BROKEN);
    assert_non_null(strstr(err.text, "middle of a frame"));
    channel_free(&channel);
}

static void sending_to_nobody_is_an_error(void **state)
{
    struct channel *channel;
    struct err err;
    close(raw_pair(&channel, MOST));
    assert_int_equal(channel_send(channel, FRAME_ASK, 1, S("x"), -1, &err), -1);
    channel_free(&channel);
}

/* Bytes of two places are one frame, whether they go at once or wait. */
static void a_frame_of_two_places(void **state)
{
    struct pair pair = pair_new(MOST);
    struct err err;
    struct frame frame;
    char *large = calloc(1, MOST);
    memset(large, 'x', MOST);
    assert_int_equal(channel_send_both(pair.one, FRAME_MESSAGE, 1, S("head"), S("body"), -1, &err), 0);
    assert_int_equal(channel_send_both(pair.one, FRAME_MESSAGE, 2, S("head"), (struct span){large, MOST - 4}, -1, &err), 0);
    assert_int_equal(channel_send_both(pair.one, FRAME_MESSAGE, 3, S("head"), (struct span){large, MOST - 3}, -1, &err), -1);
    assert_int_equal(channel_send_both(pair.one, FRAME_MESSAGE, 4, S(""), S("body"), -1, &err), 0);
    for (uint32_t serial = 1; serial <= 4; serial += serial == 2 ? 2 : 1) {
        enum channel_state got;
        while ((got = channel_receive(pair.two, &frame, &err)) == CHANNEL_LATER)
            assert_true(channel_flush(pair.one, &err) >= 0);
        assert_int_equal(got, CHANNEL_FRAME);
        assert_int_equal(frame.serial, serial);
        assert_int_equal(frame.bytes.len, serial == 1 ? 8 : serial == 2 ? MOST : 4);
        assert_true(span_starts(frame.bytes, serial == 4 ? S("body") : S("head")));
        assert_true(frame.bytes.at[frame.bytes.len - 1] == (serial == 2 ? 'x' : 'y'));
    }
    free(large);
    pair_free(&pair);
}

/* Whoever tells what poll said has nothing asked in vain, and loses nothing: what came later is there once poll says so. */
static void nothing_is_read_before_poll_says_so(void **state)
{
    struct pair pair = pair_new(MOST);
    struct err err;
    struct frame frame;
    channel_waited(pair.two, 0);
    assert_int_equal(channel_send(pair.one, FRAME_ASK, 1, S("a"), -1, &err), 0);
    assert_int_equal(channel_receive(pair.two, &frame, &err), CHANNEL_LATER);
    channel_waited(pair.two, POLLOUT);
    assert_int_equal(channel_receive(pair.two, &frame, &err), CHANNEL_LATER);
    channel_waited(pair.two, POLLIN);
    assert_int_equal(channel_receive(pair.two, &frame, &err), CHANNEL_FRAME);
    assert_int_equal(channel_send(pair.one, FRAME_ASK, 2, S("b"), -1, &err), 0);
    assert_int_equal(channel_receive(pair.two, &frame, &err), CHANNEL_LATER);
    channel_free(&pair.one);
    channel_waited(pair.two, POLLIN | POLLHUP);
    assert_int_equal(channel_receive(pair.two, &frame, &err), CHANNEL_FRAME);
    assert_int_equal(frame.serial, 2);
    channel_waited(pair.two, POLLHUP);
    assert_int_equal(channel_receive(pair.two, &frame, &err), CHANNEL_CLOSED);
    pair_free(&pair);
}

/* Behind a descriptor the system breaks off though there is more: that is asked for at once. */
static void what_lies_behind_a_descriptor_is_read_at_once(void **state)
{
    struct pair pair = pair_new(MOST);
    struct err err;
    struct frame frame;
    for (uint32_t serial = 1; serial <= 3; serial++)
        assert_int_equal(channel_send(pair.one, FRAME_MESSAGE, serial, S("x"), serial < 3 ? dup(0) : -1, &err), 0);
    channel_waited(pair.two, POLLIN);
    for (uint32_t serial = 1; serial <= 3; serial++) {
        assert_int_equal(channel_receive(pair.two, &frame, &err), CHANNEL_FRAME);
        assert_int_equal(frame.serial, serial);
        if (frame.fd >= 0)
            close(frame.fd);
    }
    assert_int_equal(channel_receive(pair.two, &frame, &err), CHANNEL_LATER);
    pair_free(&pair);
}

/* ---- a slow other end */
static void fill(struct channel *channel, enum frame_kind kind)
{
    enum { LARGE = 900 << 10, TIMES = 100 };
    struct err err;
    char *large = calloc(1, LARGE);
    size_t times = 0;
    while (!channel_is_full(channel) && times++ < TIMES)
        assert_int_equal(channel_send(channel, kind, 1, (struct span){large, LARGE}, -1, &err), 0);
    assert_in_range(times, CHANNEL_FULL / LARGE, CHANNEL_FULL / LARGE + 2);
    free(large);
}

static struct pair keeper_and_door(void)
{
    struct pair pair = pair_new(MOST);
    channel_between(pair.one, ROLE_KEEPER, ROLE_DOOR);
    channel_between(pair.two, ROLE_DOOR, ROLE_KEEPER);
    return pair;
}

static size_t drain(struct channel *from, struct channel *to)
{
    struct err err;
    struct frame frame;
    size_t frames = 0;
    int gone;
    do {
        gone = channel_flush(from, &err);
        for (enum channel_state got; (got = channel_receive(to, &frame, &err)) != CHANNEL_LATER; frames++)
            assert_int_equal(got, CHANNEL_FRAME);
    } while (gone == 0);
    assert_int_equal(gone, 1);
    return frames;
}

/* A keeper whose door reads no answers reads no more questions; none is lost. */
static void who_answers_reads_no_more_while_answers_wait(void **state)
{
    struct pair pair = keeper_and_door();
    struct err err;
    struct frame frame;
    for (uint32_t serial = 1; serial <= 3; serial++)
        assert_int_equal(channel_send(pair.two, FRAME_FETCH, serial, S("id"), -1, &err), 0);
    assert_int_equal(channel_receive(pair.one, &frame, &err), CHANNEL_FRAME); /* the others are read ahead */
    fill(pair.one, FRAME_FETCHED);
    assert_int_equal(channel_receive(pair.one, &frame, &err), CHANNEL_LATER);
    assert_int_equal(channel_wait(pair.one).events, POLLOUT);
    assert_true(drain(pair.one, pair.two) >= CHANNEL_FULL / MOST);
    struct pollfd wait = channel_wait(pair.one);
    assert_int_equal(poll(&wait, 1, 0), 1); /* the socket has nothing new, and yet nobody sleeps over what was read ahead */
    for (uint32_t serial = 2; serial <= 3; serial++) {
        assert_int_equal(channel_receive(pair.one, &frame, &err), CHANNEL_FRAME);
        assert_int_equal(frame.serial, serial);
    }
    wait = channel_wait(pair.one);
    assert_int_equal(poll(&wait, 1, 0), 0);
    pair_free(&pair);
}

/* Or both would wait for each other. */
static void who_asks_reads_on_while_questions_wait(void **state)
{
    struct pair pair = keeper_and_door();
    struct err err;
    struct frame frame;
    fill(pair.two, FRAME_KEEP);
    fill(pair.one, FRAME_FETCHED);
    assert_int_equal(channel_receive(pair.one, &frame, &err), CHANNEL_LATER);
    assert_true(channel_wait(pair.two).events & POLLIN);
    assert_true(drain(pair.one, pair.two) > 0);
    assert_true(drain(pair.two, pair.one) > 0);
    pair_free(&pair);
}

static void an_end_that_dies_is_seen_by_one_who_holds_back(void **state)
{
    struct pair pair = keeper_and_door();
    struct err err;
    fill(pair.one, FRAME_FETCHED);
    channel_free(&pair.two);
    struct pollfd wait = channel_wait(pair.one);
    assert_int_equal(poll(&wait, 1, 0), 1);
    assert_int_equal(channel_flush(pair.one, &err), -1);
    pair_free(&pair);
}

/* A process may have only so many of them open. */
static void descriptors_that_wait_weigh_too(void **state)
{
    struct pair pair = pair_new(MOST);
    struct err err;
    size_t sent = 0, before = files_open();
    while (!channel_is_full(pair.one) && sent++ < 1000)
        assert_int_equal(channel_send(pair.one, FRAME_SCAN, 1, S("message"), dup(0), &err), 0);
    assert_in_range(files_open() - before, 32, 64);
    pair_free(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_keep_order_and_bytes),
        cmocka_unit_test(descriptors_stay_with_their_frames), cmocka_unit_test(descriptors_wait_for_their_frames),
        cmocka_unit_test(a_descriptor_that_no_frame_announces_breaks_the_channel),
        cmocka_unit_test(several_descriptors_break_the_channel_and_stay_nowhere),
        cmocka_unit_test(who_sends_without_end_leaves_turns_to_others),
        cmocka_unit_test(large_frames_go_piece_by_piece),
        cmocka_unit_test(a_frame_of_two_places), cmocka_unit_test(nothing_is_read_before_poll_says_so),
        cmocka_unit_test(what_lies_behind_a_descriptor_is_read_at_once),
        cmocka_unit_test(a_byte_at_a_time_is_a_frame_too),
        cmocka_unit_test(odd_heads_break_the_channel),
        cmocka_unit_test(the_largest_frame_goes_and_one_byte_more_does_not),
        cmocka_unit_test(an_end_within_a_frame_is_told_from_an_end),
        cmocka_unit_test(sending_to_nobody_is_an_error),
        cmocka_unit_test(who_answers_reads_no_more_while_answers_wait), cmocka_unit_test(who_asks_reads_on_while_questions_wait),
        cmocka_unit_test(an_end_that_dies_is_seen_by_one_who_holds_back), cmocka_unit_test(descriptors_that_wait_weigh_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
