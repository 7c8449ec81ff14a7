#include "message/reader.h"

static const struct {
    const char *name, *en, *ja;
} rows[] = {
#define DEFECT(id, name, en, ja) [id] = {name, en, ja},
#include "message/defect.def"
#undef DEFECT
};

const char *defect_name(enum defect_id id)
{
    return (unsigned)id < DEFECT_COUNT ? rows[id].name : "unknown";
}

const char *defect_text(enum defect_id id, bool japanese)
{
    if ((unsigned)id >= DEFECT_COUNT)
        return "";
    return japanese ? rows[id].ja : rows[id].en;
}

static size_t place_of(const struct reader *reader, const char *at)
{
    struct span raw = reader->out->raw;
    if (at && at >= raw.at && at <= raw.at + raw.len)
        return (size_t)(at - raw.at);
    return at ? reader->text_offset : SIZE_MAX;
}

void defect_add(struct reader *reader, enum defect_id id, const char *at, struct span detail)
{
    struct message *message = reader->out;
    size_t most = reader->limits->defects;
    if (message->defects.len >= most)
        return;
    struct defect *defect = vec_push(reader->arena, &message->defects);
    if (message->defects.len == most) {
        *defect = (struct defect){.id = DEFECT_DEFECTS_LIMIT, .offset = SIZE_MAX};
        return;
    }
    /* A detail must not end inside a UTF-8 character, or it could not be printed. */
    struct span kept = span_first(detail, 200);
    while (kept.len < detail.len && kept.len && ((unsigned char)detail.at[kept.len] & 0xc0) == 0x80)
        kept.len--;
    *defect = (struct defect){.id = id, .offset = place_of(reader, at), .detail = kept};
}

void defect_add_once(struct reader *reader, enum defect_id id, const char *at, struct span detail)
{
    uint64_t bit = (uint64_t)1 << (id % 64);
    if (reader->told[id / 64] & bit)
        return;
    reader->told[id / 64] |= bit;
    defect_add(reader, id, at, detail);
}

void message_limits_default(struct message_limits *limits)
{
    *limits = (struct message_limits){
#define LIMIT(name, value, en) .name = (value),
#include "message/limit.def"
#undef LIMIT
    };
}

const char *direction_name(enum direction direction)
{
    static const char *const names[] = {"unknown", "inbound", "outbound", "submission", "internal", "reinject"};
    return (unsigned)direction < sizeof names / sizeof *names ? names[direction] : names[0];
}
