/* SPDX-License-Identifier: MIT */
/*
 * Where faults act. The device calls dfukit_fault_at() at each of these points with an event; a
 * fault that is armed for it changes the event, and the device goes on with what it finds there.
 */
#ifndef DFUKIT_VIRTUAL_FAULT_H
#define DFUKIT_VIRTUAL_FAULT_H

#include "descriptors.h"
#include "job.h"

#define DFUKIT_NEVER         UINT64_MAX
#define DFUKIT_POWER_BACK_US 1000000u /* how long a power failure lasts */

typedef enum dfukit_point {
    DFUKIT_POINT_MAKE,      /* about to be made: its persona, and what the device says of itself */
    DFUKIT_POINT_APPEAR,    /* about to attach: `appearance` */
    DFUKIT_POINT_REQUEST,   /* a control transfer, before the engine sees it: may be answered */
    DFUKIT_POINT_REPLY,     /* the same, after the engine has answered */
    DFUKIT_POINT_WRITE,     /* a block for the store: `status`, `takes_us`, `poll_ms` */
    DFUKIT_POINT_READ,      /* a block from it: `status` */
    DFUKIT_POINT_MANIFEST,  /* manifestation begins */
    DFUKIT_POINT_ACCEPT,    /* a download is complete and is about to count: `status`, `valid` */
    DFUKIT_POINT_STORED,    /* `number` bytes have been stored at `address` */
    DFUKIT_POINT_OPERATION, /* the `flash` begins to erase or program */
    DFUKIT_POINT_RESET,     /* a bus reset has come: `renumbers` */
    DFUKIT_POINT_LEAVE      /* off the bus, to come back in `dfu_mode` after `delay_us` */
} dfukit_point;

typedef struct dfukit_event {
    dfukit_point point;
    dfukit_input input; /* REQUEST, REPLY: which; DFUKIT_INPUT_COUNT: no request of the class */
    uint32_t number;    /* block (from 0) of this transfer, GETSTATUS (from 0) in DFU mode, flash
                           operation (from 1), or bytes stored */
    const dfukit_setup *setup;
    uint8_t *data;
    bool answered; /* REQUEST: `result` is the answer */
    int32_t result;
    uint64_t hold_us; /* REQUEST: the device takes it when so much time has passed */
    bool done;        /* set by a fault that waits for more than a point and a request */
    dfukit_job job;
    uint32_t takes_us; /* WRITE: the work takes so long at least */
    uint16_t poll_ms;  /* WRITE: bwPollTimeout meanwhile; 0: as ever */
    uint8_t status;
    bool valid;
    bool dfu_mode;
    uint64_t delay_us;
    dfukit_appearance *appearance;
    dfukit_vflash *flash;
    uint8_t alternate;
    uint32_t address;
    bool renumbers; /* it leaves the bus, and comes back as another device */
} dfukit_event;

void dfukit_fault_at(dfukit_virtual *v, dfukit_event *e);

#endif
