/* SPDX-License-Identifier: MIT */
/*
 * Which memory takes which bytes, and what is refused. Ordinary memories are found by address;
 * option bytes, OTP and device features are touched only when the job names them, whatever a file
 * holds; what cannot be undone has to be confirmed as well.
 */
#include "plan.h"

static const char name_it[] = "name the alternate setting with -a to do that";

/* What may be done to a memory that holds `at`. */
int dfukit_plan_permitted(dfukit_planner *p, size_t memory, uint64_t at)
{
    const dfukit_memory *m = &p->memories[memory];
    const dfukit_job *job = p->job;
    bool reads = job->verb == DFUKIT_VERB_READ || job->verb == DFUKIT_VERB_VERIFY;
    if (m->map.kind == DFUKIT_MAP_FLASH || reads)
        return DFUKIT_OK;
    if (!job->has_alt)
        return dfukit_plan_fail_at(p, DFUKIT_ERR_REFUSED,
                                   "option bytes, OTP and device features are not touched unasked",
                                   name_it, at, memory);
    if (m->map.kind == DFUKIT_MAP_OTP && (!job->force || !job->confirmed))
        return dfukit_plan_fail_at(p, DFUKIT_ERR_REFUSED,
                                   "OTP memory can be written once: that cannot be undone",
                                   "give --force and confirm it", at, memory);
    return DFUKIT_OK;
}

/* Has the device a name that could not be read, for a setting that may have the memory? */
static bool unread(const dfukit_planner *p)
{
    for (size_t i = 0; i < p->count; i++) {
        const dfukit_alt *alt = &p->target->alts[i];
        if (alt->iInterface != 0 && alt->name[0] == '\0')
            return true;
    }
    return false;
}

/* What to say of an address that no memory has. */
static int homeless(dfukit_planner *p, uint64_t at, bool any_map)
{
    if (unread(p))
        return dfukit_plan_fail(p, DFUKIT_ERR_PROTOCOL,
                                "the names of the device's memories could not be read",
                                "plug the device in again, then repeat");
    if (!any_map)
        return dfukit_plan_fail(p, DFUKIT_ERR_REFUSED, "the device does not tell its memory map",
                                NULL);
    return dfukit_plan_fail_at(p, DFUKIT_ERR_MISMATCH, "the device has no memory at this address",
                               "check that the file is meant for this device", at, p->count);
}

/* The memory for `at` when nobody names one: the ordinary one that has it. */
static int find_memory(dfukit_planner *p, uint64_t at, size_t *memory)
{
    size_t holders = 0;
    size_t special = p->count;
    bool any_map = false;
    for (size_t i = 0; i < p->count; i++) {
        const dfukit_memory *m = &p->memories[i];
        any_map |= m->mapped;
        if (!m->mapped || !dfukit_map_sector(&m->map, (uint32_t)at, NULL, NULL, NULL))
            continue;
        if (m->map.kind != DFUKIT_MAP_FLASH)
            special = special < p->count ? special : i;
        else if (holders++ == 0)
            *memory = i;
    }
    if (holders == 1)
        return DFUKIT_OK;
    if (holders > 1)
        return dfukit_plan_fail_at(p, DFUKIT_ERR_USAGE,
                                   "several alternate settings have this address",
                                   "choose one with -a NUMBER or -a NAME", at, *memory);
    if (special < p->count) {
        *memory = special;
        return DFUKIT_OK;
    }
    return homeless(p, at, any_map);
}

static int memory_of_alternate(dfukit_planner *p, uint8_t alternate, size_t *memory)
{
    for (*memory = 0; *memory < p->count; ++*memory) {
        if (p->memories[*memory].alternate == alternate)
            return DFUKIT_OK;
    }
    dfukit_plan_fail(p, DFUKIT_ERR_MISMATCH,
                     "the file has an alternate setting that the device does not have",
                     "check that the file is meant for this device");
    p->fault->alternate = alternate;
    return DFUKIT_ERR_MISMATCH;
}

/* The memory that takes what is at `at`, and up to where without a change of memory. */
int dfukit_plan_place(dfukit_planner *p, const dfukit_segment *segment, uint64_t at,
                      dfukit_piece *out)
{
    bool by_file = segment != NULL && p->job->image->alternates;
    int r = DFUKIT_OK;
    if (p->chosen >= 0)
        out->memory = (size_t)p->chosen;
    else if (by_file)
        r = memory_of_alternate(p, segment->alternate, &out->memory);
    else
        r = find_memory(p, at, &out->memory);
    if (r != DFUKIT_OK)
        return r;
    const dfukit_memory *m = &p->memories[out->memory];
    if (!m->mapped)
        return dfukit_plan_fail_at(p, DFUKIT_ERR_REFUSED,
                                   "the name of this alternate setting is no memory map", NULL, at,
                                   out->memory);
    uint64_t reach = dfukit_map_reach(&m->map, (uint32_t)at, 0);
    if (reach == 0)
        return dfukit_plan_fail_at(p, DFUKIT_ERR_MISMATCH,
                                   "the alternate setting has no memory at this address",
                                   "check that the file is meant for this device", at, out->memory);
    if (out->to > at + reach)
        out->to = at + reach;
    return dfukit_plan_permitted(p, out->memory, at);
}

/* The whole of a piece lies in memory with `permissions`. */
static int allowed(dfukit_planner *p, const dfukit_piece *c, uint8_t permissions, const char *what,
                   const char *remedy)
{
    uint64_t n = dfukit_map_reach(&p->memories[c->memory].map, (uint32_t)c->from, permissions);
    if (n >= c->to - c->from)
        return DFUKIT_OK;
    return dfukit_plan_fail_at(p, DFUKIT_ERR_REFUSED, what, remedy, c->from + n, c->memory);
}

static int check_write(dfukit_planner *p, const dfukit_piece *c)
{
    const dfukit_memory *m = &p->memories[c->memory];
    int r = allowed(p, c, DFUKIT_MAY_WRITE, "the memory at this address cannot be written",
                    "leave it out with --range FROM:TO; `dfu info` shows what can be written");
    if (r != DFUKIT_OK || m->map.kind != DFUKIT_MAP_OPTION_BYTES)
        return r;
    if (dfukit_option_bytes_lock(&m->map, c->from, c->data, (uint32_t)(c->to - c->from)) &&
        (!p->job->force || !p->job->confirmed))
        return dfukit_plan_fail_at(
            p, DFUKIT_ERR_REFUSED,
            "these option bytes set read protection level 2: that cannot be undone",
            "give --force and confirm it", c->from, c->memory);
    return DFUKIT_OK;
}

/* Erased option bytes are not neutral: on many chips they mean read protection. */
static int check_erase(dfukit_planner *p, const dfukit_piece *c)
{
    if (p->memories[c->memory].map.kind == DFUKIT_MAP_OPTION_BYTES && !p->job->force)
        return dfukit_plan_fail_at(
            p, DFUKIT_ERR_REFUSED, "erased option bytes may protect the chip against reading",
            "write the ones you want; --force erases them all the same", c->from, c->memory);
    return allowed(p, c, DFUKIT_MAY_ERASE, "the memory at this address cannot be erased",
                   "`dfu info` shows what can be erased");
}

static int check(dfukit_planner *p, const dfukit_piece *c)
{
    p->plan->oddities |= p->memories[c->memory].map.oddities;
    p->memories[c->memory].used = true;
    switch (p->job->verb) {
    case DFUKIT_VERB_WRITE:
        return check_write(p, c);
    case DFUKIT_VERB_ERASE:
        return check_erase(p, c);
    case DFUKIT_VERB_READ:
    case DFUKIT_VERB_VERIFY:
    case DFUKIT_VERB_DETACH:
    case DFUKIT_VERB_LEAVE:
    case DFUKIT_VERB_STATUS:
    case DFUKIT_VERB_UNLOCK:
    default:
        return allowed(p, c, DFUKIT_MAY_READ, "the memory at this address cannot be read",
                       "`dfu info` shows what can be read");
    }
}

/* One mass erase in each setting that is written to and can be erased. */
static void note_mass_erase(dfukit_planner *p, const dfukit_piece *c)
{
    dfukit_plan *plan = p->plan;
    uint8_t alternate = p->memories[c->memory].alternate;
    for (size_t i = 0; i < plan->mass_count; i++) {
        if (plan->mass_alternates[i] == alternate)
            return;
    }
    if (dfukit_map_reach(&p->memories[c->memory].map, (uint32_t)c->from, DFUKIT_MAY_ERASE) == 0)
        return;
    plan->mass_erase = true;
    plan->mass_alternates[plan->mass_count++] = alternate;
}

static int add(dfukit_planner *p, const dfukit_piece *c)
{
    const dfukit_memory *m = &p->memories[c->memory];
    const dfukit_job *job = p->job;
    /* Option bytes are replaced by being written, whatever the map says of erasing: erased ones
     * would protect the chip. */
    bool erases = job->verb == DFUKIT_VERB_ERASE ||
                  (job->verb == DFUKIT_VERB_WRITE && m->map.kind == DFUKIT_MAP_FLASH);
    int r = DFUKIT_OK;
    if (erases && job->erase == DFUKIT_ERASE_ALL)
        note_mass_erase(p, c);
    else if (erases && job->erase == DFUKIT_ERASE_PAGES)
        r = dfukit_plan_pages(p, c->memory, c->from, c->to);
    if (r != DFUKIT_OK || job->verb == DFUKIT_VERB_ERASE)
        return r;
    /* A run's size is 32 bits: the whole of the address space is two runs. */
    uint64_t half = UINT64_C(1) << 31;
    for (uint64_t at = c->from; r == DFUKIT_OK && at < c->to; at += half) {
        dfukit_run run = {m->alternate, (uint32_t)at, 0, NULL};
        run.size = (uint32_t)(c->to - at < half ? c->to - at : half);
        run.data = c->data != NULL ? c->data + (at - c->from) : NULL;
        r = dfukit_plan_run(p, &run);
    }
    return r;
}

/* Place [from, to): with `memory` p->count everything is checked, else what belongs to that memory
 * is put into the plan. */
int dfukit_plan_walk(dfukit_planner *p, const dfukit_segment *s, uint64_t from, uint64_t to,
                     size_t memory)
{
    int r = DFUKIT_OK;
    while (r == DFUKIT_OK && from < to) {
        dfukit_piece c = {0, from, to, NULL};
        if (s != NULL && p->job->verb != DFUKIT_VERB_READ)
            c.data = s->data + (from - s->address);
        r = dfukit_plan_place(p, s, from, &c);
        if (r == DFUKIT_OK && memory == p->count)
            r = check(p, &c);
        else if (r == DFUKIT_OK && memory == c.memory)
            r = add(p, &c);
        from = c.to;
    }
    return r;
}

/* ---- Of a file ---- */

/* A file with several settings, and one named: only that one's elements. */
static bool taken(const dfukit_planner *p, const dfukit_segment *s)
{
    const dfukit_image *image = p->job->image;
    bool several = image->segments[0].alternate != image->segments[image->count - 1].alternate;
    return p->chosen < 0 || !image->alternates || !several ||
           s->alternate == p->memories[p->chosen].alternate;
}

static int walk_image(dfukit_planner *p, size_t memory, uint64_t *bytes)
{
    const dfukit_image *image = p->job->image;
    dfukit_range range = p->job->range.to != 0 ? p->job->range : DFUKIT_RANGE_ALL;
    int r = DFUKIT_OK;
    for (size_t i = 0; r == DFUKIT_OK && i < image->count; i++) {
        const dfukit_segment *s = &image->segments[i];
        uint64_t from = s->address > range.from ? s->address : range.from;
        uint64_t to = s->address + s->size < range.to ? s->address + s->size : range.to;
        if (from >= to || !taken(p, s))
            continue;
        *bytes += to - from;
        r = dfukit_plan_walk(p, s, from, to, memory);
    }
    return r;
}

bool dfukit_plan_lowest(const dfukit_planner *p, uint32_t *address, size_t *memory)
{
    bool found = false;
    for (size_t i = 0; i < p->count; i++) {
        const dfukit_memory *m = &p->memories[i];
        bool meant = p->chosen >= 0 ? (size_t)p->chosen == i : m->map.kind == DFUKIT_MAP_FLASH;
        for (size_t k = 0; m->mapped && meant && k < m->map.count; k++) {
            const dfukit_map_span *s = &m->map.spans[k];
            if ((s->permissions & DFUKIT_MAY_WRITE) == 0 || (found && s->address >= *address))
                continue;
            found = true;
            *address = s->address;
            *memory = i;
        }
    }
    return found;
}

static int suggest(dfukit_planner *p)
{
    static const char what[] = "the file has no addresses, and the device needs one";
    uint32_t lowest = 0;
    size_t where = p->count;
    if (!dfukit_plan_lowest(p, &lowest, &where))
        return dfukit_plan_fail(p, DFUKIT_ERR_USAGE, what, "say where it goes with --at ADDRESS");
    return dfukit_plan_fail_at(p, DFUKIT_ERR_USAGE, what,
                               "say where it goes with --at ADDRESS: memory that can be written "
                               "begins at the address named here",
                               lowest, where);
}

/* Checked in the order of the file, then put in by memory. */
int dfukit_plan_passes(dfukit_planner *p, dfukit_plan_pass *pass, uint64_t *number)
{
    int r = pass(p, p->count, number);
    for (size_t i = 0; r == DFUKIT_OK && i < p->count; i++) {
        if (p->memories[i].used)
            r = pass(p, i, number);
    }
    return r;
}

int dfukit_plan_image(dfukit_planner *p)
{
    const dfukit_image *image = p->job->image;
    uint64_t bytes = 0;
    if (image == NULL || image->count == 0)
        return dfukit_plan_fail(p, DFUKIT_ERR_EMPTY, "there is nothing to write", NULL);
    if (p->job->unplaced)
        return suggest(p);
    int r = dfukit_plan_passes(p, walk_image, &bytes);
    if (r == DFUKIT_OK && bytes == 0)
        return dfukit_plan_fail(p, DFUKIT_ERR_EMPTY,
                                "the file has nothing for this range or alternate setting", NULL);
    return r;
}
