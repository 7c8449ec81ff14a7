#include "command/serve.h"
#include "command/command.h"
#include "door/door.h"

#include <getopt.h>
#include <stdio.h>

void (*serve_before)(const struct scan_job *job);

static int usage(FILE *to, int status)
{
    fprintf(to, "usage: sekimori serve [--config FILE]\n\n"
                "Judges mail as it comes by milter, spamc and HTTP, and keeps a record of each message before it answers.\n"
                "Runs until it is told to end (SIGTERM); reads its configuration anew on SIGHUP.\n\n"
                "  -c, --config FILE  the configuration; by default " SEKIMORI_CONFIG_FILE "\n"
                "  -h, --help         this text\n\n"
                "Exit status: 0 it was told to end, 1 it could not go on, 2 it could not begin.\n");
    return status;
}

int command_serve(int argc, char **argv)
{
    static const struct option longs[] = {{"config", required_argument, NULL, 'c'}, {"help", no_argument, NULL, 'h'}, {0}};
    char *path = (char[]){SEKIMORI_CONFIG_FILE};
    for (int option; (option = getopt_long(argc, argv, "c:h", longs, NULL)) != -1;) {
        if (option == 'h')
            return usage(stdout, 0);
        if (option != 'c')
            return usage(stderr, 2);
        path = optarg;
    }
    if (optind < argc)
        return usage(stderr, 2);
    log_begin(ROLE_PARENT, LEVEL_INFO);
    return service_run(&(struct service_calls){.load = serve_load, .unload = serve_unload, .door = door_web, .mta = door_mta, .context = path});
}
