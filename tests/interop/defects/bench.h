/* SPDX-License-Identifier: MIT */
/**
 * Devices for the table of defects: loaders with just the one property that a test is about, on a
 * memory that behaves as NOR flash does, and a log of every request that reaches them.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdio.h>

#include "dfukit/virtual.h"

typedef struct bench bench;

/** By name; see the table in bench.c. @param log  Gets one line for each request; NULL: none.
 *  @return NULL: no such device, or out of memory. */
bench *bench_new(const char *name, const dfukit_clock *clock, FILE *log);
void bench_free(bench *b);
dfukit_wire bench_wire(bench *b);
/** Its cells, alternate settings with memories of their own one behind the other. */
const uint8_t *bench_cells(const bench *b, size_t *n);
/** Programs of cells that were not blank, erases of what is no sector. */
unsigned bench_misuses(const bench *b);

#endif
