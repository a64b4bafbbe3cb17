/* SPDX-License-Identifier: MIT */
/*
 * The firmware slot: a store that writes a download into a flash region, front to back.
 *
 * A block is programmed in runs of whole write units, straight from the class's buffer, each run
 * within one sector. What is left over at a block's end, less than a write unit, waits in `unit`
 * for the next block, or for manifestation, which fills it up. So no unit is ever programmed twice,
 * whatever lengths the host chooses.
 */
#include "dfukit/device.h"

enum { OPERATION_NONE, OPERATION_ERASE, OPERATION_PROGRAM, OPERATION_ABANDONED };
enum { MANIFEST_NOT, MANIFEST_TOLD, MANIFEST_RUNNING };

/* ---- What there is to do ---- */

/* Nothing more to do, but for what the flash is doing. */
static void drop(dfukit_slot *s)
{
    s->n = 0;
    s->fill = 0;
    s->manifest = MANIFEST_NOT;
}

static uint32_t add(uint32_t us, uint32_t more)
{
    return us > UINT32_MAX - more ? UINT32_MAX : us + more;
}

/* An upper bound of the work left, while the flash is busy: never 0. */
static uint32_t remaining(const dfukit_slot *s)
{
    const dfukit_region *r = s->region;
    uint32_t bytes = (uint32_t)s->programming + s->fill + s->n;
    uint32_t us = 0;
    uint32_t start, size;

    if (s->manifest != MANIFEST_NOT) {
        us = s->config->manifest_us;
        bytes += r->write_unit - 1u; /* a unit that is not full is filled */
    }
    us = add(us, bytes / r->write_unit * r->program_us);
    if (s->operation == OPERATION_ABANDONED) {
        if (s->programming == 0)
            us = r->erase_us;
    } else {
        for (uint32_t at = s->erased_to; at < s->length; at += size) {
            if (!dfukit_region_sector(r, at, &start, &size))
                break;
            us = add(us, r->erase_us);
        }
    }
    return us != 0 ? us : 1;
}

/* ---- One step of the work ---- */

static uint8_t program(dfukit_slot *s, const uint8_t *source, uint32_t n)
{
    s->operation = OPERATION_PROGRAM;
    s->source = source;
    s->programming = (uint16_t)n;
    return s->config->flash->program(s->flash, s->region->address + s->offset, source, n);
}

/* Erase where the next byte goes, else program as much as can be at once. */
static uint8_t begin_operation(dfukit_slot *s)
{
    const uint8_t *from = s->data;
    uint32_t unit = s->region->write_unit;
    uint32_t n = s->n & ~(unit - 1u);

    if (s->offset == s->erased_to) {
        s->operation = OPERATION_ERASE;
        s->programming = 0;
        return s->config->flash->erase(s->flash, s->region->address + s->offset);
    }
    if (s->fill == 0 && n != 0) {
        if (n > s->erased_to - s->offset)
            n = s->erased_to - s->offset;
        s->data += n;
        s->n = (uint16_t)(s->n - n);
        return program(s, from, n);
    }
    while (s->fill < unit && s->n != 0) {
        s->unit[s->fill++] = *s->data++;
        s->n--;
    }
    if (s->fill < unit && s->manifest == MANIFEST_NOT)
        return DFUKIT_STATUS_OK;
    while (s->fill < unit)
        s->unit[s->fill++] = s->region->erased;
    s->fill = 0;
    return program(s, s->unit, unit);
}

static uint8_t compare(const dfukit_slot *s)
{
    uint8_t bytes[16];
    uint32_t n;

    for (uint32_t at = 0; at < s->programming; at += n) {
        n = s->programming - at;
        if (n > sizeof bytes)
            n = sizeof bytes;
        s->config->flash->read(s->flash, s->region->address + s->offset + at, bytes, n);
        for (uint32_t i = 0; i < n; i++) {
            if (bytes[i] != s->source[at + i])
                return DFUKIT_STATUS_VERIFY;
        }
    }
    return DFUKIT_STATUS_OK;
}

/* The flash is not busy any more; `status` is what it says of the operation. */
static uint8_t end_operation(dfukit_slot *s, uint8_t status)
{
    uint8_t operation = s->operation;
    uint32_t start, size;

    s->operation = OPERATION_NONE;
    if (operation == OPERATION_ABANDONED)
        return DFUKIT_STATUS_OK;
    if (status != DFUKIT_STATUS_OK)
        return status;
    if (operation == OPERATION_ERASE) {
        if (!dfukit_region_sector(s->region, s->erased_to, &start, &size))
            return DFUKIT_STATUS_ADDRESS;
        s->erased_to += size;
        return DFUKIT_STATUS_OK;
    }
    status = compare(s);
    s->offset += s->programming;
    return status;
}

/* ---- The store ---- */

static void slot_rewind(void *self, uint8_t alt)
{
    dfukit_slot *s = self;

    drop(s);
    if (s->operation != OPERATION_NONE)
        s->operation = OPERATION_ABANDONED;
    s->region = s->config->regions[alt];
    s->alt = alt;
    s->reading = false;
    s->next_block = 0;
    s->offset = 0;
    s->length = 0;
    s->erased_to = 0;
}

static uint8_t slot_write(void *self, uint16_t wBlockNum, const uint8_t *data, uint16_t n)
{
    dfukit_slot *s = self;

    if (s->reading) /* the host did not get what it was given, or it would say so by an ABORT */
        slot_rewind(s, s->alt);
    if ((s->region->permissions & DFUKIT_MAY_WRITE) == 0)
        return DFUKIT_STATUS_WRITE;
    if ((s->region->permissions & DFUKIT_MAY_ERASE) == 0)
        return DFUKIT_STATUS_ERASE;
    if (wBlockNum != s->next_block || n > dfukit_region_size(s->region) - s->length)
        return DFUKIT_STATUS_ADDRESS;
    s->next_block++;
    s->length += n;
    s->data = data;
    s->n = n;
    return DFUKIT_STATUS_OK;
}

static uint8_t slot_finish(void *self)
{
    return ((const dfukit_slot *)self)->length != 0 ? DFUKIT_STATUS_OK : DFUKIT_STATUS_NOTDONE;
}

static void slot_manifest(void *self)
{
    ((dfukit_slot *)self)->manifest = MANIFEST_TOLD;
}

static uint8_t accept(dfukit_slot *s)
{
    s->manifest = MANIFEST_NOT;
    if (s->config->accept == NULL)
        return DFUKIT_STATUS_OK;
    return s->config->accept(s->flash, s->alt, s->length);
}

static uint8_t go_on(dfukit_slot *s, uint32_t *remaining_us)
{
    bool told = s->manifest == MANIFEST_TOLD;
    uint8_t status = DFUKIT_STATUS_OK;

    *remaining_us = 0;
    /* Ends: every round starts or ends an operation, takes bytes from `data`, or leaves. */
    while (status == DFUKIT_STATUS_OK) {
        if (s->operation != OPERATION_NONE) {
            if (s->config->flash->busy(s->flash, &status)) {
                *remaining_us = remaining(s);
                break;
            }
            status = end_operation(s, status);
        } else if (s->n != 0 || (s->fill != 0 && s->manifest != MANIFEST_NOT)) {
            status = begin_operation(s);
        } else if (s->manifest == MANIFEST_NOT) {
            break;
        } else if (told && s->config->manifest_us != 0) {
            *remaining_us = s->config->manifest_us;
            break;
        } else {
            status = accept(s);
        }
    }
    if (status != DFUKIT_STATUS_OK) {
        drop(s);
        s->operation = OPERATION_NONE;
    }
    if (s->manifest == MANIFEST_TOLD)
        s->manifest = MANIFEST_RUNNING;
    return status;
}

static int32_t slot_poll(void *self)
{
    uint32_t remaining_us;
    uint8_t status = go_on(self, &remaining_us);

    if (status != DFUKIT_STATUS_OK)
        return -(int32_t)status;
    return (int32_t)(remaining_us / 1000u + (remaining_us % 1000u != 0));
}

/* `length` is the end of the block given last; it is moved on to when the next one is asked for. */
static int32_t slot_read(void *self, uint16_t wBlockNum, uint8_t *to, uint16_t n)
{
    dfukit_slot *s = self;
    uint32_t left;

    if ((s->region->permissions & DFUKIT_MAY_READ) == 0)
        return -DFUKIT_STATUS_VENDOR;
    s->reading = true;
    if (wBlockNum == s->next_block) {
        s->next_block++;
        s->offset = s->length;
    } else if (wBlockNum != (uint16_t)(s->next_block - 1u) || s->length == 0) {
        return -DFUKIT_STATUS_ADDRESS;
    }
    left = dfukit_region_size(s->region) - s->offset;
    if (n > left)
        n = (uint16_t)left;
    s->config->flash->read(s->flash, s->region->address + s->offset, to, n);
    s->length = s->offset + n;
    return n;
}

static bool slot_valid(void *self)
{
    const dfukit_slot *s = self;

    return s->config->valid == NULL || s->config->valid(s->flash);
}

const dfukit_store_ops dfukit_slot_store = {
    .rewind = slot_rewind,
    .write = slot_write,
    .finish = slot_finish,
    .manifest = slot_manifest,
    .poll = slot_poll,
    .read = slot_read,
    .valid = slot_valid,
};

void dfukit_slot_init(dfukit_slot *s, const dfukit_slot_config *config, void *flash)
{
    s->config = config;
    s->flash = flash;
    s->operation = OPERATION_NONE;
    s->programming = 0;
    slot_rewind(s, 0);
}
