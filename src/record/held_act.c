/* held_act: what people do with copies that are held. */
#include "record/held_inner.h"

enum { ROOM = 1 << 28 };
enum deed { DEED_ASK, DEED_RELEASE, DEED_DELETE, DEED_AGREE };

static void arena_end(struct arena **arena)
{
    arena_free(arena);
}

struct doing {
    struct store *store;
    struct arena *arena;
    const struct held_act *act;
    int64_t now;
    enum deed deed;
    struct held_done *out;
};

static bool may_be_done(enum held_state from, enum deed deed)
{
    if (deed == DEED_ASK)
        return from == HELD_KEPT;
    if (deed == DEED_AGREE)
        return from == HELD_WAITING;
    return from == HELD_KEPT || from == HELD_ASKED || from == HELD_REFUSED || from == HELD_ORIGINAL || from == HELD_WAITING;
}

static enum held_state state_after(const struct held_copy *copy, enum deed deed)
{
    switch (deed) {
    case DEED_ASK: return HELD_ASKED;
    case DEED_DELETE: return HELD_DELETED;
    case DEED_AGREE: return copy->asked == HELD_MAY_STAY ? HELD_KEPT : HELD_LEAVING;
    default: return HELD_LEAVING;
    }
}

/* ---- the end of waiting */
/* The copy as its row has it from now on. */
static struct held_copy answered(const struct held_copy *copy, enum deed deed)
{
    struct held_copy after = *copy;
    after.asked = deed == DEED_AGREE ? HELD_AGREED : deed == DEED_RELEASE ? HELD_DECLINED : copy->asked;
    if (deed == DEED_AGREE) {
        after.start = copy->agreed_start;
        after.length = copy->agreed_length;
        after.measure = copy->agreed_measure;
        after.edited = copy->asked == HELD_MAY_LEAVE;
    }
    return after;
}

/* As it was to be kept beside what is delivered. */
static int original_keep(const struct doing *at, const struct held_copy *copy, struct err *err)
{
    unsigned wanted = at->deed == DEED_AGREE ? HELD_ORIGINAL_IF_AGREED : HELD_ORIGINAL_IF_DECLINED;
    struct held_copy original = {.number = HELD_ORIGINALS + copy->number, .address = copy->address, .params = copy->params, .org = copy->org,
                                 .length = copy->came, .state = HELD_ORIGINAL, .measure = copy->came_measure};
    bool leaves = state_after(copy, at->deed) == HELD_LEAVING;
    return leaves && copy->original & wanted ? copy_insert(at->store, at->arena, copy->id, &original, at->now, err) : 0;
}

static int answer_note(const struct doing *at, const struct held_copy *copy, struct err *err)
{
    struct held_copy after = answered(copy, at->deed);
    struct store_change changes[] = {{"asked", STORE_SET, STORE_INT(after.asked)}, {"start", STORE_SET, STORE_INT((int64_t)after.start)},
                                     {"length", STORE_SET, STORE_INT((int64_t)after.length)},
                                     {"waits", STORE_SET, STORE_NONE(STORE_INTEGER)}, {"measure", STORE_SET, bytes_value(after.measure)}};
    return copy_set(at->store, copy, HELD_WAITING, changes, 5, err) < 0 || original_keep(at, copy, err) < 0 ? -1 : 0;
}

/* ---- one copy */
static const char *said_of(const struct held_copy *copy, enum deed deed)
{
    static const char *const said[] = {[DEED_ASK] = "asked for", [DEED_RELEASE] = "released", [DEED_DELETE] = "deleted", [DEED_AGREE] = "agreed to"};
    return deed == DEED_RELEASE && copy->state == HELD_WAITING ? "released without what was proposed" : said[deed];
}

static int copy_do(struct doing *at, const struct held_copy *copy, struct err *err)
{
    const struct held_act *act = at->act;
    enum held_state to = state_after(copy, at->deed);
    struct store_change changes[] = {{"state", STORE_SET, STORE_INT(to)}, {"at", STORE_SET, STORE_INT(at->now)}, {"by", STORE_SET, text_value(at->arena, act->by)},
                                     {"why", STORE_SET, text_value(at->arena, act->why)}, {"fault", STORE_SET, STORE_NONE(STORE_TEXT)},
                                     {"edited", STORE_SET, STORE_INT(copy->state == HELD_WAITING ? answered(copy, at->deed).edited : copy->edited)}};
    struct span done = arena_print(at->arena, "%s by %.*s%s%.*s", said_of(copy, at->deed), SPAN_FMT(act->by), act->why.len ? ": " : "", SPAN_FMT(act->why));
    at->out->found++;
    if (!may_be_done(copy->state, at->deed)) {
        at->out->state = copy->state;
        return 0;
    }
    if (copy->state == HELD_WAITING && answer_note(at, copy, err) < 0)
        return -1;
    if (copy_set(at->store, copy, copy->state, changes, 6, err) < 0 || copy_outcome(at->store, at->arena, copy, done, at->now, err) < 0)
        return -1;
    at->out->done++;
    at->out->declined += copy->state == HELD_WAITING && at->deed == DEED_RELEASE;
    if (to == HELD_DELETED)
        return copy_job_end(at->store, at->arena, copy, err);
    return to == HELD_LEAVING ? job_of_copy(at->store, at->arena, copy->id, copy->number, at->now, err) : 0;
}

/* ---- all that are meant */
static bool is_original(const struct held_copy *copy)
{
    return !held_is_delivery(copy) && !held_is_beside(copy);
}

/* Who lets go what is held does not mean to send others what was taken off theirs. */
static bool is_meant(struct doing *at, const struct held_copy *copy)
{
    bool original = is_original(copy), released = at->deed == DEED_RELEASE;
    at->out->originals += original && released && !at->act->originals && may_be_done(copy->state, at->deed);
    return released ? original == at->act->originals : !original || at->deed == DEED_DELETE;
}

static int copies_do(struct doing *at, struct err *err)
{
    struct held_copies copies;
    struct span wanted = arena_lower(at->arena, at->act->recipient);
    if (held_copies(at->store, at->arena, at->act->id, &copies, err) < 0)
        return -1;
    vec_each(copy, &copies.list) {
        bool theirs = (!wanted.len || span_eq(arena_lower(at->arena, copy->address), wanted)) && (!at->act->org.len || span_eq(copy->org, at->act->org));
        if (theirs && is_meant(at, copy) && copy_do(at, copy, err) < 0)
            return -1;
    }
    return at->out->done ? hold_settle(at->store, at->act->id, err) : 0;
}

static int act_do(struct store *store, const struct held_act *act, enum deed deed, int64_t now, struct held_done *out, struct err *err)
{
    struct arena *arena __attribute__((cleanup(arena_end))) = arena_new(ROOM);
    struct doing at = {store, arena, act, now, deed, out};
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
    return act_do(store, act, DEED_RELEASE, now, out, err);
}

int held_agree(struct store *store, const struct held_act *act, int64_t now, struct held_done *out, struct err *err)
{
    return act_do(store, act, DEED_AGREE, now, out, err);
}

int held_delete(struct store *store, const struct held_act *act, int64_t now, struct held_done *out, struct err *err)
{
    return act_do(store, act, DEED_DELETE, now, out, err);
}

int held_ask(struct store *store, const struct held_act *act, int64_t now, struct held_done *out, struct err *err)
{
    return act_do(store, act, DEED_ASK, now, out, err);
}

/* ---- nobody did anything */
static int unanswered_do(struct doing *at, const struct held_copies *copies, struct err *err)
{
    vec_each(copy, &copies->list)
        if (copy_do(at, copy, err) < 0)
            return -1;
    return 0;
}

int held_waits_end(struct store *store, int64_t latest, struct err *err)
{
    struct store_query query = {.table = "held", STORE_WHERE(STORE_IS("waits", STORE_GT, STORE_INT(latest)), STORE_IS("state", STORE_EQ, STORE_INT(HELD_WAITING)))};
    struct store_query any = query;
    any.limit = 1;
    int64_t found = store_count(store, &any, err);
    if (found > 0)
        found = store_update(store, &query, &(struct store_change){"waits", STORE_SET, STORE_INT(latest)}, 1, err);
    return found < 0 ? -1 : 0;
}

int64_t held_unanswered(struct store *store, int64_t now, bool agree, struct span by, struct span why, uint64_t most, held_each each, void *context, struct err *err)
{
    struct arena *arena __attribute__((cleanup(arena_end))) = arena_new(ROOM);
    struct held_copies copies;
    struct held_done done = {0};
    const struct held_act act = {.by = by, .why = why};
    struct doing at = {store, arena, &act, now, agree ? DEED_AGREE : DEED_RELEASE, &done};
    int64_t found = copies_waited(store, arena, now, most, &copies, err);
    if (found <= 0)
        return found;
    if (record_settle(store, 0, err) < 0 || store_begin(store, STORE_SYNCED, err) < 0)
        return -1;
    /* Whoever was quicker, between the look and the lock, has decided. */
    if (copies_waited(store, arena, now, most, &copies, err) < 0 || unanswered_do(&at, &copies, err) < 0 || store_commit(store, err) < 0) {
        store_rollback(store);
        return -1;
    }
    vec_each(copy, &copies.list)
        if (!each(context, copy))
            break;
    return (int64_t)copies.list.len;
}
