#include "command/command.h"
#include "store/upkeep.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

enum { STATUS_SOUND = 0, STATUS_FAULTS = 1, STATUS_FAILED = 2 };

static int usage(FILE *to, int status)
{
    fprintf(to, "usage: sekimori store check PATH...\n"
                "       sekimori store backup [--replace] PATH COPY\n"
                "       sekimori store compact PATH...\n\n"
                "check reads all of a store and tells every fault; backup writes a whole copy; both work while the service runs.\n"
                "compact writes the file anew without what is unused, and needs as much room again on its disk. The service removes by\n"
                "itself what has had its time (keep in sekimori.conf(5)) and uses the room again: the file ceases to grow, but does not\n"
                "shrink; compact it when keep was shortened, or much was forgotten.\n\n"
                "  --replace   where COPY is there already: give it up when the new copy is whole\n"
                "  -h, --help  this text\n\n"
                "Exit status: 0 all well, 1 check found faults, 2 something could not be done.\n");
    return status;
}

static int failed(const struct err *err)
{
    fprintf(stderr, "sekimori: %s\n", err->text);
    return STATUS_FAILED;
}

static int opened(const char *path, bool read_only, struct store **out, struct err *err)
{
    return store_open(path, NULL, &(struct store_settings){.read_only = read_only}, out, err);
}

static double megabytes(uint64_t bytes)
{
    return (double)bytes / (1 << 20);
}

/* ---- check */

static void fault_print(void *context, const char *fault)
{
    const char *path = context;
    printf("%s: %s\n", path, fault);
}

static int rows_count(struct store *store, int64_t *rows, struct err *err)
{
    *rows = 0;
    for (size_t i = 0; i < store_tables(store); i++) {
        int64_t count = store_count(store, &(struct store_query){.table = store_table(store, i)}, err);
        if (count < 0)
            return -1;
        *rows += count;
    }
    return 0;
}

static int checked(struct store *store, const char *path, struct err *err)
{
    int64_t rows;
    struct store_sizes sizes;
    int faults = store_check(store, fault_print, (void *)path, err);
    if (faults < 0)
        return -1;
    if (faults) {
        printf("%s: %d %s. Where the file itself is damaged: stop the service, keep a copy, restore a backup\n", path, faults, faults == 1 ? "fault" : "faults");
        return STATUS_FAULTS;
    }
    if (rows_count(store, &rows, err) < 0 || store_sizes(store, &sizes, err) < 0)
        return -1;
    printf("%s: sound: version %u, %zu tables, %" PRId64 " rows, %.1f MB of which %.1f MB are unused\n", path, store_version(store), store_tables(store), rows,
           megabytes(sizes.bytes + sizes.log_bytes), megabytes(sizes.free_bytes));
    return STATUS_SOUND;
}

static int check(const char *path, struct err *err)
{
    struct store *store;
    if (opened(path, true, &store, err) < 0)
        return -1;
    int status = checked(store, path, err);
    store_close(&store);
    return status;
}

/* ---- compact, backup */

static int compact(const char *path, struct err *err)
{
    struct store *store;
    struct store_sizes before, after;
    if (opened(path, false, &store, err) < 0)
        return -1;
    int done = store_compact(store, &before, &after, err);
    store_close(&store);
    if (done < 0)
        return -1;
    printf("%s: %.1f MB before, %.1f MB now\n", path, megabytes(before.bytes + before.log_bytes), megabytes(after.bytes + after.log_bytes));
    return STATUS_SOUND;
}

static int backup(const char *path, const char *copy, bool replace, struct err *err)
{
    struct store *store;
    if (opened(path, true, &store, err) < 0)
        return -1;
    int done = store_backup(store, copy, replace, err);
    store_close(&store);
    return done;
}

static int each(char *const *paths, int (*act)(const char *, struct err *))
{
    int worst = STATUS_SOUND;
    for (; *paths; paths++) {
        struct err err;
        int status = act(*paths, &err);
        status = status < 0 ? failed(&err) : status;
        worst = status > worst ? status : worst;
    }
    return worst;
}

int command_store(int argc, char **argv)
{
    static const struct option longs[] = {{"replace", no_argument, NULL, 'r'}, {"help", no_argument, NULL, 'h'}, {0}};
    bool replace = false;
    struct err err;
    optind = 0;
    opterr = 0;
    for (int got; (got = getopt_long(argc, argv, "h", longs, NULL)) != -1;) {
        if (got == 'h')
            return usage(stdout, STATUS_SOUND);
        if (got != 'r') {
            fprintf(stderr, "sekimori: %s: is no option of this verb, which takes the file of the store itself (store.path of the configuration)\n", argv[optind - 1]);
            return usage(stderr, STATUS_FAILED);
        }
        replace = true;
    }
    const char *act = optind < argc ? argv[optind++] : "";
    int paths = argc - optind;
    if (strcmp(act, "check") == 0 && paths && !replace)
        return each(argv + optind, check);
    if (strcmp(act, "compact") == 0 && paths && !replace)
        return each(argv + optind, compact);
    if (strcmp(act, "backup") != 0 || paths != 2)
        return usage(stderr, STATUS_FAILED);
    return backup(argv[optind], argv[optind + 1], replace, &err) < 0 ? failed(&err) : STATUS_SOUND;
}
