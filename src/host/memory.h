/* SPDX-License-Identifier: MIT */
/* The memories of a DfuSe device: its alternate settings with the maps that their names tell. */
#ifndef DFUKIT_HOST_MEMORY_H
#define DFUKIT_HOST_MEMORY_H

#include "dfukit/host.h"

/** The index into target->alts of the setting that a job names with has_alt, by number, by its
 *  whole name, or by the name in front of its map. @return -1: the device has none such. */
int dfukit_alternate_named(const dfukit_target *target, const dfukit_job *job);
/** Would these bytes, written to option bytes at `address`, put the chip at read protection level
 *  2, which nothing lifts any more? Unknown families: when any place where RDP may stand does. */
bool dfukit_option_bytes_lock(const dfukit_map *map, uint64_t address, const uint8_t *data,
                              uint32_t n);

#endif
