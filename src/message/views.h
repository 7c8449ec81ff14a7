/* message/views: the ways in which one part may be read, as its fields tell them. Inner header. */
#pragma once
#include "message/reader.h"

enum cut_mode { CUT_PREFIX = 1, CUT_ON = 2 }; /* take lines that go on behind the boundary; go on behind the closing one */

/* One way to read a part. */
struct view {
    struct span why; /* what differs from the first reading; empty for that */
    fields_t fields;
    struct span body;
    struct content type;
    struct span encoding;
    struct span boundary;
    unsigned mode;
    bool as_text;    /* a container that is read as text */
    bool decoded;    /* a container that is decoded although it must not be encoded */
};
struct views {
    VEC(struct view) list;
};

/* A copy of `first` to be read as another reading; NULL where none are looked for. */
struct view *view_other(struct reader *reader, struct views *views, const struct view *first, struct span why);
/* The first reading, and behind it in `views` those that two fields or parameters of one kind call for. */
void view_first(struct reader *reader, struct views *views, const struct head *head, struct view *first);
bool type_is_sound(struct span type); /* something, a slash, something */
enum encoding encoding_of(struct arena *arena, struct span value, bool *odd);
