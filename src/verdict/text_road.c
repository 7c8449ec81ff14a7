#include "verdict/text.h"

#include <inttypes.h>

/* ---- one hop: who took it from whom, how, when, and what is odd about it */

static struct span hop_sender(const struct page *page, const struct hop *hop)
{
    struct buf out = {.arena = page->arena};
    struct span name = hop->reverse.len ? hop->reverse : hop->from.len ? hop->from : hop->helo;
    struct span address = ip_text(page->arena, &hop->address);
    if (!name.len && !address.len)
        return span_of(page_text(page, hop->local ? TEXT_HOP_LOCAL : TEXT_HOP_NAMELESS));
    if (name.len)
        buf_print(&out, "%.*s%s", SPAN_FMT(page_clean(page, name)), address.len ? " " : "");
    if (address.len)
        buf_print(&out, "[%.*s]", SPAN_FMT(address));
    return buf_span(&out);
}

static struct span period_text(const struct page *page, int64_t seconds)
{
    static const struct {
        int64_t below, unit;
        enum text_id text;
    } steps[] = {{120, 1, TEXT_SECONDS}, {7200, 60, TEXT_MINUTES}, {172800, 3600, TEXT_HOURS}, {0, 86400, TEXT_DAYS}};
    size_t i = 0;
    while (i < 3 && seconds >= steps[i].below)
        i++;
    return FILLED(page, steps[i].text, arena_print(page->arena, "%" PRId64, seconds / steps[i].unit));
}

static void hop_when(const struct page *page, const struct hop *hop, struct buf *out)
{
    buf_add(out, out->len ? S(", ") : S(""));
    if (hop->time == TIME_UNKNOWN) {
        buf_add(out, span_of(page_text(page, TEXT_TIME_UNKNOWN)));
        return;
    }
    time_print(out, hop->time);
    if (hop->delay == TIME_UNKNOWN)
        return;
    bool back = hop->delay < 0;
    struct span period = period_text(page, back ? -hop->delay : hop->delay);
    struct span took = FILLED(page, back ? TEXT_TOOK_BACK : TEXT_TOOK, period);
    buf_print(out, ", %.*s", SPAN_FMT(took));
}

static bool with_says_tls(struct span with) /* RFC 3848: ESMTPS, ESMTPSA, LMTPS ... */
{
    return span_find_case(with, S("MTPS")) != NULL;
}

static const char *mailer_text(const struct page *page, enum mailer mailer)
{
    return mailer == MAILER_LIST    ? page_text(page, TEXT_MAILER_LIST)
           : mailer == MAILER_OTHER ? page_text(page, TEXT_MAILER_OTHER)
                                    : mailer_name(mailer);
}

static struct span hop_how(const struct page *page, const struct hop *hop)
{
    struct buf out = {.arena = page->arena};
    buf_add(&out, hop->with.len ? page_clean(page, hop->with) : !hop->field ? S("SMTP") : S(""));
    if (hop->tls.version.len)
        buf_print(&out, "%s%.*s", out.len ? ", " : "", SPAN_FMT(page_clean(page, hop->tls.version)));
    else if (hop->field && !hop->local && span_find_case(hop->with, S("MTP")) && !with_says_tls(hop->with))
        buf_print(&out, ", %s", page_text(page, TEXT_NO_TLS));
    hop_when(page, hop, &out);
    if (hop->mailer != MAILER_UNKNOWN)
        buf_print(&out, ", %s", mailer_text(page, hop->mailer));
    return buf_span(&out);
}

static void hop_oddities(const struct page *page, const struct hop *hop, struct span lead)
{
    for (unsigned bit = 0; bit <= TEXT_ODD_UNREADABLE - TEXT_ODD_NO_BY; bit++)
        if (hop->oddities & 1u << bit)
            page_item(page, lead, COLOUR_YELLOW, arena_print(page->arena, "! %s", page_text(page, TEXT_ODD_NO_BY + bit)));
}

/* A confirmed relay at the edge wrote the hops down to where it received the message itself. */
static bool has_relay(const struct path *path)
{
    return path->edge_known && path->inner_edge > path->edge && path->inner_edge < path->hops.len;
}

static bool is_relays_word(const struct path *path, size_t index)
{
    return has_relay(path) && index > path->edge && index <= path->inner_edge;
}

static void hop_draw(const struct page *page, const struct hop *hop, size_t number)
{
    bool relays = is_relays_word(page->report->path, number - 1);
    char mark = relays ? '+' : hop->trust == HOP_CLAIM ? ':' : '|';
    enum colour colour = relays ? COLOUR_PLAIN : hop->trust == HOP_CLAIM ? COLOUR_DIM : COLOUR_GREEN;
    struct span lead = arena_print(page->arena, "%3zu %c ", number, mark), below = arena_print(page->arena, "    %c   ", mark);
    struct span by = hop->by.len ? page_clean(page, hop->by) : span_of(page_text(page, TEXT_HOP_NAMELESS));
    struct span line = hop->by.len || hop->field ? FILLED(page, TEXT_HOP, by, hop_sender(page, hop))
                                                 : FILLED(page, TEXT_HOP_HERE, hop_sender(page, hop));
    struct span shown = hop->reverse.len ? hop->reverse : hop->from;
    if (hop->helo.len && shown.len && !span_eq_case(hop->helo, shown))
        line = arena_print(page->arena, "%.*s, %.*s", SPAN_FMT(line),
                           SPAN_FMT(FILLED(page, TEXT_HOP_CALLED, page_clean(page, hop->helo))));
    page_item(page, lead, colour, line);
    page_item(page, below, COLOUR_DIM, hop_how(page, hop));
    hop_oddities(page, hop, below);
}

static void edge_draw(const struct page *page, enum text_id text)
{
    struct span words = arena_print(page->arena, "--- %s ", page_text(page, text));
    struct buf line = {.arena = page->arena};
    buf_add(&line, words);
    for (unsigned width = text_width(words) + 2; width < page->width; width++)
        buf_byte(&line, '-');
    page_item(page, S("  "), COLOUR_YELLOW, buf_span(&line));
}

static void hops_draw(const struct page *page)
{
    const struct path *path = page->report->path;
    if (!path->hops.len)
        page_item(page, S("  "), COLOUR_PLAIN, span_of(page_text(page, TEXT_ROAD_NONE)));
    else
        page_item(page, S("  "), COLOUR_DIM, span_of(page_text(page, has_relay(path) ? TEXT_ROAD_LEGEND_RELAY : TEXT_ROAD_LEGEND)));
    if (!path->edge_known && path->hops.len)
        edge_draw(page, TEXT_EDGE_UNKNOWN);
    size_t fields = 0;
    for (size_t i = 0; i < path->hops.len; i++) {
        hop_draw(page, &path->hops.at[i], i + 1);
        fields += path->hops.at[i].field != NULL;
        if (path->edge_known && i == path->edge && i + 1 < path->hops.len)
            edge_draw(page, has_relay(path) ? TEXT_EDGE_RELAY : TEXT_EDGE);
        if (has_relay(path) && i == path->inner_edge && i + 1 < path->hops.len)
            edge_draw(page, TEXT_EDGE_INNER);
    }
    if (path->received_fields > fields)
        page_item(page, S("    "), COLOUR_YELLOW,
                  FILLED(page, TEXT_HOPS_UNREAD, arena_print(page->arena, "%zu", path->received_fields - fields)));
}

/* ---- who handed it over */

static struct span network_words(const struct page *page, const struct network *network)
{
    struct buf out = {.arena = page->arena};
    if (network->asn)
        buf_print(&out, "AS %u", network->asn);
    if (network->name.len)
        buf_print(&out, "%s%.*s", out.len ? " " : "", SPAN_FMT(page_clean(page, network->name)));
    if (network->kind != NETWORK_UNKNOWN)
        buf_print(&out, "%s%s%s", out.len ? ", " : "", page_text(page, TEXT_NETWORK_UNKNOWN + (enum text_id)network->kind),
                  network->sure ? "" : " (?)");
    if (network->country.len)
        buf_print(&out, "%s%.*s", out.len ? ", " : "", SPAN_FMT(page_clean(page, network->country)));
    return buf_span(&out);
}

static void client_draw(const struct page *page)
{
    const struct path *path = page->report->path;
    struct span lead = S("  "), address = ip_text(page->arena, &path->client.ip);
    if (!path->smtp) {
        page_item(page, lead, COLOUR_PLAIN, span_of(page_text(page, path->hops.len || page->report->arrival->local ? TEXT_NOT_SMTP : TEXT_NO_RECEIVED)));
        return;
    }
    if (!address.len) {
        page_item(page, lead, COLOUR_PLAIN, span_of(page_text(page, TEXT_CLIENT_UNKNOWN)));
        return;
    }
    struct span who = path->client.name.len
                          ? arena_print(page->arena, "%.*s [%.*s]", SPAN_FMT(page_clean(page, path->client.name)), SPAN_FMT(address))
                          : address;
    struct span network = network_words(page, &path->client.network), line = FILLED(page, TEXT_CLIENT, who);
    if (network.len)
        line = arena_print(page->arena, "%.*s%.*s%s", SPAN_FMT(line), SPAN_FMT(FILLED(page, TEXT_CLIENT_NETWORK, network)),
                           page_text(page, TEXT_CLIENT_PLACE));
    page_item(page, lead, COLOUR_PLAIN, line);
}

static void carrier_draw(const struct page *page)
{
    const struct carrier *carrier = &page->report->path->carrier;
    if (!carrier->service)
        return;
    struct span line = FILLED(page, carrier->borne_out ? TEXT_CARRIED : TEXT_CARRIED_CLAIM, carrier->service->name);
    if (carrier->account.len)
        line = arena_print(page->arena, "%.*s%.*s", SPAN_FMT(line),
                           SPAN_FMT(FILLED(page, carrier->account_sure ? TEXT_ACCOUNT : TEXT_ACCOUNT_GUESS,
                                           page_clean(page, carrier->account), page_clean(page, carrier->account_from))));
    page_item(page, S("  "), COLOUR_PLAIN, line);
}

static void tenant_line(const struct page *page, enum text_id name, struct span value)
{
    struct span shown = value.len ? page_clean(page, value) : span_of(page_text(page, TEXT_NONE_NAMED));
    struct span label = text_padded(page->arena, span_of(page_text(page, name)), 17);
    page_item(page, arena_print(page->arena, "    %.*s", SPAN_FMT(label)), COLOUR_PLAIN, shown);
}

static void tenant_draw(const struct page *page)
{
    const struct tenant *tenant = &page->report->path->tenant;
    if (!tenant->present)
        return;
    struct buf fed = {.arena = page->arena}, entry = {.arena = page->arena};
    if (tenant->connecting_ip.family != IP_NONE) {
        ip_print(&fed, &tenant->connecting_ip);
        buf_print(&fed, " (%.*s) -> %.*s", SPAN_FMT(tenant->connecting_helo), SPAN_FMT(tenant->connecting_tenant));
    }
    buf_print(&entry, "%.*s%s%.*s", SPAN_FMT(tenant->auth_as), tenant->auth_as.len && tenant->entity.len ? ", " : "",
              SPAN_FMT(tenant->entity));
    page_item(page, S("  "), COLOUR_PLAIN,
              span_of(page_text(page, tenant->place == FACT_TRUSTED   ? TEXT_TENANT
                                      : tenant->place == FACT_VOUCHED ? TEXT_TENANT_VOUCHED
                                                                      : TEXT_TENANT_CLAIM)));
    tenant_line(page, TEXT_TENANT_ORG, tenant->originator_org);
    tenant_line(page, TEXT_TENANT_ID, tenant->cross_tenant_id);
    tenant_line(page, TEXT_TENANT_FED, buf_span(&fed));
    tenant_line(page, TEXT_TENANT_SIGNATURE, tenant->onmicrosoft_domain);
    tenant_line(page, TEXT_TENANT_POOL, tenant->pool);
    tenant_line(page, TEXT_TENANT_ENTRY, buf_span(&entry));
    struct span repeated = span_of(page_text(page, TEXT_TENANT_REPEATED));
    if (tenant->disagree || tenant->repeated)
        page_item(page, S("    "), COLOUR_YELLOW,
                  FILLED(page, TEXT_TENANT_DISAGREE, tenant->disagreement.len ? page_clean(page, tenant->disagreement) : repeated));
}

void page_road(const struct page *page)
{
    page_heading(page, span_of(page_text(page, TEXT_ROAD)));
    hops_draw(page);
    client_draw(page);
    carrier_draw(page);
    tenant_draw(page);
}
