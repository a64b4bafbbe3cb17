/* SPDX-License-Identifier: MIT */
/* String descriptors and text from devices. */
#include "dfukit/protocol.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void encode(void **state)
{
    static const struct {
        const char *text;
        size_t room;
        size_t n;
        const char *bytes;
    } rows[] = {
        {"", 255, 2, "\x02\x03"},
        {"Ab", 255, 6,
         "\x06\x03"
         "A\0b\0"},
        {"\xC3\xA9", 255, 4, "\x04\x03\xE9\x00"},                 /* U+00E9 */
        {"\xE2\x82\xAC", 255, 4, "\x04\x03\xAC\x20"},             /* U+20AC */
        {"\xF0\x9F\x98\x80", 255, 6, "\x06\x03\x3D\xD8\x00\xDE"}, /* U+1F600: a pair */
        {"a\xF0\x9F\x98\x80", 7, 4,
         "\x04\x03"
         "a\0"}, /* no half of a pair */
        {"abc", 7, 6,
         "\x06\x03"
         "a\0b\0"},
        {"abc", 2, 2, "\x02\x03"},
        {"abc", 1, 0, ""},
        {"abc", 0, 0, ""},
        {"\xFFz", 255, 6, "\x06\x03\xFD\xFFz\0"},         /* malformed: U+FFFD */
        {"\xC3", 255, 4, "\x04\x03\xFD\xFF"},             /* cut off by the end */
        {"\xC0\x80", 255, 6, "\x06\x03\xFD\xFF\xFD\xFF"}, /* over-long */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *text = strdup(rows[i].text);
        uint8_t *bytes = malloc(rows[i].room != 0 ? rows[i].room : 1);
        size_t n = dfukit_string_encode(text, bytes, rows[i].room);

        if (n != rows[i].n || memcmp(bytes, rows[i].bytes, n) != 0)
            fail_msg("row %zu: %zu bytes", i, n);
        free(bytes);
        free(text);
    }
}

static void encode_is_never_longer_than_a_length_byte(void **state)
{
    char text[400];
    uint8_t bytes[300];

    (void)state;
    memset(text, 'x', sizeof text);
    text[399] = '\0';
    assert_int_equal(dfukit_string_encode(text, bytes, 255), 254);
    assert_int_equal(bytes[0], 254);
    assert_int_equal(dfukit_string_encode(text, bytes, sizeof bytes), 254);
}

static const struct {
    const char *bytes;
    size_t n, room;
    int result;
    const char *text;
} decoded[] = {
    {"\x06\x03"
     "A\0b\0",
     6, 64, 2, "Ab"},
    {"\x02\x03", 2, 64, 0, ""},
    {"\x04\x03\xE9\x00", 4, 64, 2, "\xC3\xA9"},
    {"\x04\x03\xAC\x20", 4, 64, 3, "\xE2\x82\xAC"},
    {"\x06\x03\x3D\xD8\x00\xDE", 6, 64, 4, "\xF0\x9F\x98\x80"},
    {"\x04\x03\x3D\xD8", 4, 64, 3, "\xEF\xBF\xBD"}, /* high, then the end */
    {"\x06\x03\x3D\xD8"
     "a\0",
     6, 64, 4,
     "\xEF\xBF\xBD"
     "a"},                                          /* high, then no low */
    {"\x04\x03\x00\xDE", 4, 64, 3, "\xEF\xBF\xBD"}, /* low alone */
    {"\x05\x03"
     "A\0b",
     5, 64, 1, "A"}, /* odd last byte */
    {"\x06\x03"
     "A\0b",
     5, 64, 1, "A"}, /* cut by the bus */
    {"\xFF\x03"
     "A\0",
     4, 64, 1, "A"}, /* bLength too large */
    {"\x04\x03"
     "A\0b\0",
     6, 64, 1, "A"}, /* bytes after bLength */
    {"\x08\x03"
     "A\0\0\0b\0",
     8, 64, 1, "A"},                      /* padded with NULs */
    {"\x04\x03\x1B\0", 4, 64, 1, "\x1B"}, /* controls are kept */
    {"\x06\x03"
     "A\0b\0",
     6, 2, 1, "A"}, /* little room */
    {"\x06\x03"
     "A\0\xE9\0",
     6, 3, 1, "A"}, /* no half a character */
    {"\x06\x03"
     "A\0b\0",
     6, 1, 0, ""},
    {"\x06", 1, 64, DFUKIT_ERR_SHORT, ""},
    {"", 0, 64, DFUKIT_ERR_SHORT, ""},
    {"\x06\x02"
     "A\0b\0",
     6, 64, DFUKIT_ERR_FORMAT, ""},
    {"\x01\x03"
     "A\0b\0",
     6, 64, DFUKIT_ERR_FORMAT, ""},
    {"\x00\x03"
     "A\0b\0",
     6, 64, DFUKIT_ERR_FORMAT, ""},
};

static void decode(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof decoded / sizeof decoded[0]; i++) {
        uint8_t *bytes = malloc(decoded[i].n != 0 ? decoded[i].n : 1);
        char *text = malloc(decoded[i].room);
        int result;

        memcpy(bytes, decoded[i].bytes, decoded[i].n);
        result = dfukit_string_decode(bytes, decoded[i].n, text, decoded[i].room);
        if (result != decoded[i].result || strcmp(text, decoded[i].text) != 0)
            fail_msg("row %zu: %d \"%s\"", i, result, text);
        free(text);
        free(bytes);
    }
    assert_int_equal(dfukit_string_decode((const uint8_t *)"\x02\x03", 2, NULL, 0),
                     DFUKIT_ERR_SHORT);
}

/* A GD32VF103's serial number as it was recorded, and what else may come in its place. */
static void decode_bytes(void **state)
{
    static const struct {
        const char *name, *text;
        size_t n;
        uint8_t bytes[12];
        int result;
    } rows[] = {
        {"bytes", "3CBJ", 6, {6, 3, '3', 'C', 'B', 'J'}, 4},
        {"an odd number of bytes", "3CB", 5, {5, 3, '3', 'C', 'B'}, 3},
        {"shorter than bLength", "3C", 4, {6, 3, '3', 'C'}, 2},
        {"longer than bLength", "3CBJ", 8, {6, 3, '3', 'C', 'B', 'J', 'x', 'y'}, 4},
        {"UTF-16 after all", "3C", 6, {6, 3, '3', 0, 'C', 0}, 2},
        {"one character in UTF-16", "3", 4, {4, 3, '3', 0}, 1},
        {"a NUL ends it", "3C", 7, {7, 3, '3', 'C', 0, 'J', 'x'}, 2},
        {"nothing", "", 2, {2, 3}, 0},
        {"no string descriptor", "", 6, {6, 4, '3', 'C', 'B', 'J'}, DFUKIT_ERR_FORMAT},
        {"bLength 0", "", 6, {0, 3, '3', 'C', 'B', 'J'}, DFUKIT_ERR_FORMAT},
        {"one byte", "", 1, {6}, DFUKIT_ERR_SHORT},
    };
    char text[8];
    char small[3];
    uint8_t long_one[] = {6, 3, '3', 'C', 'B', 'J'};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t *bytes = malloc(rows[i].n); /* exact size: over-reads show under ASan */

        printf("row: %s\n", rows[i].name);
        memcpy(bytes, rows[i].bytes, rows[i].n);
        assert_int_equal(dfukit_string_decode_bytes(bytes, rows[i].n, text, sizeof text),
                         rows[i].result);
        assert_string_equal(text, rows[i].text);
        free(bytes);
    }
    assert_int_equal(dfukit_string_decode_bytes(long_one, 6, small, sizeof small), 2);
    assert_string_equal(small, "3C");
    assert_int_equal(dfukit_string_decode_bytes(long_one, 6, small, 0), DFUKIT_ERR_SHORT);
}

/* Every code point survives the way there and back. */
static void round_trip(void **state)
{
    static const uint32_t points[] = {1,      0x7F,   0x80,    0x7FF,   0x800,   0xD7FF,
                                      0xE000, 0xFFFF, 0x10000, 0x103FF, 0x10400, 0x10FFFF};

    (void)state;
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        uint32_t p = points[i];
        uint8_t bytes[8] = {0, 3};
        uint8_t again[8];
        char text[8];

        if (p < 0x10000) {
            bytes[0] = 4;
            bytes[2] = (uint8_t)p;
            bytes[3] = (uint8_t)(p >> 8);
        } else {
            uint32_t high = 0xD800 + ((p - 0x10000) >> 10), low = 0xDC00 + ((p - 0x10000) & 0x3FF);

            bytes[0] = 6;
            bytes[2] = (uint8_t)high;
            bytes[3] = (uint8_t)(high >> 8);
            bytes[4] = (uint8_t)low;
            bytes[5] = (uint8_t)(low >> 8);
        }
        assert_int_equal(dfukit_string_decode(bytes, bytes[0], text, sizeof text), p < 0x80    ? 1
                                                                                   : p < 0x800 ? 2
                                                                                   : p < 0x10000
                                                                                       ? 3
                                                                                       : 4);
        assert_int_equal(dfukit_string_encode(text, again, sizeof again), bytes[0]);
        assert_memory_equal(again, bytes, bytes[0]);
    }
}

static void sanitise(void **state)
{
    static const char *const rows[][2] = {
        {"plain text 123", "plain text 123"},
        {"", ""},
        {"caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80", "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80"},
        {"\x1B[31mred\x07", "?[31mred?"},
        {"a\tb\r\nc\x7F", "a?b??c?"},
        {"\xC2\x9B"
         "31m",
         "??31m"}, /* C1: CSI in one character */
        {"\xC2\x80\xC2\xA0", "??\xC2\xA0"},
        {"\xE2\x80\xAE"
         "abc",
         "???abc"}, /* U+202E right-to-left override */
        {"\xE2\x80\xAA\xE2\x80\xAF", "???\xE2\x80\xAF"},
        {"\xE2\x81\xA6x\xE2\x81\xA9", "???x???"}, /* isolates */
        {"\x9B\xFF", "??"},
        {"\xC0\xAF", "??"}, /* over-long */
        {"\xE0\x80\xAF", "???"},
        {"\xED\xA0\x80", "???"},      /* a surrogate */
        {"\xF4\x90\x80\x80", "????"}, /* above U+10FFFF */
        {"\xF8\x88\x80\x80\x80", "?????"},
        {"ab\xE2\x82", "ab??"}, /* cut off */
        {"\xE2\x28\xA1", "?(?"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *text = strdup(rows[i][0]);

        dfukit_text_sanitise(text);
        if (strcmp(text, rows[i][1]) != 0)
            fail_msg("row %zu: \"%s\"", i, text);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encode),     cmocka_unit_test(encode_is_never_longer_than_a_length_byte),
        cmocka_unit_test(decode),     cmocka_unit_test(decode_bytes),
        cmocka_unit_test(round_trip), cmocka_unit_test(sanitise),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
