/* SPDX-License-Identifier: MIT */
/* Known defects of USB and DFU stacks, as tests: what becomes of the firmware. The numbers are
 * those of README.md. */
#include "check.h"

#define PRODUCT (VICTIM_PACKET_64 | VICTIM_SLOT | VICTIM_IN_DFU)

static victim *begin(unsigned options, const char *name)
{
    victim *v = hostile_new(options, VICTIM_USUAL);

    v->what = name;
    victim_lead(v, DFUKIT_DFU_IDLE);
    return v;
}

/* GETSTATUS and wait until it is not busy any more. */
static dfukit_status_reply settle(victim *v)
{
    dfukit_status_reply r = victim_status(v);

    for (unsigned round = 0; round < 50; round++) {
        if (r.bState != DFUKIT_DNBUSY && r.bState != DFUKIT_MANIFEST)
            break;
        victim_poll(v, (uint16_t)(r.bwPollTimeout + 1));
        r = victim_status(v);
    }
    hostile_cases++;
    return r;
}

static dfukit_status_reply put(victim *v, uint16_t block, const uint8_t *bytes, uint32_t n)
{
    victim_send(v, block, bytes, (uint16_t)n);
    return settle(v);
}

/* `n` bytes in blocks of `size`, and the end. @return the last answer. */
static dfukit_status_reply download(victim *v, const uint8_t *bytes, uint32_t n, uint32_t size)
{
    dfukit_status_reply r = {0, 0, DFUKIT_DNLOAD_IDLE, 0};
    uint16_t block = 0;

    for (uint32_t at = 0; at < n && r.bState == DFUKIT_DNLOAD_IDLE; at += size)
        r = put(v, block++, bytes + at, n - at < size ? n - at : size);
    return r.bState == DFUKIT_DNLOAD_IDLE ? put(v, block, NULL, 0) : r;
}

static void expect_error(victim *v, dfukit_status_reply r, uint8_t status, const char *what)
{
    if (r.bState != DFUKIT_DFU_ERROR || r.bStatus != status)
        fail_msg("%s: state %u, status %u", what, r.bState, r.bStatus);
    victim_upgrade(v);
}

static void fill(uint8_t *bytes, uint32_t n, uint32_t seed)
{
    for (uint32_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)(victim_random(&seed) >> 11);
}

/* Blocks of 1 to 16 bytes, and downloads of one byte: no length that a header is expected in. */
static void t04_the_first_block_is_tiny(void **state)
{
    uint8_t bytes[VICTIM_REGION];

    (void)state;
    fill(bytes, sizeof bytes, 4);
    for (uint32_t size = 1; size <= 16; size++) {
        for (uint32_t n = 1; n <= 20; n++) {
            victim *v = begin(PRODUCT, "t04");

            assert_int_equal(download(v, bytes, n, size).bState, DFUKIT_DFU_IDLE);
            assert_memory_equal(v->flash->cells, bytes, n);
            victim_check_flash(v);
            victim_free(v);
        }
    }
}

/* No header of an image is parsed by the device end: whatever stands in the bytes, they are stored
 * as they are, and signatures, lengths and suffixes in them mean nothing. */
static void t08_t22_bytes_are_only_bytes(void **state)
{
    static const uint8_t headers[][12] = {
        {0x7F, 'E', 'L', 'F'},
        {'D', 'f', 'u', 'S', 'e', 1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF},
        {'T', 'a', 'r', 'g', 'e', 't', 0xFF, 0xFF, 0xFF, 0xFF},
        {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 1, 'U', 'F', 'D', 0x10},
        {0x21, 0xFF, 0xFF, 0xFF, 0xFF},
        {0x41},
        {0x92},
        {0x3D, 0xB8, 0xF3, 0x96, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF},
        {0},
    };
    uint8_t bytes[VICTIM_REGION];

    (void)state;
    for (size_t i = 0; i < LENGTH(headers); i++) {
        for (uint32_t n = 1; n <= VICTIM_REGION; n += 93) {
            victim *v = begin(PRODUCT, "t08, t22");

            fill(bytes, n, n);
            memcpy(bytes, headers[i], n < 12 ? n : 12);
            assert_int_equal(download(v, bytes, n, 1 + n % VICTIM_TRANSFER).bState,
                             DFUKIT_DFU_IDLE);
            assert_memory_equal(v->flash->cells, bytes, n);
            victim_check_flash(v);
            victim_free(v);
        }
    }
}

/* Read back and compared; a region that may not be written says so, and is not touched. */
static void t11_nothing_is_silently_lost(void **state)
{
    uint8_t bytes[VICTIM_REGION], before[NOR_SIZE];
    victim *v = begin(PRODUCT, "t11");

    (void)state;
    fill(bytes, sizeof bytes, 11);
    victim_do(v, &(victim_event){.op = VICTIM_FLASH, .n = VICTIM_SILENT});
    expect_error(v, download(v, bytes, 64, 64), DFUKIT_STATUS_VERIFY, "a bit that was not written");
    memcpy(before, v->flash->cells, sizeof before);
    assert_true(victim_command(v, 1, DFUKIT_USB_SET_INTERFACE, 1, 0));
    victim_send(v, 0, bytes, 64);
    assert_int_equal(victim_status(v).bStatus, DFUKIT_STATUS_WRITE);
    assert_memory_equal(v->flash->cells, before, sizeof before);
    victim_upgrade(v);
    victim_free(v);
}

/* A block left out, sent twice, or far away. */
static void t14_block_numbers(void **state)
{
    static const uint16_t after_one[] = {0, 2, 3, 255, 256, 257, 0x8001, 65535};
    static const uint16_t first[] = {1, 2, 256, 65535};
    uint8_t bytes[64] = {1};

    (void)state;
    for (size_t i = 0; i < LENGTH(first); i++) {
        victim *v = begin(PRODUCT, "t14");

        expect_error(v, put(v, first[i], bytes, 64), DFUKIT_STATUS_ADDRESS, "the first block");
        victim_free(v);
    }
    for (size_t i = 0; i < LENGTH(after_one); i++) {
        victim *v = begin(PRODUCT, "t14");

        assert_int_equal(put(v, 0, bytes, 64).bState, DFUKIT_DNLOAD_IDLE);
        expect_error(v, put(v, after_one[i], bytes, 64), DFUKIT_STATUS_ADDRESS, "the second block");
        victim_free(v);
    }
}

/* Odd lengths, blocks that are no multiple of a write unit, the last one also not. */
static void t15_odd_lengths(void **state)
{
    uint8_t bytes[VICTIM_REGION];

    (void)state;
    fill(bytes, sizeof bytes, 15);
    for (uint32_t size = 1; size <= VICTIM_TRANSFER; size += 6) {
        for (uint32_t n = 1; n <= VICTIM_REGION; n += n < 40 ? 1 : 61) {
            victim *v = begin(PRODUCT, "t15");

            assert_int_equal(download(v, bytes, n, size).bState, DFUKIT_DFU_IDLE);
            assert_memory_equal(v->flash->cells, bytes, n);
            for (uint32_t i = n; i % 8 != 0; i++)
                assert_int_equal(v->flash->cells[i], 0xFF);
            victim_check_flash(v);
            victim_free(v);
        }
    }
}

/* The end before all data: without any, and where the store says that something is missing. */
static void t16_the_end_comes_early(void **state)
{
    uint8_t bytes[64] = {1};
    victim *v = begin(PRODUCT, "t16");

    (void)state;
    expect_error(v, put(v, 0, NULL, 0), DFUKIT_STATUS_STALLEDPKT, "the end in dfuIDLE");
    victim_free(v);
    v = begin(VICTIM_PACKET_64 | VICTIM_IN_DFU, "t16");
    assert_int_equal(put(v, 0, bytes, 64).bState, DFUKIT_DNLOAD_IDLE);
    victim_do(v, &(victim_event){.op = VICTIM_FLASH, .n = VICTIM_REFUSE | DFUKIT_STATUS_NOTDONE});
    expect_error(v, put(v, 1, NULL, 0), DFUKIT_STATUS_NOTDONE, "something is missing");
    victim_free(v);
}

/* Operation `at` of the flash ends as `outcome` says. @return false: there are fewer operations. */
static bool fail_once(unsigned at, uint8_t outcome)
{
    victim *v = begin(PRODUCT, "t17");
    uint8_t bytes[VICTIM_REGION];
    dfukit_status_reply r;
    bool failed;

    fill(bytes, sizeof bytes, 17);
    v->fail_at = at;
    v->fail_with = outcome;
    r = download(v, bytes, 500, 100);
    v->fail_at = 0;
    failed = v->flash->operations >= at;
    if (failed)
        expect_error(
            v, r, (outcome & VICTIM_REFUSE) != 0 ? (uint8_t)DFUKIT_STATUS_TARGET : outcome & 0x0Fu,
            "an operation that fails");
    else
        assert_int_equal(r.bState, DFUKIT_DFU_IDLE);
    victim_free(v);
    return failed;
}

/* Each operation of the flash fails once, with each status, at its start or at its end. */
static void t17_a_flash_that_fails(void **state)
{
    unsigned at = 1;
    bool there = true;

    (void)state;
    for (; there; at++) {
        for (unsigned how = 1; how < DFUKIT_STATUS_COUNT; how++) {
            there = fail_once(at, (uint8_t)how);
            fail_once(at, (uint8_t)(how | VICTIM_REFUSE));
        }
    }
    assert_true(at > 8);
}

/* The last byte of the region, and the one behind it. */
static void t18_the_end_of_the_region(void **state)
{
    static const uint32_t sizes[] = {1, 7, 8, 100, 127, 128};
    uint8_t bytes[VICTIM_REGION + 1];

    (void)state;
    fill(bytes, sizeof bytes, 18);
    for (size_t i = 0; i < LENGTH(sizes); i++) {
        victim *v = begin(PRODUCT, "t18");

        assert_int_equal(download(v, bytes, VICTIM_REGION, sizes[i]).bState, DFUKIT_DFU_IDLE);
        assert_memory_equal(v->flash->cells, bytes, VICTIM_REGION);
        expect_error(v, download(v, bytes, VICTIM_REGION + 1, sizes[i]), DFUKIT_STATUS_ADDRESS,
                     "a byte too many");
        victim_check_flash(v);
        victim_free(v);
    }
}

/* Asked early, the device says how long it still takes; late or never, it keeps what it has. */
static void t19_whenever_the_host_asks(void **state)
{
    static const uint16_t waits[] = {0, 1, 2, 5, 19, 20, 21, 100, 1000, 65535};
    uint8_t bytes[VICTIM_REGION];

    (void)state;
    fill(bytes, sizeof bytes, 19);
    for (unsigned strict = 0; strict < 2; strict++) {
        for (size_t i = 0; i < LENGTH(waits); i++) {
            victim *v = begin(PRODUCT | (strict != 0 ? VICTIM_STRICT : 0u), "t19");
            dfukit_status_reply r = {0, 0, 0, 0};

            victim_send(v, 0, bytes, 128);
            for (unsigned round = 0; round < 400 && r.bState != DFUKIT_DNLOAD_IDLE; round++) {
                r = victim_status(v);
                if (strict != 0 && r.bState == 0xFF) /* asked while busy: dfuERROR, and no harm */
                    break;
                victim_poll(v, waits[i]);
                if (waits[i] == 0 && round % 8 == 7)
                    victim_poll(v, 1);
            }
            if (strict == 0)
                assert_int_equal(r.bState, DFUKIT_DNLOAD_IDLE);
            hostile_cases++;
            victim_upgrade(v);
            victim_lead(v, DFUKIT_DNBUSY); /* and never */
            for (unsigned round = 0; round < 100; round++)
                victim_poll(v, 60000);
            assert_int_equal(v->dfu->state, DFUKIT_DNLOAD_SYNC);
            victim_upgrade(v);
            victim_free(v);
        }
    }
}

/* An upload gives what was downloaded, whatever lengths the host asks for in turn. */
static void t23_what_went_in_comes_out(void **state)
{
    uint8_t bytes[VICTIM_REGION], back[VICTIM_REGION + VICTIM_TRANSFER];

    (void)state;
    fill(bytes, sizeof bytes, 23);
    for (uint32_t seed = 1; seed <= 200; seed++) {
        victim *v = begin(PRODUCT, "t23");
        uint32_t r = seed, at = 0;
        int asked, got = 0;

        assert_int_equal(download(v, bytes, VICTIM_REGION, VICTIM_TRANSFER).bState,
                         DFUKIT_DFU_IDLE);
        for (uint16_t block = 0;; block++) {
            asked =
                1 + (int)(seed <= 3 ? VICTIM_TRANSFER - seed : victim_random(&r) % VICTIM_TRANSFER);
            got = victim_fetch(v, 0xA1, DFUKIT_UPLOAD, block, 0, (uint16_t)asked, back + at);
            assert_true(got >= 0 && at + (uint32_t)got <= VICTIM_REGION);
            at += (uint32_t)got;
            hostile_cases++;
            if (got < asked)
                break;
        }
        assert_int_equal(at, VICTIM_REGION);
        assert_memory_equal(back, bytes, VICTIM_REGION);
        assert_int_equal(v->dfu->state, DFUKIT_DFU_IDLE);
        victim_free(v);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t04_the_first_block_is_tiny),
        cmocka_unit_test(t08_t22_bytes_are_only_bytes),
        cmocka_unit_test(t11_nothing_is_silently_lost),
        cmocka_unit_test(t14_block_numbers),
        cmocka_unit_test(t15_odd_lengths),
        cmocka_unit_test(t16_the_end_comes_early),
        cmocka_unit_test(t17_a_flash_that_fails),
        cmocka_unit_test(t18_the_end_of_the_region),
        cmocka_unit_test(t19_whenever_the_host_asks),
        cmocka_unit_test(t23_what_went_in_comes_out),
    };

    return cmocka_run_group_tests(tests, NULL, hostile_report);
}
