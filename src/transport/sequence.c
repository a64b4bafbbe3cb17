/* SPDX-License-Identifier: MIT */
/* Claiming an interface and resetting a device, as control transfers. */
#include "sequence.h"

#include <stdlib.h>
#include <string.h>

/* SET_FEATURE(PORT_RESET) addressed to the hub's port, as Linux's exporting side recognises a
 * client's wish for a bus reset (drivers/usb/usbip/stub_rx.c). */
#define PORT_FEATURE_RESET 4u

void dfukit_batch_fail(dfukit_transfer *batch, size_t first, size_t count, int result)
{
    for (size_t i = first; i < count; i++)
        batch[i].result = i == first ? result : DFUKIT_ERR_AGAIN;
}

bool dfukit_transfer_valid(const dfukit_transfer *t)
{
    if (t->setup.wLength == 0)
        return true;
    return dfukit_setup_is_in(&t->setup) ? t->in != NULL : t->out != NULL;
}

void dfukit_sequence_begin(dfukit_sequence *s, dfukit_task *task, const dfukit_snapshot *before)
{
    memset(s, 0, sizeof(*s));
    task->done = false;
    task->result = DFUKIT_ERR_AGAIN;
    s->task = task;
    s->before = before;
}

void dfukit_sequence_end(dfukit_sequence *s, int result)
{
    if (s->task == NULL)
        return;
    s->task->result = s->task->kind == DFUKIT_TASK_TRANSFERS ? DFUKIT_OK : result;
    s->task->done = true;
    s->task = NULL;
    free(s->reread);
    s->reread = NULL;
}

static bool ask(dfukit_sequence *s, unsigned next_stage, dfukit_setup setup, uint8_t *in)
{
    s->own[0] = (dfukit_transfer){.setup = setup, .in = in, .timeout_ms = DFUKIT_OWN_REQUEST_MS};
    s->stage = next_stage;
    return true;
}

static bool end(dfukit_sequence *s, int result)
{
    dfukit_sequence_end(s, result);
    return false;
}

enum { CLAIM_BEGIN, CLAIM_ASKED, CLAIM_CONFIGURED, CLAIM_SELECTED };

static bool configure(dfukit_sequence *s)
{
    s->configured = true;
    return ask(
        s, CLAIM_CONFIGURED,
        (dfukit_setup){.bRequest = DFUKIT_USB_SET_CONFIGURATION, .wValue = s->task->configuration},
        NULL);
}

static bool select_alternate(dfukit_sequence *s)
{
    if (!s->task->set_alternate)
        return end(s, DFUKIT_OK);
    return ask(s, CLAIM_SELECTED,
               (dfukit_setup){.bmRequestType = 0x01,
                              .bRequest = DFUKIT_USB_SET_INTERFACE,
                              .wValue = s->task->alternate,
                              .wIndex = s->task->interface},
               NULL);
}

/* Configure only where the device is not configured already: SET_CONFIGURATION resets alternate
 * settings (USB 2.0 §9.1.1.5). */
static bool claim_next(dfukit_sequence *s)
{
    int result = (int)s->own[0].result;

    switch (s->stage) {
    case CLAIM_BEGIN:
        if (s->task->configuration == 0)
            return select_alternate(s);
        return ask(s, CLAIM_ASKED,
                   (dfukit_setup){.bmRequestType = 0x80,
                                  .bRequest = DFUKIT_USB_GET_CONFIGURATION,
                                  .wLength = 1},
                   s->bytes);
    case CLAIM_ASKED:
        if (result < 0 && result != DFUKIT_ERR_STALL)
            return end(s, result);
        if (result == 1 && s->bytes[0] == s->task->configuration)
            return select_alternate(s);
        return configure(s);
    case CLAIM_CONFIGURED:
        return result < 0 ? end(s, result) : select_alternate(s);
    default:
        /* A device with a single setting may refuse the request (USB 2.0 §9.4.10). That it has
         * setting 0 selected is known only just after SET_CONFIGURATION. */
        if (result == DFUKIT_ERR_STALL && s->task->alternate == 0 && s->configured)
            result = DFUKIT_OK;
        return end(s, result < 0 ? result : DFUKIT_OK);
    }
}

enum { RESET_BEGIN, RESET_SENT, RESET_READ };

/* Both descriptors in one batch. */
static bool reread(dfukit_sequence *s)
{
    const dfukit_snapshot *before = s->before;

    if (before == NULL || before->configuration == NULL)
        return end(s, DFUKIT_ERR_GONE);
    s->reread = malloc(before->configuration_size);
    if (s->reread == NULL)
        return end(s, DFUKIT_ERR_GONE);
    (void)ask(s, RESET_READ, dfukit_get_descriptor(DFUKIT_DESC_DEVICE, 0, sizeof(s->bytes)),
              s->bytes);
    s->own[1] = (dfukit_transfer){
        .setup = dfukit_get_descriptor(DFUKIT_DESC_CONFIGURATION, before->index,
                                       (uint16_t)before->configuration_size),
        .in = s->reread,
        .timeout_ms = DFUKIT_OWN_REQUEST_MS,
    };
    return true;
}

static bool unchanged(const dfukit_sequence *s)
{
    const dfukit_snapshot *before = s->before;

    return s->own[0].result == (int32_t)sizeof(before->device) &&
           s->own[1].result == (int32_t)before->configuration_size &&
           memcmp(s->bytes, before->device, sizeof(before->device)) == 0 &&
           memcmp(s->reread, before->configuration, before->configuration_size) == 0;
}

static bool reset_next(dfukit_sequence *s)
{
    switch (s->stage) {
    case RESET_BEGIN:
        return ask(s, RESET_SENT,
                   (dfukit_setup){.bmRequestType = 0x23,
                                  .bRequest = DFUKIT_USB_SET_FEATURE,
                                  .wValue = PORT_FEATURE_RESET},
                   NULL);
    case RESET_SENT:
        /* Older kernels carry the reset out and then pass the request on to the device as well. */
        if (s->own[0].result < 0 && s->own[0].result != DFUKIT_ERR_STALL)
            return end(s, DFUKIT_ERR_GONE);
        return reread(s);
    default:
        return end(s, unchanged(s) ? DFUKIT_OK : DFUKIT_ERR_GONE);
    }
}

bool dfukit_sequence_next(dfukit_sequence *s, dfukit_transfer **batch, size_t *count)
{
    bool more = false;

    switch (s->task->kind) {
    case DFUKIT_TASK_TRANSFERS:
        if (s->stage++ > 0 || s->task->count == 0)
            return end(s, DFUKIT_OK);
        *batch = s->task->transfers;
        *count = s->task->count;
        return true;
    case DFUKIT_TASK_CLAIM:
        more = claim_next(s);
        break;
    case DFUKIT_TASK_RESET:
        more = reset_next(s);
        break;
    }
    *batch = s->own;
    *count = more && s->reread != NULL ? 2 : 1;
    return more;
}
