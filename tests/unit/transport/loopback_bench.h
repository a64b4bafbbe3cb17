/* SPDX-License-Identifier: MIT */
/* Two toy devices on the in-process carrier, on a clock that only sleeping advances. */
#ifndef DFUKIT_LOOPBACK_BENCH_H
#define DFUKIT_LOOPBACK_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "dfukit/transport.h"
#include "unit/transport/toy_wire.h"

static uint64_t virtual_us;

static inline uint64_t clock_now(void *self)
{
    (void)self;
    return virtual_us;
}

static inline void clock_sleep(void *self, uint64_t delay)
{
    (void)self;
    virtual_us += delay;
}

static const dfukit_clock clock_virtual = {.now_us = clock_now, .sleep_us = clock_sleep};

static toy device[2];
static dfukit_carrier carrier;

static inline int setup(void **state)
{
    dfukit_wire wires[2];

    (void)state;
    virtual_us = 1000000;
    for (int i = 0; i < 2; i++) {
        toy_init(&device[i], &clock_virtual);
        wires[i] = toy_wire(&device[i]);
    }
    return dfukit_loopback_open(&carrier, wires, 2, &clock_virtual);
}

static inline int teardown(void **state)
{
    (void)state;
    dfukit_carrier_close(&carrier);
    assert_int_equal(device[0].violations, 0);
    assert_int_equal(device[1].violations, 0);
    return 0;
}

static inline dfukit_handle *open_first(void)
{
    dfukit_handle *h = NULL;
    int error = DFUKIT_ERR_GONE;

    /* Without a list, which would read descriptors. */
    for (uint32_t devnum = 1; error == DFUKIT_ERR_GONE && devnum <= 127; devnum++)
        error = carrier.ops->open(carrier.self, "0-1", devnum, &h);
    assert_int_equal(error, DFUKIT_OK);
    assert_non_null(h);
    return h;
}

static inline void run(dfukit_handle *h, dfukit_task *task)
{
    unsigned rounds = 0;

    carrier.ops->submit(carrier.self, h, task);
    assert_false(task->done);
    while (!task->done) {
        assert_true(rounds++ < 100);
        carrier.ops->pump(carrier.self, 1000);
    }
}

static inline dfukit_transfer get_status(uint8_t *in)
{
    return (dfukit_transfer){
        .setup = {DFUKIT_TYPE_CLASS_IN, DFUKIT_GETSTATUS, 0, 0, 6}, .in = in, .timeout_ms = 500};
}

static inline dfukit_transfer dnload(const uint8_t *out, uint16_t n)
{
    return (dfukit_transfer){
        .setup = {DFUKIT_TYPE_CLASS_OUT, DFUKIT_DNLOAD, 0, 0, n}, .out = out, .timeout_ms = 500};
}

#endif
