/* SPDX-License-Identifier: MIT */
/* The USB/IP client: listing and opening, against honest, broken and hostile servers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "unit/transport/peer.h"

/* What all packets of one list() come to: the list, then the import and three descriptors. */
#define LIST_BYTES   (12u + 312u + 4u)
#define IMPORT_BYTES (8u + 312u + 48u + 18u + 48u + 9u + 48u + 27u)

static toy device;
static peer server;
static dfukit_carrier carrier;

static int setup(void **state)
{
    (void)state;
    toy_init(&device, &peer_clock);
    peer_init(&server, &device);
    return 0;
}

static void start(void)
{
    dfukit_usbip_options o = {.host = "127.0.0.1"};

    assert_true(peer_start(&server));
    o.port = server.port;
    assert_int_equal(dfukit_usbip_open(&carrier, &o), DFUKIT_OK);
}

static void stop(void)
{
    dfukit_carrier_close(&carrier);
    peer_stop(&server);
}

static const char *complaint(void)
{
    return carrier.ops->complaint(carrier.self);
}

static uint64_t milliseconds(void)
{
    return peer_now_us(NULL) / 1000;
}

static void test_list_and_open(void **state)
{
    dfukit_listing l;
    dfukit_handle *h = NULL;

    (void)state;
    start();
    assert_true(carrier.queues);
    assert_true(carrier.resets);
    assert_int_equal(carrier.ops->list(carrier.self, NULL, &l), DFUKIT_OK);
    assert_int_equal(l.count, 1);
    assert_string_equal(l.entries[0].path, "1-1");
    assert_int_equal(l.entries[0].devnum, 1);
    assert_int_equal(l.entries[0].access, DFUKIT_OK);
    assert_int_equal(l.entries[0].device.idVendor, 0x1209);
    assert_int_equal(l.entries[0].device.bcdUSB, 0x0200);
    assert_int_equal(l.entries[0].configuration_size, 27);
    assert_memory_equal(l.entries[0].configuration, device.configuration, 27);
    dfukit_listing_free(&l);
    assert_int_equal(device.log[0].wLength, 18); /* 64 would be a reset */
    assert_int_equal(server.connections, 2);

    /* The same device is not disturbed again. */
    assert_int_equal(carrier.ops->list(carrier.self, NULL, &l), DFUKIT_OK);
    assert_int_equal(l.entries[0].configuration_size, 27);
    dfukit_listing_free(&l);
    assert_int_equal(server.connections, 3);

    assert_int_equal(carrier.ops->open(carrier.self, "1-1", 2, &h), DFUKIT_ERR_GONE);
    assert_null(h);
    assert_int_equal(carrier.ops->open(carrier.self, "1-1", 1, &h), DFUKIT_OK);
    carrier.ops->close(carrier.self, h);
    assert_int_equal(carrier.ops->open(carrier.self, "", 1, &h), DFUKIT_ERR_GONE);
    assert_int_equal(carrier.ops->open(carrier.self, "01234567890123456789012345678901", 1, &h),
                     DFUKIT_ERR_GONE);
    stop();
}

static void test_attached_anew(void **state)
{
    dfukit_listing l;

    (void)state;
    start();
    assert_int_equal(carrier.ops->list(carrier.self, NULL, &l), DFUKIT_OK);
    dfukit_listing_free(&l);
    device.changes_product = true;
    toy_attach(&device);
    assert_int_equal(carrier.ops->list(carrier.self, NULL, &l), DFUKIT_OK);
    assert_int_equal(l.entries[0].devnum, 2);
    assert_int_equal(l.entries[0].device.idProduct, 0x0102);
    dfukit_listing_free(&l);
    stop();
}

/* What disturbs nobody: devices of other classes, of other paths. */
static void test_left_alone(void **state)
{
    dfukit_listing l;

    (void)state;
    server.interface_class = 3;
    start();
    assert_int_equal(carrier.ops->list(carrier.self, NULL, &l), DFUKIT_OK);
    assert_int_equal(l.count, 1);
    assert_int_equal(l.entries[0].access, DFUKIT_OK);
    assert_int_equal(l.entries[0].device.idVendor, 0x1209);
    assert_null(l.entries[0].configuration);
    dfukit_listing_free(&l);
    assert_int_equal(server.connections, 1);
    server.interface_class = 0xFE;
    assert_int_equal(carrier.ops->list(carrier.self, "1-2", &l), DFUKIT_OK);
    assert_int_equal(l.count, 1);
    assert_null(l.entries[0].configuration);
    dfukit_listing_free(&l);
    assert_int_equal(server.connections, 2);
    assert_int_equal(carrier.ops->list(carrier.self, "1-1", &l), DFUKIT_OK);
    assert_non_null(l.entries[0].configuration);
    dfukit_listing_free(&l);
    stop();
}

static void test_only_one_busid(void **state)
{
    dfukit_usbip_options o = {.busid = "7-7"};
    dfukit_carrier c;
    dfukit_listing l;

    (void)state;
    start();
    o.port = server.port;
    assert_int_equal(dfukit_usbip_open(&c, &o), DFUKIT_OK);
    assert_int_equal(c.ops->list(c.self, NULL, &l), DFUKIT_OK);
    assert_int_equal(l.count, 0);
    dfukit_listing_free(&l);
    dfukit_carrier_close(&c);
    stop();
}

/* clang-format off */
static const struct {
    const char *name;
    uint32_t status;
    int error;
} refusals[] = {
    { "not available",      1, DFUKIT_ERR_BUSY },
    { "used by another",    2, DFUKIT_ERR_BUSY },
    { "in error",           3, DFUKIT_ERR_BUSY },
    { "no such device",     4, DFUKIT_ERR_GONE },
    { "a number too large", 0xFFFFFFFF, DFUKIT_ERR_BUSY },
};
/* clang-format on */

static void test_refused_import(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        dfukit_listing l;
        dfukit_handle *h = NULL;
        int error;

        (void)setup(NULL);
        server.import_status = refusals[i].status;
        start();
        assert_int_equal(carrier.ops->list(carrier.self, NULL, &l), DFUKIT_OK);
        if (l.count != 1 || (int)l.entries[0].access != refusals[i].error ||
            l.entries[0].device.idProduct != 0x0100 || l.entries[0].configuration != NULL)
            fail_msg("%s: not listed as it should be", refusals[i].name);
        dfukit_listing_free(&l);
        error = carrier.ops->open(carrier.self, "1-1", 1, &h);
        if (error != refusals[i].error || h != NULL || complaint()[0] == '\0')
            fail_msg("%s: open %d, \"%s\"", refusals[i].name, error, complaint());
        stop();
    }
}

/* Opened in vain while another program had it; then it has another number: still the other one's.
 */
static void test_busy_then_attached_anew(void **state)
{
    dfukit_handle *h = NULL;
    dfukit_listing l;

    (void)state;
    start();
    server.import_status = 2;
    assert_int_equal(carrier.ops->open(carrier.self, "1-1", 1, &h), DFUKIT_ERR_BUSY);
    server.import_status = 0;
    toy_attach(&device);
    assert_int_equal(carrier.ops->open(carrier.self, "1-1", 1, &h), DFUKIT_ERR_BUSY);
    assert_non_null(strstr(complaint(), "attached anew"));
    assert_int_equal(server.connections, 2);
    assert_int_equal(carrier.ops->open(carrier.self, "1-1", 1, &h), DFUKIT_ERR_BUSY);
    assert_int_equal(server.connections, 2); /* not disturbed again */
    assert_null(h);
    assert_int_equal(carrier.ops->list(carrier.self, NULL, &l), DFUKIT_OK);
    assert_int_equal(l.entries[0].devnum, 2);
    dfukit_listing_free(&l);
    assert_int_equal(carrier.ops->open(carrier.self, "1-1", 2, &h), DFUKIT_OK);
    carrier.ops->close(carrier.self, h);
    assert_int_equal(carrier.ops->open(carrier.self, "1-1", 3, &h), DFUKIT_ERR_GONE);
    stop();
}

static void test_nobody_listens(void **state)
{
    dfukit_usbip_options o = {.host = "127.0.0.1"};
    char text[80];
    dfukit_listing l;
    dfukit_handle *h;

    (void)state;
    start();
    stop();
    o.port = server.port;
    assert_int_equal(dfukit_usbip_open(&carrier, &o), DFUKIT_OK);
    assert_int_equal(carrier.ops->list(carrier.self, NULL, &l), DFUKIT_ERR_CONNECT);
    (void)snprintf(text, sizeof(text), "cannot connect to 127.0.0.1:%u: Connection refused",
                   (unsigned)o.port);
    assert_string_equal(complaint(), text);
    assert_int_equal(carrier.ops->open(carrier.self, "1-1", 1, &h), DFUKIT_ERR_CONNECT);
    assert_string_equal(complaint(), text);
    dfukit_carrier_close(&carrier);

    o.host = "no.such.host.invalid";
    assert_int_equal(dfukit_usbip_open(&carrier, &o), DFUKIT_OK);
    assert_int_equal(carrier.ops->list(carrier.self, NULL, &l), DFUKIT_ERR_CONNECT);
    assert_non_null(strstr(complaint(), "cannot find no.such.host.invalid"));
    dfukit_carrier_close(&carrier);
}

/* A server that is only just starting; once it has been there, nobody waits for it again. */
static void test_listens_late(void **state)
{
    dfukit_listing l;
    uint64_t before;

    (void)state;
    server.start_ms = 300;
    start();
    before = milliseconds();
    assert_int_equal(carrier.ops->list(carrier.self, NULL, &l), DFUKIT_OK);
    assert_int_equal(l.count, 1);
    assert_in_range(milliseconds() - before, 200, 1500);
    dfukit_listing_free(&l);
    peer_stop(&server);
    before = milliseconds();
    assert_int_equal(carrier.ops->list(carrier.self, NULL, &l), DFUKIT_ERR_CONNECT);
    assert_true(milliseconds() - before < 300);
    dfukit_carrier_close(&carrier);

    /* Too late. */
    (void)setup(NULL);
    server.start_ms = 5000;
    start();
    before = milliseconds();
    assert_int_equal(carrier.ops->list(carrier.self, NULL, &l), DFUKIT_ERR_CONNECT);
    assert_in_range(milliseconds() - before, 650, 1500);
    stop();
}

/* ---- Broken and hostile servers ---- */

/* A list that came to nothing says so; one that came to something has an entry that says so. */
static void list_from_cut_server(const char *what, size_t connection, size_t at)
{
    dfukit_listing l;
    uint64_t before = milliseconds();
    int error = carrier.ops->list(carrier.self, NULL, &l);

    if (milliseconds() - before > 3500)
        fail_msg("%s %zu after %zu bytes: took %u ms", what, connection, at,
                 (unsigned)(milliseconds() - before));
    if (connection == 0 ? error != DFUKIT_ERR_CONNECT || complaint()[0] == '\0'
                        : error != DFUKIT_OK || l.count != 1 || l.entries[0].access == DFUKIT_OK ||
                              l.entries[0].configuration != NULL)
        fail_msg("%s %zu after %zu bytes: error %d", what, connection, at, error);
    dfukit_listing_free(&l);
}

static void test_cut_at_every_byte(void **state)
{
    static const size_t bytes[2] = {LIST_BYTES, IMPORT_BYTES};

    (void)state;
    for (size_t connection = 0; connection < 2; connection++) {
        for (size_t at = 0; at < bytes[connection]; at++) {
            (void)setup(NULL);
            server.cuts = true;
            server.cut_connection = connection;
            server.cut_at = at;
            start();
            list_from_cut_server("connection closed", connection, at);
            stop();
        }
    }
    /* The count is right: uncut, it is a list. */
    (void)setup(NULL);
    server.cuts = true;
    server.cut_connection = 1;
    server.cut_at = IMPORT_BYTES;
    start();
    {
        dfukit_listing l;

        assert_int_equal(carrier.ops->list(carrier.self, NULL, &l), DFUKIT_OK);
        assert_int_equal(l.entries[0].access, DFUKIT_OK);
        dfukit_listing_free(&l);
    }
    stop();
}

static void test_silence(void **state)
{
    static const struct {
        size_t connection, at;
    } places[] = {{0, 0}, {0, 200}, {1, 4}, {1, 100}, {1, 8 + 312 + 20}, {1, 8 + 312 + 50}};

    (void)state;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        (void)setup(NULL);
        server.cuts = server.cut_stalls = true;
        server.cut_connection = places[i].connection;
        server.cut_at = places[i].at;
        start();
        list_from_cut_server("silence", places[i].connection, places[i].at);
        stop();
    }
}

static void test_slow_drip(void **state)
{
    (void)state;
    server.drip_ms = 20;
    start();
    list_from_cut_server("slow drip", 0, 0);
    stop();
}

/* clang-format off */
static const struct {
    const char *name;
    uint16_t version;
    uint32_t claimed;
    const char *complaint;
} lies[] = {
    { "another version",     0x0106, 1,          "does not speak USB/IP 1.1.1" },
    { "2^32-1 devices",      0x0111, 0xFFFFFFFF, "malformed list" },
    { "4097 devices",        0x0111, 4097,       "malformed list" },
    { "more than come",      0x0111, 2,          "malformed list" },
};
/* clang-format on */

static void test_lies(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        dfukit_listing l;
        uint64_t before = milliseconds();

        (void)setup(NULL);
        server.version = lies[i].version;
        server.claims = true;
        server.claimed = lies[i].claimed;
        start();
        if (carrier.ops->list(carrier.self, NULL, &l) != DFUKIT_ERR_CONNECT ||
            strstr(complaint(), lies[i].complaint) == NULL || milliseconds() - before > 3000)
            fail_msg("%s: \"%s\"", lies[i].name, complaint());
        stop();
    }
}

static void test_unprintable_busid(void **state)
{
    dfukit_listing l;

    (void)state;
    server.busid = "1-1\x1b[2J";
    start();
    assert_int_equal(carrier.ops->list(carrier.self, NULL, &l), DFUKIT_OK);
    assert_int_equal(l.count, 0);
    dfukit_listing_free(&l);
    stop();
}

/* Whatever descriptors it shows, listing ends, and says what is wrong with them. */
static void test_broken_descriptors(void **state)
{
    dfukit_listing l;

    (void)state;
    device.configuration[2] = device.configuration[3] = 0;
    start();
    assert_int_equal(carrier.ops->list(carrier.self, NULL, &l), DFUKIT_OK);
    assert_int_equal(l.entries[0].access, DFUKIT_ERR_FORMAT);
    dfukit_listing_free(&l);
    stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_list_and_open, setup),
        cmocka_unit_test_setup(test_attached_anew, setup),
        cmocka_unit_test_setup(test_left_alone, setup),
        cmocka_unit_test_setup(test_only_one_busid, setup),
        cmocka_unit_test_setup(test_refused_import, setup),
        cmocka_unit_test_setup(test_busy_then_attached_anew, setup),
        cmocka_unit_test_setup(test_nobody_listens, setup),
        cmocka_unit_test_setup(test_listens_late, setup),
        cmocka_unit_test_setup(test_cut_at_every_byte, setup),
        cmocka_unit_test_setup(test_silence, setup),
        cmocka_unit_test_setup(test_slow_drip, setup),
        cmocka_unit_test_setup(test_lies, setup),
        cmocka_unit_test_setup(test_unprintable_busid, setup),
        cmocka_unit_test_setup(test_broken_descriptors, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
