/* SPDX-License-Identifier: MIT */
/* A chip's number as a string descriptor (USB 2.0 §9.6.7): its digits, and the room it keeps to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dfukit/describe.h"

#define CANARY 0xC9

static void digits(void **state)
{
    static const uint8_t id[] = {0x00, 0x09, 0x0A, 0x9F, 0xA0, 0xF9, 0xFF};
    static const char wanted[] = "00090A9FA0F9FF";
    uint8_t bytes[DFUKIT_SERIAL_SIZE(sizeof id)];
    char text[64];

    (void)state;
    assert_int_equal(sizeof bytes, 30);
    assert_int_equal(dfukit_serial_encode(id, sizeof id, bytes, sizeof bytes), 30);
    assert_int_equal(bytes[0], 30);
    assert_int_equal(bytes[1], DFUKIT_DESC_STRING);
    assert_int_equal(dfukit_string_decode(bytes, sizeof bytes, text, sizeof text), 14);
    assert_string_equal(text, wanted);
}

static void every_length_in_every_room(void **state)
{
    uint8_t id[300], bytes[300];

    (void)state;
    for (size_t i = 0; i < sizeof id; i++)
        id[i] = (uint8_t)(i * 37);
    for (size_t n = 0; n <= 70; n++) {
        for (size_t room = 0; room <= 270; room++) {
            size_t whole = room < 2 ? 0 : (room - 2) / 4;
            size_t fits = n < whole ? n : whole, wanted, got;

            if (fits > 63)
                fits = 63;
            wanted = room < 2 ? 0 : 2 + 4 * fits;
            memset(bytes, CANARY, sizeof bytes);
            got = dfukit_serial_encode(id, n, bytes, room);
            if (got != wanted || (got != 0 && (bytes[0] != got || bytes[1] != 3)))
                fail_msg("%zu bytes, room %zu: %zu, not %zu", n, room, got, wanted);
            for (size_t i = got; i < sizeof bytes; i++)
                if (bytes[i] != CANARY)
                    fail_msg("%zu bytes, room %zu: byte %zu was written", n, room, i);
            for (size_t i = 2; i < got; i++) {
                unsigned nibble = ((unsigned)id[(i - 2) / 4] >> (i % 4 == 2 ? 4 : 0)) & 0x0Fu;

                if (bytes[i] != (i % 2 != 0 ? 0 : (uint8_t) "0123456789ABCDEF"[nibble]))
                    fail_msg("%zu bytes, room %zu: byte %zu is 0x%02X", n, room, i, bytes[i]);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digits),
        cmocka_unit_test(every_length_in_every_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
