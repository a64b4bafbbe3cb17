/* SPDX-License-Identifier: MIT */
/*
 * A job on a DfuSe device (AN3156), as its plan has it: everything is erased first, over all
 * alternate settings, then written, then read back, and only then is the device left. This file
 * decides what is next; the device's pointer is set once for a run of blocks, and again where block
 * numbers cannot say the address: devices multiply them by wTransferSize, whatever a block's
 * length.
 */
#include <string.h>

#include "dfuse.h"

#define LAST_BLOCK   65534u /* block numbers do not wrap: the address is set again before 65535 */
#define BLANK_BLOCKS 4u /* fewer blank blocks in a row are written, as skipping costs requests */

static bool moves(const dfukit_host *h)
{
    switch (h->job.verb) {
    case DFUKIT_VERB_WRITE:
    case DFUKIT_VERB_READ:
    case DFUKIT_VERB_VERIFY:
    case DFUKIT_VERB_ERASE:
    case DFUKIT_VERB_UNLOCK:
    case DFUKIT_VERB_LEAVE:
        return dfukit_target_is_dfuse(&h->target);
    case DFUKIT_VERB_DETACH:
    case DFUKIT_VERB_STATUS:
    default:
        return false;
    }
}

bool dfukit_dfuse_plan(dfukit_host *h)
{
    dfukit_dfuse_work *w = &h->dfuse;
    dfukit_plan_free(&w->plan);
    memset(w, 0, sizeof *w);
    w->map_alternate = -1;
    w->active = moves(h) && h->target.mode != DFUKIT_MODE_RUNTIME;
    if (!w->active)
        return false;
    w->planned =
        dfukit_plan_make(&w->plan, &h->job, &h->target, &h->allocator, &w->fault) == DFUKIT_OK;
    return true;
}

int dfukit_dfuse_first_alternate(const dfukit_host *h)
{
    const dfukit_plan *plan = &h->dfuse.plan;
    if (!h->dfuse.planned)
        return -1;
    if (plan->mass_count != 0)
        return plan->mass_alternates[0];
    if (plan->page_count != 0)
        return plan->pages[0].alternate;
    if (plan->run_count != 0)
        return plan->runs[0].alternate;
    return h->job.has_alt ? h->target.alts[dfukit_alternate_named(&h->target, &h->job)].number : -1;
}

/* The map of a setting; what the device's settings are does not change on the way. */
const dfukit_map *dfukit_dfuse_map(dfukit_host *h, uint8_t alternate)
{
    dfukit_dfuse_work *w = &h->dfuse;
    if (w->map_alternate != alternate) {
        w->map_alternate = alternate;
        w->mapped = false;
        w->blank = DFUKIT_BLANK_UNKNOWN;
        for (size_t i = 0; i < h->target.alt_count && !w->mapped; i++)
            w->mapped = h->target.alts[i].number == alternate &&
                        dfukit_target_map(&h->target, i, &w->map) == DFUKIT_OK;
    }
    return w->mapped ? &w->map : NULL;
}

void dfukit_dfuse_begin(dfukit_host *h)
{
    dfukit_dfuse_work *w = &h->dfuse;
    if (!w->planned) {
        dfukit_host_fail(h, w->fault.error, w->fault.what, w->fault.remedy);
        h->outcome.has_address = w->fault.has_address;
        h->outcome.address = w->fault.address;
        return;
    }
    if (h->job.verb == DFUKIT_VERB_WRITE && h->job.verify == DFUKIT_VERIFY_ALWAYS &&
        !dfukit_dfuse_can_verify(h)) {
        dfukit_host_fail(h, DFUKIT_ERR_REFUSED,
                         "this memory cannot be verified: the device does not let it be read",
                         "leave out --verify always");
        return;
    }
    if (!dfukit_host_room(h, (size_t)h->transfer_size * h->job.batch + 64))
        return;
    bool asks = h->job.verb == DFUKIT_VERB_UNLOCK || w->plan.mass_erase;
    bool lists = asks && dfukit_host_attribute(h, DFUKIT_CAN_UPLOAD);
    w->part = h->job.verb == DFUKIT_VERB_LEAVE ? DFUKIT_PART_ENDING : DFUKIT_PART_ERASURE;
    w->bState = DFUKIT_DFU_IDLE;
    dfukit_host_make_idle(h, lists ? DFUKIT_STAGE_DFUSE_COMMANDS : DFUKIT_STAGE_DFUSE_NEXT);
}

void dfukit_dfuse_part_begin(dfukit_host *h, dfukit_dfuse_part part)
{
    dfukit_dfuse_work *w = &h->dfuse;
    w->part = part;
    w->run = 0;
    w->offset = 0;
    w->done = 0;
    w->pointed = false;
}

/* ---- Which requests ---- */

void dfukit_dfuse_abort(dfukit_host *h)
{
    bool wrote =
        h->dfuse.bState == DFUKIT_DNLOAD_IDLE && h->dfuse.operation == DFUKIT_OPERATION_DATA;
    h->dfuse.bState = DFUKIT_DFU_IDLE;
    if (wrote)
        dfukit_dfuse_close(h);
    else
        dfukit_host_abort(h, DFUKIT_STAGE_DFUSE_NEXT);
}

bool dfukit_dfuse_selected(dfukit_host *h, uint8_t alternate)
{
    if (h->target.alt_count <= 1 || h->alternate == alternate)
        return true;
    h->dfuse.pointed = false;
    h->dfuse.address = alternate;
    if (h->dfuse.bState != DFUKIT_DFU_IDLE)
        dfukit_dfuse_abort(h);
    else
        dfukit_host_go(h, DFUKIT_STAGE_DFUSE_SELECT);
    return false;
}

void dfukit_prepare_dfuse_select(dfukit_host *h)
{
    dfukit_host_step(h, DFUKIT_STEP_CLAIM);
    h->step.set_alternate = true;
    h->step.alternate = (uint8_t)h->dfuse.address;
}

void dfukit_answer_dfuse_select(dfukit_host *h, int result)
{
    if (result == DFUKIT_OK) {
        h->alternate = h->step.alternate;
        h->dfuse.refusals = 0;
        dfukit_host_make_idle(h, DFUKIT_STAGE_DFUSE_NEXT);
        return;
    }
    if (result == DFUKIT_ERR_STALL && h->dfuse.refusals++ == 0) {
        /* Refused while it is at work: see to that, and once more. */
        dfukit_host_make_idle(h, DFUKIT_STAGE_DFUSE_NEXT);
        return;
    }
    if (result == DFUKIT_ERR_GONE)
        h->have_device = false;
    dfukit_host_fail_transfer(h, result, "selecting an alternate setting");
}

bool dfukit_dfuse_at(dfukit_host *h, uint32_t address, uint32_t length)
{
    dfukit_dfuse_work *w = &h->dfuse;
    uint32_t stride = h->target.functional.wTransferSize;
    bool told = (h->target.oddities & (DFUKIT_ODD_TRANSFER_SIZE | DFUKIT_ODD_NO_FUNCTIONAL)) == 0;
    bool full = told && length == stride;
    bool first = w->block == DFUKIT_DFUSE_FIRST_BLOCK && address == w->base;
    bool follows = full && w->block <= LAST_BLOCK &&
                   address == w->base + (w->block - DFUKIT_DFUSE_FIRST_BLOCK) * stride;
    if (w->pointed && (first || follows))
        return true;
    dfukit_dfuse_operate(h, DFUKIT_OPERATION_ADDRESS, address);
    return false;
}

/* ---- Erasure ---- */

static void next_erasure(dfukit_host *h)
{
    dfukit_dfuse_work *w = &h->dfuse;
    h->progress.phase = DFUKIT_PHASE_ERASURE;
    h->progress.total = w->plan.erase_bytes;
    h->progress.done = h->outcome.erased;
    if (h->job.verb == DFUKIT_VERB_UNLOCK) {
        dfukit_dfuse_operate(h, DFUKIT_OPERATION_UNPROTECT, 0);
    } else if (w->mass < w->plan.mass_count) {
        if (dfukit_dfuse_selected(h, w->plan.mass_alternates[w->mass]))
            dfukit_dfuse_operate(h, DFUKIT_OPERATION_MASS_ERASE, 0);
    } else if (w->page < w->plan.page_count) {
        const dfukit_page *page = &w->plan.pages[w->page];
        if (dfukit_dfuse_selected(h, page->alternate))
            dfukit_dfuse_operate(h, DFUKIT_OPERATION_ERASE, page->address);
    } else {
        bool reads = h->job.verb == DFUKIT_VERB_READ || h->job.verb == DFUKIT_VERB_VERIFY;
        dfukit_dfuse_part_begin(h, h->job.verb == DFUKIT_VERB_WRITE ? DFUKIT_PART_WRITING
                                   : reads                          ? DFUKIT_PART_READING
                                                                    : DFUKIT_PART_ENDING);
    }
}

/* ---- Writing ---- */

static uint32_t blank_bytes(const uint8_t *data, uint32_t n)
{
    uint32_t i = 0;
    while (i < n && data[i] == 0xFF)
        i++;
    return i;
}

/* Bytes from here on that erased memory holds already; 0 where that is not worth the requests. */
static uint32_t blank_ahead(dfukit_host *h, const dfukit_run *run)
{
    dfukit_dfuse_work *w = &h->dfuse;
    uint32_t left = run->size - w->offset;
    const dfukit_map *map = dfukit_dfuse_map(h, run->alternate);
    if (h->job.erase == DFUKIT_ERASE_NONE || map == NULL || map->kind != DFUKIT_MAP_FLASH ||
        w->blank == DFUKIT_BLANK_NOT)
        return 0;
    uint32_t n = blank_bytes(run->data + w->offset, left);
    uint64_t erased = dfukit_map_reach(map, run->address + w->offset, DFUKIT_MAY_ERASE);
    if (n > erased)
        n = (uint32_t)erased;
    if (n / h->transfer_size < BLANK_BLOCKS)
        return 0;
    return n == left ? n : n - n % h->transfer_size;
}

static bool can_probe(const dfukit_host *h, const dfukit_run *run)
{
    const dfukit_dfuse_work *w = &h->dfuse;
    return dfukit_host_attribute(h, DFUKIT_CAN_UPLOAD) &&
           !dfukit_target_quirk(&h->target, DFUKIT_QUIRK_ERASED_ZERO, NULL) &&
           dfukit_map_reach(&w->map, run->address + w->offset, DFUKIT_MAY_READ) >= h->transfer_size;
}

/* @return whether blank bytes were skipped, or the device is asked first. */
static bool skip_blank(dfukit_host *h, const dfukit_run *run)
{
    dfukit_dfuse_work *w = &h->dfuse;
    uint32_t n = blank_ahead(h, run);
    if (n == 0)
        return false;
    if (w->blank == DFUKIT_BLANK_UNKNOWN && can_probe(h, run)) {
        w->part = DFUKIT_PART_PROBING;
        w->pointed = false;
        return true;
    }
    if (w->blank != DFUKIT_BLANK_FF) {
        w->blank = DFUKIT_BLANK_NOT;
        return false;
    }
    h->outcome.skipped += n;
    w->pointed = false;
    dfukit_dfuse_moved(h, n);
    return true;
}

void dfukit_dfuse_moved(dfukit_host *h, uint32_t n)
{
    dfukit_dfuse_work *w = &h->dfuse;
    w->offset += n;
    w->done += n;
    h->progress.done = w->done;
    if (w->part == DFUKIT_PART_WRITING || h->job.verb != DFUKIT_VERB_WRITE)
        h->outcome.bytes = w->done;
    if (w->offset >= w->plan.runs[w->run].size) {
        w->run++;
        w->offset = 0;
    }
}

static void next_block(dfukit_host *h)
{
    dfukit_dfuse_work *w = &h->dfuse;
    h->progress.phase = DFUKIT_PHASE_TRANSFER;
    h->progress.total = w->plan.run_bytes;
    h->progress.done = w->done;
    if (w->run == w->plan.run_count) {
        dfukit_dfuse_written(h);
        return;
    }
    const dfukit_run *run = &w->plan.runs[w->run];
    if (!dfukit_dfuse_selected(h, run->alternate) || skip_blank(h, run))
        return;
    uint32_t left = run->size - w->offset;
    uint32_t n = left < h->transfer_size ? left : h->transfer_size;
    if (!dfukit_dfuse_at(h, run->address + w->offset, n))
        return;
    w->out = run->data + w->offset;
    w->length = (uint16_t)n;
    dfukit_dfuse_operate(h, DFUKIT_OPERATION_DATA, run->address + w->offset);
}

void dfukit_prepare_dfuse_next(dfukit_host *h)
{
    switch (h->dfuse.part) {
    case DFUKIT_PART_ERASURE:
        next_erasure(h);
        break;
    case DFUKIT_PART_WRITING:
        next_block(h);
        break;
    case DFUKIT_PART_PROBING:
    case DFUKIT_PART_READING:
        dfukit_dfuse_next_read(h);
        break;
    case DFUKIT_PART_ENDING:
    default:
        dfukit_dfuse_finish(h);
        break;
    }
}

void dfukit_answer_dfuse_next(dfukit_host *h, int result)
{
    (void)h;
    (void)result;
}
