/* A road made from words: header text and the door's facts in, a path out. For the tests of this room. */
#pragma once
#include "exact.h"
#include "trace/trace.h"

struct road {
    struct arena *arena;
    struct arrival arrival;
    struct message message;
    struct trace_settings settings;
    struct path path;
    struct span text;
};

static inline enum field_id field_named(struct span name)
{
    return span_eq_case(name, S("Received"))         ? FIELD_RECEIVED
           : span_eq_case(name, S("Return-Path"))    ? FIELD_RETURN_PATH
           : span_eq_case(name, S("DKIM-Signature")) ? FIELD_DKIM_SIGNATURE
                                                     : FIELD_OTHER;
}

/* Lines of "Name: value"; a line that begins with a blank is folded into the one before it. */
static inline void road_header(struct road *road, const char *header)
{
    road->text = exact(header);
    struct span rest = road->text, line;
    while (span_cut(&rest, '\n', &line)) {
        const char *colon = span_find_byte(line, ':');
        assert_true(line.len && colon);
        struct field *field = vec_push(road->arena, &road->message.fields);
        field->name = span_from(line.at, colon);
        field->id = field_named(field->name);
        while (rest.len && rest.at[0] == ' ') {
            struct span more;
            span_cut(&rest, '\n', &more);
            line.len = (size_t)(more.at + more.len - line.at);
        }
        field->value = span_trim(span_from(colon + 1, line.at + line.len));
    }
}

static inline void road_open(struct road *road, const char *header)
{
    *road = (struct road){.arena = arena_new(8 << 20), .arrival.received_at = TIME_UNKNOWN};
    trace_settings_default(&road->settings);
    road_header(road, header);
}

static inline void road_door(struct road *road, const char *client, const char *name, const char *helo)
{
    if (client)
        assert_true(ip_parse(span_of(client), &road->arrival.client_ip));
    road->arrival.client_name = span_of(name);
    road->arrival.helo = span_of(helo);
}

static inline void road_trust(struct road *road, enum trace_preset preset, const char *host, const char *network)
{
    road->settings.preset = preset;
    if (host)
        *vec_push(road->arena, &road->settings.trusted_hosts) = span_of(host);
    if (network) {
        struct prefix *prefix = vec_push(road->arena, &road->settings.trusted_networks);
        assert_true(ip_prefix_parse(span_of(network), &prefix->network, &prefix->bits));
    }
}

static inline void road_walk(struct road *road, const struct tables *tables)
{
    trace_path(road->arena, &road->settings, tables, &road->arrival, &road->message, &road->path);
}

static inline void road_close(struct road *road)
{
    arena_free(&road->arena);
    free((void *)road->text.at);
}

/* One letter a hop, newest first: Door, Trusted, Claim. */
static inline struct span road_trusts(struct road *road)
{
    struct buf out = {.arena = road->arena};
    vec_each (hop, &road->path.hops)
        buf_byte(&out, "CTD"[hop->trust]);
    return buf_span(&out);
}
