/* read: frames of four bytes of length, a letter, and pieces. */
#include "milter/milter.h"

enum { HEAD = 4 };

struct pieces { /* of one frame, read from the front; a failure is looked at once, at the end */
    struct span rest;
    bool failed;
};

static uint32_t number_of(const char *at)
{
    const unsigned char *bytes = (const unsigned char *)at;
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static uint32_t number(struct pieces *pieces)
{
    pieces->failed |= pieces->rest.len < 4;
    uint32_t got = pieces->failed ? 0 : number_of(pieces->rest.at);
    pieces->rest = span_skip(pieces->rest, 4);
    return got;
}

static char letter(struct pieces *pieces)
{
    pieces->failed |= !pieces->rest.len;
    char got = pieces->rest.len ? pieces->rest.at[0] : 0;
    pieces->rest = span_skip(pieces->rest, 1);
    return got;
}

static struct span text(struct pieces *pieces)
{
    struct span piece = {0};
    pieces->failed |= !milter_piece(&pieces->rest, &piece);
    return piece;
}

bool milter_piece(struct span *rest, struct span *piece)
{
    const char *end = rest->len ? memchr(rest->at, 0, rest->len) : NULL;
    if (!end)
        return false;
    *piece = span_from(rest->at, end);
    *rest = span_skip(*rest, piece->len + 1);
    return true;
}

bool milter_macro(struct span *rest, struct span *name, struct span *value)
{
    struct span after = *rest;
    if (!milter_piece(&after, name) || !milter_piece(&after, value))
        return false;
    *rest = after;
    if (name->len > 2 && name->at[0] == '{' && name->at[name->len - 1] == '}')
        *name = (struct span){name->at + 1, name->len - 2};
    return true;
}

/* ---- one command each */
static void negotiate(struct pieces *pieces, struct milter_said *out)
{
    out->offer.version = number(pieces);
    out->offer.actions = number(pieces);
    out->offer.steps = number(pieces);
}

static void client(struct pieces *pieces, struct milter_said *out)
{
    struct milter_client *got = &out->client;
    got->name = text(pieces);
    char family = letter(pieces);
    if (family == 'U' || pieces->failed)
        return;
    pieces->failed |= pieces->rest.len < 2;
    got->port = pieces->failed ? 0 : (uint16_t)(number_of((const char[]){0, 0, pieces->rest.at[0], pieces->rest.at[1]}));
    pieces->rest = span_skip(pieces->rest, 2);
    struct span address = text(pieces);
    got->family = family == 'L' ? MILTER_UNIX : family == '4' ? MILTER_INET : family == '6' ? MILTER_INET6 : MILTER_NO_FAMILY;
    if (got->family == MILTER_UNIX)
        got->path = address;
    else
        pieces->failed |= got->family == MILTER_NO_FAMILY || !ip_parse(address, &got->ip);
}

static void helo(struct pieces *pieces, struct milter_said *out)
{
    out->text = text(pieces);
}

static void envelope(struct pieces *pieces, struct milter_said *out)
{
    out->text = text(pieces);
    out->params = pieces->rest;
    pieces->failed |= pieces->rest.len && pieces->rest.at[pieces->rest.len - 1] != 0;
    pieces->rest.len = 0;
}

/* A value may hold NUL: it goes to the last one of the frame. */
static void field(struct pieces *pieces, struct milter_said *out)
{
    out->name = text(pieces);
    pieces->failed |= !out->name.len || !pieces->rest.len || pieces->rest.at[pieces->rest.len - 1] != 0;
    out->text = pieces->failed ? (struct span){0} : span_first(pieces->rest, pieces->rest.len - 1);
    pieces->rest.len = 0;
}

static void body(struct pieces *pieces, struct milter_said *out)
{
    out->text = pieces->rest;
    pieces->rest.len = 0;
}

static void nothing(struct pieces *pieces, struct milter_said *out)
{
}

static void macros(struct pieces *pieces, struct milter_said *out);

static const struct {
    char letter;
    const char *name;
    void (*read)(struct pieces *pieces, struct milter_said *out);
} commands[MILTER_COMMANDS] = {
    [MILTER_NEGOTIATE] = {'O', "NEGOTIATE", negotiate}, [MILTER_MACROS] = {'D', "MACROS", macros}, [MILTER_CONNECT] = {'C', "CONNECT", client},
    [MILTER_HELO] = {'H', "HELO", helo}, [MILTER_MAIL] = {'M', "MAIL", envelope}, [MILTER_RCPT] = {'R', "RCPT", envelope},
    [MILTER_DATA] = {'T', "DATA", nothing}, [MILTER_HEADER] = {'L', "HEADER", field}, [MILTER_HEADERS_END] = {'N', "HEADERS_END", nothing},
    [MILTER_BODY] = {'B', "BODY", body}, [MILTER_MESSAGE_END] = {'E', "MESSAGE_END", body}, [MILTER_ABORT] = {'A', "ABORT", nothing},
    [MILTER_QUIT] = {'Q', "QUIT", nothing}, [MILTER_QUIT_NEW] = {'K', "QUIT_NEW", nothing}, [MILTER_UNKNOWN] = {'U', "UNKNOWN", helo},
};

static enum milter_command command_of(char wanted)
{
    for (enum milter_command at = 0; at < MILTER_COMMANDS; at++)
        if (commands[at].letter == wanted)
            return at;
    return MILTER_COMMANDS;
}

const char *milter_command_name(enum milter_command command)
{
    return command < MILTER_COMMANDS ? commands[command].name : "nothing";
}

static void macros(struct pieces *pieces, struct milter_said *out)
{
    struct span rest, name, value;
    out->stage = command_of(letter(pieces));
    out->pairs = rest = pieces->rest;
    while (milter_macro(&rest, &name, &value))
        ;
    pieces->failed |= rest.len || out->stage == MILTER_COMMANDS;
    pieces->rest.len = 0;
}

/* ---- a frame */
static enum milter_reading fault(struct err *err, const char *what, enum milter_command command, size_t length)
{
    err_set(err, "%s: %s of %zu bytes", what, milter_command_name(command), length);
    return MILTER_FAULT;
}

/* The letter is looked at as soon as it is there: what is no milter client is not waited for. */
static enum milter_reading head_read(struct span bytes, size_t *length, enum milter_command *command, struct err *err)
{
    *length = bytes.len >= HEAD ? number_of(bytes.at) : 1;
    if (!*length || *length > MILTER_FRAME_MOST) {
        err_set(err, *length ? "a frame of %zu bytes, where %d are taken; is it a milter client?" : "a frame of %zu bytes (of at most %d)", *length,
                MILTER_FRAME_MOST);
        return MILTER_FAULT;
    }
    if (bytes.len <= HEAD)
        return MILTER_LATER;
    *command = command_of(bytes.at[HEAD]);
    if (*command < MILTER_COMMANDS)
        return bytes.len - HEAD < *length ? MILTER_LATER : MILTER_SAID;
    err_set(err, "a command that is not known: byte 0x%02x", (unsigned char)bytes.at[HEAD]);
    return MILTER_FAULT;
}

enum milter_reading milter_read(struct span bytes, size_t *used, struct milter_said *out, struct err *err)
{
    size_t length;
    enum milter_command command = MILTER_COMMANDS;
    enum milter_reading read = head_read(bytes, &length, &command, err);
    *used = 0;
    if (read != MILTER_SAID)
        return read;
    struct pieces pieces = {.rest = {bytes.at + HEAD + 1, length - 1}};
    *out = (struct milter_said){.command = command};
    commands[command].read(&pieces, out);
    if (pieces.failed)
        return fault(err, "a frame that is cut short, or holds what cannot be read", command, length);
    if (pieces.rest.len && command != MILTER_CONNECT && command != MILTER_HELO && command != MILTER_NEGOTIATE && command != MILTER_UNKNOWN)
        return fault(err, "a frame with more in it than belongs there", command, length);
    *used = HEAD + length;
    return MILTER_SAID;
}
