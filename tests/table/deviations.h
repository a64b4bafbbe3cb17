/* SPDX-License-Identifier: MIT */
/**
 * Where the engine does something else than the transcription says, on purpose, and why. The
 * comparison fails on a deviation that is not listed here, and on an entry that does not occur
 * exactly as often as it says.
 */
#ifndef DFUKIT_TESTS_TABLE_DEVIATIONS_H
#define DFUKIT_TESTS_TABLE_DEVIATIONS_H

#include "table/annex_a.h"
#include "table/bench.h"

typedef struct deviation {
    uint8_t products; /**< a bit for each bench_product */
    bool event;
    uint8_t cause;
    uint16_t states;  /**< a bit for each state */
    uint8_t handling; /**< ANNEX_A_STRICT, ANNEX_A_LENIENT or both */
    uint8_t yes, no;  /**< facts, as in the rows */
    /* what the engine does */
    uint8_t reaction;
    uint8_t next;   /**< dfukit_state, or DEVIATION_KEEPS */
    uint8_t status; /**< dfukit_status, or DEVIATION_KEEPS */
    uint16_t count[2]; /**< combinations: on the class alone, through endpoint 0 */
    const char *reason;
} deviation;

#define DEVIATION_KEEPS 0xFFu
#define STATE(name)     (1u << DFUKIT_##name)
#define PRODUCT(name)   (1u << BENCH_##name)

// clang-format off
static const deviation deviations[] = {
    {PRODUCT(PLAIN), false, ANNEX_A_ABORT, STATE(DNLOAD_SYNC), ANNEX_A_LENIENT, 0, ANNEX_A_BLOCK_DONE,
     ANNEX_A_STALL, DFUKIT_DFU_ERROR, DFUKIT_STATUS_STALLEDPKT, {64, 64},
     "D4, the other reading: what the flash works on lies in the buffer for the next block"},
    {PRODUCT(PLAIN), false, ANNEX_A_ABORT, STATE(MANIFEST_SYNC), ANNEX_A_LENIENT, 0, ANNEX_A_MANIFEST_DONE,
     ANNEX_A_STALL, DFUKIT_DFU_ERROR, DFUKIT_STATUS_STALLEDPKT, {32, 32},
     "D4, the other reading, once the manifestation has begun: it cannot be taken back"},
};
// clang-format on

#define DEVIATIONS (sizeof deviations / sizeof deviations[0])

#endif
