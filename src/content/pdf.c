/* PDF, ISO 32000-1, read from the front to the end: the table of objects is not trusted, as readers repair it too. Strings
 * behind /URI are links; names tell of actions. Streams of objects (7.5.7) are inflated and read the same way; others are
 * leapt over. */
#include "content/pdf_inner.h"

#include <stdlib.h>

enum { PDF_LINKS = 200, TEXT_MOST = 4000, ACTIONS_MOST = 64, INFLATE_TIMES = 6, INFLATE_FREE = 64 << 10 };

enum pdf_name { NAME_OTHER, NAME_URI, NAME_JAVASCRIPT, NAME_LAUNCH, NAME_OPEN_ACTION, NAME_SUBMIT, NAME_EMBEDDED, NAME_ENCRYPT, NAME_OBJECTS,
                NAME_FLATE, NAME_FILE, NAME_FILTER, NAME_RICH, NAME_ADDITIONAL };
static const struct {
    const char *word;
    enum pdf_name name;
} pdf_names[] = {
    {"URI", NAME_URI}, {"JavaScript", NAME_JAVASCRIPT}, {"JS", NAME_JAVASCRIPT}, {"Launch", NAME_LAUNCH}, {"OpenAction", NAME_OPEN_ACTION},
    {"SubmitForm", NAME_SUBMIT}, {"ImportData", NAME_SUBMIT}, {"EmbeddedFile", NAME_EMBEDDED}, {"Encrypt", NAME_ENCRYPT}, {"ObjStm", NAME_OBJECTS},
    {"FlateDecode", NAME_FLATE}, {"Fl", NAME_FLATE}, {"F", NAME_FILE}, {"Filter", NAME_FILTER}, {"RichMedia", NAME_RICH}, {"AA", NAME_ADDITIONAL},
};

struct pdf {
    struct file_reading *reading;
    const struct file_piece *piece;
    size_t objects, links;
    size_t inflate_left;     /* of this file: dictionaries pack to a fifth, whole files by less */
    bool inner;              /* reading a stream of objects */
    bool unread;             /* a stream of objects that gave nothing: packed twice, or locked */
    enum pdf_name last;      /* the name just read; a string behind it is its value */
    bool objects_here, flate, filtered, embedded_here; /* of the dictionary before a stream */
    bool open_action;        /* /OpenAction was read and what it opens is not told yet */
    unsigned open_depth, depth; /* dictionaries open */
    uint32_t open_object;    /* number of the object it names; 0: none */
    uint32_t now, generation; /* number of the object being read */
    struct pdf_key key;      /* of a file that is locked with the empty password */
    VEC(uint32_t) actions;   /* objects that are themselves an action with a URI */
    uint32_t number_before, number;
};

static bool is_white(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0;
}

static bool is_delimiter(char c)
{
    static const bool signs[256] = {[' '] = true, ['\n'] = true, ['\r'] = true, ['\t'] = true, ['\f'] = true, [0] = true, ['/'] = true, ['<'] = true, ['>'] = true,
                                    ['('] = true, [')'] = true, ['['] = true, [']'] = true, ['{'] = true, ['}'] = true, ['%'] = true};
    return signs[(unsigned char)c];
}

static int hex_value(char c)
{
    return ascii_is_digit(c) ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* 7.3.5: #xx stands for a letter. Returns what follows the name. */
static const char *name_read(struct pdf *pdf, const char *at, const char *end)
{
    char name[24];
    size_t len = 0;
    for (; at < end && !is_delimiter(*at); at++) {
        char c = *at;
        if (c == '#' && end - at > 2 && hex_value(at[1]) >= 0 && hex_value(at[2]) >= 0) {
            c = (char)(hex_value(at[1]) << 4 | hex_value(at[2]));
            at += 2;
        }
        if (len < sizeof name)
            name[len++] = c;
    }
    pdf->last = NAME_OTHER;
    for (size_t i = 0; len && i < sizeof pdf_names / sizeof *pdf_names; i++)
        if (pdf_names[i].word[0] == name[0] && strlen(pdf_names[i].word) == len && memcmp(pdf_names[i].word, name, len) == 0)
            pdf->last = pdf_names[i].name;
    return at;
}

static void action_tell(struct pdf *pdf, const char *what)
{
    file_trait_set(pdf->piece->fact, FILE_PDF_ACTION, span_of(what));
    if (strcmp(what, "Launch") == 0) /* the worst of them is the one to be told */
        pdf->piece->fact->inner = span_of(what);
}

static void name_take(struct pdf *pdf)
{
    switch (pdf->last) {
    case NAME_JAVASCRIPT:
        action_tell(pdf, "JavaScript");
        break;
    case NAME_LAUNCH:
        action_tell(pdf, "Launch");
        break;
    case NAME_SUBMIT:
        action_tell(pdf, "SubmitForm");
        break;
    case NAME_EMBEDDED:
        pdf->embedded_here = true;
        break;
    case NAME_ENCRYPT:
        pdf->piece->fact->traits |= FILE_PDF_ENCRYPTED;
        break;
    case NAME_OBJECTS:
        pdf->objects_here = true;
        break;
    case NAME_FLATE:
        pdf->flate = true;
        break;
    case NAME_FILTER:
        pdf->filtered = true;
        break;
    case NAME_OPEN_ACTION:
        pdf->open_action = true;
        pdf->open_depth = pdf->depth;
        break;
    case NAME_URI:
        if (pdf->open_action && pdf->depth == pdf->open_depth + 1)
            action_tell(pdf, "OpenAction");
        if (pdf->depth == 1 && pdf->actions.len < ACTIONS_MOST && pdf->now)
            *vec_push(pdf->reading->arena, &pdf->actions) = pdf->now;
        break;
    default:
        break;
    }
}

static void text_byte(struct buf *out, char c)
{
    if (out)
        buf_byte(out, c);
}

/* 7.3.4.2: brackets in pairs, backslashes before what would end it. out is NULL where the text is passed over. */
const char *pdf_text_read(const char *at, const char *end, struct buf *out)
{
    static const char escapes[] = "nrtbf", means[] = "\n\r\t\b\f";
    unsigned open = 1;
    for (; at < end; at++) {
        if (*at == '\\' && end - at > 1) {
            const char *known = strchr(escapes, *++at);
            if (*at >= '0' && *at <= '7') {
                unsigned value = 0;
                for (int n = 0; n < 3 && at < end && *at >= '0' && *at <= '7'; n++)
                    value = value * 8 + (unsigned)(*at++ - '0');
                at--;
                text_byte(out, (char)value);
            } else if (*at != '\n' && *at != '\r') {
                text_byte(out, *at && known ? means[known - escapes] : *at);
            }
            continue;
        }
        open += *at == '(';
        open -= *at == ')';
        if (!open)
            return at + 1;
        text_byte(out, *at);
    }
    return at;
}

const char *pdf_hex_read(const char *at, const char *end, struct buf *out)
{
    int high = -1;
    for (; at < end && *at != '>'; at++) {
        int value = hex_value(*at);
        if (value >= 0 && high >= 0) {
            text_byte(out, (char)(high << 4 | value));
            high = -1;
        } else if (value >= 0) {
            high = value;
        }
    }
    return at < end ? at + 1 : at;
}

/* UTF-16 with its mark: the low bytes are enough for an address. */
static struct span text_narrow(struct arena *arena, struct span text)
{
    if (!span_starts(text, S("\xfe\xff")))
        return text;
    struct buf out = {.arena = arena};
    for (size_t i = 3; i < text.len; i += 2)
        buf_byte(&out, text.at[i]);
    return buf_span(&out);
}

static void text_take(struct pdf *pdf, struct span text)
{
    if (pdf->key.len && !pdf->inner && text.len)
        pdf_unlock(&pdf->key, pdf->now, pdf->generation, (char *)(uintptr_t)text.at, text.len); /* the copy is our own */
    text = text_narrow(pdf->reading->arena, text);
    if (pdf->last == NAME_URI && pdf->links < PDF_LINKS && text.len > 3 && span_is_utf8(text)) {
        pdf->links++;
        file_link_add(pdf->reading, FILE_LINK_PDF, text, pdf->piece->part);
    }
    pdf->last = NAME_OTHER;
}

static const char *string_read(struct pdf *pdf, const char *at, const char *end, bool hex)
{
    struct buf text = {.arena = pdf->reading->arena, .max = TEXT_MOST};
    struct buf *out = pdf->last == NAME_URI && pdf->links < PDF_LINKS ? &text : NULL;
    at = hex ? pdf_hex_read(at, end, out) : pdf_text_read(at, end, out);
    text_take(pdf, buf_span(&text));
    return at;
}

static void dictionary_begin(struct pdf *pdf)
{
    pdf->depth++;
    if (pdf->depth == 1)
        pdf->objects_here = pdf->flate = pdf->filtered = pdf->embedded_here = false;
}

static void dictionary_end(struct pdf *pdf)
{
    pdf->depth -= pdf->depth > 0;
    if (pdf->open_action && pdf->depth <= pdf->open_depth)
        pdf->open_action = false;
}

static void tokens_read(struct pdf *pdf, struct span bytes);

static void objects_inflate(struct pdf *pdf, struct span packed)
{
    if (pdf->inner || !pdf->objects_here)
        return;
    if (!pdf->flate) {
        pdf->piece->fact->traits |= pdf->filtered ? FILE_NOT_WHOLLY_READ : 0;
        if (pdf->filtered)
            return;
    }
    SCRATCH out = {0}, unlocked = {0};
    if (pdf->key.len && packed.len && scratch_room(&unlocked, packed.len)) {
        memcpy(unlocked.at, packed.at, packed.len);
        pdf_unlock(&pdf->key, pdf->now, pdf->generation, unlocked.at, packed.len);
        packed = (struct span){unlocked.at, packed.len};
    }
    size_t left = pdf->reading->inflate_left, most = pdf->inflate_left < left ? pdf->inflate_left : left;
    pdf->reading->inflate_left = most;
    bool whole = !pdf->flate || file_inflate(pdf->reading, packed, INFLATE_ZLIB, &out);
    pdf->reading->inflate_left = left - out.len;
    pdf->inflate_left -= out.len < pdf->inflate_left ? out.len : pdf->inflate_left;
    if (!whole && out.len >= most)
        pdf->piece->fact->traits |= FILE_NOT_WHOLLY_READ;
    pdf->unread |= !whole && !out.len;
    struct pdf inside = *pdf;
    inside.inner = true;
    inside.depth = 0;
    inside.now = 0;
    inside.last = NAME_OTHER;
    tokens_read(&inside, pdf->flate ? scratch_span(&out) : packed);
    pdf->links = inside.links;
    pdf->open_object = inside.open_object ? inside.open_object : pdf->open_object;
    pdf->objects = inside.objects;
}

/* What follows the word "stream": its end is looked for, its told length not believed. */
static const char *stream_pass(struct pdf *pdf, const char *at, const char *end)
{
    at += at < end && *at == '\r';
    at += at < end && *at == '\n';
    const char *stop = memmem(at, (size_t)(end - at), "endstream", 9);
    struct span packed = span_from(at, stop ? stop : end);
    if (pdf->embedded_here && !pdf->inner) {
        struct sniffed sniffed = bytes_sniff(packed);
        file_trait_set(pdf->piece->fact, sniffed.kind == KIND_PROGRAM ? FILE_ARCHIVE_EXECUTABLE : 0, S("EmbeddedFile"));
    }
    objects_inflate(pdf, packed);
    pdf->objects_here = pdf->flate = pdf->filtered = pdf->embedded_here = false;
    return stop ? stop + 9 : end;
}

/* Numbers, and the words obj, R, stream. */
static const char *word_read(struct pdf *pdf, const char *at, const char *end)
{
    const char *start = at;
    while (at < end && !is_delimiter(*at))
        at++;
    struct span word = span_from(start, at);
    uint64_t number;
    if (span_number(word, UINT32_MAX, &number)) {
        pdf->number_before = pdf->number;
        pdf->number = (uint32_t)number;
        return at;
    }
    if (span_eq(word, S("obj"))) {
        pdf->objects++;
        pdf->now = pdf->number_before;
        pdf->generation = pdf->number;
        pdf->depth = 0;
        pdf->open_action = false;
    } else if (span_eq(word, S("R")) && pdf->open_action && pdf->depth == pdf->open_depth) {
        if (!pdf->open_object)
            pdf->open_object = pdf->number_before;
        pdf->open_action = false;
    } else if (span_eq(word, S("stream")) && !pdf->inner) {
        at = stream_pass(pdf, at, end);
    }
    pdf->last = NAME_OTHER;
    return at;
}

static void tokens_read(struct pdf *pdf, struct span bytes)
{
    const char *at = bytes.at, *end = at + bytes.len;
    while (at < end && pdf->objects < pdf->reading->limits->pdf_objects) {
        char c = *at++;
        if (is_white(c))
            continue;
        bool twice = at < end && *at == c;
        if (c == '/') {
            at = name_read(pdf, at, end);
            name_take(pdf);
        } else if (c == '(') {
            at = string_read(pdf, at, end, false);
        } else if (c == '<' && twice) {
            at++;
            dictionary_begin(pdf);
        } else if (c == '>' && twice) {
            at++;
            dictionary_end(pdf);
        } else if (c == '<') {
            at = string_read(pdf, at, end, true);
        } else if (c == '%') {
            while (at < end && *at != '\n' && *at != '\r')
                at++;
        } else if (c == '[' && pdf->open_action && pdf->depth == pdf->open_depth) {
            pdf->open_action = false; /* a place in the document to be shown */
        } else if (!is_delimiter(c)) {
            at = word_read(pdf, at - 1, end);
        }
    }
    if (at < end)
        pdf->piece->fact->traits |= FILE_NOT_WHOLLY_READ;
}

void pdf_read(struct file_reading *reading, const struct file_piece *piece)
{
    struct pdf pdf = {.reading = reading, .piece = piece, .inflate_left = INFLATE_TIMES * piece->bytes.len + INFLATE_FREE};
    file_trait_set(piece->fact, FILE_PDF, (struct span){0});
    if (memmem(piece->bytes.at, piece->bytes.len, "/Encrypt", 8) && pdf_key_find(reading->arena, piece->bytes, &pdf.key))
        file_trait_set(piece->fact, FILE_PDF_ENCRYPTED, S("password"));
    tokens_read(&pdf, piece->bytes);
    vec_each (action, &pdf.actions)
        if (pdf.open_object && *action == pdf.open_object)
            action_tell(&pdf, "OpenAction");
    if (pdf.unread && !(piece->fact->traits & FILE_PDF_ENCRYPTED)) /* a lock is told as such */
        piece->fact->traits |= FILE_NOT_WHOLLY_READ;
    if (!pdf.objects)
        piece->fact->traits |= FILE_BROKEN;
}
