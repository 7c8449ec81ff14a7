/* Requests for the pages behind locked links. GET and HEAD show one and change nothing but a count, for scanners send them too; the POST of
 * its form is the reader's click. */
#include "door/page.h"
#include "door/web.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>

enum { BODY_MOST = 16 << 10, TOKEN_MOST = 8 << 10, FORM_BUFFER = 4 << 10, FIELD_MOST = 4 << 10 };

struct page_request {
    enum pass_kind kind;
    struct span token;
    bool posted;
    uint64_t came;         /* bytes of the form */
    struct buf what, note; /* of the form */
    struct visit visit;
    struct visited visited;
    struct url url;
    enum language language;
};

/* ---- answers */
static void page_answer(struct request *request, unsigned status, const struct page_view *view)
{
    struct buf out = {.arena = request->arena};
    reader_page_write(request->arena, view, &out);
    request->retry_after = status == 503 ? 60 : 0;
    request_answer(request, status, "text/html; charset=utf-8", buf_span(&out));
}

static void page_problem(struct request *request, unsigned status, enum page_text text)
{
    page_answer(request, status, &(struct page_view){.language = request->page->language, .problem = text});
}

static bool url_is_web(const struct url *url)
{
    return url->host.len && (span_eq(url->scheme, S("https")) || span_eq(url->scheme, S("http")));
}

static void page_show(struct request *request)
{
    struct page_request *page = request->page;
    page_answer(request, 200, &(struct page_view){.language = page->language, .pass = &page->visit.pass, .visited = &page->visited,
                                                  .target = url_is_web(&page->url) ? &page->url : NULL});
}

/* ---- whose request it is */
static struct span header_of(const struct request *request, const char *name)
{
    return span_of(MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name));
}

static struct ip peer_of(const struct request *request)
{
    struct ip ip = {0};
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *address = info ? info->client_addr : NULL;
    if (address && address->sa_family == AF_INET) {
        ip.family = IP_V4;
        memcpy(ip.bytes, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
    } else if (address && address->sa_family == AF_INET6) {
        ip.family = IP_V6;
        memcpy(ip.bytes, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
    }
    return ip;
}

static enum MHD_Result on_forwarded(void *context, enum MHD_ValueKind kind, const char *key, const char *value)
{
    struct span *last = context, list = span_of(value), one;
    if (span_eq_case(span_of(key), S("X-Forwarded-For")))
        while (span_cut(&list, ',', &one))
            *last = span_trim(one);
    return MHD_YES;
}

/* Only a proxy of this machine is believed, and of what it says the last address, which it wrote itself: the client may have sent others. */
static struct span client_of(const struct request *request)
{
    struct ip peer = peer_of(request), told;
    struct span last = {0};
    MHD_get_connection_values(request->connection, MHD_HEADER_KIND, on_forwarded, &last);
    bool ours = peer.family == IP_NONE || ip_scope_of(&peer) == IP_LOOPBACK; /* NONE: a unix socket */
    return ip_text(request->arena, ours && ip_parse(last, &told) ? &told : &peer);
}

/* ---- what became of it */
static void click_log(const struct request *request, const char *event)
{
    const struct page_request *page = request->page;
    struct log_line line;
    log_line_begin(&line, LEVEL_INFO, event);
    if (!line.arena)
        return;
    json_text(&line.json, "id", page->visited.record);
    json_number(&line.json, "link", page->visit.pass.link);
    json_text_or_null(&line.json, "host", page->url.host);
    json_text(&line.json, "verdict", span_of(verdict_name(page->visited.now)));
    if (flow_settings(request->web->flow)->log_addresses)
        json_text_or_null(&line.json, "client", page->visit.client);
    log_line_end(&line);
}

static bool visited_take(struct request *request, const struct flow_answer *answer)
{
    struct page_request *page = request->page;
    static const struct {
        unsigned status;
        enum page_text text;
    } ends[VISIT_END_COUNT] = {[VISIT_NO_RECORD] = {410, PAGE_NO_RECORD}, [VISIT_NOT_THEIRS] = {403, PAGE_NOT_THEIRS}, [VISIT_FAILED] = {503, PAGE_BUSY}};
    request->ticket = 0;
    if (answer->end != FLOW_REPORT || visited_unpack(request->arena, arena_copy(request->arena, answer->report), &page->visited) < 0)
        page_problem(request, 503, PAGE_BUSY);
    else if (page->visited.end != VISIT_GOOD)
        page_problem(request, ends[page->visited.end].status, ends[page->visited.end].text);
    return !request->status;
}

static void on_kept(void *context, const struct flow_answer *answer)
{
    struct request *request = context;
    struct page_request *page = request->page;
    if (visited_take(request, answer)) {
        bool held = visit_is_of_held(&page->visit), click = page->visit.act == VISIT_CLICK;
        click_log(request, held ? (click ? "release" : "asked") : click ? "click" : "appeal");
        if (click && !held) {
            request->location = page->url.href.at;
            request_answer(request, 303, "text/plain; charset=utf-8", S(""));
        } else {
            page_show(request);
        }
    }
    MHD_resume_connection(request->connection);
}

/* What the form asks for may not be had, or not any more: then the page says what may. */
static enum visit_act act_of(const struct page_request *page)
{
    struct span what = buf_span(&page->what);
    if (!page->posted || !(visit_is_of_held(&page->visit) || url_is_web(&page->url)))
        return VISIT_LOOK;
    if (span_eq(what, S("go")) && page->visited.way == WAY_GO)
        return VISIT_CLICK;
    return span_eq(what, S("ask")) && page->visited.way == WAY_ASK ? VISIT_APPEAL : VISIT_LOOK;
}

static void on_looked(void *context, const struct flow_answer *answer)
{
    struct request *request = context;
    struct page_request *page = request->page;
    if (visited_take(request, answer) && (page->visit.act = act_of(page)) != VISIT_LOOK) {
        page->visit.note = span_trim(buf_span(&page->note));
        if (page->visit.act == VISIT_APPEAL)
            page->visit.jobs = flow_appeal_jobs(request->web->flow, request->arena, &page->visit, &page->visited);
        request->ticket = flow_visit(request->web->flow, &page->visit, on_kept, request);
        return;
    }
    if (!request->status)
        page_show(request);
    MHD_resume_connection(request->connection);
}

/* ---- its pass */
/* Letters that would end a field of the answer's head stand in no address that was serialised; were one there, it would lead nowhere. */
static bool is_printable(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] <= ' ' || text.at[i] > '~')
            return false;
    return true;
}

static bool pass_take(struct request *request, const struct flow_answer *answer)
{
    struct page_request *page = request->page;
    struct pass *pass = &page->visit.pass;
    request->ticket = 0;
    if (answer->end == FLOW_NOT_KEPT)
        page_problem(request, 503, PAGE_BUSY);
    else if (answer->end == FLOW_NONE)
        page_problem(request, 410, PAGE_NO_KEY);
    else if (answer->end != FLOW_REPORT || !pass_read(arena_copy(request->arena, answer->report), page->kind, pass))
        page_problem(request, 404, PAGE_NOT_OURS);
    else if (pass->until <= time(NULL))
        page_problem(request, 410, PAGE_EXPIRED);
    return !request->status;
}

static void on_opened(void *context, const struct flow_answer *answer)
{
    struct request *request = context;
    struct page_request *page = request->page;
    if (!pass_take(request, answer)) {
        MHD_resume_connection(request->connection);
        return;
    }
    if (!url_parse(request->arena, page->visit.pass.target, NULL, &page->url) || !is_printable(page->url.href))
        page->url = (struct url){0};
    page->visit.act = page->posted ? VISIT_LOOK : VISIT_OPEN;
    page->visit.host = page->url.host;
    page->visit.client = client_of(request);
    request->ticket = flow_visit(request->web->flow, &page->visit, on_looked, request);
}

/* ---- the request */
static enum MHD_Result on_pair(void *context, enum MHD_ValueKind kind, const char *key, const char *file, const char *type, const char *encoding,
                               const char *data, uint64_t at, size_t size)
{
    struct page_request *page = context;
    struct buf *field = !key ? NULL : strcmp(key, "do") == 0 ? &page->what : strcmp(key, "note") == 0 ? &page->note : NULL;
    if (field)
        buf_add(field, (struct span){data, size});
    return MHD_YES;
}

void page_request_begin(struct request *request, const char *method, const char *path)
{
    struct page_request *page = request->page = arena_one(request->arena, struct page_request);
    struct flow *flow = request->web->flow;
    struct span way = arena_copy(request->arena, span_of(path));
    *page = (struct page_request){.what = {.arena = request->arena, .max = FIELD_MOST}, .note = {.arena = request->arena, .max = FIELD_MOST}};
    page->language = reader_page_language(span_of(MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, "lang")),
                                          header_of(request, "Accept-Language"));
    page->posted = strcmp(method, "POST") == 0;
    request->kind = REQUEST_PAGE;
    if (!pass_path(way, &page->kind, &page->token))
        page_problem(request, 404, PAGE_NOTHING);
    else if (!page->posted && strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        page_problem(request, 405, PAGE_NOTHING);
    else if (span_eq(page->token, PASS_NONE))
        page_problem(request, 410, PAGE_DEAD);
    else if (page->token.len > TOKEN_MOST)
        page_problem(request, 404, PAGE_NOT_OURS);
    else if (!flow_has_keeper(flow) || flow_is_full(flow) || flow_is_draining(flow))
        page_problem(request, 503, PAGE_BUSY);
    else if (page->posted && !(request->form = MHD_create_post_processor(request->connection, FORM_BUFFER, on_pair, page)))
        page_problem(request, 415, PAGE_NOT_OURS);
}

void page_request_piece(struct request *request, struct span piece)
{
    struct page_request *page = request->page;
    page->came += piece.len;
    if (!request->form || page->came > BODY_MOST || MHD_post_process(request->form, piece.at, piece.len) != MHD_YES)
        page_problem(request, page->came > BODY_MOST ? 413 : 400, PAGE_NOT_OURS);
}

void page_request_go(struct request *request)
{
    form_drop(request);
    MHD_suspend_connection(request->connection);
    request->ticket = flow_open(request->web->flow, pass_purpose(request->page->kind), request->page->token, on_opened, request);
}

void page_request_heads(const struct request *request, struct MHD_Response *response)
{
    static const char *const heads[][2] = {
        {"X-Frame-Options", "DENY"}, {"X-Content-Type-Options", "nosniff"}, {"Referrer-Policy", "no-referrer"}, {"X-Robots-Tag", "noindex, nofollow"},
        {"Cache-Control", "no-store"}, {"Cross-Origin-Opener-Policy", "same-origin"}, {"Vary", "Accept-Language"}};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        MHD_add_response_header(response, heads[i][0], heads[i][1]);
    MHD_add_response_header(response, "Content-Security-Policy", reader_page_policy());
    if (request->status == 405)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD, POST");
    if (request->location)
        MHD_add_response_header(response, MHD_HTTP_HEADER_LOCATION, request->location);
}
