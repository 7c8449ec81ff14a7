/* The thirty bad inputs: each is made at a size, walks a whole walk in a small world, and must come to a verdict with
 * work and memory bounded by the bytes given. */
#pragma once
#include "base/base.h"
#include "walk/walk.h"

#define BYTES(literal) {(literal), sizeof(literal) - 1} /* S() where a constant is wanted */

struct bad_world {
    struct arena *arena;
    struct buf mail;        /* the raw message */
    struct buf zone;        /* master file, $ORIGIN . */
    struct arrival arrival; /* envelope; raw is set from mail */
};

struct bad_input {
    unsigned number; /* of the list */
    const char *name;
    void (*make)(struct bad_world *world, size_t size); /* size: bytes or items, the maker's choice; grows linearly */
    size_t size;                                        /* the small one; the large one is four times it */
    bool (*expect)(const struct walk *walk);            /* what must be said of it; NULL: a verdict is enough */
    const char *expected;                               /* the same in words */
};
extern const struct bad_input bad_header_inputs[], bad_body_inputs[], bad_file_inputs[];
extern const size_t bad_header_input_count, bad_body_input_count, bad_file_input_count;

bool bad_has_defect(const struct walk *walk, const char *name);

/* ---- pieces the makers share */
void bad_envelope(struct bad_world *world, const char *client, const char *mail_from);
void bad_header(struct bad_world *world);                      /* From, To, Date, Message-ID, Subject; no blank line */
void bad_repeat(struct buf *out, const char *text, size_t times);
