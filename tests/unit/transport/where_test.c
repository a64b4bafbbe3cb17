/* SPDX-License-Identifier: MIT */
/* Where devices are, as people write it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dfukit/transport.h"

#define TEN   "aaaaaaaaaa"
#define FIFTY TEN TEN TEN TEN TEN

typedef struct row {
    const char *text;
    bool good, usbip;
    const char *host;
    uint16_t port;
    const char *busid;
} row;

// clang-format off
static const row rows[] = {
    {"usb",                              true,  false, "",          0,     ""},
    {"usbip://localhost",                true,  true,  "localhost", 0,     ""},
    {"usbip://127.0.0.1:3240",           true,  true,  "127.0.0.1", 3240,  ""},
    {"usbip://h:65535/1-2.3",            true,  true,  "h",         65535, "1-2.3"},
    {"usbip://h/1-1",                    true,  true,  "h",         0,     "1-1"},
    {"usbip://h/1-1/x:2",                true,  true,  "h",         0,     "1-1/x:2"},
    {"usbip://[::1]",                    true,  true,  "::1",       0,     ""},
    {"usbip://[fe80::1]:1/1-1",          true,  true,  "fe80::1",   1,     "1-1"},
    {"usbip://" FIFTY FIFTY FIFTY FIFTY FIFTY "aaaaa", true, true,
     FIFTY FIFTY FIFTY FIFTY FIFTY "aaaaa", 0, ""},
    {"usbip://h/" FIFTY TEN "aaa",       true,  true,  "h",         0, FIFTY TEN "aaa"},
    {.text = ""},
    {.text = "usb "},
    {.text = "USB"},
    {.text = "usbip:"},
    {.text = "usbip://"},
    {.text = "usbip://:3240"},
    {.text = "usbip:///1-1"},
    {.text = "usbip://h/"},
    {.text = "usbip://h:"},
    {.text = "usbip://h:0"},
    {.text = "usbip://h:65536"},
    {.text = "usbip://h:99999999999999999999"},
    {.text = "usbip://h:-1"},
    {.text = "usbip://h:1x"},
    {.text = "usbip://::1"},
    {.text = "usbip://["},
    {.text = "usbip://[]"},
    {.text = "usbip://[::1"},
    {.text = "usbip://[::1/1-1]"},
    {.text = "usbip://[::1]3240"},
    {.text = "usbip://" FIFTY FIFTY FIFTY FIFTY FIFTY "aaaaaa"},
    {.text = "usbip://h/" FIFTY TEN "aaaa"},
    {.text = "virtual:micro"},
};
// clang-format on

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const row *r = &rows[i];
        dfukit_where w;

        memset(&w, 0x55, sizeof w);
        int error = dfukit_where_parse(r->text, &w);
        if (error != (r->good ? DFUKIT_OK : DFUKIT_ERR_USAGE) ||
            (r->good && (w.usbip != r->usbip || strcmp(w.host, r->host) != 0 || w.port != r->port ||
                         strcmp(w.busid, r->busid) != 0)))
            fail_msg("row %zu: \"%s\": %d, usbip %d, \"%s\" %u \"%s\"", i, r->text, error,
                     (int)w.usbip, w.host, (unsigned)w.port, w.busid);
    }
}

/* Opening connects to nobody: it takes a server that is not there, and complains when listing. */
static void test_open(void **state)
{
    (void)state;
    dfukit_carrier c;
    dfukit_listing listing;

    assert_int_equal(dfukit_carrier_open(&c, "usbip://h:x"), DFUKIT_ERR_USAGE);
    assert_null(c.ops);
    assert_int_equal(dfukit_carrier_open(&c, "usbip://127.0.0.1:1"), DFUKIT_OK);
    assert_true(c.queues);
    assert_int_equal(c.ops->list(c.self, NULL, &listing), DFUKIT_ERR_CONNECT);
    assert_non_null(strstr(c.ops->complaint(c.self), "127.0.0.1:1"));
    dfukit_carrier_close(&c);
    assert_null(c.ops);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
