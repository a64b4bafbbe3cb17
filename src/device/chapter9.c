/* SPDX-License-Identifier: MIT */
/*
 * The standard requests that a device with a DFU function needs (USB 2.0 §9.4). Features are not
 * among them: there is no remote wake-up, and the default pipe's halt need not exist (§9.4.5), so
 * that SET_FEATURE and CLEAR_FEATURE are request errors.
 */
#include "class.h"
#include "pipe.h"

#define STALL     (-1)

#define VENDOR_IN 0xC0u
#define GET       0x80u
enum {
    DEVICE,
    INTERFACE,
    ENDPOINT
}; /* recipients, in bmRequestType: no two have a bit in common */

/* bmRequestType and bRequest as one number, as they come. */
#define KEY(type, request) (uint16_t)((unsigned)(type) | (unsigned)(request) << 8)

/* GET_DESCRIPTOR, which has rules of its own, apart. */
enum {
    SET_ADDRESS,
    SET_CONFIGURATION,
    SET_INTERFACE,
    GET_CONFIGURATION,
    GET_INTERFACE,
    GET_STATUS
};
#define REQUESTS 8u

/* clang-format off */
static const struct {
    uint16_t key[REQUESTS];
    uint8_t most[REQUESTS]; /* wValue */
} requests = {
    { [SET_ADDRESS]       = KEY(DEVICE, DFUKIT_USB_SET_ADDRESS),
      [SET_CONFIGURATION] = KEY(DEVICE, DFUKIT_USB_SET_CONFIGURATION),
      [SET_INTERFACE]     = KEY(INTERFACE, DFUKIT_USB_SET_INTERFACE),
      [GET_CONFIGURATION] = KEY(GET | DEVICE, DFUKIT_USB_GET_CONFIGURATION),
      [GET_INTERFACE]     = KEY(GET | INTERFACE, DFUKIT_USB_GET_INTERFACE),
      [GET_STATUS]        = KEY(GET | DEVICE, DFUKIT_USB_GET_STATUS),
                            KEY(GET | INTERFACE, DFUKIT_USB_GET_STATUS),
                            KEY(GET | ENDPOINT, DFUKIT_USB_GET_STATUS) },
    { [SET_ADDRESS] = 127, [SET_CONFIGURATION] = 1, [SET_INTERFACE] = 255 },
};
/* clang-format on */

/* ---- Descriptors, and what capabilities in the BOS announce ---- */

static int32_t get_descriptor(dfukit_ep0 *p, const dfukit_setup *s)
{
    const dfukit_descriptor *d = dfukit_ep0_set(p)->list;

    for (unsigned left = dfukit_ep0_set(p)->count; left > 0; left--, d++) {
        if (d->wValue == s->wValue) {
            p->data = d->bytes;
            return d->n;
        }
    }
    return STALL;
}

int32_t dfukit_ep0_vendor(dfukit_ep0 *p, const dfukit_setup *s)
{
    const dfukit_vendor_reply *v = dfukit_ep0_set(p)->vendor;

    if (v == NULL || s->bmRequestType != VENDOR_IN)
        return STALL;
    for (unsigned left = dfukit_ep0_set(p)->vendor_count; left > 0; left--, v++) {
        if (v->bRequest == s->bRequest && v->wIndex == s->wIndex && v->wValue == s->wValue) {
            p->data = v->bytes;
            return v->n;
        }
    }
    return STALL;
}

/* ---- The others ---- */

/* Does wIndex name what the request is for? Interfaces are numbered from 0 without gaps (USB 2.0
 * §9.2.3); before configuration there are none. The default pipe has both directions. */
static bool right_index(const dfukit_ep0 *p, const dfukit_setup *s)
{
    unsigned index = s->wIndex;
    unsigned count = 1;

    if ((s->bmRequestType & ENDPOINT) != 0)
        index &= ~0x80u;
    if ((s->bmRequestType & INTERFACE) != 0) {
        if (!p->dfu->configured)
            return false;
        if (!dfukit_dfu_mode(p->dfu))
            count = dfukit_config(p->dfu)->interfaces_runtime;
    }
    return index < count;
}

/* SET_INTERFACE of an interface beside the DFU interface: run-time mode, where all have but setting
 * 0.
 * @return false: stall. */
static bool set(dfukit_ep0 *p, const dfukit_setup *s, unsigned i)
{
    if (s->wLength != 0)
        return false;
    if (i == SET_INTERFACE)
        return dfukit_dfu_set_alternate(p->dfu, (uint8_t)s->wValue);
    if (i == SET_CONFIGURATION) {
        dfukit_dfu_set_configured(p->dfu, s->wValue & 1u);
        return true;
    }
    if (p->dfu->configured)
        return false;
    p->next_address = (uint8_t)s->wValue;
    return true;
}

/* The first byte of the answer; the second is 0. */
static uint8_t get(const dfukit_ep0 *p, unsigned i)
{
    const dfukit_dfu *d = p->dfu;

    if (i == GET_CONFIGURATION)
        return d->configured;
    if (i == GET_INTERFACE)
        return d->alt;
    return i == GET_STATUS && dfukit_config(d)->self_powered;
}

int32_t dfukit_ep0_standard(dfukit_ep0 *p, const dfukit_setup *s)
{
    uint8_t *reply = p->dfu->reply;
    unsigned key = KEY(s->bmRequestType, s->bRequest);
    unsigned i = REQUESTS;

    if (key == KEY(GET | DEVICE, DFUKIT_USB_GET_DESCRIPTOR))
        return get_descriptor(p, s);
    do {
        if (i-- == 0)
            return STALL;
    } while (requests.key[i] != key);
    if (s->wValue > requests.most[i] || !right_index(p, s))
        return STALL;
    if (i <= SET_INTERFACE)
        return set(p, s, i) ? 0 : STALL;
    reply[0] = get(p, i);
    reply[1] = 0;
    return i < GET_STATUS ? 1 : 2;
}
