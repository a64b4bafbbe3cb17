/* SPDX-License-Identifier: MIT */
/* Several regions seen as one address space. No address passes 0xFFFFFFFF. */
#include "zones.h"

#include "writer.h"

const dfukit_region *dfukit_zone_at(const dfukit_region *zones, uint32_t address, uint32_t *offset)
{
    for (const dfukit_region *z = zones; z->sectors != NULL; z++) {
        *offset = address - z->address; /* below it: far beyond its size */
        if (*offset < dfukit_region_size(z))
            return z;
    }
    return NULL;
}

uint32_t dfukit_zone_part(const dfukit_region *zone, uint32_t offset, uint32_t n)
{
    uint32_t most = dfukit_region_size(zone) - offset;

    return n < most ? n : most;
}

const dfukit_region *dfukit_zone_erasable(const dfukit_region *z)
{
    while (z->sectors != NULL && (z->permissions & DFUKIT_MAY_ERASE) == 0)
        z++;
    return z->sectors != NULL ? z : NULL;
}

uint8_t dfukit_zones_writable(const dfukit_region *zones, uint32_t address, uint32_t n)
{
    uint32_t offset, part;

    if (n != 0 && n - 1u > UINT32_MAX - address)
        return DFUKIT_STATUS_TARGET;
    for (; n != 0; n -= part) {
        const dfukit_region *z = dfukit_zone_at(zones, address, &offset);

        if (z == NULL)
            return DFUKIT_STATUS_TARGET;
        if ((z->permissions & DFUKIT_MAY_WRITE) == 0)
            return DFUKIT_STATUS_WRITE;
        part = dfukit_zone_part(z, offset, n);
        address += part;
    }
    return DFUKIT_STATUS_OK;
}

uint32_t dfukit_zones_time(const dfukit_region *zones, uint32_t address, uint32_t n)
{
    uint32_t us = 0;
    uint32_t offset, part;

    for (; n != 0; n -= part) {
        const dfukit_region *z = dfukit_zone_at(zones, address, &offset);

        if (z == NULL)
            break;
        part = dfukit_zone_part(z, offset, n);
        us = dfukit_add_time(us, ((offset & (z->write_unit - 1u)) + part) / z->write_unit *
                                     z->program_us);
        address += part;
    }
    return us;
}
