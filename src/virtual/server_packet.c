/* SPDX-License-Identifier: MIT */
/* The USB/IP server: packets and queues of them. */
#include "server.h"

#include <stdlib.h>

dfukit_packet *dfukit_packet_new(size_t size)
{
    dfukit_packet *p = calloc(1, sizeof(*p) + size);

    if (p != NULL)
        p->size = size;
    return p;
}

void dfukit_fifo_push(dfukit_fifo *f, dfukit_packet *p)
{
    p->next = NULL;
    if (f->last != NULL)
        f->last->next = p;
    else
        f->first = p;
    f->last = p;
    f->count++;
}

static dfukit_packet *take_after(dfukit_fifo *f, dfukit_packet *before)
{
    dfukit_packet *p = before != NULL ? before->next : f->first;

    if (p == NULL)
        return NULL;
    if (before != NULL)
        before->next = p->next;
    else
        f->first = p->next;
    if (f->last == p)
        f->last = before;
    f->count--;
    p->next = NULL;
    return p;
}

dfukit_packet *dfukit_fifo_pop(dfukit_fifo *f)
{
    return take_after(f, NULL);
}

dfukit_packet *dfukit_fifo_take(dfukit_fifo *f, uint32_t seqnum)
{
    dfukit_packet *before = NULL;

    for (dfukit_packet *p = f->first; p != NULL; p = p->next) {
        if (p->header.seqnum == seqnum)
            return take_after(f, before);
        before = p;
    }
    return NULL;
}

void dfukit_fifo_clear(dfukit_fifo *f)
{
    dfukit_packet *p;

    while ((p = dfukit_fifo_pop(f)) != NULL)
        free(p);
}
