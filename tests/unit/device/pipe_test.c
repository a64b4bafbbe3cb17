/* SPDX-License-Identifier: MIT */
/* Endpoint 0: packets and stages, with hosts that keep the rules and hosts that do not. */
#include "pipe_bench.h"

#include <stdlib.h>

/* ---- IN data stages ---- */

/* wLength 0 to 65535: never more than the descriptor, never more than asked, and a packet that is
 * not full at the end unless the host has all it asked for. */
static void descriptors_of_every_length(void **state)
{
    static const struct {
        uint16_t value, own;
        const uint8_t *bytes;
    } rows[] = {
        {0x0100, 18, device},  {0x0200, 27, dfu_configuration},
        {0x0300, 4, language}, {0x0302, PACKET, text},
        {0x0F00, 305, bos},
    };
    static uint8_t to[65536 + 16];
    bench b;

    (void)state;
    begin(&b, true);
    for (size_t i = 0; i < LENGTH(rows); i++) {
        for (uint32_t length = 1; length <= 65535; length += length < 400 ? 1 : 137) {
            uint16_t n = rows[i].own < length ? rows[i].own : (uint16_t)length;
            unsigned packets, expected = (n + PACKET - 1) / PACKET;
            int got;

            memset(to, 0xEE, 512);
            got = fetch(&b, 0x80, 6, rows[i].value, 0, (uint16_t)length, to, &packets);
            if (n < length && n % PACKET == 0)
                expected++; /* the zero-length packet */
            if (got != n || packets != expected || memcmp(to, rows[i].bytes, n) != 0 ||
                to[n] != 0xEE)
                fail_msg("descriptor %04x, wLength %u: %d bytes in %u packets", rows[i].value,
                         length, got, packets);
        }
        setup(&b, 0x80, 6, rows[i].value, 0, 0); /* no data stage: our status stage at once */
        assert_int_equal(b.p.action, DFUKIT_EP0_SEND);
        assert_int_equal(b.p.n, 0);
        dfukit_ep0_sent(&b.p);
        assert_true(dfukit_ep0_idle(&b.p));
    }
    assert_int_equal(fetch(&b, 0x80, 6, 0x0301, 0, 64, to, &(unsigned){0}), -1);
    assert_int_equal(fetch(&b, 0x80, 6, 0x0101, 0, 64, to, &(unsigned){0}), -1);
    assert_int_equal(fetch(&b, 0x80, 6, 0x2100, 0, 64, to, &(unsigned){0}), -1);
    assert_int_equal(fetch(&b, 0x81, 6, 0x0100, 0, 64, to, &(unsigned){0}), -1);
}

/* The host may end an IN data stage early by its status stage; the class must not count it. */
static void an_in_stage_that_the_host_ends(void **state)
{
    bench b;
    uint8_t to[64];
    unsigned packets;

    (void)state;
    for (unsigned sent = 0; sent < 4; sent++) {
        begin_configured(&b, true);
        setup(&b, 0xA1, DFUKIT_UPLOAD, 0, 0, 64); /* four packets */
        for (unsigned i = 0; i < sent; i++)
            dfukit_ep0_sent(&b.p);
        dfukit_ep0_received(&b.p, NULL, 0);
        assert_int_equal(b.p.action, DFUKIT_EP0_RECEIVE);
        assert_true(dfukit_ep0_idle(&b.p));
        assert_int_equal(b.m.dfu.state, DFUKIT_DFU_IDLE);
        dfukit_ep0_sent(&b.p); /* nothing of it is left */
        assert_int_equal(b.m.dfu.state, DFUKIT_DFU_IDLE);
        assert_int_equal(fetch(&b, 0xA1, DFUKIT_UPLOAD, 0, 0, 64, to, &packets), 64);
        assert_int_equal(packets, 4);
        assert_int_equal(b.m.dfu.state, DFUKIT_UPLOAD_IDLE);
    }
}

static void uploads_in_packets(void **state)
{
    bench b;
    uint8_t to[64];
    unsigned packets;

    (void)state;
    for (int own = 0; own <= 64; own++) {
        for (uint16_t asked = 1; asked <= 64; asked++) {
            int n = own < asked ? own : asked;

            begin_configured(&b, true);
            b.m.read_most = own;
            assert_int_equal(fetch(&b, 0xA1, DFUKIT_UPLOAD, 0, 0, asked, to, &packets), n);
            assert_int_equal(packets, n / 16 + (n % 16 != 0 || n < asked));
            for (int i = 0; i < n; i++)
                assert_int_equal(to[i], 0x80 + i);
            assert_int_equal(b.m.dfu.state, own < asked ? DFUKIT_DFU_IDLE : DFUKIT_UPLOAD_IDLE);
        }
    }
}

static void a_status_stage_with_data_stalls(void **state)
{
    bench b;
    uint8_t byte = 0;

    (void)state;
    begin_configured(&b, true);
    setup(&b, 0xA1, DFUKIT_GETSTATUS, 0, 0, 6);
    dfukit_ep0_sent(&b.p);
    dfukit_ep0_received(&b.p, &byte, 1);
    assert_int_equal(b.p.action, DFUKIT_EP0_STALL);
    dfukit_ep0_received(&b.p, &byte, 1);
    assert_int_equal(b.p.action, DFUKIT_EP0_STALL);
    assert_int_equal(get(&b, 0x80, DFUKIT_USB_GET_CONFIGURATION, 0, 0), 1); /* SETUP ends a stall */
}

/* ---- OUT data stages ---- */

static void downloads_in_packets(void **state)
{
    (void)state;
    for (uint16_t n = 1; n <= 64; n++) {
        bench b;
        uint8_t bytes[64];

        begin_configured(&b, true);
        for (uint16_t i = 0; i < n; i++)
            bytes[i] = (uint8_t)(i * 3 + n);
        setup(&b, 0x21, DFUKIT_DNLOAD, 0, 0, n);
        for (uint16_t at = 0; at < n; at = (uint16_t)(at + PACKET)) {
            uint16_t left = (uint16_t)(n - at);

            assert_int_equal(b.p.action, DFUKIT_EP0_RECEIVE);
            assert_int_equal(b.m.dfu.state, DFUKIT_DFU_IDLE);
            assert_int_equal(b.m.writes, 0);
            dfukit_ep0_received(&b.p, bytes + at, (uint8_t)(left < PACKET ? left : PACKET));
        }
        assert_int_equal(b.m.dfu.state, DFUKIT_DNLOAD_SYNC);
        assert_int_equal(b.m.writes, 1);
        assert_int_equal(b.m.n, n);
        assert_memory_equal(b.m.bytes, bytes, n);
        assert_int_equal(b.p.action, DFUKIT_EP0_SEND);
        assert_int_equal(b.p.n, 0);
        dfukit_ep0_sent(&b.p);
        assert_true(dfukit_ep0_idle(&b.p));
        assert_int_equal(b.m.writes, 1);
        assert_int_equal(b.m.dfu.state, DFUKIT_DNLOAD_SYNC);
    }
}

/* Packets that are too long or too short for what SETUP announced: a stall, no state moves, and not
 * a byte beyond the block is written. */
static void wrong_packets(void **state)
{
    uint8_t packet[255];

    (void)state;
    memset(packet, 0x77, sizeof packet);
    for (uint16_t announced = 1; announced <= 64; announced++) {
        for (unsigned good = 0; good * PACKET < announced; good++) {
            for (unsigned n = 0; n <= 255; n += n < 70 ? 1 : 61) {
                unsigned left = announced - good * PACKET;
                bench b;

                if (n == (left < PACKET ? left : PACKET))
                    continue; /* right */
                begin_configured(&b, true);
                setup(&b, 0x21, DFUKIT_DNLOAD, 0, 0, announced);
                for (unsigned i = 0; i < good; i++)
                    dfukit_ep0_received(&b.p, packet, PACKET);
                dfukit_ep0_received(&b.p, packet, (uint8_t)n);
                if (b.p.action != DFUKIT_EP0_STALL || b.m.dfu.state != DFUKIT_DFU_IDLE ||
                    b.m.writes != 0)
                    fail_msg("%u announced, %u packets, then %u bytes: action %u, state %u",
                             announced, good, n, b.p.action, b.m.dfu.state);
                for (size_t i = good * PACKET; i < sizeof b.m.buffer; i++)
                    assert_int_equal(b.m.buffer[i], 0);
                dfukit_ep0_received(&b.p, packet, PACKET); /* and nothing after it */
                dfukit_ep0_sent(&b.p);
                assert_int_equal(b.m.writes, 0);
                for (size_t i = good * PACKET; i < sizeof b.m.buffer; i++)
                    assert_int_equal(b.m.buffer[i], 0);
                /* The next one is as good as new. */
                setup(&b, 0x21, DFUKIT_DNLOAD, 0, 0, 4);
                dfukit_ep0_received(&b.p, packet, 4);
                assert_int_equal(b.m.dfu.state, DFUKIT_DNLOAD_SYNC);
            }
        }
    }
}

/* Whatever comes between SETUP and the end of the data stage drops it whole. */
static void interrupted(void **state)
{
    uint8_t packet[PACKET] = {0};

    (void)state;
    for (unsigned good = 0; good < 4; good++) {
        for (unsigned how = 0; how < 6; how++) {
            bench b;

            begin_configured(&b, true);
            b.m.config.strict = false;
            setup(&b, 0x21, DFUKIT_DNLOAD, 0, 0, 64);
            for (unsigned i = 0; i < good; i++)
                dfukit_ep0_received(&b.p, packet, PACKET);
            if (how == 0)
                dfukit_ep0_bus_reset(&b.p);
            else if (how == 1)
                setup(&b, 0x80, DFUKIT_USB_GET_STATUS, 0, 0, 2);
            else if (how == 2)
                command(&b, 0x21, DFUKIT_ABORT, 0, 0);
            else if (how == 3)
                command(&b, 0x00, DFUKIT_USB_SET_CONFIGURATION, 0, 0);
            else if (how == 4)
                setup(&b, 0x40, 1, 2, 3, 0);
            else
                dfukit_dfu_attach(&b.m.dfu, true);
            for (unsigned i = 0; i < 6; i++)
                dfukit_ep0_received(&b.p, packet, PACKET);
            dfukit_ep0_sent(&b.p);
            if (b.m.writes != 0 || b.m.begins != 0)
                fail_msg("%u packets, case %u: a block was written", good, how);
        }
    }
}

static void back_to_back_setups(void **state)
{
    bench b;

    (void)state;
    begin_configured(&b, true);
    for (unsigned i = 0; i < 100; i++) {
        setup(&b, 0x21, DFUKIT_DNLOAD, 0, 0, 64);
        setup(&b, 0xA1, DFUKIT_GETSTATUS, 0, 0, 6);
        setup(&b, 0xA1, DFUKIT_UPLOAD, 0, 0, 64);
    }
    assert_int_equal(b.m.dfu.state, DFUKIT_DFU_IDLE);
    assert_int_equal(b.m.writes, 0);
    assert_int_equal(b.m.reads, 100); /* at SETUP */
}

static void packets_out_of_nowhere(void **state)
{
    bench b;
    uint8_t packet[64] = {0};

    (void)state;
    begin_configured(&b, true);
    dfukit_ep0_sent(&b.p);
    assert_true(dfukit_ep0_idle(&b.p));
    dfukit_ep0_received(&b.p, packet, 64);
    assert_int_equal(b.p.action, DFUKIT_EP0_STALL);
    setup(&b, 0x00, DFUKIT_USB_SET_CONFIGURATION, 1, 0, 0);
    dfukit_ep0_received(&b.p, packet, 8); /* instead of taking our status stage */
    assert_int_equal(b.p.action, DFUKIT_EP0_STALL);
    assert_int_equal(b.m.dfu.state, DFUKIT_DFU_IDLE);
}

/* ---- The class behind it ---- */

static void a_state_moves_when_its_data_stage_is_over(void **state)
{
    bench b;
    uint8_t packet[4] = {1, 2, 3, 4};

    (void)state;
    begin_configured(&b, true);
    setup(&b, 0x21, DFUKIT_DNLOAD, 0, 0, 4);
    dfukit_ep0_received(&b.p, packet, 4); /* without the status stage */
    assert_int_equal(b.m.dfu.state, DFUKIT_DNLOAD_SYNC);
    setup(&b, 0xA1, DFUKIT_GETSTATUS, 0, 0, 6);
    assert_int_equal(b.m.dfu.state, DFUKIT_DNLOAD_SYNC);
    dfukit_ep0_sent(&b.p); /* again */
    assert_int_equal(b.m.dfu.state, DFUKIT_DNLOAD_IDLE);
    setup(&b, 0x21, DFUKIT_DNLOAD, 1, 0, 0); /* no data stage: when the status stage is over */
    assert_int_equal(b.m.dfu.state, DFUKIT_DNLOAD_IDLE);
    dfukit_ep0_sent(&b.p);
    assert_int_equal(b.m.dfu.state, DFUKIT_MANIFEST_SYNC);
}

static void a_detach_is_answered_before_the_device_goes(void **state)
{
    bench b;

    (void)state;
    begin_configured(&b, false);
    b.m.config.functional.bmAttributes = USUAL | DFUKIT_WILL_DETACH;
    setup(&b, 0x21, DFUKIT_DETACH, 1000, MOCK_RUNTIME_INTERFACE, 0);
    assert_int_equal(dfukit_dfu_wish(&b.m.dfu), DFUKIT_WISH_NONE);
    dfukit_ep0_sent(&b.p);
    assert_int_equal(dfukit_dfu_wish(&b.m.dfu), DFUKIT_WISH_REATTACH_DFU);
}

static void a_stall_of_the_class(void **state)
{
    bench b;

    (void)state;
    begin_configured(&b, true);
    setup(&b, 0x21, DFUKIT_DNLOAD, 0, 0, 65);
    assert_int_equal(b.p.action, DFUKIT_EP0_STALL);
    assert_int_equal(b.m.dfu.state, DFUKIT_DFU_ERROR);
    assert_true(command(&b, 0x21, DFUKIT_CLRSTATUS, 0, 0));
    assert_int_equal(b.m.dfu.state, DFUKIT_DFU_IDLE);
    assert_false(command(&b, 0x21, DFUKIT_CLRSTATUS, 0, 1)); /* another interface */
    assert_int_equal(b.m.dfu.state, DFUKIT_DFU_IDLE);
}

/* A hostile host: anything at all, in any order. What must hold is checked by the sanitizers, by
 * the guards round the block, and here. */
static void noise(void **state)
{
    uint32_t seed = 12345;
    bench *b = malloc(sizeof *b);

    (void)state;
    begin_configured(b, true);
    for (unsigned round = 0; round < 400000; round++) {
        uint8_t bytes[64];
        uint32_t r = seed = seed * 1664525u + 1013904223u;

        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)(r >> (i % 4 * 8 + 3));
        r >>= 8;
        if (r % 8 < 4) {
            bytes[0] = (r & 64) != 0    ? 0x21
                       : (r & 128) != 0 ? 0xA1
                       : (r & 32) != 0  ? 0x80
                                        : bytes[0];
            bytes[1] %= 12;
            bytes[5] = 0;
            bytes[4] &= (r & 256) != 0 ? 3 : 0;
            bytes[7] = (r & 512) != 0 ? bytes[7] : 0;
            dfukit_ep0_setup(&b->p, bytes);
        } else if (r % 8 < 6) {
            dfukit_ep0_received(&b->p, bytes,
                                (r & 64) != 0 ? (uint8_t)PACKET : (uint8_t)(r >> 8 & 63));
        } else if (r % 8 == 6) {
            dfukit_ep0_sent(&b->p);
        } else {
            dfukit_dfu_poll(&b->m.dfu, round / 4);
            b->m.takes_us = r & 0xFFFu;
            b->m.left_us = 0;
            if (r % 4096 == 7)
                dfukit_ep0_bus_reset(&b->p);
            if (b->m.dfu.state < 2 || dfukit_dfu_wish(&b->m.dfu) != DFUKIT_WISH_NONE)
                begin_configured(b, true);
        }
        assert_true(b->m.dfu.state < DFUKIT_STATE_COUNT);
        assert_true(b->p.action <= DFUKIT_EP0_RECEIVE);
        assert_true(b->p.action != DFUKIT_EP0_SEND || b->p.n <= PACKET);
        assert_true((b->m.dfu.status == DFUKIT_STATUS_OK) == (b->m.dfu.state != DFUKIT_DFU_ERROR));
        if (b->p.action == DFUKIT_EP0_SEND && b->p.n != 0)
            memcpy(bytes, b->p.data, b->p.n); /* must be readable */
    }
    free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(descriptors_of_every_length),
        cmocka_unit_test(an_in_stage_that_the_host_ends),
        cmocka_unit_test(uploads_in_packets),
        cmocka_unit_test(a_status_stage_with_data_stalls),
        cmocka_unit_test(downloads_in_packets),
        cmocka_unit_test(wrong_packets),
        cmocka_unit_test(interrupted),
        cmocka_unit_test(back_to_back_setups),
        cmocka_unit_test(packets_out_of_nowhere),
        cmocka_unit_test(a_state_moves_when_its_data_stage_is_over),
        cmocka_unit_test(a_detach_is_answered_before_the_device_goes),
        cmocka_unit_test(a_stall_of_the_class),
        cmocka_unit_test(noise),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
