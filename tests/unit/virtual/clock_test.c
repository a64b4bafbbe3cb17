/* SPDX-License-Identifier: MIT */
/* Clocks: a virtual one moves by sleeping alone, the real one by itself and never back. */
#include "bench.h"

static void test_virtual_clock(void **state)
{
    uint64_t now = 41;
    dfukit_clock c = dfukit_clock_virtual(&now);

    (void)state;
    assert_int_equal(c.now_us(c.self), 41);
    assert_int_equal(c.now_us(c.self), 41);
    c.sleep_us(c.self, 1000000);
    assert_int_equal(now, 1000041);
    assert_int_equal(c.now_us(c.self), 1000041);
    c.sleep_us(c.self, 0);
    assert_int_equal(now, 1000041);
}

static void test_real_clock(void **state)
{
    dfukit_clock c = dfukit_clock_real();
    uint64_t before = c.now_us(c.self);
    uint64_t after;

    (void)state;
    c.sleep_us(c.self, 3000);
    after = c.now_us(c.self);
    assert_true(after - before >= 3000);
    for (int i = 0; i < 1000; i++) {
        uint64_t now = c.now_us(c.self);

        assert_true(now >= after);
        after = now;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_virtual_clock),
        cmocka_unit_test(test_real_clock),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
