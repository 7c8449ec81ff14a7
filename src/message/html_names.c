#include "message/html_reader.h"

static const struct span names[TAG_COUNT] = {
#define TAG(id, name, key, flags) [TAG_##id] = {name, sizeof name - 1},
#include "message/html_names.def"
};

const uint16_t html_tag_flags[TAG_COUNT] = {
#define TAG(id, name, key, flags) [TAG_##id] = (flags),
#include "message/html_names.def"
};

uint64_t html_key(struct span name)
{
    uint64_t key = 0, high = 0;
    if (name.len >= 8) {
        memcpy(&key, name.at, 8);
    } else if (name.len >= 4) { /* two loads that overlap: a copy of unknown length costs more than the rest */
        memcpy(&key, name.at, 4);
        memcpy(&high, name.at + name.len - 4, 4);
        key |= high << (8 * (name.len - 4));
    } else {
        for (size_t i = 0; i < name.len; i++)
            key |= (uint64_t)(unsigned char)name.at[i] << (8 * i);
    }
    /* upper case, eight at once: bit 6 without bits 5 and 7 */
    uint64_t upper = key & ~(key << 1) & ~(key >> 1) & 0x4040404040404040u;
    return key | upper >> 1;
}

enum html_tag html_tag_of(struct span name)
{
    enum html_tag tag = TAG_OTHER;
    switch (html_key(name)) {
#define TAG(id, name, key, flags)                                                                                      \
    case key:                                                                                                          \
        tag = TAG_##id;                                                                                                \
        break;
#include "message/html_names.def"
    default:
        return TAG_OTHER;
    }
    bool whole = names[tag].len == name.len && (name.len <= 8 || span_eq(names[tag], name));
    return whole ? tag : TAG_OTHER;
}

static int attr_of(struct span name)
{
    static const struct span whole[ATTR_COUNT] = {
#define ATTR(id, name, key) [ATTR_##id] = {name, sizeof name - 1},
#include "message/html_attributes.def"
    };
    int attr = -1;
    switch (html_key(name)) {
#define ATTR(id, name, key)                                                                                            \
    case key:                                                                                                          \
        attr = ATTR_##id;                                                                                              \
        break;
#include "message/html_attributes.def"
    default:
        return -1;
    }
    return whole[attr].len == name.len && (name.len <= 8 || span_eq(whole[attr], name)) ? attr : -1;
}

void html_attrs_read(const struct html_token *token, struct html_attrs *out)
{
    out->present = 0;
    vec_each(at, &token->attributes) {
        int attr = attr_of(at->name);
        if (attr < 0 || attr_has(out, (enum html_attr)attr))
            continue;
        out->present |= 1u << attr;
        out->of[attr] = at->value;
    }
}
