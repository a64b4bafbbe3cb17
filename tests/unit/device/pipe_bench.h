/* SPDX-License-Identifier: MIT */
/* A device with endpoint 0 in run-time or DFU mode, and a host that drives it packet by packet. */
#ifndef TESTS_UNIT_DEVICE_PIPE_BENCH_H
#define TESTS_UNIT_DEVICE_PIPE_BENCH_H

#include "mock_store.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { USUAL = DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD | DFUKIT_MANIFESTATION_TOLERANT };

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])
#define PACKET        16u

static const uint8_t device[18] = {18, 1,    0,    2, 0, 0, 0, PACKET, 0x83,
                                   4,  0x11, 0xDF, 0, 1, 1, 2, 0,      1};
/* 27 bytes; run-time: an application interface 0 and 1 beside the DFU interface 2 */
static const uint8_t dfu_configuration[27] = {9, 2,    27, 0,    1, 1,    0, 0x80, 50,
                                              9, 4,    0,  0,    0, 0xFE, 1, 2,    0,
                                              9, 0x21, 7,  0xE8, 3, 64,   0, 0x10, 1};
static const uint8_t app_configuration[32] = {
    9, 2, 32, 0, 3, 1,    0, 0xC0, 50, /* self-powered */
    9, 4, 0,  0, 0, 0xFF, 0, 0,    0,  7, 4, 1, 0, 0, 0xFF, 0, 7, 4, 2, 0, 0, 0xFE, 1};
static const uint8_t language[4] = {4, 3, 9, 4};
static const uint8_t text[PACKET] = {PACKET, 3, 'e', 0, 'x', 0, 'a', 0,
                                     'c',    0, 't', 0, 'l', 0, 'y', 0};
static const uint8_t bos[5 + 300] = {5, 15, 0x31, 0x01, 1}; /* wTotalLength 305 */

static const dfukit_descriptor dfu_list[] = {
    {0x0100, 18, device},  {0x0200, 27, dfu_configuration},
    {0x0300, 4, language}, {0x0302, 16, text},
    {0x0F00, 305, bos},
};
static const dfukit_descriptor app_list[] = {{0x0200, 32, app_configuration}, {0x0100, 18, device}};
static const dfukit_descriptor_set dfu_set = {dfu_list, NULL, LENGTH(dfu_list), 0},
                                   app_set = {app_list, NULL, LENGTH(app_list), 0};

typedef struct bench {
    mock m;
    dfukit_ep0 p;
} bench;

static inline void setup(bench *b, uint8_t type, uint8_t request, uint16_t value, uint16_t index,
                         uint16_t length)
{
    const dfukit_setup s = {type, request, value, index, length};
    uint8_t packet[8];

    dfukit_setup_encode(&s, packet);
    dfukit_ep0_setup(&b->p, packet);
}

/* A request without a data stage. @return false when it stalls. */
static inline bool command(bench *b, uint8_t type, uint8_t request, uint16_t value, uint16_t index)
{
    setup(b, type, request, value, index, 0);
    if (b->p.action == DFUKIT_EP0_STALL)
        return false;
    assert_int_equal(b->p.action, DFUKIT_EP0_SEND);
    assert_int_equal(b->p.n, 0);
    dfukit_ep0_sent(&b->p);
    assert_int_equal(b->p.action, DFUKIT_EP0_RECEIVE);
    assert_true(dfukit_ep0_idle(&b->p));
    return true;
}

/* An IN request, all of it. @return bytes, -1 for a stall. *packets counts those sent. */
static inline int fetch(bench *b, uint8_t type, uint8_t request, uint16_t value, uint16_t index,
                        uint16_t length, uint8_t *to, unsigned *packets)
{
    int got = 0;
    uint8_t last;

    *packets = 0;
    setup(b, type, request, value, index, length);
    if (b->p.action == DFUKIT_EP0_STALL)
        return -1;
    do {
        assert_int_equal(b->p.action, DFUKIT_EP0_SEND);
        assert_true(b->p.n <= PACKET);
        assert_true(got + b->p.n <= length);
        memcpy(to + got, b->p.data, b->p.n);
        got += last = b->p.n;
        ++*packets;
        assert_false(dfukit_ep0_idle(&b->p));
        dfukit_ep0_sent(&b->p);
    } while (last == PACKET && got < length);
    assert_int_equal(b->p.action, DFUKIT_EP0_RECEIVE);
    assert_false(dfukit_ep0_idle(&b->p));
    dfukit_ep0_received(&b->p, NULL, 0);
    assert_int_equal(b->p.action, DFUKIT_EP0_RECEIVE);
    assert_true(dfukit_ep0_idle(&b->p));
    return got;
}

static inline int get(bench *b, uint8_t type, uint8_t request, uint16_t value, uint16_t index)
{
    uint8_t bytes[64] = {0};
    unsigned packets;
    int n = fetch(b, type, request, value, index, sizeof bytes, bytes, &packets);

    return n < 0 ? -1 : n == 1 ? bytes[0] : n == 2 ? bytes[0] | bytes[1] << 8 : -2;
}

static inline void begin(bench *b, bool dfu_mode)
{
    mock_init(&b->m, USUAL, true);
    b->m.config.self_powered = !dfu_mode;
    dfukit_dfu_attach(&b->m.dfu, dfu_mode);
    memset(&b->p, 0xA5, sizeof b->p);
    dfukit_ep0_init(&b->p, dfu_mode ? &dfu_set : &app_set, &b->m.dfu);
    assert_int_equal(b->p.address, 0);
    assert_int_equal(b->p.action, DFUKIT_EP0_RECEIVE);
    assert_true(dfukit_ep0_idle(&b->p));
}

static inline void begin_configured(bench *b, bool dfu_mode)
{
    begin(b, dfu_mode);
    assert_true(command(b, 0, DFUKIT_USB_SET_ADDRESS, 5, 0));
    assert_true(command(b, 0, DFUKIT_USB_SET_CONFIGURATION, 1, 0));
}

#endif
