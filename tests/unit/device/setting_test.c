/* SPDX-License-Identifier: MIT */
/* The alternate setting that a SET_CONFIGURATION asks for while the store works in another one. */
#include "mock_store.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { USUAL = DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD | DFUKIT_MANIFESTATION_TOLERANT };

/* SET_CONFIGURATION 1 is never refused. While work goes on in another setting, setting 0 comes when
 * what is under way is over: nothing new begins in the other one. */
static void setting_0_is_owed(void **state)
{
    (void)state;
    for (unsigned how = 0; how < 5; how++) {
        mock m;

        mock_dfu_mode(&m, USUAL, false);
        m.config.alternates = how % 2 != 0 ? 2 : 3;
        assert_true(dfukit_dfu_set_alternate(&m.dfu, 1));
        m.takes_us = 9000;
        mock_do(&m, DFUKIT_DNLOAD, 0, 64);
        assert_int_equal(mock_status(&m).bState, DFUKIT_DNBUSY);
        if (how == 0) /* dfuERROR, and it still works */
            mock_do(&m, DFUKIT_DNLOAD, 1, 64);
        if (how == 1)
            dfukit_dfu_set_configured(&m.dfu, false);
        if (how == 2)
            m.dfu.state = DFUKIT_DFU_IDLE; /* as after an attach, say */
        dfukit_dfu_set_configured(&m.dfu, true);
        assert_int_equal(m.dfu.alt, how == 2 ? 0 : 1);
        m.left_us = 0;
        m.takes_us = 0;
        dfukit_dfu_poll(&m.dfu, 9);
        if (how == 0)
            mock_do(&m, DFUKIT_CLRSTATUS, 0, 0);
        if (how == 1 || how == 3) {
            assert_int_equal(mock_status(&m).bState, DFUKIT_DNLOAD_IDLE);
            mock_do(&m, DFUKIT_ABORT, 0, 0);
        }
        if (how != 4) {
            assert_int_equal(m.dfu.state, DFUKIT_DFU_IDLE);
            mock_do(&m, DFUKIT_DNLOAD, 0, 64);
            assert_int_equal(m.dfu.alt, 0);
            assert_int_equal(m.alt, 0);
        }
        /* A host that chooses has it its own way. */
        assert_true(dfukit_dfu_set_alternate(&m.dfu, 1));
        assert_int_equal(m.dfu.alt, 1);
        mock_do(&m, DFUKIT_DNLOAD, 0, 64);
        mock_status(&m);
        mock_do(&m, DFUKIT_ABORT, 0, 0);
        assert_int_equal(m.dfu.alt, 1); /* it is owed once */
    }
}

/* A 1 that is repeated brings setting 0, from whichever; a 0 leaves everything as it is. */
static void repeated_and_taken_back(void **state)
{
    (void)state;
    for (uint8_t alt = 0; alt < 3; alt++) {
        mock m;

        mock_dfu_mode(&m, USUAL, false);
        assert_true(dfukit_dfu_set_alternate(&m.dfu, alt));
        m.rewinds = 0;
        dfukit_dfu_set_configured(&m.dfu, false);
        assert_int_equal(m.dfu.alt, alt);
        assert_int_equal(m.rewinds, 0);
        dfukit_dfu_set_configured(&m.dfu, true);
        dfukit_dfu_set_configured(&m.dfu, true);
        assert_int_equal(m.dfu.alt, 0);
        assert_int_equal(m.alt, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(setting_0_is_owed),
        cmocka_unit_test(repeated_and_taken_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
