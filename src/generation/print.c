#include "generation/inner.h"

struct printing {
    const struct generation *generation;
    struct buf *out;
    bool remarks; /* # default, and keys without a value */
};

static void record_print(const struct printing *printing, enum key_record record, const char *base, unsigned indent);

static void indent_print(struct buf *out, unsigned indent)
{
    buf_print(out, "%*s", (int)indent, "");
}

static bool is_empty(const struct key *key, const char *at)
{
    switch (key->type) {
    case TYPE_NUMBER: case TYPE_SIZE: case TYPE_TIME: case TYPE_SECONDS: case TYPE_SHARE: case TYPE_SCORE: case TYPE_CHOICE: case TYPE_YES_NO: case TYPE_LIMIT:
        return false;
    case TYPE_ADDRESS:
        return !((const struct address *)at)->text.len;
    default:
        return !((const struct span *)at)->len;
    }
}

static void words_print(const struct printing *printing, const struct key *key, const char *name, const struct any_list *list)
{
    const struct key_kind *kind = key_kind(key->type);
    buf_print(printing->out, "%s: [", name);
    for (size_t i = 0; i < list->len; i++) {
        buf_add(printing->out, i ? S(", ") : S(""));
        kind->tell(key, list->at + i * kind->size, printing->generation, printing->out);
    }
    buf_byte(printing->out, ']');
}

static void remark_print(const struct printing *printing, const char *at)
{
    const struct place *place = place_of(printing->generation, at);
    if (printing->remarks && place && !place->written)
        buf_add(printing->out, S(" # default"));
    buf_byte(printing->out, '\n');
}

static void records_print(const struct printing *printing, const struct key *key, const char *name, const struct any_list *list, unsigned indent)
{
    enum key_record record = record_named(key->range);
    buf_print(printing->out, "%s:", name);
    if (!list->len) {
        buf_add(printing->out, S(" []"));
        remark_print(printing, (const char *)list);
        return;
    }
    buf_byte(printing->out, '\n');
    for (size_t i = 0; i < list->len; i++) {
        indent_print(printing->out, indent + 2);
        buf_add(printing->out, S("- "));
        record_print(printing, record, list->at + i * record_size(record), indent + 4);
    }
}

static void key_print(const struct printing *printing, const struct key *key, const char *name, const char *at, unsigned indent)
{
    if (key->type == TYPE_RECORDS) {
        records_print(printing, key, name, (const struct any_list *)at, indent);
        return;
    }
    if (key->how == HOW_LIST) {
        words_print(printing, key, name, (const struct any_list *)at);
    } else {
        buf_print(printing->out, "%s: ", name);
        key_kind(key->type)->tell(key, at, printing->generation, printing->out);
    }
    remark_print(printing, at);
}

/* The cursor stands behind the indent of the first key: a record of a list begins behind its dash. */
static void record_print(const struct printing *printing, enum key_record record, const char *base, unsigned indent)
{
    const struct key *key;
    struct span section = {0};
    bool first = true;
    for (size_t i = 0; (key = key_at(i)); i++) {
        const char *at = base + key->offset, *dot = strchr(key->path, '.'), *name = dot ? dot + 1 : key->path;
        if (key->record != record)
            continue;
        bool empty = key->how != HOW_LIST && is_empty(key, at);
        if (empty && !printing->remarks)
            continue;
        struct span here = dot ? span_from(key->path, dot) : S("");
        if (here.len && !span_eq(here, section)) {
            indent_print(printing->out, first ? 0 : indent);
            buf_print(printing->out, "%.*s:\n", SPAN_FMT(here));
        }
        section = here;
        if (!first || here.len)
            indent_print(printing->out, indent + (here.len ? 2 : 0));
        first = false;
        if (empty)
            buf_print(printing->out, "# %s: not set\n", name);
        else
            key_print(printing, key, name, at, indent + (here.len ? 2 : 0));
    }
}

void values_print(const struct generation *generation, bool remarks, struct buf *out)
{
    struct printing printing = {generation, out, remarks};
    record_print(&printing, RECORD_generation, (const char *)generation, 0);
}

void generation_print(const struct generation *generation, struct buf *out)
{
    buf_print(out, "# %.*s, generation %.*s: every value in force. Files of secrets are named, not shown.\n", SPAN_FMT(generation->path),
              SPAN_FMT(generation->id));
    values_print(generation, true, out);
}
