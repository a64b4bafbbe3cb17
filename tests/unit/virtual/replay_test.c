/* SPDX-License-Identifier: MIT */
/* Recordings played back: what is answered, when the device comes and goes, what is a departure,
 * and which traces are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dfukit/virtual.h"

#define HEAD "dfukit-trace 1\nprogram test 1\ncarrier a # b\n"
#define DEVICE(n)                                                                                  \
    "0.000 device " n " 120100020000004009120100000101020301\n"                                    \
    "0.000 configuration " n " 09021b0001010080320904000000fe010204092107e80300101001\n"
#define FIRST "0.000 attach 1 1-4.2 7\n" DEVICE("1")

static uint64_t now;
static dfukit_replay *replay;
static dfukit_wire wire;

static void load(const char *text)
{
    dfukit_clock clock = dfukit_clock_virtual(&now);
    const char *what = NULL;
    size_t line = 0;

    now = 0;
    replay = dfukit_replay_new(text, strlen(text), &clock, &line, &what);
    if (replay == NULL)
        print_error("line %zu: %s\n", line, what);
    assert_non_null(replay);
    wire = dfukit_replay_wire(replay);
}

static int unload(void **state)
{
    (void)state;
    dfukit_replay_free(&replay);
    assert_null(replay);
    return 0;
}

static int32_t ask(uint8_t type, uint8_t request, uint16_t value, uint16_t length, uint8_t *data)
{
    const dfukit_setup s = {type, request, value, 0, length};

    return wire.ops->control(wire.self, &s, data);
}

static int32_t get_status(uint8_t *state)
{
    uint8_t bytes[6] = {0};
    int32_t n = ask(0xA1, DFUKIT_GETSTATUS, 0, 6, bytes);

    *state = bytes[4];
    return n;
}

static void expect_departure(size_t line, const char *part)
{
    const char *what = NULL;

    assert_int_equal(dfukit_replay_departed(replay, &what), line);
    if (line != 0 && strstr(what, part) == NULL) {
        print_error("\"%s\" lacks \"%s\"\n", what, part);
        fail();
    }
}

/* Line 4: attach; 5, 6: descriptors; 7 …: the conversation. */
#define CONVERSATION                                                                               \
    HEAD FIRST                                                                                     \
        "1.000 +0.100 claim 1 1 0 - OK\n"                                                          \
        "2.000 +0.100 transfer 1 1/2 DFU_DNLOAD 21 01 0000 0000 0004 4 01020304  # block 0\n"      \
        "2.000 +0.100 transfer 1 2/2 x a1 03 0000 0000 0006 6 004000000400\n"                      \
        "70.000 +0.100 transfer 1 1/1 x a1 03 0000 0000 0006 6 000000000500\n"                     \
        "71.000 +0.100 transfer 1 1/1 x a1 05 0000 0000 0001 1 05\n"                               \
        "72.000 +0.100 transfer 1 1/1 x 21 01 0001 0000 0000 ERR_STALL -\n"                        \
        "73.000 +0.100 transfer 1 1/1 x a1 03 0000 0000 0006 6 080000000a00\n"                     \
        "74.000 end\n"

static void plays_what_was_recorded(void **state)
{
    uint8_t block[4] = {1, 2, 3, 4}, s;
    size_t line = 0;

    (void)state;
    load(CONVERSATION);
    assert_false(dfukit_replay_finished(replay, &line));
    assert_int_equal(line, 8);
    assert_int_equal(wire.ops->attachment(wire.self), 1);
    assert_int_equal(ask(0x21, DFUKIT_DNLOAD, 0, 4, block), 4);
    assert_int_equal(get_status(&s), 6);
    assert_int_equal(s, DFUKIT_DNBUSY);
    assert_int_equal(get_status(&s), 6);
    assert_int_equal(s, DFUKIT_DNLOAD_IDLE);
    assert_int_equal(ask(0xA1, DFUKIT_GETSTATE, 0, 1, &s), 1);
    assert_int_equal(s, DFUKIT_DNLOAD_IDLE);
    assert_int_equal(ask(0x21, DFUKIT_DNLOAD, 1, 0, NULL), DFUKIT_ERR_STALL);
    assert_false(dfukit_replay_finished(replay, &line));
    assert_int_equal(line, 13);
    assert_int_equal(get_status(&s), 6);
    assert_int_equal(s, DFUKIT_DFU_ERROR);
    assert_true(dfukit_replay_finished(replay, &line));
    expect_departure(0, "");
}

/* DFU_GETSTATE changes nothing: left out, or asked once more. */
static void states_do_not_count(void **state)
{
    uint8_t block[4] = {1, 2, 3, 4}, s;

    (void)state;
    load(CONVERSATION);
    assert_int_equal(ask(0xA1, DFUKIT_GETSTATE, 0, 1, &s), 1);
    assert_int_equal(s, DFUKIT_DNBUSY); /* nothing is known yet: what comes next */
    assert_int_equal(ask(0x21, DFUKIT_DNLOAD, 0, 4, block), 4);
    assert_int_equal(get_status(&s), 6);
    assert_int_equal(ask(0xA1, DFUKIT_GETSTATE, 0, 1, &s), 1);
    assert_int_equal(s, DFUKIT_DNBUSY); /* as the last status said */
    assert_int_equal(get_status(&s), 6);
    assert_int_equal(ask(0x21, DFUKIT_DNLOAD, 1, 0, NULL), DFUKIT_ERR_STALL);
    assert_int_equal(get_status(&s), 6);
    assert_int_equal(ask(0xA1, DFUKIT_GETSTATE, 0, 1, &s), 1);
    assert_int_equal(s, DFUKIT_DFU_ERROR);
    expect_departure(0, "");
    assert_true(dfukit_replay_finished(replay, NULL));
}

static void other_data(void **state)
{
    uint8_t block[4] = {1, 2, 9, 4}, s;

    (void)state;
    load(CONVERSATION);
    assert_int_equal(ask(0x21, DFUKIT_DNLOAD, 0, 4, block), 4);
    expect_departure(8, "byte 2 is 0x09, recorded was 0x03");
    assert_int_equal(get_status(&s), 6); /* it goes on */
    assert_int_equal(s, DFUKIT_DNBUSY);
    assert_int_equal(ask(0x21, DFUKIT_DNLOAD, 5, 0, NULL),
                     DFUKIT_ERR_STALL); /* the first departure stays */
    expect_departure(8, "byte 2");
}

static void other_numbers(void **state)
{
    uint8_t block[3] = {1, 2, 3}, s;

    (void)state;
    load(CONVERSATION);
    assert_int_equal(ask(0x21, DFUKIT_DNLOAD, 0, 3, block), 3);
    expect_departure(8, "DFU_DNLOAD (wValue 0, wIndex 0, wLength 3) where DFU_DNLOAD (wValue 0, "
                        "wIndex 0, wLength 4)");
    assert_int_equal(get_status(&s), 6);
    assert_int_equal(s, DFUKIT_DNBUSY);
}

static void a_request_too_many(void **state)
{
    uint8_t block[4] = {1, 2, 3, 4}, s;

    (void)state;
    load(CONVERSATION);
    assert_int_equal(ask(0x21, DFUKIT_ABORT, 0, 0, NULL), DFUKIT_ERR_STALL);
    expect_departure(8, "DFU_ABORT");
    assert_int_equal(ask(0x21, DFUKIT_DNLOAD, 0, 4, block), 4);
    assert_int_equal(get_status(&s), 6);
}

static void a_request_left_out(void **state)
{
    uint8_t s;

    (void)state;
    load(CONVERSATION);
    assert_int_equal(get_status(&s), 6); /* from further on */
    assert_int_equal(s, DFUKIT_DNBUSY);
    expect_departure(8, "DFU_GETSTATUS (wValue 0, wIndex 0, wLength 6) where DFU_DNLOAD");
}

static void more_than_was_recorded(void **state)
{
    uint8_t s;

    (void)state;
    load(HEAD FIRST "2.000 +0.100 transfer 1 1/1 x a1 03 0000 0000 0006 6 000000000200\n");
    assert_int_equal(get_status(&s), 6);
    assert_int_equal(get_status(&s), 6); /* the last answer again */
    assert_int_equal(s, DFUKIT_DFU_IDLE);
    expect_departure(7, "where nothing more was recorded");
}

static void standard_requests(void **state)
{
    uint8_t data[255];

    (void)state;
    load(HEAD FIRST "1.0 +0 transfer 1 1/1 x 80 06 0302 0409 0002 2 0603\n"
                    "1.0 +0 transfer 1 1/1 x 80 06 0302 0409 00ff 6 060341004200\n"
                    "1.0 +0 claim 1 1 0 0 ERR_STALL\n"
                    "1.0 +0 transfer 1 1/1 x a1 03 0000 0000 0006 6 000000000200\n");
    assert_int_equal(ask(0x80, 6, 0x0100, 64, data), 18);
    assert_int_equal(data[8], 0x09);
    assert_int_equal(ask(0x80, 6, 0x0100, 8, data), 8);
    assert_int_equal(ask(0x80, 6, 0x0200, 9, data), 9);
    assert_int_equal(ask(0x80, 6, 0x0200, 255, data), 27);
    assert_int_equal(ask(0x80, 6, 0x0302, 255, data), 6);
    assert_int_equal(ask(0x80, 6, 0x0302, 2, data), 2);
    assert_int_equal(ask(0x80, 6, 0x0303, 255, data), DFUKIT_ERR_STALL);
    assert_int_equal(ask(0x80, 6, 0x0F00, 255, data), DFUKIT_ERR_STALL);
    assert_int_equal(ask(0x80, 8, 0, 1, data), 1);
    assert_int_equal(data[0], 0);
    assert_int_equal(ask(0x00, 9, 1, 0, NULL), 0);
    assert_int_equal(ask(0x80, 8, 0, 1, data), 1);
    assert_int_equal(data[0], 1);
    assert_int_equal(ask(0x01, 11, 0, 0, NULL), DFUKIT_ERR_STALL); /* as it was then */
    assert_int_equal(ask(0x01, 11, 3, 0, NULL), DFUKIT_ERR_STALL); /* there is none */
    assert_int_equal(ask(0x81, 10, 0, 1, data), 1);
    assert_int_equal(ask(0x80, 0, 0, 2, data), 2);
    expect_departure(0, "");
}

/* Never answered until the host gives up, then gone; back as something else. */
#define COMINGS                                                                                    \
    HEAD FIRST "1.000 +0.000 transfer 1 1/1 x 21 00 03e8 0000 0000 0 -\n"                          \
               "11.000 depart 1\n111.000 attach 2 1-4.2 8\n" DEVICE(                               \
                   "2") "112.000 +500.000 transfer 2 1/1 x a1 03 0000 0000 0006 ERR_TIMEOUT -\n"   \
                        "612.000 +0.000 transfer 2 1/2 x a1 03 0000 0000 0006 ERR_GONE -\n"        \
                        "612.000 +0.000 transfer 2 2/2 x a1 03 0000 0000 0006 ERR_AGAIN -\n"       \
                        "620.000 depart 2\n650.000 attach 3 1-4.2 9\n" DEVICE(                     \
                            "3") "700.000 +1.000 reset 3 ERR_GONE\n701.000 depart 3\n"             \
                                 "702.000 attach 4 1-9 9\n" DEVICE("4")

static void comes_and_goes(void **state)
{
    uint8_t s;

    (void)state;
    load(COMINGS);
    assert_int_equal(wire.ops->work(wire.self), UINT64_MAX);
    assert_int_equal(ask(0x21, DFUKIT_DETACH, 1000, 0, NULL), 0);
    assert_int_equal(wire.ops->work(wire.self), 10000);
    now += 9999;
    (void)wire.ops->work(wire.self);
    assert_int_equal(wire.ops->attachment(wire.self), 1);
    now += 1;
    assert_int_equal(wire.ops->work(wire.self), 100000);
    assert_int_equal(wire.ops->attachment(wire.self), 0);
    assert_int_equal(get_status(&s), DFUKIT_ERR_GONE);
    expect_departure(0, "");
    now += 100000;
    (void)wire.ops->work(wire.self);
    assert_int_equal(wire.ops->attachment(wire.self), 2);
    assert_int_equal(get_status(&s), DFUKIT_ERR_AGAIN);
    now += 500000;
    assert_int_equal(get_status(&s), DFUKIT_ERR_AGAIN);
    wire.ops->cancel(wire.self);
    assert_int_equal(get_status(&s), DFUKIT_ERR_GONE);
    assert_int_equal(wire.ops->attachment(wire.self), 0);
    assert_int_equal(wire.ops->work(wire.self), 38000); /* 612 → 650 */
    now += 38000;
    (void)wire.ops->work(wire.self);
    assert_int_equal(wire.ops->attachment(wire.self), 3);
    assert_true(dfukit_replay_finished(replay, NULL)); /* a reset may be left out */
    wire.ops->reset(wire.self);
    assert_int_equal(wire.ops->attachment(wire.self), 0);
    now += 1000000; /* the fourth attachment is another device */
    assert_int_equal(wire.ops->work(wire.self), UINT64_MAX);
    assert_int_equal(wire.ops->attachment(wire.self), 0);
    expect_departure(0, "");
    assert_true(dfukit_replay_finished(replay, NULL));
}

static void resets_of_a_system_do_not_count(void **state)
{
    (void)state;
    load(COMINGS);
    wire.ops->reset(wire.self);
    wire.ops->reset(wire.self);
    assert_int_equal(wire.ops->attachment(wire.self), 1);
    assert_int_equal(ask(0x21, DFUKIT_DETACH, 1000, 0, NULL), 0);
    expect_departure(0, "");
}

static void the_device_that_was_used(void **state)
{
    uint16_t vendor, product;

    (void)state;
    load(HEAD FIRST "0.000 attach 2 1-9 8\n"
                    "0.000 device 2 120100020000004034127856000101020301\n"
                    "0.000 configuration 2 09021b0001010080320904000000fe010204092107e80300101001\n"
                    "1.0 +0 claim 2 1 0 - OK\n");
    assert_string_equal(dfukit_replay_device(replay, &vendor, &product), "1-9");
    assert_int_equal(vendor, 0x1234);
    assert_int_equal(product, 0x5678);
}

/* Refused: the text, the line, the reason. */
static const struct {
    const char *text;
    size_t line;
    const char *what;
} refused[] = {
    {"", 0, "the file is empty"},
    {"\n# only\n", 2, "the file is empty"},
    {"firmware\n", 1, "no trace"},
    {"dfukit-trace 2\n", 1, "version"},
    {"dfukit-trace\n", 1, "version"},
    {HEAD, 3, "no device"},
    {HEAD "0.0 attach 1 1-1 7\n", 4, "descriptors are missing"},
    {HEAD "0.0 attach 1 1-1 7", 4, "cut off"},
    {HEAD "0.0 attach 1 1-1\n", 4, "too short"},
    {HEAD "0.0 attach 1 1-1 7 8\n", 4, "too long"},
    {HEAD "0.0 attach 2 1-1 7\n", 4, "numbered"},
    {HEAD "0.0 attach x 1-1 7\n", 4, "number"},
    {HEAD "0.0 attach 99999999999999999999 1-1 7\n", 4, "number"},
    {HEAD "x attach 1 1-1 7\n", 4, "time"},
    {HEAD "1.0000 attach 1 1-1 7\n", 4, "time"},
    {HEAD "1234567890123.0 attach 1 1-1 7\n", 4, "time"},
    {HEAD "0.0 fly 1\n", 4, "unknown word"},
    {HEAD FIRST "0.0 device 2 12\n", 7, "no attachment"},
    {HEAD FIRST "0.0 device 1 12\n", 7, "device descriptor"},
    {HEAD FIRST "0.0 device 1 -\n", 7, "device descriptor"},
    {HEAD FIRST "0.0 device 1 1201000200000040091201000001010203010000\n", 7, "more data"},
    {HEAD FIRST "0.0 configuration 1 0902\n", 7, "configuration descriptor"},
    {HEAD FIRST "0.0 depart 1\n0.0 depart 1\n", 8, "before"},
    {HEAD FIRST "0.0 end\n0.0 depart 1\n", 8, "behind the end"},
    {HEAD FIRST "0.0 reset 1 OK\n", 7, "duration"},
    {HEAD FIRST "0.0 +1 depart 1\n", 7, "duration"},
    {HEAD FIRST "0.0 +x reset 1 OK\n", 7, "duration"},
    {HEAD FIRST "0.0 +0 reset 1 FINE\n", 7, "result"},
    {HEAD FIRST "0.0 +0 claim 1 1 0 - OK more\n", 7, "too long"},
    {HEAD FIRST "0.0 +0 claim 1 256 0 - OK\n", 7, "number"},
    {HEAD FIRST "0.0 +0 transfer 1 1/1 x a1 03 0000 0000 0006 7 00\n", 7, "wLength"},
    {HEAD FIRST "0.0 +0 transfer 1 1/1 x a1 03 0000 0000 0006 6 0000\n", 7, "disagree"},
    {HEAD FIRST "0.0 +0 transfer 1 1/1 x a1 03 0000 0000 0006 ERR_STALL 00\n", 7, "disagree"},
    {HEAD FIRST "0.0 +0 transfer 1 1/1 x a1 03 0000 0000 0006 ERR_NOMEM -\n", 7, "error"},
    {HEAD FIRST "0.0 +0 transfer 1 1/1 x a1 03 0000 0000 0006 6\n", 7, "too short"},
    {HEAD FIRST "0.0 +0 transfer 1 1/1 x a1 03 0000 0000 0006\n", 7, "too short"},
    {HEAD FIRST "0.0 +0 transfer 1 1/1 x 21 01 0000 0000 0004 4 010203\n", 7, "disagree"},
    {HEAD FIRST "0.0 +0 transfer 1 1/1 x 21 01 0000 0000 0004 4 0102030\n", 7, "half a byte"},
    {HEAD FIRST "0.0 +0 transfer 1 1/1 x 21 01 0000 0000 0004 4 0102030g\n", 7, "digits"},
    {HEAD FIRST "0.0 +0 transfer 1 1/1 x 21 01 0000 0000 10000 4 01020304\n", 7, "number"},
    {HEAD FIRST "0.0 +0 transfer 1 1/1 x 121 01 0000 0000 0004 4 01020304\n", 7, "number"},
};

static void refuses(void **state)
{
    dfukit_clock clock = dfukit_clock_virtual(&now);

    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        const char *what = NULL;
        size_t line = 99;
        dfukit_replay *r =
            dfukit_replay_new(refused[i].text, strlen(refused[i].text), &clock, &line, &what);

        if (r != NULL || line != refused[i].line || strstr(what, refused[i].what) == NULL)
            print_error("row %zu: line %zu, \"%s\"; wanted %zu, \"%s\"\n", i, line,
                        what != NULL ? what : "(taken)", refused[i].line, refused[i].what);
        assert_null(r);
        assert_int_equal(line, refused[i].line);
        assert_non_null(strstr(what, refused[i].what));
    }
}

/* However a trace is cut: refused, or a device that can be asked. */
static void every_truncation(void **state)
{
    const char *whole = CONVERSATION;
    dfukit_clock clock = dfukit_clock_virtual(&now);
    size_t whole_lines = 0;

    (void)state;
    for (size_t n = 0; n <= strlen(whole); n++) {
        char *copy = malloc(n + 1);
        uint8_t s;

        assert_non_null(copy);
        memcpy(copy, whole, n);
        replay = dfukit_replay_new(copy, n, &clock, NULL, NULL);
        free(copy);
        if (replay == NULL)
            continue;
        assert_int_equal(whole[n - 1], '\n');
        whole_lines++;
        wire = dfukit_replay_wire(replay);
        (void)get_status(&s);
        dfukit_replay_free(&replay);
    }
    assert_true(whole_lines >= 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(plays_what_was_recorded, unload),
        cmocka_unit_test_teardown(states_do_not_count, unload),
        cmocka_unit_test_teardown(other_data, unload),
        cmocka_unit_test_teardown(other_numbers, unload),
        cmocka_unit_test_teardown(a_request_too_many, unload),
        cmocka_unit_test_teardown(a_request_left_out, unload),
        cmocka_unit_test_teardown(more_than_was_recorded, unload),
        cmocka_unit_test_teardown(standard_requests, unload),
        cmocka_unit_test_teardown(comes_and_goes, unload),
        cmocka_unit_test_teardown(resets_of_a_system_do_not_count, unload),
        cmocka_unit_test_teardown(the_device_that_was_used, unload),
        cmocka_unit_test(refuses),
        cmocka_unit_test(every_truncation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
