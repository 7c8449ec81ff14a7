/* carry_webhook: a job as an HTTP POST. */
#include "role/carry.h"

#include "base/config.h"

enum { SECRET_MOST = 64 << 10, ANSWER_MOST = 64 << 10, CONNECT_MS = 10000 };

/* ---- transfers */
int transfer_open(struct work *work, const char *url, const char *protocols, uint64_t deadline_ms, struct err *err)
{
    CURL *transfer = work->transfer = curl_easy_init();
    if (!transfer)
        return err_set(err, "libcurl gives no transfer");
    bool set = curl_easy_setopt(transfer, CURLOPT_URL, url) == CURLE_OK;
    set = set && curl_easy_setopt(transfer, CURLOPT_PROTOCOLS_STR, protocols) == CURLE_OK;
    set = set && curl_easy_setopt(transfer, CURLOPT_PRIVATE, work) == CURLE_OK;
    set = set && curl_easy_setopt(transfer, CURLOPT_ERRORBUFFER, work->fault) == CURLE_OK;
    set = set && curl_easy_setopt(transfer, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;
    set = set && curl_easy_setopt(transfer, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK;
    set = set && curl_easy_setopt(transfer, CURLOPT_TIMEOUT_MS, (long)deadline_ms) == CURLE_OK;
    set = set && curl_easy_setopt(transfer, CURLOPT_CONNECTTIMEOUT_MS, (long)(deadline_ms < CONNECT_MS ? deadline_ms : CONNECT_MS)) == CURLE_OK;
    return set ? 0 : err_set(err, "libcurl does not take \"%s\"", url);
}

int transfer_start(struct work *work, CURLM *transfers, struct err *err)
{
    CURLMcode code = curl_multi_add_handle(transfers, work->transfer);
    return code == CURLM_OK ? 0 : err_set(err, "libcurl: %s", curl_multi_strerror(code));
}

void transfer_close(struct work *work, CURLM *transfers)
{
    if (work->transfer) {
        curl_multi_remove_handle(transfers, work->transfer);
        curl_easy_cleanup(work->transfer);
    }
    curl_slist_free_all(work->list);
    work->transfer = NULL;
    work->list = NULL;
}

const char *transfer_fault(const struct work *work, CURLcode code)
{
    return work->fault[0] ? work->fault : curl_easy_strerror(code);
}

/* ---- what is sent */
static int field_add(struct work *work, const char *field, struct err *err)
{
    struct curl_slist *longer = curl_slist_append(work->list, field);
    if (!longer)
        return err_set(err, "no memory for header fields");
    work->list = longer;
    return 0;
}

static int secret_add(struct work *work, struct span path, struct err *err)
{
    struct span text, line;
    if (!path.len)
        return 0;
    if (file_read(work->arena, path.at, SECRET_MOST, &text, err) < 0)
        return -1;
    while (span_cut(&text, '\n', &line)) {
        struct span field = span_trim(line);
        if (field.len && field.at[0] != '#' && field_add(work, arena_copy(work->arena, field).at, err) < 0)
            return -1;
    }
    return 0;
}

static int fields_add(struct work *work, struct span secret, struct err *err)
{
    const char *job = work->errand.job.at;
    if (field_add(work, "Content-Type: application/json", err) < 0 || field_add(work, "Expect:", err) < 0 ||
        field_add(work, arena_print(work->arena, "X-Sekimori-Job: %s", job).at, err) < 0 ||
        field_add(work, arena_print(work->arena, "Idempotency-Key: %s", job).at, err) < 0)
        return -1;
    return secret_add(work, secret, err);
}

/* ---- what comes back: the status says all; an answer without end is cut off */
static size_t on_answer(char *at, size_t size, size_t count, void *context)
{
    struct work *work = context;
    work->received += size * count;
    return work->received > ANSWER_MOST ? 0 : size * count;
}

static bool is_for_later(long status)
{
    return status == 408 || status == 425 || status == 429 || status >= 500;
}

static void webhook_judge(struct work *work, CURLcode code)
{
    long status = 0;
    curl_off_t after = 0;
    curl_easy_getinfo(work->transfer, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(work->transfer, CURLINFO_RETRY_AFTER, &after);
    if (code != CURLE_OK && (code != CURLE_WRITE_ERROR || status < 200))
        work_later(work, true, 0, "%s", transfer_fault(work, code));
    else if (status >= 200 && status < 300)
        work_done(work);
    else if (is_for_later(status))
        work_later(work, true, after > 0 ? (uint64_t)after : 0, "HTTP %ld", status);
    else if (status >= 300 && status < 400)
        work_failed(work, "HTTP %ld: it points elsewhere, where nothing is sent; write the new address into the configuration", status);
    else
        work_failed(work, "HTTP %ld", status);
}

int webhook_begin(struct work *work, const struct destination *destination, CURLM *transfers, uint64_t deadline_ms, struct err *err)
{
    if (transfer_open(work, destination->url.at, "http,https", deadline_ms, err) < 0 || fields_add(work, destination->secret, err) < 0)
        return -1;
    CURL *transfer = work->transfer;
    work->judge = webhook_judge;
    bool set = curl_easy_setopt(transfer, CURLOPT_HTTPHEADER, work->list) == CURLE_OK;
    set = set && curl_easy_setopt(transfer, CURLOPT_USERAGENT, "Sekimori/" SEKIMORI_VERSION) == CURLE_OK;
    set = set && curl_easy_setopt(transfer, CURLOPT_POST, 1L) == CURLE_OK;
    set = set && curl_easy_setopt(transfer, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)work->errand.bytes.len) == CURLE_OK;
    set = set && curl_easy_setopt(transfer, CURLOPT_POSTFIELDS, work->errand.bytes.at) == CURLE_OK;
    set = set && curl_easy_setopt(transfer, CURLOPT_WRITEFUNCTION, on_answer) == CURLE_OK;
    set = set && curl_easy_setopt(transfer, CURLOPT_WRITEDATA, work) == CURLE_OK;
    return set ? transfer_start(work, transfers, err) : err_set(err, "libcurl does not take the settings of a webhook");
}
