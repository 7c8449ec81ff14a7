/* memory: how a process keeps and gives back memory, so that it stays level and fast over many messages. */
#include "role/inner.h"

#include <malloc.h>

void memory_settle(void)
{
    mallopt(M_MMAP_THRESHOLD, 8 << 20);  /* larger blocks go back to the system at once */
    mallopt(M_TRIM_THRESHOLD, 12 << 20); /* smaller ones, as a picture wants, are kept for the next message: no page faults */
}
