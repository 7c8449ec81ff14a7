/* The index of brands' labels. Near ones are found by what is left of both when a letter or two are taken out of each (a slip of
 * one key leaves the same rest), so a look-up never walks the list. */
#include "table/inner.h"

enum { NAME_LEAST = 4, WITHIN_LEAST = 5, LONE_NAME_LEAST = 8 };

size_t label_plain(struct span label, char out[LABEL_MOST])
{
    size_t len = 0;
    for (size_t i = 0; i < label.len && len < LABEL_MOST; i++)
        if (label.at[i] != '-')
            out[len++] = ascii_lower(label.at[i]);
    return len;
}

size_t look_fold(struct span plain, char out[LABEL_MOST])
{
    size_t len = 0;
    for (size_t i = 0; i < plain.len && len < LABEL_MOST; i++) {
        char c = plain.at[i], next = i + 1 < plain.len ? plain.at[i + 1] : 0;
        bool two = (c == 'r' && next == 'n') || (c == 'v' && next == 'v') || (c == 'c' && next == 'l');
        i += two;
        out[len++] = two ? (c == 'r' ? 'm' : c == 'v' ? 'w' : 'd') : c == '0' ? 'o' : c == '1' || c == 'i' ? 'l' : c == '5' ? 's' : c == '3' ? 'e' : c;
    }
    return len;
}

/* ---- slips of the keys */

static bool keys_touch(char a, char b)
{
    static const char *const rows[] = {"1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"};
    int row[2] = {-1, -1}, column[2] = {0, 0};
    const char keys[2] = {a, b};
    for (int k = 0; k < 2; k++)
        for (int r = 0; r < 4; r++) {
            const char *found = keys[k] ? strchr(rows[r], keys[k]) : NULL;
            if (found)
                row[k] = r, column[k] = (int)(found - rows[r]);
        }
    if (row[0] < 0 || row[1] < 0)
        return false;
    int down = row[1] - row[0], right = column[1] - column[0];
    return (down == 0 && (right == 1 || right == -1)) || (down == 1 && (right == 0 || right == -1)) || (down == -1 && (right == 0 || right == 1));
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* A key too many is a slip only where it doubles its neighbour or lies beside it. */
static unsigned cost_of_extra(struct span a, size_t i)
{
    char c = a.at[i], before = i ? a.at[i - 1] : 0, after = i + 1 < a.len ? a.at[i + 1] : 0;
    return c == before || c == after || keys_touch(c, before) || keys_touch(c, after) ? 1 : 2;
}

static unsigned cell(const unsigned rows[3][LABEL_MOST + 1], struct span a, struct span b, size_t i, size_t k)
{
    char x = a.at[i - 1], y = b.at[k - 1];
    unsigned best = rows[1][k - 1] + (x == y ? 0 : keys_touch(x, y) ? 1 : 2);
    best = least(best, rows[1][k] + cost_of_extra(a, i - 1));
    best = least(best, rows[2][k - 1] + 1);
    if (i > 1 && k > 1 && x == b.at[k - 2] && a.at[i - 2] == y)
        best = least(best, rows[0][k - 2] + 1);
    return best;
}

unsigned typing_distance(struct span a, struct span b, unsigned most)
{
    unsigned rows[3][LABEL_MOST + 1]; /* before last, last, this */
    if (a.len > LABEL_MOST || b.len > LABEL_MOST || a.len > b.len + most || b.len > a.len + most)
        return most + 1;
    for (size_t k = 0; k <= b.len; k++)
        rows[0][k] = rows[1][k] = (unsigned)k;
    for (size_t i = 1; i <= a.len; i++) {
        unsigned lowest = rows[2][0] = rows[1][0] + cost_of_extra(a, i - 1);
        for (size_t k = 1; k <= b.len; k++)
            lowest = least(lowest, rows[2][k] = cell((const unsigned(*)[LABEL_MOST + 1])rows, a, b, i, k));
        if (lowest > most)
            return most + 1;
        memcpy(rows[0], rows[1], sizeof rows[0]);
        memcpy(rows[1], rows[2], sizeof rows[1]);
    }
    return least(rows[1][b.len], most + 1);
}

/* ---- what is left with letters taken out, as hashes: polynomials, so that each is a sum of what was worked out once */

struct rests {
    uint64_t whole;
    uint64_t last[LABEL_NEAR_MOST];  /* what the sum changes by when letter i is taken out; the only one, or the later of two */
    uint64_t first[LABEL_NEAR_MOST]; /* the earlier of two: those behind it count one power less already */
    size_t len;
};
static void rests_begin(struct rests *rests, struct span plain)
{
    const uint64_t base = 0x9e3779b97f4a7c15u;
    uint64_t head = 0, step[LABEL_NEAR_MOST], power = 1, power_before = 0;
    rests->len = plain.len;
    for (size_t i = 0; i < plain.len; i++) {
        uint64_t next = head * base + (unsigned char)plain.at[i];
        step[i] = head - next;
        head = next;
    }
    rests->whole = head;
    for (size_t i = plain.len; i-- > 0; power_before = power, power *= base) {
        rests->last[i] = step[i] * power;
        rests->first[i] = step[i] * power_before;
    }
}

/* Without letters i and k; i == len: without none, k == len: without i alone. */
static uint32_t rest_of(const struct rests *rests, size_t i, size_t k)
{
    uint64_t hash = rests->whole;
    if (i < rests->len)
        hash += k < rests->len ? rests->first[i] + rests->last[k] : rests->last[i];
    hash ^= hash >> 29;
    return (uint32_t)(hash * 0xbf58476d1ce4e5b9u >> 32);
}

static size_t rests_count(size_t len)
{
    if (len < LABEL_NEAR_LEAST - 2 || len > LABEL_NEAR_MOST)
        return 0;
    return 1 + len + (len >= LABEL_NEAR_TWO - 2 ? len * (len - 1) / 2 : 0);
}

/* The n-th of rests_count. */
static uint32_t rest_at(const struct rests *rests, size_t *i, size_t *k)
{
    uint32_t hash = rest_of(rests, *i, *k);
    bool two = rests->len >= LABEL_NEAR_TWO - 2;
    if (*i == rests->len) { /* after the whole: without the first, and so on */
        *i = 0;
        *k = rests->len;
    } else if (two && *k > *i + 1) {
        --*k;
    } else {
        ++*i;
        *k = rests->len;
    }
    return hash;
}

/* Two bits of one word: the table is far larger, a host's label asks for a hundred hashes, and nearly none of them is there. */
static uint64_t *near_word(const struct brand_labels *labels, uint32_t hash)
{
    return &labels->near_maybe[hash & (labels->near_size / 32 - 1)];
}

static uint64_t near_bits(uint32_t hash)
{
    return 1ull << (hash >> 20 & 63) | 1ull << (hash >> 26);
}

static bool near_may_hold(const struct brand_labels *labels, uint32_t hash)
{
    return !(near_bits(hash) & ~*near_word(labels, hash));
}

static void near_add(struct brand_labels *labels, uint32_t index)
{
    struct rests rests;
    struct span text = labels->list.at[index].text;
    size_t count = text.len >= LABEL_NEAR_LEAST ? rests_count(text.len) : 0, i = text.len, k = text.len;
    if (count)
        rests_begin(&rests, text);
    for (size_t n = 0; n < count; n++) {
        uint32_t hash = rest_at(&rests, &i, &k);
        size_t at = hash & (labels->near_size - 1);
        while (labels->near[at].label)
            at = (at + 1) & (labels->near_size - 1);
        labels->near[at] = (struct label_slot){hash, index + 1};
        *near_word(labels, hash) |= near_bits(hash);
    }
}

static bool is_near(const struct brand_label *label, struct span plain)
{
    unsigned most = label->text.len >= LABEL_NEAR_TWO ? 2 : 1;
    return typing_distance(plain, label->text, most) <= most;
}

const struct brand_label *brand_label_near(const struct tables *tables, struct span plain)
{
    const struct brand_labels *labels = &tables->labels;
    struct rests rests;
    size_t count = labels->near_size ? rests_count(plain.len) : 0, i = plain.len, k = plain.len;
    if (count)
        rests_begin(&rests, plain);
    for (size_t n = 0; n < count; n++) {
        uint32_t hash = rest_at(&rests, &i, &k);
        if (!near_may_hold(labels, hash))
            continue;
        for (size_t at = hash & (labels->near_size - 1); labels->near[at].label; at = (at + 1) & (labels->near_size - 1))
            if (labels->near[at].hash == hash && is_near(&labels->list.at[labels->near[at].label - 1], plain))
                return &labels->list.at[labels->near[at].label - 1];
    }
    return NULL;
}

/* ---- exact, by look, within */

static const struct brand_label *label_found(const struct tables *tables, const struct span_map *map, struct span text)
{
    const uint32_t *found = span_map_find(map, text);
    return found ? &tables->labels.list.at[*found] : NULL;
}

const struct brand_label *brand_label_exact(const struct tables *tables, struct span plain)
{
    return label_found(tables, &tables->labels.exact, plain);
}

const struct brand_label *brand_label_by_look(const struct tables *tables, struct span look)
{
    return label_found(tables, &tables->labels.looks, look);
}

static unsigned beginning(const char *at)
{
    return ((unsigned char)at[0] * 1313u + (unsigned char)at[1] * 79u + (unsigned char)at[2]) & 65535;
}

const struct brand_label *brand_label_within(const struct tables *tables, struct span plain, size_t *at)
{
    const struct brand_labels *labels = &tables->labels;
    const struct brand_label *best = NULL;
    for (size_t i = 0; i + WITHIN_LEAST <= plain.len; i++) {
        unsigned begin = beginning(plain.at + i);
        if (!(labels->begins[begin / 64] >> begin % 64 & 1))
            continue;
        size_t longest = plain.len - i < LABEL_NEAR_MOST ? plain.len - i : LABEL_NEAR_MOST;
        for (size_t len = longest; len >= WITHIN_LEAST && (!best || len > best->text.len); len--) {
            const struct brand_label *found = len < plain.len ? brand_label_exact(tables, (struct span){plain.at + i, len}) : NULL;
            if (found) {
                best = found;
                *at = i;
            }
        }
    }
    return best;
}

/* ---- the list itself */

static bool is_word_of(const struct brand *brand, struct span plain)
{
    vec_each(word, &brand->words)
        if (span_eq_case(*word, plain))
            return true;
    return false;
}

static struct span first_label(struct span domain)
{
    const char *dot = span_find_byte(domain, '.');
    return dot ? span_from(domain.at, dot) : domain;
}

static bool owns_label(const struct brand *brand, struct span plain)
{
    vec_each(domain, &brand->domains) {
        char out[LABEL_MOST];
        size_t len = label_plain(first_label(*domain), out);
        if (span_eq((struct span){out, len}, plain))
            return true;
    }
    return false;
}

static void label_add(struct tables *tables, const struct brand *brand, struct span plain)
{
    if (plain.len < NAME_LEAST || is_word_of(brand, plain))
        return;
    vec_each(have, &tables->labels.list)
        if (span_eq(have->text, plain))
            return;
    *vec_push(tables->arena, &tables->labels.list) =
        (struct brand_label){.text = arena_copy(tables->arena, plain), .brand = brand, .of_domain = owns_label(brand, plain)};
}

/* Letters and figures of an ASCII name without what parts its words; 0: it has others. */
static size_t name_plain(struct span name, char out[LABEL_MOST])
{
    size_t len = 0;
    for (size_t i = 0; i < name.len; i++) {
        char c = ascii_lower(name.at[i]);
        bool letter = ascii_is_alpha(c) || ascii_is_digit(c);
        if (len == LABEL_MOST || (!letter && !strchr(" .-&'!+", c)))
            return 0;
        if (letter)
            out[len++] = c;
    }
    return len;
}

/* A name alone is a label where a domain of the brand is called so, or where it is long enough to mean nothing else. */
static bool names_add(struct tables *tables, const struct brand *brand)
{
    bool any = false;
    vec_each(name, &brand->names) {
        char out[LABEL_MOST];
        struct span plain = {out, name_plain(*name, out)};
        any |= plain.len >= NAME_LEAST;
        if (plain.len >= LONE_NAME_LEAST || (plain.len && owns_label(brand, plain)))
            label_add(tables, brand, plain);
    }
    return any;
}

static bool holds_name(const struct brand *brand, struct span plain)
{
    vec_each(name, &brand->names) {
        char out[LABEL_MOST];
        struct span text = {out, name_plain(*name, out)};
        if (text.len >= WITHIN_LEAST && span_find(plain, text))
            return true;
    }
    return false;
}

/* Of a brand with names in Latin letters, other labels of its domains may be ordinary words: only those that hold a name or a hyphen. */
static void domains_add(struct tables *tables, const struct brand *brand, bool named)
{
    vec_each(domain, &brand->domains) {
        char out[LABEL_MOST];
        struct span label = first_label(*domain), plain = {out, label_plain(label, out)};
        if (!span_starts(label, S("xn--")) && (!named || span_find_byte(label, '-') || holds_name(brand, plain)))
            label_add(tables, brand, plain);
    }
}

static void maps_fill(struct tables *tables)
{
    struct brand_labels *labels = &tables->labels;
    size_t rests = 0;
    span_map_size(tables->arena, &labels->exact, labels->list.len);
    span_map_size(tables->arena, &labels->looks, labels->list.len);
    vec_each(label, &labels->list) {
        char out[LABEL_MOST];
        uint32_t index = (uint32_t)(label - labels->list.at);
        span_map_add(&labels->exact, label->text, index);
        span_map_add(&labels->looks, arena_copy(tables->arena, (struct span){out, look_fold(label->text, out)}), index);
        unsigned begin = beginning(label->text.at);
        labels->begins[begin / 64] |= (uint64_t)1 << begin % 64;
        rests += label->text.len >= LABEL_NEAR_LEAST ? rests_count(label->text.len) : 0;
    }
    for (labels->near_size = 64; labels->near_size < rests * 2;)
        labels->near_size *= 2;
    labels->near = arena_alloc(tables->arena, labels->near_size * sizeof *labels->near);
    labels->near_maybe = arena_alloc(tables->arena, labels->near_size / 4);
    for (uint32_t i = 0; i < labels->list.len; i++)
        near_add(labels, i);
}

void brand_labels_make(struct tables *tables)
{
    vec_each(brand, &tables->brands)
        domains_add(tables, brand, names_add(tables, brand));
    maps_fill(tables);
}
