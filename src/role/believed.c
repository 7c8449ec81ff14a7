#include "role/believed.h"
#include "role/inner.h"

#include <time.h>

enum { TELL_MS = 6 * 3600 * 1000 };

static void ahead_tell(int64_t now, const struct record_clock *clock)
{
    struct log_line line;
    log_line_begin(&line, LEVEL_ERROR, "clock-ahead");
    if (!line.arena)
        return;
    json_time(&line.json, "clock", now);
    json_time(&line.json, "believed", clock->believed);
    json_number(&line.json, "hours", clock->doubted / 3600);
    json_text(&line.json, "text", S("the clock of this machine is days ahead of where it was when it was looked at last: nothing that is kept has its time over by it "
                                    "until the service has run for three days so. Where it is wrong set it right, and nothing is lost"));
    log_line_end(&line);
}

void believed_look(struct believed *believed, struct store *store)
{
    struct err err;
    struct record_clock clock;
    int64_t now = time(NULL), ms = clock_ms(), ran = believed->looked_ms ? (ms - believed->looked_ms) / 1000 : 0;
    if (record_clock(store, now, ran, &clock, &err) < 0) {
        log_event(LEVEL_WARNING, "no-clock", "how far the clock went cannot be looked at, so nothing goes by it: %s", err.text);
        return;
    }
    believed->looked_ms = believed->looked_ms ? believed->looked_ms + ran * 1000 : ms;
    believed->now = clock.believed;
    if (clock.ahead && (!believed->told_ms || ms - believed->told_ms >= TELL_MS)) {
        ahead_tell(now, &clock);
        believed->told_ms = ms;
    } else if (!clock.ahead && believed->told_ms) {
        log_event(LEVEL_NOTICE, "clock-believed", "the clock of this machine is believed again");
        believed->told_ms = 0;
    }
}
