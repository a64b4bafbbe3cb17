/* SPDX-License-Identifier: MIT */
/* Arithmetic of flash regions: runs of sectors that differ in size. */
#include "dfukit/device.h"

uint32_t dfukit_region_size(const dfukit_region *r)
{
    uint32_t total = 0;

    for (const dfukit_sectors *run = r->sectors; run->count != 0; run++) {
        uint64_t bytes = (uint64_t)run->count * run->size;

        if (bytes > UINT32_MAX - total)
            return UINT32_MAX;
        total += (uint32_t)bytes;
    }
    return total;
}

bool dfukit_region_sector(const dfukit_region *r, uint32_t offset, uint32_t *start, uint32_t *size)
{
    uint32_t base = 0; /* of the run, never above `offset` */

    for (const dfukit_sectors *run = r->sectors; run->count != 0; run++) {
        uint64_t bytes = (uint64_t)run->count * run->size;

        if (offset - base < bytes) {
            *start = offset - (offset - base) % run->size;
            *size = run->size;
            return true;
        }
        base += (uint32_t)bytes;
    }
    return false;
}
