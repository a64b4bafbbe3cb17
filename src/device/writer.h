/* SPDX-License-Identifier: MIT */
/*
 * What the stores share: erasing, programming and reading back, one operation of the flash after
 * the other. Who uses it says what: `n` bytes at `data` are programmed from `offset` on (after the
 * `fill` bytes in `unit`), and a sector that begins at `end` is erased when they get there.
 */
#ifndef DFUKIT_DEVICE_WRITER_H
#define DFUKIT_DEVICE_WRITER_H

#include "dfukit/flash.h"

enum { DFUKIT_OPERATION_NONE, DFUKIT_OPERATION_RUNNING, DFUKIT_OPERATION_ABANDONED };

/** Go on with what there is to do. @return true while the flash is busy. *status holds OK before,
 *  and the failure afterwards; then nothing more is to be done. */
bool dfukit_writer_run(dfukit_writer *w, uint8_t *status);

/** Start to erase the sector at `end`; when it is over, `end` is moved to the end of it. */
uint8_t dfukit_writer_erase(dfukit_writer *w);

/** An upper bound of the work left when the sectors from `end` up to `erase_to` are to be erased:
 *  never 0, since it is asked while the flash is busy. */
uint32_t dfukit_writer_remaining(const dfukit_writer *w, uint32_t erase_to);

/** Nothing more to do, but for what the flash is doing: that is left to finish, and its outcome
 *  is nobody's business. */
void dfukit_writer_abandon(dfukit_writer *w);

/** Is what the flash holds from `offset` equal to `n` bytes? NULL: are they erased? */
bool dfukit_writer_holds(const dfukit_writer *w, const uint8_t *bytes, uint32_t n);

/** `us` and the time to erase the sectors of `r` from offset `at` up to `to`; at most UINT32_MAX.
 */
uint32_t dfukit_erase_time(const dfukit_region *r, uint32_t at, uint32_t to, uint32_t us);

static inline uint32_t dfukit_add_time(uint32_t us, uint32_t more)
{
    return us > UINT32_MAX - more ? UINT32_MAX : us + more;
}

/** What poll() answers: a failure, or the time left in milliseconds, rounded up. */
static inline int32_t dfukit_poll_answer(uint8_t status, uint32_t us)
{
    if (status != DFUKIT_STATUS_OK)
        return -(int32_t)status;
    return (int32_t)(us / 1000u + (us % 1000u != 0));
}

/* How far manifestation is. */
enum { DFUKIT_MANIFEST_NOT, DFUKIT_MANIFEST_TOLD, DFUKIT_MANIFEST_RUNNING };

/** Manifestation at a poll(). *remaining_us holds what the flash still has to do before, and what
 *  is left in all afterwards. @return true: the flash is done and the time that was told has been
 *  given; it is to be decided now. The first poll only tells, where there is something to tell. */
static inline bool dfukit_manifest_due(uint8_t *manifest, uint32_t manifest_us,
                                       uint32_t *remaining_us)
{
    if (*manifest == DFUKIT_MANIFEST_NOT)
        return false;
    if (*remaining_us != 0 || *manifest == DFUKIT_MANIFEST_TOLD)
        *remaining_us = dfukit_add_time(*remaining_us, manifest_us);
    *manifest = *remaining_us != 0 ? DFUKIT_MANIFEST_RUNNING : DFUKIT_MANIFEST_NOT;
    return *remaining_us == 0;
}

#endif
