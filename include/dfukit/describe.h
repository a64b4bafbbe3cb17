/* SPDX-License-Identifier: MIT */
/**
 * The descriptors of a product, written down at compile time from one small table: for run-time
 * mode and for DFU mode, for DFU 1.1, 1.0 and DfuSe. What comes out are constants that cost their
 * bytes and no code. The guide with a whole example is docs/DESCRIPTORS.md. The one function may be
 * called from any thread.
 *
 * A table is a file of #defines, named after the fields of the specifications; the sets are made
 * where it is included together with this header, as often as there are tables:
 *
 *     #include "pad.h"               // the table: #define DFUKIT_DESCRIBE pad, and so on
 *     #define DFUKIT_DESCRIBE_DFU    // wanted: pad_dfu_descriptors, of DFU mode
 *     #define DFUKIT_DESCRIBE_RUNTIME // wanted: pad_runtime_descriptors, of run-time mode
 *     #include "dfukit/describe.h"   // makes them, and forgets the table
 *
 * In every table:
 *     DFUKIT_DESCRIBE        the prefix of all names that are made, here pad
 *     DFUKIT_idVendor        0x0000 to 0xFFFE, as the next two
 *     DFUKIT_idProduct       in run-time mode; may be missing where only DFU mode is described
 *     DFUKIT_idProduct_dfu   in DFU mode; may be missing where only run-time mode is described.
 *                            Equal ones want a DFUKIT_bcdDevice_dfu that differs
 *     DFUKIT_bcdDevice       four decimal digits: 0x0123 is 1.23
 *     DFUKIT_bmAttributes    DFUKIT_CAN_DNLOAD and its like, but for DFUKIT_WILL_DETACH
 *     DFUKIT_wTransferSize   bytes, bMaxPacketSize0 at least
 *
 * Where the default does not do:
 *     DFUKIT_bcdDFUVersion   a number: 0x0110; 0x0100 is DFU 1.0, 0x011A is DfuSe
 *     DFUKIT_bitWillDetach   1 (in DFU 1.0 there is none): on DETACH the device leaves the bus by
 *                            itself, as it must for hosts that cannot reset one (Windows); else 0
 *     DFUKIT_wDetachTimeOut  1000, milliseconds
 *     DFUKIT_bMaxPacketSize0 64
 *     DFUKIT_bcdDevice_dfu   as DFUKIT_bcdDevice
 *     DFUKIT_milliamperes    100, drawn from the bus at most
 *     DFUKIT_selfPowered     0; 1: the device has power of its own
 *
 * Texts, "in plain UTF-8", each left out if there is none:
 *     DFUKIT_iManufacturer, DFUKIT_iProduct
 *     DFUKIT_iProduct_dfu    the product's name in DFU mode, if it is another one
 *     DFUKIT_iInterface      of the DFU interface in run-time mode
 *     DFUKIT_iSerialNumber   a fixed serial number, or, from a chip's own number:
 *     DFUKIT_serialBytes     how many bytes that has, 63 at most. Makes the array pad_serial, which
 *                            dfukit_serial_encode() has to fill before the device attaches
 *     DFUKIT_ALTERNATES(ALT) the alternate settings of DFU mode, as ALT(FLASH, "Firmware")
 *                            ALT(SETTINGS, "Settings"): bAlternateSetting 0 and 1, the enumerators
 *                            pad_alt_FLASH, pad_alt_SETTINGS. Left out: one without a name
 *     DFUKIT_STRINGS(S)      further strings: S(Locked, "The flash is locked") is served under the
 *                            index pad_iLocked, which may be the status_string of the class
 *     DFUKIT_wLANGID         0x0409, English (United States)
 *
 * For run-time mode:
 *     DFUKIT_APPLICATION     the descriptors of the application's interfaces, as bytes; the DFU
 *                            interface follows them. Left out: it is the only one
 *     DFUKIT_APPLICATION_INTERFACES  how many interfaces these are
 *     DFUKIT_APPLICATION_CLASS       bDeviceClass, bDeviceSubClass, bDeviceProtocol; 0, 0, 0
 *
 * Capabilities (they make a BOS, and bcdUSB 0x0201):
 *     DFUKIT_GUID            "{01234567-89AB-CDEF-0123-456789ABCDEF}", your own: Windows 8.1 and
 *                            later bind WinUSB by themselves, and programs find it by this
 *     DFUKIT_landingPage     "example.com/pad", without https://: WebUSB
 *     DFUKIT_bScheme         of that: 1, https; 0 http, 255 all is in the text
 *     DFUKIT_USB20_EXTENSION if defined, the BOS says that there is no link power management
 *     DFUKIT_bVendorCode     1, the bRequest of the vendor requests that belong to these
 *
 * What is made, besides the sets: an enumerator for each number of the table (pad_idVendor,
 * pad_wTransferSize, pad_bmAttributes, pad_alternates, ...), and what a dfukit_dfu_config wants to
 * know, as DFUKIT_CONFIG_OF(pad). A table that cannot be is refused with a static assertion, but
 * for what a compiler does not see: the bytes of DFUKIT_APPLICATION, the digits of DFUKIT_GUID.
 */
#ifndef DFUKIT_DESCRIBE_H
#define DFUKIT_DESCRIBE_H

#include "dfukit/device.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes of the string descriptor that dfukit_serial_encode() makes of `n` bytes. */
#define DFUKIT_SERIAL_SIZE(n) (2u + 4u * (n))

/**
 * A chip's own number as a string descriptor: two hexadecimal digits (0-9, A-F) for each byte, in
 * their order, in UTF-16LE.
 * @param id    `n` bytes; 63 make the longest descriptor, more of them are left out.
 * @param to    Room for `room` bytes, the caller's; bytes that do not fit as two digits are left
 *              out.
 * @return Bytes written: bLength; 0 when there is not even room for an empty one.
 * Spec: USB 2.0 §9.6.7.
 */
size_t dfukit_serial_encode(const uint8_t *id, size_t n, uint8_t *to, size_t room);

#ifdef __cplusplus
}
#endif

/* ---- Pieces, as bytes in a list of initialisers. They can be used without a table. ---- */

#define DFUKIT_BYTES16(x) (uint8_t)((x)&0xFF), (uint8_t)(((x) >> 8) & 0xFF)

/** A DFU interface descriptor (DFU 1.1 §4.1.2, §4.2.3), 9 bytes. */
#define DFUKIT_INTERFACE_BYTES(number, alternate, protocol, iInterface)                            \
    9, DFUKIT_DESC_INTERFACE, (number), (alternate), 0, DFUKIT_CLASS_APPLICATION,                  \
        DFUKIT_SUBCLASS_DFU, (protocol), (iInterface)

/** The functional descriptor (DFU 1.1 §4.1.3), 9 bytes, and that of DFU 1.0, 7 bytes. */
#define DFUKIT_FUNCTIONAL_BYTES(attributes, detach_ms, transfer, version)                          \
    9, DFUKIT_DESC_DFU_FUNCTIONAL, (attributes), DFUKIT_BYTES16(detach_ms),                        \
        DFUKIT_BYTES16(transfer), DFUKIT_BYTES16(version)
#define DFUKIT_FUNCTIONAL_BYTES_10(attributes, detach_ms, transfer)                                \
    7, DFUKIT_DESC_DFU_FUNCTIONAL, (attributes), DFUKIT_BYTES16(detach_ms), DFUKIT_BYTES16(transfer)

/* 0, where `x` is true; else a refusal. */
#define DFUKIT_SURE(x, why)                                                                        \
    (0 * (int)sizeof(struct {                                                                      \
         _Static_assert(x, why);                                                                   \
         char c;                                                                                   \
     }))

/**
 * What an application with a USB stack of its own puts into its configuration descriptor to be
 * upgraded: the run-time DFU interface and its functional descriptor, 18 bytes (DFU 1.0: 16), of
 * the table `name`. The configuration counts one interface more, and is that much longer.
 */
#define DFUKIT_RUNTIME_BYTES(name, bInterfaceNumber, iInterface)                                   \
    DFUKIT_INTERFACE_BYTES(bInterfaceNumber, 0,                                                    \
                           DFUKIT_PROTOCOL_RUNTIME +                                               \
                               DFUKIT_SURE((name##_bcdDFUVersion) != 0x0100,                       \
                                           "DFU 1.0 wants DFUKIT_RUNTIME_BYTES_10"),               \
                           iInterface),                                                            \
        DFUKIT_FUNCTIONAL_BYTES(name##_bmAttributes, name##_wDetachTimeOut, name##_wTransferSize,  \
                                name##_bcdDFUVersion)
#define DFUKIT_RUNTIME_BYTES_10(name, bInterfaceNumber, iInterface)                                \
    DFUKIT_INTERFACE_BYTES(                                                                        \
        bInterfaceNumber, 0,                                                                       \
        DFUKIT_SURE((name##_bcdDFUVersion) == 0x0100, "DFUKIT_RUNTIME_BYTES_10 is for DFU 1.0"),   \
        iInterface),                                                                               \
        DFUKIT_FUNCTIONAL_BYTES_10(name##_bmAttributes, name##_wDetachTimeOut,                     \
                                   name##_wTransferSize)

/** What the table `name` says of a dfukit_dfu_config, as initialisers of its fields. */
#define DFUKIT_CONFIG_OF(name)                                                                     \
    .functional = {name##_bmAttributes, name##_wDetachTimeOut, name##_wTransferSize,               \
                   name##_bcdDFUVersion},                                                          \
    .alternates = name##_alternates, .interface_runtime = name##_interface_runtime,                \
    .interfaces_runtime = name##_interfaces_runtime, .max_packet_size0 = name##_bMaxPacketSize0,   \
    .self_powered = name##_selfPowered,                                                            \
    .dfuse = (int)name##_bcdDFUVersion == (int)DFUKIT_VERSION_DFUSE

/** bDescriptorType and bDevCapabilityType of capabilities. Spec: USB 3.1, tables 9-6 and
 *  9-14. */
enum {
    DFUKIT_DESC_DEVICE_CAPABILITY = 16,
    DFUKIT_CAPABILITY_USB20 = 2,
    DFUKIT_CAPABILITY_PLATFORM = 5
};
/** wIndex of the vendor requests. Spec: Microsoft OS 2.0 Descriptors, table 8; WebUSB, GET_URL. */
enum { DFUKIT_MS_OS_20_DESCRIPTOR_INDEX = 7, DFUKIT_WEBUSB_GET_URL = 2 };

/** USB 2.0 extension without link power management (USB 3.1 §9.6.2.1), 7 bytes. */
#define DFUKIT_USB20_EXTENSION_BYTES                                                               \
    7, DFUKIT_DESC_DEVICE_CAPABILITY, DFUKIT_CAPABILITY_USB20, 0, 0, 0, 0

/** The platform capability of Microsoft OS 2.0 ({D8DD60DF-4589-4CC7-9CD2-659D9E648A9F}; Windows
 *  8.1), 28 bytes, for a descriptor set of `length` bytes; no alternate enumeration. */
#define DFUKIT_MS_OS_20_CAPABILITY_BYTES(length, vendor_code)                                      \
    28, DFUKIT_DESC_DEVICE_CAPABILITY, DFUKIT_CAPABILITY_PLATFORM, 0, 0xDF, 0x60, 0xDD, 0xD8,      \
        0x89, 0x45, 0xC7, 0x4C, 0x9C, 0xD2, 0x65, 0x9D, 0x9E, 0x64, 0x8A, 0x9F, 0, 0, 3, 6,        \
        DFUKIT_BYTES16(length), (vendor_code), 0

/** The platform capability of WebUSB ({3408B638-09A9-47A0-8BFD-A0768815B665}; 1.0), 24 bytes. */
#define DFUKIT_WEBUSB_CAPABILITY_BYTES(vendor_code, iLandingPage)                                  \
    24, DFUKIT_DESC_DEVICE_CAPABILITY, DFUKIT_CAPABILITY_PLATFORM, 0, 0x38, 0xB6, 0x08, 0x34,      \
        0xA9, 0x09, 0xA0, 0x47, 0x8B, 0xFD, 0xA0, 0x76, 0x88, 0x15, 0xB6, 0x65, 0, 1,              \
        (vendor_code), (iLandingPage)

/* ---- Inside: how a table becomes descriptors ---- */

#define DFUKIT_JOIN_(a, b, c) a##b##c
#define DFUKIT_JOIN(a, b, c)  DFUKIT_JOIN_(a, b, c)
/* A name of the table, and one of the mode that is being described. */
#define DFUKIT_OF(field)      DFUKIT_JOIN(DFUKIT_DESCRIBE, field, )
#define DFUKIT_OF_MODE(field) DFUKIT_JOIN(DFUKIT_DESCRIBE, DFUKIT_MODE, field)

/* A string descriptor. */
#define DFUKIT_TEXT(name, text)                                                                    \
    _Static_assert(sizeof(u"" text) > 2, "a text is empty: leave it out");                         \
    static const struct {                                                                          \
        uint8_t bLength, bDescriptorType;                                                          \
        uint_least16_t bString[sizeof(u"" text) / 2 - 1];                                          \
    } name = {(uint8_t)sizeof name, DFUKIT_DESC_STRING, u"" text};                                 \
    _Static_assert(sizeof name <= 254, "a text is longer than the 126 characters of a descriptor")
#define DFUKIT_TEXT_ENTRY(index, name)                                                             \
    {                                                                                              \
        DFUKIT_DESCRIPTOR_ID(DFUKIT_DESC_STRING, index), sizeof name, (const uint8_t *)&name       \
    }

/* Rows of DFUKIT_ALTERNATES and DFUKIT_STRINGS. */
#define DFUKIT_ALT_NUMBER(id, text) DFUKIT_OF(_alt_##id),
#define DFUKIT_ALT_INDEX(id, text)  DFUKIT_OF(_iInterface_##id),
#define DFUKIT_ALT_TEXT(id, text)   DFUKIT_TEXT(DFUKIT_OF(_text_##id), text);
#define DFUKIT_ALT_ENTRY(id, text)                                                                 \
    DFUKIT_TEXT_ENTRY(DFUKIT_OF(_iInterface_##id), DFUKIT_OF(_text_##id)),
#define DFUKIT_ALT_INTERFACE(id, text)                                                             \
    DFUKIT_INTERFACE_BYTES(0, DFUKIT_OF(_alt_##id), DFUKIT_OF(_protocol_dfu),                      \
                           DFUKIT_OF(_iInterface_##id)),
#define DFUKIT_STRING_INDEX(id, text) DFUKIT_OF(_i##id),
#define DFUKIT_STRING_TEXT(id, text)  DFUKIT_TEXT(DFUKIT_OF(_text_i##id), text);
#define DFUKIT_STRING_ENTRY(id, text) DFUKIT_TEXT_ENTRY(DFUKIT_OF(_i##id), DFUKIT_OF(_text_i##id)),

#endif

#ifdef DFUKIT_DESCRIBE
#include "dfukit/describe_table.h"
#endif
