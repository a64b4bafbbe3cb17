/* SPDX-License-Identifier: MIT */
/*
 * The end of a job on a DfuSe device: the address to start at, an empty DNLOAD, one DFU_GETSTATUS,
 * and the device is gone. Some leave at the one, some at the other, some refuse it and leave all
 * the same. Nothing is left to be done by then: gone is success. Spec: AN3156 §5.
 */
#include "dfuse.h"

#define LAST_WORD_MS                                                                               \
    1000u /* a device that has left says nothing: no need to wait long for that                    \
           */

/* Whether the device is sent to its firmware when all is done. */
static bool goes(const dfukit_host *h)
{
    switch (h->job.verb) {
    case DFUKIT_VERB_WRITE:
    case DFUKIT_VERB_LEAVE:
        return h->job.then != DFUKIT_THEN_STAY;
    case DFUKIT_VERB_READ:
    case DFUKIT_VERB_VERIFY:
    case DFUKIT_VERB_ERASE: /* back where it was found, unless there is no firmware any more */
        return h->found_runtime && !h->dfuse.plan.mass_erase && h->job.then != DFUKIT_THEN_STAY;
    case DFUKIT_VERB_DETACH:
    case DFUKIT_VERB_STATUS:
    case DFUKIT_VERB_UNLOCK:
    default:
        return false;
    }
}

void dfukit_dfuse_finish(dfukit_host *h)
{
    dfukit_dfuse_work *w = &h->dfuse;
    bool leaves = goes(h) && h->job.then != DFUKIT_THEN_RESET;
    h->manifested |= h->job.verb == DFUKIT_VERB_WRITE; /* whole, and what follows only ends it */
    if (!leaves && w->bState != DFUKIT_DFU_IDLE) {
        dfukit_dfuse_abort(h);
    } else if (!goes(h)) {
        h->outcome.confirmed |=
            h->job.verb != DFUKIT_VERB_READ && h->job.verb != DFUKIT_VERB_VERIFY;
        dfukit_host_done(h);
    } else if (!leaves) {
        h->dfuse.leaving = h->manifesting = h->ended = true;
        dfukit_host_go(h, DFUKIT_STAGE_LEAVE_RESET);
    } else {
        h->progress.phase = DFUKIT_PHASE_LEAVING;
        h->progress.done = h->progress.total = 0;
        if (w->plan.has_start && (!dfukit_dfuse_selected(h, w->plan.start_alternate) ||
                                  !dfukit_dfuse_at(h, w->plan.start, 0)))
            return;
        if (w->bState == DFUKIT_UPLOAD_IDLE)
            dfukit_dfuse_abort(h);
        else
            dfukit_host_go(h, DFUKIT_STAGE_DFUSE_LEAVE);
    }
}

static void left(dfukit_host *h)
{
    h->have_device = false;
    h->departed = true;
    h->dfuse.leaving = true;
    h->manifesting = h->ended = true;
    dfukit_host_go(h, DFUKIT_STAGE_RETURN_APP);
}

void dfukit_prepare_dfuse_leave(dfukit_host *h)
{
    h->stalls = 0;
    h->refused = false;
    h->outcome.block = DFUKIT_DFUSE_FIRST_BLOCK;
    dfukit_host_class(h, DFUKIT_DNLOAD, DFUKIT_DFUSE_FIRST_BLOCK, 0); /* never in a batch */
}

void dfukit_answer_dfuse_leave(dfukit_host *h, int result)
{
    (void)result;
    int32_t r = h->transfers[0].result;
    h->refused = r == DFUKIT_ERR_STALL;
    h->dfuse.accepted = r >= 0;
    if (r == DFUKIT_ERR_GONE)
        left(h);
    else
        dfukit_host_pause(h, h->refused ? 0 : h->owed_ms, DFUKIT_STAGE_DFUSE_LEAVE_STATUS);
}

void dfukit_prepare_dfuse_leave_status(dfukit_host *h)
{
    dfukit_host_get_status(h);
    if (h->transfers[0].timeout_ms > LAST_WORD_MS)
        h->transfers[0].timeout_ms = LAST_WORD_MS;
}

static void leave_state(dfukit_host *h, const dfukit_status_reply *status)
{
    switch (status->bState) {
    case DFUKIT_MANIFEST_SYNC: /* not yet: once more */
        if (h->polls++ == 0) {
            uint32_t ms = status->bwPollTimeout < 1000 ? status->bwPollTimeout : 1000;
            dfukit_host_pause(h, ms, DFUKIT_STAGE_DFUSE_LEAVE_STATUS);
            return;
        }
        left(h);
        return;
    case DFUKIT_MANIFEST:
    case DFUKIT_MANIFEST_WAIT_RESET:
        left(h);
        return;
    case DFUKIT_DFU_ERROR:
        dfukit_dfuse_fail_status(h, status, "the device refused to start its firmware");
        return;
    case DFUKIT_DFU_IDLE: /* taken, and still there: by a reset, then */
        if (h->refused)
            break;
        h->dfuse.leaving = h->manifesting = h->ended = true;
        dfukit_host_go(h, DFUKIT_STAGE_LEAVE_RESET);
        return;
    default:
        break;
    }
    dfukit_host_fail(h, DFUKIT_ERR_PROTOCOL, "the device does not leave, and does not say why",
                     "unplug the device and plug it in again to start its firmware");
}

void dfukit_answer_dfuse_leave_status(dfukit_host *h, int result)
{
    (void)result;
    dfukit_status_reply status;
    bool mute = dfukit_target_quirk(&h->target, DFUKIT_QUIRK_LEAVE_MUTE, NULL);
    int r = dfukit_host_take_status(h, &h->transfers[0], &status);
    if (r == DFUKIT_OK && !(mute && h->refused))
        leave_state(h, &status);
    else if (r == DFUKIT_ERR_GONE || mute || h->dfuse.accepted)
        left(h); /* without a word: it had nothing else to do */
    else
        dfukit_host_fail_transfer(h, r, "sending the device to its firmware");
}

static const char in_dfu_mode[] = "the device is in DFU mode still: look for a boot jumper or "
                                  "button, or plug it in again to start its firmware";

/* It was sent to its firmware and is in DFU mode: it has come back, as a loader does without a
 * firmware that it would run; or it never left, and then it was not sent at all. */
void dfukit_dfuse_stayed(dfukit_host *h)
{
    h->outcome.confirmed = false;
    if (h->failing) {
        dfukit_host_end(h);
    } else if (h->job.verb == DFUKIT_VERB_LEAVE && h->stayed) {
        dfukit_host_fail(h, DFUKIT_ERR_PROTOCOL, "the device does not start its firmware",
                         in_dfu_mode);
    } else {
        h->outcome.remedy = in_dfu_mode;
        dfukit_host_done(h);
    }
}

/* ---- Option bytes written, protection lifted ---- */

void dfukit_dfuse_reset_itself(dfukit_host *h)
{
    h->manifested = true;
    dfukit_host_go(h, DFUKIT_STAGE_DFUSE_BACK);
}

void dfukit_prepare_dfuse_back(dfukit_host *h)
{
    h->progress.phase = DFUKIT_PHASE_LEAVING;
    h->progress.done = h->progress.total = 0;
    dfukit_host_step(h, DFUKIT_STEP_RETURN);
    h->step.expected = DFUKIT_RETURN_DFU;
    h->step.must_depart = true;
    h->step.wait_ms = dfukit_host_return_time(h, DFUKIT_RETURN_MS);
}

void dfukit_answer_dfuse_back(dfukit_host *h, int result)
{
    h->outcome.confirmed = result == DFUKIT_OK && !h->stayed;
    if (!h->outcome.confirmed)
        h->outcome.remedy = "the device was not seen again: plug it in again";
    dfukit_host_done(h);
}
