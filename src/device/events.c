/* SPDX-License-Identifier: MIT */
/*
 * What happens to a DFU function besides its requests: time, bus resets, configurations and
 * alternate settings, coming and going (DFU 1.1 §5.1, §7, Annex A.2).
 */
#include "class.h"

/* ---- Coming and going ---- */

/* The one status that is told without a request has the number of its state. */
_Static_assert((unsigned)DFUKIT_STATUS_FIRMWARE == (unsigned)DFUKIT_DFU_ERROR, "both are 10");

/* A mode is entered anew, and nothing is known of the host yet. */
static void enter(dfukit_dfu *d, unsigned state)
{
    d->state = (uint8_t)state;
    d->status = state == DFUKIT_DFU_ERROR ? DFUKIT_STATUS_FIRMWARE : DFUKIT_STATUS_OK;
    d->alt = 0;
    d->next_state = 0;
    d->used = false;
    d->configured = false;
    d->pending = false;
    d->manifesting = false;
}

/* Where the firmware would run. */
#define APPLICATION(d) (dfukit_config(d)->loader_only ? DFUKIT_DFU_IDLE : DFUKIT_APP_IDLE)

void dfukit_dfu_init(dfukit_dfu *d, const dfukit_dfu_config *config, void *store, uint8_t *block)
{
    dfukit_set_config(d, config);
    d->store = store;
    d->block = block;
    d->reply[4] = 0;
    d->reply[5] = 0;
    d->second = false;
    if (dfukit_config(d)->alternates > 1)
        d->owes_0 = false;
    d->wish = DFUKIT_WISH_NONE;
    d->now_ms = 0;
    d->deadline_ms = 0;
    if (dfukit_config(d)->loader_only || dfukit_config(d)->store->valid(store))
        enter(d, APPLICATION(d));
    else
        enter(d, DFUKIT_DFU_ERROR);
}

void dfukit_dfu_attach(dfukit_dfu *d, bool dfu_mode)
{
    d->wish = DFUKIT_WISH_NONE;
    enter(d, dfu_mode ? DFUKIT_DFU_IDLE : APPLICATION(d));
    dfukit_dfu_rewind(d); /* something may be under way that the firmware must not meet */
}

/* A reset during enumeration must not end DFU mode that has only just begun: hosts reset a device
 * two to four times for each change of mode. Once it is configured (strict), or there was a class
 * request as well (lenient), the host means it; any state but the first two proves as much. */
static bool is_meant(const dfukit_dfu *d)
{
    if (d->state != DFUKIT_DFU_IDLE && d->state != DFUKIT_DFU_ERROR)
        return true;
    return d->configured && (d->used || dfukit_config(d)->strict);
}

/* A setting that a reset leaves in force goes with the next SET_CONFIGURATION: none is asked for
 * before. */
void dfukit_dfu_bus_reset(dfukit_dfu *d)
{
    bool meant = is_meant(d);

    d->configured = false;
    if (!dfukit_dfu_mode(d)) {
        d->next_state = 0;
        if (d->state == DFUKIT_APP_DETACH) {
            d->wish = DFUKIT_WISH_REATTACH_DFU;
            enter(d, DFUKIT_DFU_IDLE);
        }
    } else if (meant) {
        enter(d, DFUKIT_DFU_ERROR);
        dfukit_dfu_rewind(d);
        /* While flash work runs nobody may look at the firmware, less start it. */
        if (dfukit_dfu_work(d) == 0 && dfukit_config(d)->store->valid(d->store)) {
            d->wish = DFUKIT_WISH_REATTACH_APP;
            d->state = APPLICATION(d);
            d->status = DFUKIT_STATUS_OK;
        }
    }
}

/* ---- Configuration and alternate setting ---- */

bool dfukit_dfu_set_alternate(dfukit_dfu *d, uint8_t alt)
{
    if (!dfukit_dfu_mode(d))
        return alt == 0;
    if (alt >= dfukit_config(d)->alternates || d->state == DFUKIT_MANIFEST_WAIT_RESET ||
        dfukit_dfu_work(d) != 0)
        return false;
    d->alt = alt;
    if (dfukit_config(d)->alternates > 1)
        d->owes_0 = false;
    d->state = DFUKIT_DFU_IDLE;
    d->status = DFUKIT_STATUS_OK;
    dfukit_dfu_rewind(d);
    return true;
}

/* A transfer that SET_CONFIGURATION 0 has left in the midst of another setting must not go on
 * there. While work does, that setting stays until what is under way is over: dfukit_dfu_rewind().
 */
void dfukit_dfu_set_configured(dfukit_dfu *d, bool configured)
{
    bool other = dfukit_config(d)->alternates > 1 && d->alt != 0;

    if (configured && (d->configured || other))
        (void)dfukit_dfu_set_alternate(d, 0);
    if (configured && other && d->alt != 0) {
        d->owes_0 = true;
        if (d->state == DFUKIT_DFU_IDLE)
            dfukit_dfu_rewind(d);
    }
    d->next_state = 0;
    d->configured = configured;
}

/* ---- Time ---- */

/* The end of a bwPollTimeout or of the detach timer, in a state that waits for one. */
static void deadline(dfukit_dfu *d, bool working)
{
    uint8_t attributes = dfukit_config(d)->functional.bmAttributes;

    if (!dfukit_dfu_mode(d)) {
        d->state = DFUKIT_APP_IDLE;
    } else if (d->state == DFUKIT_DNBUSY) {
        d->state = DFUKIT_DNLOAD_SYNC;
    } else if (d->state != DFUKIT_MANIFEST) {
        return;
    } else if ((attributes & DFUKIT_MANIFESTATION_TOLERANT) != 0) {
        d->state = DFUKIT_MANIFEST_SYNC;
    } else if (!working) { /* the store may need longer than it said, and nobody asks any more */
        d->state = DFUKIT_MANIFEST_WAIT_RESET;
        if ((attributes & DFUKIT_WILL_DETACH) != 0)
            d->wish = DFUKIT_WISH_REATTACH_APP;
    }
}

void dfukit_dfu_poll(dfukit_dfu *d, uint32_t now_ms)
{
    bool due = (int32_t)(now_ms - d->deadline_ms) >= 0;
    bool working;

    d->now_ms = now_ms;
    /* Manifestation may take its time in the store: not between a GETSTATUS and its answer. */
    if (!due && d->state == DFUKIT_MANIFEST_SYNC)
        return;
    working = dfukit_dfu_work(d) != 0;
    if (due)
        deadline(d, working);
}
