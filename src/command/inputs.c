#include "command/scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEEPEST = 64 };
enum folder_kind { FOLDER_PLAIN, FOLDER_MAILDIR, FOLDER_LEAF }; /* a leaf is cur or new: no folders in it are followed */

struct folder {
    struct folder *below; /* the one it was found in */
    char *path;
    char **names; /* sorted */
    size_t count, room, at;
    enum folder_kind kind;
    unsigned depth;
};

struct inputs {
    const char *const *paths;
    size_t count, next;
    struct folder *top;
    struct mbox *box;
    char *box_path;
    size_t box_number;
    char path[PATH_MAX], name[PATH_MAX + 32]; /* of the input last given */
};

static void *memory(void *at, size_t size)
{
    void *got = realloc(at, size);
    if (!got)
        abort();
    return got;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool holds(const char *folder, const char *name, mode_t kind)
{
    char path[PATH_MAX];
    struct stat about;
    int len = snprintf(path, sizeof path, "%s/%s", folder, name);
    return len > 0 && (size_t)len < sizeof path && stat(path, &about) == 0 && (about.st_mode & S_IFMT) == kind;
}

static bool is_maildir(const char *path)
{
    return holds(path, "cur", S_IFDIR) && holds(path, "new", S_IFDIR);
}

/* Files in a folder of mail that tell about it and are none. */
static bool is_about_mail(struct span name)
{
    return span_starts(name, S(".")) || span_ends_case(name, S(".envelopes.tsv")) || span_eq(name, S("README")) ||
           span_starts(name, S("README."));
}

/* Names that are looked at: in a Maildir its two leaves and its hidden subfolders, elsewhere all that is not hidden. */
static bool is_wanted(const struct folder *folder, const char *name)
{
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return false;
    if (folder->kind == FOLDER_MAILDIR && strcmp(name, "cur") != 0 && strcmp(name, "new") != 0) {
        char path[PATH_MAX];
        int len = snprintf(path, sizeof path, "%s/%s", folder->path, name);
        return name[0] == '.' && len > 0 && (size_t)len < sizeof path && is_maildir(path);
    }
    return folder->kind == FOLDER_MAILDIR || !is_about_mail(span_of(name));
}

static void folder_free(struct folder *folder)
{
    for (size_t i = 0; i < folder->count; i++)
        free(folder->names[i]);
    free(folder->names);
    free(folder->path);
    free(folder);
}

static void folder_list(struct folder *folder, DIR *dir)
{
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (!is_wanted(folder, entry->d_name))
            continue;
        if (folder->count == folder->room) {
            folder->room = folder->room ? folder->room * 2 : 64;
            folder->names = memory(folder->names, folder->room * sizeof *folder->names);
        }
        char *copy = strdup(entry->d_name);
        if (!copy)
            abort();
        folder->names[folder->count++] = copy;
    }
    if (folder->count)
        qsort(folder->names, folder->count, sizeof *folder->names, by_name);
}

static int folder_push(struct inputs *inputs, const char *path, struct err *err)
{
    struct folder *below = inputs->top;
    const char *last = strrchr(path, '/');
    bool leaf = below && below->kind == FOLDER_MAILDIR && last && last[1] != '.';
    if (below && below->depth >= DEEPEST)
        return err_set(err, "%s: lies %d folders deep; not followed", path, DEEPEST);
    DIR *dir = opendir(path);
    if (!dir)
        return err_set(err, "%s: cannot be opened: %s", path, strerror(errno));
    struct folder *folder = memory(NULL, sizeof *folder);
    *folder = (struct folder){.below = below, .path = strdup(path), .depth = below ? below->depth + 1 : 0};
    if (!folder->path)
        abort();
    folder->kind = leaf ? FOLDER_LEAF : is_maildir(path) ? FOLDER_MAILDIR : FOLDER_PLAIN;
    folder_list(folder, dir);
    closedir(dir);
    inputs->top = folder;
    return 0;
}

static void folder_pop(struct inputs *inputs)
{
    struct folder *gone = inputs->top;
    inputs->top = gone->below;
    folder_free(gone);
}

struct inputs *inputs_new(const char *const *paths, size_t count)
{
    struct inputs *inputs = memory(NULL, sizeof *inputs);
    *inputs = (struct inputs){.paths = paths, .count = count};
    return inputs;
}

void inputs_free(struct inputs **inputs)
{
    if (!*inputs)
        return;
    while ((*inputs)->top)
        folder_pop(*inputs);
    mbox_free(&(*inputs)->box);
    free((*inputs)->box_path);
    free(*inputs);
    *inputs = NULL;
}

/* ---- streams: standard input and pipes, copied to an unnamed file first */
static int spool_open(void)
{
    const char *where = getenv("TMPDIR");
    int fd = open(where && *where ? where : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    return fd >= 0 ? fd : memfd_create("sekimori-spool", MFD_CLOEXEC);
}

static int spool_block(int from, int to, const char *name, struct err *err)
{
    char block[65536];
    ssize_t got = read(from, block, sizeof block);
    if (got < 0 && errno == EAGAIN) {
        poll(&(struct pollfd){from, POLLIN, 0}, 1, -1);
        return 1;
    }
    if (got < 0)
        return errno == EINTR ? 1 : err_set(err, "%s: cannot be read: %s", name, strerror(errno));
    for (ssize_t put = 0; put < got;) {
        ssize_t now = write(to, block + put, (size_t)(got - put));
        if (now < 0 && errno != EINTR)
            return err_set(err, "%s: cannot be spooled: %s; set TMPDIR to a place with room", name, strerror(errno));
        put += now > 0 ? now : 0;
    }
    return got > 0;
}

static int spool(int from, const char *name, struct err *err)
{
    int to = spool_open(), more = 1;
    if (to < 0)
        return err_set(err, "%s: cannot be spooled: %s", name, strerror(errno));
    while (more > 0)
        more = spool_block(from, to, name, err);
    if (more == 0)
        return to;
    close(to);
    return -1;
}

/* ---- files */
static int file_given(struct inputs *inputs, int fd, struct input *out, struct err *err)
{
    struct stat about;
    const char *name = strcmp(inputs->path, "-") == 0 ? "standard input" : inputs->path;
    bool empty = fstat(fd, &about) < 0 || about.st_size == 0;
    if (empty || foreign_check(fd, name, err) < 0) {
        close(fd);
        return empty ? err_set(err, "%s: is empty", name) : -1;
    }
    if (mbox_begins(fd)) {
        inputs->box = mbox_new(fd);
        free(inputs->box_path);
        inputs->box_path = strdup(inputs->path);
        inputs->box_number = 0;
        return inputs_next(inputs, out, err);
    }
    snprintf(inputs->name, sizeof inputs->name, "%s", inputs->path);
    *out = (struct input){.fd = fd, .length = (uint64_t)about.st_size, .path = inputs->path, .name = inputs->name};
    return 1;
}

static int file_open(struct inputs *inputs, const struct stat *about, bool named, struct input *out, struct err *err)
{
    const char *path = inputs->path;
    bool stream = S_ISFIFO(about->st_mode) || S_ISCHR(about->st_mode);
    if (!S_ISREG(about->st_mode) && !(named && stream))
        return err_set(err, "%s: is no regular file", path);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return err_set(err, "%s: cannot be opened: %s", path, strerror(errno));
    if (!stream)
        return file_given(inputs, fd, out, err);
    int spooled = spool(fd, path, err);
    close(fd);
    return spooled < 0 ? -1 : file_given(inputs, spooled, out, err);
}

static int standard_input(struct inputs *inputs, struct input *out, struct err *err)
{
    snprintf(inputs->path, sizeof inputs->path, "-");
    int spooled = spool(0, "standard input", err);
    return spooled < 0 ? -1 : file_given(inputs, spooled, out, err);
}

/* One path, of the command line (named) or found in a folder. 2: look further. */
static int path_take(struct inputs *inputs, bool named, struct input *out, struct err *err)
{
    struct stat about;
    const char *path = inputs->path;
    if (stat(path, &about) < 0)
        return err_set(err, "%s: cannot be read: %s", path, strerror(errno));
    if (!S_ISDIR(about.st_mode))
        return file_open(inputs, &about, named, out, err);
    if (!named && lstat(path, &about) == 0 && S_ISLNK(about.st_mode))
        return err_set(err, "%s: is a link to a folder and not followed; name it to have it scanned", path);
    if (holds(path, "message.eml", S_IFREG)) {
        snprintf(inputs->name, sizeof inputs->name, "%s", path);
        *out = (struct input){.fd = -1, .story = true, .path = inputs->path, .name = inputs->name};
        return 1;
    }
    return folder_push(inputs, path, err) < 0 ? -1 : 2;
}

static int box_take(struct inputs *inputs, struct input *out, struct err *err)
{
    struct err why;
    uint64_t offset, length;
    int got = mbox_next(inputs->box, &offset, &length, &why);
    if (got == 1) {
        snprintf(inputs->path, sizeof inputs->path, "%s", inputs->box_path);
        bool alone = inputs->box_number++ == 0 && mbox_at_end(inputs->box); /* a message saved with its postmark */
        if (alone)
            snprintf(inputs->name, sizeof inputs->name, "%s", inputs->box_path);
        else
            snprintf(inputs->name, sizeof inputs->name, "%s#%zu", inputs->box_path, inputs->box_number);
        int fd = fcntl(mbox_fd(inputs->box), F_DUPFD_CLOEXEC, 3);
        *out = (struct input){.fd = fd, .offset = offset, .length = length, .mbox = true, .further = inputs->box_number > 1,
                              .path = inputs->path, .name = inputs->name};
        return fd >= 0 ? 1 : err_set(err, "%s: %s", inputs->name, strerror(errno));
    }
    if (got < 0)
        err_set(err, "%s: %s", inputs->box_path, why.text);
    mbox_free(&inputs->box);
    return got < 0 ? -1 : 2;
}

static int named_take(struct inputs *inputs, struct input *out, struct err *err)
{
    const char *path = inputs->paths[inputs->next++];
    if (strcmp(path, "-") == 0)
        return standard_input(inputs, out, err);
    size_t len = strlen(path);
    if (!len)
        return err_set(err, "\"\": is no path");
    while (len > 1 && path[len - 1] == '/')
        len--;
    if (len >= sizeof inputs->path)
        return err_set(err, "%.80s...: is too long for a path", path);
    memcpy(inputs->path, path, len);
    inputs->path[len] = 0;
    return path_take(inputs, true, out, err);
}

static int found_take(struct inputs *inputs, struct input *out, struct err *err)
{
    struct folder *folder = inputs->top;
    if (folder->at == folder->count) {
        folder_pop(inputs);
        return 2;
    }
    const char *name = folder->names[folder->at++];
    int len = snprintf(inputs->path, sizeof inputs->path, "%s/%s", folder->path, name);
    if (len < 0 || (size_t)len >= sizeof inputs->path)
        return err_set(err, "%.80s.../%.80s: is too long for a path", folder->path, name);
    return path_take(inputs, false, out, err);
}

int inputs_next(struct inputs *inputs, struct input *out, struct err *err)
{
    int got = 2;
    while (got == 2) {
        if (inputs->box)
            got = box_take(inputs, out, err);
        else if (inputs->top)
            got = found_take(inputs, out, err);
        else if (inputs->next < inputs->count)
            got = named_take(inputs, out, err);
        else
            return 0;
    }
    return got;
}

const char *inputs_path(const struct inputs *inputs)
{
    return inputs->path;
}

/* ---- for the progress bar */
static size_t counted; /* nftw takes no context */

static int count_one(const char *path, const struct stat *about, int flag, struct FTW *where)
{
    counted += flag == FTW_F && S_ISREG(about->st_mode) && path[where->base] != '.';
    return 0;
}

static int find_story(const char *path, const struct stat *about, int flag, struct FTW *where)
{
    return flag == FTW_F && strcmp(path + where->base, "message.eml") == 0;
}

bool inputs_hold_story(const char *const *paths, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (nftw(paths[i], find_story, 16, FTW_PHYS) == 1)
            return true;
    return false;
}

size_t inputs_count(const char *const *paths, size_t count)
{
    counted = 0;
    for (size_t i = 0; i < count; i++)
        nftw(paths[i], count_one, 16, FTW_PHYS);
    return counted;
}
