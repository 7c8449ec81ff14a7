/* The AS table as one image: checked whole when it is opened, so that look-ups need no checks. */
#include "table/inner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CSV_AT_START = 8 << 20 }; /* about half a second; a larger one is compiled once */

static int broken(const char *path, const char *what, struct err *err)
{
    return err_set(err, "%s: %s; make it again: sekimori table as CSV... -o %s", path, what, path);
}

static uint64_t image_size(const struct as_header *head)
{
    return sizeof *head + (uint64_t)head->v6_count * sizeof(struct as_range6) + (uint64_t)head->v4_count * sizeof(struct as_range4) +
           (uint64_t)head->as_count * sizeof(struct as_system) + head->text_bytes;
}

static bool v4_is_sorted(const struct as_image *image, uint32_t systems)
{
    for (uint32_t i = 0; i < image->v4_count; i++) {
        const struct as_range4 *range = &image->v4[i];
        if (range->start > range->end || range->as >= systems || (i && range->start <= range[-1].end))
            return false;
    }
    return true;
}

static bool v6_is_sorted(const struct as_image *image, uint32_t systems)
{
    for (uint32_t i = 0; i < image->v6_count; i++) {
        const struct as_range6 *range = &image->v6[i];
        if (memcmp(range->start, range->end, 16) > 0 || range->as >= systems || (i && memcmp(range->start, range[-1].end, 16) <= 0))
            return false;
    }
    return true;
}

static bool systems_are_within(const struct as_image *image, const struct as_header *head)
{
    for (uint32_t i = 0; i < head->as_count; i++) {
        const struct as_system *as = &image->systems[i];
        if (as->name_at > head->text_bytes || as->name_length > head->text_bytes - as->name_at)
            return false;
    }
    return true;
}

int as_image_check(struct span bytes, const char *path, struct as_image *out, struct err *err)
{
    struct as_header head;
    if (bytes.len < sizeof head)
        return broken(path, "is cut short", err);
    memcpy(&head, bytes.at, sizeof head);
    if (memcmp(head.magic, AS_MAGIC, sizeof head.magic) != 0)
        return broken(path, "is no compiled AS table", err);
    if (head.version != AS_VERSION || head.byte_order != AS_BYTE_ORDER)
        return broken(path, "was compiled by another version or for another kind of machine", err);
    if (head.size != bytes.len || image_size(&head) != bytes.len)
        return broken(path, "is cut short or has bytes too many", err);
    struct as_image image = {.bytes = bytes, .v4_count = head.v4_count, .v6_count = head.v6_count};
    image.v6 = (const void *)(bytes.at + sizeof head);
    image.v4 = (const void *)(image.v6 + head.v6_count);
    image.systems = (const void *)(image.v4 + head.v4_count);
    image.text = (const char *)(image.systems + head.as_count);
    if (!v4_is_sorted(&image, head.as_count) || !v6_is_sorted(&image, head.as_count) || !systems_are_within(&image, &head))
        return broken(path, "is damaged: its ranges are out of order or point outside", err);
    *out = image;
    return 0;
}

static void close_later(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static int image_map(int fd, size_t size, const char *path, struct as_image *out, struct err *err)
{
    void *at = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED)
        return err_set(err, "%s: cannot be mapped: %s", path, strerror(errno));
    if (as_image_check((struct span){at, size}, path, out, err) < 0) {
        munmap(at, size);
        return -1;
    }
    out->mapped = true;
    return 0;
}

static int image_from_csv(const char *path, struct as_image *out, struct err *err)
{
    struct span bytes;
    if (as_image_build(&path, 1, CSV_AT_START, &bytes, err) < 0)
        return -1;
    if (as_image_check(bytes, path, out, err) == 0)
        return 0;
    free((void *)bytes.at);
    return -1;
}

int as_image_open(const char *path, struct as_image *out, struct err *err)
{
    int fd __attribute__((cleanup(close_later))) = open(path, O_RDONLY | O_CLOEXEC);
    struct stat about;
    char magic[8] = {0};
    *out = (struct as_image){0};
    if (fd < 0 || fstat(fd, &about) < 0)
        return err_set(err, "%s: cannot be opened: %s", path, strerror(errno));
    if (pread(fd, magic, sizeof magic, 0) == (ssize_t)sizeof magic && memcmp(magic, AS_MAGIC, sizeof magic) == 0)
        return image_map(fd, (size_t)about.st_size, path, out, err);
    if (about.st_size > CSV_AT_START)
        return err_set(err, "%s: is too large to be read at each start; compile it once: sekimori table as %s -o OUT", path, path);
    return image_from_csv(path, out, err);
}

void as_image_close(struct as_image *image)
{
    if (image->mapped)
        munmap((void *)image->bytes.at, image->bytes.len);
    else
        free((void *)image->bytes.at);
    *image = (struct as_image){0};
}

static uint32_t v4_number(const struct ip *ip)
{
    return (uint32_t)ip->bytes[0] << 24 | (uint32_t)ip->bytes[1] << 16 | (uint32_t)ip->bytes[2] << 8 | ip->bytes[3];
}

/* The last range that starts at or before the address, or none. */
static const uint32_t *v4_find(const struct as_image *image, uint32_t address)
{
    uint32_t low = 0, high = image->v4_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (image->v4[middle].start <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low && image->v4[low - 1].end >= address ? &image->v4[low - 1].as : NULL;
}

static const uint32_t *v6_find(const struct as_image *image, const uint8_t *address)
{
    uint32_t low = 0, high = image->v6_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (memcmp(image->v6[middle].start, address, 16) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low && memcmp(image->v6[low - 1].end, address, 16) >= 0 ? &image->v6[low - 1].as : NULL;
}

bool as_image_find(const struct as_image *image, const struct ip *ip, uint32_t *number, struct span *name)
{
    const uint32_t *found = ip->family == IP_V4 ? v4_find(image, v4_number(ip)) : ip->family == IP_V6 ? v6_find(image, ip->bytes) : NULL;
    if (!found)
        return false;
    const struct as_system *as = &image->systems[*found];
    *number = as->number;
    *name = (struct span){image->text + as->name_at, as->name_length};
    return true;
}
