/* ledger: rows in this process's memory, the newest so many; they end with the process. */
#include "role/ledger.h"

#include <stdlib.h>
#include <time.h>

enum { KEY_BYTES = 32, ID_MOST = 64 };

struct row {
    uint8_t key[KEY_BYTES];
    char id[ID_MOST];
    size_t id_len, report_len;
    char *report;
    int64_t until;
    uint32_t by_key, by_id; /* the next of the same bucket, +1; 0: none */
};

struct ledger {
    struct row *rows; /* a ring */
    size_t room, len, next;
    uint32_t *keys, *ids; /* buckets: places in rows, +1 */
    size_t buckets;
    int64_t seconds;
};

static void *memory(size_t count, size_t size)
{
    void *got = calloc(count, size);
    if (!got)
        abort();
    return got;
}

int ledger_open(const struct keeper_settings *settings, struct ledger **out, struct err *err)
{
    struct ledger *ledger = memory(1, sizeof *ledger);
    ledger->room = settings->most_records ? settings->most_records : 1;
    ledger->seconds = settings->seconds;
    for (ledger->buckets = 64; ledger->buckets < ledger->room;)
        ledger->buckets *= 2;
    ledger->rows = memory(ledger->room, sizeof *ledger->rows);
    ledger->keys = memory(ledger->buckets, sizeof *ledger->keys);
    ledger->ids = memory(ledger->buckets, sizeof *ledger->ids);
    *out = ledger;
    return 0;
}

void ledger_close(struct ledger **ledger)
{
    if (!*ledger)
        return;
    for (size_t i = 0; i < (*ledger)->len; i++)
        free((*ledger)->rows[i].report);
    free((*ledger)->rows);
    free((*ledger)->keys);
    free((*ledger)->ids);
    free(*ledger);
    *ledger = NULL;
}

static size_t bucket_of(const struct ledger *ledger, struct span s)
{
    uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */
    for (size_t i = 0; i < s.len; i++)
        hash = (hash ^ (unsigned char)s.at[i]) * 0x100000001b3u;
    return (size_t)(hash ^ hash >> 29) & (ledger->buckets - 1);
}

static struct span key_of(const struct row *row)
{
    return (struct span){(const char *)row->key, KEY_BYTES};
}

static struct span id_of(const struct row *row)
{
    return (struct span){row->id, row->id_len};
}

static struct row *find_key(const struct ledger *ledger, struct span key, int64_t now)
{
    for (uint32_t at = ledger->keys[bucket_of(ledger, key)]; at; at = ledger->rows[at - 1].by_key)
        if (span_eq(key_of(&ledger->rows[at - 1]), key) && ledger->rows[at - 1].until > now)
            return &ledger->rows[at - 1];
    return NULL;
}

static struct row *find_id(const struct ledger *ledger, struct span id, int64_t now)
{
    for (uint32_t at = ledger->ids[bucket_of(ledger, id)]; at; at = ledger->rows[at - 1].by_id)
        if (span_eq(id_of(&ledger->rows[at - 1]), id) && ledger->rows[at - 1].until > now)
            return &ledger->rows[at - 1];
    return NULL;
}

static void row_drop(struct ledger *ledger, uint32_t place)
{
    struct row *row = &ledger->rows[place - 1];
    uint32_t *at = &ledger->keys[bucket_of(ledger, key_of(row))];
    while (*at != place)
        at = &ledger->rows[*at - 1].by_key;
    *at = row->by_key;
    at = &ledger->ids[bucket_of(ledger, id_of(row))];
    while (*at != place)
        at = &ledger->rows[*at - 1].by_id;
    *at = row->by_id;
    free(row->report);
}

static void row_add(struct ledger *ledger, const struct keep_row *from, int64_t now)
{
    uint32_t place = (uint32_t)ledger->next + 1;
    struct row *row = &ledger->rows[ledger->next];
    if (ledger->len == ledger->room)
        row_drop(ledger, place);
    else
        ledger->len++;
    ledger->next = (ledger->next + 1) % ledger->room;
    *row = (struct row){.id_len = from->id.len, .report_len = from->report.len, .until = now + ledger->seconds};
    memcpy(row->key, from->key.at, KEY_BYTES);
    memcpy(row->id, from->id.at, from->id.len);
    row->report = memory(1, from->report.len + 1);
    memcpy(row->report, from->report.at, from->report.len);
    uint32_t *key = &ledger->keys[bucket_of(ledger, from->key)], *id = &ledger->ids[bucket_of(ledger, from->id)];
    row->by_key = *key;
    row->by_id = *id;
    *key = *id = place;
}

static void row_give(struct arena *arena, const struct row *row, struct kept *out)
{
    *out = (struct kept){.how = KEPT_KNOWN, .id = arena_copy(arena, id_of(row)),
                         .report = arena_copy(arena, (struct span){row->report, row->report_len})};
}

int ledger_keep(struct ledger *ledger, struct arena *arena, const struct keep_row *from, struct kept *out, struct err *err)
{
    int64_t now = time(NULL);
    if (from->key.len != KEY_BYTES || !from->id.len || from->id.len > ID_MOST || !from->report.len)
        return err_set(err, "the record has no key, id or report");
    const struct row *known = find_key(ledger, from->key, now);
    *out = (struct kept){.how = KEPT_NEW};
    if (known)
        row_give(arena, known, out);
    else
        row_add(ledger, from, now);
    return 0;
}

int ledger_find(struct ledger *ledger, struct arena *arena, struct span id, struct kept *out, struct err *err)
{
    const struct row *row = find_id(ledger, id, time(NULL));
    *out = (struct kept){.how = KEPT_NONE};
    if (row)
        row_give(arena, row, out);
    return 0;
}

uint64_t ledger_count(const struct ledger *ledger)
{
    return ledger->len;
}

int ledger_commit(struct ledger *ledger, struct err *err)
{
    return 0; /* memory has nothing to wait for */
}
