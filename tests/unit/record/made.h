/* Messages judged and kept, for the tests of this room. */
#pragma once
#include "exact.h"
#include "record/record.h"

#include <stdlib.h>

struct made {
    struct arena *arena;
    struct verdict_settings settings;
    struct record_settings kept;
    struct arrival arrival;
    struct message message;
    struct path path;
    struct proof proof;
    struct report report;
    struct record record;
};

static struct ground grounds_of_then[] = {{S("people"), S("Hanako")}, {S("hosts.yaml"), S("bit.example")}, {S("lures.yaml"), S("prize")}};
static const struct grounds made_grounds = {{.at = grounds_of_then, .len = 3, .cap = 3}};

/* A message judged without tables, content and identity: what they say is proved elsewhere. */
static inline struct made *made_for(const char *text, const char *const *recipients, size_t count, int64_t at)
{
    struct arena *arena = arena_new((size_t)1 << 26);
    struct made *made = arena_one(arena, struct made);
    struct message_limits limits;
    struct trace_settings trace;
    struct auth_settings auth;
    made->arena = arena;
    message_limits_default(&limits);
    trace_settings_default(&trace);
    trace.preset = PRESET_POSTFIX;
    auth_settings_default(&auth);
    verdict_settings_default(&made->settings);
    made->arrival = (struct arrival){.raw = span_of(text), .received_at = at, .mail_from = S("bounce@sender.example"), .mail_from_state = SENDER_GIVEN, .source = S("test")};
    for (size_t i = 0; i < count; i++)
        vec_push(arena, &made->arrival.rcpt_to)->address = span_of(recipients[i]);
    message_parse(arena, &limits, NULL, &made->arrival, &made->message);
    trace_path(arena, &trace, NULL, &made->arrival, &made->message, &made->path);
    struct dns_answers *answers = dns_answers_new(arena, 10);
    auth_continue(auth_begin(arena, &auth, NULL, &made->arrival, &made->message, &made->path), answers, at, true, &made->proof);
    struct facts facts = {.arrival = &made->arrival, .message = &made->message, .path = &made->path, .proof = &made->proof};
    verdict_reach(arena, &made->settings, NULL, &facts, &made->report);
    made->report.generation = S("g1");
    record_settings_make(arena, &made->settings, &made_grounds, &made->kept);
    record_make(arena, &made->settings, &made->kept, NULL, &made->report, (struct span){0}, &made->record);
    return made;
}

static inline struct made *made_of(const char *text, const char *recipient, int64_t at)
{
    return made_for(text, &recipient, 1, at);
}

static inline void made_free(struct made *made)
{
    struct arena *arena = made->arena;
    arena_free(&arena);
}

struct world {
    struct arena *arena;
    struct store *store;
    struct record_ledger *ledger;
};

static inline struct world world_new(void)
{
    struct world world = {.arena = arena_new((size_t)1 << 26)};
    struct err err;
    if (store_open("memory:", record_schema(), NULL, &world.store, &err) < 0)
        fail_msg("%s", err.text);
    world.ledger = record_ledger_new(world.store);
    return world;
}

static inline void world_free(struct world *world)
{
    record_ledger_free(&world->ledger);
    store_close(&world->store);
    arena_free(&world->arena);
}

static inline enum record_kept keep_as(struct world *world, const struct made *made, int64_t now, struct span *id)
{
    struct err err;
    assert_int_equal(store_begin(world->store, STORE_SYNCED, &err), 0);
    enum record_kept kept = record_keep(world->ledger, world->arena, &made->record, &made->kept, now, id, &err);
    if (kept == RECORD_FAILED)
        fail_msg("%s", err.text);
    assert_int_equal(store_commit(world->store, &err), 0);
    return kept;
}
