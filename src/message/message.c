/* One message from its first byte to its last: the survey of line ends, the tree, then what the top header says, then the links. */
#include "message/link.h"
#include "message/reader.h"

struct survey {
    size_t cr, lf, crlf, nul;
};

/* Counts in blocks, so that the compiler can take many bytes at a time. */
static void block_count(const char *at, size_t n, char before, struct survey *out)
{
    uint8_t cr = 0, lf = 0, crlf = 0, nul = 0;
    crlf = n && before == '\r' && at[0] == '\n';
    for (size_t i = 0; i < n; i++) {
        cr = (uint8_t)(cr + (at[i] == '\r'));
        lf = (uint8_t)(lf + (at[i] == '\n'));
        nul = (uint8_t)(nul + (at[i] == '\0'));
    }
    for (size_t i = 1; i < n; i++)
        crlf = (uint8_t)(crlf + ((at[i] == '\n') & (at[i - 1] == '\r')));
    out->cr += cr;
    out->lf += lf;
    out->crlf += crlf;
    out->nul += nul;
}

static struct survey survey_of(struct span raw)
{
    struct survey out = {0};
    enum { BLOCK = 240 };
    for (size_t i = 0; i < raw.len; i += BLOCK)
        block_count(raw.at + i, raw.len - i < BLOCK ? raw.len - i : BLOCK, i ? raw.at[i - 1] : 0, &out);
    return out;
}

static void survey_judge(struct reader *reader, const struct survey *survey)
{
    struct span raw = reader->out->raw;
    if (survey->crlf && survey->lf > survey->crlf)
        defect_add(reader, DEFECT_LINES_MIXED, NULL, (struct span){0});
    if (survey->cr > survey->crlf) {
        const char *at = raw.at;
        while ((at = memchr(at, '\r', (size_t)(raw.at + raw.len - at))) && at + 1 < raw.at + raw.len && at[1] == '\n')
            at++;
        defect_add(reader, DEFECT_LINES_CR, at, (struct span){0});
    }
    if (survey->nul)
        defect_add_once(reader, DEFECT_BODY_NUL, memchr(raw.at, 0, raw.len), (struct span){0});
}

/* Would a program that ends lines at a lone carriage return see other fields or other parts? */
static bool cr_matters(const struct message *message)
{
    struct span head = message->head;
    for (size_t i = 0; i < head.len; i++)
        if (head.at[i] == '\r' && i + 1 < head.len && head.at[i + 1] != '\n')
            return true;
    return span_find(message->body, S("\r--")) != NULL;
}

/* The name of the field goes with the detail: a fault in From weighs otherwise than one in Cc. */
static void address_faults_tell(struct reader *reader, const struct field *field, unsigned faults)
{
    static const struct {
        unsigned fault;
        enum defect_id id;
    } rows[] = {{ADDRESS_SYNTAX, DEFECT_ADDRESS_SYNTAX}, {ADDRESS_WORD, DEFECT_ADDRESS_ENCODED_WORD}, {ADDRESS_MANY_AT, DEFECT_ADDRESS_MANY_AT},
                {ADDRESS_NO_DOMAIN, DEFECT_ADDRESS_NO_DOMAIN}, {ADDRESS_DOMAIN_BAD, DEFECT_ADDRESS_DOMAIN_BAD}, {ADDRESS_ROUTE, DEFECT_ADDRESS_ROUTE},
                {ADDRESS_IN_NAME, DEFECT_ADDRESS_IN_NAME}, {ADDRESS_TWO_ANGLES, DEFECT_ADDRESS_TWO_ANGLES},
                {ADDRESS_CONTROL, DEFECT_ADDRESS_CONTROL}, {ADDRESS_TOO_MANY, DEFECT_ADDRESSES_LIMIT}};
    if (!(faults & ~(unsigned)ADDRESS_GROUP))
        return;
    struct span value = span_first(field->value, 200), detail = arena_print(reader->arena, "%.*s: %.*s", SPAN_FMT(field->name), SPAN_FMT(value));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (faults & rows[i].fault)
            defect_add(reader, rows[i].id, field->raw.at, detail);
}

/* Offsets in the unfolded value become offsets in the message; both run forwards, so this is one pass. */
static void offsets_place(const struct reader *reader, const struct field *field, mailboxes_t *boxes, size_t from)
{
    const char *raw = field->raw.at, *end = field->raw.at + field->raw.len;
    size_t base = (size_t)(raw - reader->out->raw.at), passed = 0;
    while (raw < end && (ascii_is_space(*raw) || *raw == '\0'))
        raw++;
    for (size_t i = from; i < boxes->len; i++) {
        while (raw < end && passed < boxes->at[i].offset) {
            passed += *raw != '\r' && *raw != '\n';
            raw++;
        }
        while (raw < end && (*raw == '\r' || *raw == '\n'))
            raw++;
        boxes->at[i].offset = base + (size_t)(raw - field->raw.at);
    }
}

static void words_judge(struct reader *reader, const struct field *field, unsigned faults)
{
    if (faults & WORD_BAD)
        defect_add(reader, DEFECT_WORD_BAD, field->raw.at, field->value);
    if (faults & WORD_CONTROL)
        defect_add(reader, DEFECT_WORD_CONTROL, field->raw.at, field->value);
}

/* All fields of one name, the topmost first: every mailbox that some program could show. */
static void boxes_read(struct reader *reader, enum field_id id, enum defect_id twice, mailboxes_t *out)
{
    const struct message *message = reader->out;
    const struct field *field;
    for (size_t n = 0; (field = message_field(message, id, n)) && out->len < reader->limits->addresses; n++) {
        if (n > 0)
            defect_add(reader, twice, field->whole.at, field->value);
        size_t from = out->len;
        unsigned faults = addresses_read(reader->arena, field->value, reader->limits->addresses, out);
        offsets_place(reader, field, out, from);
        address_faults_tell(reader, field, faults);
        if (id != FIELD_FROM)
            continue;
        if (faults & ADDRESS_GROUP)
            defect_add(reader, DEFECT_ADDRESS_GROUP, field->raw.at, field->value);
        if (out->len - from > 1)
            defect_add(reader, DEFECT_FROM_SEVERAL, field->raw.at, field->value);
        for (size_t i = from; i < out->len; i++)
            if (text_has_bidi(out->at[i].name))
                defect_add(reader, DEFECT_TEXT_BIDI, field->raw.at, out->at[i].name);
    }
}

static const struct field *only_field(struct reader *reader, enum field_id id, enum defect_id twice)
{
    const struct field *other = message_field(reader->out, id, 1);
    if (other)
        defect_add(reader, twice, other->whole.at, other->value);
    return message_field(reader->out, id, 0);
}

static void subject_read(struct reader *reader)
{
    struct message *message = reader->out;
    unsigned faults = 0;
    const struct field *field = only_field(reader, FIELD_SUBJECT, DEFECT_SUBJECT_TWICE);
    if (!field)
        return;
    message->subject = words_read(reader->arena, field->value, &faults);
    words_judge(reader, field, faults);
    if (text_has_bidi(message->subject))
        defect_add(reader, DEFECT_TEXT_BIDI, field->raw.at, message->subject);
}

static void date_read(struct reader *reader)
{
    int zone;
    const struct field *field = only_field(reader, FIELD_DATE, DEFECT_DATE_TWICE);
    reader->out->date = TIME_UNKNOWN;
    if (!field) {
        defect_add(reader, DEFECT_DATE_MISSING, NULL, (struct span){0});
    } else if (!time_parse(field->value, &reader->out->date, &zone)) {
        reader->out->date = TIME_UNKNOWN;
        defect_add(reader, DEFECT_DATE_BAD, field->raw.at, field->value);
    }
}

static void fields_read(struct reader *reader)
{
    struct message *message = reader->out;
    boxes_read(reader, FIELD_FROM, DEFECT_FROM_TWICE, &message->from);
    boxes_read(reader, FIELD_SENDER, DEFECT_SENDER_TWICE, &message->sender);
    boxes_read(reader, FIELD_REPLY_TO, DEFECT_REPLY_TO_TWICE, &message->reply_to);
    boxes_read(reader, FIELD_TO, DEFECT_TO_TWICE, &message->to);
    boxes_read(reader, FIELD_CC, DEFECT_CC_TWICE, &message->cc);
    if (!message_field(message, FIELD_FROM, 0))
        defect_add(reader, DEFECT_FROM_MISSING, NULL, (struct span){0});
    else if (!message->from.len)
        defect_add(reader, DEFECT_FROM_EMPTY, message_field(message, FIELD_FROM, 0)->raw.at, (struct span){0});
    subject_read(reader);
    date_read(reader);
    const struct field *id = only_field(reader, FIELD_MESSAGE_ID, DEFECT_MESSAGE_ID_TWICE);
    if (id)
        message->message_id = id->value;
    else
        defect_add(reader, DEFECT_MESSAGE_ID_MISSING, NULL, (struct span){0});
    bool mime = message_field(message, FIELD_CONTENT_TRANSFER_ENCODING, 0) || (message->root && message->root->kind == PART_MULTIPART);
    if (mime && !message_field(message, FIELD_MIME_VERSION, 0))
        defect_add(reader, DEFECT_MIME_VERSION_MISSING, NULL, (struct span){0});
}

void message_parse(struct arena *arena, const struct message_limits *limits, const struct tables *tables,
                   const struct arrival *arrival, struct message *out)
{
    struct reader reader = {.arena = arena, .limits = limits, .out = out};
    (void)tables;
    *out = (struct message){.raw = span_first(arrival->raw, limits->message_bytes)};
    if (!out->raw.at)
        out->raw.at = "";
    reader.text = out->raw;
    if (out->raw.len < arrival->raw.len)
        defect_add(&reader, DEFECT_MESSAGE_LIMIT, out->raw.at + out->raw.len, (struct span){0});
    if (!out->raw.len)
        defect_add(&reader, DEFECT_MESSAGE_EMPTY, NULL, (struct span){0});
    struct survey survey = survey_of(out->raw);
    survey_judge(&reader, &survey);
    reader.cr_ends = survey.cr && !survey.lf;
    entity_read(&reader, out->raw);
    out->head = out->root->head;
    out->body = out->root->body;
    out->fields = out->root->fields;
    if (out->raw.len && !out->fields.len)
        defect_add(&reader, DEFECT_HEADER_MISSING, out->raw.at, span_first(out->raw, 60));
    fields_read(&reader);
    if (survey.lf && survey.cr > survey.crlf && cr_matters(out)) {
        reader.cr_ends = true;
        entity_read_again(&reader, out->raw, S("line-end"));
    }
    links_collect(arena, limits, out);
}
