/* One Received value alone, and the road of a header made of the input. */
#include "fuzz.h"
#include "trace/trace.h"

static void one_field(struct arena *arena, struct span input)
{
    struct field field = {.id = FIELD_RECEIVED, .name = S("Received"), .value = input, .raw = input, .whole = input};
    struct hop hop;
    bool read = received_parse(arena, &field, &hop);
    promise(!read || hop.by.len || hop.time != TIME_UNKNOWN);
    promise(hop.mailer < MAILER_COUNT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = fuzz_arena();
    struct message_limits limits;
    struct trace_settings settings;
    struct message message;
    struct path path;
    struct arrival arrival = {.raw = {(const char *)data, size}, .received_at = 1769860800, .helo = S("a.example")};
    one_field(arena, arrival.raw);
    message_limits_default(&limits);
    message_parse(arena, &limits, NULL, &arrival, &message);
    trace_settings_default(&settings);
    for (settings.preset = PRESET_NONE; settings.preset <= PRESET_GOOGLE; settings.preset++) {
        trace_path(arena, &settings, NULL, &arrival, &message, &path);
        promise(path.edge <= path.hops.len && path.hops.len <= settings.most_hops + 1);
        for (size_t i = path.edge + 1; i < path.hops.len; i++)
            promise(path.hops.at[i].trust == HOP_CLAIM);
    }
    return 0;
}
