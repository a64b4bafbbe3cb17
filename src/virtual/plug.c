/* SPDX-License-Identifier: MIT */
/*
 * A virtual device's plug: attaching with the descriptors of one mode, leaving the bus to come back
 * with those of the other, losing power; and the passing of time.
 */
#include "flash.h"
#include "model.h"

#define APPLICATION_MS 500u /* a persona without run-time mode runs its firmware for so long */
#define DOWNLOADED     0x8000u

uint64_t dfukit_virtual_now(const dfukit_virtual *v)
{
    return v->clock.now_us(v->clock.self);
}

/* ---- Attaching ---- */

/* Run-time bcdDevice tells firmwares apart: from the CRC-32 of what runs, the usual one, inverted.
 */
static uint16_t runtime_revision(const dfukit_virtual *v)
{
    uint32_t size;
    const uint8_t *cells = dfukit_vflash_cells(v->flash, &size);
    uint32_t crc;

    if (v->length == 0 || v->length > size)
        return v->runtime.bcdDevice;
    crc = ~dfukit_crc32(DFUKIT_CRC_INIT, cells, v->length);
    return (uint16_t)(DOWNLOADED | (crc & 0x7FFFu));
}

static void build_descriptors(dfukit_virtual *v)
{
    const dfukit_persona *p = v->persona;
    dfukit_appearance a = {
        .dfu_mode = v->dfu_mode,
        .identity = v->dfu_mode ? v->in_dfu : v->runtime,
        .manufacturer = p->manufacturer,
        .functional = p->functional,
        .max_packet_size0 = p->max_packet_size0,
    };
    dfukit_event e = {.point = DFUKIT_POINT_APPEAR, .dfu_mode = v->dfu_mode, .appearance = &a};

    for (size_t n = 0; n < DFUKIT_ALTERNATES_MAX; n++)
        a.alternates[n] = p->alternates[n];
    if (!v->dfu_mode)
        a.identity.bcdDevice = runtime_revision(v);
    dfukit_fault_at(v, &e);
    dfukit_descriptors_build(&v->descriptors, &a);
}

static void attach(dfukit_virtual *v)
{
    if (v->fresh) {
        dfukit_virtual_store_init(v);
        dfukit_dfu_init(&v->dfu, &v->dfu_config, v, v->block);
        v->dfu_mode = dfukit_dfu_in_dfu_mode(&v->dfu);
        dfukit_dfu_poll(&v->dfu, (uint32_t)(dfukit_virtual_now(v) / 1000u));
    } else {
        dfukit_dfu_attach(&v->dfu, v->dfu_mode);
    }
    v->fresh = false;
    v->return_us = DFUKIT_NEVER;
    build_descriptors(v);
    dfukit_ep0_init(&v->ep0, &v->descriptors.set, &v->dfu);
    v->attachment = ++v->attachments;
}

/* ---- Leaving ---- */

static void detach(dfukit_virtual *v, uint64_t delay_us)
{
    uint64_t now = dfukit_virtual_now(v);

    v->attachment = 0;
    v->hanging = false;
    v->leave_us = DFUKIT_NEVER;
    v->return_us = delay_us < DFUKIT_NEVER - now ? now + delay_us : DFUKIT_NEVER;
    if (delay_us == 0)
        attach(v);
}

void dfukit_virtual_fail_power(dfukit_virtual *v, uint64_t delay_us)
{
    dfukit_vflash_cut(v->flash);
    v->power_fails = false;
    v->fresh = true;
    detach(v, delay_us);
}

void dfukit_virtual_start(dfukit_virtual *v)
{
    v->fresh = true;
    attach(v);
}

/* Leave for the mode that the engine has wished for. */
static void leave_for(dfukit_virtual *v, bool dfu_mode)
{
    dfukit_event e = {
        .point = DFUKIT_POINT_LEAVE, .dfu_mode = dfu_mode, .delay_us = v->reattach_us};

    /* Its firmware, which is no business of the bus, hands over to the loader again. */
    if (!dfu_mode && v->dfu_config.loader_only)
        e.delay_us = APPLICATION_MS * 1000u;
    dfukit_fault_at(v, &e);
    /* The way to the firmware is a reset of the chip: whether there is any shows then. */
    v->fresh = !e.dfu_mode;
    v->dfu_mode = e.dfu_mode;
    detach(v, e.delay_us);
}

void dfukit_virtual_obey(dfukit_virtual *v, bool at_once)
{
    dfukit_wish wish;

    if (v->attachment == 0)
        return;
    if (v->power_fails) {
        dfukit_virtual_fail_power(v, DFUKIT_POWER_BACK_US);
        return;
    }
    wish = dfukit_dfu_wish(&v->dfu);
    if (v->leave_us == DFUKIT_NEVER && wish != DFUKIT_WISH_NONE) {
        v->dfu_mode_next = wish == DFUKIT_WISH_REATTACH_DFU;
        v->leave_us = dfukit_virtual_now(v);
        if (!v->fast && !at_once)
            v->leave_us += v->persona->leave_ms * 1000u;
    }
    if (v->leave_us != DFUKIT_NEVER && (at_once || dfukit_virtual_now(v) >= v->leave_us))
        leave_for(v, v->dfu_mode_next);
}

/* ---- Time ---- */

static uint64_t sooner(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The engine's deadline on the clock: the first microsecond of that millisecond. It means something
 * in four states only; in dfuMANIFEST-SYNC, whose time is over as a rule, until it has come. A
 * manifestation that outlasts its time is looked at every millisecond. */
static uint64_t deadline_us(const dfukit_virtual *v)
{
    uint8_t state = v->dfu.state;
    uint64_t now_ms = dfukit_virtual_now(v) / 1000u;
    int32_t left = (int32_t)(v->dfu.deadline_ms - (uint32_t)now_ms);
    bool waits = state == DFUKIT_APP_DETACH || state == DFUKIT_DNBUSY || state == DFUKIT_MANIFEST;

    if (!waits && (state != DFUKIT_MANIFEST_SYNC || left <= 0))
        return DFUKIT_NEVER;
    return (now_ms + (left > 0 ? (uint64_t)left : 1)) * 1000u;
}

uint64_t dfukit_virtual_work(dfukit_virtual *v)
{
    uint64_t now = dfukit_virtual_now(v);
    uint64_t next;

    if (v->attachment == 0) {
        if (v->return_us == DFUKIT_NEVER || !v->powered)
            return DFUKIT_NEVER;
        if (now < v->return_us)
            return v->return_us - now;
        attach(v);
    }
    dfukit_dfu_poll(&v->dfu, (uint32_t)(now / 1000u));
    dfukit_virtual_obey(v, false);
    if (v->attachment == 0)
        return v->return_us == DFUKIT_NEVER ? DFUKIT_NEVER : v->return_us - now;
    next = sooner(v->leave_us, deadline_us(v));
    next = sooner(next, dfukit_vflash_busy_until(v->flash));
    if (next == DFUKIT_NEVER)
        return DFUKIT_NEVER;
    return next > now ? next - now : 0;
}
