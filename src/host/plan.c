/* SPDX-License-Identifier: MIT */
/*
 * What a job does to a device with addresses, worked out before anything is done: everything that
 * is refused is refused here. Pages are taken from the sectors of the maps, counted from where
 * their span begins, over all runs together: none is erased twice, and none after it was written.
 */
#include "plan.h"

#include <string.h>

#define PAGES_MAX (UINT32_C(1) << 20) /* no device has as many; a hostile map could */

int dfukit_plan_fail(dfukit_planner *p, int error, const char *what, const char *remedy)
{
    *p->fault = (dfukit_plan_fault){error, what, remedy, false, 0, 0};
    return error;
}

int dfukit_plan_fail_at(dfukit_planner *p, int error, const char *what, const char *remedy,
                        uint64_t address, size_t memory)
{
    dfukit_plan_fail(p, error, what, remedy);
    p->fault->has_address = true;
    p->fault->address = (uint32_t)address;
    if (memory < p->count)
        p->fault->alternate = p->memories[memory].alternate;
    return error;
}

/* Grow an array to hold one more: by doubling. */
static bool room(dfukit_planner *p, void **list, size_t count, size_t size)
{
    if (count != 0 && (count & (count - 1)) != 0)
        return true;
    void *grown =
        p->allocator->resize(p->allocator->self, *list, (count == 0 ? 1 : 2 * count) * size);
    if (grown == NULL)
        return false;
    *list = grown;
    return true;
}

/* In its place among the pages, unless it is there. They come nearly sorted: only where spans
 * overlap does one come late. */
static int add_page(dfukit_planner *p, dfukit_page page)
{
    dfukit_plan *plan = p->plan;
    size_t at = plan->page_count;
    void *list = plan->pages;
    while (at > 0 && plan->pages[at - 1].alternate == page.alternate &&
           plan->pages[at - 1].address > page.address)
        at--;
    if (at > 0 && plan->pages[at - 1].alternate == page.alternate &&
        plan->pages[at - 1].address == page.address)
        return DFUKIT_OK;
    if (plan->page_count == PAGES_MAX)
        return dfukit_plan_fail(p, DFUKIT_ERR_TOO_LARGE, "more pages than any device has", NULL);
    if (!room(p, &list, plan->page_count, sizeof page))
        return dfukit_plan_fail(p, DFUKIT_ERR_NOMEM, "no memory for the plan", NULL);
    plan->pages = list;
    memmove(plan->pages + at + 1, plan->pages + at, (plan->page_count - at) * sizeof page);
    plan->pages[at] = page;
    plan->page_count++;
    plan->erase_bytes += page.size;
    return DFUKIT_OK;
}

/* Where to look next: behind a sector, or where in its midst another span begins. */
static uint64_t behind(const dfukit_map *map, uint64_t at, uint64_t end)
{
    for (size_t i = 0; i < map->count; i++) {
        if (map->spans[i].address > at && map->spans[i].address < end)
            end = map->spans[i].address;
    }
    return end;
}

int dfukit_plan_pages(dfukit_planner *p, size_t memory, uint64_t from, uint64_t to)
{
    const dfukit_memory *m = &p->memories[memory];
    uint32_t start = 0, size = 0;
    uint8_t permissions = 0;
    for (uint64_t at = from, next; at < to; at = next) {
        if (!dfukit_map_sector(&m->map, (uint32_t)at, &start, &size, &permissions))
            return dfukit_plan_fail_at(p, DFUKIT_ERR_MISMATCH, "the device has no such address",
                                       NULL, at, memory);
        next = behind(&m->map, at, (uint64_t)start + size);
        if ((permissions & DFUKIT_MAY_ERASE) == 0)
            continue;
        p->covered += (to < next ? to : next) - at;
        int r = add_page(p, (dfukit_page){m->alternate, start, size});
        if (r != DFUKIT_OK)
            return r;
    }
    return DFUKIT_OK;
}

int dfukit_plan_run(dfukit_planner *p, const dfukit_run *run)
{
    dfukit_plan *plan = p->plan;
    dfukit_run *last = plan->run_count != 0 ? &plan->runs[plan->run_count - 1] : NULL;
    bool follows = last != NULL && last->alternate == run->alternate;
    uint64_t end = follows ? (uint64_t)last->address + last->size : 0;
    if (follows && run->address < end)
        return dfukit_plan_fail_at(p, DFUKIT_ERR_DAMAGED, "parts of the file overlap", NULL,
                                   run->address, p->count);
    plan->run_bytes += run->size;
    if (follows && run->address == end && (uint64_t)last->size + run->size <= UINT32_MAX) {
        bool whole = last->data == NULL || last->data + last->size == run->data;
        p->scattered |= !whole;
        if (whole) {
            last->size += run->size;
            return DFUKIT_OK;
        }
    }
    void *list = plan->runs;
    if (!room(p, &list, plan->run_count, sizeof *run))
        return dfukit_plan_fail(p, DFUKIT_ERR_NOMEM, "no memory for the plan", NULL);
    plan->runs = list;
    plan->runs[plan->run_count++] = *run;
    return DFUKIT_OK;
}

/* Runs that touch, but whose bytes lie apart: put together in memory of the plan. */
static int join(dfukit_planner *p)
{
    dfukit_plan *plan = p->plan;
    if (!p->scattered)
        return DFUKIT_OK;
    plan->storage = p->allocator->resize(p->allocator->self, NULL, (size_t)plan->run_bytes);
    if (plan->storage == NULL)
        return dfukit_plan_fail(p, DFUKIT_ERR_NOMEM, "no memory for the plan", NULL);
    uint8_t *at = plan->storage;
    size_t count = 0;
    for (size_t i = 0; i < plan->run_count; i++) {
        dfukit_run r = plan->runs[i];
        memcpy(at, r.data, r.size);
        r.data = at;
        at += r.size;
        dfukit_run *last = count != 0 ? &plan->runs[count - 1] : NULL;
        if (last != NULL && last->alternate == r.alternate &&
            (uint64_t)last->address + last->size == r.address &&
            (uint64_t)last->size + r.size <= UINT32_MAX)
            last->size += r.size;
        else
            plan->runs[count++] = r;
    }
    plan->run_count = count;
    return DFUKIT_OK;
}

static int load_memories(dfukit_planner *p)
{
    const dfukit_target *t = p->target;
    p->memories =
        p->allocator->resize(p->allocator->self, NULL, (t->alt_count + 1) * sizeof *p->memories);
    if (p->memories == NULL)
        return dfukit_plan_fail(p, DFUKIT_ERR_NOMEM, "no memory for the plan", NULL);
    for (size_t i = 0; i < t->alt_count; i++) {
        dfukit_memory *m = &p->memories[p->count++];
        memset(m, 0, sizeof *m);
        m->alternate = t->alts[i].number;
        m->mapped = dfukit_target_map(t, i, &m->map) == DFUKIT_OK;
    }
    p->chosen = dfukit_alternate_named(t, p->job);
    if (p->job->has_alt && p->chosen < 0)
        return dfukit_plan_fail(p, DFUKIT_ERR_USAGE, "the device has no such alternate setting",
                                "choose one that `dfu info` shows with -a NUMBER or -a NAME");
    return DFUKIT_OK;
}

static bool ordinary(const dfukit_planner *p, uint8_t alternate)
{
    for (size_t i = 0; i < p->count; i++) {
        if (p->memories[i].alternate == alternate)
            return p->memories[i].map.kind == DFUKIT_MAP_FLASH;
    }
    return false;
}

static void start_at(dfukit_planner *p, uint32_t address, uint8_t alternate)
{
    p->plan->has_start = true;
    p->plan->start = address;
    p->plan->start_alternate = alternate;
}

/* Where the file begins in the memory of a run, even if only a later range of it is written. */
static uint32_t beginning(const dfukit_planner *p, const dfukit_run *run)
{
    const dfukit_image *image = p->job->image;
    bool one = image->segments[0].alternate == image->segments[image->count - 1].alternate;
    const dfukit_map *map = NULL;
    uint32_t lowest = run->address;
    for (size_t i = 0; i < p->count; i++) {
        if (p->memories[i].alternate == run->alternate)
            map = &p->memories[i].map;
    }
    for (size_t i = 0; i < image->count; i++) {
        const dfukit_segment *s = &image->segments[i];
        bool ours = one || s->alternate == run->alternate;
        if (ours && s->address < lowest && map != NULL &&
            dfukit_map_sector(map, (uint32_t)s->address, NULL, NULL, NULL))
            lowest = (uint32_t)s->address;
    }
    return lowest;
}

/* Where the firmware is started: where the file begins in the first ordinary memory, else where
 * such memory begins that can be written. */
static void settle_start(dfukit_planner *p)
{
    const dfukit_plan *plan = p->plan;
    size_t memory = 0;
    uint32_t address = p->job->at;
    bool named = p->job->verb == DFUKIT_VERB_LEAVE && p->job->has_at;
    for (size_t i = 0; p->job->image != NULL && i < plan->run_count; i++) {
        if (ordinary(p, plan->runs[i].alternate)) {
            start_at(p, beginning(p, &plan->runs[i]), plan->runs[i].alternate);
            return;
        }
    }
    for (size_t i = 0; named && i < p->count; i++) {
        const dfukit_memory *m = &p->memories[i];
        if (m->mapped && m->map.kind == DFUKIT_MAP_FLASH &&
            dfukit_map_sector(&m->map, address, NULL, NULL, NULL)) {
            start_at(p, address, m->alternate);
            return;
        }
    }
    p->chosen = -1;
    if (named && p->count != 0)
        start_at(p, address, p->memories[0].alternate);
    else if (!named && dfukit_plan_lowest(p, &address, &memory))
        start_at(p, address, p->memories[memory].alternate);
}

static int make(dfukit_planner *p)
{
    int r = load_memories(p);
    if (r != DFUKIT_OK)
        return r;
    switch (p->job->verb) {
    case DFUKIT_VERB_WRITE:
    case DFUKIT_VERB_VERIFY:
        r = dfukit_plan_image(p);
        break;
    case DFUKIT_VERB_READ:
        r = p->job->image != NULL ? dfukit_plan_image(p) : dfukit_plan_range(p);
        break;
    case DFUKIT_VERB_ERASE:
        r = p->job->erase == DFUKIT_ERASE_ALL ? dfukit_plan_mass_erase(p) : dfukit_plan_range(p);
        break;
    case DFUKIT_VERB_DETACH:
    case DFUKIT_VERB_LEAVE:
    case DFUKIT_VERB_STATUS:
    case DFUKIT_VERB_UNLOCK:
    default:
        break;
    }
    if (r == DFUKIT_OK)
        r = join(p);
    return r;
}

int dfukit_plan_make(dfukit_plan *plan, const dfukit_job *job, const dfukit_target *target,
                     const dfukit_allocator *allocator, dfukit_plan_fault *fault)
{
    dfukit_plan_fault unasked;
    dfukit_planner p = {.plan = plan,
                        .job = job,
                        .target = target,
                        .allocator = allocator,
                        .fault = fault != NULL ? fault : &unasked};
    memset(plan, 0, sizeof *plan);
    memset(p.fault, 0, sizeof *p.fault);
    plan->allocator = *allocator;
    int r = make(&p);
    if (r == DFUKIT_OK) {
        uint64_t beside = plan->erase_bytes - p.covered;
        plan->beside = beside < UINT32_MAX ? (uint32_t)beside : UINT32_MAX;
        settle_start(&p);
    }
    allocator->resize(allocator->self, p.memories, 0);
    if (r != DFUKIT_OK)
        dfukit_plan_free(plan);
    return r;
}

void dfukit_plan_free(dfukit_plan *plan)
{
    dfukit_allocator a = plan->allocator;
    if (a.resize != NULL) {
        a.resize(a.self, plan->pages, 0);
        a.resize(a.self, plan->runs, 0);
        a.resize(a.self, plan->storage, 0);
    }
    memset(plan, 0, sizeof *plan);
}
