/* spamd: what spamc, Exim and whoever else knows SpamAssassin's daemon speak to it (SPAMC/1.2 to 1.5), and what Exim speaks to
 * Rspamd's older face (RSPAMC/1.3), as pure functions over bytes: what is asked is read here, what is answered is written here.
 *
 * In: the bytes of one connection, as they came: a line that says what is asked, fields, an empty line, and the message, of which
 * nothing is read here. Out: one line after the other; answers. A fault says what came and ends the conversation.
 * Never: reads a message, a clock, a socket; decides anything.
 * Source: the conversation of spamc 4.0 and of Exim 4.96 with their servers, spamd's PROTOCOL text.
 */
#pragma once
#include "base/base.h"

enum { SPAMD_LINE_MOST = 8192, SPAMD_HEAD_MOST = 4 << 20 }; /* an RSPAMC head names each recipient in a line of its own */

/* ---- what is asked */
enum spamd_tongue { SPAMD_SPAMC, SPAMD_RSPAMC };
enum spamd_verb {
    SPAMD_CHECK, SPAMD_SYMBOLS, SPAMD_REPORT, SPAMD_REPORT_IFSPAM, SPAMD_PROCESS, SPAMD_HEADERS, /* with a message */
    SPAMD_PING, SPAMD_SKIP, SPAMD_TELL, SPAMD_VERBS
};
struct spamd_asked {
    enum spamd_verb verb;
    enum spamd_tongue tongue;
    unsigned minor; /* of version 1 */
};
struct spamd_head { /* how far it was read, and what of it matters here; zeroes before its first line */
    bool begun, ended;
    size_t bytes;
    struct spamd_asked asked;
    bool length_told, deflated; /* deflated: Compress: zlib; then the length is that of what comes */
    uint64_t length;            /* of the message; not told: it ends with the connection */
};
struct spamd_field {
    struct span name, value; /* trimmed; name empty: the line was none that the caller need look at */
};
enum spamd_reading { SPAMD_FAULT = -1, SPAMD_LATER = 0, SPAMD_LINE = 1 };
/* The first line of the bytes; *used: how many it took. LATER: it is not there whole. Not called again once head->ended. */
enum spamd_reading spamd_head_read(struct spamd_head *head, struct span bytes, size_t *used, struct spamd_field *out, struct err *err);
const char *spamd_verb_name(enum spamd_verb verb); /* "REPORT_IFSPAM" */
bool spamd_has_message(const struct spamd_asked *asked);
bool spamd_returns_message(const struct spamd_asked *asked); /* PROCESS, HEADERS */

/* ---- what is answered */
struct spamd_symbol {
    struct span name, option; /* option: may be empty */
    double score;
};
struct spamd_answer {
    bool spam;
    double score, threshold, reject; /* reject: RSPAMC tells it */
    struct span action;              /* "add header"; of RSPAMC */
    VEC(struct spamd_symbol) symbols;
    struct span message_id, report;  /* report: text for people, lines ending in LF */
    uint64_t message_bytes;          /* of a message that follows the answer */
};
void spamd_answer_write(const struct spamd_asked *asked, const struct spamd_answer *answer, struct buf *out);
void spamd_pong_write(const struct spamd_asked *asked, struct buf *out);

enum spamd_fault { SPAMD_EX_UNAVAILABLE = 69, SPAMD_EX_TEMPFAIL = 75, SPAMD_EX_PROTOCOL = 76 };
/* text: one line, without an end. */
void spamd_fault_write(const struct spamd_asked *asked, enum spamd_fault fault, struct span text, struct buf *out);
