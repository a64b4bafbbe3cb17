/* SPDX-License-Identifier: MIT */
/* The small languages of dfu-util's options, and options as getopt_long() reads them. */
#include "support.h"

#include "../../../src/cli/dropin_util.h"

#define ANY  DFUKIT_ID_ANY
#define NONE DFUKIT_ID_NONE

// clang-format off
static const struct {
    const char *text;
    bool fine, two;
    dfukit_ids ids, dfu_ids;
} ids[] = {
    {"1209:70b1",         true,  false, {0x1209, 0x70B1}, {0x1209, 0x70B1}},
    {"0x1209:0X70B1",     true,  false, {0x1209, 0x70B1}, {0x1209, 0x70B1}},
    {"1209",              true,  false, {0x1209, ANY},    {0x1209, ANY}},
    {"1209:",             true,  false, {0x1209, ANY},    {0x1209, ANY}},
    {":1",                true,  false, {ANY, 1},         {ANY, 1}},
    {"*:-",               true,  false, {ANY, NONE},      {ANY, NONE}},
    {"",                  true,  false, {ANY, ANY},       {ANY, ANY}},
    {"1:2,3:4",           true,  true,  {1, 2},           {3, 4}},
    {"1:2,",              true,  true,  {1, 2},           {1, 2}},
    {"1:2,:4",            true,  true,  {1, 2},           {1, 4}},
    {"1:2,3",             true,  true,  {1, 2},           {3, 2}},
    {"1:2,*:*",           true,  true,  {1, 2},           {ANY, ANY}},
    {",3:4",              true,  true,  {NONE, NONE},     {3, 4}},
    {",",                 true,  true,  {NONE, NONE},     {ANY, ANY}},
    {"*,-",               true,  true,  {ANY, ANY},       {NONE, ANY}},
    {"zz:1",              false, false, {0, 0},           {0, 0}},
    {"1209:70b1x",        false, false, {0, 0},           {0, 0}},
    {"12090:1",           false, false, {0, 0},           {0, 0}},
    {"1:2:3",             false, false, {0, 0},           {0, 0}},
    {"1:2,3:4,5:6",       false, false, {0, 0},           {0, 0}},
    {"1:2, 3:4",          false, false, {0, 0},           {0, 0}},
    {"0x:1",              false, false, {0, 0},           {0, 0}},
};

static const struct {
    const char *text;
    bool fine;
    dfukit_dropin_dfuse d; /* force, leave, mass_erase, unprotect, will_reset */
} modifiers[] = {
    {"0x08000000",                  true,  {true, true, false, 0x08000000, 0, 0, 0, 0, 0, 0}},
    {"4096",                        true,  {true, true, false, 4096, 0, 0, 0, 0, 0, 0}},
    {"010",                         true,  {true, true, false, 8, 0, 0, 0, 0, 0, 0}},
    {"0",                           true,  {true, true, false, 0, 0, 0, 0, 0, 0, 0}},
    {"0xFFFFFFFF",                  true,  {true, true, false, 0xFFFFFFFF, 0, 0, 0, 0, 0, 0}},
    {":leave",                      true,  {true, false, false, 0, 0, 0, 1, 0, 0, 0}},
    {"0x100:leave:will-reset",      true,  {true, true, false, 0x100, 0, 0, 1, 0, 0, 1}},
    {":force:mass-erase",           true,  {true, false, false, 0, 0, 1, 0, 1, 0, 0}},
    {":mass-erase:force",           true,  {true, false, false, 0, 0, 1, 0, 1, 0, 0}},
    {":unprotect:force:leave",      true,  {true, false, false, 0, 0, 1, 1, 0, 1, 0}},
    {"0x100:0x20",                  true,  {true, true, true, 0x100, 0x20, 0, 0, 0, 0, 0}},
    {"0x100:leave:32",              true,  {true, true, true, 0x100, 32, 0, 1, 0, 0, 0}},
    {"0x100::leave:",               true,  {true, true, false, 0x100, 0, 0, 1, 0, 0, 0}},
    {"",                            true,  {true, false, false, 0, 0, 0, 0, 0, 0, 0}},
    {":mass-erase",                 false, {0}},
    {":unprotect",                  false, {0}},
    {":fo",                         false, {0}},
    {":l",                          false, {0}},
    {":forced",                     false, {0}},
    {":Leave",                      false, {0}},
    {":0",                          false, {0}},
    {":12x",                        false, {0}},
    {"leave",                       false, {0}},
    {"08000000",                    false, {0}},
    {"0x",                          false, {0}},
    {"0x100000000",                 false, {0}},
    {"0x100 :leave",                false, {0}},
    {"-1",                          false, {0}},
};

static const struct {
    const char *text;
    const char *serial;
    bool two;
    const char *dfu_serial;
} serials[] = {
    {"A",   "A",  false, NULL},
    {"",    NULL, false, NULL},
    {"A,B", "A",  true,  "B"},
    {"A,",  "A",  true,  NULL},
    {",B",  NULL, true,  "B"},
    {",",   NULL, true,  NULL},
};

static const struct {
    const char *words[6];
    const char *complaint; /* NULL: fine */
    dfukit_dropin_mode mode;
    const char *file;
} lines[] = {
    {{"-l"},                            NULL,                     DFUKIT_DROPIN_LIST, NULL},
    {{"-vl"},                           NULL,                     DFUKIT_DROPIN_LIST, NULL},
    {{"-Dx"},                           NULL,                     DFUKIT_DROPIN_DOWNLOAD, "x"},
    {{"-D", "x"},                       NULL,                     DFUKIT_DROPIN_DOWNLOAD, "x"},
    {{"-D", "-"},                       NULL,                     DFUKIT_DROPIN_DOWNLOAD, "-"},
    {{"-RD", "x"},                      NULL,                     DFUKIT_DROPIN_DOWNLOAD, "x"},
    {{"--download=x"},                  NULL,                     DFUKIT_DROPIN_DOWNLOAD, "x"},
    {{"--dow", "x"},                    NULL,                     DFUKIT_DROPIN_DOWNLOAD, "x"},
    {{"--wait", "-D", "x"},             NULL,                     DFUKIT_DROPIN_DOWNLOAD, "x"},
    {{"-D", "x", "-l"},                 NULL,                     DFUKIT_DROPIN_LIST, "x"},
    {{"-U", "y", "-D", "x"},            NULL,                     DFUKIT_DROPIN_DOWNLOAD, "x"},
    {{"--upload", "y"},                 NULL,                     DFUKIT_DROPIN_UPLOAD, "y"},
    {{"-l", "--"},                      NULL,                     DFUKIT_DROPIN_LIST, NULL},
    {{"--alt", "1", "-l"},              NULL,                     DFUKIT_DROPIN_LIST, NULL},
    {{"--interface=1", "-l"},           NULL,                     DFUKIT_DROPIN_LIST, NULL},
    {{"--int", "1", "-l"},              NULL,                     DFUKIT_DROPIN_LIST, NULL},
    {{"-l", "--", "-x"},                "unexpected argument",    0, NULL},
    {{"-l", "x"},                       "unexpected argument",    0, NULL},
    {{"-"},                             "unexpected argument",    0, NULL},
    {{"-D"},                            "wants an argument",      0, NULL},
    {{"--download"},                    "wants an argument",      0, NULL},
    {{"--de", "x"},                     "may be several options", 0, NULL},
    {{"--upload-file", "x"},            "unknown option",         0, NULL},
    {{"-lx"},                           "unknown option -x",      0, NULL},
    {{"--wait=1"},                      "takes no argument",      0, NULL},
    {{"-D", ""},                        "wants a file",           0, NULL},
};
// clang-format on

static void ids_are_read_as_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        dfukit_selector s = {.has_ids = false};
        printf("-d \"%s\"\n", ids[i].text);
        assert_int_equal(dfukit_dropin_ids(ids[i].text, &s) == NULL, ids[i].fine);
        assert_int_equal(s.has_ids, ids[i].fine);
        if (!ids[i].fine)
            continue;
        assert_int_equal(s.has_dfu_ids, ids[i].two);
        assert_memory_equal(&s.ids, &ids[i].ids, sizeof s.ids);
        assert_memory_equal(&s.dfu_ids, &ids[i].dfu_ids, sizeof s.dfu_ids);
    }
}

static void modifiers_are_whole_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof modifiers / sizeof *modifiers; i++) {
        const dfukit_dropin_dfuse *w = &modifiers[i].d;
        dfukit_dropin_dfuse d = {.given = false};
        printf("-s \"%s\"\n", modifiers[i].text);
        assert_int_equal(dfukit_dropin_dfuse_options(modifiers[i].text, &d) == NULL,
                         modifiers[i].fine);
        assert_int_equal(d.given, w->given);
        assert_int_equal(d.has_address, w->has_address);
        assert_int_equal(d.address, w->address);
        assert_int_equal(d.has_length, w->has_length);
        assert_int_equal(d.length, w->length);
        assert_int_equal(d.force, w->force);
        assert_int_equal(d.leave, w->leave);
        assert_int_equal(d.mass_erase, w->mass_erase);
        assert_int_equal(d.unprotect, w->unprotect);
        assert_int_equal(d.will_reset, w->will_reset);
    }
}

static void same_text(const char *got, const char *wanted)
{
    assert_int_equal(got == NULL, wanted == NULL);
    if (wanted != NULL)
        assert_string_equal(got, wanted);
}

static void one_or_two_serial_numbers(void **state)
{
    static dfukit_dropin_line line;
    (void)state;
    for (size_t i = 0; i < sizeof serials / sizeof *serials; i++) {
        printf("-S \"%s\"\n", serials[i].text);
        memset(&line, 0, sizeof line);
        assert_null(dfukit_dropin_serial(serials[i].text, &line));
        same_text(line.args.selector.serial, serials[i].serial);
        assert_int_equal(line.args.selector.has_dfu_serial, serials[i].two);
        same_text(line.args.selector.dfu_serial, serials[i].dfu_serial);
    }
}

static void lines_are_read_as_getopt_long_does(void **state)
{
    static dfukit_dropin_line line;
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char complaint[DFUKIT_DROPIN_COMPLAINT] = "";
        char program[] = "dfu-util", words[6][32];
        char *argv[8] = {program};
        int argc = 1;
        for (; argc < 7 && lines[i].words[argc - 1] != NULL; argc++) {
            snprintf(words[argc - 1], sizeof words[0], "%s", lines[i].words[argc - 1]);
            argv[argc] = words[argc - 1];
        }
        argv[argc] = NULL;
        printf("row %zu: %s\n", i, lines[i].words[0]);
        memset(&line, 0, sizeof line);
        bool fine = dfukit_dropin_parse(dfukit_dropin_util_options, &line, argc, argv, complaint);
        assert_int_equal(fine, lines[i].complaint == NULL);
        if (!fine) {
            assert_non_null(strstr(complaint, lines[i].complaint));
            continue;
        }
        assert_int_equal(line.mode, lines[i].mode);
        same_text(line.file, lines[i].file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_read_as_the_table_says),
        cmocka_unit_test(modifiers_are_whole_words),
        cmocka_unit_test(one_or_two_serial_numbers),
        cmocka_unit_test(lines_are_read_as_getopt_long_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
