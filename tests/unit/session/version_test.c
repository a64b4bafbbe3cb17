/* SPDX-License-Identifier: MIT */
/* Which programs the library serves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "dfukit/version.h"

static void test_names(void **state)
{
    (void)state;
    char text[32];

    (void)snprintf(text, sizeof text, "%u.%u.%u", (unsigned)DFUKIT_VERSION_MAJOR,
                   (unsigned)DFUKIT_VERSION_MINOR, (unsigned)DFUKIT_VERSION_PATCH);
    assert_string_equal(DFUKIT_VERSION, text);
    assert_string_equal(dfukit_version(), DFUKIT_VERSION);
    assert_int_equal(dfukit_version_number(), DFUKIT_VERSION_NUMBER);
}

static void test_check(void **state)
{
    (void)state;
    const uint32_t own = DFUKIT_VERSION_NUMBER;
    const uint32_t patch = own & 0xFFu;

    assert_int_equal(dfukit_version_check(own), DFUKIT_OK);
    for (uint32_t older = 0; older < patch; older++)
        assert_int_equal(dfukit_version_check((own & ~0xFFu) | older), DFUKIT_OK);
    assert_int_equal(dfukit_version_check(own + 1), DFUKIT_ERR_UNSUPPORTED);
    assert_int_equal(dfukit_version_check(own + 0x100), DFUKIT_ERR_UNSUPPORTED);
    assert_int_equal(dfukit_version_check(own + 0x10000), DFUKIT_ERR_UNSUPPORTED);
    if (DFUKIT_VERSION_MAJOR == 0 && DFUKIT_VERSION_MINOR > 0)
        assert_int_equal(dfukit_version_check(own - 0x100), DFUKIT_ERR_UNSUPPORTED);
    assert_int_equal(dfukit_version_check(UINT32_MAX), DFUKIT_ERR_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_check),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
