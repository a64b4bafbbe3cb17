/* SPDX-License-Identifier: MIT */
/*
 * Transfer and manifestation: blocks, the polling between them, the empty DNLOAD and what follows.
 * Spec: DFU 1.1 §6.1, §7, Annex A.2.3 to A.2.9.
 */
#include "engine.h"

static void download_ready(dfukit_host *h)
{
    h->progress.phase = DFUKIT_PHASE_TRANSFER;
    h->progress.done = 0;
    h->progress.total = h->job.stream->length;
    h->block = 0;
    h->offset = 0;
}

bool dfukit_host_has_stream(dfukit_host *h)
{
    const dfukit_image *image = h->job.image;
    if (h->job.stream != NULL && h->job.stream->length != 0)
        return true;
    if (image == NULL || image->count == 0)
        dfukit_host_fail(h, DFUKIT_ERR_EMPTY, "there is nothing to write", NULL);
    else if (image->alternates)
        dfukit_host_fail(h, DFUKIT_ERR_MISMATCH,
                         "a DfuSe file is for DfuSe devices; this one speaks plain DFU",
                         "choose the right file or device");
    else
        dfukit_host_fail(h, DFUKIT_ERR_TOO_LARGE,
                         "the device has no addresses, and the gaps of the file are too large",
                         "write a part of it with --range FROM:TO");
    return false;
}

void dfukit_host_begin_download(dfukit_host *h)
{
    if (!dfukit_host_has_stream(h))
        return;
    if (!dfukit_host_room(h, h->transfer_size))
        return;
    download_ready(h);
    dfukit_host_make_idle(h, DFUKIT_STAGE_BLOCK);
}

void dfukit_prepare_block(dfukit_host *h)
{
    uint32_t left = h->job.stream->length - h->offset;
    h->in_flight = left < h->transfer_size ? left : h->transfer_size;
    h->refused = false;
    h->polls = h->stalls = h->zero_polls = 0;
    h->busy_since_ms = h->now_ms;
    h->written = true;
    h->outcome.block = h->block & 0xFFFFu; /* wraps: DFU 1.1 §6.1.1 */
    dfukit_transfer *t =
        dfukit_host_class(h, DFUKIT_DNLOAD, (uint16_t)h->block, (uint16_t)h->in_flight);
    t->out = dfukit_stream_bytes(h->job.stream, h->offset, h->in_flight, h->buffer);
    /* A poll timeout told in an idle state is owed between this DNLOAD and its GETSTATUS; without
     * one both may go out together (DFU 1.1 §6.1.2). */
    if (h->owed_ms == 0 && h->job.batch > 1)
        dfukit_host_get_status(h);
}

static void block_state(dfukit_host *h, const dfukit_status_reply *status)
{
    switch (status->bState) {
    case DFUKIT_DNLOAD_IDLE:
        if (h->refused)
            break;
        h->owed_ms = status->bwPollTimeout;
        h->tries = 0;
        h->offset += h->in_flight;
        h->block++;
        h->progress.done = h->outcome.bytes = h->offset;
        dfukit_host_go(h,
                       h->offset < h->job.stream->length ? DFUKIT_STAGE_BLOCK : DFUKIT_STAGE_END);
        return;
    case DFUKIT_DNBUSY:
    case DFUKIT_DNLOAD_SYNC:
        if (dfukit_host_hung(h, status))
            return;
        if (h->now_ms - h->busy_since_ms >= DFUKIT_BUSY_MS)
            dfukit_host_fail(h, DFUKIT_ERR_DEADLINE, "the device stays busy with a block",
                             "unplug the device, plug it in again and repeat");
        else
            dfukit_host_pause(h, dfukit_host_poll_pause(h, status->bwPollTimeout),
                              DFUKIT_STAGE_BLOCK_STATUS);
        return;
    case DFUKIT_DFU_ERROR:
        dfukit_host_fail_status(h, status,
                                "the device reported an error while a block was written");
        return;
    default:
        break;
    }
    dfukit_host_fail(h, DFUKIT_ERR_PROTOCOL,
                     h->refused ? "the device refused a block without saying why"
                                : "the device left the download without saying why",
                     NULL);
}

/* The outcome of a GETSTATUS that follows a block. */
static void block_status(dfukit_host *h, const dfukit_transfer *t)
{
    dfukit_status_reply status;
    uint32_t most = DFUKIT_STATUS_STALLS;
    dfukit_target_quirk(&h->target, DFUKIT_QUIRK_ERASE_STALLS, &most);
    int r = dfukit_host_take_status(h, t, &status);
    if (r == DFUKIT_OK) {
        h->stalls = 0;
        block_state(h, &status);
    } else if (r == DFUKIT_ERR_STALL && h->stalls++ < most) {
        /* Some loaders stall while they erase: their last poll timeout again. */
        uint32_t pause = h->outcome.has_status ? h->outcome.bwPollTimeout : 0;
        dfukit_host_pause(h, pause == 0 ? 5 : pause, DFUKIT_STAGE_BLOCK_STATUS);
    } else {
        dfukit_host_fail_transfer(h, r, "asking for the status of a block");
    }
}

void dfukit_answer_block(dfukit_host *h, int result)
{
    (void)result;
    const dfukit_transfer *t = &h->transfers[0];
    if (t->result == DFUKIT_ERR_STALL) {
        h->refused = true; /* the status says why */
    } else if (t->result != (int32_t)h->in_flight) {
        if (t->result == DFUKIT_ERR_GONE)
            h->have_device = false;
        dfukit_host_fail_transfer(h, t->result, "sending a block");
        return;
    }
    if (h->step.count > 1)
        block_status(h, &h->transfers[1]);
    else
        dfukit_host_pause(h, h->refused ? 0 : h->owed_ms, DFUKIT_STAGE_BLOCK_STATUS);
}

void dfukit_prepare_block_status(dfukit_host *h)
{
    dfukit_host_get_status(h);
}

void dfukit_answer_block_status(dfukit_host *h, int result)
{
    (void)result;
    block_status(h, &h->transfers[0]);
}

/* ---- Manifestation ---- */

void dfukit_prepare_end(dfukit_host *h)
{
    h->progress.phase = DFUKIT_PHASE_MANIFESTATION;
    h->progress.done = h->progress.total = 0;
    h->polls = h->stalls = 0;
    h->refused = false;
    h->busy_since_ms = h->now_ms;
    h->outcome.block = h->block & 0xFFFFu;
    dfukit_host_class(h, DFUKIT_DNLOAD, (uint16_t)h->block, 0); /* never in a batch */
}

/* The device has left during manifestation: whether it succeeded shows when it comes back. */
static void left_in_manifestation(dfukit_host *h)
{
    h->have_device = false;
    h->departed = true;
    dfukit_host_go(h, DFUKIT_STAGE_RETURN_APP);
}

void dfukit_answer_end(dfukit_host *h, int result)
{
    (void)result;
    int32_t r = h->transfers[0].result;
    h->refused = r == DFUKIT_ERR_STALL;
    h->ended = r >= 0;
    h->manifested = r >= 0 || r == DFUKIT_ERR_GONE;
    /* These begin with the acknowledgement, and leave before anybody can ask. */
    if (r >= 0 && dfukit_target_quirk(&h->target, DFUKIT_QUIRK_LEAVE_MUTE, NULL))
        h->manifesting = true;
    if (r ==
        DFUKIT_ERR_GONE) /* some leave at once; others were unplugged: how it comes back tells */
        left_in_manifestation(h);
    else if (r >= 0 || h->refused || r == DFUKIT_ERR_TIMEOUT) /* the state tells */
        dfukit_host_pause(h, h->refused ? 0 : h->owed_ms, DFUKIT_STAGE_MANIFEST_STATUS);
    else
        dfukit_host_fail_transfer(h, r, "ending the download");
}

void dfukit_prepare_manifest_status(dfukit_host *h)
{
    dfukit_host_get_status(h);
}

static void manifest_busy(dfukit_host *h, const dfukit_status_reply *status)
{
    if (h->now_ms - h->busy_since_ms >= DFUKIT_BUSY_MS) {
        dfukit_host_fail(h, DFUKIT_ERR_DEADLINE, "the device does not end its manifestation",
                         "unplug the device, plug it in again and look whether it runs");
        return;
    }
    uint32_t pause = dfukit_host_poll_pause(h, status->bwPollTimeout);
    uint32_t least = 1;
    dfukit_target_quirk(&h->target, DFUKIT_QUIRK_MANIFEST_POLL, &least);
    dfukit_host_pause(h, pause < least ? least : pause, DFUKIT_STAGE_MANIFEST_STATUS);
}

static void manifest_state(dfukit_host *h, const dfukit_status_reply *status)
{
    bool manifesting =
        status->bState >= DFUKIT_MANIFEST_SYNC && status->bState <= DFUKIT_MANIFEST_WAIT_RESET;
    h->manifesting |= manifesting; /* work has begun: it begins with the first status */
    h->ended |= manifesting;
    h->manifested |= manifesting;
    switch (status->bState) {
    case DFUKIT_DNLOAD_IDLE: /* the end of the download was lost on its way: once more */
        if (h->refused || h->ended || h->tries++ != 0)
            break;
        dfukit_host_go(h, DFUKIT_STAGE_END);
        return;
    case DFUKIT_DFU_IDLE:
        if (h->refused || !h->ended)
            break;
        h->owed_ms = status->bwPollTimeout;
        h->manifesting = true;
        dfukit_host_downloaded(h);
        return;
    case DFUKIT_MANIFEST_SYNC:
    case DFUKIT_MANIFEST:
        manifest_busy(h, status);
        return;
    case DFUKIT_MANIFEST_WAIT_RESET:
        if (dfukit_host_attribute(h, DFUKIT_WILL_DETACH) &&
            !dfukit_target_quirk(&h->target, DFUKIT_QUIRK_NEEDS_RESET, NULL))
            left_in_manifestation(h); /* it detaches by itself */
        else
            dfukit_host_go(h, DFUKIT_STAGE_LEAVE_RESET);
        return;
    case DFUKIT_DFU_ERROR:
        dfukit_host_fail_status(h, status, "the device refused the firmware at its manifestation");
        return;
    default:
        break;
    }
    dfukit_host_fail(h, DFUKIT_ERR_PROTOCOL,
                     h->refused ? "the device refused the end of the download without saying why"
                                : "the device left the manifestation without saying why",
                     NULL);
}

void dfukit_answer_manifest_status(dfukit_host *h, int result)
{
    (void)result;
    dfukit_status_reply status;
    int r = dfukit_host_take_status(h, &h->transfers[0], &status);
    bool tolerant = dfukit_host_attribute(h, DFUKIT_MANIFESTATION_TOLERANT);
    /* A short answer says no more than none. */
    bool mute = r == DFUKIT_ERR_STALL || r == DFUKIT_ERR_TIMEOUT || r == DFUKIT_ERR_SHORT;
    if (r == DFUKIT_OK) {
        manifest_state(h, &status);
    } else if (r == DFUKIT_ERR_GONE && h->manifested) {
        left_in_manifestation(h);
    } else if (mute && h->ended && dfukit_target_quirk(&h->target, DFUKIT_QUIRK_LEAVE_MUTE, NULL)) {
        h->manifesting = true; /* this product says no more than that */
        left_in_manifestation(h);
    } else if (mute && h->stalls++ < DFUKIT_STATUS_STALLS) {
        dfukit_host_pause(h, 10, DFUKIT_STAGE_MANIFEST_STATUS);
    } else if (mute && !tolerant && h->manifesting) {
        /* Not tolerant: it may stop answering for good (DFU 1.1 §7). Its last poll time is over. */
        dfukit_host_go(h, DFUKIT_STAGE_LEAVE_RESET);
    } else {
        dfukit_host_fail_transfer(h, r, "asking for the status of the manifestation");
    }
}
