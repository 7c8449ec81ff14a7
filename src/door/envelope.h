/* door/envelope: the envelope of a message as an HTTP request tells it: in fields of its own, or as one JSON object with the names
 * that the report has. What is not told is unknown. Spans are copied into the arena. */
#pragma once
#include "message/message.h"

/* One field, its name without "X-Sekimori-"; several Rcpt-To are several recipients. -1: err says what is wrong with it. */
int envelope_field(struct arena *arena, struct span name, struct span value, struct arrival *out, struct err *err);
/* One header of Rspamd's protocols: From, Rcpt (several), IP, Helo, Hostname, User, Queue-Id, Deliver-To, TLS-Version. Others are not looked
 * at, and what cannot be read is not told. -1: there are too many recipients. */
int envelope_rspamd(struct arena *arena, struct span name, struct span value, struct arrival *out, struct err *err);
bool envelope_is_ours(struct span header, struct span *name); /* "X-Sekimori-Helo" -> "Helo" */
/* {"client_ip": "192.0.2.1", "mail_from": "a@b", "rcpt_to": ["c@d", {"address": "e@f", "params": "NOTIFY=NEVER"}], "tls": {...}, ...},
 * as `envelope` stands in a report, received_at and source too; null is unknown. -1: *where is the member ("rcpt_to[2].address"; empty:
 * the whole), err what is wrong with it. */
int envelope_json(struct arena *arena, struct span json, struct arrival *out, struct span *where, struct err *err);
struct listener_settings;
/* Which way a message goes that came in at a listener and of which the caller told nothing: as the listener says. But who shows a login submits
 * what a listener for mail from outside gets, and a client without login from none of the listener's networks, where it has any, is outside. */
enum direction envelope_direction(const struct listener_settings *settings, const struct arrival *arrival);
/* The same of a whole report: what the door was told of the message then. */
int envelope_of_report(struct arena *arena, struct span report, struct arrival *out, struct span *where, struct err *err);
