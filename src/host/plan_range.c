/* SPDX-License-Identifier: MIT */
/* Plans from addresses instead of a file: reading, erasing pages, erasing everything. */
#include "plan.h"

#define LAST_ADDRESS UINT32_MAX

static bool lowest_readable(const dfukit_map *map, uint32_t *address)
{
    bool found = false;
    for (size_t i = 0; i < map->count; i++) {
        const dfukit_map_span *s = &map->spans[i];
        if ((s->permissions & DFUKIT_MAY_READ) == 0 || (found && s->address >= *address))
            continue;
        found = true;
        *address = s->address;
    }
    return found;
}

/* Where to read from when nobody says: the memory that is named, or the only ordinary one. */
static int whole_memory(dfukit_planner *p, uint32_t *address)
{
    if (p->chosen < 0) {
        for (size_t i = 0; i < p->count; i++) {
            const dfukit_memory *m = &p->memories[i];
            if (!m->mapped || m->map.kind != DFUKIT_MAP_FLASH)
                continue;
            if (p->chosen >= 0)
                return dfukit_plan_fail(p, DFUKIT_ERR_USAGE,
                                        "the device has several alternate settings with memory",
                                        "choose one with -a NUMBER or -a NAME");
            p->chosen = (int)i;
        }
    }
    if (p->chosen < 0 || !p->memories[p->chosen].mapped)
        return dfukit_plan_fail(p, DFUKIT_ERR_REFUSED, "the device does not tell its memory map",
                                NULL);
    if (!lowest_readable(&p->memories[p->chosen].map, address))
        return dfukit_plan_fail(p, DFUKIT_ERR_REFUSED, "the memory cannot be read", NULL);
    return DFUKIT_OK;
}

static int walk_range(dfukit_planner *p, size_t memory, uint64_t *to)
{
    return dfukit_plan_walk(p, NULL, p->from, *to, memory);
}

int dfukit_plan_range(dfukit_planner *p)
{
    const dfukit_job *job = p->job;
    uint32_t at = job->at;
    int r = DFUKIT_OK;
    if (!job->has_at && job->verb == DFUKIT_VERB_ERASE)
        return dfukit_plan_fail(p, DFUKIT_ERR_USAGE, "nothing says what is to be erased",
                                "use --at ADDRESS --size BYTES, or --all");
    if (!job->has_at)
        r = whole_memory(p, &at);
    if (r != DFUKIT_OK)
        return r;
    uint64_t to = (uint64_t)at + job->size;
    if (!job->has_size) { /* a byte's page, or as far as can be read */
        dfukit_piece c = {0, at, LAST_ADDRESS, NULL};
        r = dfukit_plan_place(p, NULL, at, &c);
        if (r != DFUKIT_OK)
            return r;
        uint64_t n = dfukit_map_reach(&p->memories[c.memory].map, at, DFUKIT_MAY_READ);
        to = at + (job->verb == DFUKIT_VERB_ERASE || n == 0 ? 1 : n);
    }
    if (job->verb == DFUKIT_VERB_READ && job->read_limit != 0 && to - at > job->read_limit)
        to = (uint64_t)at + job->read_limit;
    if (to == at)
        return dfukit_plan_fail(p, DFUKIT_ERR_USAGE, "a size of 0 names nothing", NULL);
    if (to > (uint64_t)LAST_ADDRESS + 1)
        return dfukit_plan_fail_at(p, DFUKIT_ERR_MISMATCH, "addresses end at 0xFFFFFFFF", NULL,
                                   LAST_ADDRESS, p->count);
    p->from = at;
    return dfukit_plan_passes(p, walk_range, &to);
}

/* A mass erase is the chip's: many carry it out on the main memory, whatever setting is selected.
 * It is not for option bytes and the like, nor for what cannot be erased. */
static bool takes_mass_erase(const dfukit_memory *m)
{
    bool erasable = false;
    for (size_t k = 0; m->mapped && k < m->map.count; k++)
        erasable |= (m->map.spans[k].permissions & DFUKIT_MAY_ERASE) != 0;
    return erasable && m->map.kind == DFUKIT_MAP_FLASH;
}

int dfukit_plan_mass_erase(dfukit_planner *p)
{
    size_t memory = p->chosen >= 0 ? (size_t)p->chosen : 0;
    while (p->chosen < 0 && memory < p->count && !takes_mass_erase(&p->memories[memory]))
        memory++;
    if (memory == p->count)
        return dfukit_plan_fail(p, DFUKIT_ERR_REFUSED, "no memory of the device can be erased",
                                NULL);
    if (p->memories[memory].mapped && !takes_mass_erase(&p->memories[memory]))
        return dfukit_plan_fail(p, DFUKIT_ERR_REFUSED, "this memory cannot be erased as a whole",
                                "choose flash memory, or leave the choice to the device's map");
    p->plan->mass_erase = true;
    p->plan->mass_alternates[p->plan->mass_count++] = p->memories[memory].alternate;
    return DFUKIT_OK;
}
