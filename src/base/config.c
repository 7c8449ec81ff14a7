#include "base/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int close_later(const int *fd)
{
    return *fd > 0 ? close(*fd) : 0;
}

static int all_of(int fd, struct buf *into, const char *path, size_t max, struct err *err)
{
    char block[65536];
    for (;;) {
        ssize_t got = read(fd, block, sizeof block);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_set(err, "%s: cannot be read: %s", path, strerror(errno));
        if (got == 0)
            return 0;
        if ((size_t)got > max - into->len)
            return err_set(err, "%s: is larger than %zu bytes, the limit for such a file", path, max);
        buf_add(into, (struct span){block, (size_t)got});
    }
}

int file_read(struct arena *arena, const char *path, size_t max, struct span *out, struct err *err)
{
    bool standard = strcmp(path, "-") == 0;
    int fd __attribute__((cleanup(close_later))) = standard ? 0 : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(err, "%s: cannot be opened: %s", path, strerror(errno));
    struct stat about;
    if (fstat(fd, &about) == 0 && S_ISDIR(about.st_mode))
        return err_set(err, "%s: is a folder where a file is wanted", path);
    struct buf into = {.arena = arena};
    if (all_of(fd, &into, path, max, err) < 0)
        return -1;
    *out = into.len ? buf_span(&into) : S("");
    return 0;
}

struct complaint {
    char text[320];
};

/* libcyaml tells what is wrong in several lines: the first says what, the later ones where. All are kept, joined. */
static void __attribute__((format(printf, 3, 0)))
complaint_add(cyaml_log_t level, void *context, const char *format, va_list args)
{
    struct complaint *complaint = context;
    size_t used = strlen(complaint->text);
    if (level < CYAML_LOG_ERROR || used + 8 >= sizeof complaint->text)
        return;
    if (used)
        used += (size_t)snprintf(complaint->text + used, sizeof complaint->text - used, "; ");
    vsnprintf(complaint->text + used, sizeof complaint->text - used, format, args);
    for (char *c = complaint->text; *c; c++)
        if (*c == '\n')
            *c = ' ';
}

static cyaml_config_t config_with(struct complaint *complaint)
{
    return (cyaml_config_t){.log_fn = complaint_add, .log_ctx = complaint, .mem_fn = cyaml_mem, .log_level = CYAML_LOG_ERROR};
}

int config_load(const char *path, const cyaml_schema_value_t *schema, void **out, struct err *err)
{
    struct complaint complaint = {{0}};
    cyaml_config_t config = config_with(&complaint);
    *out = NULL;
    if (access(path, R_OK) != 0)
        return err_set(err, "%s: cannot be read: %s", path, strerror(errno));
    cyaml_err_t failed = cyaml_load_file(path, &config, schema, (cyaml_data_t **)out, NULL);
    if (failed == CYAML_OK && *out)
        return 0;
    if (failed == CYAML_OK)
        return err_set(err, "%s: holds nothing", path);
    return err_set(err, "%s: %s%s%s", path, cyaml_strerror(failed), complaint.text[0] ? ": " : "", complaint.text);
}

void config_free(const cyaml_schema_value_t *schema, void **data)
{
    struct complaint complaint = {{0}};
    cyaml_config_t config = config_with(&complaint);
    if (*data)
        cyaml_free(&config, schema, *data, 0);
    *data = NULL;
}
