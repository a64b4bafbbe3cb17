/* SPDX-License-Identifier: MIT */
/*
 * What the engine remembers of a job on a DfuSe device. dfuse.c walks through the plan, one part
 * behind the other; dfuse_operation.c carries out a command or a block; dfuse_read.c reads;
 * dfuse_leave.c ends it.
 */
#ifndef DFUKIT_HOST_DFUSE_WORK_H
#define DFUKIT_HOST_DFUSE_WORK_H

#include "dfukit/host.h"

typedef enum dfukit_dfuse_part {
    DFUKIT_PART_ERASURE,
    DFUKIT_PART_WRITING,
    DFUKIT_PART_PROBING, /* is erased memory 0xFF? one block is read */
    DFUKIT_PART_READING, /* for a file, or to compare */
    DFUKIT_PART_ENDING
} dfukit_dfuse_part;

typedef enum dfukit_operation {
    DFUKIT_OPERATION_ADDRESS,
    DFUKIT_OPERATION_ERASE,
    DFUKIT_OPERATION_MASS_ERASE,
    DFUKIT_OPERATION_UNPROTECT,
    DFUKIT_OPERATION_DATA
} dfukit_operation;

typedef enum dfukit_blank {
    DFUKIT_BLANK_UNKNOWN,
    DFUKIT_BLANK_FF, /* erased memory of this setting was seen to read 0xFF */
    DFUKIT_BLANK_NOT /* or is something else, or cannot be read */
} dfukit_blank;

typedef struct dfukit_dfuse_work {
    dfukit_plan plan;
    dfukit_plan_fault fault;
    bool planned;
    bool active; /* the device is DfuSe, and the job moves data or erases */

    dfukit_dfuse_part part;
    size_t mass, page, run; /* the next ones of the plan */
    uint32_t offset;        /* bytes of the run that are done */
    uint64_t done;          /* bytes of all runs in this part */
    dfukit_map map;         /* of the setting that `map_alternate` names */
    int map_alternate;      /* -1: none yet */
    bool mapped;
    uint8_t bState; /* as far as is known: dfuIDLE, dfuDNLOAD-IDLE or dfuUPLOAD-IDLE */

    bool pointed;   /* the device's address pointer is `base` */
    uint32_t base;  /* as set last */
    uint32_t block; /* the next wBlockNum, from 2 */

    dfukit_operation operation;
    uint8_t command[5];
    const uint8_t *out;
    uint16_t length;
    uint32_t address;     /* that the operation is about */
    bool may_reset;       /* the device may be gone behind it: that is how it ends */
    bool accepted;        /* its DNLOAD was acknowledged */
    uint32_t told_ms;     /* the longest bwPollTimeout of the operation */
    unsigned clears;      /* DFU_CLRSTATUS sent to free a device that hangs */
    unsigned repeats;     /* the operation was begun again after that */
    unsigned refusals;    /* of the alternate setting that is to be selected */
    uint64_t limit_at_ms; /* when a device that is busy with it has hung */

    dfukit_blank blank;
    bool settled; /* work that somebody had left it was waited for */
    bool leaving; /* the empty DNLOAD was sent */
} dfukit_dfuse_work;

#endif
