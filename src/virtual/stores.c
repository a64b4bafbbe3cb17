/* SPDX-License-Identifier: MIT */
/*
 * The engine's two stores in a virtual device, made ready: what they ask of it at the end of a
 * download, and how its read protection is lifted.
 */
#include "model.h"

#define HURRIED_POLLS 64u /* the last write unit, and what the store does besides: a few suffice   \
                           */
#define US_PER_MS 1000u

/* ---- The end of a download ---- */

/* Plain DFU: it is complete. */
static uint8_t accept(void *self, uint8_t alt, uint32_t length)
{
    dfukit_virtual *v = self;
    dfukit_event e = {.point = DFUKIT_POINT_ACCEPT, .valid = true};
    dfukit_event stored = {.point = DFUKIT_POINT_STORED,
                           .number = length,
                           .alternate = alt,
                           .address = v->memories.zones->address};

    dfukit_fault_at(v, &e);
    if (e.status != DFUKIT_STATUS_OK)
        return e.status;
    dfukit_fault_at(v, &stored);
    v->length = length;
    v->valid = e.valid;
    return DFUKIT_STATUS_OK;
}

/* DfuSe: the host wants it started. */
static uint8_t leave(void *self, uint32_t address)
{
    dfukit_virtual *v = self;
    dfukit_event e = {.point = DFUKIT_POINT_ACCEPT, .valid = true};

    (void)address; /* what would run there is no concern of the bus */
    dfukit_fault_at(v, &e);
    return e.status;
}

static uint8_t unprotect(void *self)
{
    dfukit_virtual *v = self;

    v->unprotected_us = dfukit_virtual_now(v);
    if (v->timed)
        v->unprotected_us += v->dfuse_config.unprotect_us;
    return DFUKIT_STATUS_OK;
}

void dfukit_virtual_manifest(dfukit_virtual *v)
{
    if (!v->manifesting)
        v->store->manifest(v->store_self);
    for (unsigned tries = 0; tries < HURRIED_POLLS; tries++) {
        if (v->store->poll(v->store_self) <= 0)
            return;
        dfukit_memories_hurry(&v->memories);
    }
}

/* ---- Made ready ---- */

static void init_dfuse(dfukit_virtual *v, uint32_t manifest_us)
{
    v->dfuse_config = (dfukit_dfuse_config){
        .flash = &dfukit_virtual_flash_ops,
        .memories = v->memories.of,
        .wTransferSize = v->dfu_config.functional.wTransferSize,
        .unprotect = v->persona->can_unprotect ? unprotect : NULL,
        .unprotect_us = v->timed ? dfukit_memories_wipe_time(&v->memories) : 0,
        .leave = leave,
        .manifest_us = manifest_us,
    };
    v->store = &dfukit_dfuse_store;
    v->store_self = &v->dfuse;
    dfukit_dfuse_init(&v->dfuse, &v->dfuse_config, v);
}

static void init_slot(dfukit_virtual *v, uint32_t manifest_us)
{
    for (size_t n = 0; n < DFUKIT_PERSONA_ALTERNATES; n++)
        v->regions[n] = v->memories.zones;
    v->slot_config = (dfukit_slot_config){
        .flash = &dfukit_virtual_flash_ops,
        .regions = v->regions,
        .accept = accept,
        .manifest_us = manifest_us,
    };
    v->store = &dfukit_slot_store;
    v->store_self = &v->slot;
    dfukit_slot_init(&v->slot, &v->slot_config, v);
}

void dfukit_virtual_store_init(dfukit_virtual *v)
{
    uint32_t manifest_us = v->timed ? v->persona->manifest_ms * US_PER_MS : 0;

    v->stuck = false;
    v->wedged = 0;
    v->manifesting = false;
    v->job = DFUKIT_JOB_NONE;
    v->job_us = 0;
    v->erasing = false;
    v->written = 0;
    v->unprotected_us = DFUKIT_NEVER;
    if (v->dfuse_dialect)
        init_dfuse(v, manifest_us);
    else
        init_slot(v, manifest_us);
}
