/* carry_mail: a job as a mail by SMTP (RFC 5321). libcurl speaks the protocol and doubles the dots. */
#include "role/carry.h"

/* Each line ends in CR LF, the last one too, and nowhere else does a CR or LF stand: a bare one is where one server sees the
 * end of a message and another does not. */
static struct span lines_settle(struct arena *arena, struct span bytes)
{
    struct buf out = {.arena = arena};
    for (size_t i = 0; i < bytes.len; i++) {
        char c = bytes.at[i];
        if (c == '\r' && i + 1 < bytes.len && bytes.at[i + 1] == '\n')
            i++;
        buf_add(&out, c == '\r' || c == '\n' ? S("\r\n") : (struct span){&bytes.at[i], 1});
    }
    if (out.len < 2 || out.at[out.len - 1] != '\n')
        buf_add(&out, S("\r\n"));
    return buf_span(&out);
}

static size_t on_send(char *to, size_t size, size_t count, void *context)
{
    struct work *work = context;
    struct span piece = span_first(work->rest, size * count);
    if (piece.len)
        memcpy(to, piece.at, piece.len);
    work->rest = span_skip(work->rest, piece.len);
    return piece.len;
}

static size_t on_answer(char *at, size_t size, size_t count, void *context)
{
    return size * count;
}

/* A greeting or an EHLO that is refused says nothing of this mail; what comes after MAIL does. libcurl tells the two apart by
 * its code, but for the answer to the mail itself, which stands behind bytes that were sent. */
static bool is_of_the_server(CURLcode code, long status, curl_off_t sent)
{
    return status == 421 || (code == CURLE_WEIRD_SERVER_REPLY && !sent) || code == CURLE_REMOTE_ACCESS_DENIED;
}

static void mail_judge(struct work *work, CURLcode code)
{
    long status = 0;
    curl_off_t sent = 0;
    curl_easy_getinfo(work->transfer, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(work->transfer, CURLINFO_SIZE_UPLOAD_T, &sent);
    if (code == CURLE_OK)
        work_done(work);
    else if (is_of_the_server(code, status, sent) || status < 400)
        work_later(work, true, 0, "%s", transfer_fault(work, code));
    else if (status < 500)
        work_later(work, false, 0, "SMTP %ld: %s", status, transfer_fault(work, code));
    else
        work_failed(work, "SMTP %ld: %s", status, transfer_fault(work, code));
}

static bool tls_set(struct work *work, const struct destination *destination)
{
    static const long uses[] = {CURLUSESSL_NONE, CURLUSESSL_TRY, CURLUSESSL_ALL};
    bool must = destination->tls == DESTINATION_TLS_MUST;
    return curl_easy_setopt(work->transfer, CURLOPT_USE_SSL, uses[destination->tls]) == CURLE_OK &&
           curl_easy_setopt(work->transfer, CURLOPT_SSL_VERIFYPEER, must ? 1L : 0L) == CURLE_OK &&
           curl_easy_setopt(work->transfer, CURLOPT_SSL_VERIFYHOST, must ? 2L : 0L) == CURLE_OK;
}

int mail_begin(struct work *work, const struct destination *destination, CURLM *transfers, uint64_t deadline_ms, struct err *err)
{
    struct span url = arena_print(work->arena, "smtp://%.*s", SPAN_FMT(destination->server));
    struct span whole = arena_print(work->arena, "X-Sekimori-Job: %.*s\r\n%.*s", SPAN_FMT(work->errand.job), SPAN_FMT(work->errand.bytes));
    if (transfer_open(work, url.at, "smtp", deadline_ms, err) < 0)
        return -1;
    CURL *transfer = work->transfer;
    work->rest = lines_settle(work->arena, whole);
    work->judge = mail_judge;
    work->list = curl_slist_append(NULL, arena_print(work->arena, "<%.*s>", SPAN_FMT(destination->mail)).at);
    bool set = work->list && tls_set(work, destination);
    set = set && curl_easy_setopt(transfer, CURLOPT_MAIL_FROM, arena_print(work->arena, "<%.*s>", SPAN_FMT(destination->sender)).at) == CURLE_OK;
    set = set && curl_easy_setopt(transfer, CURLOPT_MAIL_RCPT, work->list) == CURLE_OK;
    set = set && curl_easy_setopt(transfer, CURLOPT_UPLOAD, 1L) == CURLE_OK;
    set = set && curl_easy_setopt(transfer, CURLOPT_INFILESIZE_LARGE, (curl_off_t)work->rest.len) == CURLE_OK;
    set = set && curl_easy_setopt(transfer, CURLOPT_READFUNCTION, on_send) == CURLE_OK;
    set = set && curl_easy_setopt(transfer, CURLOPT_READDATA, work) == CURLE_OK;
    set = set && curl_easy_setopt(transfer, CURLOPT_WRITEFUNCTION, on_answer) == CURLE_OK;
    set = set && curl_easy_setopt(transfer, CURLOPT_FORBID_REUSE, 1L) == CURLE_OK; /* each job's answer is its own connection's */
    return set ? transfer_start(work, transfers, err) : err_set(err, "libcurl does not take the settings of a mail");
}
