/* SPDX-License-Identifier: MIT */
/* The scripted device. */
#include "scripted.h"

#include <string.h>

// clang-format off
static const uint8_t device_descriptor[] = {
    18, 1, 0x00, 0x02, 0xEF, 0x02, 0x01, 64, 0x09, 0x12, 0x01, 0x00, 0x34, 0x12, 1, 2, 3, 1,
};

/* Descriptors that libusb has no structure for stand before the first interface, behind interfaces
 * and endpoints, and at the end; one endpoint is of the audio kind. */
static const uint8_t configuration[] = {
    9, 2, 114, 0, 3, 1, 4, 0xC0, 50,
    /* an interface association, and a vendor's own */
    8, 0x0B, 0, 2, 0x02, 0x02, 0x01, 0,
    4, 0xFF, 0xAA, 0x55,
    /* communication: three functional descriptors, one interrupt endpoint with a companion */
    9, 4, 0, 0, 1, 0x02, 0x02, 0x01, 0,
    5, 0x24, 0x00, 0x10, 0x01,
    4, 0x24, 0x02, 0x02,
    5, 0x24, 0x06, 0x00, 0x01,
    7, 5, 0x81, 0x03, 8, 0, 16,
    6, 0x30, 0, 0, 8, 0,
    /* data: no endpoints in alternate setting 0, two in 1 */
    9, 4, 1, 0, 0, 0x0A, 0x00, 0x00, 0,
    9, 4, 1, 1, 2, 0x0A, 0x00, 0x00, 0,
    9, 5, 0x02, 0x01, 64, 0, 1, 7, 0x83,
    7, 5, 0x83, 0x02, 64, 0, 0,
    3, 0x25, 0x01,
    /* DFU, run-time, and something behind the functional descriptor */
    9, 4, 2, 0, 0, 0xFE, 0x01, 0x01, 5,
    9, 0x21, 0x0F, 0xE8, 0x03, 0x00, 0x04, 0x10, 0x01,
    2, 0x77,
};
// clang-format on
_Static_assert(sizeof configuration == 114, "wTotalLength above");

static const char *const strings[] = {
    "dfukit tests", "Scripted device", "SCRIPT-0001", "Configuration", "DFU run-time",
};

const uint8_t *scripted_configuration(size_t *n)
{
    *n = sizeof configuration;
    return configuration;
}

static int32_t reply(uint8_t *data, uint16_t room, const uint8_t *bytes, size_t n)
{
    if (n > room)
        n = room;
    memcpy(data, bytes, n);
    return (int32_t)n;
}

static int32_t get_descriptor(const dfukit_setup *setup, uint8_t *data)
{
    static const uint8_t languages[] = {4, 3, 0x09, 0x04};
    unsigned index = setup->wValue & 0xFFu;
    uint8_t text[255];
    switch (setup->wValue >> 8) {
    case DFUKIT_DESC_DEVICE:
        return reply(data, setup->wLength, device_descriptor, sizeof device_descriptor);
    case DFUKIT_DESC_CONFIGURATION:
        return reply(data, setup->wLength, configuration, sizeof configuration);
    case DFUKIT_DESC_STRING:
        if (index == 0)
            return reply(data, setup->wLength, languages, sizeof languages);
        if (index <= sizeof strings / sizeof strings[0])
            return reply(data, setup->wLength, text,
                         dfukit_string_encode(strings[index - 1], text, sizeof text));
        return DFUKIT_ERR_STALL;
    default:
        return DFUKIT_ERR_STALL;
    }
}

static int32_t vendor_in(const dfukit_setup *setup, uint8_t *data)
{
    size_t n = setup->wLength;
    switch (setup->bRequest) {
    case SCRIPTED_SHORT:
        n = n < 5 ? n : 5;
        break;
    case SCRIPTED_PATTERN:
        break;
    case SCRIPTED_SILENCE:
        return DFUKIT_ERR_AGAIN;
    default:
        return DFUKIT_ERR_STALL;
    }
    for (size_t i = 0; i < n; i++)
        data[i] = (uint8_t)(setup->wValue + i);
    return (int32_t)n;
}

static int32_t vendor_out(scripted *s, const dfukit_setup *setup, const uint8_t *data)
{
    if (setup->bRequest == SCRIPTED_LEAVE) {
        s->leaving = true;
        return 0;
    }
    if (setup->bRequest != SCRIPTED_STORE)
        return DFUKIT_ERR_STALL;
    memcpy(s->stored, data, setup->wLength);
    s->stored_size = setup->wLength;
    return setup->wLength;
}

static int32_t control(void *self, const dfukit_setup *setup, uint8_t *data)
{
    scripted *s = self;
    if (setup->bmRequestType == 0xC0 && setup->bRequest != SCRIPTED_SILENCE)
        s->requests++;
    switch (setup->bmRequestType) {
    case 0x80:
        return setup->bRequest == DFUKIT_USB_GET_DESCRIPTOR ? get_descriptor(setup, data)
                                                            : DFUKIT_ERR_STALL;
    case 0x00:
        if (setup->bRequest != DFUKIT_USB_SET_CONFIGURATION)
            return DFUKIT_ERR_STALL;
        s->configured++;
        return 0;
    case 0x01: /* SET_INTERFACE: only the data interface has a choice */
        if (setup->bRequest != DFUKIT_USB_SET_INTERFACE || setup->wIndex != 1 || setup->wValue > 1)
            return DFUKIT_ERR_STALL;
        s->alternate = (uint8_t)setup->wValue;
        return 0;
    case 0xC0:
        return vendor_in(setup, data);
    case 0x40:
        return vendor_out(s, setup, data);
    default:
        return DFUKIT_ERR_STALL;
    }
}

static uint64_t work(void *self)
{
    (void)self;
    return UINT64_MAX;
}

static uint32_t attachment(void *self)
{
    const scripted *s = self;
    return s->attachment;
}

static void cancel(void *self)
{
    scripted *s = self;
    s->cancels++;
}

static void reset(void *self)
{
    scripted *s = self;
    s->resets++;
    if (s->leaving)
        s->attachment++;
    s->leaving = false;
}

static bool full_speed(void *self)
{
    (void)self;
    return true;
}

void scripted_init(scripted *s)
{
    memset(s, 0, sizeof *s);
    s->attachment = 1;
}

dfukit_wire scripted_wire(scripted *s)
{
    static const dfukit_wire_ops ops = {work, attachment, control, cancel, reset, full_speed};
    return (dfukit_wire){&ops, s};
}
