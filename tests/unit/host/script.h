/* SPDX-License-Identifier: MIT */
/*
 * Conversations as text, for the host engine's tests. One line for each thing the engine must ask
 * for, with the answer it gets:
 *
 *     claim: ok                          DNLOAD 0 64: ok             wait 5
 *     claim set 1: ok                    & GETSTATUS: OK 0 5         reset: ok
 *     GETSTATUS: OK 0 2                  UPLOAD 0 64: 64             return dfu: dfu
 *     GETSTATUS: stall                   CLRSTATUS: ok               done     failed ERR_DEVICE
 *
 * A status is bStatus ("OK", "errVERIFY"), bwPollTimeout, bState. "&" means: in the same batch as the
 * line before. "return X: Y" expects the wait for X (dfu, app; "!" behind it: it must depart first)
 * and answers with a device in mode Y: runtime, dfu, anew (DFU mode, under another device number)
 * or none. Failures name the line.
 */
#ifndef TESTS_UNIT_HOST_SCRIPT_H
#define TESTS_UNIT_HOST_SCRIPT_H

#include "dfukit/host.h"

typedef struct script_device {
    dfukit_target runtime, dfu; /* what comes back in either mode */
    uint8_t received[4096];     /* what DNLOAD brought */
    uint32_t received_n;
    uint8_t content[4096];      /* what UPLOAD gives, in order */
    uint32_t given;
    const char *text;           /* the device's iString 5, or NULL: GET_DESCRIPTOR stalls */
} script_device;

/* Targets with usual values: run-time interface 1, DFU-mode interface 0, transfers of 64 bytes. */
void script_device_init(script_device *d, uint8_t attributes);
/* Run the engine through the script. @return 0, or the number of the line that was not met, after
 * printing what was wanted and what came. */
int script_run(dfukit_host *h, script_device *d, const char *script);

#endif
