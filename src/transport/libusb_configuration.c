/* SPDX-License-Identifier: MIT */
/*
 * A configuration's bytes from libusb's structures. libusb hands out no raw bytes of a device that
 * is not open, but it keeps every descriptor: those it has no structure for stand in `extra` of the
 * configuration, interface or endpoint they followed. Written down again in that order they are
 * what the device sent.
 */
#include "dfukit/transport.h"

#ifdef DFUKIT_HAVE_LIBUSB

#include <stdlib.h>
#include <string.h>

#include "libusb_carrier.h"

/* Counts always, writes as far as there is room: one pass measures, the next one fills. */
typedef struct sink {
    uint8_t *bytes;
    size_t room, used;
} sink;

static void put(sink *s, const uint8_t *bytes, size_t n)
{
    if (n > 0 && s->used <= s->room && n <= s->room - s->used)
        memcpy(s->bytes + s->used, bytes, n);
    s->used += n;
}

static void put_extra(sink *s, const unsigned char *extra, int length)
{
    if (extra != NULL && length > 0)
        put(s, extra, (size_t)length);
}

static uint8_t low(uint16_t word)
{
    return (uint8_t)(word & 0xFFu);
}

static uint8_t high(uint16_t word)
{
    return (uint8_t)(word >> 8);
}

/* Spec: USB 2.0 §9.6.6; audio devices have two bytes more. */
static void put_endpoint(sink *s, const struct libusb_endpoint_descriptor *e)
{
    uint8_t length = e->bLength >= LIBUSB_DT_ENDPOINT_AUDIO_SIZE ? LIBUSB_DT_ENDPOINT_AUDIO_SIZE
                                                                 : LIBUSB_DT_ENDPOINT_SIZE;
    const uint8_t bytes[LIBUSB_DT_ENDPOINT_AUDIO_SIZE] = {
        length,
        e->bDescriptorType,
        e->bEndpointAddress,
        e->bmAttributes,
        low(e->wMaxPacketSize),
        high(e->wMaxPacketSize),
        e->bInterval,
        e->bRefresh,
        e->bSynchAddress,
    };
    put(s, bytes, length);
    put_extra(s, e->extra, e->extra_length);
}

/* Spec: USB 2.0 §9.6.5. */
static void put_alternate(sink *s, const struct libusb_interface_descriptor *i)
{
    const uint8_t bytes[LIBUSB_DT_INTERFACE_SIZE] = {
        LIBUSB_DT_INTERFACE_SIZE, i->bDescriptorType,    i->bInterfaceNumber,
        i->bAlternateSetting,     i->bNumEndpoints,      i->bInterfaceClass,
        i->bInterfaceSubClass,    i->bInterfaceProtocol, i->iInterface,
    };
    put(s, bytes, sizeof bytes);
    put_extra(s, i->extra, i->extra_length);
    for (unsigned e = 0; i->endpoint != NULL && e < i->bNumEndpoints; e++)
        put_endpoint(s, &i->endpoint[e]);
}

/* Spec: USB 2.0 §9.6.3. */
static void put_configuration(sink *s, const struct libusb_config_descriptor *c)
{
    const uint8_t bytes[LIBUSB_DT_CONFIG_SIZE] = {
        LIBUSB_DT_CONFIG_SIZE, c->bDescriptorType, low(c->wTotalLength),
        high(c->wTotalLength), c->bNumInterfaces,  c->bConfigurationValue,
        c->iConfiguration,     c->bmAttributes,    c->MaxPower,
    };
    put(s, bytes, sizeof bytes);
    put_extra(s, c->extra, c->extra_length);
    for (unsigned i = 0; i < c->bNumInterfaces; i++) {
        for (int a = 0; a < c->interface[i].num_altsetting; a++)
            put_alternate(s, &c->interface[i].altsetting[a]);
    }
}

uint8_t *dfukit_libusb_configuration_bytes(const struct libusb_config_descriptor *config,
                                           size_t *size)
{
    sink measured = {NULL, 0, 0};
    put_configuration(&measured, config);
    uint8_t *bytes = malloc(measured.used);
    if (bytes == NULL)
        return NULL;
    sink filled = {bytes, measured.used, 0};
    put_configuration(&filled, config);
    *size = filled.used;
    return bytes;
}

#endif
