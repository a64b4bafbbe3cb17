/* SPDX-License-Identifier: MIT */
/* The host's end of the conversations in scenarios.c: it reads descriptors, and waits as long as
 * the device tells it. */
#include "scenarios.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define PATIENCE_MS 2000u
#define NOTICED_MS  100u /* less, and a hub may not have seen the device go (USB 2.0 §7.1.7.3) */

static void read_descriptors(host *h)
{
    uint16_t n;
    const uint8_t *bytes = bus_configuration(&n);
    const uint8_t *found;
    size_t at = 0;

    memset(h, 0, sizeof *h);
    while (dfukit_descriptor_next(bytes, n, &at, &found)) {
        dfukit_interface_descriptor itf;

        if (found[1] == DFUKIT_DESC_INTERFACE &&
            dfukit_interface_descriptor_decode(found, found[0], &itf) > 0 &&
            itf.bInterfaceClass == DFUKIT_CLASS_APPLICATION) {
            h->itf = itf.bInterfaceNumber;
            h->protocol = itf.bInterfaceProtocol;
            h->alternates++;
        } else if (found[1] == DFUKIT_DESC_DFU_FUNCTIONAL) {
            assert_true(dfukit_functional_decode(found, found[0], &h->functional) > 0);
        }
    }
    assert_true(h->alternates > 0 && h->functional.wTransferSize > 0);
}

host enumerate(void)
{
    host h;

    assert_true(bus_present());
    bus_reset();
    bus_run(10);
    bus_reset();
    bus_run(10);
    read_descriptors(&h);
    assert_true(bus_configure(1));
    return h;
}

int request_out(const host *h, uint8_t bRequest, uint16_t wValue, const uint8_t *data, uint16_t n)
{
    const dfukit_setup s = {DFUKIT_TYPE_CLASS_OUT, bRequest, wValue, h->itf, n};

    return bus_out(&s, data);
}

int request_in(const host *h, uint8_t bRequest, uint16_t wValue, uint8_t *to, uint16_t n)
{
    const dfukit_setup s = {DFUKIT_TYPE_CLASS_IN, bRequest, wValue, h->itf, n};

    return bus_in(&s, to);
}

dfukit_status_reply status_of(const host *h)
{
    uint8_t bytes[DFUKIT_STATUS_SIZE];
    dfukit_status_reply reply;

    assert_int_equal(request_in(h, DFUKIT_GETSTATUS, 0, bytes, sizeof bytes), sizeof bytes);
    dfukit_status_decode(bytes, &reply);
    return reply;
}

void expect_status(const host *h, uint8_t bState, uint8_t bStatus)
{
    dfukit_status_reply reply = status_of(h);

    if (reply.bState != bState || reply.bStatus != bStatus)
        fail_msg("%s, %s", dfukit_state_name(reply.bState), dfukit_status_name(reply.bStatus));
}

static void wait_for_return(void)
{
    unsigned ms = 0;

    while (!bus_present() && ms++ < PATIENCE_MS)
        bus_run(1);
    assert_true(bus_present());
    assert_true(ms >= NOTICED_MS);
}

static void detach(host *h)
{
    unsigned leaves = bus_leaves();

    assert_int_equal(h->protocol, DFUKIT_PROTOCOL_RUNTIME);
    assert_int_equal(request_out(h, DFUKIT_DETACH, 1000, NULL, 0), 0);
    bus_run(50);
    assert_int_equal(bus_leaves(), leaves + 1);
    wait_for_return();
    *h = enumerate();
    assert_int_equal(h->protocol, DFUKIT_PROTOCOL_DFU);
}

host dfu_mode_host(void)
{
    host h;

    bus_power_on(true);
    h = enumerate();
    detach(&h);
    return h;
}

dfukit_status_reply download_block(const host *h, uint16_t block, const uint8_t *data, uint16_t n)
{
    dfukit_status_reply reply;

    if (request_out(h, DFUKIT_DNLOAD, block, data, n) != n)
        fail_msg("block %u of %u bytes: stalled", block, n);
    reply = status_of(h);
    for (unsigned i = 0; i < 100 && reply.bState == DFUKIT_DNBUSY; i++) {
        bus_run(reply.bwPollTimeout);
        reply = status_of(h);
    }
    return reply;
}

void download(const host *h, const uint8_t *bytes, uint16_t n)
{
    uint16_t size = h->functional.wTransferSize;

    for (uint16_t block = 0; block * size < n; block++) {
        uint16_t at = (uint16_t)(block * size);
        uint16_t part = n - at < size ? (uint16_t)(n - at) : size;
        dfukit_status_reply reply = download_block(h, block, bytes + at, part);

        if (reply.bState != DFUKIT_DNLOAD_IDLE || reply.bStatus != DFUKIT_STATUS_OK)
            fail_msg("block %u: %s, %s", block, dfukit_state_name(reply.bState),
                     dfukit_status_name(reply.bStatus));
    }
}

void finish(host *h)
{
    dfukit_status_reply reply;
    unsigned leaves = bus_leaves();

    assert_int_equal(request_out(h, DFUKIT_DNLOAD, 0, NULL, 0), 0);
    reply = status_of(h);
    if ((h->functional.bmAttributes & DFUKIT_MANIFESTATION_TOLERANT) != 0) {
        for (unsigned i = 0; i < 100 && reply.bState == DFUKIT_MANIFEST; i++) {
            bus_run(reply.bwPollTimeout);
            reply = status_of(h);
        }
        assert_int_equal(reply.bState, DFUKIT_DFU_IDLE);
        return;
    }
    assert_int_equal(reply.bState, DFUKIT_MANIFEST);
    bus_run(reply.bwPollTimeout + 100);
    assert_int_equal(bus_leaves(), leaves + 1);
    wait_for_return();
    *h = enumerate();
    detach(h);
}

void fill(uint8_t *bytes, uint16_t n, unsigned seed)
{
    uint32_t x = seed * 2654435761u + 1u;

    for (uint16_t i = 0; i < n; i++) {
        x = x * 1664525u + 1013904223u;
        bytes[i] = (uint8_t)(x >> 24);
    }
    memcpy(bytes, BUS_MARK, n < 4 ? n : 4);
}
