/* generation, inside: the table of keys, and what reading, checking, opening and printing share. Not for other rooms. */
#pragma once
#include "base/tree.h"
#include "generation/generation.h"

enum key_type {
    TYPE_TEXT, TYPE_NAME, TYPE_ID, TYPE_HOST, TYPE_DOMAIN, TYPE_MAIL, TYPE_NETWORK, TYPE_ADDRESS, TYPE_SERVER,
    TYPE_NUMBER, TYPE_SIZE, TYPE_TIME /* in ms */, TYPE_SECONDS, TYPE_SHARE, TYPE_SCORE, TYPE_CHOICE, TYPE_YES_NO, TYPE_LIMIT,
    TYPE_FILE, TYPE_FOLDER,         /* must be there */
    TYPE_NEW_FILE, TYPE_NEW_FOLDER, /* made where they lack */
    TYPE_SECRET_FILE,               /* must be there, and not everybody's to read */
    TYPE_SECRET_FOLDER,             /* made where it lacks; nobody else's to read */
    TYPE_RECORDS, TYPE_COUNT
};
enum key_how { HOW_ONE, HOW_MUST, HOW_LIST };
enum key_record { RECORD_generation, RECORD_organisation, RECORD_person, RECORD_listener, RECORD_block_list, RECORD_block_code, RECORD_notification, RECORD_policy, RECORD_COUNT };
struct key {
    enum key_record record;
    const char *path;
    enum key_type type;
    enum key_how how;
    const char *fallback, *range;
    size_t offset, size;
};
const struct key *key_at(size_t index); /* NULL: no more. Keys of one record and one section stand together */
const struct key *key_by_path(enum key_record record, struct span path);
bool key_is_section(enum key_record record, struct span path); /* keys begin with it and a dot */
enum key_record record_named(const char *name);
size_t record_size(enum key_record record);

struct any_list { /* a VEC of whatever */
    char *at;
    size_t len, cap;
};

/* Where a member of the generation got its value. Every key of every record has one. */
struct place {
    const void *member;
    const struct key *key;
    struct span path; /* "listeners[2].address" */
    unsigned line;    /* of the key; where it was not written: of the record it belongs to, 0 for the file */
    bool written;
};
struct generation_inside {
    VEC(struct place) places; /* by member, once all is read */
    struct span folder; /* of the file */
};
void places_sort(struct generation *generation);
const struct place *place_of(const struct generation *generation, const void *member);

struct reading {
    struct arena *arena;
    struct generation *out;
    struct faults *faults;
};
/* A word into the member at `at`. err: what is wrong with it. */
typedef int key_take_t(struct reading *reading, const struct key *key, struct span text, void *at, struct err *err);
typedef void key_tell_t(const struct key *key, const void *at, const struct generation *generation, struct buf *out);
struct key_kind {
    key_take_t *take;
    key_tell_t *tell;
    size_t size; /* of one in a list */
};
const struct key_kind *key_kind(enum key_type type);

void fault_add(struct faults *faults, bool warning, unsigned line, struct span key, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* About the value of this member. */
#define FAULT(reading, member, ...) fault_at(reading, false, member, __VA_ARGS__)
#define WARNING(reading, member, ...) fault_at(reading, true, member, __VA_ARGS__)
void fault_at(struct reading *reading, bool warning, const void *member, const char *format, ...) __attribute__((format(printf, 4, 5)));

/* path.c: a path as it was written -> the whole path, looked at as its type wants it */
key_take_t take_path;

void generation_read(struct reading *reading, const struct tree *tree); /* read.c: values and defaults */
void generation_check(struct reading *reading);                         /* check.c: values against each other */
void notifications_check(struct reading *reading);                      /* notify.c */
void condition_check(struct reading *reading, const struct condition *when);
void policies_check(struct reading *reading);                           /* policy.c: and names become acts */
void generation_open(struct reading *reading);                          /* open.c: what they name */
void generation_name(struct reading *reading);                          /* digest.c: the id */
void values_print(const struct generation *generation, bool remarks, struct buf *out); /* print.c; remarks: what is a default, what is not set */
