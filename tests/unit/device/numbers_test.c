/* SPDX-License-Identifier: MIT */
/* The standard requests that are answered with a number: all of its bytes, and no more, for every
 * wLength that a host may ask with (USB 2.0 §9.4.2, §9.4.4, §9.4.5). */
#include "pipe_bench.h"

typedef struct question {
    const char *what;
    uint8_t type, request;
    uint16_t index;
    uint8_t n; /* bytes of the answer */
    uint8_t bytes[2];
} question;

static void numbers(void **state)
{
    static const question questions[] = {
        {"GET_STATUS, device", 0x80, DFUKIT_USB_GET_STATUS, 0, 2, {0, 0}},
        {"GET_STATUS, interface", 0x81, DFUKIT_USB_GET_STATUS, 0, 2, {0, 0}},
        {"GET_STATUS, endpoint 0", 0x82, DFUKIT_USB_GET_STATUS, 0, 2, {0, 0}},
        {"GET_STATUS, endpoint 0, in", 0x82, DFUKIT_USB_GET_STATUS, 0x80, 2, {0, 0}},
        {"GET_CONFIGURATION", 0x80, DFUKIT_USB_GET_CONFIGURATION, 0, 1, {1, 0}},
        {"GET_INTERFACE", 0x81, DFUKIT_USB_GET_INTERFACE, 0, 1, {2, 0}},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(questions); i++) {
        for (uint16_t wLength = 1; wLength < 2 * PACKET; wLength++) {
            const question *q = &questions[i];
            uint8_t bytes[2 * PACKET] = {0};
            int expected = wLength < q->n ? wLength : q->n;
            unsigned packets;
            bench b;
            int n;

            begin_configured(&b, true);
            assert_true(command(&b, 0x01, DFUKIT_USB_SET_INTERFACE, 2, 0));
            n = fetch(&b, q->type, q->request, 0, q->index, wLength, bytes, &packets);
            if (n != expected || memcmp(bytes, q->bytes, (size_t)expected) != 0 || packets != 1)
                fail_msg("%s, wLength %u: %d bytes in %u packets, %02x %02x", q->what, wLength, n,
                         packets, bytes[0], bytes[1]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
