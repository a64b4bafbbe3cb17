/* SPDX-License-Identifier: MIT */
/* Known defects of USB and DFU stacks, as tests: requests and data stages. The numbers are those of
 * README.md, which says where each is looked for. */
#include "check.h"

static const unsigned products[] = {
    VICTIM_PACKET_8 | VICTIM_IN_DFU,
    VICTIM_PACKET_64 | VICTIM_IN_DFU | VICTIM_STRICT,
    VICTIM_PACKET_16 | VICTIM_IN_DFU | VICTIM_SLOT,
    VICTIM_PACKET_64 | VICTIM_IN_DFU | VICTIM_SLOT | VICTIM_STRICT | VICTIM_LOADER,
    VICTIM_PACKET_32 | VICTIM_SLOT | VICTIM_CORRUPT | VICTIM_DOUBLE,
};
static const unsigned abilities[] = {
    VICTIM_USUAL,
    DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD,
    DFUKIT_CAN_DNLOAD | DFUKIT_WILL_DETACH,
    VICTIM_USUAL | DFUKIT_WILL_DETACH,
};
static uint8_t pattern[256];

static void packet(victim *v, unsigned n)
{
    hostile_cases++;
    victim_out(v, pattern, (uint8_t)n);
}

static void setup(victim *v, uint8_t request, uint16_t value, uint16_t length)
{
    bool in = request == DFUKIT_UPLOAD || request == DFUKIT_GETSTATUS || request == DFUKIT_GETSTATE;

    hostile_cases++;
    victim_setup(v, in ? 0xA1 : 0x21, request, value,
                 dfukit_dfu_in_dfu_mode(v->dfu) ? 0 : VICTIM_INTERFACE, length);
}

/* From the first packet to running firmware, with the empty DNLOAD; on every product. */
static void t02_the_path_that_everybody_takes(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(products); i++) {
        for (size_t k = 0; k < LENGTH(abilities); k++) {
            victim *v = hostile_new(products[i], abilities[k]);

            v->what = "t02";
            for (unsigned round = 0; round < 3; round++)
                victim_upgrade(v);
            hostile_cases++;
            victim_free(v);
        }
    }
}

/* An OUT packet larger than what remains, or smaller than it must be, at every place. */
static void t03_packets_of_the_wrong_size(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(products); i++) {
        victim *v = hostile_new(products[i], VICTIM_USUAL);
        unsigned full = v->config->max_packet_size0;
        victim_snapshot *start;

        v->what = "t03";
        victim_lead(v, DFUKIT_DFU_IDLE);
        start = victim_keep(v);
        for (unsigned length = 1; length <= VICTIM_TRANSFER; length++) {
            for (unsigned right = 0; right * full < length; right++) {
                for (unsigned n = 0; n < 256; n += n < 130 ? 1 : 25) {
                    unsigned left = length - right * full;

                    victim_restore(v, start);
                    setup(v, DFUKIT_DNLOAD, 0, (uint16_t)length);
                    for (unsigned k = 0; k < right; k++)
                        packet(v, full);
                    packet(v, n);
                    if (n == (left < full ? left : full))
                        continue;
                    assert_int_equal(v->ep0->action, DFUKIT_EP0_STALL);
                    assert_int_equal(v->dfu->state, DFUKIT_DFU_IDLE);
                    assert_int_equal(v->t.spy.writes, 0);
                }
            }
        }
        victim_upgrade(v);
        victim_forget(start);
        victim_free(v);
    }
}

/* The answers to GETSTATUS and GETSTATE: exactly min(6, wLength) and min(1, wLength) bytes. */
static void t05_answers_of_their_own_length(void **state)
{
    static uint8_t bytes[65536];

    (void)state;
    for (uint8_t at = 0; at < DFUKIT_STATE_COUNT; at++) {
        unsigned abilities_here = hostile_reaches(at, VICTIM_USUAL) ? VICTIM_USUAL : 3;
        victim *v = hostile_new(VICTIM_PACKET_8 | VICTIM_SLOT, abilities_here);
        uint16_t index;
        victim_snapshot *start;

        v->what = "t05";
        victim_lead(v, at);
        index = at < DFUKIT_DFU_IDLE ? VICTIM_INTERFACE : 0;
        if (!v->t.spy.busy)
            memset(v->block, 0xEE, v->block_size); /* what stood there before */
        start = victim_keep(v);
        for (uint32_t length = 1; length <= 65535; length += length < 300 ? 1 : 331) {
            static const uint8_t rows[][2] = {{DFUKIT_GETSTATUS, 6}, {DFUKIT_GETSTATE, 1}};

            for (size_t i = 0; i < 2; i++) {
                int own = rows[i][1] < length ? rows[i][1] : (int)length;
                int got;

                victim_restore(v, start);
                got = victim_fetch(v, 0xA1, rows[i][0], 0, index, (uint16_t)length, bytes);
                hostile_cases++;
                if (at == DFUKIT_MANIFEST_WAIT_RESET)
                    own = -1;
                if (got != own)
                    fail_msg("state %u, request %u, wLength %u: %d bytes", at, rows[i][0], length,
                             got);
            }
        }
        victim_upgrade(v);
        victim_forget(start);
        victim_free(v);
    }
}

/* Descriptors and vendor replies with wLength 1 to 65535: never more than their own bytes. */
static void t07_descriptors_of_any_length(void **state)
{
    static uint8_t bytes[65536];

    (void)state;
    for (unsigned mode = 0; mode < 2; mode++) {
        victim *v = hostile_new(VICTIM_PACKET_64 | (mode != 0 ? VICTIM_IN_DFU : 0u), VICTIM_USUAL);
        const dfukit_descriptor_set *set = victim_sets[mode];
        const dfukit_vendor_reply *r;

        v->what = "t07";
        for (uint32_t length = 1; length <= 65535; length += length < 700 ? 1 : 127) {
            for (unsigned i = 0; i < set->count; i++) {
                const dfukit_descriptor *d = &set->list[i];
                int own = d->n < length ? d->n : (int)length;

                hostile_cases++;
                assert_int_equal(victim_fetch(v, 0x80, 6, d->wValue, 0, (uint16_t)length, bytes),
                                 own);
            }
            for (r = set->vendor; r < set->vendor + set->vendor_count; r++)
                assert_int_equal(victim_fetch(v, 0xC0, r->bRequest, r->wValue, r->wIndex,
                                              (uint16_t)length, bytes),
                                 r->n < length ? r->n : (int)length);
        }
        victim_free(v);
    }
}

/* What may come in the midst of a data stage. */
typedef void interruption(victim *v);
static void a_reset(victim *v)
{
    victim_simple(v, VICTIM_RESET);
}
static void a_configuration(victim *v)
{
    victim_command(v, 0, DFUKIT_USB_SET_CONFIGURATION, 1, 0);
}
static void no_configuration(victim *v)
{
    victim_command(v, 0, DFUKIT_USB_SET_CONFIGURATION, 0, 0);
}
static void an_alternate_setting(victim *v)
{
    victim_command(v, 1, DFUKIT_USB_SET_INTERFACE, 1, 0);
}
static void an_abort(victim *v)
{
    victim_command(v, 0x21, DFUKIT_ABORT, 0, 0);
}
static void a_question(victim *v)
{
    victim_status(v);
}
static void another_download(victim *v)
{
    setup(v, DFUKIT_DNLOAD, 0, 20);
}
static void an_upload(victim *v)
{
    setup(v, DFUKIT_UPLOAD, 0, VICTIM_TRANSFER);
}
static void a_disconnect(victim *v)
{
    victim_do(v, &(victim_event){.op = VICTIM_ATTACH, .n = 1});
}
static void a_status_stage(victim *v)
{
    packet(v, 0);
}
static void nothing(victim *v)
{
    victim_poll(v, 5);
}
static interruption *const interruptions[] = {
    a_reset,          a_configuration, no_configuration, an_alternate_setting, an_abort, a_question,
    another_download, an_upload,       a_disconnect,     a_status_stage,       nothing,
};

/* A data stage cut short at each packet by each of these; then the packets that were still on their
 * way. Nothing of the block is written, the state is one that the interruption explains, and a
 * whole upgrade follows. */
static void cut_short(uint8_t from, uint8_t request, uint16_t value)
{
    for (size_t i = 0; i < LENGTH(products); i++) {
        victim *v = hostile_new(products[i], VICTIM_USUAL);
        unsigned full = v->config->max_packet_size0, most = VICTIM_TRANSFER / full;
        unsigned writes;
        victim_snapshot *start;

        v->what = "t09, t24";
        victim_lead(v, from);
        writes = v->t.spy.writes;
        start = victim_keep(v);
        for (size_t k = 0; k < LENGTH(interruptions); k++) {
            for (unsigned whole = 0; whole < most; whole++) {
                victim_restore(v, start);
                setup(v, request, value, VICTIM_TRANSFER);
                for (unsigned n = 0; n < whole; n++) {
                    if (request == DFUKIT_DNLOAD)
                        packet(v, full);
                    else
                        victim_simple(v, VICTIM_IN);
                }
                assert_int_equal(v->dfu->state, from);
                interruptions[k](v);
                if (interruptions[k] == nothing) {
                    assert_int_equal(v->dfu->state, from);
                    continue;
                }
                for (unsigned n = 0; n <= most - whole; n++) {
                    packet(v, full);
                    victim_simple(v, VICTIM_SENT);
                    victim_do(v, &(victim_event){.op = VICTIM_FORCE, .n = (uint8_t)full});
                }
                assert_int_equal(v->t.spy.writes, writes);
                victim_upgrade(v);
            }
        }
        victim_forget(start);
        victim_free(v);
    }
}

static void t09_t24_downloads_cut_short(void **state)
{
    (void)state;
    cut_short(DFUKIT_DFU_IDLE, DFUKIT_DNLOAD, 0);
    cut_short(DFUKIT_DNLOAD_IDLE, DFUKIT_DNLOAD, 1);
}

static void t24_uploads_cut_short(void **state)
{
    (void)state;
    cut_short(DFUKIT_DFU_IDLE, DFUKIT_UPLOAD, 0);
    cut_short(DFUKIT_UPLOAD_IDLE, DFUKIT_UPLOAD, 1);
}

/* SETUPs without their data, one after the other, then data for the first. */
static void t10_setups_back_to_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(products); i++) {
        victim *v = hostile_new(products[i], VICTIM_USUAL);

        v->what = "t10";
        victim_lead(v, DFUKIT_DFU_IDLE);
        for (unsigned round = 0; round < 300; round++) {
            for (unsigned n = 0; n < round % 7; n++)
                setup(v, DFUKIT_DNLOAD, 0, VICTIM_TRANSFER);
            setup(v, DFUKIT_DNLOAD, 0, (uint16_t)(1 + round % 7));
            assert_int_equal(v->dfu->state, DFUKIT_DFU_IDLE);
            packet(v, v->config->max_packet_size0); /* of an earlier one: too much */
            assert_int_equal(v->dfu->state, DFUKIT_DFU_IDLE);
        }
        victim_upgrade(v);
        victim_free(v);
    }
}

/* GETSTATE changes nothing anywhere; GETSTATUS only in the SYNC states, and then not again. */
static void t13_questions_change_nothing(void **state)
{
    (void)state;
    for (uint8_t at = 0; at < DFUKIT_STATE_COUNT; at++) {
        victim *v =
            hostile_new(VICTIM_PACKET_64 | VICTIM_SLOT, hostile_reaches(at, VICTIM_USUAL) ? 7 : 3);
        dfukit_dfu before;
        uint8_t byte = 0;

        v->what = "t13";
        victim_lead(v, at);
        for (unsigned round = 0; round < 100; round++) {
            victim_fetch(v, 0xA1, DFUKIT_GETSTATE, 0, at < 2 ? VICTIM_INTERFACE : 0, 1, &byte);
            hostile_cases++;
            if (at != DFUKIT_MANIFEST_WAIT_RESET)
                assert_int_equal(byte, at);
            assert_int_equal(v->dfu->state, at);
        }
        victim_status(v);
        before = *v->dfu;
        for (unsigned round = 0; round < 100; round++) {
            if (v->dfu->state == DFUKIT_DNLOAD_SYNC || v->dfu->state == DFUKIT_MANIFEST_SYNC)
                break;
            victim_status(v);
            hostile_cases++;
            assert_int_equal(v->dfu->state, before.state);
            assert_int_equal(v->dfu->status, before.status);
            assert_int_equal(v->dfu->alt, before.alt);
        }
        victim_upgrade(v);
        victim_free(v);
    }
}

/* A class request to another interface, an alternate setting that is not there, in both modes. */
static void t20_numbers_out_of_range(void **state)
{
    (void)state;
    for (unsigned mode = 0; mode < 2; mode++) {
        victim *v = hostile_new(VICTIM_PACKET_64 | VICTIM_SLOT, VICTIM_USUAL);
        uint16_t own = mode != 0 ? 0 : VICTIM_INTERFACE,
                 settings = mode != 0 ? VICTIM_ALTERNATES : 1;
        uint8_t bytes[8];

        v->what = "t20";
        victim_lead(v, mode != 0 ? DFUKIT_DFU_IDLE : DFUKIT_APP_IDLE);
        for (uint32_t n = 0; n <= 0xFFFF; n++) {
            uint16_t number = (uint16_t)n;
            int got = victim_fetch(v, 0xA1, DFUKIT_GETSTATUS, 0, number, 6, bytes);

            if (got != (number == own ? 6 : -1))
                fail_msg("GETSTATUS to interface %u: %d", number, got);
            if (victim_command(v, 1, DFUKIT_USB_SET_INTERFACE, number, own) != (n < settings))
                fail_msg("SET_INTERFACE %u", number);
            if (victim_command(v, 1, DFUKIT_USB_SET_INTERFACE, 0, number) !=
                (number < (mode != 0 ? 1u : VICTIM_INTERFACE + 1)))
                fail_msg("SET_INTERFACE of interface %u", number);
            assert_true(v->dfu->alt < settings);
            hostile_cases += 3;
        }
        victim_upgrade(v);
        victim_free(v);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t02_the_path_that_everybody_takes),
        cmocka_unit_test(t03_packets_of_the_wrong_size),
        cmocka_unit_test(t05_answers_of_their_own_length),
        cmocka_unit_test(t07_descriptors_of_any_length),
        cmocka_unit_test(t09_t24_downloads_cut_short),
        cmocka_unit_test(t24_uploads_cut_short),
        cmocka_unit_test(t10_setups_back_to_back),
        cmocka_unit_test(t13_questions_change_nothing),
        cmocka_unit_test(t20_numbers_out_of_range),
    };

    for (unsigned i = 0; i < sizeof pattern; i++)
        pattern[i] = (uint8_t)(0xA0u + i);
    return cmocka_run_group_tests(tests, NULL, hostile_report);
}
