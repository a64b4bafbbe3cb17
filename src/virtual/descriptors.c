/* SPDX-License-Identifier: MIT */
/*
 * Descriptor sets (DFU 1.1 §4): in run-time mode an application with the DFU interface beside it,
 * in DFU mode one interface with an alternate setting for each memory. A device of DFU 1.0 has
 * other class codes: no protocol tells its mode, and the device descriptor has the DFU class.
 * Products differ from that in ways of their own, which their persona names.
 */
#include "descriptors.h"

#include <string.h>

#define BCD_USB_20             0x0200u
#define BCD_USB_11             0x0110u
#define ATTRIBUTES_BUS_POWERED 0x80u
#define MAX_POWER_100_MA       50u
#define CLASS_VENDOR           0xFFu
#define LANGID_ENGLISH_US      0x0409u
#define INTERFACES_MAX         256u /* bInterfaceNumber is a byte */

_Static_assert(DFUKIT_DESCRIPTOR_ROOM >=
                   18 + 9 + 9 * INTERFACES_MAX + 9 + 4 + 255 * (3 + DFUKIT_PERSONA_ALTERNATES),
               "the longest strings, and the most interfaces, must fit");

/* By the letter of DFU 1.0; a product whose protocols are known says more than that had. */
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

/* No string is an index of 0, as of a name that is empty. */
static uint8_t string_index(const char *text, uint8_t index)
{
    return text != NULL && text[0] != '\0' ? index : 0;
}

static uint16_t usb_version(const dfukit_appearance *a)
{
    if (a->persona->bcdUSB != 0)
        return a->persona->bcdUSB;
    return is_10(a) ? BCD_USB_11 : BCD_USB_20;
}

static void add_device(dfukit_descriptors *d, const dfukit_appearance *a)
{
    bool dfu_class = a->dfu_mode && is_10(a) && !a->persona->has_protocol;
    dfukit_device_descriptor device = {
        .bcdUSB = usb_version(a),
        .bDeviceClass = dfu_class ? DFUKIT_CLASS_APPLICATION : 0,
        .bDeviceSubClass = dfu_class ? DFUKIT_SUBCLASS_DFU : 0,
        .bMaxPacketSize0 = a->persona->max_packet_size0,
        .idVendor = a->identity.idVendor,
        .idProduct = a->identity.idProduct,
        .bcdDevice = a->identity.bcdDevice,
        .iManufacturer = string_index(a->manufacturer, DFUKIT_STRING_MANUFACTURER),
        .iProduct = string_index(a->identity.product, DFUKIT_STRING_PRODUCT),
        .iSerialNumber = a->raw_serial != NULL
                             ? DFUKIT_STRING_SERIAL
                             : string_index(a->identity.serial, DFUKIT_STRING_SERIAL),
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

static uint8_t protocol(const dfukit_appearance *a, uint8_t usual)
{
    if (a->persona->has_protocol)
        return a->dfu_mode ? a->persona->protocol : a->persona->runtime_protocol;
    return is_10(a) ? 0 : usual;
}

static void add_runtime_interfaces(dfukit_descriptors *d, const dfukit_appearance *a)
{
    uint8_t last = dfukit_interface_runtime(a->persona);
    dfukit_interface_descriptor application = {
        .bInterfaceClass =
            a->persona->runtime_class != 0 ? a->persona->runtime_class : CLASS_VENDOR,
    };
    dfukit_interface_descriptor dfu = {
        .bInterfaceNumber = last,
        .bInterfaceClass = DFUKIT_CLASS_APPLICATION,
        .bInterfaceSubClass = DFUKIT_SUBCLASS_DFU,
        .bInterfaceProtocol = protocol(a, DFUKIT_PROTOCOL_RUNTIME),
        .iInterface = string_index(a->persona->runtime_name, DFUKIT_STRING_ALTERNATES),
    };

    for (; application.bInterfaceNumber < last; application.bInterfaceNumber++)
        add_interface(d, &application);
    add_interface(d, &dfu);
}

static void add_alternates(dfukit_descriptors *d, const dfukit_appearance *a)
{
    dfukit_interface_descriptor alternate = {
        .bInterfaceClass = DFUKIT_CLASS_APPLICATION,
        .bInterfaceSubClass = DFUKIT_SUBCLASS_DFU,
        .bInterfaceProtocol = protocol(a, DFUKIT_PROTOCOL_DFU),
    };

    for (uint8_t n = 0; n < DFUKIT_PERSONA_ALTERNATES && a->alternates[n] != NULL; n++) {
        alternate.bAlternateSetting = n;
        alternate.iInterface =
            string_index(a->alternates[n], (uint8_t)(DFUKIT_STRING_ALTERNATES + n));
        add_interface(d, &alternate);
    }
}

static void add_functional(dfukit_descriptors *d, const dfukit_appearance *a)
{
    uint8_t *bytes = d->bytes + d->used;
    size_t n = dfukit_functional_encode(&a->functional, bytes);

    /* bcdDFUVersion is what 9 bytes have and 7 have not. */
    bytes[7] = (uint8_t)a->functional.bcdDFUVersion;
    bytes[8] = (uint8_t)(a->functional.bcdDFUVersion >> 8);
    if (a->persona->functional_length == DFUKIT_FUNCTIONAL_SIZE_10 ||
        a->persona->functional_length == DFUKIT_FUNCTIONAL_SIZE_11)
        n = a->persona->functional_length;
    bytes[0] = a->lies ? a->functional_length : (uint8_t)n;
    d->used += n;
}

static void add_configuration(dfukit_descriptors *d, const dfukit_appearance *a)
{
    const dfukit_persona *p = a->persona;
    dfukit_placement placement = a->dfu_mode ? p->placement : p->runtime_placement;
    uint8_t *header = begin(d, DFUKIT_DESC_CONFIGURATION, 0);
    size_t total;

    d->used += DFUKIT_CONFIG_HEADER_SIZE;
    if (placement == DFUKIT_PLACED_BEFORE)
        add_functional(d, a);
    if (a->dfu_mode)
        add_alternates(d, a);
    else
        add_runtime_interfaces(d, a);
    if (placement == DFUKIT_PLACED_BEHIND)
        add_functional(d, a);

    total = (size_t)(d->bytes + d->used - header);
    header[0] = DFUKIT_CONFIG_HEADER_SIZE;
    header[1] = DFUKIT_DESC_CONFIGURATION;
    header[2] = (uint8_t)total;
    header[3] = (uint8_t)(total >> 8);
    header[4] = a->dfu_mode ? 1 : (uint8_t)(dfukit_interface_runtime(p) + 1u);
    header[5] = 1; /* bConfigurationValue */
    header[6] = 0;
    header[7] = ATTRIBUTES_BUS_POWERED;
    header[8] = MAX_POWER_100_MA;
    end(d);
}

static void add_string(dfukit_descriptors *d, const char *text, uint8_t index)
{
    if (string_index(text, index) == 0)
        return;
    d->used += dfukit_string_encode(text, begin(d, DFUKIT_DESC_STRING, index), 255);
    end(d);
}

static void add_serial(dfukit_descriptors *d, const dfukit_appearance *a)
{
    if (a->raw_serial == NULL) {
        add_string(d, a->identity.serial, DFUKIT_STRING_SERIAL);
        return;
    }
    memcpy(begin(d, DFUKIT_DESC_STRING, DFUKIT_STRING_SERIAL), a->raw_serial, a->raw_serial[0]);
    d->used += a->raw_serial[0];
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

void dfukit_descriptors_build(dfukit_descriptors *d, const dfukit_appearance *a)
{
    memset(d, 0, sizeof *d);
    add_device(d, a);
    add_configuration(d, a);
    add_languages(d);
    add_string(d, a->manufacturer, DFUKIT_STRING_MANUFACTURER);
    add_string(d, a->identity.product, DFUKIT_STRING_PRODUCT);
    add_serial(d, a);
    if (!a->dfu_mode)
        add_string(d, a->persona->runtime_name, DFUKIT_STRING_ALTERNATES);
    for (uint8_t n = 0; a->dfu_mode && n < DFUKIT_PERSONA_ALTERNATES; n++)
        add_string(d, a->alternates[n], (uint8_t)(DFUKIT_STRING_ALTERNATES + n));
    d->set = (dfukit_descriptor_set){d->list, NULL, d->count, 0};
}
