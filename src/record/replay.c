#include "record/replay.h"
#include "verdict/witnesses.h"

/* ---- lists */

static bool spans_same(const struct span *a, size_t a_len, const struct span *b, size_t b_len)
{
    bool same = a_len == b_len;
    for (size_t i = 0; same && i < a_len; i++)
        same = span_eq(a[i], b[i]);
    return same;
}

static bool brand_same(const struct brand *a, const struct brand *b)
{
    return span_eq(a->id, b->id) && span_eq(a->name, b->name) && a->kind == b->kind && a->sure == b->sure &&
           spans_same(a->names.at, a->names.len, b->names.at, b->names.len) && spans_same(a->words.at, a->words.len, b->words.at, b->words.len) &&
           spans_same(a->services.at, a->services.len, b->services.at, b->services.len);
}

const char *replay_brands_differ(const struct tables *before, const struct tables *after)
{
    bool same = brand_count(before) == brand_count(after);
    for (size_t i = 0; same && i < brand_count(before); i++)
        same = brand_same(brand_at(before, i), brand_at(after, i));
    return same ? NULL : "names of brands differ, which are looked for in text";
}

static bool brand_is(const struct brand *a, const struct brand *b)
{
    return !a || !b ? a == b : span_eq(a->id, b->id);
}

static bool label_is(const struct brand_label *a, const struct brand_label *b)
{
    return !a || !b ? a == b : a->of_domain == b->of_domain && span_eq(a->text, b->text) && span_eq(a->brand->id, b->brand->id);
}

/* What a part of a name may be taken for. */
static bool labels_same(const struct replay *replay, struct span name)
{
    struct span label;
    while (span_cut(&name, '.', &label)) {
        char plain[LABEL_MOST], look[LABEL_MOST];
        struct span text = {plain, label_plain(label, plain)};
        struct span seen = {look, look_fold(text, look)};
        size_t at;
        if (!label_is(brand_label_exact(replay->before, text), brand_label_exact(replay->after, text)) ||
            !label_is(brand_label_by_look(replay->before, seen), brand_label_by_look(replay->after, seen)) ||
            !label_is(brand_label_near(replay->before, text), brand_label_near(replay->after, text)) ||
            !label_is(brand_label_within(replay->before, text, &at), brand_label_within(replay->after, text, &at)))
            return false;
    }
    return true;
}

static bool sends_same(const struct replay *replay, struct span name)
{
    size_t count = brand_count(replay->before);
    for (size_t i = 0; i < count && i < brand_count(replay->after); i++)
        if (brand_sends(brand_at(replay->before, i), name) != brand_sends(brand_at(replay->after, i), name))
            return false;
    return true;
}

static bool name_same(const struct replay *replay, struct span name, struct span path)
{
    struct span a = {0}, b = {0};
    return host_kinds(replay->before, name, path, &a) == host_kinds(replay->after, name, path, &b) && span_eq(a, b) &&
           brand_is(brand_by_domain(replay->before, name), brand_by_domain(replay->after, name)) && labels_same(replay, name) && sends_same(replay, name);
}

static bool is_name_byte(char c)
{
    return ascii_is_alpha(c) || ascii_is_digit(c) || c == '.' || c == '-' || c == '_';
}

static bool is_path_byte(char c)
{
    return c > ' ' && c != '"' && c != '?' && c != '#' && c != '\\';
}

/* The next run of letters with a dot inside, and the path behind it where one follows. Names that were not decoded stand in
 * the facts in other places decoded. */
static bool name_next(struct span *rest, struct span *name, struct span *path)
{
    while (rest->len) {
        size_t len = 0, more = 0;
        while (len < rest->len && is_name_byte(rest->at[len]))
            len++;
        *name = span_first(*rest, len);
        *rest = span_skip(*rest, len ? len : 1);
        if (len < 4 || !span_find_byte(*name, '.'))
            continue;
        if (rest->len && rest->at[0] == '/')
            while (more < rest->len && is_path_byte(rest->at[more]))
                more++;
        *path = span_first(*rest, more);
        return true;
    }
    return false;
}

/* Where fewer links are written than the message had, what the others say is not known. */
static bool links_are_cut(struct span facts)
{
    enum { LINKS_WRITTEN = 200 };
    const char *counts = span_find(facts, S("\"counts\":{")), *links;
    struct span rest = counts ? span_from(counts, facts.at + facts.len) : (struct span){0}, number;
    uint64_t count = 0;
    links = span_find(rest, S("\"links\":"));
    if (!links)
        return true;
    rest = span_from(links + 8, rest.at + rest.len);
    return !span_cut(&rest, ',', &number) || !span_number(number, UINT32_MAX, &count) || count > LINKS_WRITTEN;
}

static bool lists_agree(struct arena *arena, const struct replay *replay, struct span facts, struct span *why)
{
    struct span rest = facts, name, path;
    if (replay->body) {
        *why = span_of(replay->body);
        return false;
    }
    if (links_are_cut(facts)) {
        *why = S("it has more links than are kept");
        return false;
    }
    while (name_next(&rest, &name, &path))
        if (!name_same(replay, arena_lower(arena, name), path)) {
            *why = arena_print(arena, "the lists say other things of %.*s", SPAN_FMT(name));
            return false;
        }
    return true;
}

/* ---- grounds */

static const struct record_ground *ground_of(const struct record_grounds *grounds, struct span name)
{
    if (grounds)
        vec_each(ground, &grounds->list)
            if (span_eq(ground->name, name))
                return ground;
    return NULL;
}

static bool ground_same(const struct record_ground *one, const struct record_ground *other)
{
    return !one || !other || span_eq(one->digest, other->digest);
}

static bool is_database(struct span name)
{
    const char *database;
    for (size_t i = 0; (database = tables_database(i)); i++)
        if (span_eq(name, span_of(database)))
            return true;
    return false;
}

struct span replay_editions_differ(struct arena *arena, const struct replay *replay, const struct record_told *told)
{
    struct buf out = {.arena = arena};
    vec_each(then, &told->grounds.list)
        if (is_database(then->name) && !ground_same(then, ground_of(replay->grounds, then->name)))
            buf_print(&out, "%s%.*s", out.len ? ", " : "", SPAN_FMT(then->name));
    return buf_span(&out);
}

/* Hosts and brands are held against the names that stand in the facts; for that the lists of then must be at hand. */
static bool ground_agrees(struct arena *arena, const struct replay *replay, const struct record_ground *then, struct span *why, bool *lists)
{
    bool compared = span_eq(then->name, S("hosts.yaml")) || span_eq(then->name, S("brands.yaml"));
    const struct record_ground *before = ground_of(replay->grounds_before, then->name);
    if (is_database(then->name) || ground_same(then, ground_of(replay->grounds, then->name)))
        return true;
    if (compared && before && ground_same(then, before)) {
        *lists = true;
        return true;
    }
    *why = compared ? arena_print(arena, "it was judged by another %.*s than the one that is compared with", SPAN_FMT(then->name))
                    : arena_print(arena, "%.*s: others than it was judged by, and they are looked for in the message", SPAN_FMT(then->name));
    return false;
}

static bool grounds_agree(struct arena *arena, const struct replay *replay, const struct record_told *told, struct span *why)
{
    bool lists = false;
    vec_each(then, &told->grounds.list)
        if (!ground_agrees(arena, replay, then, why, &lists))
            return false;
    return !lists || lists_agree(arena, replay, told->facts, why);
}

/* ---- settings */

static void settings_apply(struct arena *arena, const struct replay *replay, struct verdict_settings *out)
{
    if (replay->settings)
        *out = *replay->settings;
    if (replay->weights)
        memcpy(out->weights, replay->weights, sizeof out->weights);
    if (replay->absence)
        memcpy(out->absence, replay->absence, sizeof out->absence);
    out->prior = replay->prior < 0 ? out->prior : replay->prior;
    out->suspicious = replay->suspicious < 0 ? out->suspicious : replay->suspicious;
    out->malicious = replay->malicious < 0 ? out->malicious : replay->malicious;
    out->mode = replay->mode.len ? replay->mode : out->mode;
    out->entries = replay->entries;
    if (replay->sealer) {
        memset(&out->trusted_sealers, 0, sizeof out->trusted_sealers);
        *vec_push(arena, &out->trusted_sealers) = *replay->sealer;
    }
}

enum replay_needs record_replay(struct arena *arena, const struct replay *replay, struct record_told *told, struct span *why)
{
    if (!told->whole) {
        *why = arena_print(arena, "it was judged by another version, whose evidence %.*s this one does not know", SPAN_FMT(told->unknown));
        return REPLAY_BODY;
    }
    settings_apply(arena, replay, &told->settings);
    verdict_again(arena, &told->settings, &told->judgement, &told->report);
    if (replay->grounds && !grounds_agree(arena, replay, told, why))
        return REPLAY_BODY;
    const struct verdict_witnesses *witnesses = told->settings.witnesses;
    return !witnesses || witnesses_were_asked(arena, witnesses, &told->judgement, why) ? REPLAY_EXACT : REPLAY_NET;
}
