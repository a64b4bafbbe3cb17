/* SPDX-License-Identifier: MIT */
/* The JSON writer: escapes, malformed UTF-8, nesting. RFC 8259, RFC 3629. */
#include "support.h"

#include "../../../src/cli/json.h"

/* What `write` puts on the stream; the caller frees it. */
static char *written(void (*write)(dfukit_cli_json *, const void *), const void *what)
{
    char *text = NULL;
    size_t n = 0;
    FILE *to = open_memstream(&text, &n);
    assert_non_null(to);
    dfukit_cli_json j = {.to = to};
    write(&j, what);
    assert_int_equal(fclose(to), 0);
    return text;
}

// clang-format off
static const struct {
    const char *name, *text, *json;
} strings[] = {
    {"plain",                    "abc",              "\"abc\""},
    {"empty",                    "",                 "\"\""},
    {"quote and backslash",      "a\"b\\c",          "\"a\\\"b\\\\c\""},
    {"newline, tab, escape",     "\n\t\033[1m",      "\"\\u000a\\u0009\\u001b[1m\""},
    {"DEL",                      "\x7f",             "\"\\u007f\""},
    {"C1 control",               "\xc2\x9b" "31m",   "\"\\u009b31m\""},
    {"two bytes",                "\xc3\xa9",         "\"\xc3\xa9\""},
    {"three bytes",              "\xe2\x82\xac",     "\"\xe2\x82\xac\""},
    {"four bytes",               "\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\""},
    {"last character",           "\xf4\x8f\xbf\xbf", "\"\xf4\x8f\xbf\xbf\""},
    {"above the last",           "\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""},
    {"overlong slash",           "\xc0\xaf",         "\"\\ufffd\\ufffd\""},
    {"overlong, three bytes",    "\xe0\x80\x80",     "\"\\ufffd\\ufffd\\ufffd\""},
    {"surrogate",                "\xed\xa0\x80",     "\"\\ufffd\\ufffd\\ufffd\""},
    {"lone continuation",        "\x80x",            "\"\\ufffdx\""},
    {"cut short",                "\xe2\x82",         "\"\\ufffd\\ufffd\""},
    {"cut by another character", "\xe2\x82z",        "\"\\ufffd\\ufffdz\""},
    {"byte that never occurs",   "\xff",             "\"\\ufffd\""},
    {"null",                     NULL,               "null"},
};
// clang-format on

static void write_text(dfukit_cli_json *j, const void *text)
{
    dfukit_cli_json_text(j, NULL, text);
}

static void test_strings(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(strings); i++) {
        char *got = written(write_text, strings[i].text), wanted[128];
        snprintf(wanted, sizeof wanted, "%s\n", strings[i].json);
        if (strcmp(got, wanted) != 0)
            fail_msg("%s: %s", strings[i].name, got);
        free(got);
    }
}

static void write_nested(dfukit_cli_json *j, const void *unused)
{
    (void)unused;
    dfukit_cli_json_object(j, NULL);
    dfukit_cli_json_number(j, "a", UINT64_MAX);
    dfukit_cli_json_array(j, "b");
    dfukit_cli_json_object(j, NULL);
    dfukit_cli_json_bool(j, "c", true);
    dfukit_cli_json_end(j);
    dfukit_cli_json_array(j, NULL);
    dfukit_cli_json_end(j);
    dfukit_cli_json_text(j, NULL, "x");
    dfukit_cli_json_end(j);
    dfukit_cli_json_null(j, "d\"");
    dfukit_cli_json_bool(j, "e", false);
    dfukit_cli_json_end(j);
    dfukit_cli_json_object(j, NULL);
    dfukit_cli_json_end(j);
    dfukit_cli_json_end(j); /* one too many is ignored */
}

static void test_nested(void **state)
{
    (void)state;
    char *got = written(write_nested, NULL);
    assert_string_equal(got, "{\"a\":18446744073709551615,\"b\":[{\"c\":true},[],\"x\"],"
                             "\"d\\\"\":null,\"e\":false}\n{}\n");
    free(got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_nested),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
