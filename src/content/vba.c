/* The source of a VBA module as it is stored: MS-OVBA 2.4.1, chunks of at most 4,096 bytes. */
#include "content/file_inner.h"

enum { CHUNK = 4096, SOURCE_MOST = 256 << 10 };

/* One chunk's tokens: eight a flag byte, a bit set is a copy of what came before within the chunk. */
static bool chunk_unpack(struct span tokens, struct scratch *out)
{
    const unsigned char *at = (const unsigned char *)tokens.at, *end = at + tokens.len;
    size_t start = out->len;
    while (at < end) {
        unsigned flags = *at++;
        for (unsigned bit = 0; bit < 8 && at < end; bit++) {
            if (out->len - start >= CHUNK)
                return false;
            if (!(flags >> bit & 1)) {
                out->at[out->len++] = (char)*at++;
                continue;
            }
            if (end - at < 2)
                return false;
            unsigned token = at[0] | (unsigned)at[1] << 8, bits = 4;
            at += 2;
            while ((1U << bits) < out->len - start)
                bits++;
            size_t len = (token & (0xffffU >> bits)) + 3, back = (token >> (16 - bits)) + 1;
            if (back > out->len - start || len > CHUNK - (out->len - start))
                return false;
            for (size_t i = 0; i < len; i++, out->len++)
                out->at[out->len] = out->at[out->len - back];
        }
    }
    return true;
}

static void container_unpack(struct span packed, size_t most, struct scratch *out)
{
    if (!packed.len || packed.at[0] != 1)
        return;
    packed = span_skip(packed, 1);
    while (packed.len > 2 && out->len < most && scratch_room(out, CHUNK)) {
        unsigned header = (unsigned char)packed.at[0] | (unsigned)(unsigned char)packed.at[1] << 8;
        size_t size = (header & 0xfffU) + 1;
        struct span chunk = span_first(span_skip(packed, 2), size);
        if (!(header & 0x8000)) { /* not packed */
            chunk = span_first(chunk, CHUNK);
            memcpy(out->at + out->len, chunk.at, chunk.len);
            out->len += chunk.len;
        } else if (!chunk_unpack(chunk, out)) {
            return;
        }
        packed = span_skip(packed, 2 + size);
    }
}

/* A module begins with its compiled form, whose length only the directory of the project tells. The source behind it begins
 * with "Attribute VB_Name", whose first eight letters are always literal: a zero flag byte stands before them. */
static struct span source_find(struct span module)
{
    static const char start[] = "\0Attribut";
    const char *found = span_find(module, (struct span){start, sizeof start - 1});
    return found && found - module.at >= 3 ? span_from(found - 3, module.at + module.len) : (struct span){0};
}

bool vba_autoruns(struct span module, size_t *left, struct span *name)
{
    static const char *const names[] = {"autoopen", "auto_open", "autoexec", "autonew", "autoclose", "auto_close", "autoexit", "document_open",
                                        "document_new", "document_close", "workbook_open", "workbook_activate", "workbook_beforeclose",
                                        "presentation_open", "document_beforeclose", "_layout(", "_painted("};
    SCRATCH source = {0};
    struct span packed = source_find(module);
    container_unpack(packed, *left < SOURCE_MOST ? *left : SOURCE_MOST, &source);
    *left -= source.len < *left ? source.len : *left;
    for (size_t i = 0; i < source.len; i++)
        source.at[i] = ascii_lower(source.at[i]);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (span_find(scratch_span(&source), span_of(names[i]))) {
            *name = span_of(names[i]);
            return true;
        }
    return false;
}
