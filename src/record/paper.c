/* paper: a report's pieces in one compressed frame. The dictionary is part of the program: a frame names the one it needs, and
 * one that was released is never taken away. */
#include "record/inner.h"

#include "base/shape.h"

#include <zstd.h>

enum { LEVEL = 1, PAPER_MOST = 64 << 20, PAPER_VERSION = 1 };

static const struct shape mark_shape = SHAPE_OF(struct record_mark, SHAPED_NUMBER(struct record_mark, kind), SHAPED_SPAN(struct record_mark, value));
static const struct shape paper_shape =
    SHAPE_OF(struct paper, SHAPED_SPAN(struct paper, facts), SHAPED_SPAN(struct paper, judgement), SHAPED_SPAN(struct paper, page),
             SHAPED_LIST(struct paper, marks, &mark_shape, 0), SHAPED_SPANS(struct paper, recipients));

/* Of one process: made with the first use, so after every fork. */
static struct {
    ZSTD_CCtx *compressor;
    ZSTD_DCtx *expander;
    ZSTD_CDict *compressing;
    ZSTD_DDict *expanding;
} tools;

static void tools_ready(void)
{
    if (tools.compressor)
        return;
    tools.compressor = ZSTD_createCCtx();
    tools.expander = ZSTD_createDCtx();
    ZSTD_CCtx_setParameter(tools.compressor, ZSTD_c_compressionLevel, LEVEL);
    ZSTD_CCtx_setParameter(tools.compressor, ZSTD_c_checksumFlag, 1);
    if (!record_dictionary_len)
        return;
    tools.compressing = ZSTD_createCDict(record_dictionary, record_dictionary_len, LEVEL);
    tools.expanding = ZSTD_createDDict(record_dictionary, record_dictionary_len);
    ZSTD_CCtx_refCDict(tools.compressor, tools.compressing);
    ZSTD_DCtx_refDDict(tools.expander, tools.expanding);
}

void paper_pack(struct arena *arena, struct span plain, struct buf *out)
{
    tools_ready();
    size_t most = ZSTD_compressBound(plain.len);
    char *at = arena_alloc(arena, most);
    size_t len = ZSTD_compress2(tools.compressor, at, most, plain.at, plain.len);
    if (!ZSTD_isError(len)) /* it has all the room that it can want, so never */
        buf_add(out, (struct span){at, len});
}

void paper_write(struct arena *arena, const struct paper *paper, struct buf *out)
{
    struct buf plain = {.arena = arena};
    buf_byte(&plain, PAPER_VERSION);
    shape_write(&paper_shape, paper, &plain);
    paper_pack(arena, buf_span(&plain), out);
}

int paper_plain(struct arena *arena, struct span bytes, struct buf *out, struct err *err)
{
    tools_ready();
    unsigned long long size = ZSTD_getFrameContentSize(bytes.at, bytes.len);
    if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR || size > PAPER_MOST || !size)
        return err_set(err, "its report is damaged; sekimori store check tells what else is");
    *out = (struct buf){.arena = arena, .at = arena_alloc(arena, size), .len = size, .cap = size};
    size_t len = ZSTD_decompressDCtx(tools.expander, out->at, size, bytes.at, bytes.len);
    if (ZSTD_isError(len) || len != size)
        return err_set(err, "its report cannot be read: %s; it was written by a newer sekimori, or the file is damaged", ZSTD_isError(len) ? ZSTD_getErrorName(len) : "cut");
    return 0;
}

int paper_read(struct arena *arena, struct span bytes, struct paper *out, struct err *err)
{
    struct buf plain;
    if (paper_plain(arena, bytes, &plain, err) < 0)
        return -1;
    struct span rest = span_skip(buf_span(&plain), 1);
    *out = (struct paper){0};
    if (plain.at[0] != PAPER_VERSION || !shape_read(arena, &paper_shape, &rest, out) || rest.len)
        return err_set(err, "its report was written by another version of sekimori");
    return 0;
}
