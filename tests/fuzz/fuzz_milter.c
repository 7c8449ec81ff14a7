/* The milter protocol: any bytes are read frame by frame to an end; what is said lies in the input, follows what may come before
 * it, and never more is used than is there. */
#include "fuzz.h"
#include "milter/milter.h"

static bool lies_within(struct span part, struct span whole)
{
    return !part.len || (part.at >= whole.at && part.at + part.len <= whole.at + whole.len);
}

static void pieces_read(const struct milter_said *said, struct span whole)
{
    struct span rest = said->params, piece, name, value;
    while (milter_piece(&rest, &piece))
        promise(lies_within(piece, whole));
    for (rest = said->pairs; milter_macro(&rest, &name, &value);)
        promise(lies_within(name, whole) && lies_within(value, whole));
    promise(lies_within(said->text, whole) && lies_within(said->name, whole) && lies_within(said->client.name, whole) && lies_within(said->client.path, whole));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct milter_wish wish = {.actions = 0x1ff, .steps = 0x1fffff};
    struct span rest = {(const char *)data, size};
    struct milter_talk talk = {0};
    struct milter_said said;
    struct err err;
    size_t used;
    for (enum milter_reading read; (read = milter_read(rest, &used, &said, &err)) == MILTER_SAID; rest = span_skip(rest, used)) {
        promise(used > 4 && used <= rest.len && said.command < MILTER_COMMANDS);
        pieces_read(&said, rest);
        struct milter_talk before = talk;
        if (milter_follow(&talk, &said, &wish, &err) < 0) {
            promise(err.text[0] && talk.awaited == before.awaited);
            talk = (struct milter_talk){0}; /* as a new connection would go on with the next frame */
        }
    }
    return 0;
}
