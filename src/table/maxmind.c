/* Country and AS number from MaxMind DB files (https://maxmind.github.io/MaxMind-DB/). */
#include "table/inner.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The metadata stand within the last 128 KiB, behind this mark. */
static bool is_maxmind(const char *path)
{
    enum { TAIL = 128 << 10 };
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat about;
    char *tail = malloc(TAIL);
    bool found = false;
    if (fd >= 0 && tail && fstat(fd, &about) == 0) {
        ssize_t got = pread(fd, tail, TAIL, about.st_size > TAIL ? about.st_size - TAIL : 0);
        found = got > 0 && memmem(tail, (size_t)got, "\xab\xcd\xefMaxMind.com", 14);
    }
    free(tail);
    if (fd >= 0)
        close(fd);
    return found;
}

static int maxmind_open(const char *path, MMDB_s *into, struct err *err)
{
    int status = MMDB_open(path, MMDB_MODE_MMAP, into);
    if (status == MMDB_SUCCESS)
        return 0;
    return err_set(err, "%s: %s; give a MaxMind DB (.mmdb)", path, MMDB_strerror(status));
}

int country_open(struct tables *tables, const char *path, struct err *err)
{
    if (maxmind_open(path, &tables->country, err) < 0)
        return -1;
    tables->has_country = true;
    return 0;
}

int as_open(struct tables *tables, const char *path, struct err *err)
{
    if (!is_maxmind(path))
        return as_image_open(path, &tables->as, err);
    if (maxmind_open(path, &tables->as_database, err) < 0)
        return -1;
    tables->has_as_database = true;
    return 0;
}

/* A tree of 32 bits knows no IPv6 address, and libmaxminddb would say so by an error. */
static bool entry_find(const MMDB_s *database, const struct ip *ip, MMDB_entry_s *out)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    bool is_v4 = ip->family == IP_V4;
    int status;
    if (is_v4)
        memcpy(&v4.sin_addr, ip->bytes, 4);
    else
        memcpy(&v6.sin6_addr, ip->bytes, 16);
    MMDB_lookup_result_s result = MMDB_lookup_sockaddr(database, is_v4 ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6, &status);
    *out = result.entry;
    return status == MMDB_SUCCESS && result.found_entry;
}

static bool text_find(MMDB_entry_s *entry, const char *const *path, struct span *out)
{
    MMDB_entry_data_s data;
    if (MMDB_aget_value(entry, &data, path) != MMDB_SUCCESS || !data.has_data || data.type != MMDB_DATA_TYPE_UTF8_STRING)
        return false;
    *out = (struct span){data.utf8_string, data.data_size};
    return true;
}

struct span country_find(const struct tables *tables, const struct ip *ip)
{
    static const char *const nested[] = {"country", "iso_code", NULL}, *const flat[] = {"country_code", NULL};
    MMDB_entry_s entry;
    struct span code;
    if (!tables->has_country || !entry_find(&tables->country, ip, &entry))
        return (struct span){0};
    if (!text_find(&entry, nested, &code) && !text_find(&entry, flat, &code))
        return (struct span){0};
    return code.len == 2 ? code : (struct span){0};
}

static bool number_find(MMDB_entry_s *entry, const char *const *path, uint32_t *out)
{
    MMDB_entry_data_s data;
    if (MMDB_aget_value(entry, &data, path) != MMDB_SUCCESS || !data.has_data || data.type != MMDB_DATA_TYPE_UINT32)
        return false;
    *out = data.uint32;
    return true;
}

bool as_find(const struct tables *tables, const struct ip *ip, uint32_t *number, struct span *name)
{
    static const char *const asn[] = {"autonomous_system_number", NULL}, *const organisation[] = {"autonomous_system_organization", NULL};
    MMDB_entry_s entry;
    if (!tables->has_as_database)
        return tables->as.bytes.len && as_image_find(&tables->as, ip, number, name);
    if (!entry_find(&tables->as_database, ip, &entry) || !number_find(&entry, asn, number))
        return false;
    text_find(&entry, organisation, name);
    return true;
}
