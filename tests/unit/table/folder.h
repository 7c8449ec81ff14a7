/* A data folder of the test's own, gone at the end. */
#pragma once
#include "exact.h"
#include "table/table.h"

#include <stdio.h>
#include <unistd.h>

struct folder {
    char path[64];
    struct arena *arena;
};

static inline const char *folder_file(struct folder *folder, const char *name)
{
    return arena_print(folder->arena, "%s/%s", folder->path, name).at;
}

static inline const char *folder_put(struct folder *folder, const char *name, const char *text)
{
    const char *path = folder_file(folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    fclose(file);
    return path;
}

static inline void folder_open(struct folder *folder)
{
    static const char services[] = "services:\n"
                                   "  - id: relay\n    name: A relay\n    sure: yes\n    hosts: [relay.example, in.other.example]\n"
                                   "    fields: [X-Relay-Id]\n    accounts:\n"
                                   "      - {field: X-Relay-Id, form: colon-field, index: 2, sure: yes}\n"
                                   "      - {field: MAIL FROM, form: verp-number, sure: no}\n"
                                   "    asns: [64500]\n    source: own\n    date: 2026-01-31\n"
                                   "  - id: guess\n    name: A guess\n    sure: no\n    hosts: [other.example]\n    accounts:\n"
                                   "      - {field: X-Guess, form: whole, sure: yes}\n    source: own\n    date: 2026-01-31\n";
    static const char networks[] = "networks:\n"
                                   "  - {asn: 64500, name: Relay, kind: mail-service, service: relay, sure: yes, source: own, date: 2026-01-31}\n"
                                   "  - {asn: 64501, name: Rooms, kind: hosting, sure: yes, source: own, date: 2026-01-31}\n"
                                   "  - {asn: 64502, name: Maybe, kind: vpn, sure: no, source: own, date: 2026-01-31}\n"
                                   "pools:\n"
                                   "  - {range: 40.95.0.0/16, name: Wide, kind: hosting, sure: yes, source: own, date: 2026-01-31}\n"
                                   "  - {range: 40.95.7.0/24, name: Pool, kind: relay-pool, service: relay, sure: yes, source: own, date: 2026-01-31}\n"
                                   "  - {range: \"2600:1::/32\", name: Six, kind: mobile, sure: no, source: own, date: 2026-01-31}\n";
    snprintf(folder->path, sizeof folder->path, "/tmp/sekimori-table-XXXXXX");
    assert_non_null(mkdtemp(folder->path));
    folder->arena = arena_new((size_t)64 << 20);
    folder_put(folder, "services.yaml", services);
    folder_put(folder, "networks.yaml", networks);
}

static inline void folder_close(struct folder *folder)
{
    static const char *const names[] = {"services.yaml", "networks.yaml", "as.csv", "as2.csv", "as.table", "as.mmdb", "country.mmdb", "list.dat"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(folder_file(folder, names[i]));
    rmdir(folder->path);
    arena_free(&folder->arena);
}

static inline struct ip address(const char *text)
{
    struct ip ip;
    assert_true(ip_parse(span_of(text), &ip));
    return ip;
}
