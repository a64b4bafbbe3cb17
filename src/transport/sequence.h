/* SPDX-License-Identifier: MIT */
/*
 * A task as batches of control transfers, whoever carries them: the carrier asks for the next
 * batch, runs it, and asks again until the task is done.
 */
#ifndef DFUKIT_TRANSPORT_SEQUENCE_H
#define DFUKIT_TRANSPORT_SEQUENCE_H

#include "dfukit/transport.h"

#include "describe.h"

typedef struct dfukit_sequence {
    dfukit_task *task;             /* NULL: nothing to do */
    const dfukit_snapshot *before; /* RESET: what the device was */
    unsigned stage;
    dfukit_transfer own[2];
    uint8_t bytes[DFUKIT_DEVICE_DESCRIPTOR_SIZE];
    bool configured; /* CLAIM: by this task, which has selected setting 0 */
    uint8_t *reread; /* RESET: the configuration read again */
} dfukit_sequence;

/* Begin; only stores. `before` may be NULL when the task is not RESET. */
void dfukit_sequence_begin(dfukit_sequence *s, dfukit_task *task, const dfukit_snapshot *before);
/* Look at the results of the last batch and give the next one.
 * @return false when there is none: the task has been marked as done. */
bool dfukit_sequence_next(dfukit_sequence *s, dfukit_transfer **batch, size_t *count);
/* End it now; CLAIM and RESET get `result`. */
void dfukit_sequence_end(dfukit_sequence *s, int result);
/* Mark transfers [first, count) as not carried out, but the first of them with `result`. */
void dfukit_batch_fail(dfukit_transfer *batch, size_t first, size_t count, int result);
/* True when a transfer has the buffer that its setup packet needs. */
bool dfukit_transfer_valid(const dfukit_transfer *t);

#endif
