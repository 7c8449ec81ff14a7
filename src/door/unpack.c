#include "door/unpack.h"

#include <errno.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum { PIECE = 64 << 10, WINDOW_LOG_MOST = 23 /* 8 MB: what zstd's levels up to 19 want */ };

struct unpacking {
    struct intake *intake;
    struct bytes *packed, *out;
    uint64_t at; /* of packed */
    struct err *err;
    char in[PIECE], piece[PIECE];
};

/* The next bytes of what came. */
static struct span in_read(struct unpacking *at)
{
    ssize_t got = -1;
    if (at->packed->fd < 0) {
        struct span all = {at->packed->small, at->packed->length}, next = span_first(span_skip(all, (size_t)at->at), PIECE);
        at->at += next.len;
        return next;
    }
    do
        got = pread(at->packed->fd, at->in, sizeof at->in, (off_t)at->at);
    while (got < 0 && errno == EINTR);
    at->at += got > 0 ? (uint64_t)got : 0;
    return (struct span){at->in, got > 0 ? (size_t)got : 0};
}

static enum intake_end odd(struct unpacking *at, const char *how)
{
    err_set(at->err, "the compressed message %s", how);
    return INTAKE_ODD;
}

static enum intake_end end_of(struct unpacking *at, bool ended, struct span rest)
{
    if (!ended)
        return odd(at, "ends in the middle");
    return rest.len || at->at < at->packed->length ? odd(at, "has bytes behind its end") : INTAKE_TAKEN;
}

/* ---- zlib */
static enum intake_end inflate_piece(struct unpacking *at, z_stream *stream, struct span *in, bool *ended)
{
    stream->next_in = (unsigned char *)(uintptr_t)in->at;
    stream->avail_in = (unsigned)in->len;
    stream->next_out = (unsigned char *)at->piece;
    stream->avail_out = PIECE;
    int said = inflate(stream, Z_NO_FLUSH);
    if (said != Z_OK && said != Z_STREAM_END && said != Z_BUF_ERROR)
        return odd(at, "is no zlib stream");
    *ended = said == Z_STREAM_END;
    *in = span_skip(*in, in->len - stream->avail_in);
    return intake_add(at->intake, at->out, (struct span){at->piece, PIECE - stream->avail_out}, at->err);
}

static enum intake_end inflate_all(struct unpacking *at)
{
    z_stream stream = {0};
    struct span in = {0};
    bool ended = false;
    enum intake_end end = INTAKE_TAKEN;
    if (inflateInit(&stream) != Z_OK)
        return err_set(at->err, "no memory for a compressed message"), INTAKE_FAILED;
    while (end == INTAKE_TAKEN && !ended) {
        if (!in.len && !(in = in_read(at)).len && stream.avail_out)
            break;
        end = inflate_piece(at, &stream, &in, &ended);
    }
    inflateEnd(&stream);
    return end == INTAKE_TAKEN ? end_of(at, ended, in) : end;
}

/* ---- zstd */
static enum intake_end zstd_piece(struct unpacking *at, ZSTD_DCtx *context, struct span *in, bool *ended)
{
    ZSTD_inBuffer from = {in->at, in->len, 0};
    ZSTD_outBuffer to = {at->piece, PIECE, 0};
    size_t said = ZSTD_decompressStream(context, &to, &from);
    if (ZSTD_isError(said))
        return odd(at, "is no zstd frame, or one with too large a window");
    *ended = said == 0;
    *in = span_skip(*in, from.pos);
    return intake_add(at->intake, at->out, (struct span){at->piece, to.pos}, at->err);
}

static enum intake_end zstd_all(struct unpacking *at)
{
    struct span in = {0};
    bool ended = false;
    enum intake_end end = INTAKE_TAKEN;
    ZSTD_DCtx *context = ZSTD_createDCtx();
    if (!context || ZSTD_isError(ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, WINDOW_LOG_MOST)))
        end = (err_set(at->err, "no memory for a compressed message"), INTAKE_FAILED);
    while (end == INTAKE_TAKEN && !ended) {
        uint64_t had = at->out->length;
        bool dry = !in.len && !(in = in_read(at)).len;
        end = zstd_piece(at, context, &in, &ended);
        if (dry && at->out->length == had)
            break;
    }
    ZSTD_freeDCtx(context);
    return end == INTAKE_TAKEN ? end_of(at, ended, in) : end;
}

enum intake_end unpack(struct intake *intake, enum packing packing, struct bytes *packed, struct bytes *out, struct err *err)
{
    struct unpacking at = {.intake = intake, .packed = packed, .out = out, .err = err};
    enum intake_end end = packing == PACKED_ZLIB ? inflate_all(&at) : zstd_all(&at);
    intake_leave(intake, packed);
    if (end != INTAKE_TAKEN)
        intake_leave(intake, out);
    return end;
}
