/* What a keeper cannot be told is not waited for. */
#include "exact.h"
#include "door/flight.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void nothing(void *context)
{
}

static void no_listener(void *context, uint32_t number, const struct listener_settings *settings, int fd)
{
}

static void no_end(void *context, uint32_t number)
{
}

struct ends {
    unsigned count;
    enum flow_end end;
};

static void on_end(void *context, const struct flow_answer *answer)
{
    struct ends *ends = context;
    ends->count++;
    ends->end = answer->end;
}

static struct flow *flow; /* it lives as long as its process */

static void flow_with_keeper(int *parent, int *keeper)
{
    int parents[2], keepers[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, parents), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, keepers), 0);
    flow = flow_new(parents[0], ROLE_MTA, &(struct flow_calls){nothing, no_listener, no_end, NULL});
    flow->keeper = channel_new(keepers[0], FRAME_ROOM);
    *parent = parents[1];
    *keeper = keepers[1];
}

static void what_no_frame_takes_is_not_kept(void **state)
{
    int parent, keeper;
    struct ends small = {0}, large = {0};
    size_t len = FRAME_ROOM + 1;
    char *text = malloc(len);
    assert_non_null(text);
    memset(text, 'x', len);
    flow_with_keeper(&parent, &keeper);
    flow_fetch(flow, S("an id"), S(""), on_end, &small);
    flow_fetch(flow, (struct span){text, len}, S(""), on_end, &large);
    assert_int_equal(flow_holds(flow), 2);
    assert_int_equal(large.count, 0); /* whoever asked has no ticket yet */
    assert_true(flow_turn(flow));
    assert_int_equal(large.count, 1);
    assert_int_equal(large.end, FLOW_NOT_KEPT);
    assert_int_equal(small.count, 0); /* the keeper may answer yet */
    assert_int_equal(flow_holds(flow), 1);
    assert_true(flow_turn(flow));
    assert_int_equal(large.count, 1);
    free(text);
    close(keeper);
    close(parent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_no_frame_takes_is_not_kept)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
