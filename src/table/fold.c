#include "table/phrases.h"

void text_fold(struct arena *arena, struct span utf8, size_t most, struct folded *out)
{
    *out = (struct folded){.text = arena_lower(arena, span_first(utf8, most))};
}
