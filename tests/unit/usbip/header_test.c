/* SPDX-License-Identifier: MIT */
/* Command and reply headers against bytes laid out by hand after usbip_protocol.rst. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dfukit/usbip.h"

/* clang-format off */
static const struct {
    const char *name;
    uint32_t words[12];
    dfukit_usbip_header header;
    bool decode_only; /* it has fields that control transfers do not use */
} rows[] = {
    { .name = "CMD_SUBMIT, interrupt IN, the document's capture",
      .words = { 1, 0x0D05, 0x0001000F, 1, 1, 0x200, 0x40, 0xFFFFFFFF, 0, 4, 0, 0 },
      .header = { .command = DFUKIT_CMD_SUBMIT, .seqnum = 0x0D05, .devid = 0x0001000F, .direction = 1, .ep = 1,
        .transfer_flags = 0x200, .length = 0x40 },
      .decode_only = true },
    { .name = "CMD_SUBMIT, GET_DESCRIPTOR(device, 18)",
      .words = { 1, 1, 0x00010002, 1, 0, 0x200, 18, 0, 0xFFFFFFFF, 0, 0x80060001, 0x00001200 },
      .header = { .command = DFUKIT_CMD_SUBMIT, .seqnum = 1, .devid = 0x00010002, .direction = 1,
        .transfer_flags = 0x200, .length = 18, .setup = { 0x80, 6, 0, 1, 0, 0, 18, 0 } } },
    { .name = "CMD_SUBMIT, DFU_DNLOAD of 65535 bytes",
      .words = { 1, 0xFFFFFFFF, 0x00010002, 0, 0, 0, 65535, 0, 0xFFFFFFFF, 0, 0x21010201, 0x0300FFFF },
      .header = { .command = DFUKIT_CMD_SUBMIT, .seqnum = 0xFFFFFFFF, .devid = 0x00010002, .length = 65535,
        .setup = { 0x21, 1, 2, 1, 3, 0, 0xFF, 0xFF } } },
    { .name = "RET_SUBMIT, the document's capture",
      .words = { 3, 0x0D05, 0, 0, 0, 0, 0x40, 0xFFFFFFFF, 0, 0, 0, 0 },
      .header = { .command = DFUKIT_RET_SUBMIT, .seqnum = 0x0D05, .length = 0x40 },
      .decode_only = true },
    { .name = "RET_SUBMIT, 6 bytes",
      .words = { 3, 2, 0, 0, 0, 0, 6, 0, 0xFFFFFFFF, 0, 0, 0 },
      .header = { .command = DFUKIT_RET_SUBMIT, .seqnum = 2, .length = 6 } },
    { .name = "RET_SUBMIT, stall",
      .words = { 3, 7, 0, 0, 0, 0xFFFFFFE0, 0, 0, 0xFFFFFFFF, 0, 0, 0 },
      .header = { .command = DFUKIT_RET_SUBMIT, .seqnum = 7, .status = -DFUKIT_USBIP_EPIPE } },
    { .name = "RET_SUBMIT, the most negative status",
      .words = { 3, 7, 0, 0, 0, 0x80000000, 0, 0, 0xFFFFFFFF, 0, 0, 0 },
      .header = { .command = DFUKIT_RET_SUBMIT, .seqnum = 7, .status = INT32_MIN } },
    { .name = "CMD_UNLINK",
      .words = { 2, 9, 0x00010002, 0, 0, 8, 0, 0, 0, 0, 0, 0 },
      .header = { .command = DFUKIT_CMD_UNLINK, .seqnum = 9, .devid = 0x00010002, .unlink_seqnum = 8 } },
    { .name = "RET_UNLINK, cancelled",
      .words = { 4, 9, 0, 0, 0, 0xFFFFFF98, 0, 0, 0, 0, 0, 0 },
      .header = { .command = DFUKIT_RET_UNLINK, .seqnum = 9, .status = -DFUKIT_USBIP_ECONNRESET } },
};
/* clang-format on */

static void lay_out(const uint32_t words[12], uint8_t bytes[48])
{
    for (size_t i = 0; i < 12; i++) {
        bytes[4 * i] = (uint8_t)(words[i] >> 24);
        bytes[4 * i + 1] = (uint8_t)(words[i] >> 16);
        bytes[4 * i + 2] = (uint8_t)(words[i] >> 8);
        bytes[4 * i + 3] = (uint8_t)words[i];
    }
}

static void check(const char *name, const char *what, long long got, long long wanted)
{
    if (got != wanted)
        fail_msg("%s: %s is %lld, not %lld", name, what, got, wanted);
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const dfukit_usbip_header *w = &rows[i].header;
        uint8_t bytes[48], encoded[48];
        dfukit_usbip_header got;

        lay_out(rows[i].words, bytes);
        memset(&got, 0xAA, sizeof(got));
        check(rows[i].name, "result", dfukit_usbip_header_decode(bytes, &got), DFUKIT_OK);
        check(rows[i].name, "command", got.command, w->command);
        check(rows[i].name, "seqnum", got.seqnum, w->seqnum);
        check(rows[i].name, "devid", got.devid, w->devid);
        check(rows[i].name, "direction", got.direction, w->direction);
        check(rows[i].name, "ep", got.ep, w->ep);
        check(rows[i].name, "transfer_flags", got.transfer_flags, w->transfer_flags);
        check(rows[i].name, "status", got.status, w->status);
        check(rows[i].name, "length", got.length, w->length);
        check(rows[i].name, "unlink_seqnum", got.unlink_seqnum, w->unlink_seqnum);
        check(rows[i].name, "setup", memcmp(got.setup, w->setup, 8), 0);

        if (rows[i].decode_only)
            continue;
        memset(encoded, 0xAA, sizeof(encoded));
        dfukit_usbip_header_encode(w, encoded);
        for (size_t at = 0; at < 48; at++) {
            if (encoded[at] != bytes[at])
                fail_msg("%s: byte %zu is %02x, not %02x", rows[i].name, at, encoded[at],
                         bytes[at]);
        }
    }
}

/* clang-format off */
static const struct {
    const char *name;
    uint32_t command, word6;
    int result;
} limits[] = {
    { "command 0",                 0, 0,          DFUKIT_ERR_FORMAT },
    { "command 5",                 5, 0,          DFUKIT_ERR_FORMAT },
    { "command 0xFFFFFFFF",        0xFFFFFFFF, 0, DFUKIT_ERR_FORMAT },
    { "command of other endian",   0x01000000, 0, DFUKIT_ERR_FORMAT },
    { "CMD_SUBMIT, 65535 bytes",   1, 65535,      DFUKIT_OK },
    { "CMD_SUBMIT, 65536 bytes",   1, 65536,      DFUKIT_ERR_FORMAT },
    { "CMD_SUBMIT, 4 GiB - 1",     1, 0xFFFFFFFF, DFUKIT_ERR_FORMAT },
    { "RET_SUBMIT, 65535 bytes",   3, 65535,      DFUKIT_OK },
    { "RET_SUBMIT, 65536 bytes",   3, 65536,      DFUKIT_ERR_FORMAT },
    { "RET_SUBMIT, 4 GiB - 1",     3, 0xFFFFFFFF, DFUKIT_ERR_FORMAT },
    { "CMD_UNLINK has no length",  2, 0xFFFFFFFF, DFUKIT_OK },
    { "RET_UNLINK has no length",  4, 0xFFFFFFFF, DFUKIT_OK },
};
/* clang-format on */

static void test_limits(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        const uint32_t words[12] = {[0] = limits[i].command, [6] = limits[i].word6};
        uint8_t bytes[48];
        dfukit_usbip_header got;

        lay_out(words, bytes);
        check(limits[i].name, "result", dfukit_usbip_header_decode(bytes, &got), limits[i].result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
