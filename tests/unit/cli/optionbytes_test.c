/* SPDX-License-Identifier: MIT */
/* STM32 option bytes in words: read protection first of all. Values and places from the reference
 * manuals (RM0008, RM0090, RM0385, RM0351, RM0433). */
#include "support.h"

#include "../../../src/cli/optionbytes.h"

// clang-format off
static const struct {
    uint32_t address;
    const char *bytes; /* hexadecimal */
    const char *name, *text;
    bool for_ever;
} cases[] = {
    /* F1 has 0xA5 where F0 and F3 have 0xAA */
    {0x1FFFF800, "a55a",             "RDP",  "F1: not protected",      false},
    {0x1FFFF800, "aa55",             "RDP",  "level 0",                false},
    {0x1FFFF800, "0000",             "RDP",  "cannot be read",         false},
    {0x1FFFF800, "cc33",             "RDP",  "level 2",                true},
    {0x1FFFF800, "a55aff00ff00ff00fe01ff00ff00ff00", "WRP0", "write protected: bits 0", false},
    {0x1FFFF808, "fb04",             "WRP0", "write protected: bits 2", false},
    /* F2, F4: user bits first */
    {0x1FFFC000, "efaa",             "RDP",  "0xaa: level 0",          false},
    {0x1FFFC000, "ef55",             "RDP",  "0x55: level 1",          false},
    {0x1FFFC000, "efcc",             "RDP",  "for ever",               true},
    {0x1FFFC000, "ccaa",             "RDP",  "level 0",                false},
    {0x1FFFC000, "e3aa",             "BOR_LEV", "0: brown-out reset level 3", false},
    {0x1FFFC000, "efaa0000000000000bf0", "nWRP", "write protected: bits 2 4 5 6 7 8 9 10 11", false},
    {0x1FFFC008, "ffff",             "nWRP", "nothing write protected", false},
    {0x1FFFC001, "aa",               "RDP",  "level 0",                false},
    /* F7 */
    {0x1FFF0000, "ffcc",             "RDP",  "level 2",                true},
    {0x1FFF0010, "8000",             "BOOT_ADD0", "0x0080: starts at 0x00200000", false},
    /* L4, G0, G4, WB; H7; U5 */
    {0x1FFF7800, "aaf8ffff",         "RDP",  "level 0",                false},
    {0x1FFF7800, "cc",               "RDP",  "level 2",                true},
    {0x1FF80000, "cc0033ff",         "RDP",  "level 2",                true},
    {0x5200201C, "f0cc",             "RDP",  "level 2",                true},
    {0x40022040, "aa",               "RDP",  "level 0",                false},
    /* nothing that is known */
    {0x1FFFC000, "ef",               "RDP",  NULL,                     false},
    {0x1FFFC002, "cccc",             "RDP",  NULL,                     false},
    {0x08000000, "ccccccccccccccccc", "RDP", NULL,                     false},
};
// clang-format on

static size_t bytes_of(const char *text, uint8_t *bytes)
{
    size_t n = 0;
    for (; text[0] != '\0' && text[1] != '\0'; text += 2) {
        char two[3] = {text[0], text[1], '\0'};
        bytes[n++] = (uint8_t)strtoul(two, NULL, 16);
    }
    return n;
}

static void test_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t bytes[64];
        uint32_t size = (uint32_t)bytes_of(cases[i].bytes, bytes);
        dfukit_cli_option_field f;
        bool found = false, for_ever = false;
        for (size_t n = 0; dfukit_cli_option_decode(cases[i].address, bytes, size, n, &f); n++) {
            for_ever |= f.for_ever;
            if (strcmp(f.name, cases[i].name) != 0)
                continue;
            found = true;
            if (cases[i].text == NULL || strstr(f.text, cases[i].text) == NULL)
                fail_msg("case %zu: %s is \"%s\"", i, f.name, f.text);
        }
        if (found != (cases[i].text != NULL) || for_ever != cases[i].for_ever)
            fail_msg("case %zu: found %d, for ever %d", i, found, for_ever);
    }
}

static void test_families(void **state)
{
    (void)state;
    assert_string_equal(dfukit_cli_option_family(0x1FFFC000), "STM32F2, F4");
    assert_string_equal(dfukit_cli_option_family(0x1FFFC00F), "STM32F2, F4");
    assert_null(dfukit_cli_option_family(0x1FFFC010));
    assert_null(dfukit_cli_option_family(0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_families),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
