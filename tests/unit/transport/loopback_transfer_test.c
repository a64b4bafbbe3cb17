/* SPDX-License-Identifier: MIT */
/* The in-process carrier: batches, time, and devices that leave. */
#include "unit/transport/loopback_bench.h"

static void test_batch_in_order(void **state)
{
    uint8_t status[6] = {0}, memory[8] = {0};
    dfukit_transfer t[4] = {dnload((const uint8_t *)"firmware", 8), dnload(NULL, 0),
                            get_status(status), get_status(status)};
    dfukit_task task = {.kind = DFUKIT_TASK_TRANSFERS, .transfers = t, .count = 4};
    dfukit_handle *h = open_first();

    (void)state;
    t[1].setup.bRequest = 99; /* stalls; what follows runs all the same */
    t[3].setup.bRequest = DFUKIT_UPLOAD;
    t[3].setup.wLength = 8;
    t[3].in = memory;
    device[0].log_count = 0;
    run(h, &task);
    assert_int_equal(task.result, DFUKIT_OK);
    assert_int_equal(t[0].result, 8);
    assert_int_equal(t[1].result, DFUKIT_ERR_STALL);
    assert_int_equal(t[2].result, 6);
    assert_int_equal(status[4], DFUKIT_DFU_IDLE);
    assert_int_equal(t[3].result, 8);
    assert_memory_equal(memory, "firmware", 8);
    assert_int_equal(device[0].log_count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(device[0].log[i].bRequest, t[i].setup.bRequest);
}

static void test_empty_and_invalid(void **state)
{
    dfukit_transfer t[2] = {get_status(NULL), get_status(NULL)};
    dfukit_task task = {.kind = DFUKIT_TASK_TRANSFERS};
    dfukit_handle *h = open_first();

    (void)state;
    run(h, &task);
    assert_int_equal(task.result, DFUKIT_OK);
    task = (dfukit_task){.kind = DFUKIT_TASK_TRANSFERS, .transfers = t, .count = 2};
    run(h, &task); /* no room for the data stage */
    assert_int_equal(t[0].result, DFUKIT_ERR_IO);
    assert_int_equal(t[1].result, DFUKIT_ERR_AGAIN);
}

/* 400 ms of NAK each: deadlines count from the end of the one before. No real time passes. */
static void test_time(void **state)
{
    uint8_t status[6];
    dfukit_transfer t[3] = {get_status(status), get_status(status), get_status(status)};
    dfukit_task task = {.kind = DFUKIT_TASK_TRANSFERS, .transfers = t, .count = 3};
    dfukit_handle *h = open_first();
    uint64_t before = virtual_us;
    clock_t cpu = clock();

    (void)state;
    device[0].nak_us = 400000;
    run(h, &task);
    for (int i = 0; i < 3; i++)
        assert_int_equal(t[i].result, 6);
    assert_int_equal(virtual_us - before, 1200000);
    assert_int_equal(device[0].cancels, 0);

    before = virtual_us;
    device[0].nak_us = 600000;
    run(h, &task);
    assert_int_equal(t[0].result, DFUKIT_ERR_TIMEOUT);
    assert_int_equal(t[1].result, DFUKIT_ERR_AGAIN);
    assert_int_equal(t[2].result, DFUKIT_ERR_AGAIN);
    assert_int_equal(virtual_us - before, 500000);
    assert_int_equal(device[0].cancels, 1);

    before = virtual_us;
    device[0].nak_us = UINT64_MAX; /* work() knows no next moment */
    run(h, &task);
    assert_int_equal(t[0].result, DFUKIT_ERR_TIMEOUT);
    assert_int_equal(virtual_us - before, 500000);

    before = virtual_us;
    t[0].setup = (dfukit_setup){0x80, DFUKIT_USB_GET_CONFIGURATION, 0, 0, 1}; /* at once */
    run(h, &task);
    assert_int_equal(t[0].result, 1);
    assert_int_equal(t[1].result, DFUKIT_ERR_TIMEOUT);
    assert_int_equal(virtual_us - before, 500000);
    assert_true(clock() - cpu < CLOCKS_PER_SEC);
}

static void test_pump_waits_no_longer_than_told(void **state)
{
    uint8_t status[6];
    dfukit_transfer t = get_status(status);
    dfukit_task task = {.kind = DFUKIT_TASK_TRANSFERS, .transfers = &t, .count = 1};
    dfukit_handle *h = open_first();
    uint64_t before;

    (void)state;
    carrier.ops->pump(carrier.self, 0); /* sees what is attached */
    before = virtual_us;
    carrier.ops->pump(carrier.self, 250);
    assert_int_equal(virtual_us - before, 250000);
    device[0].nak_us = 300000;
    carrier.ops->submit(carrier.self, h, &task);
    before = virtual_us;
    carrier.ops->pump(carrier.self, 100);
    assert_false(task.done);
    assert_int_equal(virtual_us - before, 100000);
    carrier.ops->pump(carrier.self, 1000);
    assert_true(task.done);
    assert_int_equal(virtual_us - before, 300000);
}

static void test_cancel_and_close(void **state)
{
    uint8_t status[6];
    dfukit_transfer t[2] = {get_status(status), get_status(status)};
    dfukit_task task = {.kind = DFUKIT_TASK_TRANSFERS, .transfers = t, .count = 2};
    dfukit_handle *h = open_first();

    (void)state;
    carrier.ops->cancel(carrier.self, h); /* nothing to cancel */
    device[0].nak_us = UINT64_MAX;
    carrier.ops->submit(carrier.self, h, &task);
    carrier.ops->pump(carrier.self, 10);
    carrier.ops->cancel(carrier.self, h);
    assert_true(task.done);
    assert_int_equal(t[0].result, DFUKIT_ERR_TIMEOUT);
    assert_int_equal(t[1].result, DFUKIT_ERR_AGAIN);
    assert_int_equal(device[0].cancels, 1);

    carrier.ops->submit(carrier.self, h, &task);
    carrier.ops->cancel(carrier.self, h); /* before it has begun */
    assert_true(task.done);
    assert_int_equal(t[0].result, DFUKIT_ERR_AGAIN);
    assert_int_equal(device[0].cancels, 1);

    carrier.ops->submit(carrier.self, h, &task);
    carrier.ops->pump(carrier.self, 10);
    carrier.ops->close(carrier.self, h);
    assert_true(task.done);
    assert_int_equal(device[0].cancels, 2);
}

static void test_gone(void **state)
{
    uint8_t status[6];
    dfukit_transfer t[2] = {dnload(NULL, 0), get_status(status)};
    dfukit_task task = {.kind = DFUKIT_TASK_TRANSFERS, .transfers = t, .count = 2};
    dfukit_handle *h = open_first();

    (void)state;
    device[0].on_detach = TOY_LEAVES;
    device[0].away_us = 100000;
    t[0].setup.bRequest = DFUKIT_DETACH;
    run(h, &task);
    assert_int_equal(t[0].result, 0);
    assert_int_equal(t[1].result, DFUKIT_ERR_GONE);

    /* It comes back: pump() tells early, and the old handle stays without a device. */
    {
        uint64_t before = virtual_us;

        carrier.ops->pump(carrier.self, 0);
        carrier.ops->pump(carrier.self, 5000);
        assert_true(virtual_us - before <= 100000);
    }
    assert_int_equal(device[0].attachment, 2);
    device[0].log_count = 0;
    run(h, &task);
    assert_int_equal(t[0].result, DFUKIT_ERR_GONE);
    assert_int_equal(t[1].result, DFUKIT_ERR_AGAIN);
    task = (dfukit_task){.kind = DFUKIT_TASK_CLAIM, .configuration = 1};
    run(h, &task);
    assert_int_equal(task.result, DFUKIT_ERR_GONE);
    task = (dfukit_task){.kind = DFUKIT_TASK_RESET};
    run(h, &task);
    assert_int_equal(task.result, DFUKIT_ERR_GONE);
    assert_int_equal(device[0].log_count, 0);
    assert_int_equal(device[0].resets, 0);
}

/* A device that leaves while it is being asked. */
static void test_gone_meanwhile(void **state)
{
    uint8_t status[6];
    dfukit_transfer t = get_status(status);
    dfukit_task task = {.kind = DFUKIT_TASK_TRANSFERS, .transfers = &t, .count = 1};
    dfukit_handle *h = open_first();

    (void)state;
    device[0].nak_us = UINT64_MAX;
    carrier.ops->submit(carrier.self, h, &task);
    carrier.ops->pump(carrier.self, 10);
    toy_attach(&device[0]);
    carrier.ops->pump(carrier.self, 10);
    assert_true(task.done);
    assert_int_equal(t.result, DFUKIT_ERR_GONE);
    carrier.ops->close(carrier.self, h);
    assert_int_equal(device[0].cancels, 0); /* the transfer went with the device */
}

/* Two devices at once from one thread: the slower one does not hold up the faster. */
static void test_two_devices(void **state)
{
    uint8_t status[2][6];
    dfukit_transfer t[2] = {get_status(status[0]), get_status(status[1])};
    dfukit_task task[2];
    dfukit_handle *h[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        char path[8];

        (void)snprintf(path, sizeof(path), "0-%d", i + 1);
        assert_int_equal(carrier.ops->open(carrier.self, path, (uint32_t)i + 1, &h[i]), DFUKIT_OK);
        task[i] = (dfukit_task){.kind = DFUKIT_TASK_TRANSFERS, .transfers = &t[i], .count = 1};
    }
    device[0].nak_us = 300000;
    device[1].nak_us = 100000;
    for (int i = 0; i < 2; i++)
        carrier.ops->submit(carrier.self, h[i], &task[i]);
    carrier.ops->pump(carrier.self, 1000);
    assert_int_equal(virtual_us, 1100000);
    assert_true(task[1].done);
    assert_false(task[0].done);
    carrier.ops->pump(carrier.self, 1000);
    assert_true(task[0].done);
    assert_int_equal(virtual_us, 1300000);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_batch_in_order),
        T(test_empty_and_invalid),
        T(test_time),
        T(test_pump_waits_no_longer_than_told),
        T(test_cancel_and_close),
        T(test_gone),
        T(test_gone_meanwhile),
        T(test_two_devices),
    };
#undef T

    return cmocka_run_group_tests(tests, NULL, NULL);
}
