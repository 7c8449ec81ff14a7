/* The digests of a message: of its Message-ID, and of what its parts hold. */
#include "seal/seal.h"

#include "base/digest.h"

struct lines { /* SHA-256 over bytes whose line ends are made one, and whose blank lines at the end are left out */
    struct sha256 digest;
    size_t ends; /* line ends that wait for a line after them */
    size_t len;
    char bytes[4096];
};

static void lines_free(struct lines *lines)
{
    sha256_free(&lines->digest);
}

/* ---- bytes into the digest */
static void flush(struct lines *lines)
{
    sha256_add(&lines->digest, (struct span){lines->bytes, lines->len});
    lines->len = 0;
}

static void put(struct lines *lines, const char *at, size_t len)
{
    if (len > sizeof lines->bytes - lines->len)
        flush(lines);
    if (len > sizeof lines->bytes) {
        sha256_add(&lines->digest, (struct span){at, len});
        return;
    }
    memcpy(lines->bytes + lines->len, at, len);
    lines->len += len;
}

static void run_add(struct lines *lines, struct span run)
{
    size_t len = run.len;
    while (len && run.at[len - 1] == '\n')
        len--;
    for (; len && lines->ends; lines->ends--)
        put(lines, "\n", 1);
    if (len)
        put(lines, run.at, len);
    lines->ends += run.len - len;
}

static void lines_add(struct lines *lines, struct span text)
{
    lines->ends = 0;
    while (text.len) {
        const char *cr = memchr(text.at, '\r', text.len);
        run_add(lines, cr ? span_from(text.at, cr) : text);
        if (!cr)
            return;
        text = span_from(cr + 1, text.at + text.len);
        while (text.len && text.at[0] == '\r') /* quoted-printable with =0D before its line ends */
            text = span_skip(text, 1);
        if (text.len && text.at[0] == '\n')
            text = span_skip(text, 1);
        lines->ends++;
    }
}

/* ---- what stands between the bytes, so that none can pass for another's. A byte 0xff is in no name of ours. */
static void mark(struct lines *lines, char what)
{
    put(lines, (const char[]){(char)0xff, what}, 2);
}

static void word_add(struct lines *lines, char what, struct span word)
{
    uint64_t len = word.len;
    char head[8];
    for (int i = 0; i < 8; i++)
        head[i] = (char)(len >> (56 - 8 * i));
    mark(lines, what);
    put(lines, head, sizeof head);
    put(lines, word.at ? word.at : "", word.len);
}

/* The value unfolded, a run of blanks as one. */
static void value_add(struct lines *lines, char what, struct span value)
{
    struct span word;
    mark(lines, what);
    while (span_word(&value, &word))
        word_add(lines, 'w', word);
}

static void head_add(struct lines *lines, const struct part *part)
{
    static const struct {
        enum field_id id;
        char what; /* numbers of fields may change, digests may not */
    } shown[] = {{FIELD_FROM, 'F'}, {FIELD_SENDER, 'S'}, {FIELD_REPLY_TO, 'R'}, {FIELD_TO, 'T'}, {FIELD_CC, 'C'}, {FIELD_SUBJECT, 'U'}, {FIELD_DATE, 'D'},
                 {FIELD_MESSAGE_ID, 'I'}};
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        vec_each(field, &part->fields)
            if (field->id == shown[i].id)
                value_add(lines, shown[i].what, field->value);
}

/* What servers write where they were told nothing says nothing. */
static struct span charset_of(const struct part *part)
{
    static const struct span silent[] = {S("us-ascii"), S("unknown-8bit"), S("ascii")};
    for (size_t i = 0; i < sizeof silent / sizeof *silent; i++)
        if (span_eq_case(part->charset, silent[i]))
            return (struct span){0};
    return part->charset;
}

static void charset_add(struct lines *lines, const struct part *part)
{
    char small[64];
    struct span charset = span_first(charset_of(part), sizeof small);
    for (size_t i = 0; i < charset.len; i++)
        small[i] = ascii_lower(charset.at[i]);
    word_add(lines, 'c', (struct span){small, charset.len});
}

/* ---- parts; the deepest stand 32 levels down by default, a limit of the reader */
static void part_add(struct lines *lines, const struct part *part)
{
    bool holds = part->kind == PART_MULTIPART || part->kind == PART_MESSAGE;
    word_add(lines, 't', part->type);
    word_add(lines, 's', part->subtype);
    if (part->parent && part->parent->kind == PART_MESSAGE)
        head_add(lines, part);
    vec_each(name, &part->names)
        word_add(lines, 'n', *name);
    if (!holds) {
        charset_add(lines, part);
        mark(lines, 'b');
        lines_add(lines, part->decoded);
    }
    for (const struct part *child = holds ? part->first_child : NULL; child; child = child->next)
        if (!child->reading)
            part_add(lines, child);
    mark(lines, 'e');
}

/* Whether what a reader sees hangs on more than the parts as they were read. */
static bool is_ambiguous(const struct message *message)
{
    if (message->readings || !message->root || message->root->next)
        return true;
    vec_each(defect, &message->defects)
        if (defect->id == DEFECT_FIELDS_LIMIT || defect->id == DEFECT_PARTS_LIMIT || defect->id == DEFECT_DEPTH_LIMIT || defect->id == DEFECT_READINGS_LIMIT ||
            defect->id == DEFECT_DECODED_LIMIT || defect->id == DEFECT_DEFECTS_LIMIT || defect->id == DEFECT_HEADER_LIMIT)
            return true;
    return false;
}

static bool is_cut(const struct message *message)
{
    vec_each(defect, &message->defects)
        if (defect->id == DEFECT_MESSAGE_LIMIT || defect->id == DEFECT_DEFECTS_LIMIT)
            return true;
    return false;
}

static void id_measure(const struct message *message, uint8_t out[SEAL_ID_BYTES])
{
    uint8_t sum[SHA256_BYTES];
    struct span id = span_trim(message->message_id);
    memset(out, 0, SEAL_ID_BYTES);
    if (!id.len)
        return;
    sha256_of(id, sum);
    memcpy(out, sum, SEAL_ID_BYTES);
}

bool seal_measure_fits(struct span bytes)
{
    return !bytes.len || bytes.len == sizeof(struct seal_measure);
}

bool seal_measure(const struct message *message, struct seal_measure *out)
{
    *out = (struct seal_measure){0};
    if (is_cut(message))
        return false;
    struct lines lines __attribute__((cleanup(lines_free))) = {.digest = sha256_open()};
    id_measure(message, out->message_id);
    for (const struct part *part = message->root; part; part = part->next)
        if (!part->reading)
            part_add(&lines, part);
    if (is_ambiguous(message)) {
        mark(&lines, 'a');
        lines_add(&lines, message->body);
    }
    flush(&lines);
    sha256_close(&lines.digest, out->parts);
    return true;
}
