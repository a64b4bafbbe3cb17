/* SPDX-License-Identifier: MIT */
/* A serial number out of the number that is in a chip (USB 2.0 §9.6.7). */
#include "dfukit/describe.h"

/* bLength is one byte, and a digit takes two. */
#define LONGEST (2u + 4u * 63u)

static uint8_t digit(unsigned nibble)
{
    return (uint8_t)(nibble < 10 ? '0' + nibble : 'A' - 10 + nibble);
}

size_t dfukit_serial_encode(const uint8_t *id, size_t n, uint8_t *to, size_t room)
{
    size_t at = 2;

    if (room < at)
        return 0;
    if (room > LONGEST)
        room = LONGEST;
    for (; n > 0 && room - at >= 4; n--, id++) {
        to[at++] = digit(*id >> 4);
        to[at++] = 0;
        to[at++] = digit(*id & 0x0Fu);
        to[at++] = 0;
    }
    to[0] = (uint8_t)at;
    to[1] = DFUKIT_DESC_STRING;
    return at;
}
