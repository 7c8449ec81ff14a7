#include "walk/walk.h"

/* What content read, in the shape that identity takes: the two rooms do not know each other. */

_Static_assert((int)TOLD_NAME == (int)PLACE_NAME && (int)TOLD_FILE_TEXT == (int)PLACE_FILE_TEXT, "places are the same");

/* NULL: that organisation has its share of places already. */
static struct told_host *host_of(struct arena *arena, struct told *out, const struct link_fact *fact)
{
    enum { ORGANISATION_MOST = 20 };
    bool image = fact->link->kind == LINK_IMAGE;
    size_t of_organisation = 0;
    vec_each(host, &out->hosts) {
        if (host->image == image && host->clickable == fact->clickable && span_eq(host->host, fact->host))
            return host;
        of_organisation += host->image == image && host->clickable == fact->clickable && span_eq(host->organisation, fact->organisation);
    }
    if (of_organisation >= ORGANISATION_MOST)
        return NULL;
    struct told_host *host = vec_push(arena, &out->hosts);
    *host = (struct told_host){.host = fact->host, .organisation = fact->organisation, .kinds = fact->kinds,
                               .clickable = fact->clickable, .image = image};
    return host;
}

static void host_tell(struct arena *arena, const struct content *content, const struct link_fact *fact, struct told *out)
{
    struct told_host *host = host_of(arena, out, fact);
    if (!host)
        return;
    host->times++;
    host->kinds |= fact->kinds; /* one host has forms and what its owner writes */
    host->main |= fact == content->links.main;
}

static enum told_place place_told(enum text_place place)
{
    return place == PLACE_FORWARDED_NAME ? TOLD_NAME : place == PLACE_FORWARDED_SUBJECT ? TOLD_SUBJECT : (enum told_place)place;
}

static struct told_text *place_for(struct arena *arena, enum text_place place, struct told *out)
{
    bool forwarded = place == PLACE_FORWARDED_NAME || place == PLACE_FORWARDED_SUBJECT;
    return forwarded ? vec_push(arena, &out->forwarded_texts) : vec_push(arena, &out->texts);
}

/* The link that the mail is for comes first: no crowd of others keeps it out. */
void told_make(struct arena *arena, const struct content *content, struct told *out)
{
    enum { HOSTS_MOST = 300 };
    const struct content_words *words = &content->words;
    *out = (struct told){.forwarded = words->forwarded.bare ? &words->forwarded.from : NULL, .forwarded_subject = words->forwarded.subject,
                         .history = words->quoted, .calls = words->telephone && words->lures[LURE_CALL_NUMBER].strong};
    vec_each(text, &words->texts)
        *place_for(arena, text->place, out) = (struct told_text){
            .place = place_told(text->place), .raw = text->raw, .folded = &text->folded, .hits = text->hits.at,
            .hit_count = text->hits.len, .link_host = text->link ? text->link->host : S("")};
    if (content->links.main && content->links.main->host.len)
        host_tell(arena, content, content->links.main, out);
    vec_each(fact, &content->links.list)
        if (fact != content->links.main && fact->host.len && out->hosts.len < HOSTS_MOST)
            host_tell(arena, content, fact, out);
}
