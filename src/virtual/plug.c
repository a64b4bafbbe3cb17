/* SPDX-License-Identifier: MIT */
/*
 * A virtual device's plug: attaching with the descriptors of one mode, leaving the bus to come back
 * with those of the other, losing power; and the passing of time.
 */
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
    bool differs = !v->dfu_mode && p->runtime_functional != NULL;
    dfukit_appearance a = {
        .dfu_mode = v->dfu_mode,
        .persona = p,
        .identity = v->dfu_mode ? v->in_dfu : v->runtime,
        .manufacturer = p->manufacturer,
        .raw_serial = v->other_serial ? NULL : p->raw_serial,
        .functional = differs ? *p->runtime_functional : p->functional,
    };
    dfukit_event e = {.point = DFUKIT_POINT_APPEAR, .dfu_mode = v->dfu_mode, .appearance = &a};

    for (size_t n = 0; n < DFUKIT_PERSONA_ALTERNATES; n++)
        a.alternates[n] = p->alternates[n];
    if (a.alternates[0] == NULL)
        a.alternates[0] = "";
    if (!v->dfu_mode)
        a.identity.bcdDevice = runtime_revision(v);
    dfukit_fault_at(v, &e);
    dfukit_descriptors_build(&v->descriptors, &a);
}

/* What a product says of its firmware when it enters DFU mode: nothing good, though it runs. */
static void start_in_error(dfukit_virtual *v)
{
    if (!v->persona->starts_in_error || v->dfu.state != DFUKIT_DFU_IDLE)
        return;
    v->dfu.state = DFUKIT_DFU_ERROR;
    v->dfu.status = DFUKIT_STATUS_FIRMWARE;
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
    dfukit_virtual_take_mode(v);
    start_in_error(v);
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
    v->held = false;
    v->leave_us = DFUKIT_NEVER;
    v->return_us = delay_us < DFUKIT_NEVER - now ? now + delay_us : DFUKIT_NEVER;
    if (delay_us == 0)
        attach(v);
}

void dfukit_virtual_fail_power(dfukit_virtual *v, uint64_t delay_us)
{
    dfukit_memories_cut(&v->memories);
    v->power_fails = false;
    v->resets = false;
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

void dfukit_virtual_go(dfukit_virtual *v)
{
    leave_for(v, false);
}

void dfukit_virtual_leave(dfukit_virtual *v, uint64_t delay_us)
{
    dfukit_virtual_manifest(v);
    if (delay_us == DFUKIT_NEVER)
        dfukit_virtual_fail_power(v, delay_us);
    else
        leave_for(v, false);
}

/* It does not become a DFU device, whatever it promises. */
static void stay(dfukit_virtual *v)
{
    bool configured = v->dfu.configured;

    dfukit_dfu_attach(&v->dfu, false);
    dfukit_dfu_set_configured(&v->dfu, configured);
}

static bool has_dfu_mode(const dfukit_persona *p)
{
    return p->dfu.idVendor != 0 && !p->stays_put;
}

void dfukit_virtual_obey(dfukit_virtual *v, bool at_once)
{
    dfukit_wish wish;

    if (v->attachment == 0)
        return;
    if (v->power_fails || v->resets) {
        dfukit_virtual_fail_power(v, v->power_fails ? DFUKIT_POWER_BACK_US : v->reattach_us);
        return;
    }
    wish = dfukit_dfu_wish(&v->dfu);
    if (wish == DFUKIT_WISH_REATTACH_DFU && !has_dfu_mode(v->persona)) {
        stay(v);
        return;
    }
    if (v->leave_us == DFUKIT_NEVER && wish != DFUKIT_WISH_NONE) {
        v->dfu_mode_next = wish == DFUKIT_WISH_REATTACH_DFU;
        v->leave_us = dfukit_virtual_now(v);
        if (!v->fast && !at_once)
            v->leave_us += v->persona->leave_ms * 1000u;
    }
    if (v->leave_us != DFUKIT_NEVER && (at_once || dfukit_virtual_now(v) >= v->leave_us))
        leave_for(v, v->dfu_mode_next);
}

/* A loader in ROM is no firmware of its own: a reset of the bus does not end it, unless it waited
 * for one. */
static bool outlasts_reset(const dfukit_virtual *v)
{
    return v->dfuse_dialect && v->dfu_config.loader_only && v->dfu.state != DFUKIT_MANIFEST &&
           v->dfu.state != DFUKIT_MANIFEST_WAIT_RESET;
}

void dfukit_virtual_bus_reset(dfukit_virtual *v)
{
    dfukit_event e = {.point = DFUKIT_POINT_RESET};
    bool configured = v->dfu.configured;
    bool stays = outlasts_reset(v);
    uint32_t before = v->attachment;

    dfukit_ep0_bus_reset(&v->ep0);
    if (stays)
        (void)dfukit_dfu_wish(&v->dfu);
    dfukit_virtual_obey(v, true);
    if (v->attachment != before || !configured)
        return; /* hosts reset a device more than once before they configure it */
    dfukit_fault_at(v, &e);
    if (e.renumbers)
        detach(v, v->reattach_us);
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
    next = sooner(next, dfukit_memories_busy_until(&v->memories));
    next = sooner(next, v->unprotected_us);
    if (v->held)
        next = sooner(next, v->held_us);
    if (next == DFUKIT_NEVER)
        return DFUKIT_NEVER;
    return next > now ? next - now : 0;
}
