#include "verdict/verdict.h"

static const struct {
    const char *slug, *text[2];
} tags[] = {
#define TAG(slug, en, ja) {slug, {en, ja}},
#include "verdict/tag.def"
#undef TAG
};

const char *tag_text(struct span slug, enum language language)
{
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        if (span_eq(slug, span_of(tags[i].slug)))
            return tags[i].text[language];
    return NULL;
}
