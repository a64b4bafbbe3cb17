/* SPDX-License-Identifier: MIT */
/* The second opinion: which steps from state to state a cause may bring about, and when. Typed from
 * DFU 1.1 Annex A.2 and from what device.h promises of resets, settings and time. */
#include "victim.h"

victim_face victim_look(const victim *v)
{
    const dfukit_dfu *d = v->dfu;

    return (victim_face){d->state, d->status, d->alt, d->wish, d->configured};
}

/* ---- Requests ---- */

enum { ALWAYS, LENIENT, WITH_DATA, EMPTY, DFUSE_EMPTY };

typedef struct victim_step {
    uint8_t request, from, to, when;
} victim_step;

/* Ends of data stages that change the state; a write that is refused leads to dfuERROR. */
static const victim_step steps[] = {
    {DFUKIT_DETACH, 0, 1, ALWAYS},      {DFUKIT_DNLOAD, 2, 3, WITH_DATA},
    {DFUKIT_DNLOAD, 5, 3, WITH_DATA},   {DFUKIT_DNLOAD, 5, 6, EMPTY},
    {DFUKIT_DNLOAD, 2, 6, DFUSE_EMPTY}, {DFUKIT_UPLOAD, 2, 9, ALWAYS},
    {DFUKIT_UPLOAD, 9, 2, ALWAYS},      {DFUKIT_GETSTATUS, 3, 4, ALWAYS},
    {DFUKIT_GETSTATUS, 3, 5, ALWAYS},   {DFUKIT_GETSTATUS, 6, 7, ALWAYS},
    {DFUKIT_GETSTATUS, 6, 2, ALWAYS},   {DFUKIT_CLRSTATUS, 10, 2, ALWAYS},
    {DFUKIT_ABORT, 5, 2, ALWAYS},       {DFUKIT_ABORT, 9, 2, ALWAYS},
    {DFUKIT_ABORT, 3, 2, LENIENT},      {DFUKIT_ABORT, 6, 2, LENIENT},
};

static bool applies(const victim *v, uint8_t when)
{
    bool empty = v->t.transfer.setup.wLength == 0;

    switch (when) {
    case LENIENT:
        return !v->config->strict;
    case WITH_DATA:
        return !empty;
    case EMPTY:
        return empty;
    case DFUSE_EMPTY:
        return empty && v->config->dfuse;
    default:
        return true;
    }
}

static bool completes(const victim *v, uint8_t from, uint8_t to)
{
    const victim_transfer *x = &v->t.transfer;

    if (!x->of_class)
        return false;
    if (x->setup.bRequest == DFUKIT_DNLOAD && to == DFUKIT_DFU_ERROR)
        return v->t.spy.refused != DFUKIT_STATUS_OK && v->dfu->status == v->t.spy.refused;
    if (from == DFUKIT_MANIFEST_SYNC && to == DFUKIT_DFU_IDLE &&
        x->setup.bRequest == DFUKIT_GETSTATUS &&
        (v->attributes & DFUKIT_MANIFESTATION_TOLERANT) == 0)
        return false;
    if (x->waited && v->config->dfuse && to == DFUKIT_DNLOAD_IDLE)
        return false; /* dfuDNBUSY comes first, always */
    for (size_t i = 0; i < LENGTH(steps); i++) {
        if (steps[i].request == x->setup.bRequest && steps[i].from == from && steps[i].to == to)
            return applies(v, steps[i].when);
    }
    return false;
}

/* A request has come to its end in another state: what follows from that. */
static void note_completion(victim *v, uint8_t to)
{
    const victim_transfer *x = &v->t.transfer;
    uint32_t ms = x->status[1] | (uint32_t)x->status[2] << 8 | (uint32_t)x->status[3] << 16;

    if (to == DFUKIT_DNLOAD_SYNC)
        v->t.spy.came++;
    if (to == DFUKIT_DFU_IDLE && v->t.spy.asked != 0)
        victim_fault(v, "the store was not told that the upload is over");
    if (to == DFUKIT_APP_DETACH)
        ms = x->setup.wValue < VICTIM_DETACH_MS ? x->setup.wValue : VICTIM_DETACH_MS;
    v->t.until_ms = x->setup_ms + ms;
    v->t.until_known = to == DFUKIT_APP_DETACH || x->moved >= 4;
}

/* The wait told in dfuDNBUSY is what is left of it, and in dfuMANIFEST no less. */
void victim_check_told(victim *v)
{
    const victim_transfer *x = &v->t.transfer;
    uint32_t ms = x->status[1] | (uint32_t)x->status[2] << 8 | (uint32_t)x->status[3] << 16;
    uint8_t was = x->setup_state;
    int32_t left;

    if (!x->of_class || x->setup.bRequest != DFUKIT_GETSTATUS || x->moved < 5)
        return;
    if (was == DFUKIT_DNLOAD_SYNC && x->status[4] == DFUKIT_DNBUSY && ms == 0)
        victim_fault(v, "dfuDNBUSY for no time");
    if (x->told_time)
        return;
    if (v->dfu->state != x->status[4] || v->dfu->status != x->status[0])
        victim_fault(v, "GETSTATUS said state %u, status %u", x->status[4], x->status[0]);
    left = (int32_t)(v->t.until_ms - v->t.now_ms);
    if (left < 0)
        left = 0; /* it is over, and nobody has told the time since */
    if (v->t.until_known && !v->config->strict &&
        ((was == DFUKIT_DNBUSY && (int32_t)ms != left) ||
         (was == DFUKIT_MANIFEST && (int32_t)ms < left)))
        victim_fault(v, "%u ms are told, %ld ms are left", ms, (long)left);
}

/* ---- Settings ---- */

/* SET_CONFIGURATION 0 keeps the state; so does a 1 that is the first, in setting 0. SET_INTERFACE
 * selects what it says. */
static void check_select(victim *v, const victim_face *now)
{
    const dfukit_setup *s = &v->t.transfer.setup;
    const victim_face *was = &v->t.before;
    bool dfu = was->state >= DFUKIT_DFU_IDLE;
    bool moves = now->state != was->state || now->alt != was->alt;

    if (s->bRequest == DFUKIT_USB_SET_CONFIGURATION) {
        if (now->configured != (s->wValue != 0))
            victim_fault(v, "configured is %d", now->configured);
        if (moves && (s->wValue == 0 || (!was->configured && was->alt == 0)))
            victim_fault(v, "SET_CONFIGURATION %u changes the state to %u", s->wValue, now->state);
        return;
    }
    if (now->configured != was->configured || (!dfu && moves))
        victim_fault(v, "SET_INTERFACE in state %u", was->state);
    if (dfu && (now->alt != s->wValue || now->state != DFUKIT_DFU_IDLE))
        victim_fault(v, "SET_INTERFACE %u leads to setting %u, state %u", s->wValue, now->alt,
                     now->state);
}

/* ---- Resets ---- */

static bool is_meant(const victim *v)
{
    const victim_face *was = &v->t.before;

    if (was->state != DFUKIT_DFU_IDLE && was->state != DFUKIT_DFU_ERROR)
        return was->state > DFUKIT_DFU_IDLE;
    return was->configured && (v->t.used || v->config->strict);
}

/* DFU 1.1 §5.1, A.2.2 and what device.h adds: firmware runs only when it is whole, and no work of
 * the flash goes on. */
static void check_reset(victim *v, const victim_face *now)
{
    const victim_face *was = &v->t.before;
    uint8_t app = v->config->loader_only ? DFUKIT_DFU_IDLE : DFUKIT_APP_IDLE;
    uint8_t state = was->state, wish = was->wish, alt = was->alt;

    if (was->state == DFUKIT_APP_DETACH) {
        state = DFUKIT_DFU_IDLE;
        wish = DFUKIT_WISH_REATTACH_DFU;
        alt = 0;
    } else if (is_meant(v)) {
        bool runs = !v->t.spy.busy && victim_valid(v);

        state = runs ? app : DFUKIT_DFU_ERROR;
        wish = runs ? DFUKIT_WISH_REATTACH_APP : wish;
        alt = 0;
    }
    if (now->state != state || now->wish != wish || now->alt != alt)
        victim_fault(v, "a reset leads to state %u, wish %u, setting %u; not %u, %u, %u",
                     now->state, now->wish, now->alt, state, wish, alt);
    if (now->state != was->state || is_meant(v))
        v->t.used = false;
}

/* ---- Time ---- */

/* Nothing ends early, and nothing late once the time is told. */
static bool check_time(const victim *v, uint8_t from, uint8_t to)
{
    bool tolerant = (v->attributes & DFUKIT_MANIFESTATION_TOLERANT) != 0;
    bool due = (int32_t)(v->t.now_ms - v->t.until_ms) >= 0;

    if (from == DFUKIT_MANIFEST && !tolerant && v->t.spy.busy)
        due = false;
    switch (from) {
    case DFUKIT_APP_DETACH:
        from = DFUKIT_APP_IDLE;
        break;
    case DFUKIT_DNBUSY:
        from = DFUKIT_DNLOAD_SYNC;
        break;
    case DFUKIT_MANIFEST:
        from = tolerant ? DFUKIT_MANIFEST_SYNC : DFUKIT_MANIFEST_WAIT_RESET;
        break;
    default:
        return to == from;
    }
    if (!v->t.until_known)
        return to == from || to == v->t.before.state;
    return to == (due ? from : v->t.before.state);
}

/* ---- All of them ---- */

/* A block that waited is refused when the store gets it. */
static bool refuses_late(const victim *v, uint8_t from)
{
    return (v->config->dfuse || v->config->double_buffer) &&
           (from == DFUKIT_DNLOAD_SYNC || from == DFUKIT_DNBUSY) &&
           v->t.spy.refused != DFUKIT_STATUS_OK && v->dfu->status == v->t.spy.refused;
}

static bool may_step(const victim *v, victim_cause cause, uint8_t from, uint8_t to)
{
    if (cause == VICTIM_BY_RESET)
        return true; /* check_reset() */
    if (v->t.spy.failed && to == DFUKIT_DFU_ERROR && from >= DFUKIT_DFU_IDLE)
        return true;
    if (to == DFUKIT_DFU_ERROR && refuses_late(v, from))
        return true;
    if (cause == VICTIM_BY_TIME)
        return check_time(v, from, to);
    if (from == to)
        return true;
    switch (cause) {
    case VICTIM_BY_STALL:
        return v->t.transfer.of_class && ((from >= DFUKIT_DFU_IDLE && to == DFUKIT_DFU_ERROR) ||
                                          (from == DFUKIT_APP_DETACH && to == DFUKIT_APP_IDLE));
    case VICTIM_BY_SELECT:
        return from >= DFUKIT_DFU_IDLE && from != DFUKIT_MANIFEST_WAIT_RESET &&
               to == DFUKIT_DFU_IDLE;
    case VICTIM_BY_COMPLETE:
        return completes(v, from, to);
    case VICTIM_BY_PORT:
        return to == DFUKIT_APP_IDLE || to == DFUKIT_DFU_IDLE;
    case VICTIM_BY_TIME:
    case VICTIM_BY_RESET:
    case VICTIM_BY_NOTHING:
    default:
        return false;
    }
}

/* What stands beside the state. */
static void check_beside(victim *v, victim_cause cause, const victim_face *now)
{
    const victim_face *was = &v->t.before;
    bool by_host = cause == VICTIM_BY_SELECT || cause == VICTIM_BY_RESET || cause == VICTIM_BY_PORT;

    if (now->alt != was->alt && !by_host)
        victim_fault(v, "the alternate setting changed from %u to %u", was->alt, now->alt);
    if (now->configured != was->configured && !by_host)
        victim_fault(v, "configured changed to %d", now->configured);
    if (now->wish != was->wish && cause != VICTIM_BY_RESET && cause != VICTIM_BY_PORT &&
        ((v->attributes & DFUKIT_WILL_DETACH) == 0 ||
         (cause != VICTIM_BY_COMPLETE && cause != VICTIM_BY_TIME)))
        victim_fault(v, "a wish %u out of nothing", now->wish);
    if (was->state == DFUKIT_DFU_ERROR && now->state == DFUKIT_DFU_ERROR && !by_host &&
        now->status != was->status)
        victim_fault(v, "the cause of an error changed from %u to %u", was->status, now->status);
    if ((now->status != DFUKIT_STATUS_OK) != (now->state == DFUKIT_DFU_ERROR))
        victim_fault(v, "status %u in state %u", now->status, now->state);
}

void victim_check_move(victim *v, victim_cause cause)
{
    const victim_face now = victim_look(v);
    uint8_t from = v->t.before.state;

    if (now.state >= DFUKIT_STATE_COUNT || now.status >= DFUKIT_STATUS_COUNT ||
        now.alt >= VICTIM_ALTERNATES || now.wish > DFUKIT_WISH_REATTACH_APP)
        victim_fault(v, "state %u, status %u, alternate setting %u, wish %u", now.state, now.status,
                     now.alt, now.wish);
    if (!may_step(v, cause, from, now.state))
        victim_fault(v, "from state %u to %u", from, now.state);
    check_beside(v, cause, &now);
    if (cause == VICTIM_BY_SELECT)
        check_select(v, &now);
    else if (cause == VICTIM_BY_RESET)
        check_reset(v, &now);
    else if (cause == VICTIM_BY_COMPLETE && now.state != from)
        note_completion(v, now.state);
}
