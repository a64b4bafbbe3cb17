/* SPDX-License-Identifier: MIT */
/* The descriptors that announce a DFU device: device and interface (USB 2.0 §9.6), the DFU
 * functional descriptor (DFU 1.1 §4.1.3), and a walk over a configuration. */
#include "dfukit/protocol.h"

#include "bytes.h"

/* Every descriptor begins with bLength and bDescriptorType; what is wrong for certain is a format
 * error, even where bytes are missing as well. */
static int check(const uint8_t *bytes, size_t n, uint8_t type, uint8_t least, uint8_t most)
{
    if (n < 2)
        return DFUKIT_ERR_SHORT;
    if (bytes[1] != type || bytes[0] < least || bytes[0] > most)
        return DFUKIT_ERR_FORMAT;
    return n < bytes[0] ? DFUKIT_ERR_SHORT : DFUKIT_OK;
}

int dfukit_device_descriptor_decode(const uint8_t *bytes, size_t n, dfukit_device_descriptor *out)
{
    int error = check(bytes, n, DFUKIT_DESC_DEVICE, DFUKIT_DEVICE_DESCRIPTOR_SIZE,
                      DFUKIT_DEVICE_DESCRIPTOR_SIZE);

    if (error != DFUKIT_OK)
        return error;
    out->bcdUSB = get16(bytes + 2);
    out->bDeviceClass = bytes[4];
    out->bDeviceSubClass = bytes[5];
    out->bDeviceProtocol = bytes[6];
    out->bMaxPacketSize0 = bytes[7];
    out->idVendor = get16(bytes + 8);
    out->idProduct = get16(bytes + 10);
    out->bcdDevice = get16(bytes + 12);
    out->iManufacturer = bytes[14];
    out->iProduct = bytes[15];
    out->iSerialNumber = bytes[16];
    out->bNumConfigurations = bytes[17];
    return (int)DFUKIT_DEVICE_DESCRIPTOR_SIZE;
}

void dfukit_device_descriptor_encode(const dfukit_device_descriptor *d, uint8_t bytes[18])
{
    bytes[0] = DFUKIT_DEVICE_DESCRIPTOR_SIZE;
    bytes[1] = DFUKIT_DESC_DEVICE;
    put16(bytes + 2, d->bcdUSB);
    bytes[4] = d->bDeviceClass;
    bytes[5] = d->bDeviceSubClass;
    bytes[6] = d->bDeviceProtocol;
    bytes[7] = d->bMaxPacketSize0;
    put16(bytes + 8, d->idVendor);
    put16(bytes + 10, d->idProduct);
    put16(bytes + 12, d->bcdDevice);
    bytes[14] = d->iManufacturer;
    bytes[15] = d->iProduct;
    bytes[16] = d->iSerialNumber;
    bytes[17] = d->bNumConfigurations;
}

/* Interface descriptors of class extensions may be longer: the first nine bytes stay the same. */
int dfukit_interface_descriptor_decode(const uint8_t *bytes, size_t n,
                                       dfukit_interface_descriptor *out)
{
    int error = check(bytes, n, DFUKIT_DESC_INTERFACE, DFUKIT_INTERFACE_DESCRIPTOR_SIZE, 0xFF);

    if (error != DFUKIT_OK)
        return error;
    out->bInterfaceNumber = bytes[2];
    out->bAlternateSetting = bytes[3];
    out->bNumEndpoints = bytes[4];
    out->bInterfaceClass = bytes[5];
    out->bInterfaceSubClass = bytes[6];
    out->bInterfaceProtocol = bytes[7];
    out->iInterface = bytes[8];
    return (int)DFUKIT_INTERFACE_DESCRIPTOR_SIZE;
}

void dfukit_interface_descriptor_encode(const dfukit_interface_descriptor *d, uint8_t bytes[9])
{
    bytes[0] = DFUKIT_INTERFACE_DESCRIPTOR_SIZE;
    bytes[1] = DFUKIT_DESC_INTERFACE;
    bytes[2] = d->bInterfaceNumber;
    bytes[3] = d->bAlternateSetting;
    bytes[4] = d->bNumEndpoints;
    bytes[5] = d->bInterfaceClass;
    bytes[6] = d->bInterfaceSubClass;
    bytes[7] = d->bInterfaceProtocol;
    bytes[8] = d->iInterface;
}

int dfukit_functional_decode(const uint8_t *bytes, size_t n, dfukit_functional *out)
{
    int error = check(bytes, n, DFUKIT_DESC_DFU_FUNCTIONAL, DFUKIT_FUNCTIONAL_SIZE_10, 0xFF);

    /* Eight bytes would hold half of bcdDFUVersion. */
    if (n >= 2 && bytes[0] == DFUKIT_FUNCTIONAL_SIZE_10 + 1)
        return DFUKIT_ERR_FORMAT;
    if (error != DFUKIT_OK)
        return error;
    out->bmAttributes = bytes[2];
    out->wDetachTimeOut = get16(bytes + 3);
    out->wTransferSize = get16(bytes + 5);
    out->bcdDFUVersion =
        bytes[0] >= DFUKIT_FUNCTIONAL_SIZE_11 ? get16(bytes + 7) : (uint16_t)DFUKIT_VERSION_10;
    return bytes[0];
}

size_t dfukit_functional_encode(const dfukit_functional *f, uint8_t bytes[9])
{
    size_t n = f->bcdDFUVersion == DFUKIT_VERSION_10 ? DFUKIT_FUNCTIONAL_SIZE_10
                                                     : DFUKIT_FUNCTIONAL_SIZE_11;

    bytes[0] = (uint8_t)n;
    bytes[1] = DFUKIT_DESC_DFU_FUNCTIONAL;
    bytes[2] = f->bmAttributes;
    put16(bytes + 3, f->wDetachTimeOut);
    put16(bytes + 5, f->wTransferSize);
    if (n == DFUKIT_FUNCTIONAL_SIZE_11)
        put16(bytes + 7, f->bcdDFUVersion);
    return n;
}

bool dfukit_descriptor_next(const uint8_t *bytes, size_t n, size_t *at, const uint8_t **found)
{
    size_t left = *at < n ? n - *at : 0;

    if (left < 2 || bytes[*at] < 2 || bytes[*at] > left)
        return false;
    *found = bytes + *at;
    *at += (*found)[0];
    return true;
}
