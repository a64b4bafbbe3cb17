/* SPDX-License-Identifier: MIT */
/*
 * After the transfer: verify where the device allows it, send the device back to its firmware, and
 * see whether it runs. Success is seen, not assumed. Spec: DFU 1.1 §7, Annex A.2.9.
 */
#include "dfuse.h"

#define DFUSE_RETURN_MS 3000u /* what it starts need not be a USB device at all */
#define LEAVE_RESETS    3u    /* until one has shown whether the device has firmware to run */

void dfukit_host_downloaded(dfukit_host *h)
{
    bool upload = dfukit_host_attribute(h, DFUKIT_CAN_UPLOAD);
    if (h->job.verify == DFUKIT_VERIFY_NEVER || !upload) {
        dfukit_host_leave(h);
        return;
    }
    h->goal = DFUKIT_VERB_VERIFY;
    dfukit_host_begin_upload(h);
}

void dfukit_host_leave(dfukit_host *h)
{
    dfukit_host_go(h, DFUKIT_STAGE_LEAVE);
}

void dfukit_prepare_leave(dfukit_host *h)
{
    if (h->job.then == DFUKIT_THEN_STAY) {
        h->outcome.confirmed = true;
        dfukit_host_done(h);
    } else {
        dfukit_host_go(h, DFUKIT_STAGE_LEAVE_RESET);
    }
}

void dfukit_answer_leave(dfukit_host *h, int result)
{
    (void)h;
    (void)result;
}

/* Ended without having seen what was asked for. */
static void end_unseen(dfukit_host *h, const char *remedy)
{
    bool wants_proof = h->job.verb == DFUKIT_VERB_WRITE && h->job.verify == DFUKIT_VERIFY_ALWAYS &&
                       !h->outcome.verified;
    h->outcome.confirmed = false;
    if (h->failing) {
        dfukit_host_end(h);
    } else if (h->job.verb == DFUKIT_VERB_WRITE && !h->ended) {
        dfukit_host_fail(h, DFUKIT_ERR_LOST, "the device was lost when the download was ended",
                         "look whether it runs; if not, write again");
    } else if (wants_proof) {
        dfukit_host_fail(h, DFUKIT_ERR_LOST,
                         "written, but the device cannot be reached to be verified", remedy);
    } else {
        h->outcome.remedy = remedy;
        dfukit_host_done(h);
    }
}

/* Some systems select the alternate setting anew after a reset, and with it a device goes back to
 * dfuIDLE: that would hide that it has no firmware to run. Setting 0 they leave alone. */
void dfukit_prepare_leave_alternate(dfukit_host *h)
{
    dfukit_host_step(h, DFUKIT_STEP_CLAIM);
    h->step.set_alternate = true;
    h->released = true;
}

void dfukit_answer_leave_alternate(dfukit_host *h, int result)
{
    if (result == DFUKIT_OK || result == DFUKIT_ERR_GONE)
        h->alternate = 0;
    h->have_device = result != DFUKIT_ERR_GONE;
    h->departed = false;
    dfukit_host_go(h, h->have_device ? DFUKIT_STAGE_LEAVE_STATUS : DFUKIT_STAGE_RETURN_APP);
}

/* A device that has not been asked anything since the last reset, which may have been anybody's,
 * need not take the next one for meant. */
void dfukit_prepare_leave_status(dfukit_host *h)
{
    dfukit_host_get_status(h);
}

void dfukit_answer_leave_status(dfukit_host *h, int result)
{
    (void)result;
    h->unanswered = h->transfers[0].result < 0;
    dfukit_host_go(h, DFUKIT_STAGE_LEAVE_RESET);
}

void dfukit_prepare_leave_reset(dfukit_host *h)
{
    static const char remedy[] = "unplug the device and plug it in again to start its firmware";
    h->progress.phase = DFUKIT_PHASE_LEAVING;
    h->progress.done = h->progress.total = 0;
    if (dfukit_host_farewell(h))
        return;
    if (!h->job.no_reset && h->alternate != 0 && !h->released)
        dfukit_host_go(h, DFUKIT_STAGE_LEAVE_ALTERNATE);
    else if (!h->job.no_reset)
        dfukit_host_step(h, DFUKIT_STEP_RESET);
    else if (h->goal == DFUKIT_VERB_LEAVE)
        dfukit_host_fail(h, DFUKIT_ERR_UNSUPPORTED, "the bus cannot be reset here", remedy);
    else
        end_unseen(h, remedy);
}

void dfukit_answer_leave_reset(dfukit_host *h, int result)
{
    h->departed = false;
    h->reset_failed = result != DFUKIT_OK && result != DFUKIT_ERR_GONE;
    h->proven = !h->reset_failed && h->alternate == 0 && !h->unanswered;
    h->released = h->unanswered = false;
    h->resets++;
    h->have_device = false;
    /* Still there after the reset: it may have refused its firmware. Else it attaches anew. */
    h->still_here = result == DFUKIT_OK && !h->failing && !h->dfuse.leaving;
    h->brief = result == DFUKIT_OK && !h->failing;
    dfukit_host_go(h, h->still_here ? DFUKIT_STAGE_CHECK_CLAIM : DFUKIT_STAGE_RETURN_APP);
}

void dfukit_prepare_return_app(dfukit_host *h)
{
    h->progress.phase = DFUKIT_PHASE_LEAVING;
    h->progress.done = h->progress.total = 0;
    dfukit_host_step(h, DFUKIT_STEP_RETURN);
    h->step.expected = DFUKIT_RETURN_APP;
    h->step.must_depart = h->departed;
    uint32_t usual = h->dfuse.leaving ? DFUSE_RETURN_MS : DFUKIT_RETURN_MS;
    if (h->job.leave_ms != 0)
        usual = h->job.leave_ms;
    h->step.wait_ms = dfukit_host_return_time(h, h->brief ? DFUKIT_SETTLE_MS : usual);
}

static void seen_running(dfukit_host *h)
{
    h->outcome.confirmed = !h->failing;
    h->outcome.sent_back = true;
    /* Not tolerant: what it runs can be read back only by detaching it once more. */
    bool again = !h->failing && h->goal == DFUKIT_VERB_WRITE &&
                 h->job.verify == DFUKIT_VERIFY_ALWAYS && !h->outcome.verified;
    if (!again) {
        dfukit_host_done(h);
    } else if (h->target.alt_count == 0) {
        dfukit_host_fail(
            h, DFUKIT_ERR_REFUSED,
            "written, but the new firmware has no DFU function: it cannot be read back", NULL);
    } else {
        h->outcome.confirmed = h->outcome.sent_back = false;
        h->goal = DFUKIT_VERB_VERIFY;
        h->found_runtime = true;
        dfukit_host_go(h, DFUKIT_STAGE_BEGIN);
    }
}

void dfukit_answer_return_app(dfukit_host *h, int result)
{
    if (result != DFUKIT_OK && h->cancelled && !h->failing)
        dfukit_host_fail(h, DFUKIT_ERR_INTERRUPTED, "interrupted before the device was seen again",
                         NULL);
    else if (result != DFUKIT_OK)
        end_unseen(h, "the device was not seen again: look whether it runs");
    else if (h->target.mode == DFUKIT_MODE_RUNTIME)
        seen_running(h);
    else if (h->failing)
        dfukit_host_end(h);
    else if (h->departed && h->stayed && dfukit_host_can_reset(h))
        dfukit_host_go(h, DFUKIT_STAGE_LEAVE_RESET); /* it said that it would detach, and has not */
    else if (h->dfuse.leaving)
        dfukit_dfuse_stayed(h);
    else if (h->stayed && h->goal == DFUKIT_VERB_LEAVE)
        dfukit_host_fail(h, DFUKIT_ERR_PROTOCOL, "the device stays in DFU mode after a bus reset",
                         "unplug the device and plug it in again to start its firmware");
    else
        dfukit_host_go(h, DFUKIT_STAGE_CHECK_CLAIM);
}

/* No alternate setting is selected: that would clear the very error that is looked for. */
void dfukit_prepare_check_claim(dfukit_host *h)
{
    dfukit_host_step(h, DFUKIT_STEP_CLAIM);
}

void dfukit_answer_check_claim(dfukit_host *h, int result)
{
    h->have_device = result == DFUKIT_OK;
    if (h->have_device) {
        dfukit_host_go(h, DFUKIT_STAGE_CHECK_STATUS);
    } else if (h->still_here) { /* no: gone a moment later */
        h->still_here = h->brief = false;
        dfukit_host_go(h, DFUKIT_STAGE_RETURN_APP);
    } else {
        end_unseen(h, "the device could not be asked whether it runs");
    }
}

void dfukit_prepare_check_status(dfukit_host *h)
{
    dfukit_host_get_status(h);
}

/* In DFU mode without an error: read it back where that was asked for, else that has to do. But
 * only a reset makes a device look whether it has firmware to run: one that has left and come back
 * by itself is given one. */
static void check_passed(dfukit_host *h, bool idle)
{
    bool again = h->goal == DFUKIT_VERB_WRITE && h->job.verify == DFUKIT_VERIFY_ALWAYS &&
                 !h->outcome.verified;
    if (!idle) {
        end_unseen(h, "the device was not seen in dfuIDLE: look whether it runs");
    } else if (again) {
        h->goal = DFUKIT_VERB_VERIFY;
        dfukit_host_go(h, DFUKIT_STAGE_CLAIM_DFU); /* from the memory that was written */
    } else if (!h->proven && dfukit_host_can_reset(h) && h->resets < LEAVE_RESETS) {
        dfukit_host_go(h, DFUKIT_STAGE_LEAVE_RESET);
    } else if (!h->proven) {
        end_unseen(h, "the device was not seen running: look whether it does");
    } else {
        h->outcome.confirmed = true;
        dfukit_host_done(h);
    }
}

void dfukit_answer_check_status(dfukit_host *h, int result)
{
    (void)result;
    dfukit_status_reply status;
    int r = dfukit_host_take_status(h, &h->transfers[0], &status);
    if (r == DFUKIT_OK && status.bState == DFUKIT_DFU_ERROR) {
        dfukit_host_fail_status(h, &status,
                                h->manifested ? "the device does not accept its new firmware"
                                              : "the device has no firmware to return to");
    } else if (h->job.verb == DFUKIT_VERB_WRITE && !h->manifesting) {
        /* In DFU mode without an error, but it was never seen at its manifestation. */
        dfukit_host_fail(h, DFUKIT_ERR_LOST,
                         "the device left before it had taken the whole firmware", "write again");
    } else if (h->still_here) { /* no error: it may leave a moment later */
        h->still_here = h->have_device = false;
        dfukit_host_go(h, DFUKIT_STAGE_RETURN_APP);
    } else {
        check_passed(h, r == DFUKIT_OK && status.bState == DFUKIT_DFU_IDLE);
    }
}
