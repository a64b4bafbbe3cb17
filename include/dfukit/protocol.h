/* SPDX-License-Identifier: MIT */
/**
 * The vocabulary both ends of a Device Firmware Upgrade share: requests, states and statuses of the
 * DFU class, the descriptors that announce it, the suffix of firmware files, and the table of state
 * transitions. Freestanding: nothing here allocates, sleeps or prints; every function depends on
 * its arguments alone, and may be called from any thread.
 *
 * Field names that stand in the USB and DFU specifications keep their spelling (bStatus,
 * wTransferSize). "DFU 1.1" is the Universal Serial Bus Device Class Specification for Device
 * Firmware Upgrade, version 1.1 of August 2004; "USB 2.0" is the Universal Serial Bus
 * Specification.
 */
#ifndef DFUKIT_PROTOCOL_H
#define DFUKIT_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dfukit/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Requests, states and statuses (DFU 1.1 §3, §6.1.2) ---- */

/** bRequest of the DFU class requests. Spec: DFU 1.1 §3, table 3.2. */
typedef enum dfukit_request {
    DFUKIT_DETACH = 0,
    DFUKIT_DNLOAD = 1,
    DFUKIT_UPLOAD = 2,
    DFUKIT_GETSTATUS = 3,
    DFUKIT_CLRSTATUS = 4,
    DFUKIT_GETSTATE = 5,
    DFUKIT_ABORT = 6,
    DFUKIT_REQUEST_COUNT = 7
} dfukit_request;

/** bState. Spec: DFU 1.1 §6.1.2, Annex A.1. */
typedef enum dfukit_state {
    DFUKIT_APP_IDLE = 0,
    DFUKIT_APP_DETACH = 1,
    DFUKIT_DFU_IDLE = 2,
    DFUKIT_DNLOAD_SYNC = 3,
    DFUKIT_DNBUSY = 4,
    DFUKIT_DNLOAD_IDLE = 5,
    DFUKIT_MANIFEST_SYNC = 6,
    DFUKIT_MANIFEST = 7,
    DFUKIT_MANIFEST_WAIT_RESET = 8,
    DFUKIT_UPLOAD_IDLE = 9,
    DFUKIT_DFU_ERROR = 10,
    DFUKIT_STATE_COUNT = 11
} dfukit_state;

/** bStatus. Spec: DFU 1.1 §6.1.2, table of status codes. */
typedef enum dfukit_status {
    DFUKIT_STATUS_OK = 0,
    DFUKIT_STATUS_TARGET = 1,
    DFUKIT_STATUS_FILE = 2,
    DFUKIT_STATUS_WRITE = 3,
    DFUKIT_STATUS_ERASE = 4,
    DFUKIT_STATUS_CHECK_ERASED = 5,
    DFUKIT_STATUS_PROG = 6,
    DFUKIT_STATUS_VERIFY = 7,
    DFUKIT_STATUS_ADDRESS = 8,
    DFUKIT_STATUS_NOTDONE = 9,
    DFUKIT_STATUS_FIRMWARE = 10,
    DFUKIT_STATUS_VENDOR = 11,
    DFUKIT_STATUS_USBR = 12,
    DFUKIT_STATUS_POR = 13,
    DFUKIT_STATUS_UNKNOWN = 14,
    DFUKIT_STATUS_STALLEDPKT = 15,
    DFUKIT_STATUS_COUNT = 16
} dfukit_status;

/** Bits of bmAttributes in the functional descriptor. Spec: DFU 1.1 §4.1.3; bit 7 is ST's. */
enum {
    DFUKIT_CAN_DNLOAD = 0x01,
    DFUKIT_CAN_UPLOAD = 0x02,
    DFUKIT_MANIFESTATION_TOLERANT = 0x04,
    DFUKIT_WILL_DETACH = 0x08, /**< since DFU 1.1 */
    DFUKIT_CAN_ACCELERATE = 0x80
};

/** Names as the specification writes them ("dfuDNLOAD-IDLE", "errVERIFY", "DFU_DNLOAD").
 *  @return A string constant; for a value out of range "unknown". */
const char *dfukit_state_name(unsigned state);
const char *dfukit_status_name(unsigned status);
const char *dfukit_request_name(unsigned request);
/** One sentence for people: what a bStatus means. Never NULL. Spec: DFU 1.1 §6.1.2. */
const char *dfukit_status_text(unsigned status);

/** Length of the answer to DFU_GETSTATUS. */
#define DFUKIT_STATUS_SIZE 6u

/** The answer to DFU_GETSTATUS, decoded. Spec: DFU 1.1 §6.1.2. */
typedef struct dfukit_status_reply {
    uint8_t bStatus;        /**< dfukit_status; values from 16 are possible from a broken device */
    uint32_t bwPollTimeout; /**< milliseconds, 24 bits */
    uint8_t bState;         /**< dfukit_state the device is in after this reply */
    uint8_t iString;        /**< index of a vendor's text, 0 for none */
} dfukit_status_reply;

/** Decode 6 bytes. */
void dfukit_status_decode(const uint8_t bytes[DFUKIT_STATUS_SIZE], dfukit_status_reply *out);
/** Encode 6 bytes; bwPollTimeout is cut to 0xFFFFFF. */
void dfukit_status_encode(const dfukit_status_reply *reply, uint8_t bytes[DFUKIT_STATUS_SIZE]);

/** What may be done to a memory: the bits of a type letter in DfuSe. Spec: UM0424 §4.3.2. */
enum { DFUKIT_MAY_READ = 1, DFUKIT_MAY_ERASE = 2, DFUKIT_MAY_WRITE = 4 };

/* ---- Control transfers (USB 2.0 §9.3) ---- */

/** bmRequestType of the DFU class requests: to or from an interface. */
#define DFUKIT_TYPE_CLASS_OUT 0x21u
#define DFUKIT_TYPE_CLASS_IN  0xA1u

/** Standard requests used here. Spec: USB 2.0 §9.4. */
enum {
    DFUKIT_USB_GET_STATUS = 0,
    DFUKIT_USB_CLEAR_FEATURE = 1,
    DFUKIT_USB_SET_FEATURE = 3,
    DFUKIT_USB_SET_ADDRESS = 5,
    DFUKIT_USB_GET_DESCRIPTOR = 6,
    DFUKIT_USB_GET_CONFIGURATION = 8,
    DFUKIT_USB_SET_CONFIGURATION = 9,
    DFUKIT_USB_GET_INTERFACE = 10,
    DFUKIT_USB_SET_INTERFACE = 11
};

/** Descriptor types. Spec: USB 2.0 §9.4, table 9-5; DFU 1.1 §4.1.3. */
enum {
    DFUKIT_DESC_DEVICE = 1,
    DFUKIT_DESC_CONFIGURATION = 2,
    DFUKIT_DESC_STRING = 3,
    DFUKIT_DESC_INTERFACE = 4,
    DFUKIT_DESC_ENDPOINT = 5,
    DFUKIT_DESC_BOS = 15,
    DFUKIT_DESC_DFU_FUNCTIONAL = 0x21
};

/** The eight bytes of a SETUP packet, decoded. Spec: USB 2.0 §9.3. */
typedef struct dfukit_setup {
    uint8_t bmRequestType;
    uint8_t bRequest;
    uint16_t wValue;
    uint16_t wIndex;
    uint16_t wLength;
} dfukit_setup;

/** The packet from and to bytes; they never fail. */
void dfukit_setup_decode(const uint8_t bytes[8], dfukit_setup *out);
void dfukit_setup_encode(const dfukit_setup *setup, uint8_t bytes[8]);
/** True when the data stage, if any, runs from the device to the host. */
static inline bool dfukit_setup_is_in(const dfukit_setup *setup)
{
    return (setup->bmRequestType & 0x80u) != 0;
}

/* ---- Descriptors ---- */

#define DFUKIT_DEVICE_DESCRIPTOR_SIZE    18u
#define DFUKIT_CONFIG_HEADER_SIZE        9u
#define DFUKIT_INTERFACE_DESCRIPTOR_SIZE 9u
#define DFUKIT_FUNCTIONAL_SIZE_10        7u /**< DFU 1.0 */
#define DFUKIT_FUNCTIONAL_SIZE_11        9u /**< DFU 1.1 and DfuSe 1.1a */

/** bInterfaceClass and bInterfaceSubClass of DFU; bInterfaceProtocol tells the mode (1.1 only). */
#define DFUKIT_CLASS_APPLICATION 0xFEu
#define DFUKIT_SUBCLASS_DFU      0x01u
#define DFUKIT_PROTOCOL_RUNTIME  0x01u
#define DFUKIT_PROTOCOL_DFU      0x02u

/** bcdDFUVersion values met in the field. */
#define DFUKIT_VERSION_10         0x0100u
#define DFUKIT_VERSION_11         0x0110u
#define DFUKIT_VERSION_11_AS_0101 0x0101u
#define DFUKIT_VERSION_DFUSE      0x011Au

/** A device descriptor. Spec: USB 2.0 §9.6.1. */
typedef struct dfukit_device_descriptor {
    uint16_t bcdUSB;
    uint8_t bDeviceClass, bDeviceSubClass, bDeviceProtocol, bMaxPacketSize0;
    uint16_t idVendor, idProduct, bcdDevice;
    uint8_t iManufacturer, iProduct, iSerialNumber, bNumConfigurations;
} dfukit_device_descriptor;

/** An interface descriptor (one alternate setting). Spec: USB 2.0 §9.6.5. */
typedef struct dfukit_interface_descriptor {
    uint8_t bInterfaceNumber, bAlternateSetting, bNumEndpoints;
    uint8_t bInterfaceClass, bInterfaceSubClass, bInterfaceProtocol, iInterface;
} dfukit_interface_descriptor;

/** The DFU functional descriptor. Spec: DFU 1.1 §4.1.3, table 4.2. */
typedef struct dfukit_functional {
    uint8_t bmAttributes;
    uint16_t wDetachTimeOut; /**< milliseconds */
    uint16_t wTransferSize;  /**< bytes in one DNLOAD or UPLOAD at most */
    uint16_t bcdDFUVersion;  /**< 0x0100 where the descriptor has only 7 bytes */
} dfukit_functional;

/** Decode `n` bytes; a longer buffer is accepted.
 *  @return 18, DFUKIT_ERR_SHORT, or DFUKIT_ERR_FORMAT (wrong bLength or bDescriptorType). */
int dfukit_device_descriptor_decode(const uint8_t *bytes, size_t n, dfukit_device_descriptor *out);
void dfukit_device_descriptor_encode(const dfukit_device_descriptor *d, uint8_t bytes[18]);

/** @return 9, DFUKIT_ERR_SHORT, or DFUKIT_ERR_FORMAT. */
int dfukit_interface_descriptor_decode(const uint8_t *bytes, size_t n,
                                       dfukit_interface_descriptor *out);
void dfukit_interface_descriptor_encode(const dfukit_interface_descriptor *d, uint8_t bytes[9]);

/**
 * Decode a DFU functional descriptor of 7 bytes (DFU 1.0) or 9 bytes and more.
 * @param bytes  `n` bytes as sent by the device, any alignment; not kept.
 * @param out    Written only on success.
 * @return Bytes consumed (bLength), DFUKIT_ERR_SHORT, or DFUKIT_ERR_FORMAT.
 * Spec: DFU 1.1 §4.1.3.
 */
int dfukit_functional_decode(const uint8_t *bytes, size_t n, dfukit_functional *out);
/** Encode 7 bytes when bcdDFUVersion is 0x0100, else 9. @return Bytes written. */
size_t dfukit_functional_encode(const dfukit_functional *f, uint8_t bytes[9]);

/**
 * Walk over the descriptors inside a configuration: give the position of the next one.
 * A walk starts with *at = 0 and ends when false is returned.
 * @param bytes  The configuration as sent by the device, `n` bytes; every length in it is hostile.
 * @param at     In: offset at which to look; out: offset after the descriptor found.
 * @param found  Out: the descriptor; at least 2 bytes, found[0] bytes long, all inside `bytes`.
 * @return false at the end, and at a descriptor whose bLength is 0, 1 or beyond the end.
 */
bool dfukit_descriptor_next(const uint8_t *bytes, size_t n, size_t *at, const uint8_t **found);

/**
 * A string descriptor from ASCII or UTF-8 text, in UTF-16LE.
 * @param bytes  Room for `room` bytes (255 are always enough); text that does not fit is cut.
 * @return Bytes written: bLength. Spec: USB 2.0 §9.6.7.
 */
size_t dfukit_string_encode(const char *utf8, uint8_t *bytes, size_t room);
/**
 * Text from a string descriptor of `n` bytes, as UTF-8, closed with a NUL.
 * Surrogates without a partner become U+FFFD; an odd last byte is dropped; a bLength larger than
 * `n` is cut to `n`. Control characters are kept: see dfukit_text_sanitise().
 * @return Bytes of text without the NUL, or DFUKIT_ERR_SHORT / DFUKIT_ERR_FORMAT (text is then "").
 */
int dfukit_string_decode(const uint8_t *bytes, size_t n, char *text, size_t room);
/** The same from a descriptor whose characters are single bytes: a mistake some devices make. One
 *  that is UTF-16 after all, with every second byte 0, is read as such. @return As
 * dfukit_string_decode(). */
int dfukit_string_decode_bytes(const uint8_t *bytes, size_t n, char *text, size_t room);
/** Replace, in place, every byte that could command a terminal (C0, DEL, C1 in UTF-8, bidirectional
 *  overrides) and every malformed UTF-8 byte by '?'. */
void dfukit_text_sanitise(char *text);

/* ---- The DFU suffix of firmware files (DFU 1.1 Appendix B) ---- */

#define DFUKIT_SUFFIX_SIZE 16u
#define DFUKIT_ANY_ID      0xFFFFu /**< an ID in a suffix that matches every device */

/** The suffix. Spec: DFU 1.1 Appendix B. */
typedef struct dfukit_suffix {
    uint16_t bcdDevice, idProduct, idVendor; /**< 0xFFFF: any */
    uint16_t bcdDFU;                         /**< 0x0100, 0x0110, 0x011A … of the file's format */
    uint8_t bLength;                         /**< of the suffix in bytes, at least 16 */
    uint32_t dwCRC;                          /**< as it stands in the file */
} dfukit_suffix;

/** CRC-32 as Appendix B wants it: reflected 0xEDB88320, no final inversion. Start with
 *  DFUKIT_CRC_INIT and feed pieces in order. */
#define DFUKIT_CRC_INIT 0xFFFFFFFFu
uint32_t dfukit_crc32(uint32_t crc, const uint8_t *bytes, size_t n);

/**
 * Look for a suffix at the end of a file.
 * @param file  The whole file, `n` bytes.
 * @param out   Written when a suffix is there, even with a wrong CRC.
 * @return bLength (≥ 16) when signature and CRC are right; DFUKIT_ERR_FORMAT when there is no
 *         suffix; DFUKIT_ERR_DAMAGED when the signature is there but bLength or the CRC is wrong.
 */
int dfukit_suffix_decode(const uint8_t *file, size_t n, dfukit_suffix *out);
/** Encode 16 bytes for a file whose payload has the running CRC `crc` (from dfukit_crc32() over all
 *  payload bytes); dwCRC and bLength of `s` are ignored. */
void dfukit_suffix_encode(const dfukit_suffix *s, uint32_t crc, uint8_t bytes[16]);

/* ---- The state table (DFU 1.1 Annex A.2) ---- */

/** What may arrive in a state: the columns of the table. Requests have their bRequest. */
typedef enum dfukit_input {
    DFUKIT_ON_DETACH = DFUKIT_DETACH,
    DFUKIT_ON_DNLOAD = DFUKIT_DNLOAD, /**< DNLOAD with wLength > 0 */
    DFUKIT_ON_UPLOAD = DFUKIT_UPLOAD,
    DFUKIT_ON_GETSTATUS = DFUKIT_GETSTATUS,
    DFUKIT_ON_CLRSTATUS = DFUKIT_CLRSTATUS,
    DFUKIT_ON_GETSTATE = DFUKIT_GETSTATE,
    DFUKIT_ON_ABORT = DFUKIT_ABORT,
    DFUKIT_ON_OTHER, /**< another class request to this interface, or one of the wrong direction */
    DFUKIT_ON_DNLOAD_END, /**< DNLOAD with wLength 0 */
    DFUKIT_INPUT_COUNT
} dfukit_input;

/**
 * The table: one word for each input, with two sets of states in which a device takes it, that is,
 * acknowledges or answers. What is not taken is stalled; Annex A.1 then leads to dfuERROR with
 * errSTALLEDPKT, but for the states of dfukit_state_refuses(). An input that is taken leads to its
 * next state when its data stage has completed.
 */
extern const uint32_t dfukit_transitions[DFUKIT_INPUT_COUNT];
#define DFUKIT_INPUT_STRICT  0           /**< bit of state 0 in the set by the text */
#define DFUKIT_INPUT_LENIENT 11          /**< and in that by common practice */
#define DFUKIT_INPUT_QUIET   0x00400000u /**< not taken while the store works */
#define DFUKIT_INPUT_QUIET_2 0x00800000u /**< nor when there are two block buffers */
#define DFUKIT_INPUT_NEXT                                                                          \
    24 /**< four bits from here upwards: the next state; 0: the same, but                          \
            for what GETSTATUS does in the SYNC states */
#define DFUKIT_INPUT_IN 0x80000000u /**< its data stage runs towards the host */

/** Is the input taken in the state? */
static inline bool dfukit_takes(uint32_t transitions, unsigned state, bool strict)
{
    return (transitions >> (strict ? DFUKIT_INPUT_STRICT : DFUKIT_INPUT_LENIENT) >> state & 1u) !=
           0;
}
/** Run-time mode, where a refusal leads to appIDLE, and dfuMANIFEST-WAIT-RESET, which answers
 *  nothing. Spec: DFU 1.1 Annex A.2.1, A.2.2, A.2.9. */
static inline bool dfukit_state_refuses(unsigned state)
{
    return state < DFUKIT_DFU_IDLE || state == DFUKIT_MANIFEST_WAIT_RESET;
}

#ifdef __cplusplus
}
#endif
#endif
