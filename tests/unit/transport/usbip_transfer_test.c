/* SPDX-License-Identifier: MIT */
/* The USB/IP client: transfers on an opened device, against honest and hostile servers. */
#include "unit/transport/usbip_bench.h"

/* The server answers nothing before it has both: sending one at a time would never end. */
static void test_batch_is_one_round_trip(void **state)
{
    static uint8_t block[65535], back[65535];
    uint8_t status[6] = {0};
    dfukit_transfer t[2] = {dnload(block, sizeof(block)), get_status(status, 5000)};
    dfukit_task task = {.kind = DFUKIT_TASK_TRANSFERS, .transfers = t, .count = 2};

    (void)state;
    for (size_t i = 0; i < sizeof(block); i++)
        block[i] = (uint8_t)(i * 31 >> 3);
    server.hold = 2;
    start();
    run(&task);
    assert_int_equal(t[0].result, 65535);
    assert_int_equal(t[1].result, 6);
    assert_int_equal(status[4], DFUKIT_DFU_IDLE);
    server.hold = 0;
    t[0] = (dfukit_transfer){.setup = {DFUKIT_TYPE_CLASS_IN, DFUKIT_UPLOAD, 0, 0, 65535},
                             .in = back,
                             .timeout_ms = 5000};
    task.count = 1;
    run(&task);
    assert_int_equal(t[0].result, 65535);
    assert_memory_equal(back, block, sizeof(block));
    assert_int_equal(server.unlinks, 0);
    stop();
}

static void test_stall_does_not_stop_the_rest(void **state)
{
    uint8_t status[6];
    dfukit_transfer t[3] = {get_status(status, 5000), get_status(status, 5000),
                            get_status(status, 5000)};
    dfukit_task task = {.kind = DFUKIT_TASK_TRANSFERS, .transfers = t, .count = 3};

    (void)state;
    t[1].setup.bRequest = 77;
    start();
    run(&task);
    assert_int_equal(t[0].result, 6);
    assert_int_equal(t[1].result, DFUKIT_ERR_STALL);
    assert_int_equal(t[2].result, 6);
    stop();
}

/* ---- Answers ---- */

static int32_t told_status;
static void answer_status(peer *p, int fd, const dfukit_usbip_header *h)
{
    (void)peer_reply(p, fd, DFUKIT_RET_SUBMIT, h->seqnum, told_status, 0, NULL, 0);
}

/* clang-format off */
static const struct {
    const char *name;
    int32_t status, result, second;
} statuses[] = {
    { "success",      0,                         0,                  0 },
    { "-EPIPE",       -DFUKIT_USBIP_EPIPE,       DFUKIT_ERR_STALL,   DFUKIT_ERR_STALL },
    { "-ENODEV",      -DFUKIT_USBIP_ENODEV,      DFUKIT_ERR_GONE,    DFUKIT_ERR_AGAIN },
    { "-ESHUTDOWN",   -DFUKIT_USBIP_ESHUTDOWN,   DFUKIT_ERR_GONE,    DFUKIT_ERR_AGAIN },
    { "-ETIMEDOUT",   -DFUKIT_USBIP_ETIMEDOUT,   DFUKIT_ERR_TIMEOUT, DFUKIT_ERR_AGAIN },
    { "-EOVERFLOW",   -DFUKIT_USBIP_EOVERFLOW,   DFUKIT_ERR_IO,      DFUKIT_ERR_AGAIN },
    { "-ECONNRESET",  -DFUKIT_USBIP_ECONNRESET,  DFUKIT_ERR_IO,      DFUKIT_ERR_AGAIN },
    { "-EPROTO",      -71,                       DFUKIT_ERR_IO,      DFUKIT_ERR_AGAIN },
    { "a positive",   5,                         DFUKIT_ERR_IO,      DFUKIT_ERR_AGAIN },
    { "INT32_MIN",    INT32_MIN,                 DFUKIT_ERR_IO,      DFUKIT_ERR_AGAIN },
};
/* clang-format on */

static void test_statuses(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        uint8_t status[6];
        dfukit_transfer t[2] = {get_status(status, 5000), get_status(status, 5000)};
        dfukit_task task = {.kind = DFUKIT_TASK_TRANSFERS, .transfers = t, .count = 2};

        (void)setup(NULL);
        server.answer = answer_status;
        told_status = statuses[i].status;
        start();
        run(&task);
        if (t[0].result != statuses[i].result || t[1].result != statuses[i].second)
            fail_msg("%s: %d, %d", statuses[i].name, (int)t[0].result, (int)t[1].result);
        stop();
    }
}

/* ---- Hostile answers ---- */

static uint8_t raw[256];
static size_t raw_size;
static bool raw_wrong_seqnum;

static void answer_raw(peer *p, int fd, const dfukit_usbip_header *h)
{
    raw[4] = (uint8_t)(h->seqnum >> 24);
    raw[5] = (uint8_t)(h->seqnum >> 16);
    raw[6] = (uint8_t)(h->seqnum >> 8);
    raw[7] = (uint8_t)(h->seqnum + (raw_wrong_seqnum ? 1 : 0));
    (void)peer_send(p, fd, raw, raw_size);
}

static void answer_twice(peer *p, int fd, const dfukit_usbip_header *h)
{
    (void)peer_reply(p, fd, DFUKIT_RET_SUBMIT, h->seqnum, 0, 0, NULL, 0);
    (void)peer_reply(p, fd, DFUKIT_RET_SUBMIT, h->seqnum, 0, 0, NULL, 0);
}

/* clang-format off */
static const struct {
    const char *name;
    uint8_t command;
    uint32_t length;
    bool wrong_seqnum;
} hostile[] = {
    { "more than asked",              3, 7,          false },
    { "4 GiB",                        3, 0xFFFFFFFF, false },
    { "2 GiB",                        3, 0x80000000, false },
    { "64 KiB",                       3, 65536,      false },
    { "seqnum not sent yet",          3, 6,          true },
    { "an unknown command",           9, 6,          false },
    { "a command instead of a reply", 1, 6,          false },
    { "an unlink nobody asked for",   4, 0,          false },
};
/* clang-format on */

static void test_hostile_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
        uint8_t status[6];
        dfukit_transfer t = get_status(status, 5000);
        dfukit_task task = {.kind = DFUKIT_TASK_TRANSFERS, .transfers = &t, .count = 1};
        uint64_t before = peer_now_us(NULL);

        (void)setup(NULL);
        memset(raw, 0, sizeof(raw));
        raw[3] = hostile[i].command;
        raw[24] = (uint8_t)(hostile[i].length >> 24);
        raw[25] = (uint8_t)(hostile[i].length >> 16);
        raw[26] = (uint8_t)(hostile[i].length >> 8);
        raw[27] = (uint8_t)hostile[i].length;
        raw_size = sizeof(raw);
        raw_wrong_seqnum = hostile[i].wrong_seqnum;
        server.answer = answer_raw;
        start();
        run(&task);
        if (t.result != DFUKIT_ERR_IO)
            fail_msg("%s: %d", hostile[i].name, (int)t.result);
        run(&task);
        if (t.result != DFUKIT_ERR_GONE)
            fail_msg("%s: then %d", hostile[i].name, (int)t.result);
        if (peer_now_us(NULL) - before > 2000000)
            fail_msg("%s: took too long", hostile[i].name);
        stop();
    }
}

static void test_answer_twice(void **state)
{
    uint8_t status[6];
    dfukit_transfer t[2] = {get_status(status, 5000), get_status(status, 5000)};
    dfukit_task task = {.kind = DFUKIT_TASK_TRANSFERS, .transfers = t, .count = 2};

    (void)state;
    server.answer = answer_twice;
    start();
    run(&task);
    assert_int_equal(t[0].result, 0);
    assert_int_equal(t[1].result, DFUKIT_ERR_IO);
    stop();
}

/* The answer to one GETSTATUS, cut after every number of bytes. */
static void test_cut_answer(void **state)
{
    (void)state;
    for (size_t at = 0; at < 48 + 6; at++) {
        uint8_t status[6];
        dfukit_transfer t = get_status(status, 5000);
        dfukit_task task = {.kind = DFUKIT_TASK_TRANSFERS, .transfers = &t, .count = 1};

        (void)setup(NULL);
        server.cuts = true;
        server.cut_at = 8 + 312 + 48 + 18 + 48 + 9 + 48 + 27 + at;
        start();
        run(&task);
        if (t.result != DFUKIT_ERR_GONE)
            fail_msg("%zu bytes: %d", at, (int)t.result);
        stop();
    }
}

/* A server that closes while nothing is under way: pump() returns early, once. */
static void test_closed_while_idle(void **state)
{
    uint64_t before;

    (void)state;
    start();
    carrier.ops->pump(carrier.self, 0);
    peer_stop(&server);
    before = peer_now_us(NULL);
    carrier.ops->pump(carrier.self, 3000);
    assert_true(peer_now_us(NULL) - before < 1000000);
    before = peer_now_us(NULL);
    carrier.ops->pump(carrier.self, 100);
    assert_in_range(peer_now_us(NULL) - before, 99000, 1000000);
    carrier.ops->close(carrier.self, handle);
    dfukit_carrier_close(&carrier);
}

/* ---- Claim and reset ---- */

static void test_claim(void **state)
{
    dfukit_task task = {.kind = DFUKIT_TASK_CLAIM, .configuration = 1, .interface = 0};

    (void)state;
    start();
    run(&task);
    assert_int_equal(task.result, DFUKIT_OK);
    assert_int_equal(device.active, 1);
    device.log_count = 0;
    device.stall_interface = true;
    task.set_alternate = true;
    run(&task); /* already configured: nobody knows which alternate setting is selected */
    assert_int_equal(task.result, DFUKIT_ERR_STALL);
    assert_int_equal(device.log_count, 2);
    assert_int_equal(device.log[0].bRequest, DFUKIT_USB_GET_CONFIGURATION);
    assert_int_equal(device.log[1].bRequest, DFUKIT_USB_SET_INTERFACE);
    task.alternate = 2;
    run(&task);
    assert_int_equal(task.result, DFUKIT_ERR_STALL);
    stop();
}

/* clang-format off */
static const struct {
    const char *name;
    toy_after after;
    bool changes_product;
    int result;
} resets[] = {
    { "the same",                    TOY_STAYS,   false, DFUKIT_OK },
    { "anew, the same descriptors",  TOY_CHANGES, false, DFUKIT_OK },
    { "anew, other descriptors",     TOY_CHANGES, true,  DFUKIT_ERR_GONE },
    { "off the bus",                 TOY_LEAVES,  false, DFUKIT_ERR_GONE },
};
/* clang-format on */

static void test_reset(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(resets) / sizeof(resets[0]); i++) {
        dfukit_task task = {.kind = DFUKIT_TASK_RESET};
        size_t n;

        (void)setup(NULL);
        device.on_reset = resets[i].after;
        device.away_us = UINT64_MAX;
        device.changes_product = resets[i].changes_product;
        start();
        n = server.submissions;
        run(&task);
        if (task.result != resets[i].result || device.resets != 1)
            fail_msg("%s: %d, %u resets", resets[i].name, task.result, device.resets);
        assert_int_equal(server.setups[n].bmRequestType, 0x23);
        assert_int_equal(server.setups[n].bRequest, 3);
        assert_int_equal(server.setups[n].wValue, 4);
        assert_int_equal(server.setups[n + 1].wLength, 18);
        if (task.result == DFUKIT_ERR_GONE) {
            uint8_t status[6];
            dfukit_transfer t = get_status(status, 1000);
            dfukit_task next = {.kind = DFUKIT_TASK_TRANSFERS, .transfers = &t, .count = 1};

            run(&next);
            assert_int_equal(t.result, DFUKIT_ERR_GONE);
        }
        stop();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_batch_is_one_round_trip, setup),
        cmocka_unit_test_setup(test_stall_does_not_stop_the_rest, setup),
        cmocka_unit_test_setup(test_statuses, setup),
        cmocka_unit_test_setup(test_hostile_answers, setup),
        cmocka_unit_test_setup(test_answer_twice, setup),
        cmocka_unit_test_setup(test_cut_answer, setup),
        cmocka_unit_test_setup(test_closed_while_idle, setup),
        cmocka_unit_test_setup(test_claim, setup),
        cmocka_unit_test_setup(test_reset, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
