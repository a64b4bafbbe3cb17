/* SPDX-License-Identifier: MIT */
/* What the files of the DfuSe part of the engine use of one another. */
#ifndef DFUKIT_HOST_DFUSE_H
#define DFUKIT_HOST_DFUSE_H

#include "engine.h"
#include "memory.h"

/* dfuse.c */
/* Make the plan for the target as it is now. @return false: not a job for this part. */
bool dfukit_dfuse_plan(dfukit_host *h);
/* The setting that is needed first; -1: whichever is selected. */
int dfukit_dfuse_first_alternate(const dfukit_host *h);
void dfukit_dfuse_begin(dfukit_host *h);
void dfukit_dfuse_part_begin(dfukit_host *h, dfukit_dfuse_part part);
const dfukit_map *dfukit_dfuse_map(dfukit_host *h, uint8_t alternate);
/* To dfuIDLE, then on with what is next. */
void dfukit_dfuse_abort(dfukit_host *h);
/* These return false while something has to be done first; then it has been begun. */
bool dfukit_dfuse_selected(dfukit_host *h, uint8_t alternate);
bool dfukit_dfuse_at(dfukit_host *h, uint32_t address, uint32_t length);
/* `n` bytes of the current run are done. */
void dfukit_dfuse_moved(dfukit_host *h, uint32_t n);

/* dfuse_operation.c */
void dfukit_dfuse_operate(dfukit_host *h, dfukit_operation operation, uint32_t address);
/* Blocks were sent, and something else follows: DFU_ABORT, and see what has become of them. */
void dfukit_dfuse_close(dfukit_host *h);
void dfukit_dfuse_fail_status(dfukit_host *h, const dfukit_status_reply *status, const char *what);

/* dfuse_read.c */
/* Whether the device can upload, and all of the plan's memory may be read. */
bool dfukit_dfuse_can_verify(dfukit_host *h);
void dfukit_dfuse_next_read(dfukit_host *h);
/* Everything has been written: compare, or end. */
void dfukit_dfuse_written(dfukit_host *h);

/* dfuse_leave.c */
void dfukit_dfuse_finish(dfukit_host *h);
/* It was sent to its firmware, and is in DFU mode. */
void dfukit_dfuse_stayed(dfukit_host *h);
/* The device resets by itself behind what it was told: wait for it. */
void dfukit_dfuse_reset_itself(dfukit_host *h);

#endif
