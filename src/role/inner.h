/* role/inner: what the files of this room share and nobody else sees. */
#pragma once
#include "role/role.h"
#include <unistd.h>

enum { FRAME_MOST = 64 << 20 };

static inline void fd_close_later(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

/* ---- parcel.c: what travels in frames. Readers never trust a length; -1 where the bytes do not fit. */
void job_pack(struct buf *out, const struct scan_job *job); /* without the descriptor */
int job_unpack(struct arena *arena, struct span bytes, struct scan_job *out);
void asks_pack(struct buf *out, const struct dns_ask *asks, size_t count);
bool ask_unpack(struct span *rest, struct dns_ask *out); /* false at the end or at nonsense */
void answer_pack(struct buf *out, const struct dns_answer *answer);
bool answer_unpack(struct arena *arena, struct span *rest, struct dns_answer *out);
void result_pack(struct buf *out, const struct scan_result *result);
int result_unpack(struct span bytes, struct scan_result *out);

/* ---- judge.c */
int job_read(struct arena *arena, const struct scan_job *job, size_t most, struct span *raw, struct err *err);
void result_write(struct walk *walk, const struct result_style *style, struct scan_result *out);

/* ---- here.c */
int64_t clock_ms(void); /* of the monotonic clock */

/* ---- template.c: forks judges on demand, before anything that must not cross a fork is open in the parent */
struct template {
    struct channel *channel;
    int pid;
};
int template_start(const struct judge_settings *settings, struct template *out, struct err *err);
int template_judge(struct template *template, struct channel **out, struct err *err); /* a new judge's channel */
void template_stop(struct template *template);
