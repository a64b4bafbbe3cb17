/* SPDX-License-Identifier: MIT */
/*
 * The memories of a virtual device. Each zone of each alternate setting is a flash of its own; the
 * zones of a setting stand in a row, closed by one with sectors NULL, as the engine wants them.
 */
#ifndef DFUKIT_VIRTUAL_MEMORY_H
#define DFUKIT_VIRTUAL_MEMORY_H

#include "flash.h"

/* What an alternate setting's name says of its memory. */
typedef enum dfukit_memory_kind {
    DFUKIT_MEMORY_FLASH, /* and RAM, EEPROM … */
    DFUKIT_MEMORY_OPTION_BYTES,
    DFUKIT_MEMORY_OTP,
    DFUKIT_MEMORY_FEATURE
} dfukit_memory_kind;

typedef struct dfukit_memories {
    size_t room;                                 /* for zones, those that close a row included */
    size_t count;                                /* of them, so far */
    dfukit_region *zones;                        /* as the engine sees them */
    dfukit_vflash **flash;                       /* of each zone; NULL for those that close a row */
    dfukit_sectors grown[2];                     /* of a zone that was made longer */
    uint8_t alternates;                          /* 1 at least */
    dfukit_memory of[DFUKIT_PERSONA_ALTERNATES]; /* for each alternate setting */
    dfukit_memory_kind kind[DFUKIT_PERSONA_ALTERNATES];
} dfukit_memories;

dfukit_memory_kind dfukit_memory_kind_of(const char *name);

/* Make the memories of a persona. `at_least`: the first zone is made so many bytes long, 0: as it
 * is. @return false when out of memory; what was made is to be freed all the same. */
bool dfukit_memories_make(dfukit_memories *m, const dfukit_persona *persona, uint32_t at_least,
                          const dfukit_clock *clock, bool timed);
void dfukit_memories_free(dfukit_memories *m);

/* The flash of a zone that the engine names; NULL: none of these zones. */
dfukit_vflash *dfukit_memories_flash(const dfukit_memories *m, const dfukit_region *zone);
/* The zone that holds `address`; NULL: none. */
const dfukit_region *dfukit_memories_zone(const dfukit_memories *m, uint8_t alternate,
                                          uint32_t address);
/* Of alternate setting 0, the first zone that may be written. */
dfukit_vflash *dfukit_memories_firmware(const dfukit_memories *m);

/* All of them. */
size_t dfukit_memories_size(const dfukit_memories *m);
uint32_t dfukit_memories_operations(const dfukit_memories *m);
void dfukit_memories_cut(const dfukit_memories *m);
/* Work under way is over now, whatever time it would take. */
void dfukit_memories_hurry(const dfukit_memories *m);
uint64_t dfukit_memories_busy_until(const dfukit_memories *m);
/* What read protection guards: the flash of alternate setting 0. */
void dfukit_memories_wipe(const dfukit_memories *m);
/* How long that takes at most, in microseconds. */
uint32_t dfukit_memories_wipe_time(const dfukit_memories *m);

#endif
