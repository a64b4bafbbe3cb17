/* SPDX-License-Identifier: MIT */
/* What the virtual device asks of its flash beyond the public interface. */
#ifndef DFUKIT_VIRTUAL_FLASH_H
#define DFUKIT_VIRTUAL_FLASH_H

#include "dfukit/virtual.h"

/* What cells take. */
typedef enum dfukit_cells {
    DFUKIT_CELLS_NOR,       /* programmed once, then to be erased */
    DFUKIT_CELLS_REWRITTEN, /* written over what is there: RAM, option bytes */
    DFUKIT_CELLS_ONE_TIME   /* bits leave the erased value, for good */
} dfukit_cells;
/* Flash is NOR unless it is told otherwise. */
void dfukit_vflash_set_cells(dfukit_vflash *f, dfukit_cells cells);
/* Erase everything at once, whatever is under way. */
void dfukit_vflash_wipe(dfukit_vflash *f);
/* When the work under way will be over, in the clock's microseconds; UINT64_MAX: there is none. */
uint64_t dfukit_vflash_busy_until(dfukit_vflash *f);
/* The work under way is over now, whatever time it would take. */
void dfukit_vflash_hurry(dfukit_vflash *f);
/* Other cells (all of them), as from a file: which write units are blank follows from them. */
void dfukit_vflash_restore(dfukit_vflash *f, const uint8_t *cells);

#endif
