/* SPDX-License-Identifier: MIT */
/* The progress bar in any width, and numbers with commas. */
#include "support.h"

#include "../../../src/cli/view.h"

// clang-format off
static const struct {
    size_t width;
    uint64_t done, total, elapsed_ms;
    const char *text;
} bars[] = {
    {80, 0,       1000,    0,     "[----------------------------------------]   0%  0 bytes"},
    {80, 500,     1000,    100,   "[####################--------------------]  50%  500 bytes"},
    {80, 1000,    1000,    100,   "[########################################] 100%  1,000 bytes"},
    {80, 5000,    20000,   1000,  "[##########------------------------------]  25%  5,000 bytes  5000 B/s  0:03 left"},
    {80, 1048576, 2097152, 60000, "[####################--------------------]  50%  1,048,576 bytes  17.1 KiB/s  1:00 left"},
    {80, 1,       7201,    1000,  "[----------------------------------------]   0%  1 byte  1 B/s  2:00:00 left"},
    {80, 300,     0,       1000,  "300 bytes  300 B/s"},
    {80, 2000,    1000,    0,     "[########################################] 100%  2,000 bytes"},
    {30, 500,     1000,    0,     "[######------]  50%  500 bytes"},
    {20, 500,     1000,    0,     "  50%  500 bytes"},
    {57, 5000,    20000,   1000,  "[####------------]  25%  5,000 bytes  5000 B/s  0:03 left"},
    {56, 5000,    20000,   1000,  "[#########---------------------------]  25%  5,000 bytes"},
    {57, 1048576, 2097152, 60000, "[#########----------]  50%  1,048,576 bytes  17.1 KiB/s  1:00 left"},
    {12, 300,     0,       1000,  "300 bytes"},
    {8,  300,     0,       1000,  ""},
    {16, 500,     1000,    0,     "  50%  500 bytes"},
    {15, 500,     1000,    0,     "[####----]  50%"},
    {6,  500,     1000,    0,     "  50%"},
    {4,  500,     1000,    0,     ""},
    {0,  500,     1000,    0,     ""},
};

static const struct {
    uint64_t n;
    const char *text;
} groups[] = {
    {0, "0"}, {999, "999"}, {1000, "1,000"}, {6660, "6,660"}, {1048576, "1,048,576"},
    {UINT64_MAX, "18,446,744,073,709,551,615"},
};
// clang-format on

static void test_bars(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bars); i++) {
        char buffer[DFUKIT_CLI_BAR_SIZE], wanted[DFUKIT_CLI_BAR_SIZE];
        dfukit_cli_bar(buffer, bars[i].width, bars[i].done, bars[i].total, bars[i].elapsed_ms);
        assert_true(strlen(buffer) <= bars[i].width);
        /* A bar that has to share its line is shorter: compare what stands behind it. */
        snprintf(wanted, sizeof wanted, "%s", bars[i].text);
        const char *got = buffer, *want = wanted;
        if (strlen(wanted) > bars[i].width) {
            got = strchr(buffer, ']');
            want = strchr(wanted, ']');
        }
        if (got == NULL || want == NULL || strcmp(got, want) != 0)
            fail_msg("row %zu: \"%s\"", i, buffer);
    }
}

static void test_groups(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(groups); i++) {
        char buffer[DFUKIT_CLI_GROUP_SIZE];
        if (strcmp(dfukit_cli_group(groups[i].n, buffer), groups[i].text) != 0)
            fail_msg("%s: %s", groups[i].text, buffer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bars),
        cmocka_unit_test(test_groups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
