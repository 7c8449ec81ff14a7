/* door/token: whether a request may come in. Tokens are known by their SHA-256 only. */
#pragma once
#include "role/service.h"

enum token_answer { TOKEN_GOOD, TOKEN_ABSENT, TOKEN_WRONG };
/* authorization: the field's value, "Bearer ..."; compared in the same time whatever differs. */
enum token_answer token_check(const struct listener_settings *settings, struct span authorization);
