/* write: answers and edits as frames. */
#include "milter/milter.h"

static void number_add(struct buf *out, uint32_t number)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        buf_byte(out, (char)(number >> shift & 255));
}

static void piece_add(struct buf *out, struct span piece)
{
    buf_add(out, piece);
    buf_byte(out, 0);
}

/* A frame is begun with a length of nothing, and gets its own when it is whole. */
static size_t frame_begin(struct buf *out, char letter)
{
    size_t at = out->len;
    number_add(out, 0);
    buf_byte(out, letter);
    return at;
}

static void frame_end(struct buf *out, size_t at)
{
    size_t length = out->len - at - 4;
    for (int i = 0; i < 4; i++)
        out->at[at + (size_t)i] = (char)(length >> (24 - 8 * i) & 255);
}

/* ---- answers */
static void macros_write(const struct milter_wish *wish, struct buf *out)
{
    static const enum milter_command stages[] = {MILTER_CONNECT, MILTER_HELO, MILTER_MAIL, MILTER_RCPT, MILTER_DATA, MILTER_MESSAGE_END, MILTER_HEADERS_END};
    for (uint32_t i = 0; i < sizeof stages / sizeof *stages; i++)
        if (wish->macros[stages[i]]) {
            number_add(out, i);
            piece_add(out, span_of(wish->macros[stages[i]]));
        }
}

void milter_offer_write(const struct milter_talk *talk, const struct milter_wish *wish, struct buf *out)
{
    size_t at = frame_begin(out, 'O');
    number_add(out, talk->agreed.version);
    number_add(out, talk->agreed.actions);
    number_add(out, talk->agreed.steps);
    if (talk->agreed.actions & MILTER_MAY_CHOOSE_MACROS)
        macros_write(wish, out);
    frame_end(out, at);
}

void milter_word_write(enum milter_word word, struct buf *out)
{
    frame_end(out, frame_begin(out, (char)word));
}

void milter_reply_write(const char *code, const char *enhanced, struct span text, struct buf *out)
{
    size_t at = frame_begin(out, 'y');
    buf_print(out, "%s %s ", code, enhanced);
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c == '%')
            buf_byte(out, '%'); /* both servers undo the doubling */
        buf_byte(out, c < 32 || c == 127 ? ' ' : (char)c);
    }
    buf_byte(out, 0);
    frame_end(out, at);
}

/* ---- edits */
static const struct kind {
    const char *what;
    char letter;
    uint32_t action;
    bool index, name;
} kinds[] = {
    [MILTER_ADD] = {"adding a field", 'h', MILTER_MAY_ADD, false, true},
    [MILTER_INSERT] = {"inserting a field", 'i', MILTER_MAY_ADD, true, true},
    [MILTER_CHANGE] = {"changing a field", 'm', MILTER_MAY_CHANGE, true, true},
    [MILTER_REMOVE] = {"removing a field", 'm', MILTER_MAY_CHANGE, true, true},
    [MILTER_REMOVE_RCPT] = {"removing a recipient", '-', MILTER_MAY_REMOVE_RCPT, false, false},
    [MILTER_ADD_RCPT] = {"adding a recipient", '+', MILTER_MAY_ADD_RCPT, false, false},
    [MILTER_CHANGE_FROM] = {"changing the sender", 'e', MILTER_MAY_CHANGE_FROM, false, false},
    [MILTER_REPLACE_BODY] = {"replacing the body", 'b', MILTER_MAY_REPLACE_BODY, false, false},
    [MILTER_QUARANTINE] = {"quarantine", 'q', MILTER_MAY_QUARANTINE, false, false},
};

static bool has_nul(struct span piece)
{
    return piece.len && memchr(piece.at, 0, piece.len);
}

static int edit_check(const struct milter_talk *talk, const struct milter_edit *edit, uint32_t action, struct err *err)
{
    const struct kind *kind = &kinds[edit->kind];
    if ((talk->agreed.actions & action) != action)
        return err_set(err, "%s is nothing that the mail server offered", kind->what);
    if (has_nul(edit->name) || has_nul(edit->params) || (edit->kind != MILTER_REPLACE_BODY && has_nul(edit->value)))
        return err_set(err, "%s: a piece holds a NUL, which would end it", kind->what);
    if (kind->name && !edit->name.len)
        return err_set(err, "%s: the field has no name", kind->what);
    return 0;
}

static void body_write(struct span body, struct buf *out)
{
    do {
        size_t at = frame_begin(out, 'b');
        buf_add(out, span_first(body, MILTER_CHUNK_MOST));
        frame_end(out, at);
        body = span_skip(body, MILTER_CHUNK_MOST);
    } while (body.len);
}

static void value_write(const struct milter_talk *talk, const struct milter_edit *edit, struct buf *out)
{
    bool field = kinds[edit->kind].name;
    if (field)
        piece_add(out, edit->name);
    if (field && edit->kind != MILTER_REMOVE && talk->agreed.steps & MILTER_LEADING_SPACE)
        buf_byte(out, ' ');
    piece_add(out, edit->kind == MILTER_REMOVE ? S("") : edit->value);
    if (!field && edit->params.len)
        piece_add(out, edit->params);
}

int milter_edit_write(const struct milter_talk *talk, const struct milter_edit *edit, struct buf *out, struct err *err)
{
    const struct kind *kind = &kinds[edit->kind];
    bool params = edit->kind == MILTER_ADD_RCPT && edit->params.len;
    if (edit_check(talk, edit, params ? MILTER_MAY_ADD_RCPT_PARAMS : kind->action, err) < 0)
        return -1;
    if (edit->kind == MILTER_REPLACE_BODY) {
        body_write(edit->value, out);
        return 0;
    }
    size_t at = frame_begin(out, params ? '2' : kind->letter);
    if (kind->index)
        number_add(out, edit->index);
    value_write(talk, edit, out);
    frame_end(out, at);
    return 0;
}
