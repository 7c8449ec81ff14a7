#include "walk/walk.h"

/* What content read, in the shape that identity takes: the two rooms do not know each other. */

_Static_assert((int)TOLD_NAME == (int)PLACE_NAME && (int)TOLD_FILE_TEXT == (int)PLACE_FILE_TEXT, "places are the same");

static struct told_host *host_of(struct arena *arena, struct told *out, const struct link_fact *fact)
{
    bool image = fact->link->kind == LINK_IMAGE;
    vec_each(host, &out->hosts)
        if (host->image == image && host->clickable == fact->clickable && span_eq(host->host, fact->host))
            return host;
    struct told_host *host = vec_push(arena, &out->hosts);
    *host = (struct told_host){.host = fact->host, .organisation = fact->organisation, .kinds = fact->kinds,
                               .clickable = fact->clickable, .image = image};
    return host;
}

void told_make(struct arena *arena, const struct content *content, struct told *out)
{
    enum { HOSTS_MOST = 300 };
    *out = (struct told){0};
    vec_each(text, &content->words.texts)
        *vec_push(arena, &out->texts) = (struct told_text){
            .place = (enum told_place)text->place, .raw = text->raw, .folded = &text->folded, .hits = text->hits.at,
            .hit_count = text->hits.len, .link_host = text->link ? text->link->host : S("")};
    vec_each(fact, &content->links.list)
        if (fact->host.len && out->hosts.len < HOSTS_MOST) {
            struct told_host *host = host_of(arena, out, fact);
            host->times++;
            host->kinds |= fact->kinds; /* one host has forms and what its owner writes */
            host->main |= fact == content->links.main;
        }
}
