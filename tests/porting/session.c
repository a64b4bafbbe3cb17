/* SPDX-License-Identifier: MIT */
/*
 * The device on the bus as a wire of the in-process carrier, and with it this project's own host:
 * it finds the device, detaches it, writes, verifies where it can, and reads back.
 */
#include "dfukit/session.h"

#include "scenarios.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NO_ONE 0xFFFFFFFFu

static struct {
    uint64_t now_us;
    uint64_t run_ms;     /* so far the device has been run */
    uint8_t configured;  /* bConfigurationValue … */
    uint32_t attachment; /* … of this attachment */
} line;

/* ---- A clock that only sleeping advances, and the device with it ---- */

static uint64_t now_us(void *self)
{
    (void)self;
    return line.now_us;
}

static void sleep_us(void *self, uint64_t delay)
{
    (void)self;
    line.now_us += delay;
    for (; line.run_ms < line.now_us / 1000; line.run_ms++)
        bus_run(1);
}

static uint64_t work(void *self)
{
    (void)self;
    return 1000;
}

/* ---- The device ---- */

static uint32_t attachment(void *self)
{
    uint32_t number = bus_present() ? bus_leaves() + 1 : 0;

    (void)self;
    if (number != 0 && number != line.attachment) {
        line.attachment = number;
        line.configured = 0;
        bus_reset(); /* the host's, for every newcomer */
    }
    return number;
}

static int32_t send(const dfukit_setup *s, uint8_t *to, const uint8_t *bytes, uint16_t n)
{
    uint16_t size = n < s->wLength ? n : s->wLength;

    memcpy(to, bytes, size);
    return size;
}

static int32_t get_descriptor(const dfukit_setup *s, uint8_t *to)
{
    uint8_t device[18];
    uint16_t n;
    const uint8_t *configuration = bus_configuration(&n);

    bus_device(device);
    if (s->wValue == DFUKIT_DESC_DEVICE << 8)
        return send(s, to, device, sizeof device);
    if (s->wValue == DFUKIT_DESC_CONFIGURATION << 8)
        return send(s, to, configuration, n);
    return DFUKIT_ERR_STALL;
}

static int32_t device_request(const dfukit_setup *s, uint8_t *data)
{
    if (s->bmRequestType == 0x80 && s->bRequest == DFUKIT_USB_GET_DESCRIPTOR)
        return get_descriptor(s, data);
    if (s->bmRequestType == 0x80 && s->bRequest == DFUKIT_USB_GET_CONFIGURATION)
        return send(s, data, &line.configured, 1);
    if (s->bmRequestType != 0 || s->bRequest != DFUKIT_USB_SET_CONFIGURATION ||
        !bus_configure((uint8_t)s->wValue))
        return DFUKIT_ERR_STALL;
    line.configured = (uint8_t)s->wValue;
    return 0;
}

static int32_t control(void *self, const dfukit_setup *s, uint8_t *data)
{
    int n;

    if (attachment(self) == 0)
        return DFUKIT_ERR_GONE;
    if ((s->bmRequestType & 0x1F) == 0)
        return device_request(s, data);
    if (s->bmRequestType == 0x01 && s->bRequest == DFUKIT_USB_SET_INTERFACE)
        n = bus_set_interface(s->wIndex, s->wValue) ? 0 : BUS_STALL;
    else
        n = dfukit_setup_is_in(s) ? bus_in(s, data) : bus_out(s, data);
    return n == BUS_STALL ? (int32_t)DFUKIT_ERR_STALL : n;
}

static void cancel(void *self)
{
    (void)self;
}

static void reset(void *self)
{
    (void)self;
    line.configured = 0;
    bus_reset();
}

static bool full_speed(void *self)
{
    (void)self;
    return true;
}

static const dfukit_wire_ops wire_ops = {work, attachment, control, cancel, reset, full_speed};

/* ---- Jobs ---- */

static int run(dfukit_carrier *carrier, const dfukit_job *job, const dfukit_watcher *watcher,
               dfukit_outcome *outcome)
{
    dfukit_targets found;
    dfukit_session *s;
    int error = dfukit_list(carrier, NULL, &found);

    assert_int_equal(error, DFUKIT_OK);
    assert_int_equal(found.count, 1);
    s = dfukit_session_new(carrier, job, &found.list[0], &error);
    dfukit_targets_free(&found);
    assert_non_null(s);
    error = dfukit_session_run(s, watcher);
    *outcome = *dfukit_host_outcome(dfukit_session_host(s));
    if (error != DFUKIT_OK)
        printf("%s: %s (%s, %s)\n", dfukit_error_name(error), outcome->what,
               dfukit_state_name(outcome->bState), dfukit_status_name(outcome->bStatus));
    dfukit_session_free(&s);
    return error;
}

typedef struct reader {
    uint8_t bytes[16384];
    size_t n;
} reader;

static int keep(void *self, const uint8_t *bytes, size_t n)
{
    reader *r = self;

    if (n > sizeof r->bytes - r->n)
        return DFUKIT_ERR_NOMEM;
    memcpy(r->bytes + r->n, bytes, n);
    r->n += n;
    return DFUKIT_OK;
}

void this_projects_host_writes_and_reads(void **state)
{
    static const uint32_t lengths[] = {4, 256, 513, 1024, 4096};
    static uint8_t bytes[4096];
    const dfukit_clock clock = {NULL, now_us, sleep_us};
    const dfukit_wire wire = {&wire_ops, NULL};

    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        const dfukit_segment segment = {0, lengths[i], bytes, 0};
        const dfukit_image image = {.count = 1, .segments = (dfukit_segment *)(uintptr_t)&segment};
        const dfukit_stream stream = {&image, 0, lengths[i]};
        const dfukit_job write = {.verb = DFUKIT_VERB_WRITE, .has_alt = true, .stream = &stream};
        const dfukit_job verify = {.verb = DFUKIT_VERB_VERIFY, .has_alt = true, .stream = &stream};
        const dfukit_job read = {.verb = DFUKIT_VERB_READ, .has_alt = true};
        static reader got;
        const dfukit_watcher watcher = {&got, NULL, keep};
        dfukit_carrier carrier;
        dfukit_outcome o;

        memset(&line, 0, sizeof line);
        line.attachment = NO_ONE;
        bus_power_on(true);
        fill(bytes, (uint16_t)lengths[i], (unsigned)i + 20);
        assert_int_equal(dfukit_loopback_open(&carrier, &wire, 1, &clock), DFUKIT_OK);
        assert_int_equal(run(&carrier, &write, NULL, &o), DFUKIT_OK);
        assert_true(o.confirmed && o.sent_back && o.bytes == lengths[i]);
        assert_memory_equal(bus_memory(0), bytes, lengths[i]);
        assert_int_equal(run(&carrier, &verify, NULL, &o), DFUKIT_OK);
        assert_true(o.verified && o.sent_back);
        got.n = 0;
        assert_int_equal(run(&carrier, &read, &watcher, &o), DFUKIT_OK);
        assert_true(got.n >= lengths[i]);
        assert_memory_equal(got.bytes, bus_memory(0), got.n);
        dfukit_carrier_close(&carrier);
    }
}
