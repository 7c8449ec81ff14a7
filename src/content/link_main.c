#include "content/link_inner.h"

/* What the links are together: which one the mail is for, and shapes that kits leave. */
enum { LINKS_LOOKED_AT = 400, WORDS_MOST = 120, RANDOM_LETTERS = 12 };

static bool is_seen(const struct link_fact *fact)
{
    return fact->seen && fact->host.len;
}

/* How to stop the mail, who sent it, what rules hold: honest mail has these, and they are not what it is for. */
static bool is_aside(const struct link_reader *reader, const struct link_fact *fact)
{
    if (!reader->tables)
        return false;
    return link_is_aside(reader->tables, span_first(fact->link->text, WORDS_MOST)) ||
           link_is_aside(reader->tables, span_first(fact->target.path, WORDS_MOST)) ||
           link_is_aside(reader->tables, span_first(fact->target.query, WORDS_MOST));
}

static int weight_of(const struct link_reader *reader, const struct link_fact *fact, size_t to_host)
{
    struct span text = span_first(fact->link->text, WORDS_MOST);
    int weight = to_host > 1 ? 2 : 1;
    if (fact->link->kind == LINK_FORM)
        weight += 3;
    else if (fact->traits & TRAIT_IMAGE_ONLY)
        weight += 1;
    else if (text.len && text.len <= 60 && !fact->shown_host.len)
        weight += reader->tables && link_is_call(reader->tables, text) ? 4 : 1;
    if (fact->kinds & (HOST_SOCIAL | HOST_COMMON_LIBRARY))
        weight -= 3;
    return is_aside(reader, fact) ? weight - 10 : weight;
}

static void main_choose(struct link_reader *reader)
{
    int best = 0;
    size_t looked = 0;
    vec_each (fact, &reader->out->list) {
        if (!is_seen(fact))
            continue;
        if (++looked > LINKS_LOOKED_AT)
            return;
        size_t host = link_set_add(reader->arena, &reader->hosts, fact->host);
        int weight = weight_of(reader, fact, reader->host_rows.at[host].facts);
        if (!reader->out->main || weight > best) {
            reader->out->main = fact;
            best = weight;
        }
    }
}

/* The list is ours to write; others read it through `main`. */
static void main_mark(struct link_reader *reader, unsigned trait)
{
    reader->out->list.at[reader->out->main - reader->out->list.at].traits |= trait;
    reader->out->traits |= trait;
}

/* Letters and figures mixed as nobody writes them. */
static bool is_random(struct span segment)
{
    unsigned changes = 0;
    int last = -1;
    for (size_t i = 0; i < segment.len; i++) {
        char c = segment.at[i];
        int kind = ascii_is_digit(c) ? 0 : c >= 'a' && c <= 'z' ? 1 : c >= 'A' && c <= 'Z' ? 2 : 3;
        if (kind == 3)
            return false;
        changes += last >= 0 && kind != last;
        last = kind;
    }
    return segment.len >= RANDOM_LETTERS && changes >= 4;
}

/* Host and path with its random segments left out; empty where there is none. */
static struct span shape_of(struct arena *arena, const struct link_fact *fact)
{
    struct buf shape = {.arena = arena, .max = 600};
    struct span rest = span_first(fact->target.path, 400), segment;
    bool random = false;
    buf_add(&shape, fact->host);
    while (span_cut(&rest, '/', &segment)) {
        bool drawn = is_random(segment);
        random |= drawn;
        buf_byte(&shape, '/');
        buf_add(&shape, drawn ? S("*") : segment);
    }
    return random && !fact->target.query.len ? buf_span(&shape) : S("");
}

static bool shape_is_twice(struct link_reader *reader)
{
    struct link_set shapes = {0}, targets = {0};
    size_t looked = 0;
    vec_each (fact, &reader->out->list) {
        if (!is_seen(fact) || fact->through || (fact->kinds & (HOST_TRACKER | HOST_SHARE | HOST_REPUTABLE | HOST_SOCIAL)))
            continue;
        if (++looked > LINKS_LOOKED_AT)
            return false;
        struct span shape = shape_of(reader->arena, fact);
        if (!shape.len)
            continue;
        size_t before = targets.keys.len;
        link_set_add(reader->arena, &targets, fact->target.href);
        if (targets.keys.len == before)
            continue;
        before = shapes.keys.len;
        link_set_add(reader->arena, &shapes, shape);
        if (shapes.keys.len == before)
            return true;
    }
    return false;
}

void links_conclude(struct link_reader *reader)
{
    struct content_links *out = reader->out;
    size_t seen = 0, images = 0, seen_targets = 0;
    vec_each (fact, &out->list) {
        if (!is_seen(fact))
            continue;
        seen++;
        images += (fact->traits & TRAIT_IMAGE_ONLY) != 0;
        link_set_add(reader->arena, &reader->organisations, fact->organisation);
        out->kinds |= fact->kinds;
    }
    vec_each (fact, &out->list) /* data: and the like have no host, and are seen all the same */
        out->traits |= fact->seen ? fact->traits : 0;
    vec_each (use, &reader->uses) {
        out->clickable += (*use & USED_CLICKABLE) != 0;
        out->images += (*use & USED_IMAGE) != 0;
        seen_targets += (*use & USED_SEEN) != 0;
    }
    out->organisations = reader->organisations.keys.len;
    out->all_images = seen && images == seen;
    out->one_target = seen > 1 && seen_targets == 1;
    main_choose(reader);
    if (out->main && link_holds_address(reader->arena, &out->main->target))
        main_mark(reader, TRAIT_ADDRESS_INSIDE);
    if (out->main && link_holds_link(reader, out->main))
        main_mark(reader, TRAIT_LINK_INSIDE);
    out->same_shape_twice = shape_is_twice(reader);
}
