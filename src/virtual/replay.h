/* SPDX-License-Identifier: MIT */
/* Inside a replay: where it stands in its recording, and what it notes of the host. */
#ifndef DFUKIT_VIRTUAL_REPLAY_H
#define DFUKIT_VIRTUAL_REPLAY_H

#include "recording.h"

/* Bits of bmRequestType: standard, class, vendor (USB 2.0 §9.3). */
#define DFUKIT_TYPE_MASK       0x60u
#define DFUKIT_TYPE_CLASS      0x20u

#define DFUKIT_REPLAY_TEXT     256u
#define DFUKIT_REPLAY_SETTINGS 256u

struct dfukit_replay {
    dfukit_clock clock;
    dfukit_recording recording;
    size_t current; /* attachment: index in the recording */
    bool on_bus;
    uint64_t leave_us, return_us;             /* DFUKIT_NEVER: not */
    size_t at;                                /* the next event to be asked for */
    bool hanging;                             /* the transfer under way is never answered */
    uint8_t active;                           /* what SET_CONFIGURATION has set */
    uint8_t settings[DFUKIT_REPLAY_SETTINGS]; /* and SET_INTERFACE, for each interface */
    bool has_status;                          /* a DFU_GETSTATUS was answered, with … */
    uint8_t status[DFUKIT_STATUS_SIZE];
    size_t departed; /* line; 0: not */
    char text[DFUKIT_REPLAY_TEXT];
};

/* replay_standard.c: GET_DESCRIPTOR and the like, answered from what was recorded and what has been
 * set. @return as dfukit_wire_ops.control. */
int32_t dfukit_replay_standard(dfukit_replay *r, const dfukit_setup *setup, uint8_t *data);

/* replay.c: as much of `n` bytes as is asked for. @return how many. */
int32_t dfukit_replay_reply(const dfukit_setup *setup, uint8_t *data, const uint8_t *bytes,
                            size_t n);
/* What an event sent or received; NULL: nothing. */
const uint8_t *dfukit_replay_bytes(const dfukit_replay *r, const dfukit_recorded_event *e);

/* replay_departure.c: note that another request came than was recorded (`e` NULL: nothing was) … */
void dfukit_replay_other_request(dfukit_replay *r, const dfukit_recorded_event *e,
                                 const dfukit_setup *asked);
/* … or the same with other data, if it is so. */
void dfukit_replay_compare(dfukit_replay *r, const dfukit_recorded_event *e,
                           const dfukit_setup *asked, const uint8_t *data);

#endif
