/* The spamd protocol: any bytes are read line by line to an end, whole or in two pieces alike; what is told lies in the input, never
 * more is used than is there, and an answer to it holds no more lines than it should. */
#include "fuzz.h"
#include "spamd/spamd.h"

static enum spamd_reading read_all(struct span bytes, size_t have, struct spamd_head *head, size_t *at)
{
    struct err err;
    struct spamd_field field;
    enum spamd_reading read = SPAMD_LINE;
    size_t used;
    while (read == SPAMD_LINE && !head->ended) {
        struct span piece = {bytes.at + *at, have - *at};
        read = spamd_head_read(head, piece, &used, &field, &err);
        promise(used <= piece.len && (read != SPAMD_FAULT || err.text[0]));
        promise(read != SPAMD_LINE || used > 0);
        promise(!field.name.len || (field.name.at >= piece.at && field.value.at + field.value.len <= piece.at + used));
        *at += read == SPAMD_LINE ? used : 0;
    }
    return read;
}

static void answers_write(const struct spamd_asked *asked, struct span text)
{
    struct arena *arena = arena_new(1 << 22);
    struct buf out = {.arena = arena};
    spamd_fault_write(asked, SPAMD_EX_PROTOCOL, text, &out);
    promise(out.len > 4 && span_find(buf_span(&out), S("\r\n\r\n")) == out.at + out.len - 4);
    arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span bytes = {(const char *)data, size};
    struct spamd_head whole = {0}, cut = {0};
    size_t whole_at = 0, cut_at = 0;
    enum spamd_reading read = read_all(bytes, size, &whole, &whole_at), half = read_all(bytes, size / 2, &cut, &cut_at);
    if (half != SPAMD_FAULT && !cut.ended)
        half = read_all(bytes, size, &cut, &cut_at);
    promise(read == half && whole_at == cut_at && whole.ended == cut.ended && whole.length == cut.length && whole.asked.verb == cut.asked.verb);
    answers_write(&whole.asked, span_first(bytes, 1000));
    return 0;
}
