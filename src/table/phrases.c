#include "table/inner.h"
#include "table/phrases.h"

const char *lure_name(enum lure_id id)
{
    static const char *const names[] = {
#define LURE(id, name, en, ja) [id] = name,
#include "table/lure.def"
#undef LURE
    };
    return names[id];
}

const char *lure_text(enum lure_id id, bool japanese)
{
    static const char *const texts[][2] = {
#define LURE(id, name, en, ja) [id] = {en, ja},
#include "table/lure.def"
#undef LURE
    };
    return texts[id][japanese];
}

void phrases_find(struct arena *arena, const struct tables *tables, const struct folded *text, size_t most, phrase_hits_t *out)
{
    *out = (phrase_hits_t){0};
}
