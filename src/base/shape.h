/* base/shape: structs written as bytes and read back, by tables that say what lies where in them.
 *
 * For one program's own words to itself: the bytes hold no names, and who reads must have the very tables of who wrote.
 * shape_print_of tells whether it has: keep it beside the bytes. Readers trust no length. Spans read point into the bytes.
 * What a table does not name is not written and reads as zero. */
#pragma once
#include "base/base.h"

enum shape_kind {
    SHAPE_END,
    SHAPE_SPAN,
    SHAPE_NUMBER, /* bool, enum, unsigned or signed, of 1, 2, 4 or 8 bytes */
    SHAPE_REAL,
    SHAPE_RAW,    /* so many bytes as they lie: struct ip, digests */
    SHAPE_INSIDE, /* a struct in the struct */
    SHAPE_POINTED, /* a pointer to a struct; NULL stays NULL */
    SHAPE_THERE,  /* a pointer of which only matters whether it is NULL: read back it points to zeroes */
    SHAPE_LIST,   /* VEC of structs; at most `most` of them are written, 0: all; those left out read as zero */
    SHAPE_FEW,    /* VEC of structs, all of them written; more than `most` are refused before there is room for one */
    SHAPE_SPANS,  /* VEC of spans; as SHAPE_LIST */
    SHAPE_ARRAY   /* as many structs in a row as the member is large */
};
struct shape;
struct shape_member {
    enum shape_kind kind;
    size_t at, size;
    const struct shape *of;
    size_t most; /* elements of a list; largest value of a number; 0: any */
};
struct shape {
    size_t size;
    const struct shape_member *members; /* the last is SHAPE_END */
};
#define SHAPE_OF(type, ...) ((struct shape){sizeof(type), (const struct shape_member[]){__VA_ARGS__, {0}}})
#define SHAPE_MEMBER(kind, type, name, of, most) {kind, offsetof(type, name), sizeof(((type *)0)->name), of, most}
#define SHAPED_SPAN(type, name)          SHAPE_MEMBER(SHAPE_SPAN, type, name, NULL, 0)
#define SHAPED_NUMBER(type, name)                                                                                      \
    SHAPE_MEMBER(SHAPE_NUMBER, type, name, NULL, (__builtin_types_compatible_p(__typeof__(((type *)0)->name), bool) ? 1 : 0))
#define SHAPED_UP_TO(type, name, largest) SHAPE_MEMBER(SHAPE_NUMBER, type, name, NULL, largest) /* an enum: what is above is refused */
#define SHAPED_REAL(type, name)          SHAPE_MEMBER(SHAPE_REAL, type, name, NULL, 0)
#define SHAPED_RAW(type, name)           SHAPE_MEMBER(SHAPE_RAW, type, name, NULL, 0)
#define SHAPED_INSIDE(type, name, of)    SHAPE_MEMBER(SHAPE_INSIDE, type, name, of, 0)
#define SHAPED_POINTED(type, name, of)   SHAPE_MEMBER(SHAPE_POINTED, type, name, of, 0)
#define SHAPED_THERE(type, name)         SHAPE_MEMBER(SHAPE_THERE, type, name, NULL, 0)
#define SHAPED_LIST(type, name, of, most) SHAPE_MEMBER(SHAPE_LIST, type, name, of, most)
#define SHAPED_FEW(type, name, of, most) SHAPE_MEMBER(SHAPE_FEW, type, name, of, most)
#define SHAPED_SPANS(type, name)         SHAPE_MEMBER(SHAPE_SPANS, type, name, NULL, 0)
#define SHAPED_ARRAY(type, name, of)     SHAPE_MEMBER(SHAPE_ARRAY, type, name, of, 0)

void shape_write(const struct shape *shape, const void *from, struct buf *out);
/* *to must be zero. Takes what it read off *rest. False: these are no such bytes; what was read so far is of no use. */
bool shape_read(struct arena *arena, const struct shape *shape, struct span *rest, void *to);
uint32_t shape_print_of(const struct shape *shape); /* the same tables of the same structs have the same */

/* The numbers by themselves: 7 bits a byte, the lowest first. */
void number_write(struct buf *out, uint64_t number);
bool number_read(struct span *rest, uint64_t *out);
