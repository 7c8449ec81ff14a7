/* command/serve: what the files of the verb `serve` share. */
#pragma once
#include "generation/generation.h"
#include "role/service.h"

extern void (*serve_before)(const struct scan_job *job); /* NULL; tests put the deaths of judges here */

/* ---- serve_settings.c: a generation as the processes take it. context is the path of the configuration. */
int serve_load(void *context, struct service_generation *out, struct err *err);
void serve_unload(void *context, struct service_generation *generation);
