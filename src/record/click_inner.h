/* record/click_inner: what the files about readers share. */
#pragma once
#include "record/click.h"
#include "record/inner.h"

/* ---- click_look.c: verdict, reasons and message of a record that is there */
int record_look(struct store *store, struct arena *arena, const struct visit *visit, struct record_told *told, int64_t now, struct visited *out, struct err *err);

/* ---- click_held.c */
int visit_held_look(struct store *store, struct arena *arena, const struct visit *visit, int64_t now, struct visited *out, struct err *err);
int visit_held_keep(struct store *store, struct arena *arena, const struct visit *visit, int64_t now, struct visited *visited, struct err *err); /* no transaction is open */
