/* keyring/inner: what the files of this room share. */
#pragma once
#include "keyring/keyring.h"

enum { SECRET_BYTES = 32, KEY_ID_LETTERS = 12, FILE_MOST_BYTES = 1 << 20 };
static const int for_others = 077;

/* ---- disk.c: names are of files in the folder */
int folder_open(const char *path, struct err *err); /* -1; -2: it is not there */
int folder_make(const char *path, uid_t owner, struct err *err);
int folder_lock(int folder, struct err *err); /* waits */
int file_take(int folder, const char *name, struct arena *arena, struct span *out, struct err *err); /* 1, 0: not there, -1 */
int file_put(int folder, const char *name, struct span bytes, struct err *err); /* whole and on disk, or not at all */
void files_sweep(const struct keyring *ring); /* secrets that no key has, and what was never renamed */
struct span secret_name(struct arena *arena, struct span id);

/* ---- table.c */
void table_write(const struct keyring *ring, struct buf *out);
int table_read(struct keyring *ring, struct span text, struct err *err);

/* ---- make.c */
int secret_make(struct arena *arena, struct ring_key *key, struct err *err);
struct span id_make(struct arena *arena);
int secret_read(struct arena *arena, const struct ring_key *key, struct span text, struct span *out, struct err *err); /* as the file has it */
struct span secret_text(struct arena *arena, const struct ring_key *key);                                            /* and back */
void wipe(struct span secret);
