/* click_held: passes of held messages, as a digest gives them to a recipient: what is to be said of one, and what comes of it. */
#include "record/click_inner.h"
#include "record/held.h"

/* Its copy of the message; NULL: the pass is not for one recipient of those for whom it is held. */
static const struct held_copy *copy_of(struct arena *arena, const struct visit *visit, const struct held_copies *copies, struct visited *out)
{
    struct span *addresses = arena_alloc(arena, (copies->list.len + 1) * sizeof *addresses);
    for (size_t i = 0; i < copies->list.len; i++)
        addresses[i] = copies->list.at[i].address;
    if (!pass_names(arena, &visit->pass, addresses, copies->list.len, &out->people) || out->people.len != 1)
        return NULL;
    vec_each(copy, &copies->list)
        if (span_eq(arena_lower(arena, copy->address), out->people.at[0]))
            return copy;
    return NULL;
}

/* Whoever may release by himself only asks where the mail turned out worse than when it was held. */
static enum way way_of(const struct visit *visit, enum held_state state, const struct visited *out)
{
    bool worse = out->now == VERDICT_MALICIOUS && out->then != VERDICT_MALICIOUS;
    if (state == HELD_LEAVING || state == HELD_DELIVERED)
        return WAY_LEFT;
    if (!held_lies_here(state) || state == HELD_WAITING) /* that is not the reader's to decide */
        return WAY_GONE;
    if (visit->pass.kind == PASS_RELEASE && !worse)
        return WAY_GO;
    return state == HELD_ASKED ? WAY_ASKED : state == HELD_REFUSED ? WAY_REFUSED : WAY_ASK;
}

int visit_held_look(struct store *store, struct arena *arena, const struct visit *visit, int64_t now, struct visited *out, struct err *err)
{
    struct record_told told;
    struct record_held held;
    struct held_copies copies;
    if (held_copies(store, arena, out->record, &copies, err) < 0)
        return -1;
    if (!copies.list.len)
        return 0;
    out->end = VISIT_NOT_THEIRS;
    const struct held_copy *copy = copy_of(arena, visit, &copies, out);
    int here = record_held(store, arena, out->record, &held, err), found = record_read(store, arena, out->record, &told, err);
    if (here < 0 || found < 0)
        return -1;
    if (!copy || (here && !span_eq(held.ticket, visit->pass.once)))
        return 0;
    out->end = VISIT_GOOD;
    out->unjudged = !found;
    if (found && record_look(store, arena, visit, &told, now, out, err) < 0)
        return -1;
    out->appeal = 0;
    out->way = here ? way_of(visit, copy->state, out) : copy->state == HELD_DELIVERED || copy->state == HELD_LEAVING ? WAY_LEFT : WAY_GONE;
    return 0;
}

/* Who is told that a recipient asks. */
static int asked_tell(struct store *store, struct arena *arena, const struct visit *visit, const struct visited *visited, int64_t now, struct err *err)
{
    struct jobs jobs;
    struct buf named = {.arena = arena};
    if (!visit->jobs.len)
        return 0;
    if (record_jobs_unpack(arena, visit->jobs, &jobs) < 0)
        return err_set(err, "the door sent no notices that can be read");
    buf_print(&named, "%.*s.asked-", SPAN_FMT(visited->record));
    buf_base32(&named, (const uint8_t *)visit->pass.whom.at, 12);
    return jobs_keep_as(store, arena, &jobs, visited->record, buf_span(&named), now, err);
}

int visit_held_keep(struct store *store, struct arena *arena, const struct visit *visit, int64_t now, struct visited *visited, struct err *err)
{
    struct held_done done;
    struct held_act act = {.id = visited->record, .recipient = visited->people.at[0], .org = visit->pass.org, .by = S("the recipient"),
                           .why = span_first(visit->note, NOTE_MOST)};
    bool release = visit->act == VISIT_CLICK;
    if (visited->way != (release ? WAY_GO : WAY_ASK))
        return 0;
    if ((release ? held_release : held_ask)(store, &act, now, &done, err) < 0)
        return -1;
    visited->way = release ? WAY_LEFT : WAY_ASKED; /* by us, or by whoever was first */
    return release || !done.done ? 0 : asked_tell(store, arena, visit, visited, now, err);
}
