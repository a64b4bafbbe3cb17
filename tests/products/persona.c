/* SPDX-License-Identifier: MIT */
/*
 * persona NAME: what can be done with a product is done with its persona, at once and with its own
 * times: written, verified, read back and compared as far as its attributes allow; what it cannot
 * do is refused; and what is in its memory afterwards is what was to be written.
 *
 * persona --names: the names of all, one a line.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "whole/rig.h"

#define PAYLOAD_MAX  65536u
#define TIME_MAX_MS  120000u /* nobody waits longer for 64 KiB, whatever a device says of polls */
#define MEMORIES_MAX 8u

/* Where a payload goes. */
typedef struct place {
    uint8_t alternate;
    uint32_t address, size; /* of the payload */
} place;

typedef struct trial {
    const dfukit_persona *persona;
    bool timed;
    rig r;
    uint8_t payload[PAYLOAD_MAX];
    uint8_t got[PAYLOAD_MAX];
    size_t got_size;
    unsigned checks;
} trial;

/* ---- Complaints ---- */

static void fail(const trial *t, const dfukit_outcome *o, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    fprintf(stderr, "%s%s: ", t->persona->name, t->timed ? ", with its own times" : "");
    vfprintf(stderr, format, list);
    va_end(list);
    if (o != NULL)
        fprintf(stderr, "\n  %s (%s; status %s, state %s, block %u, after %" PRIu64 " ms)",
                o->what != NULL ? o->what : "", dfukit_error_name(o->error),
                dfukit_status_name(o->bStatus), dfukit_state_name(o->bState), (unsigned)o->block,
                t->r.now_us / 1000);
    fputc('\n', stderr);
    exit(1);
}

static void expect(trial *t, bool right, const dfukit_outcome *o, const char *what)
{
    if (!right)
        fail(t, o, "%s", what);
    t->checks++;
}

/* ---- Jobs ---- */

static int keep(void *self, const uint8_t *bytes, size_t n)
{
    trial *t = self;
    if (n > sizeof t->got - t->got_size)
        return DFUKIT_ERR_NOMEM;
    memcpy(t->got + t->got_size, bytes, n);
    t->got_size += n;
    return DFUKIT_OK;
}

static int run(trial *t, const dfukit_job *job, dfukit_outcome *o)
{
    const dfukit_watcher watcher = {t, NULL, keep};
    memset(o, 0, sizeof *o);
    t->got_size = 0;
    return rig_run(&t->r, job, &watcher, o, NULL);
}

static void peek(trial *t, const place *p, uint8_t *to)
{
    uint32_t n;
    if (t->persona->dialect == DFUKIT_DIALECT_DFUSE) {
        expect(t,
               dfukit_virtual_peek(t->r.device, p->alternate, p->address, to, p->size) == p->size,
               NULL, "its memory ends before the payload");
        return;
    }
    const uint8_t *cells = dfukit_vflash_cells(dfukit_virtual_flash(t->r.device), &n);
    expect(t, n >= p->size, NULL, "its memory is smaller than the payload");
    memcpy(to, cells, p->size);
}

static void expect_in_memory(trial *t, const place *p)
{
    static uint8_t there[PAYLOAD_MAX];
    peek(t, p, there);
    for (uint32_t i = 0; i < p->size; i++) {
        if (there[i] != t->payload[i])
            fail(t, NULL, "byte %u of alternate setting %u is %02x, not %02x", (unsigned)i,
                 p->alternate, there[i], t->payload[i]);
    }
    t->checks++;
}

/* The job for one verb on a place. */
static dfukit_job job_for(const trial *t, dfukit_verb verb, const place *p, rig_payload *parts)
{
    dfukit_job job = {.verb = verb, .stream = rig_stream(parts, t->payload, p->size)};
    parts->segment.address = p->address;
    parts->segment.alternate = p->alternate;
    if (t->persona->dialect == DFUKIT_DIALECT_DFUSE) {
        job.stream = NULL;
        job.image = &parts->image;
    }
    job.has_alt = true;
    job.alt = p->alternate;
    return job;
}

/* ---- What it can do ---- */

/* What it says in the mode in which a host finds it. */
static bool can_upload(const trial *t)
{
    const dfukit_persona *p = t->persona;
    const dfukit_functional *f = p->runtime.idVendor != 0 && p->runtime_functional != NULL
                                     ? p->runtime_functional
                                     : &p->functional;
    /* DfuSe: the loader's own word counts, not that of an application. */
    if (f->bcdDFUVersion == DFUKIT_VERSION_DFUSE)
        f = &p->functional;
    return (f->bmAttributes & DFUKIT_CAN_UPLOAD) != 0;
}

static void write_it(trial *t, const place *p)
{
    rig_payload parts;
    dfukit_outcome o;
    dfukit_job job = job_for(t, DFUKIT_VERB_WRITE, p, &parts);
    uint64_t before_us = t->r.now_us;
    int error = run(t, &job, &o);
    expect(t, error == DFUKIT_OK, &o, "it cannot be written");
    expect(t, o.bytes == p->size, &o, "not all was written");
    expect(t, t->r.now_us - before_us <= TIME_MAX_MS * UINT64_C(1000), &o, "it took too long");
    expect_in_memory(t, p);
    uint8_t a = t->persona->functional.bmAttributes;
    bool keeps_talking = t->persona->dialect == DFUKIT_DIALECT_DFUSE ||
                         ((a & DFUKIT_MANIFESTATION_TOLERANT) != 0 && !t->persona->restarts);
    bool verifiable = (a & DFUKIT_CAN_UPLOAD) != 0 && keeps_talking;
    expect(t, o.verified == verifiable, &o,
           verifiable ? "it was not verified" : "it says that it was verified");
}

static void read_it(trial *t, const place *p)
{
    rig_payload parts;
    dfukit_outcome o;
    dfukit_job job = job_for(t, DFUKIT_VERB_READ, p, &parts);
    job.stream = NULL;
    if (t->persona->dialect == DFUKIT_DIALECT_DFUSE) {
        job.image = NULL;
        job.has_at = job.has_size = true;
        job.at = p->address;
        job.size = p->size;
    } else {
        job.read_limit = p->size;
    }
    int error = run(t, &job, &o);
    if (!can_upload(t)) {
        expect(t, error == DFUKIT_ERR_REFUSED, &o, "reading was not refused");
        return;
    }
    expect(t, error == DFUKIT_OK, &o, "it cannot be read");
    expect(t, t->got_size == p->size, &o, "another length was read");
    expect(t, memcmp(t->got, t->payload, p->size) == 0, &o, "something else was read");
}

static void verify_it(trial *t, const place *p)
{
    rig_payload parts;
    dfukit_outcome o;
    dfukit_job job = job_for(t, DFUKIT_VERB_VERIFY, p, &parts);
    int error = run(t, &job, &o);
    if (!can_upload(t)) {
        expect(t, error == DFUKIT_ERR_REFUSED, &o, "verifying was not refused");
        return;
    }
    expect(t, error == DFUKIT_OK && o.verified, &o, "it cannot be verified");
    t->payload[p->size / 2] ^= 0x10;
    error = run(t, &job, &o);
    t->payload[p->size / 2] ^= 0x10;
    expect(t, error == DFUKIT_ERR_DIFFERS && o.differences == 1, &o, "a difference went unseen");
}

/* ---- Where ---- */

static uint32_t at_most(uint32_t n, uint32_t limit)
{
    return n < limit ? n : limit;
}

static uint32_t bytes_in(const dfukit_region *zone)
{
    uint32_t n = 0;
    for (const dfukit_sectors *s = zone->sectors; s->count != 0; s++)
        n += s->count * s->size;
    return n;
}

/* Ordinary memories that can be written, each in its first writable zone. */
static size_t places_of(const dfukit_persona *p, place out[MEMORIES_MAX])
{
    size_t count = 0;
    if (p->dialect == DFUKIT_DIALECT_PLAIN) {
        uint32_t size = at_most(5 * (uint32_t)p->functional.wTransferSize + 301, 20001);
        out[count++] = (place){0, 0, at_most(size, bytes_in(p->region))};
        return count;
    }
    for (uint8_t alt = 0; p->alternates[alt] != NULL && count < MEMORIES_MAX; alt++) {
        dfukit_map map;
        if (dfukit_map_parse(p->alternates[alt], &map) != DFUKIT_OK || map.kind != DFUKIT_MAP_FLASH)
            continue;
        const dfukit_region *zone = p->zones[alt];
        while (zone->sectors != NULL && (zone->permissions & DFUKIT_MAY_WRITE) == 0)
            zone++;
        if (zone->sectors == NULL)
            continue;
        uint32_t size = at_most(3 * zone->sectors[0].size - 301, 20001);
        out[count++] = (place){alt, zone->address, at_most(size, bytes_in(zone))};
    }
    return count;
}

/* A payload that no blank page and no other payload is like. */
static void make_payload(trial *t, const place *p)
{
    rig_fill(t->payload, p->size, p->address + p->alternate + (t->timed ? 77u : 11u));
    if (t->persona->prefix == DFUKIT_NEEDS_LPC_PREFIX) {
        t->payload[0] = 0x1A;
        t->payload[1] = 0x3F;
    }
}

/* ---- The trial ---- */

static void refuse_it(trial *t)
{
    const place p = {0, 0, 1000};
    rig_payload parts;
    dfukit_outcome o;
    dfukit_job job = job_for(t, DFUKIT_VERB_WRITE, &p, &parts);
    job.has_alt = false;
    expect(t, run(t, &job, &o) == DFUKIT_ERR_REFUSED, &o, "writing was not refused");
    job = job_for(t, DFUKIT_VERB_READ, &p, &parts);
    job.has_alt = false;
    expect(t, run(t, &job, &o) == DFUKIT_ERR_REFUSED, &o, "reading was not refused");
}

static void open_rig(trial *t)
{
    const dfukit_virtual_options options = {.fast = !t->timed};
    if (rig_open(&t->r, t->persona->name, &options) != DFUKIT_OK)
        fail(t, NULL, "it cannot be made");
}

static void try_persona(trial *t)
{
    place places[MEMORIES_MAX];
    open_rig(t);
    if (t->persona->stays_put) {
        refuse_it(t);
    } else {
        size_t count = places_of(t->persona, places);
        expect(t, count > 0, NULL, "it has no memory to write to");
        for (size_t n = 0; n < count; n++) {
            make_payload(t, &places[n]);
            write_it(t, &places[n]);
            read_it(t, &places[n]);
            verify_it(t, &places[n]);
            expect_in_memory(t, &places[n]);
        }
    }
    rig_close(&t->r);
}

int main(int argc, char **argv)
{
    static trial t;
    const dfukit_persona *p;
    if (argc == 2 && strcmp(argv[1], "--names") == 0) {
        for (size_t n = 0; (p = dfukit_persona_at(n)) != NULL; n++)
            puts(p->name);
        return 0;
    }
    t.persona = argc == 2 ? dfukit_persona_find(argv[1]) : NULL;
    if (t.persona == NULL) {
        fprintf(stderr, "persona NAME | --names\n");
        return 2;
    }
    try_persona(&t);
    t.timed = true;
    try_persona(&t);
    printf("%s: %u checks\n", t.persona->name, t.checks);
    return 0;
}
