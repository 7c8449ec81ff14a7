#include "command/command.h"
#include "table/table.h"

#include <getopt.h>
#include <stdio.h>

enum { STATUS_FAILED = 2 };

static int usage(FILE *to, int status)
{
    fprintf(to, "usage: sekimori table as CSV... -o OUT\n\n"
                "Makes one file of AS numbers, for scan --as-db, from CSV files of the form start,end,asn,name.\n");
    return status;
}

int command_table(int argc, char **argv)
{
    static const struct option longs[] = {{"output", required_argument, NULL, 'o'}, {"help", no_argument, NULL, 'h'}, {0}};
    const char *out = NULL;
    struct err err;
    optind = 0;
    for (int got; (got = getopt_long(argc, argv, "o:h", longs, NULL)) != -1;) {
        if (got == 'h')
            return usage(stdout, 0);
        if (got != 'o')
            return usage(stderr, STATUS_FAILED);
        out = optarg;
    }
    if (!out || argc - optind < 2 || strcmp(argv[optind], "as") != 0)
        return usage(stderr, STATUS_FAILED);
    optind++;
    if (table_compile_as((const char *const *)argv + optind, (size_t)(argc - optind), out, &err) == 0)
        return 0;
    fprintf(stderr, "sekimori: %s\n", err.text);
    return STATUS_FAILED;
}
