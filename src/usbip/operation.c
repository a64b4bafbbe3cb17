/* SPDX-License-Identifier: MIT */
/*
 * The packets before a device is imported: the common head of every operation, and the record that
 * describes a device. Spec: usbip_protocol.rst, OP_REQ_DEVLIST to OP_REP_IMPORT.
 */
#include "dfukit/usbip.h"

#include "bytes.h"

/* Offsets in a device record, counted from its path. */
enum {
    PATH = 0,
    BUSID = 256,
    BUSNUM = 288,
    DEVNUM = 292,
    SPEED = 296,
    ID_VENDOR = 300,
    ID_PRODUCT = 302,
    BCD_DEVICE = 304,
    DEVICE_CLASS = 306,
    DEVICE_SUBCLASS = 307,
    DEVICE_PROTOCOL = 308,
    CONFIGURATION_VALUE = 309,
    NUM_CONFIGURATIONS = 310,
    NUM_INTERFACES = 311
};

/* A text up to its NUL, cut to leave room for one, the rest filled with zeros. */
static void copy_text(uint8_t *to, const uint8_t *from, unsigned room)
{
    unsigned i = 0;

    while (i + 1 < room && from[i] != 0) {
        to[i] = from[i];
        i++;
    }
    while (i < room)
        to[i++] = 0;
}

void dfukit_usbip_op_decode(const uint8_t bytes[8], dfukit_usbip_op *out)
{
    out->version = get_be16(bytes);
    out->code = get_be16(bytes + 2);
    out->status = get_be32(bytes + 4);
}

void dfukit_usbip_op_encode(const dfukit_usbip_op *op, uint8_t bytes[8])
{
    put_be16(bytes, op->version);
    put_be16(bytes + 2, op->code);
    put_be32(bytes + 4, op->status);
}

void dfukit_usbip_device_decode(const uint8_t bytes[312], dfukit_usbip_device *out)
{
    copy_text((uint8_t *)out->path, bytes + PATH, sizeof(out->path));
    copy_text((uint8_t *)out->busid, bytes + BUSID, sizeof(out->busid));
    out->busnum = get_be32(bytes + BUSNUM);
    out->devnum = get_be32(bytes + DEVNUM);
    out->speed = get_be32(bytes + SPEED);
    out->idVendor = get_be16(bytes + ID_VENDOR);
    out->idProduct = get_be16(bytes + ID_PRODUCT);
    out->bcdDevice = get_be16(bytes + BCD_DEVICE);
    out->bDeviceClass = bytes[DEVICE_CLASS];
    out->bDeviceSubClass = bytes[DEVICE_SUBCLASS];
    out->bDeviceProtocol = bytes[DEVICE_PROTOCOL];
    out->bConfigurationValue = bytes[CONFIGURATION_VALUE];
    out->bNumConfigurations = bytes[NUM_CONFIGURATIONS];
    out->bNumInterfaces = bytes[NUM_INTERFACES];
}

void dfukit_usbip_device_encode(const dfukit_usbip_device *d, uint8_t bytes[312])
{
    copy_text(bytes + PATH, (const uint8_t *)d->path, sizeof(d->path));
    copy_text(bytes + BUSID, (const uint8_t *)d->busid, sizeof(d->busid));
    put_be32(bytes + BUSNUM, d->busnum);
    put_be32(bytes + DEVNUM, d->devnum);
    put_be32(bytes + SPEED, d->speed);
    put_be16(bytes + ID_VENDOR, d->idVendor);
    put_be16(bytes + ID_PRODUCT, d->idProduct);
    put_be16(bytes + BCD_DEVICE, d->bcdDevice);
    bytes[DEVICE_CLASS] = d->bDeviceClass;
    bytes[DEVICE_SUBCLASS] = d->bDeviceSubClass;
    bytes[DEVICE_PROTOCOL] = d->bDeviceProtocol;
    bytes[CONFIGURATION_VALUE] = d->bConfigurationValue;
    bytes[NUM_CONFIGURATIONS] = d->bNumConfigurations;
    bytes[NUM_INTERFACES] = d->bNumInterfaces;
}
