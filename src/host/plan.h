/* SPDX-License-Identifier: MIT */
/* Inside the making of a plan: plan.c puts it together, plan_choice.c decides what belongs in it.
 */
#ifndef DFUKIT_HOST_PLAN_H
#define DFUKIT_HOST_PLAN_H

#include "memory.h"

typedef struct dfukit_memory {
    uint8_t alternate;
    bool mapped; /* its name is a map */
    bool used;   /* something of the job belongs here */
    dfukit_map map;
} dfukit_memory;

typedef struct dfukit_planner {
    dfukit_plan *plan;
    const dfukit_job *job;
    const dfukit_target *target;
    const dfukit_allocator *allocator;
    dfukit_plan_fault *fault;
    size_t count; /* memories, one for each alternate setting, in their order */
    dfukit_memory *memories;
    int chosen;       /* the memory that the job names; -1: none */
    uint64_t covered; /* bytes of runs in pages that are erased */
    bool scattered;   /* runs touch whose bytes lie apart */
    uint64_t from;    /* of the range of addresses that is planned */
} dfukit_planner;

int dfukit_plan_fail(dfukit_planner *p, int error, const char *what, const char *remedy);
/* `memory` p->count: none in particular. */
int dfukit_plan_fail_at(dfukit_planner *p, int error, const char *what, const char *remedy,
                        uint64_t address, size_t memory);
/* The pages that hold [from, to), where they can be erased. */
int dfukit_plan_pages(dfukit_planner *p, size_t memory, uint64_t from, uint64_t to);
/* A run behind all others. */
int dfukit_plan_run(dfukit_planner *p, const dfukit_run *run);

/* A piece of what is planned, within one memory. */
typedef struct dfukit_piece {
    size_t memory;
    uint64_t from, to;
    const uint8_t *data; /* NULL: reading or erasing */
} dfukit_piece;

/* plan_choice.c */
int dfukit_plan_image(dfukit_planner *p);
/* Whether the job may touch a memory at all. */
int dfukit_plan_permitted(dfukit_planner *p, size_t memory, uint64_t at);
/* The memory that takes what is at `at`; `to` of the piece is cut to where that memory ends. */
int dfukit_plan_place(dfukit_planner *p, const dfukit_segment *segment, uint64_t at,
                      dfukit_piece *out);
/* Place [from, to): with `memory` p->count everything is checked, else what belongs to that memory
 * is put into the plan. */
int dfukit_plan_walk(dfukit_planner *p, const dfukit_segment *s, uint64_t from, uint64_t to,
                     size_t memory);
typedef int dfukit_plan_pass(dfukit_planner *p, size_t memory, uint64_t *number);
/* First everything is checked in its order, then put in by memory. */
int dfukit_plan_passes(dfukit_planner *p, dfukit_plan_pass *pass, uint64_t *number);
/* The lowest ordinary address that can be written, or that of the memory that is named. */
bool dfukit_plan_lowest(const dfukit_planner *p, uint32_t *address, size_t *memory);

/* plan_range.c */
int dfukit_plan_range(dfukit_planner *p);
int dfukit_plan_mass_erase(dfukit_planner *p);

#endif
