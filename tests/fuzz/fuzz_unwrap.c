/* Redirectors: what is undone is a web address that reads again as itself, and it ends. The first line is the URL; where
 * it is none, the input is taken as the body of a page whose links are read. */
#include "fuzz.h"
#include "content/links.h"

static const struct tables *tables_once(void)
{
    static struct tables *tables;
    struct err err = {""};
    if (!tables && tables_open(&(struct table_options){0}, &tables, &err) < 0) {
        fprintf(stderr, "%s\n", err.text);
        abort();
    }
    return tables;
}

static void unwrap(struct arena *arena, const struct url *url)
{
    struct url out, again;
    const struct redirector *through;
    bool opaque;
    unsigned undone = link_unwrap(arena, tables_once(), url, &out, &through, &opaque);
    promise(undone <= 8);
    promise(!undone || through);
    promise(!opaque || through);
    promise(undone ? out.host.len > 0 : span_eq(out.href, url->href));
    promise(url_parse(arena, out.href, NULL, &again) && span_eq(again.href, out.href));
}

static void page(struct arena *arena, struct span body)
{
    struct message message;
    struct message_limits limits;
    struct content_links links;
    struct arrival arrival = {0};
    struct buf raw = {.arena = arena};
    message_limits_default(&limits);
    buf_add(&raw, S("From: a@shop.example\nTo: bob@here.example\nContent-Type: text/html\n\n"));
    buf_add(&raw, body);
    arrival.raw = buf_span(&raw);
    message_parse(arena, &limits, tables_once(), &arrival, &message);
    content_links_read(arena, tables_once(), &arrival, &message, &links);
    promise(links.list.len <= message.links.len);
    promise(!links.main || links.main->seen);
    vec_each (fact, &links.list)
        promise(!fact->seen || fact->clickable);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = fuzz_arena();
    struct span input = {(const char *)data, size}, rest = input, line;
    struct url url;
    if (size > 100000)
        return 0;
    if (span_cut(&rest, '\n', &line) && url_parse(arena, line, NULL, &url))
        unwrap(arena, &url);
    page(arena, input);
    return 0;
}
