/* backoff: how long to wait before what died is started again. */
#include "role/parent.h"

enum { FIRST_MS = 100, MOST_MS = 30000, SETTLED_MS = 60000 };

void backoff_started(struct backoff *backoff, int64_t now)
{
    backoff->started = now;
    backoff->due = 0;
}

void backoff_died(struct backoff *backoff, int64_t now)
{
    if (now - backoff->started >= SETTLED_MS || !backoff->wait)
        backoff->wait = FIRST_MS;
    else
        backoff->wait = 2 * backoff->wait < MOST_MS ? 2 * backoff->wait : MOST_MS;
    backoff->due = now + backoff->wait;
}
