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

/* The run which holds *offset, NULL beyond the end; *offset becomes one from its start. */
static const dfukit_sectors *run_at(const dfukit_region *r, uint32_t *offset)
{
    for (const dfukit_sectors *run = r->sectors; run->count != 0; run++) {
        uint64_t bytes = (uint64_t)run->count * run->size;

        if (*offset < bytes)
            return run;
        *offset -= (uint32_t)bytes;
    }
    return NULL;
}

bool dfukit_region_sector(const dfukit_region *r, uint32_t offset, uint32_t *start, uint32_t *size)
{
    uint32_t within = offset;
    const dfukit_sectors *run = run_at(r, &within);

    if (run == NULL)
        return false;
    *start = offset - within % run->size;
    *size = run->size;
    return true;
}

uint32_t dfukit_region_sector_end(const dfukit_region *r, uint32_t offset)
{
    uint32_t within = offset;
    const dfukit_sectors *run = run_at(r, &within);

    return run != NULL ? offset - within % run->size + run->size : UINT32_MAX;
}
