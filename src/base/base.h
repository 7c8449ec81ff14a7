/* base: bytes, arenas, growable output, errors, time and network addresses.
 *
 * In: nothing of mail. Out: the few types that every room speaks.
 * Never: reads files, the clock or the network; prints. (base/config.h reads files, base/json.h writes JSON.)
 * Sources: RFC 5322 3.3 (dates), RFC 4291 and the IANA special-purpose registries (addresses).
 */
#pragma once
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* ---- spans: bytes that outlive the span. May hold NUL; `at` may be NULL only where len is 0. */
struct span {
    const char *at;
    size_t len;
};
#define S(literal) ((struct span){(literal), sizeof(literal) - 1})
#define SPAN_FMT(s) (int)(s).len, (s).at ? (s).at : "" /* for "%.*s"; spans over 2 GB do not occur */

struct span span_of(const char *text); /* NULL gives the empty span */
struct span span_from(const char *at, const char *end);
bool span_eq(struct span a, struct span b);
bool span_eq_case(struct span a, struct span b); /* ASCII case ignored, as everywhere below */
bool span_starts(struct span s, struct span head);
bool span_starts_case(struct span s, struct span head);
bool span_ends_case(struct span s, struct span tail);
int span_compare(struct span a, struct span b);                     /* memcmp order, shorter first */
const char *span_find(struct span s, struct span what);             /* NULL where absent or what is empty */
const char *span_find_case(struct span s, struct span what);
const char *span_find_byte(struct span s, char c);
struct span span_skip(struct span s, size_t n);                     /* without the first n bytes (fewer: empty) */
struct span span_first(struct span s, size_t n);                    /* at most the first n bytes */
struct span span_trim(struct span s);                               /* space, tab, CR, LF and NUL off both ends */
bool span_cut(struct span *rest, char by, struct span *head);       /* false at the end; a last piece without `by` counts */
bool span_word(struct span *rest, struct span *word);               /* next run without white space */
bool span_is_one_of(struct span s, struct span words);              /* of these, between which stands white space; an empty one is none */
bool span_number(struct span s, uint64_t max, uint64_t *out);       /* decimal digits only, all of them, at most max */
bool span_is_ascii(struct span s);                                  /* no byte above 127 */
size_t span_letters(struct span s);                                 /* characters of UTF-8, without blanks and controls of ASCII */
bool span_is_utf8(struct span s);                                   /* RFC 3629: no overlong, no surrogate */
struct span domain_undotted(struct span name);                      /* without one final dot */
bool domain_is_or_under(struct span name, struct span of);          /* a.example.com under example.com; final dots ignored */
static inline char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 32) : c;
}
static inline bool ascii_is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
static inline bool ascii_is_digit(char c)
{
    return c >= '0' && c <= '9';
}
static inline bool ascii_is_alpha(char c)
{
    return (c | 32) >= 'a' && (c | 32) <= 'z';
}

/* ---- arena: one per message; all of it goes in one stroke. Memory comes zeroed and aligned to 16 bytes.
 * Passing the ceiling, or no memory, ends the process with a line on standard error (exit status 71): every
 * limit of the program lies below it, so this is a bug or a starved machine, never an odd mail. */
struct arena;
struct arena *arena_new(size_t ceiling);                            /* bytes */
void arena_free(struct arena **arena);                              /* accepts NULL inside; sets it NULL */
void arena_reset(struct arena *arena);                              /* all allocations gone; keeps about 1 MB for the next */
size_t arena_used(const struct arena *arena);                       /* bytes handed out since new or reset */
void *arena_alloc(struct arena *arena, size_t size);
struct span arena_copy(struct arena *arena, struct span s);         /* followed by a NUL that len does not count */
struct span arena_lower(struct arena *arena, struct span s);        /* ASCII lower case; may return s itself */
struct span arena_print(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3), nonnull));
#define arena_one(arena, type) ((type *)arena_alloc((arena), sizeof(type)))

/* ---- vectors in an arena: struct { T *at; size_t len, cap; } */
#define VEC(type)                                                                                                      \
    struct {                                                                                                           \
        type *at;                                                                                                      \
        size_t len, cap;                                                                                               \
    }
/* A pointer to a new, zeroed last element. Earlier element pointers go stale. */
#define vec_push(arena, vec)                                                                                           \
    ((vec)->at = vec_grow((arena), (vec)->at, (vec)->len, &(vec)->cap, sizeof *(vec)->at), &(vec)->at[(vec)->len++])
#define vec_each(var, vec) for (__typeof__(*(vec)->at) *var = (vec)->at; var < (vec)->at + (vec)->len; var++)
void *vec_grow(struct arena *arena, void *at, size_t len, size_t *cap, size_t size);

/* ---- growable output in an arena. Past `max` bytes (0: none) nothing more is kept and `cut` is set. */
struct buf {
    struct arena *arena;
    char *at;
    size_t len, cap, max;
    bool cut;
};
void buf_add(struct buf *b, struct span s);
void buf_byte(struct buf *b, char c);
void buf_number(struct buf *b, int64_t number);                       /* decimal */
void buf_base32(struct buf *b, const uint8_t *bytes, size_t letters); /* the first 5 * letters bits; no letter looks like a digit */
void buf_utf8(struct buf *b, uint32_t code_point);                  /* surrogates and beyond 10FFFF become U+FFFD */
void buf_print(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3), nonnull));
static inline struct span buf_span(const struct buf *b)
{
    return (struct span){b->at, b->len};
}

/* ---- errors of our own: what, where, what to do. Functions that fill one return -1. */
struct err {
    char text[512];
};
int err_set(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3))); /* always -1; err may be NULL */

/* ---- time: seconds since 1970 UTC */
#define TIME_UNKNOWN INT64_MIN
/* RFC 5322 3.3 and 4.3 with the usual faults of mailers (no seconds, no weekday, names of zones, two-digit years,
 * ISO 8601, asctime order). *zone is the offset in seconds, 0 where it is not known; false where no time can be read. */
bool time_parse(struct span text, int64_t *out, int *zone);
void time_print(struct buf *out, int64_t time);                     /* 2026-01-31T12:00:00Z; "unknown" */
int64_t time_from_civil(int64_t year, unsigned month, unsigned day);  /* midnight UTC, proleptic Gregorian */

/* ---- addresses of hosts */
enum ip_family { IP_NONE = 0, IP_V4 = 4, IP_V6 = 6 };
struct ip {
    uint8_t family;    /* enum ip_family */
    uint8_t bytes[16]; /* network order; the first 4 for IP_V4. IPv4-mapped IPv6 is read as IP_V4 */
};
enum ip_scope { IP_UNKNOWN, IP_PUBLIC, IP_PRIVATE, IP_LOOPBACK, IP_LINK_LOCAL, IP_SHARED, IP_DOCUMENTATION, IP_RESERVED };
bool ip_parse(struct span text, struct ip *out); /* also "[1.2.3.4]" and "IPv6:..." as RFC 5321 4.1.3 writes them */
void ip_print(struct buf *out, const struct ip *ip);                /* RFC 5952; "unknown" where there is none */
struct span ip_text(struct arena *arena, const struct ip *ip);      /* empty where there is none */
bool ip_eq(const struct ip *a, const struct ip *b);
bool ip_within(const struct ip *ip, const struct ip *network, unsigned bits); /* families must be equal */
bool ip_prefix_parse(struct span text, struct ip *network, unsigned *bits);   /* "192.0.2.0/24", or a bare address */
enum ip_scope ip_scope_of(const struct ip *ip);
const char *ip_scope_name(enum ip_scope scope); /* "public", "private", ... */
