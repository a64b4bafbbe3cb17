/* SPDX-License-Identifier: MIT */
/* The roads: how a device is led into a situation. A road never looks at the device to find its
 * way; a device that does not follow ends up elsewhere, and situation_holds() says so. */
#include "table/situation.h"

enum { SHORT_WORK_MS = 20, LITTLE_MS = 200 };

static bool has(const situation *s, uint8_t bit)
{
    return (s->attributes & bit) != 0;
}

/* ---- Steps ---- */

static void configure(bench *b)
{
    bench_set_configuration(b, 1);
}

static void getstatus(bench *b)
{
    bench_ask(b, DFUKIT_GETSTATUS, 0, DFUKIT_STATUS_SIZE);
}

static void block(bench *b, uint32_t takes_ms)
{
    b->store.takes_us = takes_ms * 1000u;
    bench_ask(b, DFUKIT_DNLOAD, (uint16_t)b->store.writes, BENCH_TRANSFER_SIZE);
}

/* A block that takes no time, and dfuDNLOAD-IDLE. */
static void quick_block(bench *b)
{
    block(b, 0);
    getstatus(b);
    if (b->config.dfuse) {
        bench_elapse(b, b->told_ms);
        getstatus(b);
    }
}

/* A block that the store is at work on. */
static void long_block(bench *b, uint32_t takes_ms)
{
    block(b, takes_ms);
    if (b->config.dfuse || b->config.double_buffer)
        getstatus(b);
    b->store.takes_us = 0;
}

/* The end of the download. */
static void end(bench *b, uint32_t takes_ms)
{
    b->store.takes_us = takes_ms * 1000u;
    bench_ask(b, DFUKIT_DNLOAD, (uint16_t)b->store.writes, 0);
}

static void wish(bench *b, dfukit_wish expected)
{
    if (dfukit_dfu_wish(&b->dfu) != expected)
        b->astray = true;
}

static void work_is_done(bench *b)
{
    b->store.left_us = 0;
}

/* ---- Between the modes ---- */

static void into_dfu_mode(bench *b, const situation *s)
{
    if (s->product == BENCH_LOADER_ONLY)
        return;
    configure(b);
    bench_ask(b, DFUKIT_DETACH, BENCH_DETACH_MS, 0);
    if (!has(s, DFUKIT_WILL_DETACH))
        bench_bus_reset(b);
    wish(b, DFUKIT_WISH_REATTACH_DFU);
    bench_attach(b, true);
}

/* A whole upgrade, and back to the firmware. */
static void upgrade(bench *b, const situation *s)
{
    bool tolerant = has(s, DFUKIT_MANIFESTATION_TOLERANT);

    into_dfu_mode(b, s);
    configure(b);
    quick_block(b);
    end(b, 0);
    getstatus(b);
    if (!tolerant)
        bench_elapse(b, b->told_ms);
    if (tolerant || !has(s, DFUKIT_WILL_DETACH))
        bench_bus_reset(b);
    wish(b, DFUKIT_WISH_REATTACH_APP);
    bench_attach(b, false);
}

static void power_on(bench *b, const situation *s)
{
    bool now = s->state == DFUKIT_MANIFEST_SYNC || s->state == DFUKIT_MANIFEST ||
               s->state == DFUKIT_MANIFEST_WAIT_RESET;

    bench_power_on(b, true);
    if (s->manifested && !now)
        upgrade(b, s);
}

/* The host comes to know the device, as far as the situation wants it. */
static void get_to_know(bench *b, const situation *s)
{
    if (s->met)
        configure(b);
    if (s->other_setting)
        bench_set_interface(b, 1);
}

static void use(bench *b, const situation *s)
{
    if (s->used)
        bench_ask(b, DFUKIT_GETSTATE, 0, 1);
}

/* From power-on to dfuIDLE. */
static void to_dfu_idle(bench *b, const situation *s)
{
    power_on(b, s);
    into_dfu_mode(b, s);
    get_to_know(b, s);
}

/* ---- Application states ---- */

static bool lead_app(bench *b, const situation *s, unsigned road)
{
    bool detached = s->state == DFUKIT_APP_DETACH;

    if (road > 1 || (road == 1 && (detached || !s->used)))
        return false;
    power_on(b, s);
    if (s->working) { /* the cable is pulled amidst a block, and the device was restarted */
        into_dfu_mode(b, s);
        configure(b);
        long_block(b, SHORT_WORK_MS);
        bench_attach(b, false);
    }
    get_to_know(b, s);
    use(b, s);
    if (detached || road == 1)
        bench_ask(b, DFUKIT_DETACH, BENCH_DETACH_MS, 0);
    if (road == 1) { /* a refused request has ended appDETACH */
        if (has(s, DFUKIT_WILL_DETACH))
            wish(b, DFUKIT_WISH_REATTACH_DFU);
        bench_ask(b, DFUKIT_ABORT, 0, 0);
    }
    if (detached && has(s, DFUKIT_WILL_DETACH))
        wish(b, DFUKIT_WISH_REATTACH_DFU);
    return true;
}

/* ---- dfuIDLE, dfuUPLOAD-IDLE ---- */

static bool lead_idle(bench *b, const situation *s, unsigned road)
{
    bool tolerant = has(s, DFUKIT_MANIFESTATION_TOLERANT);

    if (road > 3 || (road > 0 && (!s->used || s->working)) ||
        (road == 1 && !has(s, DFUKIT_CAN_DNLOAD)) || (road == 3 && !(tolerant && s->manifested)))
        return false;
    if (s->working) { /* the cable is pulled and put back amidst a block */
        power_on(b, s);
        into_dfu_mode(b, s);
        configure(b);
        long_block(b, BENCH_WORK_MS);
        bench_attach(b, true);
        get_to_know(b, s);
    } else {
        to_dfu_idle(b, s);
    }
    use(b, s);
    if (road == 1) {
        quick_block(b);
        bench_ask(b, DFUKIT_ABORT, 0, 0);
    } else if (road == 2) {
        bench_ask(b, DFUKIT_DETACH, 0, 0);
        bench_ask(b, DFUKIT_CLRSTATUS, 0, 0);
    } else if (road == 3) {
        quick_block(b);
        end(b, 0);
        getstatus(b);
    }
    return true;
}

static bool lead_upload(bench *b, const situation *s, unsigned road)
{
    if (road > 1)
        return false;
    to_dfu_idle(b, s);
    for (uint16_t i = 0; i <= road; i++)
        bench_ask(b, DFUKIT_UPLOAD, i, BENCH_TRANSFER_SIZE);
    return true;
}

/* ---- Downloading ---- */

/* Block after block, until the store is at work and the last one is in dfuDNLOAD-SYNC. */
static void lead_to_sync(bench *b, bool takes_time)
{
    if (takes_time && b->config.double_buffer)
        long_block(b, BENCH_WORK_MS); /* the next one waits */
    block(b, takes_time ? BENCH_WORK_MS : 0);
    if (b->config.double_buffer) {
        b->store.takes_us = 0;
        bench_elapse(b, 1); /* else it is the next request that hands it on */
    }
}

static bool lead_block(bench *b, const situation *s, unsigned road)
{
    bool busy = s->state == DFUKIT_DNBUSY;
    bool given = s->product != BENCH_DFUSE || s->waits; /* by roads 0 and 1 */

    if (road > (busy ? 1u : 2u) || (!busy && (road == 2 ? s->waits : !given)))
        return false;
    to_dfu_idle(b, s);
    if (road == 1)
        quick_block(b);
    lead_to_sync(b, s->working || busy || road == 2);
    if (busy || road == 2)
        getstatus(b);
    if (road == 2)
        bench_elapse(b, b->told_ms);
    else if (busy)
        bench_elapse(b, LITTLE_MS);
    if (!s->working) {
        work_is_done(b);
        if (b->config.double_buffer)
            bench_elapse(b, 1);
    }
    return true;
}

static bool lead_dnload_idle(bench *b, const situation *s, unsigned road)
{
    if (road > 1 || (road == 1 && s->working))
        return false;
    to_dfu_idle(b, s);
    if (s->working) {
        long_block(b, BENCH_WORK_MS);
    } else if (road == 0) {
        quick_block(b);
    } else {
        lead_to_sync(b, true);
        getstatus(b);
        bench_elapse(b, b->told_ms);
        work_is_done(b);
        getstatus(b);
    }
    return true;
}

/* ---- Manifesting ---- */

static bool lead_manifest_sync(bench *b, const situation *s, unsigned road)
{
    if (road > 2 || (road == 0 ? !s->waits && !(s->fresh && s->manifested) : s->waits) ||
        (road == 2 && !has(s, DFUKIT_MANIFESTATION_TOLERANT)))
        return false;
    to_dfu_idle(b, s);
    if (s->block_left)
        long_block(b, BENCH_WORK_MS);
    else
        quick_block(b);
    end(b, road == 0 && s->manifested ? 0 : BENCH_WORK_MS);
    if (road == 1) {
        bench_cut_short_getstatus(b);
    } else if (road == 2) {
        getstatus(b);
        bench_elapse(b, b->told_ms);
    }
    if (s->manifested)
        work_is_done(b);
    return true;
}

static bool lead_manifest(bench *b, const situation *s, unsigned road)
{
    bool quick = road == 1;

    if (road > 1 || (quick && (has(s, DFUKIT_MANIFESTATION_TOLERANT) || !s->manifested)))
        return false;
    to_dfu_idle(b, s);
    quick_block(b);
    end(b, quick ? 0 : BENCH_WORK_MS);
    getstatus(b);
    if (!quick)
        bench_elapse(b, LITTLE_MS);
    if (s->manifested)
        work_is_done(b);
    return true;
}

static bool lead_wait_reset(bench *b, const situation *s, unsigned road)
{
    if (road > 1)
        return false;
    to_dfu_idle(b, s);
    quick_block(b);
    end(b, road == 0 ? 0 : BENCH_WORK_MS);
    getstatus(b);
    work_is_done(b);
    bench_elapse(b, b->told_ms);
    if (has(s, DFUKIT_WILL_DETACH))
        wish(b, DFUKIT_WISH_REATTACH_APP);
    return true;
}

/* ---- dfuERROR: one road for each way into it ---- */

/* Roads that leave the device unused. */
static void lead_error_anew(bench *b, const situation *s, unsigned road)
{
    power_on(b, s);
    if (road == 1) { /* power-on with corrupt firmware */
        bench_power_on(b, false);
    } else { /* a bus reset, with corrupt firmware or amidst flash work */
        into_dfu_mode(b, s);
        configure(b);
        if (s->working)
            long_block(b, BENCH_WORK_MS);
        getstatus(b);
        b->store.good = false;
        bench_bus_reset(b);
    }
    get_to_know(b, s);
    use(b, s);
}

/* A failed manifestation, found out in the answer to the GETSTATUS or later. */
static void fail_to_manifest(bench *b, bool later)
{
    quick_block(b);
    b->store.fails = !later;
    end(b, later ? BENCH_WORK_MS : 0);
    getstatus(b);
    if (later) {
        b->store.failure = DFUKIT_STATUS_VERIFY;
        bench_elapse(b, 1);
    }
    b->store.fails = false;
}

/* What fails is none of these: a block, the end of a download, an upload. */
static void fail_otherwise(bench *b, unsigned road)
{
    if (road == 3) {
        block(b, BENCH_WORK_MS);
        getstatus(b);
        b->store.failure = DFUKIT_STATUS_PROG;
        bench_elapse(b, 1);
    } else if (road == 4) {
        quick_block(b);
        b->store.complete = false;
        end(b, 0);
        b->store.complete = true;
    } else {
        b->store.refuses = true;
        bench_ask(b, DFUKIT_UPLOAD, 0, BENCH_TRANSFER_SIZE);
        b->store.refuses = false;
    }
}

static bool lead_error(bench *b, const situation *s, unsigned road)
{
    static const uint8_t needs[SITUATION_ROADS] = {
        [3] = DFUKIT_CAN_DNLOAD, [4] = DFUKIT_CAN_DNLOAD, [7] = DFUKIT_CAN_UPLOAD};
    bool anew = road == 1 || road == 2;

    if (road == 1 && s->product == BENCH_LOADER_ONLY)
        return false;
    if ((s->attributes & needs[road]) != needs[road] || s->failed != (road == 5 || road == 6) ||
        (s->working && road != 0 && road != 2) || (anew ? s->other_setting : !s->used))
        return false;
    if (anew) {
        lead_error_anew(b, s, road);
        return true;
    }
    to_dfu_idle(b, s);
    if (road == 5 || road == 6) {
        fail_to_manifest(b, road == 6);
    } else if (road > 2) {
        fail_otherwise(b, road);
    } else { /* a refused request */
        if (s->working)
            long_block(b, BENCH_WORK_MS);
        bench_ask(b, DFUKIT_DETACH, 0, 0);
    }
    return true;
}

/* ---- All of them ---- */

bool situation_lead(bench *b, const situation *s, unsigned road, bool piped)
{
    static bool (*const leaders[DFUKIT_STATE_COUNT])(bench *, const situation *, unsigned) = {
        [DFUKIT_APP_IDLE] = lead_app,
        [DFUKIT_APP_DETACH] = lead_app,
        [DFUKIT_DFU_IDLE] = lead_idle,
        [DFUKIT_DNLOAD_SYNC] = lead_block,
        [DFUKIT_DNBUSY] = lead_block,
        [DFUKIT_DNLOAD_IDLE] = lead_dnload_idle,
        [DFUKIT_MANIFEST_SYNC] = lead_manifest_sync,
        [DFUKIT_MANIFEST] = lead_manifest,
        [DFUKIT_MANIFEST_WAIT_RESET] = lead_wait_reset,
        [DFUKIT_UPLOAD_IDLE] = lead_upload,
        [DFUKIT_DFU_ERROR] = lead_error,
    };

    bench_make(b, s->product, s->attributes, s->strict, piped);
    if (!leaders[s->state](b, s, road))
        return false;
    if (s->met && !s->configured)
        bench_set_configuration(b, 0);
    return true;
}

bool situation_holds(const bench *b, const situation *s)
{
    return !b->astray && b->dfu.state == s->state && b->dfu.configured == s->configured &&
           b->dfu.wish == DFUKIT_WISH_NONE && b->store.misuses == 0 &&
           (b->dfu.status != DFUKIT_STATUS_OK) == (s->state == DFUKIT_DFU_ERROR);
}
