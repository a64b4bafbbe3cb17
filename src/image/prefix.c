/* SPDX-License-Identifier: MIT */
/*
 * Headers that two makers' loaders want before the payload. Both are known by their first bytes and
 * a length that fits: two bytes alone would take ordinary firmware for one.
 */
#include <string.h>

#include "bytes.h"
#include "dfukit/image.h"

#define STELLARIS_SIZE  8u
#define STELLARIS_UNIT  1024u /* of its address */
#define STELLARIS_WRITE 0x01  /* its command */

/* Two bits of each of the first two bytes tell how the image is encrypted and signed; as written
 * here, not at all. */
#define LPC_SIZE  16u
#define LPC_UNIT  512u /* of its length */
#define LPC_0     0x1A
#define LPC_1     0x3F
#define LPC_KNOWN 0x3F /* bits that are the same in all of them */

dfukit_prefix_kind dfukit_prefix_find(const uint8_t *bytes, size_t n, size_t *size,
                                      uint32_t *address)
{
    dfukit_prefix_kind kind = DFUKIT_PREFIX_NONE;
    size_t length = 0;
    uint32_t at = 0;

    if (n > STELLARIS_SIZE && bytes[0] == STELLARIS_WRITE && bytes[1] == 0 &&
        get32(bytes + 4) == n - STELLARIS_SIZE) {
        kind = DFUKIT_PREFIX_STELLARIS;
        length = STELLARIS_SIZE;
        at = get16(bytes + 2) * STELLARIS_UNIT;
    } else if (n > LPC_SIZE && (bytes[0] & LPC_KNOWN) == LPC_0 && (bytes[1] & LPC_KNOWN) == LPC_1 &&
               get16(bytes + 2) == (n - LPC_SIZE - 1) / LPC_UNIT + 1) {
        kind = DFUKIT_PREFIX_LPC;
        length = LPC_SIZE;
    }
    if (size != NULL)
        *size = length;
    if (address != NULL)
        *address = at;
    return kind;
}

static size_t encode_stellaris(uint32_t address, size_t n, uint8_t bytes[16])
{
    uint64_t length = n;

    if (address % STELLARIS_UNIT != 0 || address / STELLARIS_UNIT > UINT16_MAX ||
        length > UINT32_MAX)
        return 0;
    bytes[0] = STELLARIS_WRITE;
    bytes[1] = 0;
    put16(bytes + 2, (uint16_t)(address / STELLARIS_UNIT));
    put32(bytes + 4, (uint32_t)length);
    return STELLARIS_SIZE;
}

static size_t encode_lpc(size_t n, uint8_t bytes[16])
{
    if ((n - 1) / LPC_UNIT + 1 > UINT16_MAX)
        return 0;
    memset(bytes, 0, LPC_SIZE);
    bytes[0] = LPC_0;
    bytes[1] = LPC_1;
    put16(bytes + 2, (uint16_t)((n - 1) / LPC_UNIT + 1));
    memset(bytes + 12, 0xFF, 4);
    return LPC_SIZE;
}

size_t dfukit_prefix_encode(dfukit_prefix_kind kind, uint32_t address, size_t n, uint8_t bytes[16])
{
    if (n == 0)
        return 0;
    if (kind == DFUKIT_PREFIX_STELLARIS)
        return encode_stellaris(address, n, bytes);
    return kind == DFUKIT_PREFIX_LPC ? encode_lpc(n, bytes) : 0;
}
