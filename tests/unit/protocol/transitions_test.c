/* SPDX-License-Identifier: MIT */
/* The state table as data: what must hold in every row, whether or not a device looks at it there.
 * What the cells do is tested with the class: tests/unit/device/table_test.c, tests/table. */
#include "dfukit/protocol.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define ALL 0x7FFu

/* The states in which a request is taken, counted from the tables of Annex A.2 by hand. */
static const struct {
    const char *name;
    uint32_t strict, lenient;
    unsigned next;
    bool in;
} rows[DFUKIT_INPUT_COUNT] = {
    [DFUKIT_ON_DETACH] = {"DETACH", 1u << 0, 1u << 0, 1, false},
    [DFUKIT_ON_DNLOAD] = {"DNLOAD", 1u << 2 | 1u << 5, 1u << 2 | 1u << 5, 3, false},
    [DFUKIT_ON_UPLOAD] = {"UPLOAD", 1u << 2 | 1u << 9, 1u << 2 | 1u << 9, 9, true},
    [DFUKIT_ON_GETSTATUS] = {"GETSTATUS", ALL ^ (1u << 4 | 1u << 7 | 1u << 8), ALL ^ 1u << 8, 0,
                             true},
    [DFUKIT_ON_CLRSTATUS] = {"CLRSTATUS", 1u << 10, 1u << 10, 2, false},
    [DFUKIT_ON_GETSTATE] = {"GETSTATE", ALL ^ (1u << 4 | 1u << 7 | 1u << 8), ALL ^ 1u << 8, 0,
                            true},
    [DFUKIT_ON_ABORT] = {"ABORT", 1u << 2 | 1u << 5 | 1u << 9,
                         1u << 2 | 1u << 3 | 1u << 5 | 1u << 6 | 1u << 9, 2, false},
    [DFUKIT_ON_OTHER] = {"other", 0, 0, 0, false},
    [DFUKIT_ON_DNLOAD_END] = {"DNLOAD end", 1u << 5, 1u << 5, 6, false},
};

static void every_row(void **state)
{
    (void)state;
    for (unsigned input = 0; input < DFUKIT_INPUT_COUNT; input++) {
        uint32_t word = dfukit_transitions[input];
        uint32_t strict = 0, lenient = 0;

        for (unsigned s = 0; s < DFUKIT_STATE_COUNT; s++) {
            strict |= (uint32_t)dfukit_takes(word, s, true) << s;
            lenient |= (uint32_t)dfukit_takes(word, s, false) << s;
        }
        if (strict != rows[input].strict || lenient != rows[input].lenient)
            fail_msg("%s: taken in %03x, lenient %03x", rows[input].name, strict, lenient);
        if ((word >> DFUKIT_INPUT_NEXT & 0xFu) != rows[input].next)
            fail_msg("%s: leads to %u", rows[input].name, word >> DFUKIT_INPUT_NEXT & 0xFu);
        if (((word & DFUKIT_INPUT_IN) != 0) != rows[input].in)
            fail_msg("%s: direction", rows[input].name);
    }
}

/* What needs the store, or ends a transfer it may be at work on, waits for it. */
static void what_needs_quiet(void **state)
{
    static const uint8_t one[] = {DFUKIT_ON_DNLOAD, DFUKIT_ON_UPLOAD, DFUKIT_ON_CLRSTATUS,
                                  DFUKIT_ON_ABORT};
    static const uint8_t two[] = {DFUKIT_ON_UPLOAD, DFUKIT_ON_CLRSTATUS};
    uint32_t quiet = 0, quiet2 = 0, expected = 0, expected2 = 0;

    (void)state;
    for (unsigned input = 0; input < DFUKIT_INPUT_COUNT; input++) {
        quiet |= (uint32_t)((dfukit_transitions[input] & DFUKIT_INPUT_QUIET) != 0) << input;
        quiet2 |= (uint32_t)((dfukit_transitions[input] & DFUKIT_INPUT_QUIET_2) != 0) << input;
    }
    for (size_t i = 0; i < sizeof one; i++)
        expected |= 1u << one[i];
    for (size_t i = 0; i < sizeof two; i++)
        expected2 |= 1u << two[i];
    assert_int_equal(quiet, expected);
    assert_int_equal(quiet2, expected2);
}

static void states_that_refuse(void **state)
{
    (void)state;
    for (unsigned s = 0; s < DFUKIT_STATE_COUNT; s++)
        assert_int_equal(dfukit_state_refuses(s), s == 0 || s == 1 || s == 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row),
        cmocka_unit_test(what_needs_quiet),
        cmocka_unit_test(states_that_refuse),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
