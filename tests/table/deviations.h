/* SPDX-License-Identifier: MIT */
/**
 * Where the engine does something else than the transcription says, on purpose, and why: in all
 * products, or in those that are made for something that DFU 1.1 does not know. An entry takes the
 * place of what the row says, so that the comparison fails as well where the engine does as the row
 * has it, and where an entry does not apply exactly as often as it says.
 */
#ifndef DFUKIT_TESTS_TABLE_DEVIATIONS_H
#define DFUKIT_TESTS_TABLE_DEVIATIONS_H

#include "table/annex_a.h"
#include "table/situation.h"

typedef struct deviation {
    uint8_t products; /**< a bit for each bench_product */
    bool event;
    uint8_t cause;
    uint16_t states;  /**< a bit for each state */
    uint8_t handling; /**< ANNEX_A_STRICT, ANNEX_A_LENIENT or both */
    uint8_t yes, no;  /**< facts, as in the rows */
    uint8_t waits;    /**< does something wait for the first GETSTATUS? DEVIATION_ANY: either */
    uint8_t instead;  /**< of this next state, in the row; or DEVIATION_ANY */
    /* what the engine does: as in the rows */
    uint8_t reaction, next, status, shows, also;
    uint16_t count[2]; /**< combinations: on the class alone, through endpoint 0 */
    const char *reason;
    uint8_t attributes; /**< bits of bmAttributes that must be set, besides */
} deviation;

#define DEVIATION_ANY 0xFFu
#define STATE(name)   (1u << DFUKIT_##name)
#define DFU_STATES    0x7FCu /**< 2 to 10 */
#define PRODUCT(name) (1u << BENCH_##name)
#define ALL_PRODUCTS  0xFFu

// clang-format off
#define TAKE(state)          DEVIATION_ANY, ANNEX_A_ACK, DFUKIT_##state, ANNEX_A_OK_KEPT, \
                             ANNEX_A_NO_STATE, ANNEX_A_NOTHING_ELSE
#define TELL(state)          DEVIATION_ANY, ANNEX_A_ACK, DFUKIT_##state, ANNEX_A_OK_KEPT, \
                             DFUKIT_##state, ANNEX_A_NOTHING_ELSE
#define REFUSE(status)       DEVIATION_ANY, ANNEX_A_STALL, DFUKIT_DFU_ERROR, ANNEX_A_##status, \
                             ANNEX_A_NO_STATE, ANNEX_A_NOTHING_ELSE
#define GO(was, state, status, also) was, ANNEX_A_NOT_ASKED, DFUKIT_##state, ANNEX_A_##status, \
                             ANNEX_A_NO_STATE, ANNEX_A_##also

static const deviation deviations[] = {
    {PRODUCT(PLAIN) | PRODUCT(LOADER_ONLY), false, ANNEX_A_ABORT, STATE(DNLOAD_SYNC), ANNEX_A_LENIENT,
     0, ANNEX_A_BLOCK_DONE, DEVIATION_ANY, REFUSE(TO_STALLEDPKT), {64, 64},
     "D4, the other reading: what the flash works on lies in the buffer for the next block", 0},
    {PRODUCT(DFUSE), false, ANNEX_A_ABORT, STATE(DNLOAD_SYNC), ANNEX_A_LENIENT,
     0, ANNEX_A_BLOCK_DONE, DEVIATION_ANY, REFUSE(TO_STALLEDPKT), {64, 64},
     "D4, the other reading, once the block was given to the store", 0},
    {ALL_PRODUCTS, false, ANNEX_A_ABORT, STATE(MANIFEST_SYNC), ANNEX_A_LENIENT,
     0, ANNEX_A_MANIFEST_DONE, 0, REFUSE(TO_STALLEDPKT), {32, 32},
     "D4, the other reading, once the manifestation has begun: it cannot be taken back", 0},

    {PRODUCT(LOADER_ONLY), true, ANNEX_A_BUS_RESET, DFU_STATES, ANNEX_A_BOTH,
     0, 0, DEVIATION_ANY, GO(DFUKIT_APP_IDLE, DFU_IDLE, CLEARED, LEAVES_BUS), {592, 592},
     "a loader without run-time mode wants the firmware started, and is dfuIDLE if that is not done", 0},
    {PRODUCT(LOADER_ONLY), true, ANNEX_A_POWER_ON, DFU_STATES, ANNEX_A_BOTH,
     0, 0, DEVIATION_ANY, GO(DEVIATION_ANY, DFU_IDLE, CLEARED, NOTHING_ELSE), {2752, 2752},
     "a loader that runs was wanted: it waits for a host, whatever the firmware", 0},

    {PRODUCT(DOUBLE_BUFFER), false, ANNEX_A_DNLOAD_DATA, STATE(DFU_IDLE), ANNEX_A_BOTH,
     0, ANNEX_A_BLOCK_DONE, DEVIATION_ANY, TAKE(DNLOAD_SYNC), {128, 128},
     "D19, with two buffers: there is one free", 0},
    {PRODUCT(DOUBLE_BUFFER), false, ANNEX_A_ABORT, STATE(DFU_IDLE), ANNEX_A_BOTH,
     0, ANNEX_A_BLOCK_DONE, DEVIATION_ANY, TAKE(DFU_IDLE), {128, 128},
     "D19, with two buffers: ABORT is not refused for work that is left to finish", 0},
    {PRODUCT(DOUBLE_BUFFER), true, ANNEX_A_WORK_FAILED, STATE(DNLOAD_IDLE), ANNEX_A_BOTH,
     0, 0, DEVIATION_ANY, GO(DEVIATION_ANY, DFU_ERROR, TO_CAUSE, NOTHING_ELSE), {128, 128},
     "with two buffers the store still works on a block in dfuDNLOAD-IDLE, and D12 holds there too", 0},

    {PRODUCT(DFUSE), false, ANNEX_A_GETSTATUS, STATE(DNLOAD_SYNC), ANNEX_A_BOTH,
     ANNEX_A_BLOCK_DONE, 0, 1, TELL(DNBUSY), {128, 128},
     "AN3156: the first GETSTATUS begins the work on a block, and always answers dfuDNBUSY", 0},
    {PRODUCT(DFUSE), false, ANNEX_A_DNLOAD_EMPTY, STATE(DFU_IDLE), ANNEX_A_BOTH,
     ANNEX_A_STORE_COMPLETE | ANNEX_A_BLOCK_DONE, 0, DEVIATION_ANY, TAKE(MANIFEST_SYNC), {64, 64},
     "AN3156: the empty DNLOAD leaves DFU mode from dfuIDLE too", DFUKIT_CAN_DNLOAD},
    {PRODUCT(DFUSE), false, ANNEX_A_DNLOAD_EMPTY, STATE(DFU_IDLE), ANNEX_A_BOTH,
     ANNEX_A_BLOCK_DONE, ANNEX_A_STORE_COMPLETE, DEVIATION_ANY, REFUSE(TO_NOTDONE), {64, 64},
     "so that the store is asked there, as in dfuDNLOAD-IDLE", DFUKIT_CAN_DNLOAD},
};

#undef TAKE
#undef TELL
#undef REFUSE
#undef GO
// clang-format on

#define DEVIATIONS (sizeof deviations / sizeof deviations[0])

#endif
