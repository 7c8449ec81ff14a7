/* A message whose only part is one file, read; and what must and must not be found in it. */
#pragma once
#include "exact.h"

#include "content/files.h"

struct files_world {
    struct arena *arena;
    struct tables *tables;
    struct span raw;
    struct message message;
    struct content_files files;
};
struct files_sample {
    const char *label, *type, *name;
    struct span bytes;
    unsigned has, lacks;  /* bits of enum file_trait */
    const char *leads;    /* a link that must be found; NULL: none may be */
    const char *inner;    /* NULL: not looked at */
};
void files_world_open(struct files_world *w);
void files_world_close(struct files_world *w);
/* Reads the sample as an attachment of that type and name; the message lies on heap of its exact size. */
void files_world_read(struct files_world *w, const struct file_limits *limits, const char *type, const char *name, struct span bytes);
void files_world_done(struct files_world *w); /* before the next */
void files_sample_check(struct files_world *w, const struct files_sample *sample);

int rooms_setup(void **state);
int rooms_teardown(void **state);
