/* door/gate: one listening socket of a door as the parent numbers it: what holds for it, and how many came by it and are there.
 *
 * A listener that is told again under its number takes its new settings, and those that came by it stay. What is spoken there, and the
 * socket itself, are the door's: its own struct begins with this one. */
#pragma once
#include "door/flow.h"

struct gate {
    struct gate *next;
    uint32_t number;
    struct listener_settings settings;
    struct flow_counts *counts;
    size_t open;  /* connections */
    bool closing; /* takes no more; what is open is finished */
};
void gate_begin(struct gate *gate, struct gate **first, struct flow *flow, uint32_t number, const struct listener_settings *settings);
void gate_end(struct gate *gate, struct gate **first); /* it has no connections any more; freed */
struct gate *gate_find(struct gate *first, uint32_t number); /* that takes; NULL: none */
/* It is there already: takes the settings, and closes fd, which is the same socket. */
bool gate_again(struct gate *first, struct flow *flow, uint32_t number, const struct listener_settings *settings, int fd);
void gate_in(struct gate *gate); /* a connection */
void gate_out(struct gate *gate);
/* Of a message that a mail server hands in, whose login, client and queue id are filled in: whose it is, which way it goes, what it is called.
 * The spans live as long as the gate. */
void gate_arrival(const struct gate *gate, struct arrival *arrival);
/* Descriptors for one more gate: so many for a connection and what it carries. */
void gate_files_allow(const struct gate *first, const struct flow *flow);
