/* SPDX-License-Identifier: MIT */
/*
 * The standard requests of a device that is played back. Systems ask them as they like, so order
 * and number do not matter. Spec: USB 2.0 §9.4.
 */
#include "replay.h"

#include <string.h>

/* The longest text descriptor that was read in this attachment. */
static int32_t string(const dfukit_replay *r, const dfukit_setup *setup, uint8_t *data)
{
    const dfukit_recording *rec = &r->recording;
    const dfukit_recorded_event *best = NULL;

    for (size_t i = 0; i < rec->event_count; i++) {
        const dfukit_recorded_event *e = &rec->events[i];

        if (e->owner != r->current || e->kind != DFUKIT_RECORDED_TRANSFER ||
            e->setup.bmRequestType != 0x80 || e->setup.bRequest != DFUKIT_USB_GET_DESCRIPTOR ||
            e->setup.wValue != setup->wValue || e->result < 0)
            continue;
        if (best == NULL || e->size > best->size)
            best = e;
    }
    if (best == NULL)
        return DFUKIT_ERR_STALL;
    return dfukit_replay_reply(setup, data, dfukit_replay_bytes(r, best), best->size);
}

static int32_t descriptor(const dfukit_replay *r, const dfukit_setup *setup, uint8_t *data)
{
    const dfukit_recorded_attachment *a = &r->recording.attachments[r->current];
    unsigned type = setup->wValue >> 8;

    if (type == DFUKIT_DESC_DEVICE && a->has_device)
        return dfukit_replay_reply(setup, data, a->device, sizeof(a->device));
    /* The active one was recorded, and stands for all. */
    if (type == DFUKIT_DESC_CONFIGURATION && a->configuration_size > 0)
        return dfukit_replay_reply(setup, data, r->recording.pool + a->configuration,
                                   a->configuration_size);
    return string(r, setup, data);
}

static bool has_setting(const dfukit_replay *r, unsigned interface, unsigned setting)
{
    const dfukit_recorded_attachment *a = &r->recording.attachments[r->current];
    const uint8_t *found;
    size_t at = 0;

    if (a->configuration_size == 0)
        return false;
    while (dfukit_descriptor_next(r->recording.pool + a->configuration, a->configuration_size, &at,
                                  &found)) {
        dfukit_interface_descriptor d;

        if (found[1] == DFUKIT_DESC_INTERFACE &&
            dfukit_interface_descriptor_decode(found, found[0], &d) > 0 &&
            d.bInterfaceNumber == interface && d.bAlternateSetting == setting)
            return true;
    }
    return false;
}

/* Was this claimed in vain when it was recorded? */
static bool refused(const dfukit_replay *r, unsigned interface, unsigned setting)
{
    for (size_t i = 0; i < r->recording.event_count; i++) {
        const dfukit_recorded_event *e = &r->recording.events[i];

        if (e->owner == r->current && e->kind == DFUKIT_RECORDED_CLAIM && e->set_alternate &&
            e->interface == interface && e->alternate == setting && e->result != DFUKIT_OK)
            return true;
    }
    return false;
}

static int32_t set_interface(dfukit_replay *r, const dfukit_setup *setup)
{
    unsigned interface = setup->wIndex & 0xFFu;

    if (!has_setting(r, interface, setup->wValue) || refused(r, interface, setup->wValue))
        return DFUKIT_ERR_STALL;
    r->settings[interface] = (uint8_t)setup->wValue;
    return 0;
}

int32_t dfukit_replay_standard(dfukit_replay *r, const dfukit_setup *setup, uint8_t *data)
{
    static const uint8_t nothing[2] = {0, 0};

    if ((setup->bmRequestType & DFUKIT_TYPE_MASK) != 0)
        return DFUKIT_ERR_STALL;
    switch (setup->bRequest) {
    case DFUKIT_USB_GET_STATUS:
        return dfukit_replay_reply(setup, data, nothing, sizeof(nothing));
    case DFUKIT_USB_GET_DESCRIPTOR:
        return descriptor(r, setup, data);
    case DFUKIT_USB_GET_CONFIGURATION:
        return dfukit_replay_reply(setup, data, &r->active, 1);
    case DFUKIT_USB_GET_INTERFACE:
        return dfukit_replay_reply(setup, data, &r->settings[setup->wIndex & 0xFFu], 1);
    case DFUKIT_USB_SET_CONFIGURATION:
        r->active = (uint8_t)setup->wValue;
        memset(r->settings, 0, sizeof(r->settings));
        return 0;
    case DFUKIT_USB_SET_INTERFACE:
        return set_interface(r, setup);
    case DFUKIT_USB_CLEAR_FEATURE:
    case DFUKIT_USB_SET_FEATURE:
    case DFUKIT_USB_SET_ADDRESS:
        return 0;
    default:
        return DFUKIT_ERR_STALL;
    }
}
