/* SPDX-License-Identifier: MIT */
/* Writes Intel HEX: records of sixteen bytes from address 0 on. */
#include "hexout.h"

enum { HEX_DATA = 0, HEX_END = 1, HEX_UPPER_ADDRESS = 4 };

static bool record(FILE *to, unsigned type, unsigned address, const uint8_t *bytes, size_t n)
{
    unsigned sum = (unsigned)n + (address >> 8) + address + type;
    fprintf(to, ":%02X%04X%02X", (unsigned)n, address & 0xFFFFu, type);
    for (size_t i = 0; i < n; i++) {
        sum += bytes[i];
        fprintf(to, "%02X", (unsigned)bytes[i]);
    }
    return fprintf(to, "%02X\n", (0u - sum) & 0xFFu) > 0;
}

/* The row that has been gathered; `address` is that of its first byte. */
static bool flush_row(dfukit_cli_output *o, uint64_t address)
{
    if (o->row_fill == 0)
        return true;
    if ((address & 0xFFFFu) == 0 && address != 0) {
        uint8_t upper[2] = {(uint8_t)(address >> 24), (uint8_t)(address >> 16)};
        if (!record(o->to, HEX_UPPER_ADDRESS, 0, upper, sizeof upper))
            return false;
    }
    bool fine = record(o->to, HEX_DATA, (unsigned)(address & 0xFFFFu), o->row, o->row_fill);
    o->row_fill = 0;
    return fine;
}

bool dfukit_cli_hex_add(dfukit_cli_output *o, const uint8_t *bytes, size_t n)
{
    uint64_t at = o->size;
    for (size_t i = 0; i < n; i++) {
        o->row[o->row_fill++] = bytes[i];
        at++;
        if (o->row_fill == sizeof o->row && !flush_row(o, at - sizeof o->row))
            return false;
    }
    return true;
}

bool dfukit_cli_hex_end(dfukit_cli_output *o)
{
    return flush_row(o, o->size - o->row_fill) && record(o->to, HEX_END, 0, NULL, 0);
}
