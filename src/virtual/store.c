/* SPDX-License-Identifier: MIT */
/*
 * What stands between the engine and its flash in a virtual device: the firmware slot, watched.
 * Knows whether there is firmware to run and how long it is, makes bwPollTimeout what the persona
 * says, and lets faults act.
 */
#include "flash.h"
#include "model.h"

#define STUCK_POLL_MS 5
#define HURRIED_POLLS 64u /* the last write unit, and what the slot does besides: a few suffice */

/* ---- The store ---- */

static void store_rewind(void *self, uint8_t alt)
{
    dfukit_virtual *v = self;

    v->stuck = false;
    v->manifesting = false;
    dfukit_slot_store.rewind(&v->slot, alt);
}

static uint8_t store_write(void *self, uint16_t wBlockNum, const uint8_t *data, uint16_t n)
{
    dfukit_virtual *v = self;
    dfukit_event e = {.point = DFUKIT_POINT_WRITE, .number = v->block_number};

    dfukit_fault_at(v, &e);
    if (e.status != DFUKIT_STATUS_OK || v->stuck)
        return e.status;
    return dfukit_slot_store.write(&v->slot, wBlockNum, data, n);
}

static uint8_t store_finish(void *self)
{
    dfukit_virtual *v = self;

    return dfukit_slot_store.finish(&v->slot);
}

static void store_manifest(void *self)
{
    dfukit_virtual *v = self;
    dfukit_event e = {.point = DFUKIT_POINT_MANIFEST};

    v->manifesting = true;
    dfukit_fault_at(v, &e);
    if (!v->stuck)
        dfukit_slot_store.manifest(&v->slot);
}

static int32_t store_poll(void *self)
{
    dfukit_virtual *v = self;
    int32_t left_ms;

    if (v->stuck)
        return STUCK_POLL_MS;
    left_ms = dfukit_slot_store.poll(&v->slot);
    v->remaining_ms = left_ms > 0 ? (uint32_t)left_ms : 0;
    if (left_ms > 0 && !v->manifesting && v->persona->busy_poll_ms != 0)
        return v->persona->busy_poll_ms;
    return left_ms;
}

/* An upload ends where the firmware does. Where that is unknown, all of the memory is read. */
static int32_t end_with_firmware(const dfukit_virtual *v, int32_t n)
{
    uint32_t at = v->slot.writer.offset; /* of the block just read */
    uint32_t left = at < v->length ? v->length - at : 0;

    if (v->length == 0 || n < 0 || (uint32_t)n <= left)
        return n;
    return (int32_t)left;
}

static int32_t store_read(void *self, uint16_t wBlockNum, uint8_t *to, uint16_t n)
{
    dfukit_virtual *v = self;
    dfukit_event e = {.point = DFUKIT_POINT_READ, .number = v->block_number};

    dfukit_fault_at(v, &e);
    if (e.status != DFUKIT_STATUS_OK)
        return -(int32_t)e.status;
    return end_with_firmware(v, dfukit_slot_store.read(&v->slot, wBlockNum, to, n));
}

static bool store_valid(void *self)
{
    return ((const dfukit_virtual *)self)->valid;
}

const dfukit_store_ops dfukit_virtual_store = {
    .rewind = store_rewind,
    .write = store_write,
    .finish = store_finish,
    .manifest = store_manifest,
    .poll = store_poll,
    .read = store_read,
    .valid = store_valid,
};

/* ---- The flash under it ---- */

/* From the first byte that changes until the next download is complete there is no firmware.
 * @return false when there is no power any more. */
static bool operation(dfukit_virtual *v)
{
    dfukit_event e = {.point = DFUKIT_POINT_OPERATION,
                      .number = dfukit_vflash_operations(v->flash) + 1u};

    if (v->power_fails)
        return false;
    v->valid = false;
    v->length = 0;
    dfukit_fault_at(v, &e);
    return true;
}

static uint8_t flash_erase(void *self, uint32_t address)
{
    dfukit_virtual *v = self;

    if (!operation(v))
        return DFUKIT_STATUS_POR;
    return dfukit_vflash_ops.erase(v->flash, address);
}

static uint8_t flash_program(void *self, uint32_t address, const uint8_t *data, uint32_t n)
{
    dfukit_virtual *v = self;

    if (!operation(v))
        return DFUKIT_STATUS_POR;
    return dfukit_vflash_ops.program(v->flash, address, data, n);
}

static bool flash_busy(void *self, uint8_t *status)
{
    return dfukit_vflash_ops.busy(((dfukit_virtual *)self)->flash, status);
}

static void flash_read(void *self, uint32_t address, uint8_t *to, uint32_t n)
{
    dfukit_vflash_ops.read(((dfukit_virtual *)self)->flash, address, to, n);
}

static const dfukit_flash_ops watched_flash = {flash_erase, flash_program, flash_busy, flash_read};

/* ---- Accepting ---- */

static uint8_t accept(void *self, uint8_t alt, uint32_t length)
{
    dfukit_virtual *v = self;
    dfukit_event e = {.point = DFUKIT_POINT_ACCEPT, .number = length, .valid = true};

    (void)alt; /* every alternate setting of a persona is the same memory */
    dfukit_fault_at(v, &e);
    if (e.status != DFUKIT_STATUS_OK)
        return e.status;
    v->length = length;
    v->valid = e.valid;
    return DFUKIT_STATUS_OK;
}

void dfukit_virtual_manifest(dfukit_virtual *v)
{
    dfukit_slot_store.manifest(&v->slot);
    for (unsigned tries = 0; tries < HURRIED_POLLS; tries++) {
        if (dfukit_slot_store.poll(&v->slot) <= 0)
            return;
        dfukit_vflash_hurry(v->flash);
    }
}

void dfukit_virtual_store_init(dfukit_virtual *v)
{
    for (size_t n = 0; n < DFUKIT_ALTERNATES_MAX; n++)
        v->regions[n] = v->persona->region;
    v->slot_config = (dfukit_slot_config){
        .flash = &watched_flash,
        .regions = v->regions,
        .accept = accept,
        .valid = store_valid,
        .manifest_us = v->fast ? 0 : v->persona->manifest_ms * 1000u,
    };
    v->stuck = false;
    v->manifesting = false;
    v->remaining_ms = 0;
    dfukit_slot_init(&v->slot, &v->slot_config, v);
}
