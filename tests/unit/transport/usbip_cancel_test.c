/* SPDX-License-Identifier: MIT */
/* The USB/IP client: transfers given up, by time or by hand, and what comes in late. */
#include "unit/transport/usbip_bench.h"

/* No answer: cancelled last first, and the connection goes on. */
static void test_timeout(void **state)
{
    uint8_t status[6];
    dfukit_transfer t[3] = {get_status(status, 100), get_status(status, 100),
                            get_status(status, 100)};
    dfukit_task task = {.kind = DFUKIT_TASK_TRANSFERS, .transfers = t, .count = 3};
    uint64_t before;

    (void)state;
    start();
    server.silent = true;
    before = peer_now_us(NULL);
    run(&task);
    assert_in_range(peer_now_us(NULL) - before, 100000, 900000);
    assert_int_equal(t[0].result, DFUKIT_ERR_TIMEOUT);
    assert_int_equal(t[1].result, DFUKIT_ERR_AGAIN);
    assert_int_equal(t[2].result, DFUKIT_ERR_AGAIN);
    assert_int_equal(server.unlinks, 3);
    assert_int_equal(server.unlinked[0], server.unlinked[2] + 2);
    assert_int_equal(server.unlinked[1], server.unlinked[2] + 1);
    server.silent = false;
    run(&task);
    for (int i = 0; i < 3; i++)
        assert_int_equal(t[i].result, 6);
    stop();
}

static void test_timeout_and_no_confirmation(void **state)
{
    uint8_t status[6];
    dfukit_transfer t = get_status(status, 50);
    dfukit_task task = {.kind = DFUKIT_TASK_TRANSFERS, .transfers = &t, .count = 1};
    uint64_t before;

    (void)state;
    start();
    server.silent = server.deaf = true;
    before = peer_now_us(NULL);
    run(&task);
    assert_in_range(peer_now_us(NULL) - before, 1000000, 1800000);
    assert_int_equal(t.result, DFUKIT_ERR_TIMEOUT);
    run(&task); /* the connection is of no use any more */
    assert_int_equal(t.result, DFUKIT_ERR_GONE);
    stop();
}

/* clang-format off */
static const struct {
    const char *name;
    bool in;
    unsigned answers;
    uint16_t wLength;
    uint32_t length;
    bool with_next, good;
} lates[] = {
    { "IN, at once",            true,  1, 6,     6,     false, true },
    { "IN, later",              true,  1, 6,     6,     true,  true },
    { "IN, short",              true,  1, 6,     2,     true,  true },
    { "IN, nothing",            true,  1, 6,     0,     true,  true },
    { "IN, 64 KiB, at once",    true,  1, 65535, 65535, false, true },
    { "IN, 64 KiB, later",      true,  1, 65535, 65535, true,  true },
    { "OUT, at once",           false, 1, 8,     8,     false, true },
    { "OUT, later",             false, 1, 8,     8,     true,  true },
    { "IN, more than asked",    true,  1, 6,     7,     true,  false },
    { "OUT, more than sent",    false, 1, 8,     9,     true,  false },
    { "IN, twice",              true,  2, 6,     6,     true,  false },
    { "OUT, twice, at once",    false, 2, 8,     8,     false, false },
};
/* clang-format on */

/* "Was not under way any more" says the confirmation, and the answer comes only then. */
static void test_answer_behind_confirmation(void **state)
{
    static uint8_t block[2][65535];

    (void)state;
    for (size_t i = 0; i < sizeof(lates) / sizeof(lates[0]); i++) {
        uint8_t status[6] = {0};
        dfukit_transfer t[2], next = get_status(status, 3000);
        dfukit_task task = {.kind = DFUKIT_TASK_TRANSFERS, .transfers = t, .count = 2};
        dfukit_task after = {.kind = DFUKIT_TASK_TRANSFERS, .transfers = &next, .count = 1};

        (void)setup(NULL);
        server.late_answers = lates[i].answers;
        server.late_with_next = lates[i].with_next;
        server.late_length = lates[i].length;
        server.late_data = lates[i].in;
        for (int k = 0; k < 2; k++) {
            t[k] = lates[i].in ? get_status(block[k], 50) : dnload(block[k], 8);
            t[k].setup.wLength = lates[i].wLength;
            t[k].timeout_ms = 50;
        }
        server.silent = true;
        start();
        run(&task);
        if (t[0].result != DFUKIT_ERR_TIMEOUT ||
            (lates[i].good && (server.unlinks != 2 || t[1].result != DFUKIT_ERR_AGAIN)))
            fail_msg("%s: %d, %d", lates[i].name, (int)t[0].result, (int)t[1].result);
        server.silent = false;
        for (int k = 0; k < 2; k++) {
            run(&after);
            if (lates[i].good ? next.result != 6 || status[4] != DFUKIT_DFU_IDLE
                              : next.result != DFUKIT_ERR_IO && next.result != DFUKIT_ERR_GONE)
                fail_msg("%s: then %d", lates[i].name, (int)next.result);
        }
        stop();
    }
}

static void test_cancel(void **state)
{
    uint8_t status[6];
    dfukit_transfer t[2] = {get_status(status, 5000), get_status(status, 5000)};
    dfukit_task task = {.kind = DFUKIT_TASK_TRANSFERS, .transfers = t, .count = 2};

    (void)state;
    start();
    server.silent = true;
    carrier.ops->submit(carrier.self, handle, &task);
    carrier.ops->pump(carrier.self, 20);
    assert_false(task.done);
    carrier.ops->cancel(carrier.self, handle);
    assert_true(task.done);
    assert_int_equal(t[0].result, DFUKIT_ERR_TIMEOUT);
    assert_int_equal(t[1].result, DFUKIT_ERR_AGAIN);
    assert_int_equal(server.unlinks, 2);
    assert_int_equal(server.unlinked[0], server.unlinked[1] + 1);
    carrier.ops->submit(carrier.self, handle, &task);
    carrier.ops->cancel(carrier.self, handle);
    assert_true(task.done);
    assert_int_equal(t[0].result, DFUKIT_ERR_AGAIN);
    carrier.ops->submit(carrier.self, handle, &task);
    stop(); /* closing cancels */
    assert_true(task.done);
}
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_timeout, setup),
        cmocka_unit_test_setup(test_timeout_and_no_confirmation, setup),
        cmocka_unit_test_setup(test_answer_behind_confirmation, setup),
        cmocka_unit_test_setup(test_cancel, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
