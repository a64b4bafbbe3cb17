/* SPDX-License-Identifier: MIT */
/* The in-process carrier: listing, opening, claiming, resetting. */
#include "unit/transport/loopback_bench.h"

static void test_properties(void **state)
{
    (void)state;
    assert_true(carrier.queues);
    assert_true(carrier.resets);
    assert_string_equal(carrier.ops->complaint(carrier.self), "");
    assert_int_equal(carrier.ops->now_ms(carrier.self), 1000);
}

static void test_list(void **state)
{
    dfukit_listing l;

    (void)state;
    device[1].attachment = 0;
    device[1].return_us = UINT64_MAX;
    assert_int_equal(carrier.ops->list(carrier.self, NULL, &l), DFUKIT_OK);
    assert_int_equal(l.count, 1);
    assert_string_equal(l.entries[0].path, "0-1");
    assert_int_equal(l.entries[0].devnum, 1);
    assert_int_equal(l.entries[0].device.idVendor, 0x1209);
    assert_int_equal(l.entries[0].device.idProduct, 0x0100);
    assert_int_equal(l.entries[0].device.bcdDevice, 0x0234);
    assert_int_equal(l.entries[0].access, DFUKIT_OK);
    assert_int_equal(l.entries[0].configuration_size, 27);
    assert_memory_equal(l.entries[0].configuration, device[0].configuration, 27);
    /* Never asked for as Linux asks after a reset. */
    assert_int_equal(device[0].log[0].wLength, 18);
    dfukit_listing_free(&l);
    assert_null(l.entries);

    toy_attach(&device[1]);
    assert_int_equal(carrier.ops->list(carrier.self, "0-2", &l), DFUKIT_OK);
    assert_int_equal(l.count, 2);
    assert_string_equal(l.entries[1].path, "0-2");
    assert_int_equal(l.entries[1].devnum, 3); /* 2 it had before */
    dfukit_listing_free(&l);
}

/* The second of two configurations is the active one. */
static int32_t two_configurations(void *self, const dfukit_setup *s, uint8_t *data)
{
    static const uint8_t second[9] = {9, 2, 9, 0, 0, 7, 0, 0x80, 50};

    if (s->bRequest == DFUKIT_USB_GET_DESCRIPTOR && s->wValue == 0x0201)
        return toy_reply(s, data, second, sizeof(second));
    return toy_control(self, s, data);
}

static void test_active_configuration(void **state)
{
    dfukit_wire_ops ops = toy_ops;
    const dfukit_wire wire = {.ops = &ops, .self = &device[0]};
    dfukit_carrier c;
    dfukit_listing l;

    (void)state;
    ops.control = two_configurations;
    device[0].device[17] = 2;
    device[0].active = 7;
    assert_int_equal(dfukit_loopback_open(&c, &wire, 1, &clock_virtual), DFUKIT_OK);
    assert_int_equal(c.ops->list(c.self, NULL, &l), DFUKIT_OK);
    assert_int_equal(l.entries[0].configuration_size, 9);
    assert_int_equal(l.entries[0].configuration[5], 7);
    dfukit_listing_free(&l);
    dfukit_carrier_close(&c);
}

/* clang-format off */
static const struct {
    const char *name;
    uint8_t device_length, config_length, config_type;
    uint16_t total, sent;
    dfukit_error access;
    size_t size;
} hostile[] = {
    { "as it should be",                     18, 9, 2, 27,     27, DFUKIT_OK,         27 },
    { "wTotalLength beyond what comes",      18, 9, 2, 0xFFFF, 27, DFUKIT_OK,         27 },
    { "wTotalLength less than what there is",18, 9, 2, 18,     27, DFUKIT_OK,         18 },
    { "wTotalLength less than a header",     18, 9, 2, 8,      27, DFUKIT_ERR_FORMAT, 0 },
    { "wTotalLength 0",                      18, 9, 2, 0,      27, DFUKIT_ERR_FORMAT, 0 },
    { "header cut",                          18, 9, 2, 27,     8,  DFUKIT_ERR_SHORT,  0 },
    { "nothing sent",                        18, 9, 2, 27,     0,  DFUKIT_ERR_SHORT,  0 },
    { "bLength of the header 8",             18, 8, 2, 27,     27, DFUKIT_ERR_FORMAT, 0 },
    { "another descriptor",                  18, 9, 4, 27,     27, DFUKIT_ERR_FORMAT, 0 },
    { "bLength of the device descriptor 17", 17, 9, 2, 27,     27, DFUKIT_ERR_FORMAT, 0 },
};
/* clang-format on */

static void test_hostile_descriptors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
        dfukit_listing l;
        toy *t = &device[0];

        toy_attach(t); /* so that it is looked at anew */
        t->device[0] = hostile[i].device_length;
        t->configuration[0] = hostile[i].config_length;
        t->configuration[1] = hostile[i].config_type;
        t->configuration[2] = (uint8_t)hostile[i].total;
        t->configuration[3] = (uint8_t)(hostile[i].total >> 8);
        t->configuration_size = hostile[i].sent;
        assert_int_equal(carrier.ops->list(carrier.self, NULL, &l), DFUKIT_OK);
        if (l.count != 2 || l.entries[0].access != hostile[i].access ||
            l.entries[0].configuration_size != hostile[i].size ||
            (l.entries[0].configuration == NULL) != (hostile[i].size == 0))
            fail_msg("%s: access %d, %zu bytes", hostile[i].name, (int)l.entries[0].access,
                     l.entries[0].configuration_size);
        dfukit_listing_free(&l);
    }
}

static void test_open(void **state)
{
    dfukit_handle *h = NULL, *again = NULL;

    (void)state;
    assert_int_equal(carrier.ops->open(carrier.self, "0-3", 1, &h), DFUKIT_ERR_GONE);
    assert_int_equal(carrier.ops->open(carrier.self, "", 1, &h), DFUKIT_ERR_GONE);
    assert_int_equal(carrier.ops->open(carrier.self, "0-1", 2, &h), DFUKIT_ERR_GONE);
    assert_int_equal(carrier.ops->open(carrier.self, "0-1", 0, &h), DFUKIT_ERR_GONE);
    assert_null(h);
    h = open_first();
    assert_int_equal(carrier.ops->open(carrier.self, "0-1", 1, &again), DFUKIT_ERR_BUSY);
    toy_attach(&device[0]);
    /* The old handle is of no use, and in nobody's way. */
    assert_int_equal(carrier.ops->open(carrier.self, "0-1", 1, &again), DFUKIT_ERR_GONE);
    assert_int_equal(carrier.ops->open(carrier.self, "0-1", 3, &again), DFUKIT_OK);
    carrier.ops->close(carrier.self, h);
    assert_int_equal(carrier.ops->open(carrier.self, "0-1", 3, &h), DFUKIT_ERR_BUSY);
    carrier.ops->close(carrier.self, again);
}

/* The number of the first device, from a list. */
static uint32_t first_number(void)
{
    dfukit_listing l;
    uint32_t devnum;

    assert_int_equal(carrier.ops->list(carrier.self, NULL, &l), DFUKIT_OK);
    assert_int_equal(l.count, 2);
    devnum = l.entries[0].devnum;
    assert_int_equal(l.entries[1].devnum, 2);
    dfukit_listing_free(&l);
    return devnum;
}

/* Numbers as on a bus: one counter, seven bits, around, past those in use. */
static void test_device_numbers(void **state)
{
    uint32_t expected = 2;

    (void)state;
    for (int i = 0; i < 300; i++) {
        toy_attach(&device[0]);
        expected = expected == 127 ? 1 : expected + 1;
        if (expected == 2) /* 0-2 has it all the while */
            expected = 3;
        if (first_number() != expected || first_number() != expected)
            fail_msg("attachment %d: %u, not %u", i, first_number(), expected);
    }
}

/* More devices than a bus has addresses still differ. */
static void test_crowd(void **state)
{
    dfukit_wire wires[200];
    dfukit_carrier c;
    dfukit_listing l;

    (void)state;
    for (size_t i = 0; i < 200; i++)
        wires[i] = toy_wire(&device[i % 2]);
    assert_int_equal(dfukit_loopback_open(&c, wires, 200, &clock_virtual), DFUKIT_OK);
    for (int round = 0; round < 3; round++) {
        bool seen[202] = {false};

        assert_int_equal(c.ops->list(c.self, NULL, &l), DFUKIT_OK);
        assert_int_equal(l.count, 200);
        for (size_t i = 0; i < 200; i++) {
            assert_in_range(l.entries[i].devnum, 1, 201);
            assert_false(seen[l.entries[i].devnum]);
            seen[l.entries[i].devnum] = true;
        }
        dfukit_listing_free(&l);
        toy_attach(&device[0]);
    }
    dfukit_carrier_close(&c);
}

/* A device being asked something is listed from memory, or as busy; it is not asked two things. */
static void test_list_while_busy(void **state)
{
    uint8_t status[6];
    dfukit_transfer t = get_status(status);
    dfukit_task task = {.kind = DFUKIT_TASK_TRANSFERS, .transfers = &t, .count = 1};
    dfukit_handle *h = open_first();
    dfukit_listing l;

    (void)state;
    device[0].nak_us = 50000;
    carrier.ops->submit(carrier.self, h, &task);
    carrier.ops->pump(carrier.self, 1);
    assert_int_equal(carrier.ops->list(carrier.self, NULL, &l), DFUKIT_OK);
    assert_int_equal(l.count, 2);
    assert_int_equal(l.entries[0].access, DFUKIT_ERR_BUSY);
    assert_null(l.entries[0].configuration);
    assert_int_equal(l.entries[1].access, DFUKIT_OK);
    dfukit_listing_free(&l);
    carrier.ops->cancel(carrier.self, h);
    assert_int_equal(carrier.ops->list(carrier.self, NULL, &l), DFUKIT_OK);
    dfukit_listing_free(&l);
    carrier.ops->submit(carrier.self, h, &task);
    carrier.ops->pump(carrier.self, 1);
    assert_int_equal(carrier.ops->list(carrier.self, NULL, &l), DFUKIT_OK);
    assert_int_equal(l.entries[0].access, DFUKIT_OK);
    assert_int_equal(l.entries[0].configuration_size, 27);
    dfukit_listing_free(&l);
    carrier.ops->cancel(carrier.self, h);
}

/* clang-format off */
static const struct {
    const char *name;
    uint8_t active, alternate;
    bool set_alternate, stall_configuration, stall_interface;
    const uint8_t *requests;
    int result;
} claims[] = {
#define R(...) (const uint8_t[]){ __VA_ARGS__, 0 }
    { "not configured",            0, 0, false, false, false, R(8, 9),     DFUKIT_OK },
    { "configured already",        1, 0, false, false, false, R(8),        DFUKIT_OK },
    { "another configuration",     2, 0, false, false, false, R(8, 9),     DFUKIT_OK },
    { "configuration refused",     0, 0, true,  true,  false, R(8, 9),     DFUKIT_ERR_STALL },
    { "alternate 0 asked for",     1, 0, true,  false, false, R(8, 11),    DFUKIT_OK },
    { "alternate 0 refused",       1, 0, true,  false, true,  R(8, 11),    DFUKIT_ERR_STALL },
    { "refused, but just set up",  0, 0, true,  false, true,  R(8, 9, 11), DFUKIT_OK },
    { "alternate 3 asked for",     0, 3, true,  false, false, R(8, 9, 11), DFUKIT_OK },
    { "alternate 3 refused",       1, 3, true,  false, true,  R(8, 11),    DFUKIT_ERR_STALL },
#undef R
};
/* clang-format on */

static void test_claim(void **state)
{
    dfukit_handle *h = open_first();

    (void)state;
    for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
        dfukit_task task = {.kind = DFUKIT_TASK_CLAIM,
                            .configuration = 1,
                            .interface = 5,
                            .alternate = claims[i].alternate,
                            .set_alternate = claims[i].set_alternate};
        size_t n = 0;

        device[0].active = claims[i].active;
        device[0].stall_configuration = claims[i].stall_configuration;
        device[0].stall_interface = claims[i].stall_interface;
        device[0].log_count = 0;
        run(h, &task);
        if (task.result != claims[i].result)
            fail_msg("%s: result %d", claims[i].name, task.result);
        for (; claims[i].requests[n] != 0; n++) {
            if (n >= device[0].log_count || device[0].log[n].bRequest != claims[i].requests[n])
                fail_msg("%s: request %zu", claims[i].name, n);
            if (claims[i].requests[n] == DFUKIT_USB_SET_INTERFACE &&
                (device[0].log[n].wIndex != 5 || device[0].log[n].wValue != claims[i].alternate))
                fail_msg("%s: wrong SET_INTERFACE", claims[i].name);
        }
        if (device[0].log_count != n)
            fail_msg("%s: %zu requests", claims[i].name, device[0].log_count);
    }
}

/* clang-format off */
static const struct {
    const char *name;
    toy_after after;
    int result;
} resets[] = {
    { "the same device",         TOY_STAYS,   DFUKIT_OK },
    { "another device at once",  TOY_CHANGES, DFUKIT_ERR_GONE },
    { "leaves",                  TOY_LEAVES,  DFUKIT_ERR_GONE },
};
/* clang-format on */

static void test_reset(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(resets) / sizeof(resets[0]); i++) {
        dfukit_handle *h = open_first();
        dfukit_task task = {.kind = DFUKIT_TASK_RESET};

        device[0].on_reset = resets[i].after;
        device[0].away_us = 1000;
        device[0].resets = 0;
        run(h, &task);
        if (task.result != resets[i].result || device[0].resets != 1)
            fail_msg("%s: result %d, %u resets", resets[i].name, task.result, device[0].resets);
        carrier.ops->close(carrier.self, h);
        while (device[0].attachment == 0)
            carrier.ops->pump(carrier.self, 10);
    }
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_properties),
        T(test_list),
        T(test_active_configuration),
        T(test_hostile_descriptors),
        T(test_open),
        T(test_device_numbers),
        T(test_crowd),
        T(test_list_while_busy),
        T(test_claim),
        T(test_reset),
    };
#undef T

    return cmocka_run_group_tests(tests, NULL, NULL);
}
