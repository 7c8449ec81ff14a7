#include "auth/canon.h"

const EVP_MD *digest_of(enum digest digest)
{
    static EVP_MD *fetched[2];
    if (!fetched[digest])
        fetched[digest] = EVP_MD_fetch(NULL, digest == DIGEST_SHA1 ? "SHA1" : "SHA256", NULL);
    return fetched[digest];
}

size_t digest_size(enum digest digest)
{
    return digest == DIGEST_SHA1 ? 20 : 32;
}

/* ---- sinks */
void sink_open(struct sink *sink, enum digest digest)
{
    memset(sink, 0, offsetof(struct sink, at));
    sink->md = EVP_MD_CTX_new();
    EVP_DigestInit_ex2(sink->md, digest_of(digest), NULL);
}

void sink_open_buf(struct sink *sink, struct buf *buf)
{
    memset(sink, 0, offsetof(struct sink, at));
    sink->buf = buf;
}

static void mark_finish(struct sink *sink)
{
    EVP_MD_CTX *copy = EVP_MD_CTX_new();
    EVP_MD_CTX_copy_ex(copy, sink->md);
    EVP_DigestFinal_ex(copy, sink->marks->value, NULL);
    EVP_MD_CTX_free(copy);
    sink->marks++;
    sink->marks_len--;
}

static void sink_pass(struct sink *sink, const char *at, size_t len)
{
    if (sink->buf)
        buf_add(sink->buf, (struct span){at, len});
    bool marked = sink->marks != NULL;
    while (sink->marks_len && sink->marks->limit < sink->total + len) {
        size_t head = (size_t)(sink->marks->limit - sink->total);
        EVP_DigestUpdate(sink->md, at, head);
        sink->total += head, at += head, len -= head;
        mark_finish(sink);
    }
    if (sink->md && (!marked || sink->marks_len))
        EVP_DigestUpdate(sink->md, at, len);
    sink->total += len;
}

static void sink_flush(struct sink *sink)
{
    if (sink->len)
        sink_pass(sink, sink->at, sink->len);
    sink->len = 0;
}

/* Large pieces go past the staging bytes. */
void sink_add(struct sink *sink, struct span bytes)
{
    if (bytes.len > sizeof sink->at - sink->len)
        sink_flush(sink);
    if (bytes.len > sizeof sink->at / 4) {
        sink_flush(sink);
        sink_pass(sink, bytes.at, bytes.len);
        return;
    }
    if (bytes.len)
        memcpy(sink->at + sink->len, bytes.at, bytes.len);
    sink->len += bytes.len;
}

static inline void sink_byte(struct sink *sink, char c)
{
    if (sink->len == sizeof sink->at)
        sink_flush(sink);
    sink->at[sink->len++] = c;
}

void sink_end_buf(struct sink *sink)
{
    sink_flush(sink);
}

void sink_digest(struct sink *sink, uint8_t *out)
{
    sink_flush(sink);
    EVP_DigestFinal_ex(sink->md, out, NULL);
    sink_close(sink);
}

void sink_peek(struct sink *sink, struct sink *copy)
{
    sink_flush(sink);
    memset(copy, 0, offsetof(struct sink, at));
    copy->md = EVP_MD_CTX_new();
    EVP_MD_CTX_copy_ex(copy->md, sink->md);
}

void sink_close(struct sink *sink)
{
    EVP_MD_CTX_free(sink->md);
    sink->md = NULL;
}

/* ---- body */
static inline bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Without the empty lines at the end, RFC 6376 3.4.3 and 3.4.4; *ended: what is left had a line end. */
static struct span tail_trim(struct span body, bool blanks)
{
    const char *at = body.at;
    size_t end = body.len;
    for (;;) {
        size_t e = end;
        while (blanks && e && is_blank(at[e - 1]))
            e--;
        if (!e)
            return (struct span){0};
        if (at[e - 1] != '\n')
            return (struct span){at, e};
        end = e - 1;
        if (end && at[end - 1] == '\r')
            end--;
    }
}

static void simple_body(struct sink *sink, struct span body)
{
    body = tail_trim(body, false);
    const char *from = body.at, *p = from, *end = body.at + body.len, *lf;
    while (p < end && (lf = memchr(p, '\n', (size_t)(end - p)))) {
        if (lf == body.at || lf[-1] != '\r') {
            sink_add(sink, span_from(from, lf));
            sink_add(sink, S("\r\n"));
            from = lf + 1;
        }
        p = lf + 1;
    }
    if (from < end)
        sink_add(sink, span_from(from, end));
    sink_add(sink, S("\r\n")); /* also of an empty body */
}

typedef char block __attribute__((vector_size(16)));
typedef uint64_t lanes __attribute__((vector_size(16)));

/* Whether relaxed canonicalisation would leave these 16 bytes as they are; at[16] is readable. */
static inline bool block_is_clean(const char *at)
{
    block here, next;
    memcpy(&here, at, 16);
    memcpy(&next, at + 1, 16);
    block lf = next == '\n';
    block work = (here == '\t') | ((here == ' ') & ((next == ' ') | (next == '\t') | (next == '\r') | lf)) |
                 (lf & (here != '\r'));
    lanes bits = (lanes)work;
    return !(bits[0] | bits[1]);
}

/* One step of RFC 6376 3.4.4 at p; the body ends in a byte that is no blank and no LF. */
static inline const char *relaxed_step(struct sink *sink, const char *p, const char *end)
{
    char c = *p++;
    if (is_blank(c)) {
        while (p < end && is_blank(*p))
            p++;
        bool line_end = p < end && (*p == '\n' || (*p == '\r' && p + 1 < end && p[1] == '\n'));
        if (!line_end)
            sink_byte(sink, ' ');
        return p;
    }
    if (c == '\n')
        sink_byte(sink, '\r');
    sink_byte(sink, c);
    if (c == '\r' && p < end && *p == '\n')
        sink_byte(sink, *p++);
    return p;
}

static void relaxed_body(struct sink *sink, struct span body)
{
    body = tail_trim(body, true);
    const char *p = body.at, *end = p + body.len;
    while (p < end) {
        const char *from = p;
        if (*p != '\n')
            while (end - p > 16 && block_is_clean(p))
                p += 16;
        if (p > from && p[-1] == '\r')
            p--; /* it may belong to an LF */
        if (p > from)
            sink_add(sink, span_from(from, p));
        const char *stop = end - p > 16 ? p + 16 : end;
        while (p < stop)
            p = relaxed_step(sink, p, end);
    }
    if (body.len)
        sink_add(sink, S("\r\n"));
}

void body_canonicalise(struct sink *sink, enum canon canon, struct span body)
{
    if (canon == CANON_RELAXED)
        relaxed_body(sink, body);
    else
        simple_body(sink, body);
    sink_flush(sink);
}

static int hash_compare(const void *left, const void *right)
{
    const struct body_hash *a = left, *b = right;
    if (a->canon != b->canon)
        return a->canon < b->canon ? -1 : 1;
    if (a->digest != b->digest)
        return a->digest < b->digest ? -1 : 1;
    return a->limit < b->limit ? -1 : a->limit > b->limit;
}

void body_hashes_compute(struct span body, struct body_hash *at, size_t n)
{
    if (n > 1)
        qsort(at, n, sizeof *at, hash_compare);
    for (size_t i = 0, next; i < n; i = next) {
        struct sink sink;
        for (next = i; next < n && at[next].canon == at[i].canon && at[next].digest == at[i].digest;)
            next++;
        sink_open(&sink, at[i].digest);
        sink.marks = at + i;
        sink.marks_len = next - i;
        body_canonicalise(&sink, at[i].canon, body);
        while (sink.marks_len)
            mark_finish(&sink);
        for (size_t k = i; k < next; k++)
            at[k].length = sink.total;
        sink_close(&sink);
    }
}

const struct body_hash *body_hash_find(const struct body_hash *at, size_t n, enum canon canon, enum digest digest,
                                       uint64_t limit)
{
    for (size_t i = 0; i < n; i++)
        if (at[i].canon == canon && at[i].digest == digest && at[i].limit == limit)
            return at + i;
    return NULL;
}
