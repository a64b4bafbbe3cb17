/* SPDX-License-Identifier: MIT */
/* The recorder in front of the in-process carrier with two toy devices. */
#include "unit/transport/loopback_bench.h"

static char text[1u << 20];
static size_t used;

static void keep(void *self, const char *line, size_t n)
{
    (void)self;
    assert_true(n > 0 && line[n - 1] == '\n');
    assert_null(memchr(line, '\0', n));
    assert_ptr_equal(memchr(line, '\n', n), line + n - 1);
    assert_true(used + n < sizeof(text));
    memcpy(text + used, line, n);
    used += n;
    text[used] = '\0';
}

static int record(void **state)
{
    const dfukit_trace_options options = {
        .program = "test 1\nsecond", .carrier = "toys # two", .line = keep};

    used = 0;
    text[0] = '\0';
    return setup(state) == 0 ? dfukit_trace_wrap(&carrier, &options) : -1;
}

/* Each text stands in the trace, one behind the other. */
static void expect(const char *const *parts)
{
    const char *from = text;

    for (; *parts != NULL; parts++) {
        const char *found = strstr(from, *parts);

        if (found == NULL) {
            print_error("missing: %s\nin: %s\n", *parts, from);
            fail();
        }
        from = found + strlen(*parts);
    }
}

static void expect_not(const char *part)
{
    if (strstr(text, part) != NULL) {
        print_error("should not be there: %s\nin: %s\n", part, text);
        fail();
    }
}

static dfukit_handle *list_and_open(size_t which)
{
    dfukit_listing listing;
    dfukit_handle *h = NULL;

    assert_int_equal(carrier.ops->list(carrier.self, NULL, &listing), DFUKIT_OK);
    assert_true(listing.count > which);
    assert_int_equal(carrier.ops->open(carrier.self, listing.entries[which].path,
                                       listing.entries[which].devnum, &h),
                     DFUKIT_OK);
    dfukit_listing_free(&listing);
    return h;
}

static void head_and_devices(void **state)
{
    dfukit_listing listing;

    (void)state;
    assert_true(carrier.queues && carrier.resets);
    assert_int_equal(
        strncmp(text, "dfukit-trace 1\nprogram test 1?second\ncarrier toys ? two\n", 54), 0);
    for (int i = 0; i < 2; i++) { /* once only */
        assert_int_equal(carrier.ops->list(carrier.self, NULL, &listing), DFUKIT_OK);
        dfukit_listing_free(&listing);
    }
    expect((const char *const[]){"0.000 attach 1 0-1 1  # 1209:0100\n",
                                 "0.000 device 1 1201000200000040091200013402000000", "\n",
                                 "0.000 configuration 1 09021b00010100803209040000", "\n",
                                 "0.000 attach 2 0-2 2", NULL});
    expect_not("attach 3");
    expect_not("access");
}

static void other_devices_are_nobodys_business(void **state)
{
    dfukit_listing listing;

    (void)state;
    device[1].configuration[9 + 5] = 0x03; /* a keyboard */
    assert_int_equal(carrier.ops->list(carrier.self, NULL, &listing), DFUKIT_OK);
    dfukit_listing_free(&listing);
    expect((const char *const[]){"attach 1 0-1", NULL});
    expect_not("0-2");
}

static void transfers(void **state)
{
    static const uint8_t block[3] = {0xAB, 0x00, 0xFF};
    uint8_t status[6], longer[64];
    dfukit_transfer batch[3];
    dfukit_task task = {.kind = DFUKIT_TASK_TRANSFERS, .transfers = batch, .count = 3};
    dfukit_handle *h;

    (void)state;
    h = list_and_open(0);
    batch[0] = dnload(block, 3);
    batch[1] = (dfukit_transfer){
        .setup = {DFUKIT_TYPE_CLASS_IN, DFUKIT_UPLOAD, 7, 0, 64}, .in = longer, .timeout_ms = 500};
    batch[2] = get_status(status);
    virtual_us += 25250;
    run(h, &task);
    carrier.ops->close(carrier.self, h);
    expect((const char *const[]){
        "open 1 OK\n", "# 25 ms later\n",
        "25.250 +0.000 transfer 1 1/3 DFU_DNLOAD 21 01 0000 0000 0003 3 ab00ff  # block 0\n",
        "transfer 1 2/3 DFU_UPLOAD a1 02 0007 0000 0040 3 ab00ff  # block 7\n",
        "transfer 1 3/3 DFU_GETSTATUS a1 03 0000 0000 0006 6 000000000200  "
        "# dfuIDLE, OK, poll after 0 ms\n",
        "close 1\n", NULL});
}

static void failures_and_what_was_not_sent(void **state)
{
    uint8_t status[2][6];
    dfukit_transfer batch[2] = {get_status(status[0]), get_status(status[1])};
    dfukit_task task = {.kind = DFUKIT_TASK_TRANSFERS, .transfers = batch, .count = 2};
    dfukit_handle *h;

    (void)state;
    device[0].nak_us = UINT64_MAX;
    h = list_and_open(0);
    run(h, &task);
    expect((const char *const[]){
        "0.000 +500.000 transfer 1 1/2 DFU_GETSTATUS a1 03 0000 0000 0006 ERR_TIMEOUT -\n",
        "transfer 1 2/2 DFU_GETSTATUS a1 03 0000 0000 0006 ERR_AGAIN -\n", NULL});
    carrier.ops->close(carrier.self, h);
}

static void stalls_are_answers(void **state)
{
    uint8_t in[4];
    dfukit_transfer t = {.setup = {0xC0, 0x55, 1, 2, 4}, .in = in, .timeout_ms = 100};
    dfukit_task task = {.kind = DFUKIT_TASK_TRANSFERS, .transfers = &t, .count = 1};
    dfukit_handle *h;

    (void)state;
    h = list_and_open(0);
    run(h, &task);
    expect((const char *const[]){"vendor c0 55 0001 0002 0004 ERR_STALL -\n", NULL});
    carrier.ops->close(carrier.self, h);
}

static void a_cancelled_task(void **state)
{
    uint8_t status[6];
    dfukit_transfer t = get_status(status);
    dfukit_task task = {.kind = DFUKIT_TASK_TRANSFERS, .transfers = &t, .count = 1};
    dfukit_handle *h;

    (void)state;
    device[0].nak_us = UINT64_MAX;
    h = list_and_open(0);
    carrier.ops->submit(carrier.self, h, &task);
    carrier.ops->pump(carrier.self, 10);
    assert_false(task.done);
    carrier.ops->cancel(carrier.self, h);
    assert_true(task.done);
    expect((const char *const[]){"0.000 +10.000 transfer 1 1/1 DFU_GETSTATUS a1 03 0000 0000 0006 "
                                 "ERR_TIMEOUT -\n",
                                 NULL});
    carrier.ops->submit(carrier.self, h, &task);
    carrier.ops->pump(carrier.self, 10);
    carrier.ops->close(carrier.self, h); /* cancels */
    assert_true(task.done);
    expect((const char *const[]){"10.000 +10.000 transfer", "ERR_TIMEOUT", "close 1\n", NULL});
}

static void claims_resets_and_a_device_that_returns(void **state)
{
    dfukit_task claim = {.kind = DFUKIT_TASK_CLAIM,
                         .configuration = 1,
                         .interface = 0,
                         .alternate = 3,
                         .set_alternate = true};
    dfukit_task reset = {.kind = DFUKIT_TASK_RESET};
    dfukit_listing listing;
    dfukit_handle *h;

    (void)state;
    device[0].on_reset = TOY_LEAVES;
    device[0].away_us = 70000;
    h = list_and_open(0);
    run(h, &claim);
    claim.set_alternate = false;
    run(h, &claim);
    run(h, &reset);
    carrier.ops->close(carrier.self, h);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(carrier.ops->list(carrier.self, NULL, &listing), DFUKIT_OK);
        dfukit_listing_free(&listing);
        virtual_us += 50000;
    }
    expect((const char *const[]){"claim 1 1 0 3 OK\n", "claim 1 1 0 - OK\n", "reset 1 ERR_GONE\n",
                                 "close 1\n", "0.000 depart 1\n", "100.000 attach 3 0-1 ",
                                 "device 3 1201", "configuration 3 0902", NULL});
    expect_not("depart 2");
}

static void a_device_that_cannot_be_opened(void **state)
{
    dfukit_handle *h, *other = NULL;

    (void)state;
    h = list_and_open(0);
    assert_int_equal(carrier.ops->open(carrier.self, "0-1", 1, &other), DFUKIT_ERR_BUSY);
    assert_null(other);
    assert_int_equal(carrier.ops->open(carrier.self, "0-9", 1, &other), DFUKIT_ERR_GONE);
    expect((const char *const[]){"open 1 OK\n", "open 1 ERR_BUSY\n", "open 0 ERR_GONE\n", NULL});
    carrier.ops->close(carrier.self, h);
}

static void largest_block(void **state)
{
    static uint8_t block[65535];
    dfukit_transfer t = dnload(block, 65535);
    dfukit_task task = {.kind = DFUKIT_TASK_TRANSFERS, .transfers = &t, .count = 1};
    dfukit_handle *h;
    const char *line;

    (void)state;
    memset(block, 0x5A, sizeof(block));
    h = list_and_open(0);
    run(h, &task);
    line = strstr(text, "DFU_DNLOAD 21 01 0000 0000 ffff 65535 5a5a");
    assert_non_null(line);
    assert_int_equal(strspn(strstr(line, "5a5a"), "5a"), 2u * 65535u);
    carrier.ops->close(carrier.self, h);
}

static void ends_with_end(void **state)
{
    (void)state;
    (void)list_and_open(0); /* left open */
    dfukit_carrier_close(&carrier);
    expect((const char *const[]){"close 1\n", "end\n", NULL});
    assert_string_equal(text + used - 4, "end\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(head_and_devices, record, teardown),
        cmocka_unit_test_setup_teardown(other_devices_are_nobodys_business, record, teardown),
        cmocka_unit_test_setup_teardown(transfers, record, teardown),
        cmocka_unit_test_setup_teardown(failures_and_what_was_not_sent, record, teardown),
        cmocka_unit_test_setup_teardown(stalls_are_answers, record, teardown),
        cmocka_unit_test_setup_teardown(a_cancelled_task, record, teardown),
        cmocka_unit_test_setup_teardown(claims_resets_and_a_device_that_returns, record, teardown),
        cmocka_unit_test_setup_teardown(a_device_that_cannot_be_opened, record, teardown),
        cmocka_unit_test_setup_teardown(largest_block, record, teardown),
        cmocka_unit_test_setup_teardown(ends_with_end, record, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
