/* SPDX-License-Identifier: MIT */
/*
 * Erasing, programming and reading back, for every store.
 *
 * A block is programmed in runs of whole write units, straight from the class's buffer, each run
 * within one sector. What is left over at a block's end, less than a write unit, waits in `unit`
 * until more comes, or until its owner fills it up. So no unit is ever programmed twice, whatever
 * lengths the host chooses. Every run is looked at twice: blank before, the right bytes afterwards.
 */
#include "writer.h"

/* ---- Time ---- */

uint32_t dfukit_erase_time(const dfukit_region *r, uint32_t at, uint32_t to, uint32_t us)
{
    for (; at < to; at = dfukit_region_sector_end(r, at))
        us = dfukit_add_time(us, r->erase_us);
    return us;
}

uint32_t dfukit_writer_remaining(const dfukit_writer *w, uint32_t erase_to)
{
    const dfukit_region *r = w->region;
    uint32_t bytes = (uint32_t)w->programming + w->fill + w->n;
    uint32_t us;

    if (w->operation == DFUKIT_OPERATION_ABANDONED) /* this one only */
        erase_to = w->end + (w->programming == 0);
    us = dfukit_erase_time(r, w->end, erase_to, bytes / r->write_unit * r->program_us);
    return us != 0 ? us : 1;
}

/* ---- One step of the work ---- */

bool dfukit_writer_holds(const dfukit_writer *w, const uint8_t *bytes, uint32_t n)
{
    uint8_t cells[16];
    uint32_t address = w->region->address + w->offset;
    uint32_t k;

    for (; n != 0; n -= k) {
        k = n < sizeof cells ? n : (uint32_t)sizeof cells;
        w->ops->read(w->flash, address, cells, k);
        address += k;
        for (uint32_t i = 0; i < k; i++) {
            if (cells[i] != (bytes != NULL ? *bytes++ : w->region->erased))
                return false;
        }
    }
    return true;
}

uint8_t dfukit_writer_erase(dfukit_writer *w)
{
    w->operation = DFUKIT_OPERATION_RUNNING;
    w->programming = 0;
    return w->ops->erase(w->flash, w->region->address + w->end);
}

/* Erase where the next byte goes, else program as much as can be at once. */
static uint8_t begin(dfukit_writer *w)
{
    const dfukit_region *r = w->region;
    uint32_t unit = r->write_unit;
    uint32_t n = w->n & ~(unit - 1u);
    uint32_t most = w->end - w->offset;

    if (most == 0)
        return dfukit_writer_erase(w);
    w->source = w->data;
    if (w->fill == 0 && n != 0) {
        if (n > most)
            n = most;
        w->data += n;
        w->n = (uint16_t)(w->n - n);
    } else {
        while (w->fill < unit) {
            if (w->n == 0)
                return DFUKIT_STATUS_OK;
            w->unit[w->fill++] = *w->data++;
            w->n--;
        }
        w->fill = 0;
        w->source = w->unit;
        n = unit;
    }
    if ((r->permissions & DFUKIT_MAY_ERASE) != 0 && !dfukit_writer_holds(w, NULL, n))
        return DFUKIT_STATUS_CHECK_ERASED;
    w->operation = DFUKIT_OPERATION_RUNNING;
    w->programming = (uint16_t)n;
    return w->ops->program(w->flash, r->address + w->offset, w->source, n);
}

/* The flash is not busy any more; `status` is what it says of the operation. */
static uint8_t finish(dfukit_writer *w, uint8_t status)
{
    bool wanted = w->operation == DFUKIT_OPERATION_RUNNING;
    uint32_t n = w->programming;

    w->operation = DFUKIT_OPERATION_NONE;
    if (!wanted)
        return DFUKIT_STATUS_OK;
    if (n == 0)
        w->end = dfukit_region_sector_end(w->region, w->end);
    else if (status == DFUKIT_STATUS_OK && !dfukit_writer_holds(w, w->source, n))
        return DFUKIT_STATUS_VERIFY;
    w->offset += n;
    return status;
}

/* ---- All of it ---- */

void dfukit_writer_abandon(dfukit_writer *w)
{
    w->n = 0;
    w->fill = 0;
    if (w->operation != DFUKIT_OPERATION_NONE)
        w->operation = DFUKIT_OPERATION_ABANDONED;
}

bool dfukit_writer_run(dfukit_writer *w, uint8_t *status)
{
    /* Ends: every round starts or ends an operation, takes bytes from `data`, or leaves. */
    while (*status == DFUKIT_STATUS_OK) {
        if (w->operation != DFUKIT_OPERATION_NONE) {
            uint8_t outcome = DFUKIT_STATUS_OK; /* of work that is over: nothing else counts */

            if (w->ops->busy(w->flash, &outcome))
                return true;
            *status = finish(w, outcome);
        } else if (w->n != 0 || w->fill == w->region->write_unit) {
            *status = begin(w);
        } else {
            return false;
        }
    }
    w->operation = DFUKIT_OPERATION_NONE;
    dfukit_writer_abandon(w);
    return false;
}
