#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_CHECKED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_CHECKED 1
#endif
#endif
#ifdef ARENA_CHECKED
#include <sanitizer/asan_interface.h>
#define HIDE(at, len) ASAN_POISON_MEMORY_REGION((at), (len))
#define SHOW(at, len) ASAN_UNPOISON_MEMORY_REGION((at), (len))
enum { GAP = 16 }; /* a strip between allocations in which the sanitizer sees one byte too far */
#else
#define HIDE(at, len) ((void)(at), (void)(len))
#define SHOW(at, len) ((void)(at), (void)(len))
enum { GAP = 0 };
#endif

enum { CHUNK = 64 * 1024, KEPT = 1024 * 1024, ALIGN = 16, STATUS_NO_MEMORY = 71 };

struct chunk {
    struct chunk *next;
    size_t size, used;
    char bytes[] __attribute__((aligned(ALIGN)));
};

struct arena {
    struct chunk *newest, *first; /* first is never given back before the arena */
    struct chunk *spare;          /* ordinary chunks kept over a reset, KEPT bytes at most */
    size_t used, ceiling, spare_bytes;
};

static void __attribute__((noreturn)) arena_end(const char *why, size_t asked)
{
    fprintf(stderr, "sekimori: %s (%zu bytes asked for); this process ends\n", why, asked);
    _exit(STATUS_NO_MEMORY);
}

static struct chunk *chunk_new(size_t size)
{
    struct chunk *chunk = malloc(sizeof *chunk + size);
    if (!chunk)
        arena_end("no memory", size);
    *chunk = (struct chunk){.size = size};
    HIDE(chunk->bytes, size);
    return chunk;
}

struct arena *arena_new(size_t ceiling)
{
    struct arena *arena = calloc(1, sizeof *arena);
    if (!arena)
        arena_end("no memory", sizeof *arena);
    arena->first = arena->newest = chunk_new(CHUNK);
    arena->ceiling = ceiling;
    return arena;
}

static void chunk_free(struct chunk *chunk)
{
    SHOW(chunk->bytes, chunk->size);
    free(chunk);
}

/* What a message of common size needed stays for the next one: giving it back and asking again costs page faults. */
static void chunk_leave(struct arena *arena, struct chunk *chunk)
{
    if (chunk->size != CHUNK || arena->spare_bytes >= KEPT) {
        chunk_free(chunk);
        return;
    }
    HIDE(chunk->bytes, chunk->size);
    chunk->used = 0;
    chunk->next = arena->spare;
    arena->spare = chunk;
    arena->spare_bytes += chunk->size;
}

static void chunks_drop(struct arena *arena, void (*drop)(struct arena *, struct chunk *))
{
    while (arena->newest != arena->first) {
        struct chunk *next = arena->newest->next;
        drop(arena, arena->newest);
        arena->newest = next;
    }
}

static void chunk_drop(struct arena *arena, struct chunk *chunk)
{
    chunk_free(chunk);
}

static struct chunk *chunk_spare(struct arena *arena)
{
    struct chunk *chunk = arena->spare;
    if (!chunk)
        return chunk_new(CHUNK);
    arena->spare = chunk->next;
    arena->spare_bytes -= chunk->size;
    return chunk;
}

void arena_reset(struct arena *arena)
{
    chunks_drop(arena, chunk_leave);
    HIDE(arena->first->bytes, arena->first->size);
    arena->first->used = 0;
    arena->used = 0;
}

void arena_free(struct arena **arena)
{
    if (!*arena)
        return;
    chunks_drop(*arena, chunk_drop);
    while ((*arena)->spare) {
        struct chunk *next = (*arena)->spare->next;
        chunk_free((*arena)->spare);
        (*arena)->spare = next;
    }
    chunk_free((*arena)->first);
    free(*arena);
    *arena = NULL;
}

size_t arena_used(const struct arena *arena)
{
    return arena->used;
}

static struct chunk *chunk_for(struct arena *arena, size_t need)
{
    struct chunk *chunk = arena->newest;
    if (chunk->size - chunk->used >= need)
        return chunk;
    chunk = need > CHUNK / 4 ? chunk_new(need) : chunk_spare(arena);
    if (need > CHUNK / 4 && arena->newest != arena->first) { /* a big one of its own: go on filling the newest */
        chunk->next = arena->newest->next;
        arena->newest->next = chunk;
        return chunk;
    }
    chunk->next = arena->newest;
    arena->newest = chunk;
    return chunk;
}

/* Memory that the caller fills. */
static void *arena_take(struct arena *arena, size_t size)
{
    if (size > arena->ceiling - arena->used)
        arena_end("a message's memory ceiling is reached", size);
    size_t need = (size + GAP + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    struct chunk *chunk = chunk_for(arena, need);
    char *at = chunk->bytes + chunk->used;
    chunk->used += need;
    arena->used += size;
    SHOW(at, size);
    return at;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    return memset(arena_take(arena, size), 0, size);
}

struct span arena_copy(struct arena *arena, struct span s)
{
    char *copy = arena_take(arena, s.len + 1);
    if (s.len)
        memcpy(copy, s.at, s.len);
    copy[s.len] = '\0';
    return (struct span){copy, s.len};
}

struct span arena_lower(struct arena *arena, struct span s)
{
    size_t i = 0;
    while (i < s.len && ascii_lower(s.at[i]) == s.at[i])
        i++;
    if (i == s.len)
        return s;
    struct span copy = arena_copy(arena, s);
    for (char *at = (char *)copy.at; i < s.len; i++)
        at[i] = ascii_lower(s.at[i]);
    return copy;
}

struct span arena_print(struct arena *arena, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int len = vsnprintf(NULL, 0, format, list);
    va_end(list);
    if (len < 0)
        return (struct span){0};
    char *at = arena_take(arena, (size_t)len + 1);
    va_start(list, format);
    vsnprintf(at, (size_t)len + 1, format, list);
    va_end(list);
    return (struct span){at, (size_t)len};
}

void *vec_grow(struct arena *arena, void *at, size_t len, size_t *cap, size_t size)
{
    if (len < *cap)
        return at;
    size_t more = *cap ? *cap * 2 : 4;
    char *grown = arena_take(arena, more * size);
    if (len)
        memcpy(grown, at, len * size);
    memset(grown + len * size, 0, (more - len) * size);
    *cap = more;
    return grown;
}

static size_t buf_room(struct buf *b, size_t want)
{
    if (b->max && want > b->max - b->len) {
        b->cut = true;
        want = b->max - b->len;
    }
    if (b->len + want > b->cap) {
        size_t cap = b->cap ? b->cap * 2 : 64;
        while (cap < b->len + want)
            cap *= 2;
        char *grown = arena_take(b->arena, cap);
        if (b->len)
            memcpy(grown, b->at, b->len);
        b->at = grown;
        b->cap = cap;
    }
    return want;
}

void buf_add(struct buf *b, struct span s)
{
    size_t len = buf_room(b, s.len);
    if (len)
        memcpy(b->at + b->len, s.at, len);
    b->len += len;
}

void buf_byte(struct buf *b, char c)
{
    if (b->len < b->cap && (!b->max || b->len < b->max))
        b->at[b->len++] = c;
    else
        buf_add(b, (struct span){&c, 1});
}

void buf_number(struct buf *b, int64_t number)
{
    char digits[20];
    size_t at = sizeof digits;
    uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do
        digits[--at] = (char)('0' + left % 10);
    while (left /= 10);
    if (number < 0)
        digits[--at] = '-';
    buf_add(b, (struct span){digits + at, sizeof digits - at});
}

void buf_base32(struct buf *b, const uint8_t *bytes, size_t letters)
{
    static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
    unsigned held = 0, bits = 0;
    for (size_t i = 0, n = 0; n < letters; n++) {
        if (bits < 5) {
            held = held << 8 | bytes[i++];
            bits += 8;
        }
        bits -= 5;
        buf_byte(b, alphabet[held >> bits & 31]);
    }
}

void buf_utf8(struct buf *b, uint32_t point)
{
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
        point = 0xfffd;
    char out[4];
    size_t n = 1;
    if (point < 0x80) {
        out[0] = (char)point;
    } else if (point < 0x800) {
        out[0] = (char)(0xc0 | point >> 6);
        n = 2;
    } else if (point < 0x10000) {
        out[0] = (char)(0xe0 | point >> 12);
        n = 3;
    } else {
        out[0] = (char)(0xf0 | point >> 18);
        n = 4;
    }
    for (size_t i = 1; i < n; i++)
        out[i] = (char)(0x80 | (point >> (6 * (n - 1 - i)) & 0x3f));
    buf_add(b, (struct span){out, n});
}

void buf_print(struct buf *b, const char *format, ...)
{
    char small[256];
    va_list list;
    va_start(list, format);
    int len = vsnprintf(small, sizeof small, format, list);
    va_end(list);
    if (len < 0)
        return;
    if ((size_t)len < sizeof small) {
        buf_add(b, (struct span){small, (size_t)len});
        return;
    }
    char *large = arena_take(b->arena, (size_t)len + 1);
    va_start(list, format);
    vsnprintf(large, (size_t)len + 1, format, list);
    va_end(list);
    buf_add(b, (struct span){large, (size_t)len});
}

int err_set(struct err *err, const char *format, ...)
{
    if (!err)
        return -1;
    va_list list;
    va_start(list, format);
    vsnprintf(err->text, sizeof err->text, format, list);
    va_end(list);
    return -1;
}
