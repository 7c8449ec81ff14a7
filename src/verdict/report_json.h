/* The inside of report_json.c: the object's larger members. Lists that a stranger can make long are cut, and counted in
 * message.counts; unknown things are null. */
#pragma once
#include "verdict/verdict.h"

void json_path(struct json *json, struct arena *arena, const struct path *path); /* "path" */
void json_auth(struct json *json, const struct message *message, const struct proof *proof); /* "auth" */
