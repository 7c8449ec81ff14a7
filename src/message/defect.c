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

/* The last places are for the limits that were met, each once: what was not read must not be lost behind a heap of lesser
 * things, or a message could hide that it was cut. */
void defect_keep(struct arena *arena, const struct message_limits *limits, struct message *message, struct defect defect)
{
    const size_t kinds = DEFECT_DEFECTS_LIMIT - DEFECT_MESSAGE_LIMIT + 1;
    size_t plain = limits->defects > kinds ? limits->defects - kinds : 0;
    if (message->defects.len >= plain && (defect.id < DEFECT_MESSAGE_LIMIT || defect.id > DEFECT_DEFECTS_LIMIT))
        defect = (struct defect){.id = DEFECT_DEFECTS_LIMIT, .offset = SIZE_MAX};
    for (size_t i = plain; i < message->defects.len; i++)
        if (message->defects.at[i].id == defect.id)
            return;
    *vec_push(arena, &message->defects) = defect;
}

void defect_add(struct reader *reader, enum defect_id id, const char *at, struct span detail)
{
    /* A detail must not end inside a UTF-8 character, or it could not be printed. */
    struct span kept = span_first(detail, 200);
    while (kept.len < detail.len && kept.len && ((unsigned char)detail.at[kept.len] & 0xc0) == 0x80)
        kept.len--;
    defect_keep(reader->arena, reader->limits, reader->out, (struct defect){.id = id, .offset = place_of(reader, at), .detail = kept});
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
