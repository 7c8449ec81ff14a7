#include "seal/pass.h"

#include "base/digest.h"
#include "base/shape.h"

#include <stdlib.h>

/* What is in mail for months is read by later versions too: the first byte tells which wrote it. */
enum { VERSION = 1, ID_MOST = 64 };

static const char *const names[PASS_COUNT] = {"lock", "double-lock", "release", "ask"};
static const char *const purposes[PASS_COUNT] = {"pass lock", "pass double-lock", "pass release", "pass ask"};

const char *pass_kind_name(enum pass_kind kind)
{
    return names[kind];
}

bool pass_kind_by_name(struct span name, enum pass_kind *out)
{
    for (size_t i = 0; i < PASS_COUNT; i++)
        if (span_eq(name, span_of(names[i]))) {
            *out = (enum pass_kind)i;
            return true;
        }
    return false;
}

struct span pass_purpose(enum pass_kind kind)
{
    return span_of(purposes[kind]);
}

/* ---- whom it is for. Doors and retries give recipients in any order: a place is one among all of them sorted, each once. */
struct named {
    struct span address; /* in lower case */
    bool meant;
};
struct all_named {
    struct named *at;
    size_t len;
};

static int by_address(const void *left, const void *right)
{
    return span_compare(((const struct named *)left)->address, ((const struct named *)right)->address);
}

static struct all_named all_of(struct arena *arena, const struct span *addresses, size_t count, const bool *meant)
{
    struct named *at = arena_alloc(arena, (count + 1) * sizeof *at);
    size_t len = 0;
    for (size_t i = 0; i < count; i++)
        at[i] = (struct named){arena_lower(arena, addresses[i]), meant && meant[i]};
    if (count)
        qsort(at, count, sizeof *at, by_address);
    for (size_t i = 0; i < count; i++)
        if (len && span_eq(at[len - 1].address, at[i].address))
            at[len - 1].meant |= at[i].meant;
        else
            at[len++] = at[i];
    return (struct all_named){at, len};
}

static struct span digest_of(struct arena *arena, const struct all_named *all)
{
    uint8_t sum[SHA256_BYTES];
    struct sha256 digest __attribute__((cleanup(sha256_free))) = sha256_open();
    for (size_t i = 0; i < all->len; i++)
        if (all->at[i].meant)
            sha256_add_framed(&digest, all->at[i].address);
    sha256_close(&digest, sum);
    return arena_copy(arena, (struct span){(const char *)sum, PASS_WHOM_BYTES});
}

void pass_name(struct arena *arena, struct pass *pass, const struct span *addresses, size_t count, const bool *meant)
{
    struct all_named all = all_of(arena, addresses, count, meant);
    char *bits = arena_alloc(arena, all.len / 8 + 1);
    size_t len = 0;
    for (size_t i = 0; i < all.len; i++)
        if (all.at[i].meant) {
            bits[i / 8] = (char)(bits[i / 8] | 1 << i % 8);
            len = i / 8 + 1;
        }
    pass->places = (struct span){bits, len};
    pass->whom = digest_of(arena, &all);
}

bool pass_names(struct arena *arena, const struct pass *pass, const struct span *addresses, size_t count, pass_names_t *out)
{
    struct all_named all = all_of(arena, addresses, count, NULL);
    *out = (pass_names_t){0};
    for (size_t i = 0; i < 8 * pass->places.len; i++) {
        if (!(pass->places.at[i / 8] >> i % 8 & 1))
            continue;
        if (i >= all.len)
            return false;
        all.at[i].meant = true;
        *vec_push(arena, out) = all.at[i].address;
    }
    return span_eq(digest_of(arena, &all), pass->whom);
}

/* ---- its text */
static void word_write(struct buf *out, struct span word)
{
    number_write(out, word.len);
    buf_add(out, word);
}

static bool word_read(struct span *rest, struct span *out)
{
    uint64_t len;
    if (!number_read(rest, &len) || len > rest->len)
        return false;
    *out = span_first(*rest, (size_t)len);
    *rest = span_skip(*rest, (size_t)len);
    return true;
}

int pass_write(struct arena *arena, const struct pass *pass, struct span *text, struct err *err)
{
    struct buf out = {.arena = arena};
    if (pass->target.len > PASS_TARGET_MOST)
        return err_set(err, "a pass holds an address of at most %d bytes; this one has %zu", PASS_TARGET_MOST, pass->target.len);
    if (!pass->record.len || pass->record.len > ID_MOST || pass->org.len > ID_MOST || pass->until < 0 || pass->whom.len != PASS_WHOM_BYTES ||
        (pass->once.len && pass->once.len != PASS_ONCE_BYTES) || (pass->key.len && pass->key.len != PASS_KEY_BYTES))
        return err_set(err, "a pass of no record, for nobody, or without an end is not made");
    buf_byte(&out, VERSION);
    word_write(&out, pass->record);
    word_write(&out, pass->key);
    word_write(&out, pass->org);
    number_write(&out, pass->link);
    number_write(&out, (uint64_t)pass->until);
    word_write(&out, pass->whom);
    word_write(&out, pass->places);
    word_write(&out, pass->once);
    word_write(&out, pass->target);
    if (out.len > PASS_TEXT_MOST)
        return err_set(err, "a pass for so many recipients is longer than a token holds");
    *text = buf_span(&out);
    return 0;
}

bool pass_read(struct span text, enum pass_kind kind, struct pass *out)
{
    uint64_t link, until;
    struct span rest = span_skip(text, 1);
    *out = (struct pass){.kind = kind};
    if (!text.len || text.at[0] != VERSION)
        return false;
    if (!word_read(&rest, &out->record) || !word_read(&rest, &out->key) || !word_read(&rest, &out->org) || !number_read(&rest, &link) || !number_read(&rest, &until) ||
        !word_read(&rest, &out->whom) || !word_read(&rest, &out->places) || !word_read(&rest, &out->once) || !word_read(&rest, &out->target))
        return false;
    if (rest.len || link > UINT32_MAX || until > INT64_MAX || !out->record.len || out->whom.len != PASS_WHOM_BYTES)
        return false;
    out->link = (uint32_t)link;
    out->until = (int64_t)until;
    return true;
}

/* ---- where its page is */
struct span pass_address(struct arena *arena, struct span base, enum pass_kind kind, struct span token)
{
    return arena_print(arena, "%.*s/%s/%.*s", SPAN_FMT(base), names[kind], SPAN_FMT(token));
}

bool pass_path(struct span path, enum pass_kind *kind, struct span *token)
{
    struct span piece, last = S(""), before = S("");
    while (span_cut(&path, '/', &piece)) {
        before = last;
        last = piece;
    }
    *token = last;
    return last.len && pass_kind_by_name(before, kind);
}
