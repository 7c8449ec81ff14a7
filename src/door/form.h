/* door/form: a message handed in as multipart/form-data: a part `envelope`, a JSON object, and a part `message`, the raw bytes. */
#pragma once
#include "base/base.h"
#include <microhttpd.h>

struct request;
bool form_is_meant(struct span content_type);
/* Each refuses the request where something is wrong, and says what and where. */
void form_begin(struct request *request); /* the heads have come */
void form_piece(struct request *request, struct span piece);
void form_end(struct request *request);   /* all has come: the envelope is read */
void form_drop(struct request *request);  /* whatever became of it */
