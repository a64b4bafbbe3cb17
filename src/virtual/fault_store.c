/* SPDX-License-Identifier: MIT */
/* What faults do to the store and its flash. */
#include "fault_table.h"

/* ---- Acts: the store and its flash ---- */

void dfukit_act_programming_fails(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)v, (void)argument;
    e->status = DFUKIT_STATUS_PROG;
}

void dfukit_act_reading_fails(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)v, (void)argument;
    e->status = DFUKIT_STATUS_ADDRESS;
}

void dfukit_act_verification_fails(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)v, (void)argument;
    e->status = DFUKIT_STATUS_VERIFY;
}

void dfukit_act_get_stuck(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)e, (void)argument;
    v->stuck = true;
}

/* One block's work lasts until the host clears the status, twice. */
void dfukit_act_wedge(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)e, (void)argument;
    v->wedged = 2;
}

void dfukit_act_prolong_mass_erase(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)v;
    if (e->job != DFUKIT_JOB_MASS_ERASE)
        return;
    e->takes_us = argument * 1000u;
    e->poll_ms = 100;
}

/* In the manner of ST's loaders in ROM: they name what it may take at most. */
void dfukit_act_prolong_job(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)v, (void)argument;
    if (e->job == DFUKIT_JOB_NONE)
        return;
    e->takes_us = 20000;
    e->poll_ms = e->job == DFUKIT_JOB_WRITE ? 104 : 100;
}

void dfukit_act_rot(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    uint32_t address = e->address + (e->number != 0 ? argument % e->number : 0);
    const dfukit_region *zone = dfukit_memories_zone(&v->memories, e->alternate, address);
    uint32_t size;

    if (zone == NULL)
        return;
    dfukit_vflash_cells(dfukit_memories_flash(&v->memories, zone),
                        &size)[address - zone->address] ^= 0x01;
}

void dfukit_act_firmware_is_bad(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)v, (void)argument;
    e->valid = false;
}

void dfukit_act_operation_fails(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)v, (void)argument;
    dfukit_vflash_fail_at(e->flash, dfukit_vflash_operations(e->flash) + 1u, DFUKIT_STATUS_OK);
}

void dfukit_act_power_fails(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)e, (void)argument;
    v->power_fails = true;
}
