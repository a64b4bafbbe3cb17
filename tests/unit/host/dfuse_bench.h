/* SPDX-License-Identifier: MIT */
/* A job on the strict DfuSe device: made, run, and looked at. */
#ifndef TESTS_UNIT_HOST_DFUSE_BENCH_H
#define TESTS_UNIT_HOST_DFUSE_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/host/dfuse_device.h"

#define F1      "@Internal Flash  /0x08000000/128*002Kg"
#define F4      "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,03*128Kg"
#define OPTIONS "@Option Bytes  /0x1FFFF800/01*016 e"
#define SPI     "@SPI Flash/0x00000000/64*4Kg"

static size_t allocated;

static void *resize(void *self, void *p, size_t n)
{
    (void)self;
    if (p == NULL && n != 0)
        allocated++;
    if (p != NULL && n == 0)
        allocated--;
    if (n != 0)
        return realloc(p, n);
    free(p);
    return NULL;
}
static const dfukit_allocator heap = {NULL, resize};

static uint8_t payload[400 * 1024];

static void fill_payload(void)
{
    uint32_t x = 2463534242u;
    for (size_t i = 0; i < sizeof payload; i++) {
        x ^= x << 13, x ^= x >> 17, x ^= x << 5;
        payload[i] = (uint8_t)x;
    }
}

typedef struct bench {
    dfuse_device device;
    dfukit_segment segments[4];
    dfukit_image image;
    dfukit_job job;
    dfukit_host *host;
    const dfukit_outcome *outcome;
    dfuse_sink sink;
    int cancel_at;
} bench;

static void bench_init(bench *b, const char *const *alts, uint32_t wTransferSize, dfukit_verb verb)
{
    memset(b, 0, sizeof *b);
    allocated = 0; /* a test that failed has freed nothing */
    dfuse_device_init(&b->device, alts, wTransferSize);
    b->image.segments = b->segments;
    b->job.verb = verb;
    b->cancel_at = -1;
}

static void bench_segment(bench *b, uint8_t alternate, uint32_t address, uint32_t size)
{
    uint32_t at = 0;
    for (size_t i = 0; i < b->image.count; i++)
        at += b->segments[i].size;
    b->segments[b->image.count++] =
        (dfukit_segment){address, size, payload + at % sizeof payload, alternate};
    b->job.image = &b->image;
}

static void bench_run(bench *b)
{
    b->host = dfukit_host_new(&b->job, &b->device.target, &heap);
    assert_non_null(b->host);
    dfuse_device_run(&b->device, b->host, b->sink.bytes != NULL ? &b->sink : NULL, b->cancel_at);
    b->outcome = dfukit_host_outcome(b->host);
    if (b->device.complaint[0] != '\0')
        fail_msg("%s\n%s", b->device.complaint, b->device.log);
    assert_non_null(b->outcome->what);
    assert_int_equal(b->outcome->requests >= b->device.requests, 1);
    assert_int_equal(b->outcome->round_trips, b->device.round_trips);
}

/* As it ended, with what it said when that is not what was wanted. */
static void bench_ended(const bench *b, int error)
{
    if (b->outcome->error != error)
        fail_msg("%s: %s (status %u, state %u)\n%s", dfukit_error_name(b->outcome->error),
                 b->outcome->what, b->outcome->bStatus, b->outcome->bState, b->device.log);
}

static void bench_holds(bench *b)
{
    for (size_t i = 0; i < b->image.count; i++) {
        const dfukit_segment *s = &b->segments[i];
        size_t alt = 0;
        while (!dfukit_map_sector(&b->device.maps[alt], (uint32_t)s->address, NULL, NULL, NULL) ||
               (b->image.alternates && alt != s->alternate))
            alt++;
        const uint8_t *at =
            b->device.memory[alt] + (s->address - b->device.maps[alt].spans[0].address);
        assert_memory_equal(at, s->data, s->size);
    }
}

static void bench_free(bench *b)
{
    dfukit_host_free(&b->host);
    dfuse_device_free(&b->device);
    assert_int_equal(allocated, 0);
}

#endif
