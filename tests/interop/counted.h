/* SPDX-License-Identifier: MIT */
/* A wire in front of another that counts what passes: for measurements of hosts. */
#ifndef COUNTED_H
#define COUNTED_H

#include "dfukit/bus.h"

typedef struct counted {
    dfukit_wire inner;
    dfukit_clock clock;
    uint32_t requests;            /* of the DFU class, each once */
    uint64_t detach_us, block_us; /* when the first DFU_DETACH and DFU_DNLOAD came; 0: none */
    bool pending;
} counted;

static inline uint64_t counted_work(void *self)
{
    counted *c = self;
    return c->inner.ops->work(c->inner.self);
}

static inline uint32_t counted_attachment(void *self)
{
    counted *c = self;
    return c->inner.ops->attachment(c->inner.self);
}

static inline int32_t counted_control(void *self, const dfukit_setup *s, uint8_t *data)
{
    counted *c = self;
    uint64_t now = c->clock.now_us(c->clock.self);
    if (!c->pending && (s->bmRequestType & 0x60u) == 0x20u) {
        c->requests++;
        if (s->bRequest == DFUKIT_DETACH && c->detach_us == 0)
            c->detach_us = now;
        if (s->bRequest == DFUKIT_DNLOAD && c->block_us == 0)
            c->block_us = now;
    }
    int32_t result = c->inner.ops->control(c->inner.self, s, data);
    c->pending = result == DFUKIT_ERR_AGAIN;
    return result;
}

static inline void counted_cancel(void *self)
{
    counted *c = self;
    c->pending = false;
    c->inner.ops->cancel(c->inner.self);
}

static inline void counted_reset(void *self)
{
    counted *c = self;
    c->pending = false;
    c->inner.ops->reset(c->inner.self);
}

static inline bool counted_full_speed(void *self)
{
    counted *c = self;
    return c->inner.ops->full_speed(c->inner.self);
}

static inline dfukit_wire counted_wire(counted *c, const dfukit_wire *inner,
                                       const dfukit_clock *clock)
{
    static const dfukit_wire_ops ops = {counted_work,   counted_attachment, counted_control,
                                        counted_cancel, counted_reset,      counted_full_speed};
    *c = (counted){.inner = *inner, .clock = *clock};
    return (dfukit_wire){&ops, c};
}

#endif
