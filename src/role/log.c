/* log: one JSON object a line on standard error. */
#include "role/duty.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MOST = 1 << 20, TEXT_MOST = 2048, BEGINNING = 1000 };

static enum role log_role;
static enum log_level log_most = LEVEL_INFO;

void log_begin(enum role role, enum log_level most)
{
    log_role = role;
    log_most = most;
}

static void time_write(struct json *json)
{
    char text[48];
    struct timespec now;
    struct tm civil;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &civil);
    size_t len = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &civil);
    len += (size_t)snprintf(text + len, sizeof text - len, ".%03ldZ", now.tv_nsec / 1000000);
    json_text(json, "time", (struct span){text, len});
}

void log_line_begin(struct log_line *line, enum log_level level, const char *event)
{
    static const char *const names[] = {"error", "warning", "notice", "info", "debug"};
    *line = (struct log_line){0};
    if (level > log_most)
        return;
    line->arena = arena_new(LINE_MOST);
    line->text = (struct buf){.arena = line->arena, .max = LINE_MOST / 4};
    line->json.out = &line->text;
    json_object(&line->json, NULL);
    time_write(&line->json);
    json_text(&line->json, "level", span_of(names[level]));
    json_text(&line->json, "role", span_of(role_name(log_role)));
    json_text(&line->json, "event", span_of(event));
}

static void line_write(struct span line)
{
    while (line.len) {
        ssize_t written = write(STDERR_FILENO, line.at, line.len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return; /* a log that cannot be written stops nobody */
        line = span_skip(line, (size_t)written);
    }
}

void log_line_end(struct log_line *line)
{
    if (!line->arena)
        return;
    json_object_end(&line->json);
    if (line->text.cut) { /* half a line would spoil the next one too */
        log_event(LEVEL_ERROR, "line-too-long", "a line for the log was too long; it began %.*s", SPAN_FMT(span_first(buf_span(&line->text), BEGINNING)));
    } else {
        buf_byte(&line->text, '\n');
        line_write(buf_span(&line->text));
    }
    arena_free(&line->arena);
}

void log_event(enum log_level level, const char *event, const char *format, ...)
{
    struct log_line line;
    char text[TEXT_MOST];
    va_list words;
    va_start(words, format);
    int len = vsnprintf(text, sizeof text, format, words);
    va_end(words);
    log_line_begin(&line, level, event);
    if (line.arena && len >= 0)
        json_text(&line.json, "text", (struct span){text, (size_t)len < sizeof text ? (size_t)len : sizeof text - 1});
    log_line_end(&line);
}
