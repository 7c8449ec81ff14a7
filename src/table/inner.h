/* table, inside: what an open set of tables holds. Not for other rooms. */
#pragma once
#include "base/digest.h"
#include "table/brands.h"
#include "table/lists.h"
#include "table/phrases.h"
#include "table/table.h"

#include <libpsl.h>
#include <maxminddb.h>

/* Letters in lower case, eight bytes at a time; other bytes stay. */
static inline uint64_t eight_lower(uint64_t bytes)
{
    const uint64_t each = 0x0101010101010101u, low = bytes & each * 0x7f;
    uint64_t from_a = low + each * (0x80 - 'A'), past_z = low + each * (0x7f - 'Z');
    return bytes | ((from_a & ~past_z & ~bytes & each << 7) >> 2);
}

/* Open addressing over spans; value is an index, kept by the caller. Size is a power of two, at most half full. */
struct span_slot {
    struct span key;
    uint32_t value;
};
struct span_map {
    struct span_slot *slots;
    uint8_t *tags; /* of the key of each slot; 0: free */
    size_t size;
};
void span_map_size(struct arena *arena, struct span_map *map, size_t entries);
bool span_map_add(struct span_map *map, struct span key, uint32_t value); /* false: the key was there already */
const uint32_t *span_map_find(const struct span_map *map, struct span key);

/* ---- phrases in the form they are looked up in */
#include "table/phrase_index.h"

/* ---- AS numbers of address ranges: one image, in memory or mapped from a compiled file */
enum { AS_VERSION = 1 };
struct as_header {
    char magic[8];       /* AS_MAGIC */
    uint32_t version, byte_order; /* AS_VERSION, AS_BYTE_ORDER as this machine writes it */
    uint64_t size;       /* of the whole image in bytes */
    uint32_t v4_count, v6_count, as_count, text_bytes;
};
#define AS_MAGIC "SEKIAS\r\n"
#define AS_BYTE_ORDER 0x01020304u
/* The parts follow one another in this order; ranges are sorted, do not overlap, and both ends belong to them. */
struct as_range6 {
    uint8_t start[16], end[16];
    uint32_t as; /* index into the systems */
};
struct as_range4 {
    uint32_t start, end, as;
};
struct as_system {
    uint32_t number, name_at, name_length; /* the name lies in the text at the end */
};
struct as_image {
    struct span bytes;
    bool mapped; /* else from malloc */
    const struct as_range6 *v6;
    const struct as_range4 *v4;
    const struct as_system *systems;
    const char *text;
    uint32_t v4_count, v6_count;
};
int as_image_check(struct span bytes, const char *path, struct as_image *out, struct err *err);
int as_image_open(const char *path, struct as_image *out, struct err *err); /* compiled, or CSV that is small */
void as_image_close(struct as_image *image);
bool as_image_find(const struct as_image *image, const struct ip *ip, uint32_t *number, struct span *name);
int as_image_build(const char *const *csv_paths, size_t count, uint64_t most_bytes, struct span *out, struct err *err); /* from malloc */

/* ---- what the operator or the data folder says of networks */
struct network_rule {
    uint32_t asn;
    enum network_kind kind;
    struct span name, service;
    bool sure;
};
struct pool {
    struct ip first;
    unsigned bits;
    enum network_kind kind;
    struct span name, service;
    bool sure;
};

/* An answer of the suffix list, remembered. The only memory of the tables that changes after they were opened: 256 kB, a
 * process's own, and so the tables serve one thread at a time. */
enum { SUFFIXES_SEEN = 4096 };
struct suffix_seen {
    uint8_t len, suffix; /* len 0: free */
    char name[62];       /* in lower case */
};

enum { DATABASES = 3 };
struct editions {
    bool made[DATABASES];
    uint8_t sum[DATABASES][SHA256_BYTES];
};

/* ---- kinds of hosts and redirectors */
enum owner_form { OWNER_UNTOLD, OWNER_LABEL, OWNER_LABEL_MY, OWNER_PATH, OWNER_PATH_SECOND, OWNER_AFTER_A };
struct host_entry {
    struct span name;          /* "docs.google.com/forms" */
    unsigned under, exact;     /* kinds of the host and all below it; kinds of this very host only */
    enum owner_form owner;
    bool has_paths;            /* there are entries that go on with a path */
};
struct word_list {
    VEC(struct list_word {
        struct span text;      /* lower case */
        unsigned head;         /* digest of the three bytes it begins with */
    }) words;
    uint8_t *heads;            /* a bit each such digest */
};
struct host_list {
    VEC(struct host_entry) entries;
    struct span_map map;
    struct word_list asides, calls;
};
struct redirector_row {
    struct redirector redirector;
    uint32_t next; /* row of the same host, longest path first; UINT32_MAX: none */
};
struct redirector_list {
    VEC(struct redirector_row) rows;
    struct span_map map;
};

/* ---- what a name in a host may be taken for; brand_labels.c */
struct label_slot {
    uint32_t hash, label; /* label: index + 1; 0: free */
};
struct brand_labels {
    VEC(struct brand_label) list;
    struct span_map exact, looks;  /* as written; as it looks (look_fold) */
    struct label_slot *near;       /* open addressing: what is left of a label with up to two letters taken out */
    size_t near_size;
    uint64_t *near_maybe;          /* two bits of a word for each hash there is: most that are asked for are not */
    uint64_t begins[1024];         /* which three letters a label begins with */
};
struct name_word {
    unsigned uses;                 /* bits of enum name_word_use */
    uint64_t trades;               /* bits 1 << enum brand_kind */
};

/* ---- endings of file names */
struct ending {
    struct span name; /* lower case */
    enum ending_kind kind;
    bool sure, own;   /* own: from the operator's file */
};

struct tables {
    struct arena *arena;
    struct span data_dir, own_dir; /* own_dir may be empty */
    psl_ctx_t *suffixes;
    bool suffixes_built_in; /* belongs to libpsl, is not freed */
    struct suffix_seen *seen;
    struct span suffixes_name; /* of the file they came from; empty: libpsl's own */
    struct editions *editions; /* made when they are asked for */
    MMDB_s country, as_database;
    bool has_country, has_as_database;
    struct as_image as;
    VEC(struct network_rule) rules; /* by AS number */
    VEC(struct pool) pools;         /* longest prefix first */
    VEC(struct service) services;
    struct span_map hosts, ids;     /* of services */
    VEC(struct brand) brands;
    struct span_map brand_domains, brand_ids;
    struct brand_labels labels;
    struct span_map name_words;
    VEC(struct name_word) name_word_rows;
    VEC(struct weight) weights;
    VEC(struct ending) endings;
    struct span_map ending_map;
    VEC(struct span) envelope_hosts;
    struct host_list host_list;
    struct redirector_list redirector_list;
    struct phrase_index phrases;
};

/* `name` in the data folder; the path lives in the arena. */
const char *data_path(const struct tables *tables, const char *name);
/* The files of that name that are there: the data folder's, then the operator's. Returns how many. */
size_t list_paths(const struct tables *tables, const char *name, const char *out[2]);
/* The operator's file of that name; NULL where there is no such folder or file. */
const char *own_path(const struct tables *tables, const char *name);
/* Line of the first occurrence of `value` in the file, 0 where it is not found: libcyaml's structs know no lines. */
unsigned line_of(const char *path, struct span value);
int suffixes_open(struct tables *tables, const char *file, struct err *err);
int services_load(struct tables *tables, struct err *err);
int weights_load(struct tables *tables, const char *path, struct err *err); /* path NULL: weights.tsv of the data folder, which may lack */
int networks_load(struct tables *tables, struct err *err); /* after the services: rows name them */
int hosts_load(struct tables *tables, struct err *err);
int redirectors_load(struct tables *tables, struct err *err); /* after the services: rows name them */
int brands_load(struct tables *tables, struct err *err);     /* after the services: rows name them */
void brand_labels_make(struct tables *tables);               /* after the brands */
int name_words_load(struct tables *tables, struct err *err); /* before the brands */
int file_kinds_load(struct tables *tables, struct err *err);
int phrases_load(struct tables *tables, struct err *err);    /* after the brands: their names are phrases too */
int country_open(struct tables *tables, const char *path, struct err *err);
int as_open(struct tables *tables, const char *path, struct err *err);
struct span country_find(const struct tables *tables, const struct ip *ip);
bool as_find(const struct tables *tables, const struct ip *ip, uint32_t *number, struct span *name);
