/* door: bytes in, decision out. Two doors, a process each: web, HTTP for mail servers and scripts (TLS by a proxy before
 * it); mta, the milter protocol for Postfix and Sendmail.
 *
 * In: a channel to the parent, which hands over listening sockets and channels to judges and to the keeper. Out: answers.
 * A door owns every message from its first byte to its answer, and answers only after the keeper said that it is kept.
 * Never: parses what is inside a message, holds a key, opens a store.
 */
#pragma once
#include "role/service.h"

/* fd leads to the parent; the exit status. POST /v1/messages, GET /v1/messages/ID, /healthz, /readyz, /metrics. */
int door_web(int fd);
int door_mta(int fd); /* likewise, by its listeners of kind milter */
