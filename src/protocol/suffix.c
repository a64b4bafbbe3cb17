/* SPDX-License-Identifier: MIT */
/* The suffix of firmware files (DFU 1.1 Appendix B). It is read from the end of the file; offsets
 * here count from the start of its last 16 bytes. A longer suffix has more in front of those. */
#include "dfukit/protocol.h"

#include "bytes.h"

enum {
    AT_DEVICE = 0,
    AT_PRODUCT = 2,
    AT_VENDOR = 4,
    AT_DFU = 6,
    AT_SIGNATURE = 8,
    AT_LENGTH = 11,
    AT_CRC = 12
};

uint32_t dfukit_crc32(uint32_t crc, const uint8_t *bytes, size_t n)
{
    /* Four bits at a time: 64 bytes of table do for a bootloader and are quick enough for files. */
    static const uint32_t table[16] = {
        0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4,
        0x4DB26158, 0x5005713C, 0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
        0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
    };

    while (n-- > 0) {
        crc ^= *bytes++;
        crc = table[crc & 0x0Fu] ^ (crc >> 4);
        crc = table[crc & 0x0Fu] ^ (crc >> 4);
    }
    return crc;
}

int dfukit_suffix_decode(const uint8_t *file, size_t n, dfukit_suffix *out)
{
    const uint8_t *suffix;

    if (n < DFUKIT_SUFFIX_SIZE)
        return DFUKIT_ERR_FORMAT;
    suffix = file + n - DFUKIT_SUFFIX_SIZE;
    if (suffix[AT_SIGNATURE] != 'U' || suffix[AT_SIGNATURE + 1] != 'F' ||
        suffix[AT_SIGNATURE + 2] != 'D')
        return DFUKIT_ERR_FORMAT;
    out->bcdDevice = get16(suffix + AT_DEVICE);
    out->idProduct = get16(suffix + AT_PRODUCT);
    out->idVendor = get16(suffix + AT_VENDOR);
    out->bcdDFU = get16(suffix + AT_DFU);
    out->bLength = suffix[AT_LENGTH];
    out->dwCRC = get32(suffix + AT_CRC);
    if (out->bLength < DFUKIT_SUFFIX_SIZE || out->bLength > n ||
        dfukit_crc32(DFUKIT_CRC_INIT, file, n - 4) != out->dwCRC)
        return DFUKIT_ERR_DAMAGED;
    return out->bLength;
}

void dfukit_suffix_encode(const dfukit_suffix *s, uint32_t crc, uint8_t bytes[16])
{
    put16(bytes + AT_DEVICE, s->bcdDevice);
    put16(bytes + AT_PRODUCT, s->idProduct);
    put16(bytes + AT_VENDOR, s->idVendor);
    put16(bytes + AT_DFU, s->bcdDFU);
    bytes[AT_SIGNATURE] = 'U';
    bytes[AT_SIGNATURE + 1] = 'F';
    bytes[AT_SIGNATURE + 2] = 'D';
    bytes[AT_LENGTH] = DFUKIT_SUFFIX_SIZE;
    put32(bytes + AT_CRC, dfukit_crc32(crc, bytes, AT_CRC));
}
