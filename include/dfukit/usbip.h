/* SPDX-License-Identifier: MIT */
/**
 * The USB/IP wire format, version 1.1.1, shared by client and server: packets to and from bytes.
 * All numbers are big-endian on the wire. Nothing here opens a socket; for any thread. Spec: Linux
 * Documentation/usb/usbip_protocol.rst.
 */
#ifndef DFUKIT_USBIP_H
#define DFUKIT_USBIP_H

#include "dfukit/protocol.h"

#ifdef __cplusplus
extern "C" {
#endif

#define DFUKIT_USBIP_PORT    3240
#define DFUKIT_USBIP_VERSION 0x0111u

/** Codes of the operations before a device is imported. */
enum {
    DFUKIT_OP_REQ_DEVLIST = 0x8005,
    DFUKIT_OP_REP_DEVLIST = 0x0005,
    DFUKIT_OP_REQ_IMPORT = 0x8003,
    DFUKIT_OP_REP_IMPORT = 0x0003
};
/** Commands after that. */
enum { DFUKIT_CMD_SUBMIT = 1, DFUKIT_CMD_UNLINK = 2, DFUKIT_RET_SUBMIT = 3, DFUKIT_RET_UNLINK = 4 };
enum { DFUKIT_USBIP_DIR_OUT = 0, DFUKIT_USBIP_DIR_IN = 1 };
/** Speed codes in a device record (Linux enum usb_device_speed). */
enum { DFUKIT_USBIP_LOW = 1, DFUKIT_USBIP_FULL = 2, DFUKIT_USBIP_HIGH = 3, DFUKIT_USBIP_SUPER = 5 };
/** Linux error numbers as they stand on the wire (negated), whatever this system's are. */
enum {
    DFUKIT_USBIP_ENOENT = 2,
    DFUKIT_USBIP_ENODEV = 19,
    DFUKIT_USBIP_EPIPE = 32,
    DFUKIT_USBIP_EOVERFLOW = 75,
    DFUKIT_USBIP_ECONNRESET = 104,
    DFUKIT_USBIP_ESHUTDOWN = 108,
    DFUKIT_USBIP_ETIMEDOUT = 110
};

#define DFUKIT_USBIP_OP_SIZE        8u   /**< version, code, status */
#define DFUKIT_USBIP_DEVICE_SIZE    312u /**< a device record, without interfaces */
#define DFUKIT_USBIP_INTERFACE_SIZE 4u
#define DFUKIT_USBIP_BUSID_SIZE     32u
#define DFUKIT_USBIP_HEADER_SIZE    48u /**< every CMD_ and RET_ packet, without its data */
/** The largest data stage of a control transfer; a header that announces more is refused. */
#define DFUKIT_USBIP_DATA_MAX 65535u

/** What every message before an import begins with. */
typedef struct dfukit_usbip_op {
    uint16_t version;
    uint16_t code;
    uint32_t status;
} dfukit_usbip_op;

/** A device record, as lists and answers to an import have it. */
typedef struct dfukit_usbip_device {
    char path[256];                      /**< closed with NUL */
    char busid[DFUKIT_USBIP_BUSID_SIZE]; /**< closed with NUL */
    uint32_t busnum, devnum, speed;
    uint16_t idVendor, idProduct, bcdDevice;
    uint8_t bDeviceClass, bDeviceSubClass, bDeviceProtocol;
    uint8_t bConfigurationValue, bNumConfigurations, bNumInterfaces;
} dfukit_usbip_device;

/** A CMD_SUBMIT, CMD_UNLINK, RET_SUBMIT or RET_UNLINK; fields that a packet lacks are 0. */
typedef struct dfukit_usbip_header {
    uint32_t command, seqnum, devid, direction, ep;
    uint32_t transfer_flags; /**< SUBMIT */
    int32_t status;          /**< RET_*: 0 or a negated Linux error number */
    uint32_t length;         /**< SUBMIT: bytes wanted or sent; RET_SUBMIT: bytes moved */
    uint32_t unlink_seqnum;  /**< CMD_UNLINK */
    uint8_t setup[8];        /**< CMD_SUBMIT */
} dfukit_usbip_header;

/** From and to bytes; they never fail. */
void dfukit_usbip_op_decode(const uint8_t bytes[8], dfukit_usbip_op *out);
void dfukit_usbip_op_encode(const dfukit_usbip_op *op, uint8_t bytes[8]);
/** Strings that are not closed are cut. Never fails. */
void dfukit_usbip_device_decode(const uint8_t bytes[312], dfukit_usbip_device *out);
void dfukit_usbip_device_encode(const dfukit_usbip_device *d, uint8_t bytes[312]);
/** @return DFUKIT_OK, or DFUKIT_ERR_FORMAT: unknown command, or a length above
 *  DFUKIT_USBIP_DATA_MAX. */
int dfukit_usbip_header_decode(const uint8_t bytes[48], dfukit_usbip_header *out);
void dfukit_usbip_header_encode(const dfukit_usbip_header *h, uint8_t bytes[48]);

#ifdef __cplusplus
}
#endif
#endif
