/* A letter that is passed on without a word: who it says it is of. The same questions as of the message itself, put to what the head
 * above the letter tells. Nothing in it is proved, and nothing that could be proved is asked for. */
#include "identity/scene.h"

static struct told told_inside(const struct scene *at)
{
    struct told told = {.hosts = at->told->hosts};
    vec_each(text, &at->told->forwarded_texts)
        *vec_push(at->arena, &told.texts) = *text;
    vec_each(text, &at->told->texts)
        if (text->place != TOLD_NAME && text->place != TOLD_SUBJECT)
            *vec_push(at->arena, &told.texts) = *text;
    return told;
}

void forwarded_find(struct scene *at)
{
    static const struct proof unproved;
    struct forwarded_claim *out = &at->out->forwarded;
    if (!at->told->forwarded)
        return;
    struct told told = told_inside(at);
    struct claim own = {.vouching = {.main_out = at->out->vouching.main_out}};
    struct scene inside = *at;
    inside.passed_on = true;
    inside.told = &told;
    inside.proof = &unproved;
    inside.service = inside.engaged = NULL;
    inside.out = &own;
    scene_author_set(&inside, at->told->forwarded, at->told->forwarded_subject);
    brands_find(&inside);
    shape_find(&inside);
    lookalike_author_find(&inside);
    *out = (struct forwarded_claim){.is = true, .from = at->told->forwarded, .shape = own.shape, .from_brand = own.from_brand,
                                    .free_mail = inside.from_kinds & (HOST_FREE_MAIL | HOST_DISPOSABLE)};
    out->well_known = own.from_brand || (!out->free_mail && inside.from_kinds & HOST_REPUTABLE);
    if (own.main) {
        out->brand = *own.main;
        out->names_brand = own.main->places & TOLD_NAME;
    }
    if (own.lookalikes.len)
        out->lookalike = own.lookalikes.at[0];
}
