/* SPDX-License-Identifier: MIT */
/**
 * Every cell of the transcription under every combination of its conditions, run on the engine by
 * every road. The walk knows the order of things; what to make of a difference is its visitor's.
 */
#ifndef DFUKIT_TESTS_TABLE_WALK_H
#define DFUKIT_TESTS_TABLE_WALK_H

#include "table/compare.h"

/** A combination that is run, or the part of it that has just been run. */
typedef struct visit {
    const char *what; /**< which of the walks */
    const situation *s;
    const trial *t;
    const annex_a_row *row; /**< what is expected: as in the tables, or by a deviation */
    int deviation; /**< the one of deviations.h in force; -1: none, or no other than the row */
    int number;    /**< of the row in annex_a_requests or annex_a_events; -1: in neither */
    unsigned road;
    const finding *f; /**< NULL: the road did not lead there */
    const bench *b;   /**< as it is afterwards */
} visit;

typedef struct walk {
    bench_product product;
    bool piped;
    unsigned states; /**< a bit for each state to walk through */
    unsigned causes; /**< a bit for each request or event */
    void *self;
    /** Called for every run. @return false: stop. */
    bool (*ran)(void *self, const visit *v);
    /** The combination is complete: all its roads and forms have been run. May be NULL. */
    void (*combined)(void *self, const visit *v);
    /** A combination that cannot be, and the rule that says so. May be NULL. */
    void (*ruled_out)(void *self, const visit *v, unsigned rule);
} walk;

#define WALK_ALL 0xFFFFu

/** Requests in every state; unconfigured ones; requests that meet a failure nobody knows of yet;
 *  events. @return false: stopped. */
bool walk_requests(const walk *w);
bool walk_unconfigured(const walk *w);
bool walk_untold(const walk *w);
bool walk_events(const walk *w);

#endif
