#include "base/shape.h"

struct any_list { /* every VEC lies so */
    void *at;
    size_t len, cap;
};

/* ---- numbers */

void number_write(struct buf *out, uint64_t number)
{
    for (; number > 127; number >>= 7)
        buf_byte(out, (char)(number | 128));
    buf_byte(out, (char)number);
}

bool number_read(struct span *rest, uint64_t *out)
{
    *out = 0;
    for (unsigned shift = 0; rest->len && shift < 64; shift += 7) {
        uint8_t byte = (uint8_t)rest->at[0];
        *rest = span_skip(*rest, 1);
        *out |= (uint64_t)(byte & 127) << shift;
        if (byte < 128)
            return true;
    }
    return false;
}

/* Times before 1970 and "unknown" are small when their sign stands last. */
static uint64_t folded_number(const void *from, size_t size)
{
    uint64_t number = 0;
    memcpy(&number, from, size); /* little-endian, as every machine we build for */
    return size < 8 ? number : number << 1 ^ (number >> 63 ? UINT64_MAX : 0);
}

static bool number_unfold(uint64_t number, void *to, size_t size)
{
    if (size == 8)
        number = number >> 1 ^ (number & 1 ? UINT64_MAX : 0);
    else if (number >> 8 * size)
        return false;
    memcpy(to, &number, size);
    return true;
}

static void span_write(struct buf *out, struct span span)
{
    number_write(out, span.len);
    buf_add(out, span);
}

static bool raw_read(struct span *rest, size_t len, struct span *out)
{
    if (len > rest->len)
        return false;
    *out = span_first(*rest, len);
    *rest = span_skip(*rest, len);
    return true;
}

static bool span_read(struct span *rest, struct span *out)
{
    uint64_t len;
    return number_read(rest, &len) && raw_read(rest, len, out);
}

/* ---- writing */

static void list_write(const struct shape_member *member, const struct any_list *list, struct buf *out)
{
    size_t count = member->kind != SHAPE_FEW && member->most && list->len > member->most ? member->most : list->len;
    number_write(out, list->len);
    for (size_t i = 0; i < count; i++)
        if (member->kind == SHAPE_SPANS)
            span_write(out, ((const struct span *)list->at)[i]);
        else
            shape_write(member->of, (const char *)list->at + i * member->of->size, out);
}

static void member_write(const struct shape_member *member, const char *from, struct buf *out)
{
    const void *pointed = NULL;
    switch (member->kind) {
    case SHAPE_SPAN: span_write(out, *(const struct span *)from); break;
    case SHAPE_NUMBER: number_write(out, folded_number(from, member->size)); break;
    case SHAPE_REAL:
    case SHAPE_RAW: buf_add(out, (struct span){from, member->size}); break;
    case SHAPE_INSIDE: shape_write(member->of, from, out); break;
    case SHAPE_POINTED:
    case SHAPE_THERE:
        memcpy(&pointed, from, sizeof pointed);
        buf_byte(out, pointed ? 1 : 0);
        if (pointed && member->kind == SHAPE_POINTED)
            shape_write(member->of, pointed, out);
        break;
    case SHAPE_LIST:
    case SHAPE_FEW:
    case SHAPE_SPANS: list_write(member, (const struct any_list *)from, out); break;
    case SHAPE_ARRAY:
        for (size_t i = 0; i < member->size; i += member->of->size)
            shape_write(member->of, from + i, out);
        break;
    case SHAPE_END: break;
    }
}

void shape_write(const struct shape *shape, const void *from, struct buf *out)
{
    for (const struct shape_member *member = shape->members; member->kind; member++)
        member_write(member, (const char *)from + member->at, out);
}

/* ---- reading */

static bool pointed_read(struct arena *arena, const struct shape_member *member, struct span *rest, char *to)
{
    enum { ZEROES = 1024 };
    struct span byte;
    if (!raw_read(rest, 1, &byte) || (uint8_t)byte.at[0] > 1)
        return false;
    if (!byte.at[0])
        return true;
    void *pointed = arena_alloc(arena, member->of ? member->of->size : ZEROES);
    memcpy(to, &pointed, sizeof pointed);
    return !member->of || shape_read(arena, member->of, rest, pointed);
}

/* Each element is a byte at least, so a false count ends early; what it may cost until then is bounded. */
static bool list_read(struct arena *arena, const struct shape_member *member, struct span *rest, struct any_list *list)
{
    enum { MEMORY_MOST = 64 << 20 };
    uint64_t count;
    size_t size = member->kind == SHAPE_SPANS ? sizeof(struct span) : member->of->size;
    if (!number_read(rest, &count) || count > MEMORY_MOST / size || (member->kind == SHAPE_FEW && count > member->most))
        return false;
    size_t written = member->most && count > member->most ? member->most : count;
    if (!count || written > rest->len)
        return !count;
    *list = (struct any_list){arena_alloc(arena, count * size), count, count};
    for (size_t i = 0; i < written; i++) {
        char *element = (char *)list->at + i * size;
        bool read = member->kind == SHAPE_SPANS ? span_read(rest, (struct span *)(void *)element) : shape_read(arena, member->of, rest, element);
        if (!read)
            return false;
    }
    return true;
}

static bool array_read(struct arena *arena, const struct shape_member *member, struct span *rest, char *to)
{
    for (size_t i = 0; i < member->size; i += member->of->size)
        if (!shape_read(arena, member->of, rest, to + i))
            return false;
    return true;
}

static bool member_read(struct arena *arena, const struct shape_member *member, struct span *rest, char *to)
{
    uint64_t number;
    struct span raw;
    switch (member->kind) {
    case SHAPE_SPAN: return span_read(rest, (struct span *)(void *)to);
    case SHAPE_NUMBER: return number_read(rest, &number) && (!member->most || number <= member->most) && number_unfold(number, to, member->size);
    case SHAPE_REAL:
    case SHAPE_RAW:
        if (!raw_read(rest, member->size, &raw))
            return false;
        memcpy(to, raw.at, raw.len);
        return true;
    case SHAPE_INSIDE: return shape_read(arena, member->of, rest, to);
    case SHAPE_POINTED:
    case SHAPE_THERE: return pointed_read(arena, member, rest, to);
    case SHAPE_LIST:
    case SHAPE_FEW:
    case SHAPE_SPANS: return list_read(arena, member, rest, (struct any_list *)(void *)to);
    case SHAPE_ARRAY: return array_read(arena, member, rest, to);
    case SHAPE_END: break;
    }
    return false;
}

bool shape_read(struct arena *arena, const struct shape *shape, struct span *rest, void *to)
{
    for (const struct shape_member *member = shape->members; member->kind; member++)
        if (!member_read(arena, member, rest, (char *)to + member->at))
            return false;
    return true;
}

/* ---- whether tables are the same */

static uint32_t print_add(uint32_t print, size_t number)
{
    for (int i = 0; i < 4; i++, number >>= 8)
        print = (print ^ (number & 255)) * 16777619u; /* FNV-1a */
    return print;
}

static uint32_t print_of(const struct shape *shape, uint32_t print)
{
    print = print_add(print, shape->size);
    for (const struct shape_member *member = shape->members; member->kind; member++) {
        print = print_add(print_add(print_add(print, member->kind), member->at), member->size);
        if (member->of)
            print = print_of(member->of, print);
    }
    return print;
}

uint32_t shape_print_of(const struct shape *shape)
{
    return print_of(shape, 2166136261u);
}
