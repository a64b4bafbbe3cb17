/* SPDX-License-Identifier: MIT */
/*
 * Reading a DfuSe device: for a file, to compare, or to see what erased memory looks like. Spec:
 * AN3156 §3. UPLOAD wants dfuIDLE, so DFU_ABORT follows Set Address; a block that is not full has
 * its own address, since devices take every block number for so many full ones.
 */
#include <string.h>

#include "dfuse.h"

#define LAST_BLOCK 65534u

static bool compares(const dfukit_host *h)
{
    return h->job.verb != DFUKIT_VERB_READ;
}

static bool readable(dfukit_host *h)
{
    const dfukit_plan *plan = &h->dfuse.plan;
    for (size_t i = 0; i < plan->run_count; i++) {
        const dfukit_map *map = dfukit_dfuse_map(h, plan->runs[i].alternate);
        if (map == NULL ||
            dfukit_map_reach(map, plan->runs[i].address, DFUKIT_MAY_READ) < plan->runs[i].size)
            return false;
    }
    return true;
}

bool dfukit_dfuse_can_verify(dfukit_host *h)
{
    return dfukit_host_attribute(h, DFUKIT_CAN_UPLOAD) && readable(h);
}

void dfukit_dfuse_written(dfukit_host *h)
{
    bool verify = h->job.verify != DFUKIT_VERIFY_NEVER && dfukit_dfuse_can_verify(h);
    dfukit_dfuse_part_begin(h, verify ? DFUKIT_PART_READING : DFUKIT_PART_ENDING);
}

static void conclude(dfukit_host *h)
{
    if (compares(h) && h->outcome.differences != 0) {
        dfukit_host_fail(h, DFUKIT_ERR_DIFFERS, "what is on the device differs from the file",
                         h->written ? "write again; if it fails again, the flash memory is bad"
                                    : NULL);
        return;
    }
    h->outcome.verified = compares(h);
    dfukit_dfuse_part_begin(h, DFUKIT_PART_ENDING);
}

void dfukit_dfuse_next_read(dfukit_host *h)
{
    dfukit_dfuse_work *w = &h->dfuse;
    if (w->part == DFUKIT_PART_READING) {
        h->progress.phase = compares(h) ? DFUKIT_PHASE_VERIFICATION : DFUKIT_PHASE_TRANSFER;
        h->progress.total = w->plan.run_bytes;
        h->progress.done = w->done;
        if (w->run == w->plan.run_count) {
            conclude(h);
            return;
        }
    }
    const dfukit_run *run = &w->plan.runs[w->run];
    uint32_t left = run->size - w->offset;
    if (!dfukit_dfuse_selected(h, run->alternate))
        return;
    if (!dfukit_dfuse_at(h, run->address + w->offset,
                         left < h->transfer_size ? left : h->transfer_size))
        return;
    if (w->bState == DFUKIT_DNLOAD_IDLE)
        dfukit_dfuse_abort(h);
    else
        dfukit_host_go(h, DFUKIT_STAGE_DFUSE_UPLOAD);
}

/* Blocks that go out together: full ones, whose numbers follow one another. */
static uint32_t blocks_at_once(const dfukit_host *h, uint32_t left)
{
    const dfukit_dfuse_work *w = &h->dfuse;
    uint32_t n = left / h->transfer_size;
    if (w->part == DFUKIT_PART_PROBING || h->transfer_size != h->target.functional.wTransferSize)
        return 1;
    if (n > h->job.batch)
        n = h->job.batch;
    if (n > LAST_BLOCK + 1 - w->block)
        n = LAST_BLOCK + 1 - w->block;
    return n != 0 ? n : 1;
}

void dfukit_prepare_dfuse_upload(dfukit_host *h)
{
    dfukit_dfuse_work *w = &h->dfuse;
    const dfukit_run *run = &w->plan.runs[w->run];
    uint32_t left = run->size - w->offset;
    uint32_t count = blocks_at_once(h, left);
    uint32_t length = left < h->transfer_size ? left : h->transfer_size;
    h->outcome.block = w->block;
    h->outcome.has_address = true;
    h->outcome.address = run->address + w->offset;
    for (uint32_t i = 0; i < count; i++) {
        dfukit_transfer *t =
            dfukit_host_class(h, DFUKIT_UPLOAD, (uint16_t)(w->block + i), (uint16_t)length);
        t->in = h->buffer + (size_t)i * length;
    }
}

static void compare(dfukit_host *h, const uint8_t *got, uint32_t n)
{
    const dfukit_dfuse_work *w = &h->dfuse;
    const dfukit_run *run = &w->plan.runs[w->run];
    for (uint32_t i = 0; i < n; i++) {
        if (run->data[w->offset + i] != got[i] && h->outcome.differences++ == 0)
            h->outcome.differs_at = (uint64_t)run->address + w->offset + i;
    }
}

/* What erased memory looks like; then back to writing. */
static void probed(dfukit_host *h, const dfukit_transfer *t)
{
    dfukit_dfuse_work *w = &h->dfuse;
    bool blank = t->result == (int32_t)t->setup.wLength;
    for (int32_t i = 0; blank && i < t->result; i++)
        blank = t->in[i] == 0xFF;
    w->blank = blank ? DFUKIT_BLANK_FF : DFUKIT_BLANK_NOT;
    w->part = DFUKIT_PART_WRITING;
    w->pointed = false;
    w->bState = DFUKIT_DFU_IDLE;
    if (t->result == DFUKIT_ERR_GONE)
        h->have_device = false;
    if (t->result < 0 && t->result != DFUKIT_ERR_STALL)
        dfukit_host_fail_transfer(h, t->result, "reading a block");
    else
        dfukit_host_make_idle(h, DFUKIT_STAGE_DFUSE_NEXT);
}

/* One block of a run. @return false: that was the last one of this answer. */
static bool take(dfukit_host *h, const dfukit_transfer *t)
{
    dfukit_dfuse_work *w = &h->dfuse;
    if (t->result == DFUKIT_ERR_STALL) {
        dfukit_host_go(h, DFUKIT_STAGE_DFUSE_UPLOAD_STATUS);
        return false;
    }
    if (t->result < 0 || t->result > (int32_t)t->setup.wLength) {
        if (t->result == DFUKIT_ERR_GONE)
            h->have_device = false;
        dfukit_host_fail_transfer(h, t->result, "reading a block");
        return false;
    }
    if (t->result < (int32_t)t->setup.wLength) {
        dfukit_host_fail(h, DFUKIT_ERR_PROTOCOL,
                         "the device gives less than its memory map promises", NULL);
        return false;
    }
    uint32_t n = (uint32_t)t->result;
    if (compares(h))
        compare(h, t->in, n);
    else
        h->received += n;
    w->block++;
    dfukit_dfuse_moved(h, n);
    return true;
}

void dfukit_answer_dfuse_upload(dfukit_host *h, int result)
{
    (void)result;
    dfukit_dfuse_work *w = &h->dfuse;
    h->received_at = 0;
    if (w->part == DFUKIT_PART_PROBING) {
        probed(h, &h->transfers[0]);
        return;
    }
    w->bState = DFUKIT_UPLOAD_IDLE;
    for (size_t i = 0; i < h->step.count; i++) {
        if (!take(h, &h->transfers[i]))
            return;
    }
    dfukit_host_go(h, DFUKIT_STAGE_DFUSE_NEXT);
}

void dfukit_prepare_dfuse_upload_status(dfukit_host *h)
{
    dfukit_host_get_status(h);
}

void dfukit_answer_dfuse_upload_status(dfukit_host *h, int result)
{
    (void)result;
    dfukit_status_reply status;
    int r = dfukit_host_take_status(h, &h->transfers[0], &status);
    if (r != DFUKIT_OK)
        dfukit_host_fail_transfer(h, r, "asking why a block could not be read");
    else if (status.bState == DFUKIT_DFU_ERROR)
        dfukit_dfuse_fail_status(h, &status, "the device reported an error while it was read");
    else
        dfukit_host_fail(h, DFUKIT_ERR_PROTOCOL, "the device refused to be read without saying why",
                         NULL);
}

/* ---- Get Commands ---- */

/* Asked only where the answer decides: whether everything can be erased, or protection lifted. */
void dfukit_prepare_dfuse_commands(dfukit_host *h)
{
    uint32_t most = h->transfer_size < 64 ? h->transfer_size : 64;
    h->outcome.block = 0;
    dfukit_host_class(h, DFUKIT_UPLOAD, 0, (uint16_t)most)->in = h->buffer;
}

/* For STATUS: they are all that was wanted. */
static void tell_commands(dfukit_host *h, size_t n)
{
    h->outcome.command_count =
        (uint8_t)(n < sizeof h->outcome.commands ? n : sizeof h->outcome.commands);
    memcpy(h->outcome.commands, h->buffer, h->outcome.command_count);
    h->outcome.error = DFUKIT_OK;
    h->outcome.what = "done";
    dfukit_host_make_idle(h, DFUKIT_STAGE_ENDED);
}

void dfukit_answer_dfuse_commands(dfukit_host *h, int result)
{
    (void)result;
    int32_t n = h->transfers[0].result;
    uint8_t wanted =
        h->job.verb == DFUKIT_VERB_UNLOCK ? DFUKIT_DFUSE_UNPROTECT : DFUKIT_DFUSE_ERASE;
    bool asked = h->job.verb == DFUKIT_VERB_STATUS; /* by the way: it need not know */
    if (n < 0 && n != DFUKIT_ERR_STALL && (!asked || n == DFUKIT_ERR_GONE)) {
        if (n == DFUKIT_ERR_GONE)
            h->have_device = false;
        dfukit_host_fail_transfer(h, n, "asking for the device's commands");
        return;
    }
    /* A list begins with the command that asks for it; anything else is none. */
    bool list =
        n > 1 && n <= (int32_t)h->transfers[0].setup.wLength && h->buffer[0] == DFUKIT_DFUSE_GET;
    if (asked) {
        tell_commands(h, list ? (size_t)n : 0);
        return;
    }
    bool offered = !list;
    for (int32_t i = 1; list && i < n; i++)
        offered |= h->buffer[i] == wanted;
    if (!offered)
        dfukit_host_fail(h, DFUKIT_ERR_REFUSED,
                         wanted == DFUKIT_DFUSE_ERASE
                             ? "the device does not offer to erase anything"
                             : "the device does not offer to lift its read protection",
                         NULL);
    else
        dfukit_host_make_idle(h, DFUKIT_STAGE_DFUSE_NEXT);
}
