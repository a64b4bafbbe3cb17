/* SPDX-License-Identifier: MIT */
/* Numbers, seconds, IDs and ranges, right and wrong. */
#include "support.h"

#include "../../../src/cli/number.h"

// clang-format off
static const struct {
    const char *text;
    uint64_t max;
    bool fine;
    uint64_t value;
} numbers[] = {
    {"0",           10,         true,  0},
    {"10",          10,         true,  10},
    {"11",          10,         false, 0},
    {"010",         100,        true,  10},
    {"0x10",        100,        true,  16},
    {"0XfF",        255,        true,  255},
    {"2k",          UINT32_MAX, true,  2048},
    {"2K",          UINT32_MAX, true,  2048},
    {"1M",          UINT32_MAX, true,  1048576},
    {"0x10k",       UINT32_MAX, true,  16384},
    {"4194304k",    UINT32_MAX, false, 0},
    {"4194303k",    UINT32_MAX, true,  4294966272u},
    {"4294967295",  UINT32_MAX, true,  4294967295u},
    {"4294967296",  UINT32_MAX, false, 0},
    {"18446744073709551615", UINT64_MAX, true, UINT64_MAX},
    {"18446744073709551616", UINT64_MAX, false, 0},
    {"99999999999999999999999", UINT64_MAX, false, 0},
    {"",            10,         false, 0},
    {"0x",          10,         false, 0},
    {"k",           10,         false, 0},
    {"-1",          10,         false, 0},
    {"+1",          10,         false, 0},
    {" 1",          10,         false, 0},
    {"1 ",          10,         false, 0},
    {"1kk",         UINT32_MAX, false, 0},
    {"1.5",         10,         false, 0},
    {"0x1g",        100,        false, 0},
    {"a",           100,        false, 0},
};

static const struct {
    const char *text;
    bool fine;
    uint32_t ms;
} seconds[] = {
    {"0",       true,  0},
    {"1",       true,  1000},
    {"0.5",     true,  500},
    {"1.25",    true,  1250},
    {"1.005",   true,  1005},
    {"120",     true,  120000},
    {"4294966", true,  4294966000u - 0u},
    {"4294967", false, 0},
    {"1.0001",  false, 0},
    {"1.",      false, 0},
    {".5",      false, 0},
    {"",        false, 0},
    {"1s",      false, 0},
    {"-1",      false, 0},
};

#define ANY DFUKIT_ID_ANY
static const struct {
    const char *text;
    bool fine, two;
    uint32_t vid, pid, dfu_vid, dfu_pid;
} ids[] = {
    {"1209:70b1",           true,  false, 0x1209, 0x70B1, 0, 0},
    {"0x1209:0x70B1",       true,  false, 0x1209, 0x70B1, 0, 0},
    {"1209:*",              true,  false, 0x1209, ANY, 0, 0},
    {"*:*",                 true,  false, ANY, ANY, 0, 0},
    {"1:2",                 true,  false, 1, 2, 0, 0},
    {"1209:70b0,1209:70b1", true,  true,  0x1209, 0x70B0, 0x1209, 0x70B1},
    {"1209:70b0,*:70b1",    true,  true,  0x1209, 0x70B0, ANY, 0x70B1},
    {"1209",                false, false, 0, 0, 0, 0},
    {"1209:",               false, false, 0, 0, 0, 0},
    {":70b1",               false, false, 0, 0, 0, 0},
    {"12090:70b1",          false, false, 0, 0, 0, 0},
    {"1209:70b1,",          false, false, 0, 0, 0, 0},
    {"1209:70b1,1209",      false, false, 0, 0, 0, 0},
    {"1209:70b1,1:2,3:4",   false, false, 0, 0, 0, 0},
    {"1209:70bx",           false, false, 0, 0, 0, 0},
    {"1209-70b1",           false, false, 0, 0, 0, 0},
    {"",                    false, false, 0, 0, 0, 0},
};

static const struct {
    const char *text;
    bool fine;
    uint64_t from, to;
} ranges[] = {
    {"0:0x80000",              true,  0, 0x80000},
    {"0x8000:0x9000",          true,  0x8000, 0x9000},
    {"0:512k",                 true,  0, 0x80000},
    {"0:0x100000000",          true,  0, UINT64_C(1) << 32},
    {"0:0x100000001",          false, 0, 0},
    {"0x100000000:0x100000001", false, 0, 0},
    {"5:5",                    false, 0, 0},
    {"6:5",                    false, 0, 0},
    {"5",                      false, 0, 0},
    {"5:",                     false, 0, 0},
    {":5",                     false, 0, 0},
    {"1:2:3",                  false, 0, 0},
};
// clang-format on

static void test_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(numbers); i++) {
        uint64_t value = 77;
        bool fine = dfukit_cli_number(numbers[i].text, numbers[i].max, &value);
        if (fine != numbers[i].fine || value != (fine ? numbers[i].value : 77))
            fail_msg("\"%s\": %d, %llu", numbers[i].text, fine, (unsigned long long)value);
    }
}

static void test_seconds(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(seconds); i++) {
        uint32_t ms = 77;
        bool fine = dfukit_cli_seconds(seconds[i].text, &ms);
        if (fine != seconds[i].fine || ms != (fine ? seconds[i].ms : 77))
            fail_msg("\"%s\": %d, %lu", seconds[i].text, fine, (unsigned long)ms);
    }
}

static void test_ids(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ids); i++) {
        dfukit_selector s;
        memset(&s, 0, sizeof s);
        bool fine = dfukit_cli_ids(ids[i].text, &s);
        if (fine != ids[i].fine || s.has_ids != fine)
            fail_msg("\"%s\": %d", ids[i].text, fine);
        if (!fine)
            continue;
        if (s.ids.vid != ids[i].vid || s.ids.pid != ids[i].pid || s.has_dfu_ids != ids[i].two ||
            (ids[i].two && (s.dfu_ids.vid != ids[i].dfu_vid || s.dfu_ids.pid != ids[i].dfu_pid)))
            fail_msg("\"%s\": %lx:%lx %d", ids[i].text, (unsigned long)s.ids.vid,
                     (unsigned long)s.ids.pid, s.has_dfu_ids);
    }
}

static void test_ranges(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ranges); i++) {
        dfukit_range r = {1, 2};
        bool fine = dfukit_cli_range(ranges[i].text, &r);
        if (fine != ranges[i].fine || (fine && (r.from != ranges[i].from || r.to != ranges[i].to)))
            fail_msg("\"%s\": %d, %llx:%llx", ranges[i].text, fine, (unsigned long long)r.from,
                     (unsigned long long)r.to);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_seconds),
        cmocka_unit_test(test_ids),
        cmocka_unit_test(test_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
