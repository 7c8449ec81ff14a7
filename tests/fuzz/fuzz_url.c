/* URLs: what was read, written and read again stays the same; with a base too. */
#include "fuzz.h"
#include "message/url.h"

static void stays(struct arena *arena, const struct url *url)
{
    struct url again;
    promise(url_parse(arena, url->href, NULL, &again));
    promise(span_eq(url->href, again.href));
    promise(span_is_ascii(url->href));
    promise(url->port >= -1 && url->port <= 65535);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = fuzz_arena();
    struct span rest = {(const char *)data, size}, head = fuzz_cut(&rest);
    struct url base, url;
    if (size > 100000)
        return 0;
    if (url_parse(arena, head, NULL, &base)) {
        stays(arena, &base);
        if (url_parse(arena, rest, &base, &url))
            stays(arena, &url);
    }
    if (url_parse_text(arena, head, &url))
        stays(arena, &url);
    return 0;
}
