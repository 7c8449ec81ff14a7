/* action/inner: what the files of this room share. */
#pragma once
#include "action/action.h"

enum { EVIDENCE_TOLD = 12, PEOPLE_TOLD = 20, TOLD_MOST = 600 }; /* sentences and recipients of one notice; bytes of each. Strangers write them */

enum notice_text {
#define TEXT(id, en, ja) id,
#include "action/notice.def"
#undef TEXT
    NOTICE_TEXT_COUNT
};
const char *notice_text(enum notice_text id, enum language language);

/* ---- notice.c: what waits for somebody to agree; false: nothing does. Names are those of policies; an organisation's own mode has none. */
struct notice_wait {
    VEC(struct span) acts, policies, recipients; /* each once, of recipients at most PEOPLE_TOLD */
    int64_t until;
};
bool notice_wait(struct arena *arena, const struct notices *notices, const struct report *report, struct notice_wait *out);

/* ---- notice_mail.c: parts of a mail whose body is quoted-printable */
void mail_line_write(struct span line, struct buf *out); /* with its end */
void mail_subject_write(struct span text, struct buf *out);
void mail_date_write(int64_t time, struct buf *out); /* nothing where it is not known */

/* ---- notice_mail.c: the whole message, with CR LF at the end of each line */
void notice_mail_write(struct arena *arena, const struct notices *notices, const struct notice *notice, const struct report *report, struct buf *out);
void notice_mail_write_unjudged(struct arena *arena, const struct notices *notices, const struct notice *notice, const struct unjudged *unjudged, struct buf *out);
void notice_mail_write_appeal(struct arena *arena, const struct notices *notices, const struct notice *notice, const struct appeal *appeal, struct buf *out);
