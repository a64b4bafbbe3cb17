/* SPDX-License-Identifier: MIT */
/*
 * The memory of an alternate setting: a list of regions, closed by one with sectors NULL, seen as
 * one address space.
 */
#ifndef DFUKIT_DEVICE_ZONES_H
#define DFUKIT_DEVICE_ZONES_H

#include "dfukit/flash.h"

/** The zone that holds `address`, and where in it; NULL: none does. */
const dfukit_region *dfukit_zone_at(const dfukit_region *zones, uint32_t address, uint32_t *offset);

/** How many of `n` bytes from `offset` on are in the zone. */
uint32_t dfukit_zone_part(const dfukit_region *zone, uint32_t offset, uint32_t n);

/** The first zone from `z` on that may be erased, NULL: none. */
const dfukit_region *dfukit_zone_erasable(const dfukit_region *z);

/** May all of `n` bytes be written? @return OK, errTARGET (no memory there, or past 0xFFFFFFFF), or
 *  errWRITE. */
uint8_t dfukit_zones_writable(const dfukit_region *zones, uint32_t address, uint32_t n);

/** Time to program `n` bytes from `address` on, but for a unit at the end that is not full. */
uint32_t dfukit_zones_time(const dfukit_region *zones, uint32_t address, uint32_t n);

#endif
