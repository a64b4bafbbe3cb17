/* SPDX-License-Identifier: MIT */
/* One table becomes constants: its defaults, its numbers, what is refused, its texts; the sets of
 * the modes; then the table is forgotten. Included by dfukit/describe.h for every table, C only. */
#include "dfukit/device.h"

#ifdef DFUKIT_DESCRIBE

/* ---- Defaults ---- */

#ifdef __cplusplus
#error "tables are described in a C file; others take the sets from there"
#endif
#if !defined DFUKIT_idVendor || !defined DFUKIT_bcdDevice || !defined DFUKIT_bmAttributes ||       \
    !defined DFUKIT_wTransferSize
#error "the table needs DFUKIT_idVendor, _bcdDevice, _bmAttributes and _wTransferSize"
#endif
#if (defined DFUKIT_DESCRIBE_RUNTIME && !defined DFUKIT_idProduct) ||                              \
    (defined DFUKIT_DESCRIBE_DFU && !defined DFUKIT_idProduct_dfu)
#error "the table needs DFUKIT_idProduct for run-time mode, DFUKIT_idProduct_dfu for DFU mode"
#endif
#if defined DFUKIT_iSerialNumber && defined DFUKIT_serialBytes
#error "the serial number is either a text or made of a chip's number"
#endif
#if defined DFUKIT_APPLICATION != defined DFUKIT_APPLICATION_INTERFACES
#error "DFUKIT_APPLICATION and DFUKIT_APPLICATION_INTERFACES belong together"
#endif
#if defined __BYTE_ORDER__ && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the texts of descriptors are constants in the byte order of the bus: little endian only"
#endif

#ifndef DFUKIT_bcdDFUVersion
#define DFUKIT_bcdDFUVersion 0x0110
#endif
#if DFUKIT_bcdDFUVersion == 0x0100
#define DFUKIT_IS_10 1
#elif DFUKIT_bcdDFUVersion == 0x0110 || DFUKIT_bcdDFUVersion == 0x011A
#define DFUKIT_IS_10 0
#else
#error "DFUKIT_bcdDFUVersion must be a number that the preprocessor knows: 0x0100, 0x0110, 0x011A"
#endif
#ifndef DFUKIT_bitWillDetach
#define DFUKIT_bitWillDetach (!DFUKIT_IS_10)
#endif
#ifndef DFUKIT_wDetachTimeOut
#define DFUKIT_wDetachTimeOut 1000
#endif
#ifndef DFUKIT_bMaxPacketSize0
#define DFUKIT_bMaxPacketSize0 64
#endif
#ifndef DFUKIT_bcdDevice_dfu
#define DFUKIT_bcdDevice_dfu DFUKIT_bcdDevice
#endif
#ifndef DFUKIT_milliamperes
#define DFUKIT_milliamperes 100
#endif
#ifndef DFUKIT_selfPowered
#define DFUKIT_selfPowered 0
#endif
#ifndef DFUKIT_wLANGID
#define DFUKIT_wLANGID 0x0409
#endif
#ifndef DFUKIT_bScheme
#define DFUKIT_bScheme 1
#endif
#ifndef DFUKIT_bVendorCode
#define DFUKIT_bVendorCode 1
#endif
#ifndef DFUKIT_APPLICATION_CLASS
#define DFUKIT_APPLICATION_CLASS 0, 0, 0
#endif

/* ---- Numbers ---- */

enum {
    DFUKIT_OF(_idVendor) = (DFUKIT_idVendor),
#ifdef DFUKIT_idProduct
    DFUKIT_OF(_idProduct) = (DFUKIT_idProduct),
#endif
#ifdef DFUKIT_idProduct_dfu
    DFUKIT_OF(_idProduct_dfu) = (DFUKIT_idProduct_dfu),
#endif
    DFUKIT_OF(_bcdDevice) = (DFUKIT_bcdDevice),
    DFUKIT_OF(_bcdDevice_dfu) = (DFUKIT_bcdDevice_dfu),
    DFUKIT_OF(_bcdDFUVersion) = (DFUKIT_bcdDFUVersion),
    DFUKIT_OF(_bmAttributes) =
        (DFUKIT_bmAttributes) | ((DFUKIT_bitWillDetach) != 0) * DFUKIT_WILL_DETACH,
    DFUKIT_OF(_wDetachTimeOut) = (DFUKIT_wDetachTimeOut),
    DFUKIT_OF(_wTransferSize) = (DFUKIT_wTransferSize),
    DFUKIT_OF(_bMaxPacketSize0) = (DFUKIT_bMaxPacketSize0),
    DFUKIT_OF(_bMaxPower) = ((DFUKIT_milliamperes) + 1) / 2, /* units of 2 mA */
    DFUKIT_OF(_selfPowered) = (DFUKIT_selfPowered),
    DFUKIT_OF(_bVendorCode) = (DFUKIT_bVendorCode),
    DFUKIT_OF(_protocol_dfu) = DFUKIT_IS_10 ? 0 : DFUKIT_PROTOCOL_DFU,
    DFUKIT_OF(_protocol_runtime) = DFUKIT_IS_10 ? 0 : DFUKIT_PROTOCOL_RUNTIME,
#ifdef DFUKIT_APPLICATION
    DFUKIT_OF(_interface_runtime) = (DFUKIT_APPLICATION_INTERFACES),
#else
    DFUKIT_OF(_interface_runtime) = 0,
#endif
    DFUKIT_OF(_interfaces_runtime) = DFUKIT_OF(_interface_runtime) + 1
};

enum {
#ifdef DFUKIT_ALTERNATES
    DFUKIT_ALTERNATES(DFUKIT_ALT_NUMBER) DFUKIT_OF(_alternates)
#else
    DFUKIT_OF(_alternates) = 1
#endif
};

/* String indexes are numbered as they come; that of a text which is missing is 0. */
enum {
    DFUKIT_OF(_iLanguages),
#ifdef DFUKIT_iManufacturer
    DFUKIT_OF(_iManufacturer),
#endif
#if defined DFUKIT_iProduct || defined DFUKIT_iProduct_dfu
    DFUKIT_OF(_iProduct), /* in each mode with its own text */
#endif
#if defined DFUKIT_iSerialNumber || defined DFUKIT_serialBytes
    DFUKIT_OF(_iSerialNumber),
#endif
#ifdef DFUKIT_ALTERNATES
    DFUKIT_ALTERNATES(DFUKIT_ALT_INDEX)
#endif
#ifdef DFUKIT_iInterface
        DFUKIT_OF(_iInterface),
#endif
#ifdef DFUKIT_STRINGS
    DFUKIT_STRINGS(DFUKIT_STRING_INDEX)
#endif
        DFUKIT_OF(_strings) /* how many there are, the languages included */
};
#ifndef DFUKIT_iManufacturer
enum { DFUKIT_OF(_iManufacturer) = 0 };
#endif
#if !defined DFUKIT_iProduct && !defined DFUKIT_iProduct_dfu
enum { DFUKIT_OF(_iProduct) = 0 };
#endif
#if !defined DFUKIT_iSerialNumber && !defined DFUKIT_serialBytes
enum { DFUKIT_OF(_iSerialNumber) = 0 };
#endif
#ifndef DFUKIT_iInterface
enum { DFUKIT_OF(_iInterface) = 0 };
#endif

/* ---- What is refused ---- */

#define DFUKIT_IS_ID(x) ((x) >= 0 && (x) < 0xFFFF) /* 0xFFFF is the wildcard of file suffixes */
#define DFUKIT_IS_BCD(x)                                                                           \
    ((x) >= 0 && (x) <= 0x9999 && ((x)&0xF) <= 9 && ((x) >> 4 & 0xF) <= 9 && ((x) >> 8 & 0xF) <= 9)

_Static_assert(DFUKIT_IS_ID(DFUKIT_OF(_idVendor)), "idVendor: 0x0000 to 0xFFFE");
#ifdef DFUKIT_idProduct
_Static_assert(DFUKIT_IS_ID(DFUKIT_OF(_idProduct)), "idProduct: 0x0000 to 0xFFFE");
#endif
#ifdef DFUKIT_idProduct_dfu
_Static_assert(DFUKIT_IS_ID(DFUKIT_OF(_idProduct_dfu)), "idProduct_dfu: 0x0000 to 0xFFFE");
#endif
#if defined DFUKIT_idProduct && defined DFUKIT_idProduct_dfu
_Static_assert((int)DFUKIT_OF(_idProduct) != (int)DFUKIT_OF(_idProduct_dfu) ||
                   (int)DFUKIT_OF(_bcdDevice) != (int)DFUKIT_OF(_bcdDevice_dfu),
               "one idProduct for both modes wants a bcdDevice_dfu that differs");
#endif
_Static_assert(DFUKIT_IS_BCD(DFUKIT_OF(_bcdDevice)) && DFUKIT_IS_BCD(DFUKIT_OF(_bcdDevice_dfu)),
               "bcdDevice: four decimal digits");
_Static_assert(DFUKIT_OF(_bMaxPacketSize0) == 8 || DFUKIT_OF(_bMaxPacketSize0) == 16 ||
                   DFUKIT_OF(_bMaxPacketSize0) == 32 || DFUKIT_OF(_bMaxPacketSize0) == 64,
               "bMaxPacketSize0: 8, 16, 32 or 64");
_Static_assert((int)DFUKIT_OF(_wTransferSize) >= (int)DFUKIT_OF(_bMaxPacketSize0) &&
                   DFUKIT_OF(_wTransferSize) <= 0xFFFF,
               "wTransferSize: bMaxPacketSize0 to 65535");
_Static_assert(DFUKIT_OF(_wDetachTimeOut) >= 0 && DFUKIT_OF(_wDetachTimeOut) <= 0xFFFF,
               "wDetachTimeOut: 0 to 65535");
_Static_assert(!DFUKIT_IS_10 || (DFUKIT_OF(_bmAttributes) & DFUKIT_WILL_DETACH) == 0,
               "bitWillDetach: not in DFU 1.0");
_Static_assert((DFUKIT_bitWillDetach) != 0 || ((DFUKIT_bmAttributes)&DFUKIT_WILL_DETACH) == 0,
               "bitWillDetach 0, and bmAttributes has it");
_Static_assert((DFUKIT_OF(_bmAttributes) & (DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD)) != 0,
               "bmAttributes: neither download nor upload");
_Static_assert((DFUKIT_wLANGID) >= 1 && (DFUKIT_wLANGID) <= 0xFFFF, "wLANGID: 1 to 0xFFFF");
_Static_assert((DFUKIT_OF(_bmAttributes) & ~0x8F) == 0, "bmAttributes: bits that are reserved");
_Static_assert((DFUKIT_OF(_bmAttributes) & DFUKIT_CAN_ACCELERATE) == 0 ||
                   DFUKIT_OF(_bcdDFUVersion) == 0x011A,
               "bmAttributes: DFUKIT_CAN_ACCELERATE is of DfuSe only");
_Static_assert((DFUKIT_milliamperes) >= 0 && (DFUKIT_milliamperes) <= 500,
               "milliamperes: 500 at most");
_Static_assert(DFUKIT_OF(_selfPowered) == 0 || DFUKIT_OF(_selfPowered) == 1, "selfPowered: 0, 1");
_Static_assert(DFUKIT_OF(_bVendorCode) >= 0 && DFUKIT_OF(_bVendorCode) <= 0xFF,
               "bVendorCode: 0 to 255");
#ifdef DFUKIT_APPLICATION
_Static_assert(DFUKIT_OF(_interface_runtime) >= 1 && DFUKIT_OF(_interface_runtime) <= 254,
               "APPLICATION_INTERFACES: 1 to 254");
#endif
_Static_assert(DFUKIT_OF(_alternates) >= 1 && DFUKIT_OF(_alternates) <= 0xFF,
               "ALTERNATES: 1 to 255");
_Static_assert(DFUKIT_OF(_strings) <= 0xFF, "there are more than 254 texts");
_Static_assert(sizeof(u""
                      "a") == 4 &&
                   sizeof(uint_least16_t) == 2,
               "texts need 16-bit characters");
#ifdef DFUKIT_serialBytes
_Static_assert((DFUKIT_serialBytes) >= 1 && (DFUKIT_serialBytes) <= 63, "serialBytes: 1 to 63");
#endif
#ifdef DFUKIT_GUID
_Static_assert(sizeof(DFUKIT_GUID) == 39, "GUID: 38 characters, braces included");
#endif
#undef DFUKIT_IS_ID
#undef DFUKIT_IS_BCD

/* ---- Texts, and what both modes share ---- */

#if defined DFUKIT_DESCRIBE_DFU || defined DFUKIT_DESCRIBE_RUNTIME

/* A device without texts has no languages either (USB 2.0 §9.6.7). */
#if defined DFUKIT_iManufacturer || defined DFUKIT_iProduct || defined DFUKIT_iProduct_dfu ||      \
    defined DFUKIT_iInterface || defined DFUKIT_iSerialNumber || defined DFUKIT_serialBytes ||     \
    defined DFUKIT_ALTERNATES || defined DFUKIT_STRINGS
#define DFUKIT_HAS_TEXTS
static const uint8_t DFUKIT_OF(_languages)[] = {4, DFUKIT_DESC_STRING,
                                                DFUKIT_BYTES16(DFUKIT_wLANGID)};
#endif
#ifdef DFUKIT_iManufacturer
DFUKIT_TEXT(DFUKIT_OF(_text_manufacturer), DFUKIT_iManufacturer);
#endif
#if defined DFUKIT_iProduct && (defined DFUKIT_DESCRIBE_RUNTIME || !defined DFUKIT_iProduct_dfu)
DFUKIT_TEXT(DFUKIT_OF(_text_product), DFUKIT_iProduct);
#endif
#if defined DFUKIT_iProduct_dfu && defined DFUKIT_DESCRIBE_DFU
DFUKIT_TEXT(DFUKIT_OF(_text_product_dfu), DFUKIT_iProduct_dfu);
#endif
#if defined DFUKIT_iInterface && defined DFUKIT_DESCRIBE_RUNTIME
DFUKIT_TEXT(DFUKIT_OF(_text_interface), DFUKIT_iInterface);
#endif
#ifdef DFUKIT_iSerialNumber
DFUKIT_TEXT(DFUKIT_OF(_serial), DFUKIT_iSerialNumber);
#elif defined DFUKIT_serialBytes
static uint8_t DFUKIT_OF(_serial)[DFUKIT_SERIAL_SIZE(DFUKIT_serialBytes)];
#endif
#if defined DFUKIT_ALTERNATES && defined DFUKIT_DESCRIBE_DFU
DFUKIT_ALTERNATES(DFUKIT_ALT_TEXT)
#endif
#ifdef DFUKIT_STRINGS
DFUKIT_STRINGS(DFUKIT_STRING_TEXT)
#endif

#ifdef DFUKIT_landingPage
_Static_assert(sizeof(DFUKIT_landingPage) > 1, "landingPage is empty: leave it out");
/* A URL descriptor. Spec: WebUSB, URL Descriptor. */
static const struct {
    uint8_t bLength, bDescriptorType, bScheme;
    char URL[sizeof(DFUKIT_landingPage) - 1];
} DFUKIT_OF(_landing_page) = {(uint8_t)sizeof DFUKIT_OF(_landing_page), 3, (DFUKIT_bScheme),
                              DFUKIT_landingPage};
_Static_assert(sizeof DFUKIT_OF(_landing_page) <= 255, "landingPage: 252 bytes at most");
_Static_assert((DFUKIT_bScheme) == 0 || (DFUKIT_bScheme) == 1 || (DFUKIT_bScheme) == 255,
               "bScheme: 0, 1 or 255");
#endif

#ifdef DFUKIT_DESCRIBE_DFU
#define DFUKIT_MODE _dfu
#define DFUKIT_IN_DFU_MODE
#include "dfukit/describe_set.h"
#undef DFUKIT_IN_DFU_MODE
#undef DFUKIT_MODE
#endif
#ifdef DFUKIT_DESCRIBE_RUNTIME
#define DFUKIT_MODE _runtime
#include "dfukit/describe_set.h"
#undef DFUKIT_MODE
#endif
#endif

/* ---- The table is forgotten ---- */

#undef DFUKIT_IS_10
#undef DFUKIT_HAS_TEXTS
#undef DFUKIT_DESCRIBE
#undef DFUKIT_DESCRIBE_DFU
#undef DFUKIT_DESCRIBE_RUNTIME
#undef DFUKIT_idVendor
#undef DFUKIT_idProduct
#undef DFUKIT_idProduct_dfu
#undef DFUKIT_bcdDevice
#undef DFUKIT_bcdDevice_dfu
#undef DFUKIT_bcdDFUVersion
#undef DFUKIT_bmAttributes
#undef DFUKIT_bitWillDetach
#undef DFUKIT_wDetachTimeOut
#undef DFUKIT_wTransferSize
#undef DFUKIT_bMaxPacketSize0
#undef DFUKIT_milliamperes
#undef DFUKIT_selfPowered
#undef DFUKIT_iManufacturer
#undef DFUKIT_iProduct
#undef DFUKIT_iProduct_dfu
#undef DFUKIT_iInterface
#undef DFUKIT_iSerialNumber
#undef DFUKIT_serialBytes
#undef DFUKIT_ALTERNATES
#undef DFUKIT_STRINGS
#undef DFUKIT_wLANGID
#undef DFUKIT_APPLICATION
#undef DFUKIT_APPLICATION_INTERFACES
#undef DFUKIT_APPLICATION_CLASS
#undef DFUKIT_GUID
#undef DFUKIT_landingPage
#undef DFUKIT_bScheme
#undef DFUKIT_USB20_EXTENSION
#undef DFUKIT_bVendorCode

#endif
