/* SPDX-License-Identifier: MIT */
/**
 * Loaders as a product would build them: the device end with descriptors and stores of its own on a
 * small NOR flash that takes its time, plugged into a wire. No persona: what other programs meet
 * here is the device room alone.
 */
#ifndef BOARD_H
#define BOARD_H

#include "dfukit/virtual.h"

typedef struct board board;

/** "dfuse-board": DfuSe, two alternate settings; "double-board": plain DFU with two block buffers,
 *  tolerant. @return NULL: no such board. */
board *board_new(const char *name, const dfukit_clock *clock);
void board_free(board *b);
dfukit_wire board_wire(board *b);
/** The flash's cells; *n: how many. */
const uint8_t *board_cells(const board *b, uint32_t *n);
/** What went wrong in it: misuses of the flash. */
unsigned board_misuses(const board *b);

#endif
