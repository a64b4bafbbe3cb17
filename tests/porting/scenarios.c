/* SPDX-License-Identifier: MIT */
/* What the class must do behind any USB stack (DFU 1.1 §3, §5 to §7, Annex A). */
#include "scenarios.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MOST 3000u

static uint8_t state_of(const host *h)
{
    uint8_t state = 0xEE;

    assert_int_equal(request_in(h, DFUKIT_GETSTATE, 0, &state, 1), 1);
    return state;
}

/* ---- Run-time mode ---- */

void the_function_is_one_of_several(void **unused)
{
    host h, other;
    uint8_t byte;

    (void)unused;
    bus_power_on(true);
    h = enumerate();
    assert_int_equal(h.protocol, DFUKIT_PROTOCOL_RUNTIME);
    assert_int_equal(h.itf, 1);
    assert_int_equal(state_of(&h), DFUKIT_APP_IDLE);
    assert_int_equal(bus_get_interface(1), 0);
    assert_true(bus_set_interface(1, 0));
    assert_false(bus_set_interface(1, 1));

    other = h;
    other.itf = 0; /* the other function's: DFU must not see it */
    assert_int_equal(request_out(&other, DFUKIT_DETACH, 1000, NULL, 0), BUS_STALL);
    assert_int_equal(bus_other_requests(), 1);
    other.itf = 0x0101; /* the right low byte, but no interface */
    assert_int_equal(request_in(&other, DFUKIT_GETSTATE, 0, &byte, 1), BUS_STALL);
    assert_int_equal(request_out(&other, DFUKIT_DETACH, 1000, NULL, 0), BUS_STALL);
    other.itf = 2;
    assert_int_equal(request_in(&other, DFUKIT_GETSTATE, 0, &byte, 1), BUS_STALL);
    assert_int_equal(state_of(&h), DFUKIT_APP_IDLE);
    bus_run(100);
    assert_int_equal(bus_leaves(), 0);
}

void detach_leads_into_dfu_mode(void **unused)
{
    host h = dfu_mode_host();

    (void)unused;
    assert_int_equal(h.itf, 0);
    assert_int_equal(h.alternates, 2);
    expect_status(&h, DFUKIT_DFU_IDLE, DFUKIT_STATUS_OK);
    assert_int_equal(bus_leaves(), 1);
}

void without_firmware_in_dfu_mode_at_once(void **unused)
{
    host h;

    (void)unused;
    bus_power_on(false);
    h = enumerate();
    assert_int_equal(h.protocol, DFUKIT_PROTOCOL_DFU);
    expect_status(&h, DFUKIT_DFU_ERROR, DFUKIT_STATUS_FIRMWARE);
    assert_int_equal(request_out(&h, DFUKIT_CLRSTATUS, 0, NULL, 0), 0);
    expect_status(&h, DFUKIT_DFU_IDLE, DFUKIT_STATUS_OK);
}

/* ---- Downloads and uploads ---- */

static void check_memory(uint8_t alt, const uint8_t *bytes, uint16_t n)
{
    if (memcmp(bus_memory(alt), bytes, n) != 0)
        fail_msg("alternate setting %u: the memory is not what was sent (%u bytes)", alt, n);
}

static void check_upload(const host *h, const uint8_t *bytes, uint16_t n)
{
    uint8_t block[MOST];
    uint16_t size = h->functional.wTransferSize;

    for (uint16_t i = 0; i * size < n; i++) {
        uint16_t part = n - i * size < size ? (uint16_t)(n - i * size) : size;

        memset(block, 0, sizeof block);
        assert_int_equal(request_in(h, DFUKIT_UPLOAD, i, block, size), size);
        if (memcmp(block, bytes + i * size, part) != 0)
            fail_msg("upload, block %u", i);
    }
    assert_int_equal(state_of(h), DFUKIT_UPLOAD_IDLE);
    assert_int_equal(request_out(h, DFUKIT_ABORT, 0, NULL, 0), 0);
    assert_int_equal(state_of(h), DFUKIT_DFU_IDLE);
}

void a_firmware_of_any_length(void **unused)
{
    static const uint16_t lengths[] = {4, 64, 255, 256, 257, 511, 512, 513, 1024, 1600, MOST};
    uint8_t bytes[MOST];

    (void)unused;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        host h = dfu_mode_host();

        fill(bytes, lengths[i], (unsigned)i);
        download(&h, bytes, lengths[i]);
        finish(&h);
        check_memory(0, bytes, lengths[i]);
        check_upload(&h, bytes, lengths[i]);
    }
}

void each_alternate_setting_is_a_memory(void **unused)
{
    uint8_t bytes[600];
    host h = dfu_mode_host();

    (void)unused;
    fill(bytes, sizeof bytes, 77);
    bytes[0] = 0; /* no firmware, nor need it be */
    assert_true(bus_set_interface(h.itf, 1));
    assert_int_equal(bus_get_interface(h.itf), 1);
    download(&h, bytes, sizeof bytes);
    finish(&h);
    check_memory(1, bytes, sizeof bytes);
    check_memory(0, (const uint8_t *)BUS_MARK "\xFF\xFF", 6);
    assert_false(bus_set_interface(h.itf, 2));
    assert_false(bus_set_interface(h.itf, 0x0100));
    assert_false(bus_set_interface(1, 0));
    assert_true(bus_set_interface(h.itf, 1));
    check_upload(&h, bytes, sizeof bytes);
    assert_true(bus_set_interface(h.itf, 0));
    assert_int_equal(bus_get_interface(h.itf), 0);
    check_upload(&h, (const uint8_t *)BUS_MARK, 4);
}

/* The memory is a multiple of wTransferSize: the block after the last has no bytes. */
void an_upload_ends_with_a_short_block(void **unused)
{
    uint8_t block[1024];
    host h = dfu_mode_host();
    uint16_t size = h.functional.wTransferSize;
    int n = size;

    (void)unused;
    for (uint16_t i = 0; i < 100 && n == size; i++)
        n = request_in(&h, DFUKIT_UPLOAD, i, block, size);
    assert_int_equal(n, 0);
    assert_int_equal(state_of(&h), DFUKIT_DFU_IDLE);
    assert_int_equal(request_in(&h, DFUKIT_UPLOAD, 0, block, 5), 5);
    assert_memory_equal(block, BUS_MARK, 4);
    assert_int_equal(state_of(&h), DFUKIT_UPLOAD_IDLE);
}

/* bwPollTimeout is over, but the main loop has not come round: at the next SETUP it counts. */
void a_device_held_up_tells_the_right_time(void **unused)
{
    uint8_t bytes[128];
    dfukit_status_reply reply;
    host h = dfu_mode_host();

    (void)unused;
    fill(bytes, sizeof bytes, 10);
    download(&h, bytes, 64); /* with the sector erased by now, the next block is one operation */
    assert_int_equal(request_out(&h, DFUKIT_DNLOAD, 1, bytes + 64, 64), 64);
    reply = status_of(&h);
    assert_int_equal(reply.bState, DFUKIT_DNBUSY);
    bus_late(reply.bwPollTimeout + 10);
    expect_status(&h, DFUKIT_DNLOAD_IDLE, DFUKIT_STATUS_OK);
}

void abort_ends_a_download(void **unused)
{
    uint8_t bytes[700], others[700];
    host h = dfu_mode_host();

    (void)unused;
    fill(bytes, sizeof bytes, 1);
    fill(others, sizeof others, 2);
    download(&h, bytes, sizeof bytes);
    assert_int_equal(request_out(&h, DFUKIT_ABORT, 0, NULL, 0), 0);
    assert_int_equal(state_of(&h), DFUKIT_DFU_IDLE);
    download(&h, others, sizeof others);
    finish(&h);
    check_memory(0, others, sizeof others);
}

void abort_ends_an_upload(void **unused)
{
    uint8_t block[1024];
    host h = dfu_mode_host();
    uint16_t size = h.functional.wTransferSize;

    (void)unused;
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(request_in(&h, DFUKIT_UPLOAD, 0, block, size), size);
        assert_memory_equal(block, BUS_MARK, 4);
        assert_int_equal(request_in(&h, DFUKIT_UPLOAD, 1, block, size), size);
        assert_int_equal(request_out(&h, DFUKIT_ABORT, 0, NULL, 0), 0);
        assert_int_equal(state_of(&h), DFUKIT_DFU_IDLE);
    }
}

/* ---- Errors ---- */

static void recover(const host *h, uint8_t bStatus)
{
    expect_status(h, DFUKIT_DFU_ERROR, bStatus);
    assert_int_equal(state_of(h), DFUKIT_DFU_ERROR);
    assert_int_equal(request_out(h, DFUKIT_CLRSTATUS, 0, NULL, 0), 0);
    expect_status(h, DFUKIT_DFU_IDLE, DFUKIT_STATUS_OK);
}

void errors_are_told_and_cleared(void **unused)
{
    uint8_t bytes[64];
    host h = dfu_mode_host();

    (void)unused;
    fill(bytes, sizeof bytes, 3);
    /* A block out of order: taken whole, and refused by the store. */
    assert_int_equal(request_out(&h, DFUKIT_DNLOAD, 5, bytes, sizeof bytes), sizeof bytes);
    recover(&h, DFUKIT_STATUS_ADDRESS);
    /* The end of a download that has not begun; what is not a request; the wrong direction. */
    assert_int_equal(request_out(&h, DFUKIT_DNLOAD, 0, NULL, 0), BUS_STALL);
    recover(&h, DFUKIT_STATUS_STALLEDPKT);
    assert_int_equal(request_out(&h, 0x42, 0, NULL, 0), BUS_STALL);
    recover(&h, DFUKIT_STATUS_STALLEDPKT);
    assert_int_equal(request_out(&h, DFUKIT_GETSTATUS, 0, bytes, 6), BUS_STALL);
    recover(&h, DFUKIT_STATUS_STALLEDPKT);
    assert_int_equal(request_in(&h, DFUKIT_DNLOAD, 0, bytes, sizeof bytes), BUS_STALL);
    recover(&h, DFUKIT_STATUS_STALLEDPKT);
    assert_int_equal(request_out(&h, DFUKIT_ABORT, 0, bytes, 4), BUS_STALL);
    recover(&h, DFUKIT_STATUS_STALLEDPKT);
    download(&h, bytes, sizeof bytes);
    finish(&h);
    check_memory(0, bytes, sizeof bytes);
}

void no_firmware_is_refused(void **unused)
{
    uint8_t bytes[300];
    dfukit_status_reply reply;
    host h = dfu_mode_host();

    (void)unused;
    fill(bytes, sizeof bytes, 4);
    bytes[0] ^= 0x20u;
    download(&h, bytes, sizeof bytes);
    assert_int_equal(request_out(&h, DFUKIT_DNLOAD, 0, NULL, 0), 0);
    reply = status_of(&h);
    for (unsigned i = 0; i < 10 && reply.bState == DFUKIT_MANIFEST; i++) {
        bus_run(reply.bwPollTimeout + 10);
        reply = status_of(&h);
    }
    assert_int_equal(reply.bState, DFUKIT_DFU_ERROR);
    assert_int_equal(reply.bStatus, DFUKIT_STATUS_FIRMWARE);
    assert_int_equal(bus_leaves(), 1);
    /* A reset finds no firmware either: in DFU mode it stays. */
    bus_reset();
    bus_run(500);
    assert_int_equal(bus_leaves(), 1);
    h = enumerate();
    recover(&h, DFUKIT_STATUS_FIRMWARE);
}

/* The host gives up in the midst of a block; whatever comes next is a new transfer. */
void a_cut_data_stage_leaves_no_trace(void **unused)
{
    uint8_t bytes[256], others[256];
    host h = dfu_mode_host();
    const dfukit_setup dnload = {DFUKIT_TYPE_CLASS_OUT, DFUKIT_DNLOAD, 0, h.itf, sizeof bytes};

    (void)unused;
    fill(bytes, sizeof bytes, 5);
    fill(others, sizeof others, 6);
    for (uint16_t n = 0; n < sizeof bytes; n = (uint16_t)(n + BUS_PACKET)) {
        assert_true(bus_out_cut(&dnload, bytes, n));
        assert_int_equal(state_of(&h), DFUKIT_DFU_IDLE);
        assert_true(bus_out_cut(&dnload, bytes, n));
        expect_status(&h, DFUKIT_DFU_IDLE, DFUKIT_STATUS_OK);
        /* A standard request with a data stage of its own is no end of that block. */
        assert_true(bus_out_cut(&dnload, bytes, n));
        assert_int_equal(bus_get_interface(h.itf), 0);
        assert_int_equal(state_of(&h), DFUKIT_DFU_IDLE);
        assert_true(bus_out_cut(&dnload, bytes, n));
        assert_true(bus_set_interface(h.itf, 0));
        bus_run(50);
        assert_int_equal(state_of(&h), DFUKIT_DFU_IDLE);
    }
    check_memory(0, (const uint8_t *)BUS_MARK "\xFF\xFF", 6);
    assert_true(bus_out_cut(&dnload, bytes, 128));
    download(&h, others, sizeof others);
    assert_true(bus_out_cut(&dnload, bytes, 64));
    assert_int_equal(state_of(&h), DFUKIT_DNLOAD_IDLE);
    finish(&h);
    check_memory(0, others, sizeof others);
}

void too_long_a_block_stalls(void **unused)
{
    static uint8_t bytes[0xFFFF];
    host h = dfu_mode_host();
    uint16_t most = h.functional.wTransferSize;

    (void)unused;
    assert_int_equal(request_out(&h, DFUKIT_DNLOAD, 0, bytes, (uint16_t)(most + 1)), BUS_STALL);
    recover(&h, DFUKIT_STATUS_STALLEDPKT);
    assert_int_equal(request_in(&h, DFUKIT_UPLOAD, 0, bytes, (uint16_t)(most + 1)), BUS_STALL);
    recover(&h, DFUKIT_STATUS_STALLEDPKT);
    /* Longer than a stack may have buffers for: it is stalled, and the class may not hear of it. */
    assert_int_equal(request_out(&h, DFUKIT_DNLOAD, 0, bytes, 0xFFFF), BUS_STALL);
    assert_int_equal(request_in(&h, DFUKIT_UPLOAD, 0, bytes, 0xFFFF), BUS_STALL);
    assert_true(state_of(&h) == DFUKIT_DFU_ERROR || state_of(&h) == DFUKIT_DFU_IDLE);
    check_memory(0, (const uint8_t *)BUS_MARK "\xFF\xFF", 6);
}

void answers_are_no_longer_than_asked(void **unused)
{
    static const uint16_t lengths[] = {0, 1, 5, 6, 7, 64, 500};
    uint8_t bytes[500];
    host h = dfu_mode_host();

    (void)unused;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        uint16_t n = lengths[i];

        assert_int_equal(request_in(&h, DFUKIT_GETSTATUS, 0, bytes, n), n < 6 ? n : 6);
        assert_int_equal(request_in(&h, DFUKIT_GETSTATE, 0, bytes, n), n < 1 ? n : 1);
    }
    assert_int_equal(state_of(&h), DFUKIT_DFU_IDLE);
}

void a_block_too_early_is_an_error(void **unused)
{
    uint8_t bytes[64];
    host h = dfu_mode_host();
    dfukit_status_reply reply;

    (void)unused;
    fill(bytes, sizeof bytes, 8);
    assert_int_equal(request_out(&h, DFUKIT_DNLOAD, 0, bytes, sizeof bytes), sizeof bytes);
    reply = status_of(&h);
    assert_int_equal(reply.bState, DFUKIT_DNBUSY);
    assert_true(reply.bwPollTimeout > 1);
    assert_int_equal(request_out(&h, DFUKIT_DNLOAD, 1, bytes, sizeof bytes), BUS_STALL);
    bus_run(100);
    recover(&h, DFUKIT_STATUS_STALLEDPKT);
}

/* ---- Configuration and reset ---- */

void unconfigured_keeps_the_state(void **unused)
{
    uint8_t bytes[64], byte;
    host h = dfu_mode_host();

    (void)unused;
    fill(bytes, sizeof bytes, 9);
    download(&h, bytes, sizeof bytes);
    assert_true(bus_configure(0));
    assert_int_equal(request_in(&h, DFUKIT_GETSTATE, 0, &byte, 1), BUS_STALL);
    bus_run(300);
    assert_int_equal(bus_leaves(), 1);
    assert_true(bus_configure(1));
    assert_int_equal(state_of(&h), DFUKIT_DNLOAD_IDLE);
    assert_int_equal(bus_get_interface(h.itf), 0);
    finish(&h);
    check_memory(0, bytes, sizeof bytes);
}

void a_reset_that_is_meant_ends_dfu_mode(void **unused)
{
    host h = dfu_mode_host();

    (void)unused;
    bus_reset(); /* configured, but nobody has spoken to the class yet */
    bus_run(300);
    assert_int_equal(bus_leaves(), 1);
    h = enumerate();
    expect_status(&h, DFUKIT_DFU_IDLE, DFUKIT_STATUS_OK);
    bus_reset();
    bus_run(50);
    assert_int_equal(bus_leaves(), 2);
    bus_run(300);
    h = enumerate();
    assert_int_equal(h.protocol, DFUKIT_PROTOCOL_RUNTIME);
    assert_int_equal(h.itf, 1);
    assert_int_equal(state_of(&h), DFUKIT_APP_IDLE);
}
