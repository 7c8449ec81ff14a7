/* A loop of descriptors and timers that libunbound drives through its pluggable event base: our epoll set and a heap.
 */
#pragma once
#include "base/base.h"

struct ub_event_base;
struct dns_loop;

int dns_loop_open(struct dns_loop **out, struct err *err);
void dns_loop_close(struct dns_loop **loop); /* after everything that has events in it */
struct ub_event_base *dns_loop_base(struct dns_loop *loop);
int dns_loop_fd(const struct dns_loop *loop);
int64_t dns_loop_now(void);                         /* microseconds, monotonic */
int64_t dns_loop_next(const struct dns_loop *loop); /* when the first timer is due; INT64_MAX: none */
void dns_loop_run(struct dns_loop *loop);           /* what is ready and due, without waiting */
