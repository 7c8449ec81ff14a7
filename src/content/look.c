#include "content/content.h"

void content_look_read(struct arena *arena, const struct tables *tables, const struct message *message,
                       const struct content_links *links, const struct content_words *words, struct content_look *out)
{
    *out = (struct content_look){0};
}
