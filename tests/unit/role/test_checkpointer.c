/* The checkpointer over its channels, as a process of its own: the store's log is in its file when it says so. */
#include "exact.h"
#include "role/inner.h"
#include "store/upkeep.h"

#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>

static const struct store_column columns[] = {{"id", STORE_INTEGER, false}, {"text", STORE_BYTES, false}, {0}};
static const struct store_step steps[] = {{.kind = STORE_TABLE_MAKE, .table = "page", .columns = columns, .on = "id"}, {0}};
static const struct store_migration only = {1, "a table to fill", steps};
static const struct store_schema schema = {&only, 1};

static struct {
    char folder[64], path[96];
    pid_t pid;
    struct channel *parent, *keeper;
} world;

static struct channel *ended(int fd, enum role mine)
{
    struct channel *channel = channel_new(fd, FRAME_MOST);
    channel_between(channel, mine, ROLE_CHECKPOINTER);
    return channel;
}

static void expect(struct channel *channel, enum frame_kind kind)
{
    struct err err;
    struct frame frame;
    enum channel_state state;
    while ((state = channel_receive(channel, &frame, &err)) == CHANNEL_LATER) {
        struct pollfd wait = channel_wait(channel);
        if (poll(&wait, 1, 20000) <= 0)
            fail_msg("no answer");
        channel_waited(channel, wait.revents);
    }
    assert_int_equal(state, CHANNEL_FRAME);
    assert_int_equal(frame.kind, kind);
}

static int setup(void **state)
{
    int ends[2], keeper[2];
    struct err err;
    char who = ROLE_KEEPER;
    static struct service_generation generation;
    snprintf(world.folder, sizeof world.folder, "/tmp/checkpointer-XXXXXX");
    assert_non_null(mkdtemp(world.folder));
    snprintf(world.path, sizeof world.path, "%s/store.db", world.folder);
    generation.keeper.path = world.path;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    world.pid = fork();
    if (world.pid == 0) {
        close(ends[0]);
        log_begin(ROLE_CHECKPOINTER, LEVEL_ERROR);
        _exit(checkpointer_serve(ends[1], &generation));
    }
    close(ends[1]);
    world.parent = ended(ends[0], ROLE_PARENT);
    expect(world.parent, FRAME_READY);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, keeper), 0);
    assert_int_equal(channel_send(world.parent, FRAME_LINK, 0, (struct span){&who, 1}, keeper[1], &err), 0);
    world.keeper = ended(keeper[0], ROLE_KEEPER);
    return 0;
}

static int teardown(void **state)
{
    int status;
    char command[128];
    channel_free(&world.keeper);
    channel_free(&world.parent);
    waitpid(world.pid, &status, 0);
    snprintf(command, sizeof command, "rm -rf %s", world.folder);
    return system(command) || status;
}

static void asked(void)
{
    struct err err;
    assert_int_equal(channel_send(world.keeper, FRAME_CHECKPOINT, 0, S(""), -1, &err), 0);
    expect(world.keeper, FRAME_CHECKPOINTED);
}

static void filled(struct store *store, int64_t from, int64_t to)
{
    static char bytes[4000];
    struct err err;
    for (int64_t id = from; id < to; id++)
        assert_int_equal(store_insert(store, "page", (struct store_value[]){STORE_INT(id), STORE_BLOB(((struct span){bytes, sizeof bytes}))}, STORE_FAIL, &err), 1);
}

static void the_log_is_moved_when_the_keeper_asks(void **state)
{
    struct err err;
    struct store *store;
    asked(); /* there is no store yet: told in the log, and answered */
    assert_int_equal(store_open(world.path, &schema, &(struct store_settings){.log_bytes = 1 << 30}, &store, &err), 0);
    filled(store, 0, 600);
    filled(store, 600, 601);
    assert_true(store_log(store) > 600 * 4000); /* it grows on, for nobody asked */
    asked();
    filled(store, 601, 602);
    assert_true(store_log(store) < 100000); /* it began anew */
    assert_int_equal(store_count(store, &(struct store_query){.table = "page"}, &err), 602);
    assert_int_equal(store_check(store, NULL, NULL, &err), 0);
    store_close(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(the_log_is_moved_when_the_keeper_asks, setup, teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
