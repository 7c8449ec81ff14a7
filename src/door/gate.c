#include "door/gate.h"
#include "door/envelope.h"

#include <stdlib.h>
#include <unistd.h>

enum { FILES_SPARE = 256, FILES_OF_CONNECTION = 2 }; /* itself, and its message */

void gate_begin(struct gate *gate, struct gate **first, struct flow *flow, uint32_t number, const struct listener_settings *settings)
{
    *gate = (struct gate){.next = *first, .number = number, .settings = *settings, .counts = flow_counts(flow, settings->name)};
    *first = gate;
}

void gate_end(struct gate *gate, struct gate **first)
{
    while (*first != gate)
        first = &(*first)->next;
    *first = gate->next;
    free(gate);
}

struct gate *gate_find(struct gate *first, uint32_t number)
{
    while (first && (first->closing || first->number != number))
        first = first->next;
    return first;
}

bool gate_again(struct gate *first, struct flow *flow, uint32_t number, const struct listener_settings *settings, int fd)
{
    struct gate *gate = gate_find(first, number);
    if (!gate)
        return false;
    close(fd);
    gate->counts->connections -= gate->open;
    gate->settings = *settings;
    gate->counts = flow_counts(flow, settings->name);
    gate->counts->connections += gate->open;
    return true;
}

void gate_in(struct gate *gate)
{
    gate->open++;
    gate->counts->connections++;
}

void gate_out(struct gate *gate)
{
    gate->open--;
    gate->counts->connections--;
}

void gate_arrival(const struct gate *gate, struct arrival *arrival)
{
    arrival->listener = span_of(gate->settings.name);
    arrival->org = span_of(gate->settings.organisation);
    arrival->source = arrival->queue_id.len ? arrival->queue_id : arrival->listener;
    arrival->direction = envelope_direction(&gate->settings, arrival);
}

void gate_files_allow(const struct gate *first, const struct flow *flow)
{
    size_t count = 1;
    for (; first; first = first->next)
        count++;
    files_allow(FILES_SPARE + FILES_OF_CONNECTION * count * flow_settings(flow)->connections);
}
