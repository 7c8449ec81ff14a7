/* Rounds of digests: everybody is told, however many there are, and whatever the others of a message are called. */
#include "exact.h"
#include "record/held.h"
#include "record/outbox.h"
#include "role/digest.h"
#include "role/inner.h"

#include <stdlib.h>
#include <sys/socket.h>

enum { WALL = 1800000000 };

struct world {
    struct arena *arena;
    struct store *store;
    struct digest_rounds *rounds;
    struct channel *keeper, *signer;
    int64_t now;
    bool looks; /* at each pass */
};

static struct world *world_new(void)
{
    int ends[2];
    struct err err;
    struct arena *arena = arena_new((size_t)1 << 30);
    struct world *world = arena_one(arena, struct world);
    struct digest_settings settings = {.base_url = S("https://mail.harbour.example/links"), .sender = S("sekimori@harbour.example")};
    struct buf packed = {.arena = arena};
    *vec_push(arena, &settings.list) = (struct digest_organisation){.id = S("harbour"), .name = S("Harbour"), .en = true};
    digest_settings_pack(&packed, &settings);
    *world = (struct world){.arena = arena, .now = 100000};
    if (store_open("memory:", record_schema(), NULL, &world->store, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    world->keeper = channel_new(ends[0], FRAME_MOST);
    world->signer = channel_new(ends[1], FRAME_MOST);
    world->rounds = digest_rounds_new(world->store, buf_span(&packed));
    digest_signer(world->rounds, world->keeper);
    return world;
}

static void world_free(struct world *world)
{
    struct arena *arena = world->arena;
    digest_rounds_free(&world->rounds);
    channel_free(&world->keeper);
    channel_free(&world->signer);
    store_close(&world->store);
    arena_free(&arena);
}

struct group { /* so many copies of a message */
    const char *address, *org;
    size_t copies;
    int digits; /* of a number of its own in front of the address */
};

static struct span address_of(struct arena *arena, const struct group *group, int number)
{
    return group->digits ? arena_print(arena, "%0*d%s", group->digits, number, group->address) : span_of(group->address);
}

static void hold(struct world *world, const char *id, int64_t at, const struct group *groups, size_t count)
{
    struct err err;
    struct held_copies copies = {0};
    struct record_held held = {.id = span_of(id), .ticket = span_skip(span_of(id), 12), .at = at, .until = WALL + 1000, .size = 5, .state = S("held"), .file = S("f"),
                               .mail_from = S(""), .enveloped = true};
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < groups[i].copies; k++)
            *vec_push(world->arena, &copies.list) = (struct held_copy){.number = copies.list.len, .org = span_of(groups[i].org), .length = 5, .state = HELD_KEPT,
                                                                       .address = address_of(world->arena, &groups[i], (int)k)};
    assert_int_equal(store_begin(world->store, STORE_SYNCED, &err), 0);
    if (record_hold(world->store, world->arena, &held, &copies, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(store_commit(world->store, &err), 0);
}

/* It is for one of that message's recipients. */
static void pass_look(struct world *world, struct span asked)
{
    struct err err;
    struct pass pass;
    struct span words[2];
    struct held_copies copies;
    pass_names_t names;
    VEC(struct span) addresses = {0};
    assert_int_equal(words_unpack(asked, words, 2), 0);
    assert_true(pass_read(words[1], PASS_ASK, &pass));
    assert_int_equal(held_copies(world->store, world->arena, pass.record, &copies, &err), 0);
    vec_each(copy, &copies.list)
        *vec_push(world->arena, &addresses) = arena_lower(world->arena, copy->address);
    assert_true(pass_names(world->arena, &pass, addresses.at, addresses.len, &names));
    assert_int_equal(names.len, 1);
}

/* The keeper's loop, with a signer that answers at once. */
static void rounds_turn(struct world *world, int64_t wall)
{
    struct err err;
    struct frame asked;
    for (int i = 0; i < 200; i++) {
        int64_t due = digest_turn(world->rounds, (struct moment){world->now, wall, wall});
        while (channel_receive(world->signer, &asked, &err) == CHANNEL_FRAME) {
            struct buf bytes = {.arena = world->arena};
            if (world->looks)
                pass_look(world, asked.bytes);
            signed_pack(&bytes, &(struct signed_answer){SIGNED_DONE, arena_print(world->arena, "token%u", asked.serial)});
            digest_signed(world->rounds, &(struct frame){.kind = FRAME_SIGNED, .serial = asked.serial, .bytes = buf_span(&bytes), .fd = -1});
        }
        if (due - world->now > 20000)
            break;
        world->now += 5;
    }
    world->now += 60000;
}

static bool told_take(void *context, const struct job_row *row)
{
    ++*(size_t *)context;
    return true;
}

static size_t mails(struct world *world)
{
    struct err err;
    size_t count = 0;
    assert_true(outbox_list(world->store, 0, 0, told_take, &count, &err) >= 0);
    return count;
}

static size_t tells(struct world *world, const char *words)
{
    struct err err;
    size_t count = 0;
    struct job_rows rows;
    assert_int_equal(outbox_due(world->store, world->arena, S(DIGEST_LANE), INT64_MAX, 100, &rows, &err), 0);
    vec_each(row, &rows.list)
        count += span_find(row->bytes, span_of(words)) != NULL;
    return count;
}

#define A "01mqvvp0xqwrwd8wsa84ffys4sha"
#define B "01mqvvp0xqwrwd8wsa84ffys4shb"
#define C "01mqvvp0xqwrwd8wsa84ffys4shc"

static void each_is_told_once_a_day(void **state)
{
    static const struct group two[] = {{"anna@harbour.example", "harbour", 1, 0}, {"berta@harbour.example", "harbour", 1, 0}, {"cora@quay.example", "quay", 1, 0}};
    struct world *world = world_new();
    world->looks = true;
    hold(world, A, WALL - 10, two, 3);
    hold(world, C, WALL - 5, two, 1);
    rounds_turn(world, WALL);
    assert_int_equal(mails(world), 2);
    hold(world, B, WALL + 10, two, 1);
    rounds_turn(world, WALL + 20);
    assert_int_equal(mails(world), 2);
    rounds_turn(world, WALL + 86400);
    assert_int_equal(mails(world), 3);
    world_free(world);
}

/* What is read of all of a message's recipients, for each that it mentions, is not kept. */
static void a_message_to_thousands_costs_no_keeper(void **state)
{
    struct world *world = world_new();
    static const struct group crowd[] = {{"anna@harbour.example", "harbour", 20, 0}, {"@quay.example", "quay", 6000, 2000}, {"berta@harbour.example", "harbour", 1, 0}};
    hold(world, A, WALL - 10, crowd, 3);
    rounds_turn(world, WALL);
    assert_int_equal(mails(world), 2);
    world_free(world);
}

/* More than are read at a time. */
static void those_beyond_a_batch_are_told_too(void **state)
{
    static const struct group many[] = {{"anna@harbour.example", "harbour", 15000, 0}, {"berta@harbour.example", "harbour", 15000, 0}, {"cora@harbour.example", "harbour", 1, 0}};
    static const struct group others[] = {{"Dora@harbour.example", "harbour", 25000, 0}, {"aaron@harbour.example", "harbour", 1, 0}, {"eve@harbour.example", "harbour", 1, 0}};
    struct world *world = world_new();
    hold(world, A, WALL - 10, many, 3);
    hold(world, B, WALL - 10, others, 3);
    rounds_turn(world, WALL);
    assert_int_equal(mails(world), 6);
    assert_true(tells(world, "14980") == 2 && tells(world, "19980") == 1); /* and so many more */
    rounds_turn(world, WALL + 20);
    assert_int_equal(mails(world), 6);
    world_free(world);
}

/* It was told of by a clock that was years ahead; that was set right. */
static void a_clock_that_was_ahead_silences_nobody(void **state)
{
    static const struct group one[] = {{"anna@harbour.example", "harbour", 1, 0}};
    struct err err;
    struct world *world = world_new();
    assert_int_equal(digest_tell(world->store, S("harbour"), WALL + 100000000, &err), 0);
    hold(world, A, WALL - 10, one, 1);
    rounds_turn(world, WALL);
    assert_int_equal(mails(world), 1);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_is_told_once_a_day), cmocka_unit_test(a_message_to_thousands_costs_no_keeper),
                                       cmocka_unit_test(those_beyond_a_batch_are_told_too), cmocka_unit_test(a_clock_that_was_ahead_silences_nobody)};
    setenv("TZ", "UTC", 1);
    log_begin(ROLE_KEEPER, LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
