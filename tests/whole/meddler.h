/* SPDX-License-Identifier: MIT */
/* A wire on which one or two chosen control transfers go wrong in a chosen way, and which watches
 * that the host keeps to the times it was told. */
#ifndef TESTS_WHOLE_MEDDLER_H
#define TESTS_WHOLE_MEDDLER_H

#include "whole/rig.h"

typedef enum mischief {
    MISCHIEF_NONE,
    MISCHIEF_STALL,        /* refused, and nothing else happens */
    MISCHIEF_STALL_ERROR,  /* refused, and the device is in dfuERROR */
    MISCHIEF_REQUEST_LOST, /* no answer in time: the device has heard nothing */
    MISCHIEF_ANSWER_LOST,  /* no answer in time, although the device has done it */
    MISCHIEF_UNPLUG_100,   /* without power before the request; back after so many ms */
    MISCHIEF_UNPLUG_1000,
    MISCHIEF_UNPLUG,        /* … and nobody plugs it in again */
    MISCHIEF_UNPLUG_BEHIND, /* the request is answered, then the power is gone, for 1 s */
    MISCHIEF_OFF_THE_BUS,   /* it keeps its power, but is off the bus for 100 ms */
    MISCHIEF_BUS_RESET,     /* by somebody else, who configures it again as it was */
    MISCHIEF_SHORT,         /* half of the bytes */
    MISCHIEF_EMPTY,         /* none of the bytes */
    MISCHIEF_POLL,          /* bwPollTimeout 0xFFFFFF */
    MISCHIEF_BUSY_POLL,     /* … and dfuDNBUSY */
    MISCHIEF_STATUS,        /* errVENDOR, whatever the state */
    MISCHIEF_STATE_0,       /* bState is 0, then as many as there are, and one that is none */
    MISCHIEF_STATE_LAST = MISCHIEF_STATE_0 + 11,
    MISCHIEF_STATE_255,
    MISCHIEF_COUNT
} mischief;

static inline const char *mischief_name(mischief kind)
{
    static const char *const names[MISCHIEF_COUNT] = {
        "none",        "stall",   "stall-error",   "request-lost", "answer-lost", "unplug-100",
        "unplug-1000", "unplug",  "unplug-behind", "off-the-bus",  "bus-reset",   "short",
        "empty",       "poll",    "busy-poll",     "status",       "state-0",     "state-1",
        "state-2",     "state-3", "state-4",       "state-5",      "state-6",     "state-7",
        "state-8",     "state-9", "state-10",      "state-11",     "state-255"};
    return names[kind];
}

/* What a device says in it is not true: what it has done need not be what the host was told. */
static inline bool mischief_lies(mischief kind)
{
    return kind >= MISCHIEF_SHORT;
}

#define MEDDLER_SEEN       1024u
#define MEDDLER_HAS_BYTES  1u /* it has a data stage */
#define MEDDLER_HAS_STATUS 2u /* it is DFU_GETSTATUS */

/* Would it change anything about such a transfer? */
static inline bool mischief_bites(mischief kind, unsigned has)
{
    if (kind == MISCHIEF_SHORT || kind == MISCHIEF_EMPTY)
        return (has & MEDDLER_HAS_BYTES) != 0;
    return kind < MISCHIEF_POLL || (has & MEDDLER_HAS_STATUS) != 0;
}

static inline bool mischief_cuts(mischief kind)
{
    return kind == MISCHIEF_SHORT || kind == MISCHIEF_EMPTY;
}

typedef struct meddling {
    unsigned at; /* number of the transfer, from 1; 0: never */
    mischief kind;
} meddling;

typedef struct meddler {
    dfukit_wire inner;
    dfukit_virtual *device;
    dfukit_clock clock;
    meddling plan[2];
    bool armed;
    unsigned count;                   /* transfers begun while armed */
    unsigned char seen[MEDDLER_SEEN]; /* MEDDLER_HAS_*, of each transfer */
    mischief now;                     /* of the transfer under way */
    bool under_way;                   /* it has answered that it has to go on */
    bool mute;                        /* until the host gives up */
    uint32_t mute_attachment;
    bool away;      /* off the bus, with power */
    bool unplugged; /* without power */
    uint64_t back_us;
    uint32_t numbers; /* added to the inner one's */
    /* what the host was told last */
    bool told_busy;
    uint64_t told_until_us;
    const char *complaint; /* about the host; NULL: none */
} meddler;

static inline uint64_t meddler_now(const meddler *m)
{
    return m->clock.now_us(m->clock.self);
}

static inline uint32_t meddler_attachment(void *self)
{
    meddler *m = self;
    uint32_t inner = m->inner.ops->attachment(m->inner.self);
    return m->away || m->unplugged || inner == 0 ? 0 : inner + m->numbers;
}

static inline void meddler_fall_silent(meddler *m)
{
    m->mute = true;
    m->mute_attachment = meddler_attachment(m);
}

static inline void meddler_leave(meddler *m, bool power, uint64_t ms)
{
    m->unplugged = !power;
    m->away = power;
    m->back_us = ms == UINT64_MAX ? UINT64_MAX : meddler_now(m) + ms * 1000u;
    m->under_way = m->mute = m->told_busy = false;
    m->now = MISCHIEF_NONE;
    if (!power)
        dfukit_virtual_power(m->device, false);
}

static inline void meddler_return(meddler *m)
{
    if (m->unplugged)
        dfukit_virtual_power(m->device, true);
    else if (m->away)
        m->inner.ops->reset(m->inner.self);
    m->numbers += m->away ? 1000u : 0u;
    m->unplugged = m->away = false;
}

static inline uint64_t meddler_work(void *self)
{
    meddler *m = self;
    uint64_t now = meddler_now(m);
    if ((m->away || m->unplugged) && now >= m->back_us)
        meddler_return(m);
    uint64_t next = m->inner.ops->work(m->inner.self);
    if ((m->away || m->unplugged) && m->back_us != UINT64_MAX && m->back_us - now < next)
        next = m->back_us - now;
    return next;
}

/* A request of the bus's own, which these devices answer at once. */
static inline void meddler_ask(meddler *m, uint8_t type, uint8_t request, uint16_t wValue)
{
    const dfukit_setup setup = {type, request, wValue, 0, 0};
    if (m->inner.ops->control(m->inner.self, &setup, NULL) == DFUKIT_ERR_AGAIN)
        m->inner.ops->cancel(m->inner.self);
}

static inline void meddler_bus_reset(meddler *m)
{
    const dfukit_dfu *engine = dfukit_virtual_engine(m->device);
    uint8_t alternate = engine->alt;
    bool configured = engine->configured;
    m->told_busy = false;
    m->inner.ops->reset(m->inner.self);
    (void)m->inner.ops->work(m->inner.self);
    if (configured)
        meddler_ask(m, 0x00, DFUKIT_USB_SET_CONFIGURATION, 1);
    if (configured && alternate != 0)
        meddler_ask(m, 0x01, DFUKIT_USB_SET_INTERFACE, alternate);
}

/* The host asks a busy device for its status, and not before the time is over. A device that hangs
 * may be freed with DFU_CLRSTATUS. */
static inline void meddler_watch(meddler *m, const dfukit_setup *s)
{
    if ((s->bmRequestType & 0x60) == 0) { /* SET_INTERFACE, SET_CONFIGURATION */
        m->told_busy = m->told_busy && s->bRequest != DFUKIT_USB_SET_INTERFACE;
        return;
    }
    if (m->told_busy && s->bRequest != DFUKIT_GETSTATUS && s->bRequest != DFUKIT_CLRSTATUS)
        m->complaint = "asked a busy device for something else than its status";
    if (m->told_busy && meddler_now(m) < m->told_until_us)
        m->complaint = "asked a busy device before its time was over";
}

static inline void meddler_note(meddler *m, const dfukit_setup *s, const uint8_t *data, int32_t n)
{
    dfukit_status_reply reply;
    if (s->bmRequestType != DFUKIT_TYPE_CLASS_IN || s->bRequest != DFUKIT_GETSTATUS)
        return;
    m->told_busy = false;
    if (n != (int32_t)DFUKIT_STATUS_SIZE)
        return;
    dfukit_status_decode(data, &reply);
    m->told_busy = reply.bState == DFUKIT_DNBUSY;
    m->told_until_us = meddler_now(m) / 1000u * 1000u + reply.bwPollTimeout * UINT64_C(1000);
}

static inline mischief meddler_due(meddler *m, const dfukit_setup *s)
{
    unsigned has = s->wLength != 0 ? MEDDLER_HAS_BYTES : 0;
    if (s->bmRequestType == DFUKIT_TYPE_CLASS_IN && s->bRequest == DFUKIT_GETSTATUS)
        has |= MEDDLER_HAS_STATUS;
    if (++m->count < MEDDLER_SEEN)
        m->seen[m->count] = (unsigned char)has;
    for (size_t i = 0; i < 2; i++) {
        if (m->plan[i].at == m->count && m->plan[i].kind != MISCHIEF_NONE) {
            return m->plan[i].kind;
        }
    }
    return MISCHIEF_NONE;
}

/* What happens instead of the request, or before it. @return false: the request goes its way. */
static inline bool meddler_before(meddler *m, int32_t *result)
{
    switch ((unsigned)m->now) {
    case MISCHIEF_STALL_ERROR: /* a request that no state knows: Annex A.2 */
        meddler_ask(m, DFUKIT_TYPE_CLASS_OUT, 0x7F, 0);
        *result = DFUKIT_ERR_STALL;
        return true;
    case MISCHIEF_STALL:
        *result = DFUKIT_ERR_STALL;
        return true;
    case MISCHIEF_REQUEST_LOST:
        meddler_fall_silent(m);
        *result = DFUKIT_ERR_AGAIN;
        return true;
    case MISCHIEF_UNPLUG_100:
    case MISCHIEF_UNPLUG_1000:
    case MISCHIEF_UNPLUG:
        meddler_leave(m, false,
                      m->now == MISCHIEF_UNPLUG       ? UINT64_MAX
                      : m->now == MISCHIEF_UNPLUG_100 ? 100
                                                      : 1000);
        *result = DFUKIT_ERR_GONE;
        return true;
    case MISCHIEF_OFF_THE_BUS:
        meddler_leave(m, true, 100);
        *result = DFUKIT_ERR_GONE;
        return true;
    case MISCHIEF_BUS_RESET:
        meddler_bus_reset(m);
        return false;
    default:
        return false;
    }
}

/* What becomes of the answer. */
static inline int32_t meddler_behind(meddler *m, const dfukit_setup *s, uint8_t *data, int32_t n)
{
    mischief kind = m->now;
    bool status = s->bmRequestType == DFUKIT_TYPE_CLASS_IN && s->bRequest == DFUKIT_GETSTATUS &&
                  n == (int32_t)DFUKIT_STATUS_SIZE;
    m->now = MISCHIEF_NONE;
    if (kind == MISCHIEF_ANSWER_LOST) {
        meddler_fall_silent(m);
        return DFUKIT_ERR_AGAIN;
    }
    if (kind == MISCHIEF_UNPLUG_BEHIND)
        meddler_leave(m, false, 1000);
    if (kind == MISCHIEF_SHORT && n > 0)
        return n / 2;
    if (kind == MISCHIEF_EMPTY && n > 0)
        return 0;
    if (status && (kind == MISCHIEF_POLL || kind == MISCHIEF_BUSY_POLL))
        data[1] = data[2] = data[3] = 0xFF;
    if (status && kind == MISCHIEF_BUSY_POLL)
        data[4] = DFUKIT_DNBUSY;
    if (status && kind == MISCHIEF_STATUS)
        data[0] = DFUKIT_STATUS_VENDOR;
    if (status && kind >= MISCHIEF_STATE_0)
        data[4] = kind == MISCHIEF_STATE_255 ? 255 : (uint8_t)(kind - MISCHIEF_STATE_0);
    return n;
}

static inline int32_t meddler_control(void *self, const dfukit_setup *setup, uint8_t *data)
{
    meddler *m = self;
    int32_t result = DFUKIT_ERR_AGAIN;
    (void)meddler_work(m);
    if (meddler_attachment(m) == 0)
        return DFUKIT_ERR_GONE;
    if (m->mute && meddler_attachment(m) == m->mute_attachment)
        return DFUKIT_ERR_AGAIN;
    m->mute = false;
    if (!m->under_way && m->armed) {
        meddler_watch(m, setup);
        m->now = meddler_due(m, setup);
        if (meddler_before(m, &result))
            return result;
        if (meddler_attachment(m) == 0)
            return DFUKIT_ERR_GONE;
    }
    result = m->inner.ops->control(m->inner.self, setup, data);
    m->under_way = result == DFUKIT_ERR_AGAIN;
    if (m->under_way)
        return result;
    result = meddler_behind(m, setup, data, result);
    meddler_note(m, setup, data, result);
    return result;
}

static inline void meddler_cancel(void *self)
{
    meddler *m = self;
    if (m->under_way)
        m->inner.ops->cancel(m->inner.self);
    m->under_way = m->mute = false;
    m->now = MISCHIEF_NONE;
}

static inline void meddler_reset(void *self)
{
    meddler *m = self;
    m->told_busy = false;
    if (!m->away && !m->unplugged)
        m->inner.ops->reset(m->inner.self);
}

static inline bool meddler_full_speed(void *self)
{
    (void)self;
    return true;
}

static inline dfukit_wire meddler_wire(meddler *m)
{
    static const dfukit_wire_ops ops = {meddler_work,   meddler_attachment, meddler_control,
                                        meddler_cancel, meddler_reset,      meddler_full_speed};
    return (dfukit_wire){&ops, m};
}

#endif
