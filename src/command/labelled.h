/* command/labelled: mail whose truth is told, walked one after the other; what eval and fit share. */
#pragma once
#include "command/scan.h"
#include "study/study.h"

struct labelled {
    struct scan_options *options;
    struct scan_world world;
    struct judge_settings judge;
    struct resolver *resolver;
    struct arena *arena; /* of one message */
    bool unread;         /* something could not be read */
};
typedef void labelled_take(void *context, bool bad, struct span folder, struct span name, const struct walk *walk);
/* -1: go on; else the exit status: help was asked for, or the command line is wrong and that was said. */
int labelled_options(int argc, char **argv, struct scan_options *options);
int labelled_open(struct labelled *labelled, struct scan_options *options, struct err *err);
void labelled_walk(struct labelled *labelled, labelled_take *take, void *context);
void labelled_close(struct labelled *labelled);
