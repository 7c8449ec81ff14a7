/* entries: what people allowed and denied, held against who sent it. */
#include "verdict/judging.h"
#include "verdict/stored.h"

#include <inttypes.h>

static bool asks_nothing(const struct verdict_entry *entry)
{
    return !entry->domain.len && !entry->person.len && !entry->service.len && !entry->account.len && !entry->stream.len;
}

static bool same_where_asked(struct span asked, struct span have)
{
    return !asked.len || span_eq_case(asked, have);
}

/* The service and its account are known only where the path bears them out, so they are proofs by themselves. A List-Id anybody writes. */
static bool is_proved(const struct verdict_entry *entry, const struct judged_sender *sender)
{
    bool author = entry->domain.len || entry->person.len || !entry->service.len;
    return !sender->failed && (!author || sender->proved);
}

bool entry_fits(const struct verdict_entry *entry, const struct judgement *judgement)
{
    const struct judged_sender *sender = &judgement->sender;
    if (asks_nothing(entry) || (judgement->at != TIME_UNKNOWN && judgement->at >= entry->expires))
        return false;
    return same_where_asked(entry->org, judgement->org) && (!entry->domain.len || domain_is_or_under(sender->domain, entry->domain)) &&
           same_where_asked(entry->person, sender->address) && same_where_asked(entry->service, sender->service) &&
           same_where_asked(entry->account, sender->account) && same_where_asked(entry->stream, sender->stream) &&
           (!entry->allow || is_proved(entry, sender));
}

static void entry_push(struct arena *arena, const struct verdict_settings *settings, const struct verdict_entry *entry, struct report *out)
{
    enum evidence_id id = entry->allow ? EVIDENCE_ENTRY_ALLOW : EVIDENCE_ENTRY_DENY;
    struct buf until = {.arena = arena};
    vec_each(have, &out->evidence)
        if (have->id == id)
            return; /* the first that fits is named */
    time_print(&until, entry->expires);
    *vec_push(arena, &out->evidence) =
        (struct evidence){.id = id, .weight = settings->weights[id], .alone = settings->weights[id], .where = S("entry"),
                          .words = {span_first(entry->reason, 300), arena_print(arena, "%" PRIu64, entry->number), buf_span(&until)}};
}

void entries_weigh(struct arena *arena, const struct verdict_settings *settings, const struct judgement *judgement, struct report *out)
{
    size_t kept = 0;
    for (size_t i = 0; i < out->evidence.len; i++)
        if (out->evidence.at[i].id != EVIDENCE_ENTRY_ALLOW && out->evidence.at[i].id != EVIDENCE_ENTRY_DENY)
            out->evidence.at[kept++] = out->evidence.at[i];
    out->evidence.len = kept;
    vec_each(entry, &settings->entries->list)
        if (entry_fits(entry, judgement))
            entry_push(arena, settings, entry, out);
}
