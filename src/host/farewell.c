/* SPDX-License-Identifier: MIT */
/*
 * How products leave that want something else than a bus reset, or something before it: the quirk
 * table says which. Each thing is done once; a device that is still there after it is reset.
 */
#include "engine.h"

enum { FAREWELL_UPLOAD = 1, FAREWELL_DETACH = 2, FAREWELL_PAUSE = 4, FAREWELL_WAIT = 8 };

bool dfukit_host_can_reset(const dfukit_host *h)
{
    return !h->job.no_reset && !dfukit_target_quirk(&h->target, DFUKIT_QUIRK_NO_RESET, NULL);
}

static bool due(dfukit_host *h, dfukit_quirk_effect effect, uint8_t farewell, uint32_t *value)
{
    if ((h->farewells & farewell) != 0 || !dfukit_target_quirk(&h->target, effect, value))
        return false;
    h->farewells |= farewell;
    return true;
}

bool dfukit_host_farewell(dfukit_host *h)
{
    uint32_t ms = 0;
    if (h->have_device && !h->failing &&
        due(h, DFUKIT_QUIRK_UPLOAD_BEFORE_LEAVE, FAREWELL_UPLOAD, NULL)) {
        if (dfukit_host_room(h, h->transfer_size))
            dfukit_host_go(h, DFUKIT_STAGE_LEAVE_UPLOAD);
        return true;
    }
    if (h->have_device && due(h, DFUKIT_QUIRK_DETACH_TO_LEAVE, FAREWELL_DETACH, NULL)) {
        dfukit_host_go(h, DFUKIT_STAGE_LEAVE_DETACH);
        return true;
    }
    if (due(h, DFUKIT_QUIRK_NO_RESET, FAREWELL_WAIT, NULL)) {
        h->have_device = false;
        h->departed = true;
        dfukit_host_go(h, DFUKIT_STAGE_RETURN_APP);
        return true;
    }
    if (!h->failing && due(h, DFUKIT_QUIRK_RESET_PAUSE, FAREWELL_PAUSE, &ms) && ms != 0) {
        dfukit_host_pause(h, ms, DFUKIT_STAGE_LEAVE_RESET);
        return true;
    }
    return false;
}

void dfukit_prepare_leave_detach(dfukit_host *h)
{
    dfukit_host_class(h, DFUKIT_DETACH, DFUKIT_DETACH_MS, 0);
}

/* Whatever it answers: what counts is how it comes back. */
void dfukit_answer_leave_detach(dfukit_host *h, int result)
{
    (void)result;
    h->have_device = false;
    h->departed = true;
    dfukit_host_go(h, DFUKIT_STAGE_RETURN_APP);
}

void dfukit_prepare_leave_upload(dfukit_host *h)
{
    dfukit_host_class(h, DFUKIT_UPLOAD, 0, (uint16_t)h->transfer_size)->in = h->buffer;
}

/* What it brings is not looked at: that it was asked for is what counts. */
void dfukit_answer_leave_upload(dfukit_host *h, int result)
{
    (void)result;
    h->departed = h->transfers[0].result == DFUKIT_ERR_GONE;
    h->have_device = !h->departed;
    dfukit_host_go(h, h->departed ? DFUKIT_STAGE_RETURN_APP : DFUKIT_STAGE_LEAVE_RESET);
}
