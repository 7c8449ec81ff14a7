/* milter: what Postfix and Sendmail speak to a filter (the milter protocol, version 6 and, where the mail server offers
 * less, 2 to 5), as pure functions over bytes: what it says is read here, what it is answered is written here.
 *
 * In: the bytes of one connection, as they came. Out: one command after the other with its pieces as spans into those bytes;
 * frames to be sent. A fault says what came and ends the conversation: nobody can tell where the next frame would begin.
 * Never: reads a message (a header field is a name and a value here), a clock, a socket; changes a byte of what came.
 * Source: the conversation of Sendmail 8.14's libmilter and Postfix's milter8 with each other, mfdef.h's letters and bits.
 */
#pragma once
#include "base/base.h"

enum { MILTER_VERSION = 6, MILTER_FRAME_MOST = 1 << 20, MILTER_CHUNK_MOST = 65535 };

/* ---- what the mail server says. MACROS, ABORT, QUIT and QUIT_NEW are never answered, MESSAGE_END always. */
enum milter_command {
    MILTER_NEGOTIATE, MILTER_MACROS, MILTER_CONNECT, MILTER_HELO, MILTER_MAIL, MILTER_RCPT, MILTER_DATA, MILTER_HEADER, MILTER_HEADERS_END,
    MILTER_BODY, MILTER_MESSAGE_END, MILTER_ABORT, MILTER_QUIT,
    MILTER_QUIT_NEW, /* another client follows on the same connection */
    MILTER_UNKNOWN,  /* an SMTP command that nobody knows */
    MILTER_COMMANDS
};
struct milter_offer { /* of NEGOTIATE, and what was agreed */
    uint32_t version, actions, steps; /* bits of enum milter_action and enum milter_step */
};
enum milter_family { MILTER_NO_FAMILY, MILTER_INET, MILTER_INET6, MILTER_UNIX };
struct milter_client { /* of CONNECT */
    struct span name;  /* as the server has it: "unknown" and "[192.0.2.1]" too */
    enum milter_family family;
    struct ip ip;      /* of INET and INET6 */
    uint16_t port;
    struct span path;  /* of UNIX */
};
struct milter_said {
    enum milter_command command;
    struct milter_offer offer;
    struct milter_client client;
    enum milter_command stage; /* of MACROS: they belong to the next such command */
    struct span pairs;         /* of MACROS; see milter_macro */
    struct span text;          /* of HELO and UNKNOWN; of MAIL and RCPT the address as written; of HEADER the value; of BODY the piece */
    struct span params;        /* of MAIL and RCPT; see milter_piece */
    struct span name;          /* of HEADER */
};
enum milter_reading { MILTER_FAULT = -1, MILTER_LATER = 0, MILTER_SAID = 1 };
/* The first frame of the bytes; *used: how many it took. LATER: it is not there whole. FAULT: err says what came instead. */
enum milter_reading milter_read(struct span bytes, size_t *used, struct milter_said *out, struct err *err);
bool milter_piece(struct span *rest, struct span *piece);                    /* the next one that ends in NUL; false: no more */
bool milter_macro(struct span *rest, struct span *name, struct span *value); /* names without their braces */
const char *milter_command_name(enum milter_command command);               /* "RCPT" */

/* ---- the conversation: what was agreed, and what may come next */
enum milter_action { /* what may be done to a message */
    MILTER_MAY_ADD = 0x01, MILTER_MAY_REPLACE_BODY = 0x02, MILTER_MAY_ADD_RCPT = 0x04, MILTER_MAY_REMOVE_RCPT = 0x08, MILTER_MAY_CHANGE = 0x10,
    MILTER_MAY_QUARANTINE = 0x20, MILTER_MAY_CHANGE_FROM = 0x40, MILTER_MAY_ADD_RCPT_PARAMS = 0x80, MILTER_MAY_CHOOSE_MACROS = 0x100
};
enum milter_step { /* what the server need not send, need not wait for, and how it sends */
    MILTER_NO_UNKNOWN = 0x100, MILTER_NO_DATA = 0x200, MILTER_CAN_SKIP = 0x400,
    MILTER_SILENT_HEADER = 0x80, MILTER_SILENT_CONNECT = 0x1000, MILTER_SILENT_HELO = 0x2000, MILTER_SILENT_MAIL = 0x4000, MILTER_SILENT_RCPT = 0x8000,
    MILTER_SILENT_DATA = 0x10000, MILTER_SILENT_UNKNOWN = 0x20000, MILTER_SILENT_HEADERS_END = 0x40000, MILTER_SILENT_BODY = 0x80000,
    MILTER_LEADING_SPACE = 0x100000 /* values of header fields with what stands behind the colon, both ways */
};
struct milter_wish { /* what a filter would like; it gets what the server has of it */
    uint32_t actions, steps;
    const char *macros[MILTER_COMMANDS]; /* names, blank separated, by the command they come before; NULL: as the server likes */
};
struct milter_talk {
    struct milter_offer agreed;
    uint32_t awaited;            /* what may come now: a bit for each command; 0: nothing was said yet */
    enum milter_command last;    /* that was not MACROS */
};
/* Whether this may come now; -1: err says what came after what. An offer is agreed upon here, and must be answered. */
int milter_follow(struct milter_talk *talk, const struct milter_said *said, const struct milter_wish *wish, struct err *err);
bool milter_is_answered(const struct milter_talk *talk, enum milter_command command); /* the server waits for a word */

/* ---- what it is answered; each adds a whole frame */
enum milter_word {
    MILTER_CONTINUE = 'c', MILTER_ACCEPT = 'a', MILTER_REJECT = 'r', MILTER_TEMPFAIL = 't', MILTER_DISCARD = 'd', MILTER_SKIP = 's',
    MILTER_PROGRESS = 'p' /* it takes longer; wait on */
};
void milter_offer_write(const struct milter_talk *talk, const struct milter_wish *wish, struct buf *out);
void milter_word_write(enum milter_word word, struct buf *out);
/* "550", "5.7.1", text: line ends and controls in the text become blanks. */
void milter_reply_write(const char *code, const char *enhanced, struct span text, struct buf *out);

/* Edits, only between MESSAGE_END and its answer. The index of a field counts those of its name from 1, but for INSERT, which
 * counts all fields from 0. Whoever changes several of one name begins with the highest, for a removal moves those behind it. */
enum milter_edit_kind {
    MILTER_ADD, MILTER_INSERT, MILTER_CHANGE, MILTER_REMOVE, MILTER_REMOVE_RCPT, MILTER_ADD_RCPT, MILTER_CHANGE_FROM, MILTER_REPLACE_BODY,
    MILTER_QUARANTINE
};
struct milter_edit {
    enum milter_edit_kind kind;
    uint32_t index;     /* INSERT, CHANGE, REMOVE */
    struct span name;   /* of a field */
    struct span value;  /* of a field, without the blank behind the colon; an address with its brackets; the new body; the reason */
    struct span params; /* of an address; empty: none */
};
/* -1: the server does not do this, or a piece holds NUL and could not be told; err says which. */
int milter_edit_write(const struct milter_talk *talk, const struct milter_edit *edit, struct buf *out, struct err *err);
