/* SPDX-License-Identifier: MIT */
/* fuzz: rooms=protocol,image,host input=plain */
/*
 * Memory-layout strings, and what is planned on the memories they tell. The input: six bytes that
 * choose the job, then up to four names of alternate settings, a line each.
 */
#include "dfukit/host.h"
#include "script.h"

#include <stdlib.h>
#include <string.h>

#define ALTERNATES 4u

static unsigned long maps, plans, erased;

const char *fuzz_missing(void)
{
    if (maps == 0)
        return "a map";
    if (plans == 0)
        return "a plan";
    return erased == 0 ? "an erased page" : NULL;
}

#define check(holds)                                                                               \
    do {                                                                                           \
        if (!(holds)) {                                                                            \
            fprintf(stderr, "does not hold: %s (line %d)\n", #holds, __LINE__);                    \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static void *resize(void *self, void *p, size_t n)
{
    (void)self;
    if (n != 0)
        return realloc(p, n);
    free(p);
    return NULL;
}

static void parse(const char *name)
{
    dfukit_map map;

    if (dfukit_map_parse(name, &map) != DFUKIT_OK)
        return;
    maps++;
    check(map.count >= 1 && map.count <= DFUKIT_MAP_SPANS_MAX);
    check(memchr(map.name, 0, sizeof map.name) != NULL);
    check((unsigned)map.kind < DFUKIT_MAP_KIND_COUNT);
    for (unsigned bit = 1; bit <= DFUKIT_MAP_ODD_CORRECTED; bit <<= 1)
        check(dfukit_map_oddity_text(bit) != NULL);
    for (size_t i = 0; i < map.count; i++) {
        const dfukit_map_span *s = &map.spans[i];
        uint32_t start, size;
        uint8_t permissions;

        check(s->count >= 1 && s->size >= 1);
        check((uint64_t)s->count * s->size <= (UINT64_C(1) << 32) - s->address);
        check(dfukit_map_sector(&map, s->address, &start, &size, &permissions));
        check(start <= s->address && s->address - start < size);
        check((uint64_t)start + size <= UINT64_C(1) << 32);
        /* Where spans overlap, a sector may end early: the one named first counts. */
        check((map.oddities & DFUKIT_MAP_ODD_OVERLAP) != 0 ||
              dfukit_map_reach(&map, s->address, permissions) >=
                  (uint64_t)size - (s->address - start));
        check(dfukit_map_reach(&map, s->address, 0) <= (UINT64_C(1) << 32) - s->address);
    }
    check(dfukit_map_bytes(&map) > 0);
}

/* Sorted, each page once, no run empty, every run's bytes readable. */
static void check_plan(const dfukit_plan *plan)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < plan->page_count; i++) {
        const dfukit_page *p = &plan->pages[i];

        check(p->size > 0 && (uint64_t)p->address + p->size <= UINT64_C(1) << 32);
        if (i > 0 && p[-1].alternate == p->alternate)
            check(p->address > p[-1].address); /* overlapping spans have overlapping pages */
    }
    for (size_t i = 0; i < plan->run_count; i++) {
        const dfukit_run *r = &plan->runs[i];

        check(r->size > 0 && (uint64_t)r->address + r->size <= UINT64_C(1) << 32);
        if (i > 0 && r[-1].alternate == r->alternate)
            check(r->address >= r[-1].address && r->address - r[-1].address >= r[-1].size);
        if (r->data != NULL)
            (void)dfukit_crc32(0, r->data, r->size);
        bytes += r->size;
    }
    check(bytes == plan->run_bytes);
    plans++;
    erased += plan->page_count > 0;
}

static void plan(const dfukit_target *t, const uint8_t choice[6])
{
    static const uint8_t payload[3000] = {1, 2, 3};
    const dfukit_allocator heap = {NULL, resize};
    uint32_t at = (uint32_t)choice[2] << 24 | (uint32_t)choice[3] << 16 | (uint32_t)choice[4] << 8;
    uint32_t room = UINT32_MAX - at;
    uint32_t size = 1 + choice[5] * 11u < room ? 1 + choice[5] * 11u : 1;
    dfukit_segment segments[2] = {
        {.address = at, .size = size, .data = payload, .alternate = choice[1] & 3},
        {.address = (uint64_t)at + size + (choice[1] >> 4) * 100u,
         .size = 40,
         .data = payload,
         .alternate = choice[1] & 3}};
    bool two = segments[1].address + segments[1].size <= UINT64_C(1) << 32;
    dfukit_image image = {.addressed = true,
                          .format = DFUKIT_FORMAT_IHEX,
                          .alternates = (choice[1] & 4) != 0,
                          .count = two ? 2 : 1,
                          .segments = segments};
    static const dfukit_verb verbs[4] = {DFUKIT_VERB_WRITE, DFUKIT_VERB_READ, DFUKIT_VERB_ERASE,
                                         DFUKIT_VERB_VERIFY};
    dfukit_job job = {.verb = verbs[choice[0] & 3],
                      .erase = (dfukit_erase)((choice[0] >> 2 & 3) % 3),
                      .has_alt = (choice[0] & 16) != 0,
                      .alt = choice[1] & 3,
                      .confirmed = (choice[0] & 32) != 0,
                      .force = (choice[0] & 32) != 0,
                      .has_at = (choice[0] & 64) != 0,
                      .has_size = (choice[0] & 128) != 0,
                      .at = at,
                      .size = size * 64u};
    dfukit_plan_fault fault = {0};
    dfukit_plan made;

    memset(&made, 0, sizeof made);
    job.range = DFUKIT_RANGE_ALL;
    if (job.verb == DFUKIT_VERB_WRITE || job.verb == DFUKIT_VERB_VERIFY ||
        (job.verb == DFUKIT_VERB_READ && !job.has_at))
        job.image = &image;
    if (dfukit_plan_make(&made, &job, t, &heap, &fault) == DFUKIT_OK) {
        check_plan(&made);
        dfukit_plan_free(&made);
    } else {
        check(fault.error != DFUKIT_OK && fault.what != NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    dfukit_target t;
    size_t at = 6;

    if (n < 6)
        return 0;
    memset(&t, 0, sizeof t);
    t.mode = DFUKIT_MODE_DFU;
    t.functional = (dfukit_functional){
        .bmAttributes = 0x0B, .wTransferSize = 2048, .bcdDFUVersion = DFUKIT_VERSION_DFUSE};
    t.transfer_size = 2048;
    while (at < n && t.alt_count < ALTERNATES) {
        size_t length = 0;
        char *name = NULL;
        dfukit_alt *alt = &t.alts[t.alt_count];

        while (at + length < n && bytes[at + length] != '\n')
            length++;
        name = malloc(length + 1);
        check(name != NULL);
        memcpy(name, bytes + at, length);
        name[length] = '\0';
        parse(name);
        alt->number = (uint8_t)t.alt_count++;
        snprintf(alt->name, sizeof alt->name, "%s", name);
        free(name);
        at += length + 1;
    }
    if (t.alt_count > 0)
        plan(&t, bytes);
    return 0;
}
