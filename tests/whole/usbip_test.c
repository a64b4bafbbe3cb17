/* SPDX-License-Identifier: MIT */
/* The USB/IP client against the USB/IP server, over TCP, with a toy device and a real persona
 * behind. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dfukit/transport.h"
#include "dfukit/virtual.h"
#include "unit/transport/toy_wire.h"

static toy device[2];
static dfukit_virtual *persona;
static dfukit_clock real;
static dfukit_server *server;
static dfukit_carrier carrier;
static pthread_t thread;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* server and devices */
static atomic_bool stop, wanted;

/* Look at the devices, or change them. Mutexes are not fair: the server has to be asked to wait. */
static void hold_devices(void)
{
    atomic_store(&wanted, true);
    (void)pthread_mutex_lock(&lock);
    atomic_store(&wanted, false);
}

static void release_devices(void)
{
    (void)pthread_mutex_unlock(&lock);
}

static void *serve(void *self)
{
    (void)self;
    while (!atomic_load(&stop)) {
        while (atomic_load(&wanted))
            real.sleep_us(real.self, 100);
        (void)pthread_mutex_lock(&lock);
        dfukit_server_work(server, 5);
        (void)pthread_mutex_unlock(&lock);
    }
    return NULL;
}

static void connect_carrier(dfukit_carrier *c)
{
    const dfukit_usbip_options o = {.port = dfukit_server_port(server)};

    assert_int_equal(dfukit_usbip_open(c, &o), DFUKIT_OK);
}

static int setup(void **state)
{
    const dfukit_virtual_options options = {.fast = true};
    dfukit_wire wires[3];

    (void)state;
    real = dfukit_clock_real();
    for (int i = 0; i < 2; i++) {
        toy_init(&device[i], &real);
        wires[i] = toy_wire(&device[i]);
    }
    persona = dfukit_virtual_new(dfukit_persona_find("micro"), &options, &real);
    assert_non_null(persona);
    wires[2] = dfukit_virtual_wire(persona);
    server = dfukit_server_new("127.0.0.1:0", wires, 3, &real, NULL);
    assert_non_null(server);
    atomic_store(&stop, false);
    assert_int_equal(pthread_create(&thread, NULL, serve, NULL), 0);
    connect_carrier(&carrier);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    dfukit_carrier_close(&carrier);
    atomic_store(&stop, true);
    (void)pthread_join(thread, NULL);
    dfukit_server_free(&server);
    dfukit_virtual_free(&persona);
    assert_int_equal(device[0].violations, 0);
    assert_int_equal(device[1].violations, 0);
    return 0;
}

static uint64_t now_ms(void)
{
    return carrier.ops->now_ms(carrier.self);
}

/* The entry of a path in a fresh list; devnum 0 when it is not there. */
static uint32_t devnum_of(const char *path, dfukit_error *access)
{
    dfukit_listing l;
    uint32_t devnum = 0;

    assert_int_equal(carrier.ops->list(carrier.self, NULL, &l), DFUKIT_OK);
    for (size_t i = 0; i < l.count; i++) {
        if (strcmp(l.entries[i].path, path) == 0) {
            devnum = l.entries[i].devnum;
            *access = l.entries[i].access;
        }
    }
    dfukit_listing_free(&l);
    return devnum;
}

static dfukit_handle *open_path(const char *path)
{
    dfukit_error access = DFUKIT_ERR_IO;
    uint32_t devnum = devnum_of(path, &access);
    dfukit_handle *h = NULL;

    assert_true(devnum != 0);
    assert_int_equal(carrier.ops->open(carrier.self, path, devnum, &h), DFUKIT_OK);
    return h;
}

static void run(dfukit_handle *h, dfukit_task *task)
{
    uint64_t before = now_ms();

    carrier.ops->submit(carrier.self, h, task);
    while (!task->done) {
        assert_true(now_ms() - before < 15000);
        carrier.ops->pump(carrier.self, 1000);
    }
}

static int32_t request(dfukit_handle *h, dfukit_setup s, uint8_t *in, const uint8_t *out,
                       uint32_t timeout_ms)
{
    dfukit_transfer t = {.setup = s, .in = in, .out = out, .timeout_ms = timeout_ms};
    dfukit_task task = {.kind = DFUKIT_TASK_TRANSFERS, .transfers = &t, .count = 1};

    run(h, &task);
    return t.result;
}

static const dfukit_setup get_status = {DFUKIT_TYPE_CLASS_IN, DFUKIT_GETSTATUS, 0, 0, 6};
static const dfukit_setup detach = {DFUKIT_TYPE_CLASS_OUT, DFUKIT_DETACH, 1000, 0, 0};

static void test_list(void **state)
{
    dfukit_listing l;

    (void)state;
    assert_int_equal(carrier.ops->list(carrier.self, NULL, &l), DFUKIT_OK);
    assert_int_equal(l.count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(l.entries[i].access, DFUKIT_OK);
        assert_non_null(l.entries[i].configuration);
        assert_int_equal(l.entries[i].devnum, i + 1); /* one counter for the whole server */
    }
    assert_string_equal(l.entries[1].path, "1-2");
    assert_memory_equal(l.entries[1].configuration, device[1].configuration, 27);
    assert_string_equal(l.entries[2].path, "1-3");
    assert_int_equal(l.entries[2].device.idVendor, 0x1209);
    assert_int_equal(l.entries[2].device.idProduct, 0x0001);
    dfukit_listing_free(&l);
    assert_int_equal(device[0].resets, 0);
}

static void test_blocks(void **state)
{
    static uint8_t block[65535], back[65535];
    dfukit_handle *h = open_path("1-1");
    uint64_t before;

    (void)state;
    for (size_t i = 0; i < sizeof(block); i++)
        block[i] = (uint8_t)(i ^ i >> 7);
    before = now_ms();
    for (uint16_t n = 0; n < 200; n++) {
        uint8_t status[6];
        dfukit_transfer t[2] = {
            {.setup = {DFUKIT_TYPE_CLASS_OUT, DFUKIT_DNLOAD, n, 0, 65535},
             .out = block,
             .timeout_ms = 5000},
            {.setup = get_status, .in = status, .timeout_ms = 5000},
        };
        dfukit_task task = {.kind = DFUKIT_TASK_TRANSFERS, .transfers = t, .count = 2};

        block[0] = (uint8_t)n;
        run(h, &task);
        assert_int_equal(t[0].result, 65535);
        assert_int_equal(t[1].result, 6);
    }
    assert_true(now_ms() - before < 10000);
    assert_int_equal(request(h, (dfukit_setup){DFUKIT_TYPE_CLASS_IN, DFUKIT_UPLOAD, 0, 0, 65535},
                             back, NULL, 5000),
                     65535);
    assert_memory_equal(back, block, sizeof(block));
    carrier.ops->close(carrier.self, h);
}

static void test_timeout_reaches_the_device(void **state)
{
    dfukit_handle *h = open_path("1-1");
    uint8_t status[6];
    uint64_t before;

    (void)state;
    hold_devices();
    device[0].nak_us = UINT64_MAX;
    release_devices();
    before = now_ms();
    assert_int_equal(request(h, get_status, status, NULL, 100), DFUKIT_ERR_TIMEOUT);
    assert_in_range(now_ms() - before, 100, 2000);
    hold_devices();
    assert_int_equal(device[0].cancels, 1);
    device[0].nak_us = 30000;
    release_devices();
    assert_int_equal(request(h, get_status, status, NULL, 1000), 6);
    carrier.ops->close(carrier.self, h);
}

static void test_one_at_a_time(void **state)
{
    dfukit_handle *h = open_path("1-1"), *second = NULL;
    dfukit_carrier other;
    dfukit_listing l;

    (void)state;
    connect_carrier(&other);
    assert_int_equal(other.ops->list(other.self, NULL, &l), DFUKIT_OK);
    assert_int_equal(l.count, 3);
    assert_int_equal(l.entries[0].access, DFUKIT_ERR_BUSY);
    assert_int_equal(l.entries[0].device.idVendor, 0x1209);
    assert_int_equal(l.entries[1].access, DFUKIT_OK);
    assert_int_equal(other.ops->open(other.self, "1-1", l.entries[0].devnum, &second),
                     DFUKIT_ERR_BUSY);
    assert_int_equal(carrier.ops->open(carrier.self, "1-1", l.entries[0].devnum, &second),
                     DFUKIT_ERR_BUSY);
    carrier.ops->close(carrier.self, h);
    assert_int_equal(other.ops->open(other.self, "1-1", l.entries[0].devnum, &second), DFUKIT_OK);
    dfukit_listing_free(&l);
    dfukit_carrier_close(&other);  /* with a device still open */
    for (int i = 0; i < 50; i++) { /* given back and taken again without a pause */
        h = open_path("1-1");
        carrier.ops->close(carrier.self, h);
    }
}

static void test_device_that_leaves(void **state)
{
    dfukit_handle *h = open_path("1-1");
    dfukit_error access;
    uint64_t before;
    uint8_t status[6];
    uint32_t devnum;

    (void)state;
    hold_devices();
    device[0].on_detach = TOY_LEAVES;
    device[0].away_us = 100000;
    device[0].changes_product = true;
    release_devices();
    before = now_ms();
    assert_int_equal(request(h, detach, NULL, NULL, 1000), 0);
    assert_int_equal(request(h, get_status, status, NULL, 1000), DFUKIT_ERR_GONE);
    carrier.ops->close(carrier.self, h);
    while ((devnum = devnum_of("1-1", &access)) == 0)
        assert_true(now_ms() - before < 3000);
    assert_int_equal(devnum, 4); /* three devices were there before */
    assert_int_equal(access, DFUKIT_OK);
    assert_in_range(now_ms() - before, 90, 2500);
    h = open_path("1-1");
    assert_int_equal(request(h, get_status, status, NULL, 1000), 6);
    carrier.ops->close(carrier.self, h);
}

/* clang-format off */
static const struct {
    const char *name;
    toy_after after;
    bool changes_product;
    int result;
} resets[] = {
    { "the same device",          TOY_STAYS,   false, DFUKIT_OK },
    { "another one, later",       TOY_LEAVES,  true,  DFUKIT_ERR_GONE },
    { "another one, at once",     TOY_CHANGES, true,  DFUKIT_ERR_GONE },
    { "its like, later",          TOY_LEAVES,  false, DFUKIT_OK },
};
/* clang-format on */

static void test_resets(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(resets) / sizeof(resets[0]); i++) {
        dfukit_handle *h = open_path("1-1");
        dfukit_task task = {.kind = DFUKIT_TASK_RESET};
        uint8_t status[6];

        hold_devices();
        device[0].resets = 0;
        device[0].on_reset = resets[i].after;
        device[0].away_us = 100000;
        device[0].changes_product = resets[i].changes_product;
        release_devices();
        run(h, &task);
        hold_devices();
        if (task.result != resets[i].result || device[0].resets != 1)
            fail_msg("%s: %d, %u resets", resets[i].name, task.result, device[0].resets);
        release_devices();
        assert_int_equal(request(h, get_status, status, NULL, 1000),
                         task.result == DFUKIT_OK ? 6 : DFUKIT_ERR_GONE);
        carrier.ops->close(carrier.self, h);
    }
}

/* A device of the catalogue, from run-time mode into DFU mode by DETACH and a bus reset. */
static void test_persona_detaches(void **state)
{
    dfukit_handle *h = open_path("1-3");
    dfukit_task claim = {.kind = DFUKIT_TASK_CLAIM, .configuration = 1, .interface = 1};
    dfukit_task reset = {.kind = DFUKIT_TASK_RESET};
    dfukit_setup to_interface = detach;
    dfukit_listing l;
    bool left;

    (void)state;
    left = (dfukit_persona_find("micro")->functional.bmAttributes & DFUKIT_WILL_DETACH) != 0;
    run(h, &claim);
    assert_int_equal(claim.result, DFUKIT_OK);
    to_interface.wIndex = 1;
    if (request(h, to_interface, NULL, NULL, 1000) == DFUKIT_ERR_STALL) {
        to_interface.wIndex = 0;
        assert_int_equal(request(h, to_interface, NULL, NULL, 1000), 0);
    }
    if (!left) {
        run(h, &reset);
        assert_int_equal(reset.result, DFUKIT_ERR_GONE);
    }
    carrier.ops->close(carrier.self, h);
    for (uint64_t before = now_ms();;) {
        bool there;

        assert_true(now_ms() - before < 3000);
        assert_int_equal(carrier.ops->list(carrier.self, "1-3", &l), DFUKIT_OK);
        there = l.count == 3 && l.entries[2].device.idProduct == 0x8001;
        dfukit_listing_free(&l);
        if (there)
            break;
    }
}

/* One thread, two devices: the slow one does not hold up the fast one. */
static void test_two_devices(void **state)
{
    dfukit_handle *h[2] = {open_path("1-1"), open_path("1-2")};
    uint8_t status[2][6];
    dfukit_transfer t[2];
    dfukit_task task[2];

    (void)state;
    hold_devices();
    device[0].nak_us = 600000;
    device[1].nak_us = 20000;
    release_devices();
    for (int i = 0; i < 2; i++) {
        t[i] = (dfukit_transfer){.setup = get_status, .in = status[i], .timeout_ms = 2000};
        task[i] = (dfukit_task){.kind = DFUKIT_TASK_TRANSFERS, .transfers = &t[i], .count = 1};
        carrier.ops->submit(carrier.self, h[i], &task[i]);
    }
    carrier.ops->pump(carrier.self, 2000); /* what the opening has left to tell */
    while (!task[1].done)
        carrier.ops->pump(carrier.self, 2000);
    assert_false(task[0].done);
    while (!task[0].done)
        carrier.ops->pump(carrier.self, 2000);
    assert_int_equal(t[0].result, 6);
    assert_int_equal(t[1].result, 6);
    for (int i = 0; i < 2; i++)
        carrier.ops->close(carrier.self, h[i]);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_list),
        T(test_blocks),
        T(test_timeout_reaches_the_device),
        T(test_one_at_a_time),
        T(test_device_that_leaves),
        T(test_resets),
        T(test_persona_detaches),
        T(test_two_devices),
    };
#undef T

    return cmocka_run_group_tests(tests, NULL, NULL);
}
