/* The inside of report_json.c: the object's larger members. Lists that a stranger can make long are cut, and counted in
 * message.counts; unknown things are null. */
#pragma once
#include "verdict/verdict.h"

void json_path(struct json *json, struct arena *arena, const struct path *path); /* "path" */
void json_claim(struct json *json, const struct claim *claim);       /* "claim"; NULL: identity has not spoken */
void json_content(struct json *json, const struct content *content); /* "content"; NULL: content has not spoken */
void json_witnesses(struct json *json, const struct testimony *testimony); /* "witnesses"; NULL: nobody was asked */
void json_auth(struct json *json, const struct message *message, const struct proof *proof); /* "auth" */
