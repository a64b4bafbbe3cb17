/* SPDX-License-Identifier: MIT */
/* The descriptor set of one mode, of the table that is being described. Included by
 * dfukit/describe_table.h, once for each mode that is wanted, with DFUKIT_MODE _dfu (then
 * DFUKIT_IN_DFU_MODE is defined too) or _runtime. */
#include "dfukit/device.h"

#ifdef DFUKIT_MODE

#if defined DFUKIT_GUID || defined DFUKIT_landingPage || defined DFUKIT_USB20_EXTENSION
#define DFUKIT_HAS_BOS
#endif
#if defined DFUKIT_GUID || defined DFUKIT_landingPage
#define DFUKIT_HAS_VENDOR
#endif
#if !defined DFUKIT_IN_DFU_MODE && defined DFUKIT_APPLICATION
#define DFUKIT_IS_COMPOSITE
#endif

#if defined DFUKIT_iProduct || (defined DFUKIT_IN_DFU_MODE && defined DFUKIT_iProduct_dfu)
#define DFUKIT_HAS_PRODUCT
#endif

/* ---- The device (USB 2.0 §9.6.1; DFU 1.1 §4.2.1, which differs in 1.0) ---- */

static const uint8_t DFUKIT_OF_MODE(_device)[] = {
    DFUKIT_DEVICE_DESCRIPTOR_SIZE,
    DFUKIT_DESC_DEVICE,
#if defined DFUKIT_HAS_BOS
    DFUKIT_BYTES16(0x0201), /* GET_DESCRIPTOR(BOS) is understood: USB 2.0 ECN LPM, §3 */
#elif DFUKIT_IS_10
    DFUKIT_BYTES16(0x0110),
#else
    DFUKIT_BYTES16(0x0200),
#endif
#ifndef DFUKIT_IN_DFU_MODE
    DFUKIT_APPLICATION_CLASS,
#elif DFUKIT_IS_10
    DFUKIT_CLASS_APPLICATION,
    DFUKIT_SUBCLASS_DFU,
    0,
#else
    0,
    0,
    0,
#endif
    DFUKIT_OF(_bMaxPacketSize0),
    DFUKIT_BYTES16(DFUKIT_OF(_idVendor)),
#ifdef DFUKIT_IN_DFU_MODE
    DFUKIT_BYTES16(DFUKIT_OF(_idProduct_dfu)),
    DFUKIT_BYTES16(DFUKIT_OF(_bcdDevice_dfu)),
#else
    DFUKIT_BYTES16(DFUKIT_OF(_idProduct)),
    DFUKIT_BYTES16(DFUKIT_OF(_bcdDevice)),
#endif
    DFUKIT_OF(_iManufacturer),
#ifdef DFUKIT_HAS_PRODUCT
    DFUKIT_OF(_iProduct),
#else
    0,
#endif
    DFUKIT_OF(_iSerialNumber),
    1, /* bNumConfigurations */
};
_Static_assert(sizeof DFUKIT_OF_MODE(_device) == DFUKIT_DEVICE_DESCRIPTOR_SIZE,
               "APPLICATION_CLASS: three numbers");

/* ---- The configuration (USB 2.0 §9.6.3; DFU 1.1 §4.1, §4.2) ---- */

static const struct DFUKIT_OF_MODE(_configuration) {
    uint8_t header[DFUKIT_CONFIG_HEADER_SIZE];
#ifdef DFUKIT_IS_COMPOSITE
    uint8_t application[sizeof((const uint8_t[]){DFUKIT_APPLICATION})];
#endif
#ifdef DFUKIT_IN_DFU_MODE
    uint8_t interfaces[DFUKIT_OF(_alternates) * DFUKIT_INTERFACE_DESCRIPTOR_SIZE];
#else
    uint8_t interfaces[DFUKIT_INTERFACE_DESCRIPTOR_SIZE];
#endif
    uint8_t functional[DFUKIT_IS_10 ? DFUKIT_FUNCTIONAL_SIZE_10 : DFUKIT_FUNCTIONAL_SIZE_11];
} DFUKIT_OF_MODE(_configuration) = {
    {
        DFUKIT_CONFIG_HEADER_SIZE,
        DFUKIT_DESC_CONFIGURATION,
        DFUKIT_BYTES16(sizeof(struct DFUKIT_OF_MODE(_configuration))),
#ifdef DFUKIT_IN_DFU_MODE
        1,
#else
        DFUKIT_OF(_interfaces_runtime),
#endif
        1, /* bConfigurationValue */
        0,
        0x80 | DFUKIT_OF(_selfPowered) << 6,
        DFUKIT_OF(_bMaxPower),
    },
#ifdef DFUKIT_IS_COMPOSITE
    {DFUKIT_APPLICATION},
#endif
#if !defined DFUKIT_IN_DFU_MODE
    {DFUKIT_INTERFACE_BYTES(DFUKIT_OF(_interface_runtime), 0, DFUKIT_OF(_protocol_runtime),
                            DFUKIT_OF(_iInterface))},
#elif defined DFUKIT_ALTERNATES
    {DFUKIT_ALTERNATES(DFUKIT_ALT_INTERFACE)},
#else
    {DFUKIT_INTERFACE_BYTES(0, 0, DFUKIT_OF(_protocol_dfu), 0)},
#endif
#if DFUKIT_IS_10
    {DFUKIT_FUNCTIONAL_BYTES_10(DFUKIT_OF(_bmAttributes), DFUKIT_OF(_wDetachTimeOut),
                                DFUKIT_OF(_wTransferSize))},
#else
    {DFUKIT_FUNCTIONAL_BYTES(DFUKIT_OF(_bmAttributes), DFUKIT_OF(_wDetachTimeOut),
                             DFUKIT_OF(_wTransferSize), DFUKIT_OF(_bcdDFUVersion))},
#endif
};
_Static_assert(sizeof DFUKIT_OF_MODE(_configuration) <= 0xFFFF, "the configuration is too long");

/* ---- Microsoft OS 2.0: a driver for the device, or for the DFU function of it ---- */

#ifdef DFUKIT_GUID
/* Every length is even, so that nothing lies between the members. Spec: Microsoft OS 2.0
 * Descriptors: set header, subset headers, compatible ID, registry property. */
static const struct DFUKIT_OF_MODE(_ms_os_20) {
    uint8_t set[10];
#ifdef DFUKIT_IS_COMPOSITE
    uint8_t configuration[8];
    uint8_t function[8];
#endif
    uint8_t compatible[20];
    uint8_t property[8];
    uint_least16_t PropertyName[21];
    uint8_t wPropertyDataLength[2];
    uint_least16_t PropertyData[40]; /* a list of texts, closed by an empty one */
} DFUKIT_OF_MODE(_ms_os_20) = {
    {10, 0, 0, 0, 0, 0, 3, 6, DFUKIT_BYTES16(sizeof(struct DFUKIT_OF_MODE(_ms_os_20)))},
#ifdef DFUKIT_IS_COMPOSITE
    /* bConfigurationValue is meant as an index by Windows: 0 is the first configuration. */
    {8, 0, 1, 0, 0, 0, DFUKIT_BYTES16(sizeof(struct DFUKIT_OF_MODE(_ms_os_20)) - 10)},
    {8, 0, 2, 0, DFUKIT_OF(_interface_runtime), 0,
     DFUKIT_BYTES16(sizeof(struct DFUKIT_OF_MODE(_ms_os_20)) - 18)},
#endif
    {20, 0, 3, 0, 'W', 'I', 'N', 'U', 'S', 'B'},
    /* wLength of the property, REG_MULTI_SZ, wPropertyNameLength */
    {132, 0, 4, 0, 7, 0, 42, 0},
    u"DeviceInterfaceGUIDs",
    {80, 0},
    u"" DFUKIT_GUID,
};
#ifdef DFUKIT_IS_COMPOSITE
_Static_assert(sizeof DFUKIT_OF_MODE(_ms_os_20) == 178, "padding in the Microsoft OS descriptors");
#else
_Static_assert(sizeof DFUKIT_OF_MODE(_ms_os_20) == 162, "padding in the Microsoft OS descriptors");
#endif
#endif

/* ---- The BOS (USB 3.1 §9.6.2) ---- */

#ifdef DFUKIT_HAS_BOS
static const struct DFUKIT_OF_MODE(_bos) {
    uint8_t header[5];
#ifdef DFUKIT_USB20_EXTENSION
    uint8_t extension[7];
#endif
#ifdef DFUKIT_GUID
    uint8_t ms_os_20[28];
#endif
#ifdef DFUKIT_landingPage
    uint8_t webusb[24];
#endif
} DFUKIT_OF_MODE(_bos) = {
    {5, DFUKIT_DESC_BOS, DFUKIT_BYTES16(sizeof(struct DFUKIT_OF_MODE(_bos))),
     0
#ifdef DFUKIT_USB20_EXTENSION
         + 1
#endif
#ifdef DFUKIT_GUID
         + 1
#endif
#ifdef DFUKIT_landingPage
         + 1
#endif
    },
#ifdef DFUKIT_USB20_EXTENSION
    {DFUKIT_USB20_EXTENSION_BYTES},
#endif
#ifdef DFUKIT_GUID
    {DFUKIT_MS_OS_20_CAPABILITY_BYTES(sizeof(struct DFUKIT_OF_MODE(_ms_os_20)),
                                      DFUKIT_OF(_bVendorCode))},
#endif
#ifdef DFUKIT_landingPage
    {DFUKIT_WEBUSB_CAPABILITY_BYTES(DFUKIT_OF(_bVendorCode), 1)},
#endif
};
#endif

#ifdef DFUKIT_HAS_VENDOR
static const dfukit_vendor_reply DFUKIT_OF_MODE(_vendor)[] = {
#ifdef DFUKIT_GUID
    {DFUKIT_OF(_bVendorCode), DFUKIT_MS_OS_20_DESCRIPTOR_INDEX, 0, sizeof DFUKIT_OF_MODE(_ms_os_20),
     (const uint8_t *)&DFUKIT_OF_MODE(_ms_os_20)},
#endif
#ifdef DFUKIT_landingPage
    {DFUKIT_OF(_bVendorCode), DFUKIT_WEBUSB_GET_URL, 1, sizeof DFUKIT_OF(_landing_page),
     (const uint8_t *)&DFUKIT_OF(_landing_page)},
#endif
};
#endif

/* ---- The set ---- */

static const dfukit_descriptor DFUKIT_OF_MODE(_list)[] = {
    {DFUKIT_DESCRIPTOR_ID(DFUKIT_DESC_DEVICE, 0), sizeof DFUKIT_OF_MODE(_device),
     DFUKIT_OF_MODE(_device)},
    {DFUKIT_DESCRIPTOR_ID(DFUKIT_DESC_CONFIGURATION, 0), sizeof DFUKIT_OF_MODE(_configuration),
     (const uint8_t *)&DFUKIT_OF_MODE(_configuration)},
#ifdef DFUKIT_HAS_BOS
    {DFUKIT_DESCRIPTOR_ID(DFUKIT_DESC_BOS, 0), sizeof DFUKIT_OF_MODE(_bos),
     (const uint8_t *)&DFUKIT_OF_MODE(_bos)},
#endif
#ifdef DFUKIT_HAS_TEXTS
    DFUKIT_TEXT_ENTRY(DFUKIT_OF(_iLanguages), DFUKIT_OF(_languages)),
#endif
#ifdef DFUKIT_iManufacturer
    DFUKIT_TEXT_ENTRY(DFUKIT_OF(_iManufacturer), DFUKIT_OF(_text_manufacturer)),
#endif
#if defined DFUKIT_IN_DFU_MODE && defined DFUKIT_iProduct_dfu
    DFUKIT_TEXT_ENTRY(DFUKIT_OF(_iProduct), DFUKIT_OF(_text_product_dfu)),
#elif defined DFUKIT_iProduct
    DFUKIT_TEXT_ENTRY(DFUKIT_OF(_iProduct), DFUKIT_OF(_text_product)),
#endif
#if defined DFUKIT_iSerialNumber || defined DFUKIT_serialBytes
    DFUKIT_TEXT_ENTRY(DFUKIT_OF(_iSerialNumber), DFUKIT_OF(_serial)),
#endif
#if defined DFUKIT_IN_DFU_MODE && defined DFUKIT_ALTERNATES
    DFUKIT_ALTERNATES(DFUKIT_ALT_ENTRY)
#endif
#if !defined DFUKIT_IN_DFU_MODE && defined DFUKIT_iInterface
        DFUKIT_TEXT_ENTRY(DFUKIT_OF(_iInterface), DFUKIT_OF(_text_interface)),
#endif
#ifdef DFUKIT_STRINGS
    DFUKIT_STRINGS(DFUKIT_STRING_ENTRY)
#endif
};

static const dfukit_descriptor_set DFUKIT_OF_MODE(_descriptors) = {
    DFUKIT_OF_MODE(_list),
#ifdef DFUKIT_HAS_VENDOR
    DFUKIT_OF_MODE(_vendor),
#else
    NULL,
#endif
    sizeof DFUKIT_OF_MODE(_list) / sizeof DFUKIT_OF_MODE(_list)[0],
#ifdef DFUKIT_HAS_VENDOR
    sizeof DFUKIT_OF_MODE(_vendor) / sizeof DFUKIT_OF_MODE(_vendor)[0],
#else
    0,
#endif
};
_Static_assert(sizeof DFUKIT_OF_MODE(_list) / sizeof DFUKIT_OF_MODE(_list)[0] <= 0xFF,
               "too many descriptors");

#undef DFUKIT_HAS_BOS
#undef DFUKIT_HAS_VENDOR
#undef DFUKIT_HAS_PRODUCT
#undef DFUKIT_IS_COMPOSITE
#endif
