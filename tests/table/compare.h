/* SPDX-License-Identifier: MIT */
/**
 * One request or event done to a device that was led into a situation, and what came of it held
 * against one row of the transcription.
 */
#ifndef DFUKIT_TESTS_TABLE_COMPARE_H
#define DFUKIT_TESTS_TABLE_COMPARE_H

#include "table/annex_a.h"
#include "table/situation.h"

/** One cause under certain facts. A cause may have several forms: bRequest 7 and 255 are both
 *  unknown. `facts` are ANNEX_A_*, of requests or of events. */
typedef struct trial {
    bool event;
    uint8_t cause;
    uint8_t form;
    uint8_t facts;
    uint8_t untold; /**< bStatus with which the work has failed since the device asked the store
                       last; DFUKIT_STATUS_OK: it has not */
} trial;

/** What the device did. */
typedef struct finding {
    const char *differs; /**< what is not as the row has it; NULL: nothing */
    uint8_t reaction;    /**< ANNEX_A_ACK, _STALL, _NOT_ASKED */
    uint8_t next, status;
    uint8_t status_before;
    unsigned got, wanted; /**< of what differs */
} finding;

/** How many forms a cause has. */
unsigned compare_forms(bool event, unsigned cause);

/** Do it, and compare. @return false when it cannot be done on this road: nothing was done. */
bool compare_run(bench *b, const situation *s, unsigned road, const trial *t,
                 const annex_a_row *row, finding *out);

#endif
