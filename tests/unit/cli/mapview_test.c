/* SPDX-License-Identifier: MIT */
/* Memory maps drawn to scale. */
#include "support.h"

#include "../../../src/cli/mapview.h"

// clang-format off
static const struct {
    const char *map;
    const char *rows[4]; /* DFUKIT_CLI_SCALE columns each */
} drawings[] = {
    {"@F/0x08000000/04*016Kg,02*064Kg,09*64Kg", /* 768 KiB: a column is 32 KiB */
     {"##                      ", "  |#|#                  ", "      |#|#|#|#|#|#|#|#|#"}},
    {"@F/0x0/4*1Kg,4*1Kg", {"|##|##|##|##            ", "            |##|##|##|##"}},
    {"@F/0x0/128*2Kg",     {"########################"}},
    {"@F/0x0/01*1Kg",      {"|#######################"}},
    {"@F/0x0/16*4Kg/0x90000000/16*4Kg",  /* far apart: side by side all the same */
     {"############            ", "            ############"}},
    /* what is too small to be seen is seen all the same */
    {"@F/0x0/1*1Bg,1*1Mg,1*1Bg",
     {"#                       ", "|###################### ", "                       #"}},
    {"@F/0x0/4*1Mg,3*1Mg", {NULL}}, /* no even columns: only the sums below */
};
// clang-format on

static void test_scale(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(drawings); i++) {
        dfukit_map map;
        char bar[DFUKIT_CLI_SCALE + 1];
        assert_int_equal(dfukit_map_parse(drawings[i].map, &map), DFUKIT_OK);
        size_t drawn = 0, sectors = 0, wanted = 0;
        for (size_t n = 0; n < map.count; n++) {
            dfukit_cli_scale(&map, n, bar);
            assert_int_equal(strlen(bar), DFUKIT_CLI_SCALE);
            if (drawings[i].rows[0] != NULL && strcmp(bar, drawings[i].rows[n]) != 0)
                fail_msg("%s, span %zu:\n[%s]\n[%s] wanted", drawings[i].map, n, bar,
                         drawings[i].rows[n]);
            for (size_t c = 0; c < DFUKIT_CLI_SCALE; c++) {
                drawn += bar[c] != ' ';
                sectors += bar[c] == '|';
            }
            wanted += map.spans[n].count;
        }
        if (drawings[i].rows[0] == NULL) { /* nothing twice, nothing left out, each sector begun */
            assert_int_equal(drawn, DFUKIT_CLI_SCALE);
            assert_int_equal(sectors, wanted);
        }
    }
}

static void test_words(void **state)
{
    (void)state;
    // clang-format off
    static const struct { uint64_t n; const char *text; } sizes[] = {
        {1, "1 byte"}, {0, "0 bytes"}, {528, "528 bytes"}, {1024, "1 KiB"}, {1025, "1,025 bytes"},
        {131072, "128 KiB"}, {1048576, "1 MiB"}, {1572864, "1,536 KiB"},
        {UINT64_C(4) << 30, "4,096 MiB"},
    };
    static const struct { uint8_t bits; const char *text; } words[] = {
        {0, "nothing"}, {1, "read"}, {2, "erase"}, {3, "read, erase"}, {4, "write"},
        {5, "read, write"}, {6, "erase, write"}, {7, "read, erase, write"},
    };
    // clang-format on
    for (size_t i = 0; i < COUNT(sizes); i++) {
        char buffer[DFUKIT_CLI_GROUP_SIZE];
        assert_string_equal(dfukit_cli_size(sizes[i].n, buffer), sizes[i].text);
    }
    for (size_t i = 0; i < COUNT(words); i++) {
        char buffer[32];
        assert_string_equal(dfukit_cli_permissions(words[i].bits, buffer), words[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scale),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
