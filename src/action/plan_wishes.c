/* plan_wishes: from the acts of a group to the edits of its copy. */
#include "action/plan.h"

#define VERDICT_FIELD "X-Sekimori"
#define JUNK_FIELD "X-Sekimori-Junk"
#define SEAL_FIELD "X-Sekimori-Seal" /* of another house, or of an earlier passage */

static void removed_add(struct arena *arena, struct edit_wishes *out, struct span name)
{
    *vec_push(arena, &out->headers.removed) = name;
}

static void verdict_add(struct arena *arena, const struct report *report, struct edit_wishes *out)
{
    struct buf value = {.arena = arena};
    buf_print(&value, "%s; score=%.1f; record=%.*s", verdict_name(report->verdict), report->score, SPAN_FMT(report->id));
    for (size_t i = 0; i < report->tags.len; i++)
        buf_print(&value, "%s%.*s", i ? "," : ";\n\ttags=", SPAN_FMT(report->tags.at[i]));
    *vec_push(arena, &out->headers.added) = (struct header_line){S(VERDICT_FIELD), buf_span(&value)};
}

static void files_take(struct arena *arena, const struct plan_group *group, struct edit_wishes *out)
{
    if (!(group->acts & (ACT_TAKE_OFF | ACT_RENAME)))
        return;
    files_named(arena, group->report, &out->files);
    vec_each(file, &out->files)
        if (group->acts & ACT_RENAME) /* no program opens it by a double click */
            file->name = arena_print(arena, "attachment-%.*s.blocked", SPAN_FMT(file->path));
}

void plan_wishes(struct arena *arena, const struct plan_group *group, const struct plan_words *words, struct banner *banner,
                 struct edit_wishes *out)
{
    *out = (struct edit_wishes){.headers.authserv_id = words->authserv_id};
    removed_add(arena, out, S(VERDICT_FIELD));
    removed_add(arena, out, S(JUNK_FIELD));
    removed_add(arena, out, S(SEAL_FIELD));
    if (words->results)
        *vec_push(arena, &out->headers.tops) = *words->results;
    if (group->acts & ACT_TAG)
        out->headers.subject_tag = words->tags[group->verdict];
    if (group->acts & ACT_HEADERS)
        verdict_add(arena, group->report, out);
    if (group->acts & ACT_HEADERS && words->marks)
        spam_marks_wish(arena, words->marks, &out->headers);
    if (group->acts & ACT_JUNK)
        *vec_push(arena, &out->headers.added) = (struct header_line){S(JUNK_FIELD), S("yes")};
    if (group->acts & (ACT_LOCK | ACT_DOUBLE_LOCK))
        vec_each(lock, &words->locks)
            *vec_push(arena, &out->locks) = *lock;
    if (plan_banner(arena, group, banner)) {
        banner->locked = out->locks.len > 0;
        out->banner = banner;
    }
    files_take(arena, group, out);
}
