#include "content/link_inner.h"

enum { MAILTO_HOSTS_MOST = 50 };

/* What browsers open, and what carries its page in itself. */
static unsigned scheme_traits(struct span scheme)
{
    if (span_eq(scheme, S("data")))
        return TRAIT_DATA;
    if (span_eq(scheme, S("blob")))
        return TRAIT_BLOB;
    return span_eq(scheme, S("javascript")) || span_eq(scheme, S("vbscript")) ? TRAIT_SCRIPT : 0;
}

static bool is_followed(enum link_kind kind)
{
    return kind == LINK_ANCHOR || kind == LINK_AREA || kind == LINK_FORM || kind == LINK_TEXT || kind == LINK_REFRESH;
}

static bool is_web(struct span scheme)
{
    return span_eq(scheme, S("https")) || span_eq(scheme, S("http")) || span_eq(scheme, S("ftp"));
}

static void mailto_take(struct link_reader *reader, const struct url *url)
{
    const char *at = span_find_byte(span_first(url->path, 1024), '@');
    struct content_links *out = reader->out;
    out->mailto++;
    if (!at || out->mailto_hosts.len >= MAILTO_HOSTS_MOST)
        return;
    struct span host = span_from(at + 1, url->path.at + url->path.len);
    const char *comma = span_find_byte(host, ',');
    host = comma ? span_from(host.at, comma) : host;
    size_t before = reader->mailto_hosts.keys.len;
    link_set_add(reader->arena, &reader->mailto_hosts, host);
    if (host.len && host.len <= 253 && reader->mailto_hosts.keys.len > before)
        *vec_push(reader->arena, &out->mailto_hosts) = arena_lower(reader->arena, host);
}

/* What the target is used for is noted with it; its number is given back. */
static size_t target_use(struct link_reader *reader, const struct link_fact *fact)
{
    size_t target = link_set_add(reader->arena, &reader->targets, fact->target.href);
    if (target == reader->uses.len)
        *vec_push(reader->arena, &reader->uses) = 0;
    unsigned *use = &reader->uses.at[target];
    *use |= fact->clickable ? USED_CLICKABLE : 0;
    *use |= fact->link->kind == LINK_IMAGE ? USED_IMAGE : 0;
    *use |= fact->seen && fact->target.host.len ? USED_SEEN : 0;
    return target;
}

/* Kind, target and text make a link; a hidden one is another. */
static bool is_new(struct link_reader *reader, const struct link_fact *fact)
{
    size_t target = target_use(reader, fact), before = reader->facts.keys.len;
    struct buf key = {.arena = reader->arena};
    buf_byte(&key, (char)('0' + (int)fact->link->kind));
    buf_byte(&key, fact->seen ? '1' : '0');
    buf_add(&key, (struct span){(const char *)&target, sizeof target});
    buf_add(&key, fact->link->text);
    link_set_add(reader->arena, &reader->facts, buf_span(&key));
    return reader->facts.keys.len > before;
}

static struct link_host *host_row(struct link_reader *reader, const struct url *url)
{
    size_t number = link_set_add(reader->arena, &reader->hosts, url->host);
    if (number < reader->host_rows.len)
        return &reader->host_rows.at[number];
    struct link_host *row = vec_push(reader->arena, &reader->host_rows);
    bool name = url->host_kind == URL_HOST_DOMAIN && reader->tables;
    *row = (struct link_host){.organisation = name ? organisation_of(reader->tables, url->host) : url->host,
                              .traits = link_host_traits(reader->tables, url)};
    return row;
}

static void host_take(struct link_reader *reader, struct link_fact *fact)
{
    struct link_host *row = host_row(reader, &fact->target);
    fact->host = fact->target.host;
    fact->organisation = row->organisation;
    fact->traits |= row->traits;
    row->facts += fact->seen;
    if (!reader->tables || fact->target.host_kind != URL_HOST_DOMAIN)
        return;
    const unsigned of_senders = HOST_NOTICES | HOST_SIGNS_ALL; /* say nothing of a link */
    fact->kinds = host_kinds(reader->tables, fact->host, fact->target.path, &fact->listed) & ~of_senders;
    if (fact->kinds & (HOST_SHARE | HOST_FORM | HOST_FREE_PAGES))
        fact->owner = host_owner(reader->tables, fact->host, fact->target.path);
    if (fact->kinds & (HOST_TRACKER | HOST_SHORTENER))
        fact->traits |= TRAIT_OPAQUE;
    if (fact->kinds & (HOST_TRACKER | HOST_BUCKET | HOST_REPUTABLE))
        fact->traits &= ~(unsigned)TRAIT_DEEP_HOST; /* their own names are deep */
}

static void unwrap(struct link_reader *reader, struct link_fact *fact)
{
    bool opaque = false;
    fact->hops = link_unwrap(reader->arena, reader->tables, fact->link->url, &fact->target, &fact->through, &opaque);
    fact->traits |= fact->hops ? TRAIT_UNWRAPPED : 0;
    fact->traits |= opaque ? TRAIT_OPAQUE : 0;
    if (fact->hops && fact->through && (fact->through->kind == REDIRECT_SEARCH || fact->through->kind == REDIRECT_ADVERTISING || fact->through->kind == REDIRECT_OTHER))
        fact->traits |= TRAIT_REDIRECT_OPEN;
}

static bool holds_html(const struct part *part)
{
    for (; part; part = part->next)
        if (part->kind == PART_HTML || holds_html(part->first_child))
            return true;
    return false;
}

/* A person is shown one alternative: where there is a page, not the plain text beside it. */
static bool is_shown(struct link_reader *reader, const struct part *part)
{
    if (!part || part == reader->shown_part)
        return !part || reader->shown;
    const struct part *around = part->parent;
    bool beside = part->kind == PART_TEXT && around && span_eq(around->subtype, S("alternative")) && holds_html(around->first_child);
    reader->shown_part = part;
    reader->shown = !part->attachment && !beside;
    return reader->shown;
}

static void fact_fill(struct link_reader *reader, struct link_fact *fact)
{
    const struct link *link = fact->link;
    fact->clickable = is_followed(link->kind);
    fact->seen = fact->clickable && !link->hidden && is_shown(reader, link->part);
    fact->target = *link->url;
    fact->traits = scheme_traits(link->url->scheme);
    if (link->image_only || link->kind == LINK_AREA)
        fact->traits |= TRAIT_IMAGE_ONLY;
    if (is_web(link->url->scheme))
        unwrap(reader, fact);
}

static void fact_take(struct link_reader *reader, struct link_fact *fact)
{
    struct link_fact *kept;
    if (!is_new(reader, fact))
        return;
    if (fact->target.host.len) {
        host_take(reader, fact);
        fact->traits |= link_url_traits(reader, fact);
        if (fact->clickable)
            link_shown_compare(reader, fact);
    }
    kept = vec_push(reader->arena, &reader->out->list);
    *kept = *fact;
}

static void link_take(struct link_reader *reader, const struct link *link)
{
    if (!link->url || link->kind == LINK_BASE)
        return;
    struct span scheme = link->url->scheme;
    if (span_eq(scheme, S("mailto")))
        mailto_take(reader, link->url);
    reader->out->telephone += span_eq(scheme, S("tel")) || span_eq(scheme, S("sms"));
    const bool inside = scheme_traits(scheme) != 0;
    if (!is_web(scheme) && !(inside && is_followed(link->kind))) /* an image in data: is a picture and no page */
        return;
    struct link_fact fact = {.link = link};
    fact_fill(reader, &fact);
    fact_take(reader, &fact);
}

void content_links_read(struct arena *arena, const struct tables *tables, const struct arrival *arrival,
                        const struct message *message, struct content_links *out)
{
    struct link_reader reader = {.arena = arena, .tables = tables, .message = message, .out = out};
    *out = (struct content_links){0};
    if (!message->links.len)
        return;
    recipients_make(&reader, arrival);
    vec_each (link, &message->links)
        link_take(&reader, link);
    links_conclude(&reader);
}
