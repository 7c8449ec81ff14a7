/* PDF, ISO 32000-1, read from the front to the end: the table of objects is not trusted, as readers repair it too. Strings
 * behind /URI are links; names tell of actions. Streams of objects (7.5.7) are inflated and read the same way; of others it is
 * noted where they stand. */
#include "content/pdf_inner.h"

#include <stdlib.h>

enum { PDF_LINKS = 200, TEXT_MOST = 4000, ACTIONS_MOST = 64, INFLATE_TIMES = 6, INFLATE_FREE = 64 << 10 };
enum { STREAMS_MOST = 1000, CONTENTS_MOST = 200, NAMES_MOST = 2000, MAPS_MOST = 200, ADDRESSES_MOST = 200, NUMBERS_MOST = 2000 };

enum pdf_name { NAME_OTHER, NAME_URI, NAME_JAVASCRIPT, NAME_LAUNCH, NAME_OPEN_ACTION, NAME_SUBMIT, NAME_EMBEDDED, NAME_ENCRYPT, NAME_OBJECTS,
                NAME_FLATE, NAME_FILE, NAME_FILTER, NAME_RICH, NAME_ADDITIONAL, NAME_FIRST, NAME_CONTENTS, NAME_TO_UNICODE, NAME_IMAGE, NAME_FORM,
                NAME_WIDTH, NAME_HEIGHT, NAME_BITS, NAME_PREDICTOR, NAME_DCT, NAME_ASCII85, NAME_HEX, NAME_ODD };
static const struct {
    const char *word;
    enum pdf_name name;
} pdf_names[] = {
    {"URI", NAME_URI}, {"JavaScript", NAME_JAVASCRIPT}, {"JS", NAME_JAVASCRIPT}, {"Launch", NAME_LAUNCH}, {"OpenAction", NAME_OPEN_ACTION},
    {"SubmitForm", NAME_SUBMIT}, {"ImportData", NAME_SUBMIT}, {"EmbeddedFile", NAME_EMBEDDED}, {"Encrypt", NAME_ENCRYPT}, {"ObjStm", NAME_OBJECTS},
    {"FlateDecode", NAME_FLATE}, {"Fl", NAME_FLATE}, {"F", NAME_FILE}, {"Filter", NAME_FILTER}, {"RichMedia", NAME_RICH}, {"AA", NAME_ADDITIONAL},
    {"First", NAME_FIRST}, {"Contents", NAME_CONTENTS}, {"ToUnicode", NAME_TO_UNICODE}, {"Image", NAME_IMAGE}, {"Form", NAME_FORM},
    {"Width", NAME_WIDTH}, {"Height", NAME_HEIGHT}, {"BitsPerComponent", NAME_BITS}, {"Predictor", NAME_PREDICTOR},
    {"DCTDecode", NAME_DCT}, {"DCT", NAME_DCT}, {"ASCII85Decode", NAME_ASCII85}, {"A85", NAME_ASCII85}, {"ASCIIHexDecode", NAME_HEX}, {"AHx", NAME_HEX},
    {"LZWDecode", NAME_ODD}, {"LZW", NAME_ODD}, {"RunLengthDecode", NAME_ODD}, {"RL", NAME_ODD}, {"JPXDecode", NAME_ODD}, {"CCITTFaxDecode", NAME_ODD},
    {"JBIG2Decode", NAME_ODD}, {"Crypt", NAME_ODD},
};

struct pdf {
    struct file_reading *reading;
    const struct file_piece *piece;
    size_t objects, links;
    bool inner;              /* reading a stream of objects */
    bool unread;             /* a stream of objects that gave nothing: packed twice, or locked */
    enum pdf_name last;      /* the name just read; a string behind it is its value */
    enum pdf_name referring; /* the name last read, which what is referred to belongs to */
    char name[16];           /* its letters; empty where there are more */
    bool objects_here, flate, filtered, embedded_here; /* of the dictionary before a stream */
    struct pdf_stream stream; /* what it tells of the stream */
    size_t first;            /* of a stream of objects: where the first begins */
    const struct pdf_pair *numbers; /* reading a stream of objects: their numbers and places; NULL */
    size_t number_count;
    const char *inside;      /* where it begins */
    bool open_action;        /* /OpenAction was read and what it opens is not told yet */
    unsigned open_depth, depth; /* dictionaries open */
    uint32_t open_object;    /* number of the object it names; 0: none */
    uint32_t now, generation; /* number of the object being read */
    struct pdf_notes *notes;
    VEC(uint32_t) wanted;    /* objects that are addresses */
    VEC(struct pdf_address {
        uint32_t object;
        struct span text;
    }) addresses;            /* strings that are objects by themselves */
    VEC(uint32_t) actions;   /* objects that are themselves an action with a URI */
    uint32_t number_before, number;
};

static bool is_white(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0;
}

const bool pdf_delimiters[256] = {[' '] = true, ['\n'] = true, ['\r'] = true, ['\t'] = true, ['\f'] = true, [0] = true, ['/'] = true, ['<'] = true, ['>'] = true,
                                  ['('] = true, [')'] = true, ['['] = true, [']'] = true, ['{'] = true, ['}'] = true, ['%'] = true};

static int hex_value(char c)
{
    return ascii_is_digit(c) ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* 7.3.5: #xx stands for a letter. Returns what follows the name. */
static const char *name_read(struct pdf *pdf, const char *at, const char *end)
{
    char name[24];
    size_t len = 0;
    for (; at < end && !pdf_is_delimiter(*at); at++) {
        char c = *at;
        if (c == '#' && end - at > 2 && hex_value(at[1]) >= 0 && hex_value(at[2]) >= 0) {
            c = (char)(hex_value(at[1]) << 4 | hex_value(at[2]));
            at += 2;
        }
        if (len < sizeof name)
            name[len++] = c;
    }
    pdf->last = NAME_OTHER;
    memset(pdf->name, 0, sizeof pdf->name);
    if (len < sizeof pdf->name)
        memcpy(pdf->name, name, len);
    for (size_t i = 0; len && i < sizeof pdf_names / sizeof *pdf_names; i++)
        if (pdf_names[i].word[0] == name[0] && strlen(pdf_names[i].word) == len && memcmp(pdf_names[i].word, name, len) == 0)
            pdf->last = pdf_names[i].name;
    pdf->referring = pdf->last;
    return at;
}

static void action_tell(struct pdf *pdf, const char *what)
{
    file_trait_set(pdf->piece->fact, FILE_PDF_ACTION, span_of(what));
    if (strcmp(what, "Launch") == 0) /* the worst of them is the one to be told */
        pdf->piece->fact->inner = span_of(what);
}

/* What is told of the stream behind the dictionary. */
static void stream_name_take(struct pdf *pdf)
{
    static const struct {
        enum pdf_name name;
        unsigned filter;
    } filters[] = {{NAME_FLATE, PDF_FLATE}, {NAME_DCT, PDF_DCT}, {NAME_ASCII85, PDF_ASCII85}, {NAME_HEX, PDF_HEX}, {NAME_ODD, PDF_ODD}};
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
        if (pdf->last == filters[i].name)
            pdf->stream.filters |= filters[i].filter;
    pdf->stream.image |= pdf->last == NAME_IMAGE;
    pdf->stream.form |= pdf->last == NAME_FORM;
}

static void number_take(struct pdf *pdf, uint32_t number)
{
    struct pdf_stream *stream = &pdf->stream;
    if (pdf->last == NAME_FIRST)
        pdf->first = number;
    if (pdf->last == NAME_WIDTH && !stream->width)
        stream->width = number;
    if (pdf->last == NAME_HEIGHT && !stream->height)
        stream->height = number;
    if (pdf->last == NAME_BITS && !stream->bits)
        stream->bits = number;
    if (pdf->last == NAME_PREDICTOR)
        stream->predictor = number;
}

/* What the name before it refers to: "/Contents 5 0 R", or the same in a list. */
static void reference_take(struct pdf *pdf, uint32_t object)
{
    struct arena *arena = pdf->reading->arena;
    struct pdf_notes *notes = pdf->notes;
    if (pdf->referring == NAME_CONTENTS && notes->contents.len < CONTENTS_MOST)
        *vec_push(arena, &notes->contents) = object;
    else if (pdf->referring == NAME_URI && pdf->wanted.len < ADDRESSES_MOST)
        *vec_push(arena, &pdf->wanted) = object;
    else if (pdf->referring == NAME_TO_UNICODE && pdf->now && notes->maps.len < MAPS_MOST)
        *vec_push(arena, &notes->maps) = (struct pdf_pair){pdf->now, object};
    else if (pdf->referring == NAME_OTHER && pdf->name[0] && notes->names.len < NAMES_MOST) {
        struct pdf_font_name *name = vec_push(arena, &notes->names);
        memcpy(name->name, pdf->name, sizeof name->name);
        name->object = object;
    }
}

static void name_take(struct pdf *pdf)
{
    stream_name_take(pdf);
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

static void address_take(struct pdf *pdf, struct span text)
{
    if (pdf->links >= PDF_LINKS || text.len <= 3 || !span_is_utf8(text))
        return;
    pdf->links++;
    file_link_add(pdf->reading, FILE_LINK_PDF, text, pdf->piece->part);
}

static void text_take(struct pdf *pdf, struct span text)
{
    if (pdf->notes->key.len && !pdf->inner && text.len)
        text = pdf_unlock(&pdf->notes->key, pdf->now, pdf->generation, (char *)(uintptr_t)text.at, text.len); /* the copy is our own */
    text = text_narrow(pdf->reading->arena, text);
    if (pdf->last == NAME_URI)
        address_take(pdf, text);
    else if (text.len)
        *vec_push(pdf->reading->arena, &pdf->addresses) = (struct pdf_address){pdf->now, text};
    pdf->last = NAME_OTHER;
}

/* A string that is an object by itself may be an address that another object refers to. */
static bool is_kept(const struct pdf *pdf)
{
    return pdf->last == NAME_URI ? pdf->links < PDF_LINKS : !pdf->depth && pdf->now && pdf->addresses.len < ADDRESSES_MOST;
}

static const char *string_read(struct pdf *pdf, const char *at, const char *end, bool hex)
{
    struct buf text = {.arena = pdf->reading->arena, .max = TEXT_MOST};
    struct buf *out = is_kept(pdf) ? &text : NULL;
    at = hex ? pdf_hex_read(at, end, out) : pdf_text_read(at, end, out);
    text_take(pdf, buf_span(&text));
    return at;
}

static void dictionary_begin(struct pdf *pdf)
{
    pdf->depth++;
    if (pdf->depth == 1) {
        pdf->objects_here = pdf->flate = pdf->filtered = pdf->embedded_here = false;
        pdf->stream = (struct pdf_stream){0};
        pdf->first = 0;
    }
}

static void dictionary_end(struct pdf *pdf)
{
    pdf->referring = NAME_FILE; /* of no interest */
    pdf->depth -= pdf->depth > 0;
    if (pdf->open_action && pdf->depth <= pdf->open_depth)
        pdf->open_action = false;
}

static void tokens_read(struct pdf *pdf, struct span bytes);

/* 7.5.7: pairs of numbers, an object's and its place behind /First. */
static void numbers_read(struct arena *arena, struct span head, struct pdf_notes *out)
{
    struct span word;
    uint64_t object, place;
    while (out->maps.len < NUMBERS_MOST && span_word(&head, &word) && span_number(word, UINT32_MAX, &object) && span_word(&head, &word) &&
           span_number(word, UINT32_MAX, &place))
        *vec_push(arena, &out->maps) = (struct pdf_pair){(uint32_t)object, (uint32_t)place};
}

static void objects_read(struct pdf *pdf, struct span bytes)
{
    struct pdf_notes numbers = {0};
    struct pdf inside = *pdf;
    size_t first = pdf->first < bytes.len ? pdf->first : 0;
    numbers_read(pdf->reading->arena, span_first(bytes, first), &numbers);
    inside.inner = true;
    inside.depth = 0;
    inside.now = 0;
    inside.last = NAME_OTHER;
    inside.numbers = numbers.maps.at;
    inside.number_count = numbers.maps.len;
    inside.inside = bytes.at + first;
    tokens_read(&inside, span_skip(bytes, first));
    pdf->links = inside.links;
    pdf->open_object = inside.open_object ? inside.open_object : pdf->open_object;
    pdf->objects = inside.objects;
    pdf->wanted = inside.wanted;
    pdf->addresses = inside.addresses;
    pdf->actions = inside.actions;
}

/* In a stream of objects: the next of them begins. */
static void number_pass(struct pdf *pdf, const char *at)
{
    while (pdf->number_count && at >= pdf->inside + pdf->numbers->to) {
        pdf->now = pdf->numbers->object;
        pdf->depth = 0;
        pdf->numbers++;
        pdf->number_count--;
    }
}

static void objects_inflate(struct pdf *pdf, struct span packed)
{
    if (pdf->inner || !pdf->objects_here)
        return;
    if (!pdf->flate) {
        pdf->piece->fact->traits |= pdf->filtered ? FILE_NOT_WHOLLY_READ : 0;
        if (pdf->filtered)
            return;
    }
    SCRATCH out = {0};
    size_t most = pdf->notes->inflate_left < pdf->reading->inflate_left ? pdf->notes->inflate_left : pdf->reading->inflate_left;
    struct pdf_stream stream = {.object = pdf->now, .generation = pdf->generation, .packed = packed, .filters = pdf->flate ? PDF_FLATE : 0};
    bool whole = pdf_stream_open(pdf->reading, pdf->notes, &stream, most, &out);
    if (!whole && out.len >= most)
        pdf->piece->fact->traits |= FILE_NOT_WHOLLY_READ;
    pdf->unread |= !whole && !out.len;
    objects_read(pdf, scratch_span(&out));
}

/* Most of a file is packed, where every byte is as rare as another: looking for the first byte goes faster there than span_find. */
static const char *mark_find(struct span bytes, struct span mark)
{
    for (const char *at; (at = span_find_byte(bytes, mark.at[0])); bytes = span_skip(bytes, (size_t)(at - bytes.at) + 1))
        if (span_starts(span_from(at, bytes.at + bytes.len), mark))
            return at;
    return NULL;
}

/* What follows the word "stream": its end is looked for, its told length not believed. */
static const char *stream_pass(struct pdf *pdf, const char *at, const char *end)
{
    at += at < end && *at == '\r';
    at += at < end && *at == '\n';
    const char *stop = mark_find(span_from(at, end), S("endstream"));
    struct span packed = span_from(at, stop ? stop : end);
    if (pdf->embedded_here && !pdf->inner) {
        struct sniffed sniffed = bytes_sniff(packed);
        file_trait_set(pdf->piece->fact, sniffed.kind == KIND_PROGRAM ? FILE_ARCHIVE_EXECUTABLE : 0, S("EmbeddedFile"));
    }
    if (pdf->objects_here)
        objects_inflate(pdf, packed);
    else if (pdf->notes->streams.len < STREAMS_MOST && pdf->now) {
        struct pdf_stream *noted = vec_push(pdf->reading->arena, &pdf->notes->streams);
        *noted = pdf->stream;
        noted->object = pdf->now;
        noted->generation = pdf->generation;
        noted->packed = packed;
    }
    pdf->objects_here = pdf->flate = pdf->filtered = pdf->embedded_here = false;
    return stop ? stop + 9 : end;
}

/* Numbers, and the words obj, R, stream. */
static const char *word_read(struct pdf *pdf, const char *at, const char *end)
{
    const char *start = at;
    while (at < end && !pdf_is_delimiter(*at))
        at++;
    struct span word = span_from(start, at);
    uint64_t number;
    if (span_number(word, UINT32_MAX, &number)) {
        pdf->number_before = pdf->number;
        pdf->number = (uint32_t)number;
        number_take(pdf, pdf->number);
        return at;
    }
    if (span_eq(word, S("obj"))) {
        pdf->objects++;
        pdf->now = pdf->number_before;
        pdf->generation = pdf->number;
        pdf->depth = 0;
        pdf->open_action = false;
        pdf->referring = NAME_FILE;
    } else if (span_eq(word, S("R"))) {
        reference_take(pdf, pdf->number_before);
    }
    if (span_eq(word, S("R")) && pdf->open_action && pdf->depth == pdf->open_depth) {
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
        if (pdf->number_count)
            number_pass(pdf, at - 1);
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
        } else if (!pdf_is_delimiter(c)) {
            at = word_read(pdf, at - 1, end);
        }
    }
    if (at < end)
        pdf->piece->fact->traits |= FILE_NOT_WHOLLY_READ;
}

/* "/URI 5 0 R", and "5 0 obj (https://...) endobj" elsewhere. */
static void addresses_join(struct pdf *pdf)
{
    vec_each (wanted, &pdf->wanted)
        vec_each (address, &pdf->addresses)
            if (address->object == *wanted)
                address_take(pdf, address->text);
}

static bool tells_of_code(struct span text)
{
    enum { WITHIN = 1 << 14 };
    text = span_first(text, WITHIN);
    for (const char *at = text.at; (at = span_find(span_from(at, text.at + text.len), S("QR"))); at += 2) {
        const char *end = text.at + text.len;
        if ((at == text.at || !ascii_is_alpha(at[-1])) && (at + 2 == end || !ascii_is_alpha(at[2])))
            return true;
    }
    return false;
}

/* Pictures cost most. A code in one is the way out of a file that has no other, or of a letter that speaks of it. */
static bool wants_pictures(const struct pdf *pdf)
{
    const struct message *message = pdf->reading->message;
    bool told = !pdf->links || tells_of_code(pdf->piece->fact->text) || tells_of_code(message->subject);
    vec_each (leaf, &message->leaves)
        told |= !told && tells_of_code((*leaf)->text);
    return told;
}

void pdf_read(struct file_reading *reading, const struct file_piece *piece)
{
    struct pdf_notes notes = {.inflate_left = INFLATE_TIMES * piece->bytes.len + INFLATE_FREE};
    struct pdf pdf = {.reading = reading, .piece = piece, .notes = &notes};
    bool locked = mark_find(piece->bytes, S("/Encrypt")) && pdf_key_find(reading->arena, piece->bytes, &notes.key);
    file_trait_set(piece->fact, FILE_PDF, (struct span){0});
    if (locked)
        file_trait_set(piece->fact, FILE_PDF_ENCRYPTED, S("password"));
    tokens_read(&pdf, piece->bytes);
    addresses_join(&pdf);
    vec_each (action, &pdf.actions)
        if (pdf.open_object && *action == pdf.open_object)
            action_tell(&pdf, "OpenAction");
    if (pdf.unread && !(piece->fact->traits & FILE_PDF_ENCRYPTED)) /* a lock is told as such */
        piece->fact->traits |= FILE_NOT_WHOLLY_READ;
    if (!pdf.objects)
        piece->fact->traits |= FILE_BROKEN;
    if (piece->fact->traits & FILE_PDF_ENCRYPTED && !notes.key.len)
        return;
    pdf_words_read(reading, piece, &notes);
    if (wants_pictures(&pdf))
        pdf_pictures_read(reading, piece, &notes);
}
