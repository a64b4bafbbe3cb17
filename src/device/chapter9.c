/* SPDX-License-Identifier: MIT */
/*
 * The standard requests that a device with a DFU function needs (USB 2.0 §9.4). Features are not
 * among them: there is no remote wake-up, and the default pipe's halt need not exist (§9.4.5), so
 * that SET_FEATURE and CLEAR_FEATURE are request errors.
 */
#include "class.h"
#include "pipe.h"

/* bmRequestType and bRequest as one number. */
#define REQUEST(type, request) ((unsigned)(type) << 8 | (unsigned)(request))
#define DEVICE_OUT             0x00u
#define INTERFACE_OUT          0x01u
#define DEVICE_IN              0x80u
#define INTERFACE_IN           0x81u
#define ENDPOINT_IN            0x82u
#define VENDOR_IN              0xC0u

/* Interfaces are numbered from 0 without gaps (USB 2.0 §9.2.3); before configuration there are
 * none. */
static bool has_interface(const dfukit_ep0 *p)
{
    unsigned count = dfukit_dfu_in_dfu_mode(p->dfu) ? 1 : dfukit_config(p->dfu)->interfaces_runtime;

    return p->configuration != 0 && p->setup.wIndex < count;
}

static bool is_dfu_interface(const dfukit_ep0 *p)
{
    return p->setup.wIndex == dfukit_dfu_interface(p->dfu);
}

static bool get_descriptor(dfukit_ep0 *p)
{
    for (const dfukit_descriptor *d = p->set->list; d->bytes != NULL; d++) {
        if (((unsigned)d->type << 8 | d->index) == p->setup.wValue) {
            p->data = d->bytes;
            p->left = d->n;
            return true;
        }
    }
    return false;
}

static bool set_interface(dfukit_ep0 *p)
{
    if (!has_interface(p))
        return false;
    if (!is_dfu_interface(p) || p->setup.wValue > 0xFF)
        return p->setup.wValue == 0;
    return dfukit_dfu_set_alternate(p->dfu, (uint8_t)p->setup.wValue);
}

static bool set_configuration(dfukit_ep0 *p)
{
    if (p->setup.wValue > 1 || p->setup.wIndex != 0)
        return false;
    p->configuration = (uint8_t)p->setup.wValue;
    dfukit_dfu_set_configured(p->dfu, p->configuration != 0);
    return true;
}

static bool set_address(dfukit_ep0 *p)
{
    if (p->setup.wValue > 127 || p->setup.wIndex != 0 || p->configuration != 0)
        return false;
    p->next_address = (uint8_t)p->setup.wValue;
    return true;
}

/* The requests that are answered with a number, in p->reply. @return its bytes; 0: stall. */
static uint16_t get_number(dfukit_ep0 *p, unsigned request)
{
    uint16_t wIndex = p->setup.wIndex;
    bool right;

    if (p->setup.wValue != 0)
        return 0;
    if ((request >> 8) == INTERFACE_IN)
        right = has_interface(p);
    else if ((request >> 8) == DEVICE_IN)
        right = wIndex == 0;
    else
        right = (request >> 8) == ENDPOINT_IN && (wIndex & 0xFF7Fu) == 0; /* endpoint 0 */
    if (!right)
        return 0;
    switch (request) {
    case REQUEST(DEVICE_IN, DFUKIT_USB_GET_STATUS):
        p->reply[0] = dfukit_config(p->dfu)->self_powered;
        return 2;
    case REQUEST(INTERFACE_IN, DFUKIT_USB_GET_STATUS):
    case REQUEST(ENDPOINT_IN, DFUKIT_USB_GET_STATUS):
        return 2;
    case REQUEST(DEVICE_IN, DFUKIT_USB_GET_CONFIGURATION):
        p->reply[0] = p->configuration;
        return 1;
    case REQUEST(INTERFACE_IN, DFUKIT_USB_GET_INTERFACE):
        p->reply[0] = is_dfu_interface(p) ? p->dfu->alt : 0;
        return 1;
    default:
        return 0;
    }
}

static bool standard_in(dfukit_ep0 *p, unsigned request)
{
    if (request == REQUEST(DEVICE_IN, DFUKIT_USB_GET_DESCRIPTOR))
        return get_descriptor(p);
    p->reply[0] = 0;
    p->reply[1] = 0;
    p->data = p->reply;
    p->left = get_number(p, request);
    return p->left != 0;
}

bool dfukit_ep0_vendor(dfukit_ep0 *p)
{
    const dfukit_vendor_reply *v = p->set->vendor;

    if (v == NULL || p->setup.bmRequestType != VENDOR_IN)
        return false;
    for (; v->bytes != NULL; v++) {
        if (v->bRequest == p->setup.bRequest && v->wIndex == p->setup.wIndex &&
            v->wValue == p->setup.wValue) {
            p->data = v->bytes;
            p->left = v->n;
            return true;
        }
    }
    return false;
}

bool dfukit_ep0_standard(dfukit_ep0 *p)
{
    unsigned request = REQUEST(p->setup.bmRequestType, p->setup.bRequest);

    if (dfukit_setup_is_in(&p->setup))
        return standard_in(p, request);
    if (p->setup.wLength != 0)
        return false;
    switch (request) {
    case REQUEST(DEVICE_OUT, DFUKIT_USB_SET_ADDRESS):
        return set_address(p);
    case REQUEST(DEVICE_OUT, DFUKIT_USB_SET_CONFIGURATION):
        return set_configuration(p);
    case REQUEST(INTERFACE_OUT, DFUKIT_USB_SET_INTERFACE):
        return set_interface(p);
    default:
        return false;
    }
}
