/* SPDX-License-Identifier: MIT */
/*
 * What stands between the engine and its store in a virtual device: the firmware slot, or the
 * DfuSe store, watched. Knows whether there is firmware to run and how long it is, makes
 * bwPollTimeout what the persona says, and lets faults act.
 */
#include <string.h>

#include "dfukit/dfuse.h"

#include "model.h"

#define STUCK_POLL_MS 5
#define HURRIED_POLLS                                                                              \
    64u /* the last write unit, and what the store does besides: a few suffice                     \
         */
#define US_PER_MS 1000u

/* ---- Work given ---- */

/* What a block of DfuSe asks for. */
static dfukit_job job_of(const dfukit_virtual *v, uint16_t wBlockNum, const uint8_t *data,
                         uint16_t n)
{
    if (!v->dfuse_dialect || wBlockNum >= DFUKIT_DFUSE_FIRST_BLOCK)
        return DFUKIT_JOB_WRITE;
    if (wBlockNum != 0 || n == 0)
        return DFUKIT_JOB_NONE;
    if (data[0] == DFUKIT_DFUSE_UNPROTECT)
        return DFUKIT_JOB_UNPROTECT;
    if (data[0] != DFUKIT_DFUSE_ERASE)
        return DFUKIT_JOB_NONE;
    return n == 1 ? DFUKIT_JOB_MASS_ERASE : DFUKIT_JOB_ERASE;
}

static bool is_erase(dfukit_job job)
{
    return job == DFUKIT_JOB_ERASE || job == DFUKIT_JOB_MASS_ERASE;
}

/* What the product itself has against it, whatever the store would say. */
static uint8_t refusal(const dfukit_virtual *v, dfukit_job job, const uint8_t *data, uint16_t n)
{
    static const uint8_t lpc_prefix[] = {0x1A, 0x3F};

    if (v->is_protected && (job == DFUKIT_JOB_WRITE || is_erase(job)))
        return DFUKIT_STATUS_VENDOR;
    if (job == DFUKIT_JOB_MASS_ERASE && v->persona->no_mass_erase)
        return DFUKIT_STATUS_STALLEDPKT;
    if (v->persona->prefix == DFUKIT_NEEDS_LPC_PREFIX && v->block_number == 0 &&
        (n < sizeof lpc_prefix || memcmp(data, lpc_prefix, sizeof lpc_prefix) != 0))
        return DFUKIT_STATUS_FILE;
    return DFUKIT_STATUS_OK;
}

/* The bytes of an erase command name an address of option bytes: loaders take it, and wait for what
 * is written over them. */
static bool means_option_bytes(const dfukit_virtual *v, dfukit_job job, const uint8_t *data,
                               uint16_t n)
{
    uint32_t address;

    if (job != DFUKIT_JOB_ERASE || n != 5 ||
        v->memories.kind[v->dfuse.alt] != DFUKIT_MEMORY_OPTION_BYTES)
        return false;
    address = data[1] | (uint32_t)data[2] << 8 | (uint32_t)data[3] << 16 | (uint32_t)data[4] << 24;
    return dfukit_memories_zone(&v->memories, v->dfuse.alt, address) != NULL;
}

/* Remember what was written: a fault may want to spoil it. */
static void note_data(dfukit_virtual *v, uint16_t wBlockNum, uint16_t n)
{
    if (!v->dfuse_dialect || wBlockNum < DFUKIT_DFUSE_FIRST_BLOCK)
        return;
    if (v->written == 0) {
        uint32_t blocks = wBlockNum - DFUKIT_DFUSE_FIRST_BLOCK;

        v->written_at = v->dfuse.pointer + blocks * v->dfuse_config.wTransferSize;
        v->written_alt = v->dfuse.alt;
    }
    v->written += n;
}

/* The engine says errFILE of what is no DfuSe, ST's loaders say errSTALLEDPKT. */
static uint8_t as_st_says(const dfukit_virtual *v, uint8_t status)
{
    if (v->dfuse_dialect && status == DFUKIT_STATUS_FILE)
        return DFUKIT_STATUS_STALLEDPKT;
    return status;
}

static uint8_t store_write(void *self, uint16_t wBlockNum, const uint8_t *data, uint16_t n)
{
    dfukit_virtual *v = self;
    dfukit_job job = job_of(v, wBlockNum, data, n);
    dfukit_event e = {.point = DFUKIT_POINT_WRITE, .number = v->block_number, .job = job};
    uint8_t status;

    v->job = DFUKIT_JOB_NONE;
    v->job_us = 0;
    dfukit_fault_at(v, &e);
    if (e.status != DFUKIT_STATUS_OK || v->stuck)
        return e.status;
    status = refusal(v, job, data, n);
    if (status == DFUKIT_STATUS_OK && means_option_bytes(v, job, data, n))
        return DFUKIT_STATUS_OK;
    if (status == DFUKIT_STATUS_OK)
        status = as_st_says(v, v->store->write(v->store_self, wBlockNum, data, n));
    if (status != DFUKIT_STATUS_OK)
        return status;
    v->job = job;
    if (job != DFUKIT_JOB_NONE && e.takes_us != 0)
        v->job_us = dfukit_virtual_now(v) + e.takes_us;
    v->job_poll_ms = e.poll_ms;
    v->erasing = is_erase(job);
    v->statuses_stalled = 0;
    if (job == DFUKIT_JOB_WRITE)
        note_data(v, wBlockNum, n);
    return DFUKIT_STATUS_OK;
}

/* ---- Time ---- */

/* What the loader says while it is busy with this; 0: what is left. */
static uint16_t poll_of_job(const dfukit_virtual *v)
{
    const dfukit_persona *p = v->persona;
    uint16_t erase_ms = p->erase_poll_ms != 0 ? p->erase_poll_ms : p->busy_poll_ms;

    if (v->job_poll_ms != 0)
        return v->job_poll_ms;
    if (!v->polls)
        return 0;
    if (v->job == DFUKIT_JOB_ERASE)
        return erase_ms;
    if (v->job == DFUKIT_JOB_MASS_ERASE || v->job == DFUKIT_JOB_UNPROTECT)
        return p->mass_erase_poll_ms != 0 ? p->mass_erase_poll_ms : erase_ms;
    return p->busy_poll_ms;
}

/* Work has come to its end. Option bytes take effect in a reset. */
static void end_job(dfukit_virtual *v)
{
    if (v->job == DFUKIT_JOB_WRITE && v->dfuse_dialect &&
        v->memories.kind[v->dfuse.alt] == DFUKIT_MEMORY_OPTION_BYTES)
        v->resets = true;
    v->job = DFUKIT_JOB_NONE;
    v->job_us = 0;
}

/* A chip does nothing but this, so that looking at what was erased takes no time to speak of. */
static int32_t go_on(dfukit_virtual *v)
{
    int32_t left_ms;

    do {
        left_ms = v->store->poll(v->store_self);
    } while (left_ms > 0 && v->job != DFUKIT_JOB_NONE && !v->manifesting &&
             v->unprotected_us == DFUKIT_NEVER &&
             dfukit_memories_busy_until(&v->memories) == DFUKIT_NEVER);
    return left_ms;
}

static int32_t store_poll(void *self)
{
    dfukit_virtual *v = self;
    uint64_t now = dfukit_virtual_now(v);
    int32_t left_ms;

    if (v->stuck)
        return STUCK_POLL_MS;
    left_ms = go_on(v);
    if (left_ms < 0) {
        v->job = DFUKIT_JOB_NONE;
        return left_ms;
    }
    if (v->wedged != 0)
        return STUCK_POLL_MS;
    if (left_ms == 0 && v->job_us > now)
        left_ms = (int32_t)((v->job_us - now + US_PER_MS - 1u) / US_PER_MS);
    if (left_ms == 0 && v->job != DFUKIT_JOB_NONE)
        end_job(v);
    if (left_ms != 0 && !v->manifesting && poll_of_job(v) != 0)
        return poll_of_job(v);
    return left_ms;
}

/* ---- Reading ---- */

/* An upload ends where the firmware does. Where that is unknown, all of the memory is read. */
static int32_t end_with_firmware(const dfukit_virtual *v, int32_t n)
{
    uint32_t at = v->slot.writer.offset; /* of the block just read */
    uint32_t left = at < v->length ? v->length - at : 0;

    if (v->dfuse_dialect || v->length == 0 || n < 0 || (uint32_t)n <= left)
        return n;
    return (int32_t)left;
}

/* Faults that spoil what was written act when it is complete: DfuSe has no other end than that
 * somebody looks at it. */
static void spoil_written(dfukit_virtual *v)
{
    dfukit_event e = {.point = DFUKIT_POINT_STORED,
                      .number = v->written,
                      .alternate = v->written_alt,
                      .address = v->written_at};

    if (v->written == 0)
        return;
    v->written = 0;
    dfukit_fault_at(v, &e);
}

static int32_t store_read(void *self, uint16_t wBlockNum, uint8_t *to, uint16_t n)
{
    dfukit_virtual *v = self;
    dfukit_event e = {.point = DFUKIT_POINT_READ, .number = v->block_number};
    int32_t result;

    dfukit_fault_at(v, &e);
    if (e.status != DFUKIT_STATUS_OK)
        return -(int32_t)e.status;
    if (v->is_protected && wBlockNum >= DFUKIT_DFUSE_FIRST_BLOCK)
        return -DFUKIT_STATUS_VENDOR;
    spoil_written(v);
    v->uploading = true;
    result = v->store->read(v->store_self, wBlockNum, to, n);
    v->uploading = false;
    if (result < 0)
        return -(int32_t)as_st_says(v, (uint8_t)-result);
    return end_with_firmware(v, result);
}

/* ---- The rest of the store ---- */

static void store_rewind(void *self, uint8_t alt)
{
    dfukit_virtual *v = self;

    v->stuck = false;
    v->wedged = 0;
    v->manifesting = false;
    v->store->rewind(v->store_self, alt);
}

static uint8_t store_finish(void *self)
{
    dfukit_virtual *v = self;

    return v->store->finish(v->store_self);
}

static void store_manifest(void *self)
{
    dfukit_virtual *v = self;
    dfukit_event e = {.point = DFUKIT_POINT_MANIFEST};

    v->manifesting = true;
    dfukit_fault_at(v, &e);
    if (!v->stuck)
        v->store->manifest(v->store_self);
}

/* A DfuSe loader cannot tell a firmware from anything else but by its first word. */
static bool has_vectors(const dfukit_virtual *v)
{
    uint32_t size;
    const uint8_t *cells = dfukit_vflash_cells(v->flash, &size);

    for (uint32_t i = 0; i < 4 && i < size; i++) {
        if (cells[i] != 0xFF)
            return true;
    }
    return false;
}

static bool store_valid(void *self)
{
    const dfukit_virtual *v = self;

    return v->valid && (!v->dfuse_dialect || v->dfu_config.loader_only || has_vectors(v));
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
