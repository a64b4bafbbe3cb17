/* SPDX-License-Identifier: MIT */
/* What the tests of the USB/IP client's transfers share: a server by our own hand, a device opened. */
#ifndef DFUKIT_TESTS_USBIP_BENCH_H
#define DFUKIT_TESTS_USBIP_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "unit/transport/peer.h"

static toy device;
static peer server;
static dfukit_carrier carrier;
static dfukit_handle *handle;

static inline int setup(void **state)
{
    (void)state;
    toy_init(&device, &peer_clock);
    peer_init(&server, &device);
    return 0;
}

static inline void start(void)
{
    dfukit_usbip_options o = {.host = "127.0.0.1"};

    assert_true(peer_start(&server));
    o.port = server.port;
    assert_int_equal(dfukit_usbip_open(&carrier, &o), DFUKIT_OK);
    assert_int_equal(carrier.ops->open(carrier.self, "1-1", device.attachment, &handle), DFUKIT_OK);
}

static inline void stop(void)
{
    carrier.ops->close(carrier.self, handle);
    dfukit_carrier_close(&carrier);
    peer_stop(&server);
}

static inline void run(dfukit_task *task)
{
    uint64_t before = peer_now_us(NULL);

    carrier.ops->submit(carrier.self, handle, task);
    assert_false(task->done);
    while (!task->done) {
        assert_true(peer_now_us(NULL) - before < 20000000);
        carrier.ops->pump(carrier.self, 1000);
    }
}

static inline dfukit_transfer get_status(uint8_t *in, uint32_t timeout_ms)
{
    return (dfukit_transfer){.setup = {DFUKIT_TYPE_CLASS_IN, DFUKIT_GETSTATUS, 0, 0, 6},
                             .in = in,
                             .timeout_ms = timeout_ms};
}

static inline dfukit_transfer dnload(const uint8_t *out, uint16_t n)
{
    return (dfukit_transfer){
        .setup = {DFUKIT_TYPE_CLASS_OUT, DFUKIT_DNLOAD, 0, 0, n}, .out = out, .timeout_ms = 5000};
}

#endif
