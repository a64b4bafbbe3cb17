/* SPDX-License-Identifier: MIT */
/*
 * Bringing a device to dfuIDLE from wherever somebody left it, and reporting its state. Spec:
 * DFU 1.1 §6.1.3, §6.1.4, Annex A. The host sends DFU_ABORT only from dfuDNLOAD-IDLE and
 * dfuUPLOAD-IDLE: in the SYNC states it asks DFU_GETSTATUS first.
 */
#include "engine.h"

void dfukit_host_make_idle(dfukit_host *h, dfukit_stage then)
{
    h->after_idle = then;
    h->tries = h->polls = h->stalls = 0;
    h->busy_since_ms = h->now_ms;
    /* An interrupt or a deadline may come while bwPollTimeout still runs: it is kept all the same,
     * or where it is too long, nothing more is asked. */
    uint64_t left = h->poll_until_ms > h->now_ms ? h->poll_until_ms - h->now_ms : 0;
    if (left == 0)
        dfukit_host_go(h, DFUKIT_STAGE_IDLE_STATUS);
    else if (h->failing && left >= DFUKIT_SETTLE_MS)
        dfukit_host_end(h);
    else
        dfukit_host_pause(h, (uint32_t)left, DFUKIT_STAGE_IDLE_STATUS);
}

void dfukit_host_abort(dfukit_host *h, dfukit_stage then)
{
    h->after_idle = then;
    h->tries = h->polls = h->stalls = 0;
    h->busy_since_ms = h->now_ms;
    h->request = DFUKIT_ABORT;
    dfukit_host_go(h, DFUKIT_STAGE_IDLE_REQUEST);
}

void dfukit_prepare_idle_status(dfukit_host *h)
{
    if (h->tries++ >= DFUKIT_IDLE_TRIES) {
        dfukit_host_fail(h, DFUKIT_ERR_PROTOCOL, "the device does not return to dfuIDLE",
                         "unplug the device, plug it in again and repeat");
        return;
    }
    dfukit_host_get_status(h);
}

/* What an earlier download has left behind ends in a reset, or by the device's own leaving: then
 * everything begins anew, once. @return false: not here. */
static bool begin_anew(dfukit_host *h, dfukit_stage how)
{
    bool begins =
        h->after_idle == DFUKIT_STAGE_CLAIM_DFU || h->after_idle == DFUKIT_STAGE_BLOCK ||
        h->after_idle == DFUKIT_STAGE_UPLOAD || h->after_idle == DFUKIT_STAGE_REPORT ||
        (h->after_idle == DFUKIT_STAGE_DFUSE_NEXT && !h->written && h->outcome.bytes == 0) ||
        h->after_idle == DFUKIT_STAGE_DFUSE_COMMANDS;
    if (h->failing || h->anew || !begins || (how == DFUKIT_STAGE_ANEW_RESET && h->job.no_reset))
        return false;
    h->anew = true;
    h->have_device = false;
    h->departed = how == DFUKIT_STAGE_ANEW_RETURN;
    dfukit_host_go(h, how);
    return true;
}

static void idle_request(dfukit_host *h, dfukit_request request)
{
    h->request = (uint8_t)request;
    dfukit_host_go(h, DFUKIT_STAGE_IDLE_REQUEST);
}

static void idle_busy(dfukit_host *h, const dfukit_status_reply *status)
{
    uint32_t limit = h->failing ? DFUKIT_SETTLE_MS : DFUKIT_BUSY_MS;
    if (h->now_ms - h->busy_since_ms >= limit) {
        dfukit_host_fail(h, DFUKIT_ERR_DEADLINE, "the device stays busy",
                         "unplug the device, plug it in again and repeat");
        return;
    }
    h->tries = 0; /* bounded by the time instead */
    uint32_t pause = dfukit_host_poll_pause(h, status->bwPollTimeout);
    if (h->failing && h->now_ms + pause > h->deadline_ms) { /* nothing is asked before its time */
        dfukit_host_end(h);
        return;
    }
    dfukit_host_pause(h, pause == 0 ? 1 : pause, DFUKIT_STAGE_IDLE_STATUS);
}

/* A DfuSe device in dfuIDLE that names a time may be at work on the end of what somebody has left
 * it, and refuse all else. Some always name one: it is waited for once, before all is begun. */
static bool settles(dfukit_host *h, const dfukit_status_reply *status)
{
    bool begins = h->after_idle == DFUKIT_STAGE_DFUSE_NEXT && !h->written && !h->dfuse.settled;
    if (!begins || status->bwPollTimeout == 0 || h->failing)
        return false;
    h->dfuse.settled = true;
    dfukit_host_pause_idle(h, status->bwPollTimeout, DFUKIT_STAGE_IDLE_STATUS);
    return true;
}

static void idle_state(dfukit_host *h, const dfukit_status_reply *status)
{
    switch (status->bState) {
    case DFUKIT_DFU_IDLE:
        if (settles(h, status))
            break;
        h->owed_ms = status->bwPollTimeout;
        dfukit_host_go(h, h->after_idle);
        break;
    case DFUKIT_DFU_ERROR:
        idle_request(h, DFUKIT_CLRSTATUS);
        break;
    case DFUKIT_DNLOAD_IDLE:
    case DFUKIT_UPLOAD_IDLE:
        idle_request(h, DFUKIT_ABORT);
        break;
    case DFUKIT_DNLOAD_SYNC:
    case DFUKIT_DNBUSY:
    case DFUKIT_MANIFEST_SYNC:
    case DFUKIT_MANIFEST:
        idle_busy(h, status);
        break;
    case DFUKIT_MANIFEST_WAIT_RESET:
        /* Somebody's earlier download: the device waits to be reset into its firmware. */
        if (h->after_idle == DFUKIT_STAGE_LEAVE || h->failing)
            dfukit_host_go(h, DFUKIT_STAGE_LEAVE_RESET);
        else if (!begin_anew(h, DFUKIT_STAGE_ANEW_RESET))
            dfukit_host_fail(h, DFUKIT_ERR_PROTOCOL,
                             "the device waits for a reset after an earlier download",
                             "use `dfu leave`, or plug the device in again, then repeat");
        break;
    case DFUKIT_APP_IDLE:
    case DFUKIT_APP_DETACH:
        dfukit_host_fail(h, DFUKIT_ERR_MODE, "the device says that it is in run-time mode",
                         "unplug the device, plug it in again and repeat");
        break;
    default:
        dfukit_host_fail(h, DFUKIT_ERR_PROTOCOL, "the device is in a state that does not exist",
                         NULL);
        break;
    }
}

/* Gone at the end of an earlier download's manifestation: that is how some devices leave. */
static void leave_by_itself(dfukit_host *h)
{
    h->have_device = false;
    h->departed = true;
    dfukit_host_go(h, DFUKIT_STAGE_RETURN_APP);
}

void dfukit_answer_idle_status(dfukit_host *h, int result)
{
    (void)result;
    dfukit_status_reply status;
    bool failing = h->failing;
    dfukit_outcome kept = h->outcome;
    int r = dfukit_host_take_status(h, &h->transfers[0], &status);
    if (failing) { /* what the device said when it failed is the message, not what it says now */
        kept.requests = h->outcome.requests;
        h->outcome = kept;
    }
    bool mute = r == DFUKIT_ERR_STALL || r == DFUKIT_ERR_TIMEOUT;
    bool left = r == DFUKIT_ERR_GONE && h->outcome.has_status &&
                h->outcome.bState >= DFUKIT_MANIFEST_SYNC &&
                h->outcome.bState <= DFUKIT_MANIFEST_WAIT_RESET;
    if (r == DFUKIT_ERR_STALL && h->stalls++ < 2)
        idle_request(h, DFUKIT_CLRSTATUS);
    else if (mute && h->after_idle == DFUKIT_STAGE_LEAVE)
        dfukit_host_go(h, DFUKIT_STAGE_LEAVE_RESET); /* waiting for it, it need not answer: A.2.9 */
    else if (left && h->after_idle == DFUKIT_STAGE_LEAVE)
        leave_by_itself(h);
    else if ((mute && begin_anew(h, DFUKIT_STAGE_ANEW_RESET)) ||
             (left && begin_anew(h, DFUKIT_STAGE_ANEW_RETURN)))
        return;
    else if (r != DFUKIT_OK)
        dfukit_host_fail_transfer(h, r, "asking for the device's status");
    else
        idle_state(h, &status);
}

void dfukit_prepare_idle_request(dfukit_host *h)
{
    dfukit_host_class(h, (dfukit_request)h->request, 0, 0);
}

void dfukit_answer_idle_request(dfukit_host *h, int result)
{
    (void)result;
    int32_t r = h->transfers[0].result;
    if (r >= 0 || r == DFUKIT_ERR_STALL) /* the status that follows tells whether it helped */
        dfukit_host_pause(h, dfukit_host_poll_pause(h, 0), DFUKIT_STAGE_IDLE_STATUS);
    else
        dfukit_host_fail_transfer(h, r,
                                  h->request == DFUKIT_ABORT ? "giving up a transfer"
                                                             : "clearing the device's error");
}

void dfukit_prepare_anew_reset(dfukit_host *h)
{
    dfukit_host_step(h, DFUKIT_STEP_RESET);
}

void dfukit_answer_anew_reset(dfukit_host *h, int result)
{
    h->brief = result == DFUKIT_OK; /* still there: it may have refused its firmware */
    if (result == DFUKIT_OK || result == DFUKIT_ERR_GONE)
        dfukit_host_go(h, DFUKIT_STAGE_ANEW_RETURN);
    else
        dfukit_host_fail(h, result, "resetting a device that waits for it",
                         "plug the device in again, then repeat");
}

void dfukit_prepare_anew_return(dfukit_host *h)
{
    dfukit_host_step(h, DFUKIT_STEP_RETURN);
    h->step.expected = DFUKIT_RETURN_APP;
    h->step.must_depart = h->departed;
    h->step.wait_ms = dfukit_host_clip(h, h->brief ? DFUKIT_SETTLE_MS : DFUKIT_RETURN_MS);
    h->brief = false;
}

void dfukit_answer_anew_return(dfukit_host *h, int result)
{
    if (result != DFUKIT_OK) {
        dfukit_host_fail(h, DFUKIT_ERR_LOST,
                         "the device has not come back from what an earlier download has left",
                         "plug the device in again, then repeat");
        return;
    }
    h->found_runtime |= h->target.mode == DFUKIT_MODE_RUNTIME;
    dfukit_host_go(h, DFUKIT_STAGE_BEGIN);
}

void dfukit_prepare_report(dfukit_host *h)
{
    dfukit_host_get_status(h);
}

/* Asking a DfuSe device for its commands takes it out of dfuIDLE, and DFU_ABORT brings it back. */
static bool offers_commands(dfukit_host *h, const dfukit_status_reply *status)
{
    return h->target.mode == DFUKIT_MODE_DFU && dfukit_target_is_dfuse(&h->target) &&
           status->bState == DFUKIT_DFU_IDLE && dfukit_host_attribute(h, DFUKIT_CAN_UPLOAD) &&
           dfukit_host_room(h, 64);
}

void dfukit_answer_report(dfukit_host *h, int result)
{
    (void)result;
    dfukit_status_reply status;
    int r = dfukit_host_take_status(h, &h->transfers[0], &status);
    if (r == DFUKIT_ERR_STALL && h->target.mode == DFUKIT_MODE_RUNTIME)
        dfukit_host_done(h); /* optional there: DFU 1.1 §5.1 */
    else if (r != DFUKIT_OK)
        dfukit_host_fail_transfer(h, r, "asking for the device's status");
    else if (status.iString != 0 && status.bStatus != DFUKIT_STATUS_OK)
        dfukit_host_go(h, DFUKIT_STAGE_TEXT_LANGUAGE);
    else if (offers_commands(h, &status))
        dfukit_host_go(h, DFUKIT_STAGE_DFUSE_COMMANDS);
    else
        dfukit_host_done(h);
}
