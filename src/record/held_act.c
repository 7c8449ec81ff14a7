/* held_act: what people do with copies that are held. */
#include "record/held_inner.h"

enum { ROOM = 1 << 28 };

static void arena_end(struct arena **arena)
{
    arena_free(arena);
}

struct doing {
    struct store *store;
    struct arena *arena;
    const struct held_act *act;
    int64_t now;
    enum held_state to;
    struct held_done *out;
};

static bool may_become(enum held_state from, enum held_state to)
{
    if (to == HELD_ASKED)
        return from == HELD_KEPT;
    return from == HELD_KEPT || from == HELD_ASKED || from == HELD_REFUSED || from == HELD_ORIGINAL;
}

static int copy_do(struct doing *at, const struct held_copy *copy, struct err *err)
{
    const struct held_act *act = at->act;
    static const char *const said[HELD_STATE_COUNT] = {[HELD_ASKED] = "asked for", [HELD_LEAVING] = "released", [HELD_DELETED] = "deleted"};
    struct store_change changes[] = {{"state", STORE_SET, STORE_INT(at->to)}, {"at", STORE_SET, STORE_INT(at->now)}, {"by", STORE_SET, text_value(at->arena, act->by)},
                                     {"why", STORE_SET, text_value(at->arena, act->why)}, {"fault", STORE_SET, STORE_NONE(STORE_TEXT)}};
    struct span done = arena_print(at->arena, "%s by %.*s%s%.*s", said[at->to], SPAN_FMT(act->by), act->why.len ? ": " : "", SPAN_FMT(act->why));
    at->out->found++;
    if (!may_become(copy->state, at->to)) {
        at->out->state = copy->state;
        return 0;
    }
    if (copy_set(at->store, copy, copy->state, changes, 5, err) < 0 || copy_outcome(at->store, at->arena, copy, done, at->now, err) < 0)
        return -1;
    at->out->done++;
    return at->to == HELD_LEAVING ? job_of_copy(at->store, at->arena, copy->id, copy->number, at->now, err) : 0;
}

static int turn_do(struct doing *at, const struct held_copies *copies, struct span wanted, bool originals, struct err *err)
{
    vec_each(copy, &copies->list) {
        bool theirs = (!wanted.len || span_eq(arena_lower(at->arena, copy->address), wanted)) && (!at->act->org.len || span_eq(copy->org, at->act->org));
        if (theirs && (copy->state == HELD_ORIGINAL) == originals && copy_do(at, copy, err) < 0)
            return -1;
    }
    return 0;
}

/* Who lets go what is held does not mean to send others what was taken off theirs. */
static int copies_do(struct doing *at, struct err *err)
{
    struct held_copies copies;
    struct span wanted = arena_lower(at->arena, at->act->recipient);
    if (held_copies(at->store, at->arena, at->act->id, &copies, err) < 0)
        return -1;
    if (turn_do(at, &copies, wanted, false, err) < 0)
        return -1;
    bool all = !at->out->done || at->to == HELD_DELETED;
    if (all && turn_do(at, &copies, wanted, true, err) < 0)
        return -1;
    return at->out->done ? hold_settle(at->store, at->act->id, err) : 0;
}

static int act_do(struct store *store, const struct held_act *act, enum held_state to, int64_t now, struct held_done *out, struct err *err)
{
    struct arena *arena __attribute__((cleanup(arena_end))) = arena_new(ROOM);
    struct doing at = {store, arena, act, now, to, out};
    *out = (struct held_done){0};
    if (record_settle(store, 0, err) < 0 || store_begin(store, STORE_SYNCED, err) < 0) /* its outcomes may be fresh */
        return -1;
    if (copies_do(&at, err) == 0 && store_commit(store, err) == 0)
        return 0;
    store_rollback(store);
    return -1;
}

int held_release(struct store *store, const struct held_act *act, int64_t now, struct held_done *out, struct err *err)
{
    return act_do(store, act, HELD_LEAVING, now, out, err);
}

int held_delete(struct store *store, const struct held_act *act, int64_t now, struct held_done *out, struct err *err)
{
    return act_do(store, act, HELD_DELETED, now, out, err);
}

int held_ask(struct store *store, const struct held_act *act, int64_t now, struct held_done *out, struct err *err)
{
    return act_do(store, act, HELD_ASKED, now, out, err);
}
