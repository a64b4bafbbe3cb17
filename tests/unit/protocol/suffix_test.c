/* SPDX-License-Identifier: MIT */
/* The DFU suffix and its CRC (DFU 1.1 Appendix B). */
#include "dfukit/protocol.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void crc_of_known_text(void **state)
{
    static const uint8_t digits[] = {'1', '2', '3', '4', '5', '6', '7', '8', '9'};
    uint32_t crc = DFUKIT_CRC_INIT;

    (void)state;
    /* The check value of CRC-32 is 0xCBF43926 after the final inversion, which DFU leaves out. */
    assert_int_equal(dfukit_crc32(DFUKIT_CRC_INIT, digits, 9), ~0xCBF43926u);
    assert_int_equal(dfukit_crc32(DFUKIT_CRC_INIT, digits, 0), DFUKIT_CRC_INIT);
    for (size_t i = 0; i < 9; i++)
        crc = dfukit_crc32(crc, digits + i, 1);
    assert_int_equal(crc, ~0xCBF43926u);
}

/* Bit by bit, as the polynomial says. */
static uint32_t slow_crc(uint32_t crc, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ ((crc & 1u) != 0 ? 0xEDB88320u : 0);
    }
    return crc;
}

static void crc_is_the_polynomials(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 256; i++) {
        uint8_t bytes[2] = {(uint8_t)i, (uint8_t)(i * 7u)};

        assert_int_equal(dfukit_crc32(0x12345678u, bytes, 2), slow_crc(0x12345678u, bytes, 2));
    }
}

static const dfukit_suffix sample = {
    .bcdDevice = 0x0102, .idProduct = 0xDF11, .idVendor = 0x0483, .bcdDFU = 0x0110};

/* A file of `payload` bytes and a suffix; the caller frees it. */
static uint8_t *file_of(size_t payload)
{
    uint8_t *file = malloc(payload + 16);

    assert_non_null(file);
    for (size_t i = 0; i < payload; i++)
        file[i] = (uint8_t)(i * 31u);
    dfukit_suffix_encode(&sample, dfukit_crc32(DFUKIT_CRC_INIT, file, payload), file + payload);
    return file;
}

static void layout(void **state)
{
    static const uint8_t fields[12] = {0x02, 0x01, 0x11, 0xDF, 0x83, 0x04,
                                       0x10, 0x01, 'U',  'F',  'D',  16};
    uint8_t *file = file_of(5);
    uint32_t crc = slow_crc(DFUKIT_CRC_INIT, file, 17);

    (void)state;
    assert_memory_equal(file + 5, fields, sizeof fields);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(file[17 + i], (uint8_t)(crc >> (8 * i)));
    free(file);
}

static void decode(void **state)
{
    (void)state;
    for (size_t payload = 0; payload < 40; payload++) {
        uint8_t *file = file_of(payload);
        dfukit_suffix s;

        assert_int_equal(dfukit_suffix_decode(file, payload + 16, &s), 16);
        assert_int_equal(s.bcdDevice, sample.bcdDevice);
        assert_int_equal(s.idProduct, sample.idProduct);
        assert_int_equal(s.idVendor, sample.idVendor);
        assert_int_equal(s.bcdDFU, sample.bcdDFU);
        assert_int_equal(s.bLength, 16);
        assert_int_equal(s.dwCRC, slow_crc(DFUKIT_CRC_INIT, file, payload + 12));
        free(file);
    }
}

static void too_short_or_without_signature(void **state)
{
    uint8_t *file = file_of(8);
    dfukit_suffix s;

    (void)state;
    for (size_t n = 0; n < 16; n++)
        assert_int_equal(dfukit_suffix_decode(file + 24 - n, n, &s), DFUKIT_ERR_FORMAT);
    for (size_t at = 16; at < 19; at++) {
        file[at] ^= 0x20u;
        assert_int_equal(dfukit_suffix_decode(file, 24, &s), DFUKIT_ERR_FORMAT);
        file[at] ^= 0x20u;
    }
    assert_int_equal(dfukit_suffix_decode(file, 24, &s), 16);
    free(file);
}

/* Any other bit that flips is damage, and the fields are told nevertheless. */
static void every_flipped_bit(void **state)
{
    uint8_t *file = file_of(10);
    dfukit_suffix s;

    (void)state;
    for (unsigned bit = 0; bit < 26 * 8; bit++) {
        size_t at = bit / 8;

        if (at >= 18 && at < 21)
            continue;
        memset(&s, 0xEE, sizeof s);
        file[at] ^= (uint8_t)(1u << bit % 8);
        if (dfukit_suffix_decode(file, 26, &s) != DFUKIT_ERR_DAMAGED)
            fail_msg("bit %u", bit);
        if (at < 10)
            assert_int_equal(s.idVendor, sample.idVendor);
        file[at] ^= (uint8_t)(1u << bit % 8);
    }
    free(file);
}

/* A suffix may be longer than 16 bytes; its own bLength tells (Appendix B). */
static void other_lengths(void **state)
{
    static const struct {
        uint8_t bLength;
        int result;
    } rows[] = {
        {16, 16},
        {17, 17},
        {24, 24},
        {25, DFUKIT_ERR_DAMAGED},
        {255, DFUKIT_ERR_DAMAGED},
        {15, DFUKIT_ERR_DAMAGED},
        {0, DFUKIT_ERR_DAMAGED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t *file = file_of(8);
        dfukit_suffix s;
        uint32_t crc;
        int result;

        file[19] = rows[i].bLength;
        crc = slow_crc(DFUKIT_CRC_INIT, file, 20);
        for (unsigned k = 0; k < 4; k++)
            file[20 + k] = (uint8_t)(crc >> (8 * k));
        result = dfukit_suffix_decode(file, 24, &s);
        if (result != rows[i].result)
            fail_msg("bLength %u: %d", rows[i].bLength, result);
        free(file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crc_of_known_text),
        cmocka_unit_test(crc_is_the_polynomials),
        cmocka_unit_test(layout),
        cmocka_unit_test(decode),
        cmocka_unit_test(too_short_or_without_signature),
        cmocka_unit_test(every_flipped_bit),
        cmocka_unit_test(other_lengths),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
