/* SPDX-License-Identifier: MIT */
/* Inside the in-process carrier: one port for each wire, at most one handle on each port. */
#ifndef DFUKIT_TRANSPORT_LOOPBACK_H
#define DFUKIT_TRANSPORT_LOOPBACK_H

#include "dfukit/transport.h"

#include "sequence.h"

typedef struct dfukit_port {
    dfukit_wire wire;
    uint32_t seen;      /* attachment when the carrier last looked */
    uint32_t numbered;  /* attachment that `devnum` was given to; 0: none yet */
    uint32_t devnum;    /* no other device here has the same */
    uint32_t described; /* attachment that `snapshot` belongs to; 0: none */
    dfukit_snapshot snapshot;
    dfukit_handle *handle; /* the one that is open; NULL: none */
} dfukit_port;

struct dfukit_handle {
    dfukit_port *port;
    uint32_t attachment; /* the device that was opened */
    dfukit_handle *next;
    dfukit_sequence sequence;
    dfukit_transfer *batch; /* under way: batch[at] of `count`; NULL: none */
    size_t at, count;
    uint64_t deadline_us; /* of batch[at] */
    bool pending;         /* the device has answered batch[at] with NAK so far */
};

typedef struct dfukit_loopback {
    dfukit_clock clock;
    uint32_t last_devnum; /* given to a device last */
    size_t count;
    dfukit_port *ports;
    dfukit_handle *handles;
} dfukit_loopback;

/* loopback_transfer.c */

/* Do what can be done now for a handle's task. @return true when the task became done. */
bool dfukit_loopback_advance(dfukit_loopback *l, dfukit_handle *h);
/* Give up what runs on the handle; its task is done then. */
void dfukit_loopback_abandon(dfukit_handle *h, int result);
/* Run one transfer of the carrier's own to its end, sleeping on the clock.
 * @param self  A dfukit_loopback_call. */
typedef struct dfukit_loopback_call {
    dfukit_loopback *loopback;
    dfukit_port *port;
} dfukit_loopback_call;
int32_t dfukit_loopback_exchange(void *self, const dfukit_setup *setup, uint8_t *in);
/* Let time pass for every device. @return microseconds until the next call is useful. */
uint64_t dfukit_loopback_work(dfukit_loopback *l);

#endif
