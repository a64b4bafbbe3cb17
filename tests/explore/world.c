/* SPDX-License-Identifier: MIT */
/*
 * The world as bytes. Host engine, device engine, flash and bus live at fixed addresses, so a state
 * can be copied away and put back there with all its pointers. A snapshot keeps what differs from
 * the base, the state in which a configuration starts.
 *
 * Two states are the same when their bytes are, after this abstraction: every absolute time is
 * replaced by its distance from now, cut to EXPLORE_HORIZON_MS (graph.c tells the longest path, by
 * which search.c checks that no deadline beyond the horizon comes into reach); how many steps and
 * class requests led here is left out, since neither engine acts upon it.
 */
#include <stdlib.h>
#include <string.h>

#include "explore.h"

#define CHUNK         64u
#define COVERED       (EXPLORE_SMALL + EXPLORE_HEAD)
#define SNAPSHOT_MOST (COVERED / CHUNK)

explore_all explore_it;
const explore_config *explore_of;
explore_times explore_time_words;

struct explore_snapshot {
    explore_world world;
    uint64_t times[EXPLORE_TIMES_MAX];
    uint32_t requests;
    uint16_t count;
    uint16_t *at; /* chunks that differ from the base … */
    uint8_t *bytes;
};

static _Alignas(64) uint8_t base[COVERED];
static uint64_t base_times[EXPLORE_TIMES_MAX];
static uint32_t base_requests;
static uint32_t covered; /* bytes of `memory` in use by the small blocks, whole chunks */

/* ---- The allocator ---- */

static int find(const explore_world *w, const void *p)
{
    for (int i = 0; i < (int)EXPLORE_BLOCKS_MAX; i++) {
        if (w->given[i].size != 0 && p == explore_it.memory + w->given[i].at)
            return i;
    }
    return -1;
}

static void *give(explore_world *w, size_t n)
{
    bool large = n > EXPLORE_SMALL;
    uint32_t size = (uint32_t)(n + CHUNK - 1) / CHUNK * CHUNK;

    for (size_t i = 0; i < EXPLORE_BLOCKS_MAX; i++) {
        bool taken = w->given[i].size != 0;
        if (large && taken && w->given[i].size > EXPLORE_SMALL)
            break;
        if (taken)
            continue;
        if (n > EXPLORE_LARGE || (!large && size > EXPLORE_SMALL - w->used))
            break;
        w->given[i].at = large ? EXPLORE_SMALL : w->used;
        w->given[i].size = (uint32_t)n;
        w->used += large ? 0 : size;
        memset(explore_it.memory + w->given[i].at, 0, large ? EXPLORE_HEAD : size);
        return explore_it.memory + w->given[i].at;
    }
    explore_violated("freed", "%zu bytes do not fit into the explorer's memory", n);
    return NULL;
}

static void *resize(void *self, void *p, size_t n)
{
    explore_world *w = self;
    int old = p != NULL ? find(w, p) : -1;
    void *new = NULL;

    if (p != NULL && old < 0) {
        explore_violated("freed", "gives back what was not handed out");
        return NULL;
    }
    if (n != 0) {
        /* The engine itself is made before there is anything to choose. */
        if (w->host != NULL && explore_choose("gm", 1) == 'm')
            return NULL;
        new = give(w, n);
        if (new != NULL && old >= 0)
            memcpy(new, p, w->given[old].size < n ? w->given[old].size : n);
    }
    if (old >= 0 && (n == 0 || new != NULL) && explore_of->broken != EXPLORE_LEAK)
        w->given[old].size = 0;
    return new;
}

const dfukit_allocator explore_allocator = {&explore_it.world, resize};

bool explore_tail_untouched(void)
{
    const uint8_t *tail = explore_it.memory + COVERED;

    for (size_t i = 0; i < sizeof explore_it.memory - COVERED; i++) {
        if (tail[i] != 0)
            return false;
    }
    return true;
}

/* ---- Hashing ---- */

static uint64_t mix(uint64_t h, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    uint64_t word;

    for (; n != 0; p += sizeof word, n -= n < sizeof word ? n : sizeof word) {
        word = 0;
        memcpy(&word, p, n < sizeof word ? n : sizeof word);
        h = (h ^ word) * UINT64_C(0x9E3779B97F4A7C15);
        h ^= h >> 29;
    }
    return h;
}

static uint64_t finish(uint64_t h)
{
    h ^= h >> 32;
    h *= UINT64_C(0xD6E8FEB86659FD93);
    h ^= h >> 32;
    return h != 0 ? h : 1;
}

static uint64_t distance(uint64_t time, uint64_t now)
{
    int64_t d = (int64_t)(time - now);

    if (time == 0) /* never set: clocks start later */
        return UINT64_MAX;
    if (d > EXPLORE_HORIZON_MS)
        d = EXPLORE_HORIZON_MS;
    if (d < -EXPLORE_HORIZON_MS)
        d = -EXPLORE_HORIZON_MS;
    return (uint64_t)d;
}

/* The world, but for the host's memory, with its times made relative. */
static void canonical(const explore_world *w, explore_world *out)
{
    bool timing = w->dfu.state == DFUKIT_APP_DETACH || w->dfu.state == DFUKIT_DNBUSY ||
                  w->dfu.state == DFUKIT_MANIFEST || w->dfu.state == DFUKIT_MANIFEST_SYNC;

    memcpy(out, w, sizeof *out);
    out->now_ms = 0;
    out->steps = 0;
    out->dfu.now_ms = 0;
    out->dfu.deadline_ms = timing ? w->dfu.deadline_ms - (uint32_t)w->now_ms : 0;
    out->flash.until_ms =
        w->flash.work != EXPLORE_QUIET ? distance(w->flash.until_ms, w->now_ms) : 0;
}

uint64_t explore_device_hash(void)
{
    static explore_world c;
    const explore_world *w = &explore_it.world;
    uint64_t h;

    canonical(w, &c);
    h = mix(1, &c.dfu, sizeof c.dfu);
    h = mix(h, &c.slot, sizeof c.slot);
    h = mix(h, c.block, sizeof c.block);
    h = mix(h, &c.flash, sizeof c.flash);
    return finish(mix(h, &c.powered, sizeof c.powered));
}

/* ---- Snapshots ---- */

static uint32_t *requests_of(const explore_world *w)
{
    size_t at =
        (size_t)((const uint8_t *)&dfukit_host_outcome(w->host)->requests - explore_it.memory);
    return (uint32_t *)(void *)(explore_it.memory + at);
}

static uint64_t *time_word(size_t i)
{
    return (uint64_t *)(void *)(explore_it.memory + explore_time_words.at[i]);
}

/* Swap the host's absolute times for relative ones, keeping the former. */
static void hide_times(const explore_world *w, uint64_t *times, uint32_t *requests)
{
    for (size_t i = 0; i < explore_time_words.count; i++) {
        times[i] = *time_word(i);
        *time_word(i) = distance(times[i], w->now_ms);
    }
    *requests = *requests_of(w);
    *requests_of(w) = 0;
}

static void show_times(const explore_world *w, const uint64_t *times, uint32_t requests)
{
    for (size_t i = 0; i < explore_time_words.count; i++)
        *time_word(i) = times[i];
    *requests_of(w) = requests;
}

void explore_base(void)
{
    const explore_world *w = &explore_it.world;

    covered = w->used;
    hide_times(w, base_times, &base_requests);
    memcpy(base, explore_it.memory, COVERED);
    show_times(w, base_times, base_requests);
}

/* The chunks worth looking at: small blocks in use now or in the base, and the large one's head. */
static bool in_use(uint32_t at, uint32_t used)
{
    return at < used || at < covered || at >= EXPLORE_SMALL;
}

explore_snapshot *explore_take(uint64_t *hash)
{
    static explore_world c;
    static uint16_t at[SNAPSHOT_MOST];
    const explore_world *w = &explore_it.world;
    uint64_t times[EXPLORE_TIMES_MAX];
    uint32_t requests;
    uint16_t count = 0;
    uint64_t h;

    hide_times(w, times, &requests);
    canonical(w, &c);
    h = mix(0, &c, sizeof c);
    for (uint32_t i = 0; i < COVERED; i += CHUNK) {
        if (!in_use(i, w->used) || memcmp(base + i, explore_it.memory + i, CHUNK) == 0)
            continue;
        at[count++] = (uint16_t)(i / CHUNK);
        h = mix(h ^ i, explore_it.memory + i, CHUNK);
    }
    *hash = finish(h);

    explore_snapshot *s = malloc(sizeof *s + count * (sizeof *at + CHUNK));
    if (s != NULL) {
        s->world = *w;
        memcpy(s->times, times, sizeof times);
        s->requests = requests;
        s->count = count;
        s->at = (uint16_t *)(void *)(s + 1);
        s->bytes = (uint8_t *)(s->at + count);
        memcpy(s->at, at, count * sizeof *at);
        for (size_t i = 0; i < count; i++)
            memcpy(s->bytes + i * CHUNK, explore_it.memory + at[i] * CHUNK, CHUNK);
    }
    show_times(w, times, requests);
    return s;
}

void explore_restore(const explore_snapshot *s)
{
    uint32_t used = explore_it.world.used > covered ? explore_it.world.used : covered;

    explore_it.world = s->world;
    if (s->world.used > used)
        used = s->world.used;
    memcpy(explore_it.memory, base, used);
    memcpy(explore_it.memory + EXPLORE_SMALL, base + EXPLORE_SMALL, EXPLORE_HEAD);
    for (size_t i = 0; i < s->count; i++)
        memcpy(explore_it.memory + s->at[i] * CHUNK, s->bytes + i * CHUNK, CHUNK);
    show_times(&s->world, s->times, s->requests);
}

void explore_start(const explore_config *c, uint8_t faults, uint64_t now_ms)
{
    explore_world *w = &explore_it.world;

    explore_of = c;
    memset(&explore_it, 0, sizeof explore_it);
    explore_choices_begin(EXPLORE_FIRST);
    w->now_ms = now_ms;
    explore_device_make(w);
    w->faults = 0;
    w->faults_left = faults;
    if (!explore_host_make(w, false))
        explore_violated("step", "no host engine");
    else
        (void)explore_present(w);
}
