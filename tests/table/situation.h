/* SPDX-License-Identifier: MIT */
/**
 * Situations: a state of the device together with the facts that the transcription's conditions ask
 * for, and the roads that lead a device there by requests, events and time alone. Which situations
 * cannot be is written down as rules; everything else must have a road.
 */
#ifndef DFUKIT_TESTS_TABLE_SITUATION_H
#define DFUKIT_TESTS_TABLE_SITUATION_H

#include "table/bench.h"

typedef struct situation {
    bench_product product;
    uint8_t state;
    uint8_t attributes;
    bool strict;
    bool met;        /**< SET_CONFIGURATION 1 has come since this mode was entered */
    bool configured; /**< and it holds */
    bool used;       /**< a class request has been dealt with in this mode */
    bool working;    /**< flash work is going on; in 6 and 7 that of the manifestation */
    bool block_left; /**< in 6 and 7: that of a block is going on */
    bool manifested; /**< the manifestation begun last has succeeded */
    bool failed;     /**< it has failed, and the failure is on record */
    bool fresh;      /**< in 6, manifested: before the first GETSTATUS will do as well */
    bool waits;      /**< for the first GETSTATUS: in 6 the manifestation, in 3 (DfuSe) the block */
    bool other_setting; /**< an alternate setting other than 0 was chosen */
} situation;

enum { SITUATION_ROADS = 8 };

/** Reasons why there is no such situation, each with the sentence that says so. */
enum {
    RULE_NONE,
    RULE_NO_RUNTIME,
    RULE_CANNOT_DOWNLOAD,
    RULE_CANNOT_UPLOAD,
    RULE_TOLERANT,
    RULE_NOT_MET,
    RULE_STATE_PROVES_USE,
    RULE_NO_WORK_HERE,
    RULE_NOT_MANIFESTED,
    RULE_FAILURE_IS_AN_ERROR,
    RULE_DONE_AND_FAILED,
    RULE_NO_SETTING,
    RULE_NO_SETTING_AT_WORK,
    RULE_NO_WORK_TO_END,
    RULE_CHAPTER_9,
    RULES
};
extern const char *const situation_rules[RULES];

/** The first rule that says that `s` cannot be; RULE_NONE when there must be a road. */
unsigned situation_rule(const situation *s);

/**
 * Lead a device from power-on into `s` by road number `road`.
 * @return false: this road does not lead there. True: it was taken to its end; whether the device
 *         has followed is told by situation_holds().
 */
bool situation_lead(bench *b, const situation *s, unsigned road, bool piped);
/** Is the device where it was to be led, as far as it can be seen from outside? */
bool situation_holds(const bench *b, const situation *s);

#endif
