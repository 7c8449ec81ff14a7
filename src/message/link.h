/* message/link: gathers the links of every part and reading. Inner header: message_parse calls it last. */
#pragma once
#include "message/message.h"

/* Fills message->links from the html views and texts of message->leaves; at most limits->links of them. */
void links_collect(struct arena *arena, const struct message_limits *limits, struct message *message);
