/* SPDX-License-Identifier: MIT */
/*
 * Reconfiguration: from a device as it was found to one that is claimed in DFU mode, with the
 * checks that come before anything is sent. Spec: DFU 1.1 §5.
 */
#include <string.h>

#include "dfuse.h"

/* An application speaks for a loader of another maker at times, and knows less than that of what it
 * can do (Black Magic Probe: 0x09 beside 0x0B). Where that is a DfuSe loader its own word counts.
 */
static bool can_upload(dfukit_host *h)
{
    return dfukit_host_attribute(h, DFUKIT_CAN_UPLOAD) ||
           (h->target.mode == DFUKIT_MODE_RUNTIME && dfukit_target_is_dfuse(&h->target) &&
            dfukit_host_attribute(h, DFUKIT_CAN_DNLOAD));
}

/* What the device says it can do, against what is wanted. */
static bool allowed(dfukit_host *h)
{
    bool commands = h->goal == DFUKIT_VERB_ERASE || h->goal == DFUKIT_VERB_UNLOCK;
    if (commands && h->target.mode != DFUKIT_MODE_RUNTIME && !dfukit_target_is_dfuse(&h->target)) {
        dfukit_host_fail(h, DFUKIT_ERR_REFUSED,
                         "the device speaks plain DFU, which cannot erase or unlock by itself",
                         NULL);
        return false;
    }
    bool upload = h->goal == DFUKIT_VERB_READ || h->goal == DFUKIT_VERB_VERIFY;
    if (h->goal == DFUKIT_VERB_WRITE && !dfukit_host_attribute(h, DFUKIT_CAN_DNLOAD)) {
        dfukit_host_fail(h, DFUKIT_ERR_REFUSED, "the device cannot download (bitCanDnload is 0)",
                         NULL);
        return false;
    }
    if (upload && !can_upload(h)) {
        dfukit_host_fail(h, DFUKIT_ERR_REFUSED, "the device cannot upload (bitCanUpload is 0)",
                         NULL);
        return false;
    }
    if (h->goal == DFUKIT_VERB_WRITE && h->job.verify == DFUKIT_VERIFY_ALWAYS && !can_upload(h)) {
        dfukit_host_fail(h, DFUKIT_ERR_REFUSED,
                         "the device cannot be verified: it cannot upload (bitCanUpload is 0)",
                         "leave out --verify always");
        return false;
    }
    return true;
}

static bool bus_reset_possible(dfukit_host *h)
{
    if (!h->job.no_reset || dfukit_host_attribute(h, DFUKIT_WILL_DETACH))
        return true;
    dfukit_host_fail(
        h, DFUKIT_ERR_UNSUPPORTED,
        "the device needs a bus reset to change its mode, and this system cannot give one",
        "plug the device in again so that it starts in DFU mode (a button held, a jumper), then "
        "repeat");
    return false;
}

void dfukit_prepare_begin(dfukit_host *h)
{
    h->progress.phase = DFUKIT_PHASE_ENUMERATION;
    h->progress.done = h->progress.total = 0;
    if (h->target.alt_count == 0) {
        dfukit_host_fail(
            h, h->target.access != DFUKIT_OK ? (int)h->target.access : DFUKIT_ERR_NO_DEVICE,
            "the device's descriptors could not be read", NULL);
        return;
    }
    if (h->target.mode != DFUKIT_MODE_RUNTIME) {
        dfukit_host_go(h, DFUKIT_STAGE_CLAIM_DFU);
        return;
    }
    if (h->goal == DFUKIT_VERB_LEAVE) {
        h->outcome.confirmed = true;
        dfukit_host_done(h);
        return;
    }
    if (h->goal == DFUKIT_VERB_STATUS || (allowed(h) && bus_reset_possible(h)))
        dfukit_host_go(h, DFUKIT_STAGE_CLAIM_RUNTIME);
}

void dfukit_answer_begin(dfukit_host *h, int result)
{
    (void)h;
    (void)result;
}

static void fail_claim(dfukit_host *h, int result)
{
    h->have_device = false;
    if (result == DFUKIT_ERR_BUSY)
        dfukit_host_fail(h, result, "another program uses the device's DFU interface",
                         "end that program, then repeat");
    else
        dfukit_host_fail_transfer(h, result, "claiming the DFU interface");
}

void dfukit_prepare_claim_runtime(dfukit_host *h)
{
    dfukit_host_step(h, DFUKIT_STEP_CLAIM);
}

void dfukit_answer_claim_runtime(dfukit_host *h, int result)
{
    if (result != DFUKIT_OK) {
        fail_claim(h, result);
        return;
    }
    h->have_device = true;
    dfukit_host_go(h, h->goal == DFUKIT_VERB_STATUS ? DFUKIT_STAGE_REPORT : DFUKIT_STAGE_DETACH);
}

void dfukit_prepare_detach(dfukit_host *h)
{
    h->progress.phase = DFUKIT_PHASE_RECONFIGURATION;
    uint16_t timeout = h->target.functional.wDetachTimeOut;
    if (timeout == 0 || timeout > DFUKIT_DETACH_MS)
        timeout = DFUKIT_DETACH_MS;
    dfukit_host_class(h, DFUKIT_DETACH, timeout, 0);
}

void dfukit_answer_detach(dfukit_host *h, int result)
{
    (void)result;
    /* A device may drop off before it has acknowledged: a stall, a time-out and "gone" are all
     * tentative successes. What counts is how it comes back. */
    h->have_device = false;
    h->detaching = true;
    bool leaves = dfukit_host_attribute(h, DFUKIT_WILL_DETACH);
    h->departed = leaves || h->transfers[0].result == DFUKIT_ERR_GONE;
    /* With bitWillDetach the host must not reset the bus (DFU 1.1 §5.1). */
    dfukit_host_go(h, h->departed ? DFUKIT_STAGE_RETURN_DFU : DFUKIT_STAGE_DETACH_RESET);
}

void dfukit_prepare_detach_reset(dfukit_host *h)
{
    dfukit_host_step(h, DFUKIT_STEP_RESET);
}

void dfukit_answer_detach_reset(dfukit_host *h, int result)
{
    if (result == DFUKIT_ERR_UNSUPPORTED)
        dfukit_host_fail(h, result, "the bus cannot be reset here",
                         "unplug the device, plug it in again");
    else
        dfukit_host_go(h, DFUKIT_STAGE_RETURN_DFU);
}

void dfukit_prepare_return_dfu(dfukit_host *h)
{
    dfukit_host_step(h, DFUKIT_STEP_RETURN);
    uint32_t detach = h->target.functional.wDetachTimeOut;
    h->step.expected = DFUKIT_RETURN_DFU;
    h->step.must_depart = h->departed;
    uint32_t usual = DFUKIT_RETURN_MS + (h->departed && detach < 10000 ? detach : 0);
    h->step.wait_ms = h->job.return_ms != 0 ? dfukit_host_clip(h, h->job.return_ms)
                                            : dfukit_host_return_time(h, usual);
}

void dfukit_answer_return_dfu(dfukit_host *h, int result)
{
    if (result != DFUKIT_OK || h->target.mode == DFUKIT_MODE_RUNTIME)
        h->detaching = false;
    if (result != DFUKIT_OK && h->cancelled) {
        dfukit_host_fail(h, DFUKIT_ERR_INTERRUPTED, "interrupted while the device changed its mode",
                         NULL);
    } else if (result != DFUKIT_OK) {
        bool lost = result == DFUKIT_ERR_NO_DEVICE || result == DFUKIT_ERR_GONE;
        dfukit_host_fail(h, lost ? DFUKIT_ERR_LOST : result,
                         "the device has not come back in DFU mode after it was asked to detach",
                         "unplug the device, plug it in again and repeat");
    } else if (h->target.mode == DFUKIT_MODE_RUNTIME) {
        dfukit_host_fail(h, DFUKIT_ERR_MODE,
                         "the device was asked to detach, but is in run-time mode still",
                         "start the device in DFU mode by its own means (a button, a jumper)");
    } else {
        dfukit_host_go(h, DFUKIT_STAGE_CLAIM_DFU);
    }
}

static bool needs_alternate(const dfukit_host *h)
{
    return h->goal == DFUKIT_VERB_WRITE || h->goal == DFUKIT_VERB_READ ||
           h->goal == DFUKIT_VERB_VERIFY;
}

/* The alternate setting meant; -1 when the choice is missing or wrong. */
static int chosen_alternate(const dfukit_host *h)
{
    const dfukit_target *t = &h->target;
    int named = dfukit_alternate_named(t, &h->job);
    if (named >= 0)
        return t->alts[named].number;
    if (h->job.has_alt)
        return -1;
    if (h->dfuse.active)
        return dfukit_dfuse_first_alternate(h) >= 0 ? dfukit_dfuse_first_alternate(h)
                                                    : t->alts[0].number;
    if (needs_alternate(h) && t->alt_count > 1)
        return -1;
    return t->alts[0].number;
}

void dfukit_prepare_claim_dfu(dfukit_host *h)
{
    dfukit_dfuse_plan(h);
    int alternate = chosen_alternate(h);
    bool needed = h->dfuse.active ? dfukit_dfuse_first_alternate(h) >= 0 : needs_alternate(h);
    dfukit_host_step(h, DFUKIT_STEP_CLAIM);
    h->step.alternate = alternate >= 0 ? (uint8_t)alternate : 0;
    /* With one setting there is nothing to select, and some systems stall a needless request.
     * Whoever only asks for the state must not change it. */
    h->step.set_alternate = alternate >= 0 && h->target.alt_count > 1 && (needed || h->job.has_alt);
}

static bool id_matches(uint16_t suffix, uint16_t device)
{
    return suffix == DFUKIT_ANY_ID || suffix == device;
}

static bool identity_matches(const dfukit_suffix *s, const dfukit_target *t)
{
    return id_matches(s->idVendor, t->device.idVendor) &&
           id_matches(s->idProduct, t->device.idProduct);
}

/* Checks that need the DFU-mode descriptors. Spec: DFU 1.1 §4.2.4, Appendix B. */
static bool suitable(dfukit_host *h)
{
    if (!allowed(h))
        return false;
    if (chosen_alternate(h) < 0) {
        dfukit_host_fail(h, DFUKIT_ERR_USAGE,
                         h->job.has_alt ? "the device has no such alternate setting"
                                        : "the device has several alternate settings",
                         "choose one that `dfu info` shows with -a NUMBER or -a NAME");
        return false;
    }
    const dfukit_suffix *s = h->job.suffix;
    if (s == NULL || identity_matches(s, &h->target) ||
        (h->found_runtime && identity_matches(s, &h->first)))
        return true;
    if (h->job.force) {
        h->outcome.overridden = true;
        return true;
    }
    dfukit_host_fail(h, DFUKIT_ERR_MISMATCH, "the file's suffix names another product",
                     "choose the right file or device; --force writes it all the same");
    return false;
}

static void begin_goal(dfukit_host *h)
{
    uint32_t size = h->job.transfer_size;
    bool told = (h->target.oddities & (DFUKIT_ODD_TRANSFER_SIZE | DFUKIT_ODD_NO_FUNCTIONAL)) == 0;
    if (size == 0 || (told && size > h->target.transfer_size))
        size = h->target.transfer_size; /* never more than wTransferSize: DFU 1.1 §6.1.1 */
    h->transfer_size = size > 65535u ? 65535u : size;
    if (h->dfuse.active) {
        dfukit_dfuse_begin(h);
        return;
    }
    switch (h->goal) {
    case DFUKIT_VERB_STATUS:
        dfukit_host_go(h, DFUKIT_STAGE_REPORT);
        break;
    case DFUKIT_VERB_WRITE:
        dfukit_host_begin_download(h);
        break;
    case DFUKIT_VERB_READ:
    case DFUKIT_VERB_VERIFY:
        dfukit_host_begin_upload(h);
        break;
    case DFUKIT_VERB_LEAVE:
        dfukit_host_make_idle(h, DFUKIT_STAGE_LEAVE);
        break;
    case DFUKIT_VERB_DETACH:
    case DFUKIT_VERB_ERASE:
    case DFUKIT_VERB_UNLOCK:
    default:
        dfukit_host_make_idle(h, DFUKIT_STAGE_REPORT);
        break;
    }
}

void dfukit_answer_claim_dfu(dfukit_host *h, int result)
{
    if (result == DFUKIT_ERR_GONE && h->found_runtime && !h->restarted) {
        /* Linux resets a device more than once while its mode changes: it may be gone again. */
        h->restarted = true;
        h->departed = true;
        dfukit_host_go(h, DFUKIT_STAGE_RETURN_DFU);
        return;
    }
    h->detaching = false;
    if (result == DFUKIT_ERR_STALL && h->step.set_alternate && !h->reclaimed) {
        /* Refused while it is at work, or waits for a reset: see to that, and once more. */
        h->reclaimed = h->have_device = true;
        dfukit_host_make_idle(h, DFUKIT_STAGE_CLAIM_DFU);
        return;
    }
    if (result != DFUKIT_OK) {
        fail_claim(h, result);
        return;
    }
    h->have_device = true;
    if (h->step.set_alternate)
        h->alternate = h->step.alternate;
    if (suitable(h))
        begin_goal(h);
}
