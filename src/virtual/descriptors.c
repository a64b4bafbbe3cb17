/* SPDX-License-Identifier: MIT */
/*
 * Descriptor sets (DFU 1.1 §4): in run-time mode an application with the DFU interface beside it,
 * in DFU mode one interface with an alternate setting for each memory. A device of DFU 1.0 has
 * other class codes: no protocol tells its mode, and the device descriptor has the DFU class.
 */
#include "descriptors.h"

#include <string.h>

#define BCD_USB_20             0x0200u
#define BCD_USB_11             0x0110u
#define ATTRIBUTES_BUS_POWERED 0x80u
#define MAX_POWER_100_MA       50u
#define CLASS_VENDOR           0xFFu
#define LANGID_ENGLISH_US      0x0409u

_Static_assert(DFUKIT_DESCRIPTOR_ROOM >=
                   18 + 9 + 9 * DFUKIT_ALTERNATES_MAX + 9 + 4 + 255 * (3 + DFUKIT_ALTERNATES_MAX),
               "the longest strings must fit");

static bool is_10(const dfukit_appearance *a)
{
    return a->functional.bcdDFUVersion == DFUKIT_VERSION_10;
}

static uint8_t *begin(dfukit_descriptors *d, uint8_t type, uint8_t index)
{
    uint8_t *bytes = d->bytes + d->used;

    d->list[d->count++] = (dfukit_descriptor){DFUKIT_DESCRIPTOR_ID(type, index), 0, bytes};
    return bytes;
}

/* All bytes of the descriptor that was begun last are there. */
static void end(dfukit_descriptors *d)
{
    dfukit_descriptor *last = &d->list[d->count - 1];

    last->n = (uint16_t)(d->bytes + d->used - last->bytes);
}

static uint8_t string_index(const char *text, uint8_t index)
{
    return text != NULL ? index : 0;
}

static void add_device(dfukit_descriptors *d, const dfukit_appearance *a)
{
    bool dfu_class = a->dfu_mode && is_10(a);
    dfukit_device_descriptor device = {
        .bcdUSB = is_10(a) ? BCD_USB_11 : BCD_USB_20,
        .bDeviceClass = dfu_class ? DFUKIT_CLASS_APPLICATION : 0,
        .bDeviceSubClass = dfu_class ? DFUKIT_SUBCLASS_DFU : 0,
        .bMaxPacketSize0 = a->max_packet_size0,
        .idVendor = a->identity.idVendor,
        .idProduct = a->identity.idProduct,
        .bcdDevice = a->identity.bcdDevice,
        .iManufacturer = string_index(a->manufacturer, DFUKIT_STRING_MANUFACTURER),
        .iProduct = string_index(a->identity.product, DFUKIT_STRING_PRODUCT),
        .iSerialNumber = string_index(a->identity.serial, DFUKIT_STRING_SERIAL),
        .bNumConfigurations = 1,
    };

    dfukit_device_descriptor_encode(&device, begin(d, DFUKIT_DESC_DEVICE, 0));
    d->used += DFUKIT_DEVICE_DESCRIPTOR_SIZE;
    end(d);
}

static void add_interface(dfukit_descriptors *d, const dfukit_interface_descriptor *i)
{
    dfukit_interface_descriptor_encode(i, d->bytes + d->used);
    d->used += DFUKIT_INTERFACE_DESCRIPTOR_SIZE;
}

static void add_runtime_interfaces(dfukit_descriptors *d, const dfukit_appearance *a)
{
    dfukit_interface_descriptor application = {.bInterfaceClass = CLASS_VENDOR};
    dfukit_interface_descriptor dfu = {
        .bInterfaceNumber = DFUKIT_INTERFACE_RUNTIME,
        .bInterfaceClass = DFUKIT_CLASS_APPLICATION,
        .bInterfaceSubClass = DFUKIT_SUBCLASS_DFU,
        .bInterfaceProtocol = is_10(a) ? 0 : DFUKIT_PROTOCOL_RUNTIME,
    };

    add_interface(d, &application);
    add_interface(d, &dfu);
}

static void add_alternates(dfukit_descriptors *d, const dfukit_appearance *a)
{
    dfukit_interface_descriptor alternate = {
        .bInterfaceClass = DFUKIT_CLASS_APPLICATION,
        .bInterfaceSubClass = DFUKIT_SUBCLASS_DFU,
        .bInterfaceProtocol = is_10(a) ? 0 : DFUKIT_PROTOCOL_DFU,
    };
    uint8_t count = dfukit_alternates_count(a->alternates);

    for (uint8_t n = 0; n < count; n++) {
        alternate.bAlternateSetting = n;
        alternate.iInterface = (uint8_t)(DFUKIT_STRING_ALTERNATES + n);
        add_interface(d, &alternate);
    }
}

static void add_functional(dfukit_descriptors *d, const dfukit_appearance *a)
{
    uint8_t *bytes = d->bytes + d->used;

    d->used += dfukit_functional_encode(&a->functional, bytes);
    if (a->lies)
        bytes[0] = a->functional_length;
}

static void add_configuration(dfukit_descriptors *d, const dfukit_appearance *a)
{
    uint8_t *header = begin(d, DFUKIT_DESC_CONFIGURATION, 0);
    size_t total;

    d->used += DFUKIT_CONFIG_HEADER_SIZE;
    if (a->dfu_mode)
        add_alternates(d, a);
    else
        add_runtime_interfaces(d, a);
    add_functional(d, a);

    total = (size_t)(d->bytes + d->used - header);
    header[0] = DFUKIT_CONFIG_HEADER_SIZE;
    header[1] = DFUKIT_DESC_CONFIGURATION;
    header[2] = (uint8_t)total;
    header[3] = (uint8_t)(total >> 8);
    header[4] = a->dfu_mode ? 1 : DFUKIT_INTERFACE_RUNTIME + 1;
    header[5] = 1; /* bConfigurationValue */
    header[6] = 0;
    header[7] = ATTRIBUTES_BUS_POWERED;
    header[8] = MAX_POWER_100_MA;
    end(d);
}

static void add_string(dfukit_descriptors *d, const char *text, uint8_t index)
{
    if (text == NULL)
        return;
    d->used += dfukit_string_encode(text, begin(d, DFUKIT_DESC_STRING, index), 255);
    end(d);
}

static void add_languages(dfukit_descriptors *d)
{
    static const uint8_t languages[] = {4, DFUKIT_DESC_STRING, LANGID_ENGLISH_US & 0xFF,
                                        LANGID_ENGLISH_US >> 8};

    memcpy(begin(d, DFUKIT_DESC_STRING, DFUKIT_STRING_LANGUAGES), languages, sizeof languages);
    d->used += sizeof languages;
    end(d);
}

uint8_t dfukit_alternates_count(const char *const alternates[DFUKIT_ALTERNATES_MAX])
{
    uint8_t n = 0;

    while (n < DFUKIT_ALTERNATES_MAX && alternates[n] != NULL)
        n++;
    return n;
}

void dfukit_descriptors_build(dfukit_descriptors *d, const dfukit_appearance *a)
{
    memset(d, 0, sizeof *d);
    add_device(d, a);
    add_configuration(d, a);
    add_languages(d);
    add_string(d, a->manufacturer, DFUKIT_STRING_MANUFACTURER);
    add_string(d, a->identity.product, DFUKIT_STRING_PRODUCT);
    add_string(d, a->identity.serial, DFUKIT_STRING_SERIAL);
    if (a->dfu_mode) {
        uint8_t count = dfukit_alternates_count(a->alternates);

        for (uint8_t n = 0; n < count; n++)
            add_string(d, a->alternates[n], (uint8_t)(DFUKIT_STRING_ALTERNATES + n));
    }
    d->set = (dfukit_descriptor_set){d->list, NULL, d->count, 0};
}
