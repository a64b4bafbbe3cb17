/* SPDX-License-Identifier: MIT */
/*
 * A small scripted device for tests of carriers and of the USB/IP server: it answers the standard
 * requests, keeps one block of memory behind DFU_DNLOAD and DFU_UPLOAD, records what it is asked,
 * and misbehaves on request.
 */
#ifndef DFUKIT_TOY_WIRE_H
#define DFUKIT_TOY_WIRE_H

#include <string.h>

#include "dfukit/bus.h"

#define TOY_LOG    512u
#define TOY_MEMORY 65535u

typedef enum toy_after {
    TOY_STAYS,   /* the same device */
    TOY_CHANGES, /* another attachment at once */
    TOY_LEAVES   /* off the bus for away_us, then another attachment */
} toy_after;

typedef struct toy {
    dfukit_clock clock;
    uint32_t attachment, attachments;
    uint64_t return_us; /* while off the bus; UINT64_MAX: never */
    uint64_t away_us;
    toy_after on_reset, on_detach;

    uint8_t device[18];
    uint8_t configuration[512];
    uint16_t configuration_size; /* what it sends */
    bool changes_product;        /* each attachment shows another idProduct */
    uint8_t active, alternate;   /* what SET_CONFIGURATION and SET_INTERFACE have set */
    bool stall_configuration, stall_interface, stall_descriptors;

    uint64_t nak_us;    /* class requests are answered with NAK for so long; UINT64_MAX: for ever */
    uint64_t answer_us; /* … until then, once asked */
    bool asked;
    dfukit_setup pending;

    uint8_t memory[TOY_MEMORY];
    uint16_t stored;

    size_t log_count;
    dfukit_setup log[TOY_LOG];
    unsigned resets, cancels, violations;
} toy;

static inline uint64_t toy_now(const toy *t)
{
    return t->clock.now_us(t->clock.self);
}

static inline void toy_attach(toy *t)
{
    t->attachment = ++t->attachments;
    t->active = 0;
    t->alternate = 0;
    t->asked = false;
    if (t->changes_product)
        t->device[10] = (uint8_t)t->attachment;
}

static inline void toy_go(toy *t, toy_after what)
{
    t->asked = false;
    if (what == TOY_CHANGES)
        toy_attach(t);
    if (what == TOY_LEAVES) {
        t->attachment = 0;
        t->return_us = t->away_us == UINT64_MAX ? UINT64_MAX : toy_now(t) + t->away_us;
    }
}

static inline uint64_t toy_work(void *self)
{
    toy *t = self;
    uint64_t now = toy_now(t);

    if (t->attachment == 0) {
        if (now < t->return_us)
            return t->return_us == UINT64_MAX ? UINT64_MAX : t->return_us - now;
        toy_attach(t);
    }
    if (t->asked && t->answer_us != UINT64_MAX)
        return t->answer_us > now ? t->answer_us - now : 0;
    return UINT64_MAX;
}

static inline uint32_t toy_attachment(void *self)
{
    return ((const toy *)self)->attachment;
}

static inline int32_t toy_reply(const dfukit_setup *s, uint8_t *data, const uint8_t *from, size_t n)
{
    if (n > s->wLength)
        n = s->wLength;
    memcpy(data, from, n);
    return (int32_t)n;
}

static inline int32_t toy_standard(toy *t, const dfukit_setup *s, uint8_t *data)
{
    switch (s->bRequest) {
    case DFUKIT_USB_GET_DESCRIPTOR:
        if (t->stall_descriptors)
            return DFUKIT_ERR_STALL;
        if (s->wValue == 0x0100)
            return toy_reply(s, data, t->device, sizeof(t->device));
        if (s->wValue == 0x0200)
            return toy_reply(s, data, t->configuration, t->configuration_size);
        return DFUKIT_ERR_STALL;
    case DFUKIT_USB_GET_CONFIGURATION:
        return toy_reply(s, data, &t->active, 1);
    case DFUKIT_USB_SET_CONFIGURATION:
        if (t->stall_configuration)
            return DFUKIT_ERR_STALL;
        t->active = (uint8_t)s->wValue;
        return 0;
    case DFUKIT_USB_SET_INTERFACE:
        if (t->stall_interface)
            return DFUKIT_ERR_STALL;
        t->alternate = (uint8_t)s->wValue;
        return 0;
    default:
        return DFUKIT_ERR_STALL;
    }
}

static inline int32_t toy_class(toy *t, const dfukit_setup *s, uint8_t *data)
{
    switch (s->bRequest) {
    case DFUKIT_DETACH:
        toy_go(t, t->on_detach);
        return 0;
    case DFUKIT_DNLOAD:
        if (s->wLength > 0)
            memcpy(t->memory, data, s->wLength);
        t->stored = s->wLength;
        return s->wLength;
    case DFUKIT_UPLOAD:
        return toy_reply(s, data, t->memory, t->stored);
    case DFUKIT_GETSTATUS: {
        static const uint8_t idle[6] = {0, 0, 0, 0, DFUKIT_DFU_IDLE, 0};

        return toy_reply(s, data, idle, sizeof(idle));
    }
    default:
        return DFUKIT_ERR_STALL;
    }
}

static inline int32_t toy_control(void *self, const dfukit_setup *s, uint8_t *data)
{
    toy *t = self;
    bool class_request = (s->bmRequestType & 0x60u) == 0x20u;

    if (t->attachment == 0)
        return DFUKIT_ERR_GONE;
    if (t->asked && memcmp(&t->pending, s, sizeof(*s)) != 0)
        t->violations++; /* two transfers at a time */
    if (!t->asked && t->log_count < TOY_LOG)
        t->log[t->log_count++] = *s;
    if (!class_request)
        return toy_standard(t, s, data);
    if (t->nak_us > 0) {
        if (!t->asked) {
            t->asked = true;
            t->pending = *s;
            t->answer_us = t->nak_us == UINT64_MAX ? UINT64_MAX : toy_now(t) + t->nak_us;
        }
        if (toy_now(t) < t->answer_us)
            return DFUKIT_ERR_AGAIN;
        t->asked = false;
    }
    return toy_class(t, s, data);
}

static inline void toy_cancel(void *self)
{
    toy *t = self;

    if (!t->asked)
        t->violations++;
    t->asked = false;
    t->cancels++;
}

static inline void toy_reset(void *self)
{
    toy *t = self;

    t->resets++;
    t->active = 0;
    toy_go(t, t->on_reset);
}

static inline bool toy_full_speed(void *self)
{
    (void)self;
    return true;
}

static const dfukit_wire_ops toy_ops = {
    .work = toy_work,
    .attachment = toy_attachment,
    .control = toy_control,
    .cancel = toy_cancel,
    .reset = toy_reset,
    .full_speed = toy_full_speed,
};

/* A DFU device, 1209:0100, one interface FE/01/02, attached. */
static inline void toy_init(toy *t, const dfukit_clock *clock)
{
    static const uint8_t device[18] = {18,   1,    0x00, 0x02, 0, 0, 0, 64, 0x09,
                                       0x12, 0x00, 0x01, 0x34, 2, 0, 0, 0,  1};
    static const uint8_t configuration[27] = {
        9, 2,    27, 0,   1, 1,    0, 0x80, 50, /* configuration */
        9, 4,    0,  0,   0, 0xFE, 1, 2,    0,  /* interface */
        9, 0x21, 7,  100, 0, 0,    8, 0x10, 1}; /* functional */

    memset(t, 0, sizeof(*t));
    t->clock = *clock;
    memcpy(t->device, device, sizeof(device));
    t->device[12] = 0x34;
    t->device[13] = 0x02;
    t->device[14] = t->device[15] = t->device[16] = 0;
    t->device[17] = 1;
    memcpy(t->configuration, configuration, sizeof(configuration));
    t->configuration_size = sizeof(configuration);
    toy_attach(t);
}

static inline dfukit_wire toy_wire(toy *t)
{
    return (dfukit_wire){.ops = &toy_ops, .self = t};
}

#endif
