/* SPDX-License-Identifier: MIT */
/* The libusb carrier against a device behind umockdev: the real libusb and udev libraries run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "dfukit/transport.h"
#include "fakebus.h"
#include "scripted.h"

#define PATH "1-2.3"

typedef struct bench {
    fakebus *bus;
    scripted device;
    size_t index;
    dfukit_carrier carrier;
    dfukit_handle *handle;
} bench;

static int set_up(void **state)
{
    bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    scripted_init(&b->device);
    b->bus = fakebus_new();
    dfukit_wire wire = scripted_wire(&b->device);
    b->index = fakebus_plug(b->bus, 3, &wire);
    assert_int_equal(dfukit_libusb_open(&b->carrier), DFUKIT_OK);
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    bench *b = *state;
    if (b->handle != NULL)
        b->carrier.ops->close(b->carrier.self, b->handle);
    dfukit_carrier_close(&b->carrier);
    fakebus_free(b->bus);
    free(b);
    return 0;
}

static uint32_t devnum(const bench *b)
{
    return 1u << 16 | fakebus_devnum(b->bus, b->index);
}

static void open_device(bench *b)
{
    assert_int_equal(b->carrier.ops->open(b->carrier.self, PATH, devnum(b), &b->handle), DFUKIT_OK);
    assert_non_null(b->handle);
    assert_string_equal(b->carrier.ops->complaint(b->carrier.self), "");
}

static void pump_until_done(bench *b, const dfukit_task *task)
{
    for (int i = 0; i < 200 && !task->done; i++)
        b->carrier.ops->pump(b->carrier.self, 50);
    assert_true(task->done);
}

static int run(bench *b, dfukit_task *task)
{
    b->carrier.ops->submit(b->carrier.self, b->handle, task);
    pump_until_done(b, task);
    return task->result;
}

static int claim(bench *b, uint8_t interface, uint8_t alternate)
{
    dfukit_task task = {.kind = DFUKIT_TASK_CLAIM,
                        .configuration = 1,
                        .interface = interface,
                        .alternate = alternate,
                        .set_alternate = true};
    return run(b, &task);
}

static int reset(bench *b)
{
    dfukit_task task = {.kind = DFUKIT_TASK_RESET};
    return run(b, &task);
}

static uint8_t buffers[4][65535];

static dfukit_transfer vendor_in(unsigned buffer, uint8_t request, uint16_t length)
{
    return (dfukit_transfer){.setup = {0xC0, request, 7, 0, length},
                             .in = buffers[buffer],
                             .timeout_ms = 5000,
                             .result = 12345};
}

/* ---- Listing ---- */

static const dfukit_entry *entry_at(const dfukit_listing *listing, const char *path)
{
    for (size_t i = 0; i < listing->count; i++) {
        if (strcmp(listing->entries[i].path, path) == 0)
            return &listing->entries[i];
    }
    fail_msg("nothing listed at %s", path);
    return NULL;
}

static void test_list(void **state)
{
    bench *b = *state;
    dfukit_listing listing;
    assert_int_equal(b->carrier.ops->list(b->carrier.self, NULL, &listing), DFUKIT_OK);
    assert_int_equal(listing.count, 3);
    assert_int_equal(entry_at(&listing, "1-0")->device.bDeviceClass, 9);
    assert_int_equal(entry_at(&listing, "1-2")->device.bDeviceClass, 9);

    const dfukit_entry *e = entry_at(&listing, PATH);
    assert_int_equal(e->access, DFUKIT_OK);
    assert_int_equal(e->devnum, devnum(b));
    const dfukit_device_descriptor expected = {
        0x0200, 0xEF, 0x02, 0x01, 64, SCRIPTED_VID, SCRIPTED_PID, 0x1234, 1, 2, 3, 1,
    };
    assert_memory_equal(&e->device, &expected, sizeof expected);
    size_t n;
    const uint8_t *configuration = scripted_configuration(&n);
    assert_int_equal(e->configuration_size, n);
    assert_memory_equal(e->configuration, configuration, n);
    dfukit_listing_free(&listing);
    assert_int_equal(b->device.requests, 0);
}

/* ---- Opening ---- */

static void test_open_errors(void **state)
{
    bench *b = *state;
    static const struct {
        const char *path;
        int off;
    } rows[] = {{"1-2.4", 0}, {"2-2.3", 0}, {"1-2.3.1", 0}, {"", 0}, {PATH, 1}, {PATH, -1}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint32_t number = devnum(b) + (uint32_t)rows[i].off;
        int r = b->carrier.ops->open(b->carrier.self, rows[i].path, number, &b->handle);
        if (r != DFUKIT_ERR_GONE || b->handle != NULL)
            fail_msg("row %zu: %s", i, dfukit_error_name(r));
    }
    assert_string_not_equal(b->carrier.ops->complaint(b->carrier.self), "");
}

/* Root may open everything, unless that is given up for a while. @return how it was before. */
static bool respect_permissions(bool respect)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct sets[2];
    const uint32_t overrides = 1u << CAP_DAC_OVERRIDE;
    assert_int_equal(syscall(SYS_capget, &header, sets), 0);
    bool respected = (sets[0].effective & overrides) == 0;
    sets[0].effective = respect ? sets[0].effective & ~overrides : sets[0].effective | overrides;
    if (respect != respected)
        assert_int_equal(syscall(SYS_capset, &header, sets), 0);
    return respected;
}

static void test_no_permission(void **state)
{
    bench *b = *state;
    fakebus_allow(b->bus, b->index, false);
    bool respected = respect_permissions(true);
    int r = b->carrier.ops->open(b->carrier.self, PATH, devnum(b), &b->handle);
    respect_permissions(respected);
    assert_int_equal(r, DFUKIT_ERR_ACCESS);
    assert_non_null(strstr(b->carrier.ops->complaint(b->carrier.self), "Access denied"));
    fakebus_allow(b->bus, b->index, true);
    open_device(b);
}

/* ---- Transfers ---- */

static void test_in(void **state)
{
    bench *b = *state;
    static const struct {
        uint8_t request;
        uint16_t length;
        int32_t result;
    } rows[] = {
        {SCRIPTED_PATTERN, 1, 1},
        {SCRIPTED_PATTERN, 64, 64},
        {SCRIPTED_PATTERN, 4096, 4096},
        {SCRIPTED_PATTERN, 0, 0},
        {SCRIPTED_SHORT, 64, 5},
        {SCRIPTED_SHORT, 5, 5},
        {SCRIPTED_SHORT, 3, 3},
        {SCRIPTED_STALL, 6, DFUKIT_ERR_STALL},
        {SCRIPTED_PATTERN, 4097, DFUKIT_ERR_IO}, /* more than libusb takes on Linux */
    };
    open_device(b);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        memset(buffers[0], 0, 8192);
        dfukit_transfer t = vendor_in(0, rows[i].request, rows[i].length);
        dfukit_task task = {.transfers = &t, .count = 1};
        assert_int_equal(run(b, &task), DFUKIT_OK);
        if (t.result != rows[i].result)
            fail_msg("row %zu: %d, not %d", i, (int)t.result, (int)rows[i].result);
        for (int32_t k = 0; k < 8192; k++) {
            if (buffers[0][k] != (k < t.result ? (uint8_t)(7 + k) : 0))
                fail_msg("row %zu: byte %d is %02x", i, (int)k, buffers[0][k]);
        }
    }
}

static void test_out(void **state)
{
    bench *b = *state;
    static const uint16_t lengths[] = {0, 1, 63, 64, 1024, 4096};
    open_device(b);
    for (size_t i = 0; i < 4096; i++)
        buffers[0][i] = (uint8_t)(i * 13 + i / 256);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        dfukit_transfer t = {.setup = {0x40, SCRIPTED_STORE, 0, 0, lengths[i]},
                             .out = lengths[i] > 0 ? buffers[0] : NULL,
                             .timeout_ms = 5000};
        dfukit_task task = {.transfers = &t, .count = 1};
        assert_int_equal(run(b, &task), DFUKIT_OK);
        if (t.result != lengths[i] || b->device.stored_size != lengths[i] ||
            memcmp(b->device.stored, buffers[0], lengths[i]) != 0)
            fail_msg("row %zu: %d", i, (int)t.result);
    }
}

/* After a stall the rest of a batch runs; after anything else it does not. */
static void test_batches(void **state)
{
    bench *b = *state;
    static const struct {
        uint8_t second;
        uint32_t timeout_ms;
        uint16_t length;
        int32_t result, third;
        unsigned seen;
    } rows[] = {
        {SCRIPTED_PATTERN, 5000, 6, 6, 4, 3},
        {SCRIPTED_STALL, 5000, 6, DFUKIT_ERR_STALL, 4, 3},
        {SCRIPTED_SILENCE, 60, 6, DFUKIT_ERR_TIMEOUT, DFUKIT_ERR_AGAIN, 1},
        {SCRIPTED_SILENCE, 0, 6, DFUKIT_ERR_TIMEOUT, DFUKIT_ERR_AGAIN, 1},
        {SCRIPTED_PATTERN, 5000, 5000, DFUKIT_ERR_IO, DFUKIT_ERR_AGAIN, 1},
    };
    open_device(b);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        dfukit_transfer t[4] = {vendor_in(0, SCRIPTED_PATTERN, 2),
                                vendor_in(1, rows[i].second, rows[i].length),
                                vendor_in(2, SCRIPTED_PATTERN, 4)};
        t[1].timeout_ms = rows[i].timeout_ms;
        dfukit_task task = {.transfers = t, .count = 3};
        b->device.requests = b->device.cancels = 0;
        uint64_t begun = b->carrier.ops->now_ms(b->carrier.self);
        assert_int_equal(run(b, &task), DFUKIT_OK);
        uint64_t taken = b->carrier.ops->now_ms(b->carrier.self) - begun;
        bool silent = rows[i].second == SCRIPTED_SILENCE;
        if (t[0].result != 2 || t[1].result != rows[i].result || t[2].result != rows[i].third ||
            b->device.requests != rows[i].seen || b->device.cancels > (silent ? 1u : 0u) ||
            (silent && taken < rows[i].timeout_ms) || fakebus_flying(b->bus) != 0)
            fail_msg("row %zu: %d %d %d, %u seen, %u cancelled, %u ms", i, (int)t[0].result,
                     (int)t[1].result, (int)t[2].result, b->device.requests, b->device.cancels,
                     (unsigned)taken);
    }
}

static void test_cancel(void **state)
{
    bench *b = *state;
    open_device(b);
    for (unsigned lead_ms = 0; lead_ms <= 20; lead_ms += 10) {
        dfukit_transfer t[2] = {vendor_in(0, SCRIPTED_SILENCE, 6),
                                vendor_in(1, SCRIPTED_PATTERN, 4)};
        t[0].timeout_ms = 60000;
        dfukit_task task = {.transfers = t, .count = 2};
        b->carrier.ops->submit(b->carrier.self, b->handle, &task);
        assert_false(task.done);
        if (lead_ms > 0)
            b->carrier.ops->pump(b->carrier.self, lead_ms);
        assert_false(task.done);
        uint64_t begun = b->carrier.ops->now_ms(b->carrier.self);
        b->carrier.ops->cancel(b->carrier.self, b->handle);
        assert_true(b->carrier.ops->now_ms(b->carrier.self) - begun < 3000);
        assert_true(task.done);
        assert_int_equal(t[0].result, DFUKIT_ERR_TIMEOUT);
        assert_int_equal(t[1].result, DFUKIT_ERR_AGAIN);
    }
    b->carrier.ops->cancel(b->carrier.self, b->handle); /* nothing under way */
    dfukit_transfer again = vendor_in(0, SCRIPTED_PATTERN, 4);
    dfukit_task task = {.transfers = &again, .count = 1};
    run(b, &task);
    assert_int_equal(again.result, 4);
}

static void test_close_under_way(void **state)
{
    bench *b = *state;
    open_device(b);
    dfukit_transfer t = vendor_in(0, SCRIPTED_SILENCE, 6);
    dfukit_task task = {.transfers = &t, .count = 1};
    b->carrier.ops->submit(b->carrier.self, b->handle, &task);
    b->carrier.ops->close(b->carrier.self, b->handle);
    b->handle = NULL;
    assert_true(task.done);
    assert_int_equal(t.result, DFUKIT_ERR_TIMEOUT);
}

/* ---- Claiming, resetting, waiting ---- */

static void test_claim(void **state)
{
    bench *b = *state;
    static const struct {
        uint8_t interface, alternate;
        int result;
    } rows[] = {
        {2, 0, DFUKIT_OK},     /* the device stalls SET_INTERFACE, which changes nothing */
        {2, 1, DFUKIT_ERR_IO}, /* but would have here */
        {1, 1, DFUKIT_OK},     {1, 0, DFUKIT_OK}, {1, 1, DFUKIT_OK}, {1, 2, DFUKIT_ERR_IO},
    };
    open_device(b);
    unsigned configured = b->device.configured;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int r = claim(b, rows[i].interface, rows[i].alternate);
        if (r != rows[i].result)
            fail_msg("row %zu: %s", i, dfukit_error_name(r));
        if (r == DFUKIT_OK)
            assert_int_equal(b->device.alternate, rows[i].alternate);
    }
    assert_int_equal(b->device.configured, configured);
}

static void test_reset(void **state)
{
    bench *b = *state;
    open_device(b);
    assert_int_equal(claim(b, 2, 0), DFUKIT_OK);
    unsigned resets = b->device.resets;
    assert_int_equal(reset(b), DFUKIT_OK);
    assert_int_equal(b->device.resets, resets + 1);

    uint32_t before = devnum(b);
    dfukit_transfer t[2] = {{.setup = {0x40, SCRIPTED_LEAVE, 0, 0, 0}, .timeout_ms = 1000},
                            vendor_in(0, SCRIPTED_PATTERN, 4)};
    dfukit_task task = {.transfers = t, .count = 2};
    run(b, &task);
    assert_int_equal(t[1].result, 4);
    assert_int_equal(reset(b), DFUKIT_ERR_GONE);
    assert_int_equal(reset(b), DFUKIT_ERR_GONE);
    assert_int_equal(claim(b, 2, 0), DFUKIT_ERR_GONE);
    run(b, &task);
    assert_int_equal(t[0].result, DFUKIT_ERR_GONE);
    assert_int_equal(t[1].result, DFUKIT_ERR_AGAIN);

    b->carrier.ops->pump(b->carrier.self, 0);
    uint64_t begun = b->carrier.ops->now_ms(b->carrier.self);
    fakebus_work(b->bus); /* it leaves, and comes back under another number */
    b->carrier.ops->pump(b->carrier.self, 10000);
    assert_true(b->carrier.ops->now_ms(b->carrier.self) - begun < 5000);
    assert_int_not_equal(devnum(b), before);
    b->carrier.ops->close(b->carrier.self, b->handle);
    b->handle = NULL;
    assert_int_equal(b->carrier.ops->open(b->carrier.self, PATH, before, &b->handle),
                     DFUKIT_ERR_GONE);
    for (int i = 0; i < 100 && b->handle == NULL; i++) {
        b->carrier.ops->pump(b->carrier.self, 20);
        (void)b->carrier.ops->open(b->carrier.self, PATH, devnum(b), &b->handle);
    }
    assert_non_null(b->handle);
    assert_int_equal(claim(b, 2, 0), DFUKIT_OK);
}

/* The plug is pulled during a transfer. */
static void test_unplugged(void **state)
{
    bench *b = *state;
    open_device(b);
    dfukit_transfer t[2] = {vendor_in(0, SCRIPTED_SILENCE, 6), vendor_in(1, SCRIPTED_PATTERN, 4)};
    t[0].timeout_ms = 60000;
    dfukit_task task = {.transfers = t, .count = 2};
    b->carrier.ops->submit(b->carrier.self, b->handle, &task);
    b->carrier.ops->pump(b->carrier.self, 20);
    assert_false(task.done);
    b->device.attachment = 0;
    pump_until_done(b, &task);
    assert_int_equal(t[0].result, DFUKIT_ERR_GONE);
    assert_int_equal(t[1].result, DFUKIT_ERR_AGAIN);
    fakebus_work(b->bus);
    dfukit_listing listing = {3, NULL};
    for (int i = 0; i < 100 && listing.count == 3; i++) {
        b->carrier.ops->pump(b->carrier.self, 20);
        assert_int_equal(b->carrier.ops->list(b->carrier.self, NULL, &listing), DFUKIT_OK);
        dfukit_listing_free(&(dfukit_listing){listing.count, listing.entries});
    }
    assert_int_equal(listing.count, 2);
}

static void test_pump(void **state)
{
    bench *b = *state;
    b->carrier.ops->pump(b->carrier.self, 0);
    uint64_t begun = b->carrier.ops->now_ms(b->carrier.self);
    b->carrier.ops->pump(b->carrier.self, 80);
    uint64_t taken = b->carrier.ops->now_ms(b->carrier.self) - begun;
    assert_true(taken >= 80 && taken < 5000);

    open_device(b); /* what is done at once makes the next pump return at once */
    dfukit_task task = {.kind = DFUKIT_TASK_CLAIM, .configuration = 1, .interface = 2};
    b->carrier.ops->submit(b->carrier.self, b->handle, &task);
    assert_true(task.done);
    begun = b->carrier.ops->now_ms(b->carrier.self);
    b->carrier.ops->pump(b->carrier.self, 10000);
    assert_true(b->carrier.ops->now_ms(b->carrier.self) - begun < 5000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(list),  TEST(open_errors), TEST(no_permission), TEST(in),
        TEST(out),   TEST(batches),     TEST(cancel),        TEST(close_under_way),
        TEST(claim), TEST(reset),       TEST(unplugged),     TEST(pump),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
