/* door/metrics: the door's figures as Prometheus reads them (text format 0.0.4). */
#pragma once
#include "door/flow.h"

void metrics_write(struct flow *flow, struct buf *out);
