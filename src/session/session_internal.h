/* SPDX-License-Identifier: MIT */
/* Inside the session room. */
#ifndef DFUKIT_SESSION_INTERNAL_H
#define DFUKIT_SESSION_INTERNAL_H

#include "dfukit/session.h"

/* Submit one task and pump until it is done. @return task->result. */
int dfukit_task_run(dfukit_carrier *carrier, dfukit_handle *handle, dfukit_task *task);

/* Read the strings of a target and settle its mode, on an open handle. Errors leave fields empty.
 */
void dfukit_target_ask(dfukit_carrier *carrier, dfukit_handle *handle, dfukit_target *target);
/* A target of which only path, number and device descriptor are known. */
void dfukit_target_unread(dfukit_target *t, const dfukit_entry *e);
/* Decide the mode from what the descriptors suggest, for a device that could not be asked. */
void dfukit_target_guess_mode(dfukit_target *target);

/* Waiting for a device to come back (refind.c). */
typedef struct dfukit_refind {
    dfukit_target before; /* as it was before it left */
    dfukit_return expected;
    bool must_depart;
    uint64_t deadline_ms, next_ms;
    uint32_t interval_ms;
    int reason;           /* why what is at the path cannot be used yet */
    dfukit_target *known; /* devices there when it left; `known_count` of them */
    size_t known_count;
    dfukit_target back;    /* out */
    dfukit_handle *handle; /* out: opened */
} dfukit_refind;

void dfukit_refind_begin(dfukit_refind *r, dfukit_carrier *carrier, const dfukit_target *before,
                         const dfukit_step *step);
/* Look once, if it is time. @return DFUKIT_ERR_AGAIN, DFUKIT_OK (back and handle are set), or why
 * the device is not back at the deadline. */
int dfukit_refind_look(dfukit_refind *r, dfukit_carrier *carrier);
void dfukit_refind_end(dfukit_refind *r);

#endif
