/* SPDX-License-Identifier: MIT */
/*
 * How a job ends. A failure is written down once; then, as long as the device is there, its own
 * text is fetched, it is brought back to dfuIDLE, and sent back to its firmware when it was found
 * running and nothing has been written. Errors on that way change nothing any more.
 */
#include <string.h>

#include "engine.h"

void dfukit_host_end(dfukit_host *h)
{
    h->stage = DFUKIT_STAGE_ENDED;
}

void dfukit_host_done(dfukit_host *h)
{
    if (!h->failing) {
        h->outcome.error = DFUKIT_OK;
        h->outcome.what = "done";
    }
    dfukit_host_end(h);
}

/* Found running, and its firmware is the old one still, or the new one whole? */
static bool goes_home(const dfukit_host *h)
{
    bool whole = h->manifested && h->outcome.error == DFUKIT_ERR_INTERRUPTED;
    return (h->found_runtime && !h->written) || whole;
}

static void tidy_up(dfukit_host *h)
{
    if (!h->have_device)
        dfukit_host_end(h);
    else if (h->target.mode == DFUKIT_MODE_RUNTIME)
        dfukit_host_end(h);
    else
        dfukit_host_make_idle(h, goes_home(h) ? DFUKIT_STAGE_LEAVE_RESET : DFUKIT_STAGE_ENDED);
}

void dfukit_host_fail(dfukit_host *h, int error, const char *what, const char *remedy)
{
    if (h->failing) {
        dfukit_host_end(h);
        return;
    }
    h->failing = true;
    h->outcome.error = error;
    h->outcome.what = what;
    h->outcome.remedy = remedy;
    h->outcome.phase = h->progress.phase;
    bool half = h->written && !h->manifested;
    if (half && error == DFUKIT_ERR_DEADLINE)
        h->outcome.remedy = "the device has no whole firmware now, and stays in DFU mode: write "
                            "again, and allow more with --timeout SECONDS";
    else if (half && (remedy == NULL || error == DFUKIT_ERR_INTERRUPTED))
        h->outcome.remedy =
            "the device has no whole firmware now, and stays in DFU mode: write again";
    h->deadline_ms = h->now_ms + DFUKIT_SETTLE_MS;
    h->job.batch = 1;
    if (error == DFUKIT_ERR_LOST)
        h->have_device = false;
    if (error == DFUKIT_ERR_DEVICE && h->iString != 0 && h->have_device)
        dfukit_host_go(h, DFUKIT_STAGE_TEXT_LANGUAGE);
    else
        tidy_up(h);
}

void dfukit_host_fail_transfer(dfukit_host *h, int32_t result, const char *what)
{
    int error = result >= 0 ? DFUKIT_ERR_PROTOCOL : result;
    const char *remedy = NULL;
    switch (result) {
    case DFUKIT_ERR_GONE:
        error = DFUKIT_ERR_LOST;
        remedy = "check the cable, plug the device in again and repeat";
        break;
    case DFUKIT_ERR_STALL:
    case DFUKIT_ERR_SHORT:
        error = DFUKIT_ERR_PROTOCOL;
        break;
    case DFUKIT_ERR_TIMEOUT:
        remedy = "unplug the device, plug it in again and repeat";
        break;
    default:
        break;
    }
    dfukit_host_fail(h, error, what, remedy);
}

static const char *remedy_for(const dfukit_host *h, uint8_t bStatus)
{
    switch (bStatus) {
    case DFUKIT_STATUS_TARGET:
    case DFUKIT_STATUS_FILE:
        if (dfukit_target_quirk(&h->target, DFUKIT_QUIRK_ENCRYPTED, NULL))
            return "this product takes files with its vendor's prefix or encryption only: see "
                   "`dfu image prefix`";
        return "check that the file is meant for this device";
    case DFUKIT_STATUS_WRITE:
        return "the memory may be write protected";
    case DFUKIT_STATUS_ADDRESS:
        return "the image may be larger than the device's memory";
    case DFUKIT_STATUS_NOTDONE:
        return "the device expected more data: the file may be cut short";
    case DFUKIT_STATUS_FIRMWARE:
        return "the device has no firmware it could run: write one";
    case DFUKIT_STATUS_VERIFY:
        return "write again; if it fails again, the flash memory or the file is bad";
    default:
        return NULL;
    }
}

void dfukit_host_fail_status(dfukit_host *h, const dfukit_status_reply *status, const char *what)
{
    dfukit_host_fail(h, DFUKIT_ERR_DEVICE, what, remedy_for(h, status->bStatus));
}

/* GET_DESCRIPTOR(string): the only standard request the engine sends by itself. */
static void get_string(dfukit_host *h, uint8_t index, uint16_t language)
{
    dfukit_host_step(h, DFUKIT_STEP_TRANSFERS);
    dfukit_transfer *t = &h->transfers[h->step.count++];
    memset(t, 0, sizeof *t);
    t->setup.bmRequestType = 0x80;
    t->setup.bRequest = DFUKIT_USB_GET_DESCRIPTOR;
    t->setup.wValue = (uint16_t)(DFUKIT_DESC_STRING << 8 | index);
    t->setup.wIndex = language;
    t->setup.wLength = sizeof h->text;
    t->timeout_ms = 1000;
    t->result = DFUKIT_ERR_AGAIN;
    t->in = h->text;
}

void dfukit_prepare_text_language(dfukit_host *h)
{
    get_string(h, 0, 0);
}

void dfukit_answer_text_language(dfukit_host *h, int result)
{
    (void)result;
    if (h->transfers[0].result < 4) {
        h->text[2] = 0x09;
        h->text[3] = 0x04;
    }
    if (h->transfers[0].result == DFUKIT_ERR_GONE)
        h->have_device = false;
    dfukit_host_go(h, DFUKIT_STAGE_TEXT);
}

void dfukit_prepare_text(dfukit_host *h)
{
    if (!h->have_device) {
        tidy_up(h);
        return;
    }
    get_string(h, h->iString, (uint16_t)(h->text[2] | h->text[3] << 8));
}

void dfukit_answer_text(dfukit_host *h, int result)
{
    (void)result;
    int32_t n = h->transfers[0].result;
    if (n > 0 && dfukit_string_decode(h->text, (size_t)n, h->outcome.status_text,
                                      sizeof h->outcome.status_text) > 0)
        dfukit_text_sanitise(h->outcome.status_text);
    if (n == DFUKIT_ERR_GONE)
        h->have_device = false;
    if (h->failing)
        tidy_up(h);
    else
        dfukit_host_done(h);
}
