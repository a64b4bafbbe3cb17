/* SPDX-License-Identifier: MIT */
/* Every error has an exit code, and it is the one that is documented. */
#include "support.h"

#include "../../../src/cli/exit.h"
#include "dfukit/error.h"

// clang-format off
static const struct {
    int code;
    int errors[8]; /* closed by 1, which is no error */
} codes[] = {
    {0,   {DFUKIT_OK, 1}},
    {1,   {DFUKIT_ERR_DEVICE, DFUKIT_ERR_PROTOCOL, DFUKIT_ERR_MODE, DFUKIT_ERR_STALL,
           DFUKIT_ERR_SHORT, DFUKIT_ERR_FORMAT, 1}},
    {2,   {DFUKIT_ERR_USAGE, 1}},
    {3,   {DFUKIT_ERR_NO_DEVICE, 1}},
    {4,   {DFUKIT_ERR_AMBIGUOUS, 1}},
    {5,   {DFUKIT_ERR_EMPTY, DFUKIT_ERR_DAMAGED, DFUKIT_ERR_MISMATCH, DFUKIT_ERR_TOO_LARGE, 1}},
    {6,   {DFUKIT_ERR_DIFFERS, 1}},
    {7,   {DFUKIT_ERR_ACCESS, DFUKIT_ERR_BUSY, DFUKIT_ERR_UNSUPPORTED, 1}},
    {8,   {DFUKIT_ERR_LOST, DFUKIT_ERR_GONE, DFUKIT_ERR_CONNECT, DFUKIT_ERR_DEADLINE,
           DFUKIT_ERR_TIMEOUT, DFUKIT_ERR_AGAIN, DFUKIT_ERR_IO, 1}},
    {9,   {DFUKIT_ERR_REFUSED, 1}},
    {10,  {DFUKIT_ERR_OUTPUT, DFUKIT_ERR_NOMEM, 1}},
    {130, {DFUKIT_ERR_INTERRUPTED, 1}},
};

#define DFUKIT_VALUE(name, value, text) value,
static const int all[] = {DFUKIT_ERRORS(DFUKIT_VALUE)};
// clang-format on

static void test_codes(void **state)
{
    (void)state;
    size_t seen = 0;
    for (size_t i = 0; i < COUNT(codes); i++) {
        for (const int *e = codes[i].errors; *e != 1; e++, seen++) {
            if (dfukit_cli_exit_code(*e) != codes[i].code)
                fail_msg("%s: exit code %d, not %d", dfukit_error_name(*e),
                         dfukit_cli_exit_code(*e), codes[i].code);
        }
    }
    assert_int_equal(seen, COUNT(all)); /* every error stands above */
}

static void test_unknown(void **state)
{
    (void)state;
    assert_int_equal(dfukit_cli_exit_code(-1000), 10);
    assert_int_equal(dfukit_cli_exit_code(1000), 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
