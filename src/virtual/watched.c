/* SPDX-License-Identifier: MIT */
/*
 * The flash as the engine sees it: all memories behind one set of operations. Addresses of several
 * alternate settings may be the same, so the engine's own zone says which memory is meant.
 */
#include "model.h"

/* The zone that the store works in. */
static const dfukit_region *zone_at_work(const dfukit_virtual *v)
{
    return v->dfuse_dialect ? v->dfuse.writer.region : v->slot.writer.region;
}

static dfukit_vflash *flash_at_work(const dfukit_virtual *v)
{
    return dfukit_memories_flash(&v->memories, zone_at_work(v));
}

/* Plain DFU: from the first byte that changes until the next download is complete there is no
 * firmware. @return false when there is no power any more. */
static bool operation(dfukit_virtual *v, dfukit_vflash *f)
{
    dfukit_event e = {.point = DFUKIT_POINT_OPERATION,
                      .number = dfukit_memories_operations(&v->memories) + 1u,
                      .flash = f};

    if (v->power_fails || f == NULL)
        return false;
    if (!v->dfuse_dialect)
        v->valid = false;
    v->length = 0;
    dfukit_fault_at(v, &e);
    return true;
}

static uint8_t watched_erase(void *self, uint32_t address)
{
    dfukit_virtual *v = self;
    dfukit_vflash *f = flash_at_work(v);

    if (!operation(v, f))
        return DFUKIT_STATUS_POR;
    return dfukit_vflash_ops.erase(f, address);
}

static uint8_t watched_program(void *self, uint32_t address, const uint8_t *data, uint32_t n)
{
    dfukit_virtual *v = self;
    dfukit_vflash *f = flash_at_work(v);

    if (!operation(v, f))
        return DFUKIT_STATUS_POR;
    return dfukit_vflash_ops.program(f, address, data, n);
}

/* Read protection goes when everything is erased, and the chip starts anew. */
static bool still_unprotecting(dfukit_virtual *v, uint8_t *status)
{
    if (dfukit_virtual_now(v) < v->unprotected_us)
        return true;
    v->unprotected_us = DFUKIT_NEVER;
    dfukit_memories_wipe(&v->memories);
    v->is_protected = false;
    v->resets = true;
    *status = DFUKIT_STATUS_OK;
    return false;
}

static bool watched_busy(void *self, uint8_t *status)
{
    dfukit_virtual *v = self;

    if (v->unprotected_us != DFUKIT_NEVER)
        return still_unprotecting(v, status);
    return dfukit_vflash_ops.busy(flash_at_work(v), status);
}

/* An upload reads wherever the host says, everything else where the store works. */
static void watched_read(void *self, uint32_t address, uint8_t *to, uint32_t n)
{
    dfukit_virtual *v = self;
    const dfukit_region *zone = zone_at_work(v);

    if (v->uploading && v->dfuse_dialect)
        zone = dfukit_memories_zone(&v->memories, v->dfuse.alt, address);
    dfukit_vflash_ops.read(dfukit_memories_flash(&v->memories, zone), address, to, n);
}

const dfukit_flash_ops dfukit_virtual_flash_ops = {watched_erase, watched_program, watched_busy,
                                                   watched_read};
