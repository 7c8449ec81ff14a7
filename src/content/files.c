#include "content/files.h"

void file_limits_default(struct file_limits *limits)
{
    *limits = (struct file_limits){
#define LIMIT(name, value, en) .name = value,
#include "content/limit.def"
#undef LIMIT
    };
}

void content_files_read(struct arena *arena, const struct file_limits *limits, const struct tables *tables,
                        const struct message *message, struct content_files *out)
{
    *out = (struct content_files){0};
}
