/* A disk that fills, fails, or loses power: SQLite's own file system with a few calls watched. */
#pragma once
#include <sqlite3.h>
#include <stdbool.h>

struct failing_disk {
    long writes_left;        /* until they fail; -1: never */
    int write_code;          /* what they fail with: SQLITE_FULL, SQLITE_IOERR_WRITE */
    bool syncs_fail;
    bool keeps_synced;       /* NAME.synced is what would be left of NAME after power is lost, at its worst */
    long writes, syncs;      /* how many there were */
};
extern struct failing_disk disk;

void disk_put_in(void); /* every store opened from now on lies on it; once a process */
