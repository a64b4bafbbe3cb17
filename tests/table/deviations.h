/* SPDX-License-Identifier: MIT */
/**
 * Where the engine does something else than the transcription says, on purpose, and why. The
 * comparison fails on a deviation that is not listed here, and on an entry that does not occur
 * exactly as often as it says.
 */
#ifndef DFUKIT_TESTS_TABLE_DEVIATIONS_H
#define DFUKIT_TESTS_TABLE_DEVIATIONS_H

#include "table/annex_a.h"

typedef struct deviation {
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
    bool pending;      /**< the engine is to be changed: the entry goes with that */
    const char *reason;
} deviation;

#define DEVIATION_KEEPS 0xFFu
#define STATE(name)     (1u << DFUKIT_##name)
#define DFU_STATES      0x7FCu /**< 2 to 10 */

// clang-format off
static const deviation deviations[] = {
    {false, ANNEX_A_ABORT, STATE(DNLOAD_SYNC), ANNEX_A_LENIENT, 0, ANNEX_A_BLOCK_DONE,
     ANNEX_A_STALL, DFUKIT_DFU_ERROR, DFUKIT_STATUS_STALLEDPKT, {64, 64}, false,
     "D4, the other reading: what the flash works on lies in the buffer for the next block"},
    {false, ANNEX_A_ABORT, STATE(MANIFEST_SYNC), ANNEX_A_LENIENT, 0, ANNEX_A_MANIFEST_DONE,
     ANNEX_A_STALL, DFUKIT_DFU_ERROR, DFUKIT_STATUS_STALLEDPKT, {32, 32}, false,
     "D4, the other reading, once the manifestation has begun: it cannot be taken back"},
    {true, ANNEX_A_BUS_RESET, DFU_STATES, ANNEX_A_BOTH, ANNEX_A_MET, ANNEX_A_CONFIGURED,
     ANNEX_A_NOT_ASKED, DEVIATION_KEEPS, DEVIATION_KEEPS, {1120, 1120}, true,
     "after SET_CONFIGURATION 0 the engine has forgotten that it was configured and used"},
    {true, ANNEX_A_WORK_FAILED, STATE(MANIFEST_SYNC), ANNEX_A_BOTH, 0, 0,
     ANNEX_A_NOT_ASKED, DEVIATION_KEEPS, DEVIATION_KEEPS, {128, 128}, true,
     "in dfuMANIFEST-SYNC the engine asks the store at requests only, not as time goes by"},
    {true, ANNEX_A_SET_CONFIGURATION_1, DFU_STATES, ANNEX_A_BOTH, ANNEX_A_OTHER_SETTING,
     ANNEX_A_CONFIGURED, ANNEX_A_ACK, DEVIATION_KEEPS, DEVIATION_KEEPS, {256, 256}, true,
     "a download into one setting goes on in setting 0 after SET_CONFIGURATION 0 and 1"},
};
// clang-format on

#define DEVIATIONS (sizeof deviations / sizeof deviations[0])

#endif
