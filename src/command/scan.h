/* command/scan: what the files of the verb `scan` share. */
#pragma once
#include "base/base.h"
#include "generation/generation.h"
#include "role/role.h"
#include "table/table.h"
#include "walk/walk.h"
#include <stdio.h>

/* ---- options.c: the command line of scan, checked */
enum { STATUS_CLEAN = 0, STATUS_FOUND = 1, STATUS_UNREAD = 2 };
enum option_verb { VERB_SCAN = 1, VERB_EVAL = 2, VERB_FIT = 4 }; /* bits: which verbs know an option */
struct labelled_path { /* of eval and fit: what follows --ham or --phish */
    const char *path;
    bool bad;
};
struct scan_options {
    struct arena *arena; /* of everything below */
    enum option_verb verb;
    struct walk_settings walk;
    struct table_options table;
    struct resolver_settings resolver;
    struct result_style style;
    VEC(const char *) paths, envelopes;
    VEC(struct labelled_path) labelled;
    enum { LABEL_NONE, LABEL_HONEST, LABEL_BAD } label; /* of the paths that follow on the command line */
    const char *people_file, *output_file, *parts_file;
    size_t worst, top;
    const char *store_file;
    bool perturb, check;
    const char *zone_file, *customers_file;
    const char *config_file, *organisation;
    struct generation *generation;  /* NULL: without --config; to be freed after the world is closed */
    bool overridden, tables_told;   /* an option judges otherwise than the generation; names other tables */
    bool offline_told;
    int64_t now; /* or TIME_UNKNOWN */
    enum direction direction;
    unsigned judges;
    int deadline_ms; /* 0: the default */
    bool json, explain, summary, quiet, help;
    enum { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER } colour;
};
int options_parse(int argc, char **argv, struct scan_options *out, struct err *err); /* out->arena and out->verb are given */
void options_help(enum option_verb verb);
/* configured.c: options->config_file into the options; before the others are read, which override it. Its faults go to standard error. */
int options_configure(struct scan_options *options, struct err *err);
void options_override(struct scan_options *options); /* after all of them were read */

/* ---- world.c: what the options name, loaded: tables, weights, people, zone, customers, envelopes */
struct scan_world {
    struct tables *tables;
    struct dns_zone *zone;
    struct customers customers;
    struct envelopes *envelopes;
};
int scan_world_open(struct scan_options *options, struct scan_world *out, struct err *err); /* fills options->walk too */
void scan_world_close(struct scan_world *world);

/* ---- inputs.c: from paths to messages, in sorted order; holds the names of one folder a level and no contents */
struct input {
    int fd;                  /* the caller's to close; -1 for a story */
    uint64_t offset, length;
    bool mbox;               /* one message of an mbox */
    bool further;            /* of a file that gave one before */
    bool story;              /* path is a folder that holds message.eml */
    const char *path;        /* of the file or folder; until the next call */
    const char *name;        /* for people: the path, or "path#12" for the 12th of several messages of an mbox; until the next call */
};
struct inputs;
struct inputs *inputs_new(const char *const *paths, size_t count);
void inputs_free(struct inputs **inputs);
int inputs_next(struct inputs *inputs, struct input *out, struct err *err); /* 1: one; 0: the end; -1: err, and one may go on */
const char *inputs_path(const struct inputs *inputs); /* that the last call of inputs_next was about */
size_t inputs_count(const char *const *paths, size_t count); /* files, by their names alone; for the progress bar */
bool inputs_hold_story(const char *const *paths, size_t count); /* by the names alone */

/* ---- foreign.c */
int foreign_check(int fd, const char *name, struct err *err); /* -1: it begins like a file of another kind, and err says which */

/* ---- mbox.c: where the messages of an mbox begin and end; reads through a window, however large the file is */
struct mbox;
bool mbox_is_postmark(struct span line); /* "From sender weekday month day time ..." */
bool mbox_begins(int fd);                /* the file's first line is a postmark */
struct mbox *mbox_new(int fd);           /* takes the descriptor over */
void mbox_free(struct mbox **mbox);
int mbox_fd(const struct mbox *mbox);
bool mbox_at_end(const struct mbox *mbox); /* what mbox_next gave was the last */
int mbox_next(struct mbox *mbox, uint64_t *offset, uint64_t *length, struct err *err); /* 1: one, without its postmark; 0: the end; -1 */

/* ---- envelopes.c: tables of file, client address, HELO, reverse name, MAIL FROM, RCPT TO */
struct envelopes;
struct envelopes *envelopes_new(void);
void envelopes_free(struct envelopes **envelopes);
int envelopes_load(struct envelopes *envelopes, const char *path, struct err *err);
/* Of rows in several tables the last holds. False: there is none. name is a path as inputs gives it. */
bool envelopes_find(const struct envelopes *envelopes, struct arena *arena, const char *name, struct arrival *arrival);

/* ---- story.c: a folder of message, envelope, zone, time and settings; formats in tests/cases/README.md */
struct story {
    struct arrival arrival; /* raw left empty */
    struct walk_settings walk;
    struct customers customers;
    struct dns_zone *zone; /* NULL: the story is offline */
    VEC(struct block_list) lists;
    const char *clamd_says; /* NULL: no virus scanner is asked */
    int fd;                /* of message.eml */
    uint64_t length;
};
int story_load(struct arena *arena, const char *folder, const struct walk_settings *walk, const struct arrival *arrival,
               struct story *out, struct err *err);

/* ---- summary.c: the table at the end */
struct summary;
struct summary *summary_new(void);
void summary_free(struct summary **summary);
void summary_count(struct summary *summary, struct span folder, const struct scan_result *result);
void summary_print(const struct summary *summary, FILE *to, enum language language);

/* ---- closing.c: what is said once, when all has been judged */
struct closing {
    size_t judged, unverified, edge_unknown;      /* messages that are no stories */
    size_t relayed, leave_unknown, peer_unknown;  /* all outbound ones */
    size_t borne[64], believed[64], homeless[64]; /* by id of --trust-authserv; homeless: borne where no machine of ours is known */
    bool enveloped;                               /* some message has a row in a table of --envelopes */
};
void closing_count(struct closing *closing, const struct scan_result *result, bool story);
void closing_print(const struct closing *closing, const struct scan_options *options, FILE *to);

/* ---- progress.c: a bar on standard error, where that is a terminal */
struct progress {
    size_t files, files_done, messages;
    int64_t started_ms, drawn_ms;
    bool terminal, shown;
};
void progress_start(struct progress *progress, size_t files);
void progress_step(struct progress *progress, size_t files_done, size_t messages);
void progress_hide(struct progress *progress); /* before anything else is written to the terminal */
