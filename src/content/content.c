#include "content/content.h"

void content_read(struct arena *arena, const struct file_limits *limits, const struct tables *tables, const struct arrival *arrival,
                  const struct message *message, struct content *out)
{
    *out = (struct content){0};
    content_links_read(arena, tables, arrival, message, &out->links);
    content_files_read(arena, limits, tables, message, &out->files);
    content_words_read(arena, tables, arrival, message, &out->links, &out->files, &out->words);
    content_look_read(arena, tables, message, &out->links, &out->words, &out->look);
}
