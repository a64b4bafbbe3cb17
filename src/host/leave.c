/* SPDX-License-Identifier: MIT */
/*
 * After the transfer: verify where the device allows it, send the device back to its firmware, and
 * see whether it runs. Success is seen, not assumed. Spec: DFU 1.1 §7, Annex A.2.9.
 */
#include "engine.h"

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

void dfukit_prepare_leave_reset(dfukit_host *h)
{
    h->progress.phase = DFUKIT_PHASE_LEAVING;
    h->progress.done = h->progress.total = 0;
    if (h->job.no_reset) {
        h->outcome.remedy = "unplug the device and plug it in again to start its firmware";
        dfukit_host_done(h);
        return;
    }
    dfukit_host_step(h, DFUKIT_STEP_RESET);
}

void dfukit_answer_leave_reset(dfukit_host *h, int result)
{
    (void)result;
    h->have_device = false;
    h->departed = false;
    dfukit_host_go(h, DFUKIT_STAGE_RETURN_APP);
}

void dfukit_prepare_return_app(dfukit_host *h)
{
    h->progress.phase = DFUKIT_PHASE_LEAVING;
    h->progress.done = h->progress.total = 0;
    dfukit_host_step(h, DFUKIT_STEP_RETURN);
    h->step.expected = DFUKIT_RETURN_APP;
    h->step.must_depart = h->departed;
    h->step.wait_ms = DFUKIT_RETURN_MS;
}

static void seen_running(dfukit_host *h)
{
    h->outcome.confirmed = !h->failing;
    h->outcome.sent_back = true;
    /* Not tolerant: what it runs can be read back only by detaching it once more. */
    if (!h->failing && h->job.verb == DFUKIT_VERB_WRITE && h->goal == DFUKIT_VERB_WRITE &&
        h->job.verify == DFUKIT_VERIFY_ALWAYS) {
        h->goal = DFUKIT_VERB_VERIFY;
        h->found_runtime = true;
        dfukit_host_go(h, DFUKIT_STAGE_BEGIN);
        return;
    }
    dfukit_host_done(h);
}

void dfukit_answer_return_app(dfukit_host *h, int result)
{
    if (result != DFUKIT_OK) {
        /* Not seen again: the firmware may have no DFU function, or another identity. */
        h->outcome.confirmed = false;
        h->outcome.remedy = "the device was not seen again: look whether it runs";
        dfukit_host_done(h);
    } else if (h->target.mode == DFUKIT_MODE_RUNTIME) {
        seen_running(h);
    } else if (h->departed && h->stayed && !h->reset_retried && !h->job.no_reset) {
        h->reset_retried = true; /* it said that it would detach, and has not */
        dfukit_host_go(h, DFUKIT_STAGE_LEAVE_RESET);
    } else if (h->failing) {
        dfukit_host_end(h);
    } else {
        dfukit_host_go(h, DFUKIT_STAGE_CHECK_CLAIM);
    }
}

void dfukit_prepare_check_claim(dfukit_host *h)
{
    dfukit_host_step(h, DFUKIT_STEP_CLAIM);
}

void dfukit_answer_check_claim(dfukit_host *h, int result)
{
    h->have_device = result == DFUKIT_OK;
    if (h->have_device)
        dfukit_host_go(h, DFUKIT_STAGE_CHECK_STATUS);
    else
        dfukit_host_done(h); /* confirmed stays false */
}

void dfukit_prepare_check_status(dfukit_host *h)
{
    dfukit_host_get_status(h);
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
        return;
    }
    h->outcome.confirmed = r == DFUKIT_OK;
    dfukit_host_done(h);
}
