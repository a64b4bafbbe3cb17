/* SPDX-License-Identifier: MIT */
/* Both stores behind the DFU class, as a host meets them: a DfuSe session from Set Address to
 * Leave, and what is left after failures of the flash. Holds whether a block is acted upon at once
 * or when the first GETSTATUS asks for it, with a dfuDNBUSY before the answer. */
#include "dfuse_bench.h"

typedef struct device {
    bench b; /* the flash, and the DfuSe store */
    dfukit_slot slot;
    dfukit_slot_config slot_config;
    const dfukit_region *regions[1];
    dfukit_dfu_config config;
    dfukit_dfu dfu;
    uint8_t block[TRANSFER];
    uint32_t now_ms;
    unsigned busy; /* times that dfuDNBUSY was answered */
} device;

/* In DFU mode, configured; a flash that takes its time. */
static void plug(device *d, bool dfuse, uint8_t attributes)
{
    memset(d, 0, sizeof *d);
    begin(&d->b, 8, 0xFF, 0);
    d->b.flash.timed = true;
    d->regions[0] = &d->b.zones[0];
    d->slot_config = (dfukit_slot_config){&nor_ops, d->regions, NULL, NULL, 0};
    dfukit_slot_init(&d->slot, &d->slot_config, &d->b.flash);
    d->config = (dfukit_dfu_config){
        .functional = {attributes, 255, TRANSFER, dfuse ? 0x011A : 0x0110},
        .alternates = dfuse ? 2 : 1,
        .max_packet_size0 = 64,
        .strict = true,
        .loader_only = true,
        .dfuse = dfuse,
        .store = dfuse ? &dfukit_dfuse_store : &dfukit_slot_store,
    };
    dfukit_dfu_init(&d->dfu, &d->config, dfuse ? (void *)&d->b.store : (void *)&d->slot, d->block);
    dfukit_dfu_set_configured(&d->dfu, true);
}

static void pass(device *d, uint32_t ms)
{
    d->now_ms += ms;
    d->b.flash.now_us = (uint64_t)d->now_ms * 1000u;
    dfukit_dfu_poll(&d->dfu, d->now_ms);
}

/* @return bytes answered, or -1 for a stall */
static int request(device *d, dfukit_request what, uint16_t wValue, uint16_t n, const uint8_t *out,
                   uint8_t *in)
{
    bool to_host = what == DFUKIT_UPLOAD || what == DFUKIT_GETSTATUS;
    const dfukit_setup s = {to_host ? 0xA1 : 0x21, (uint8_t)what, wValue, 0, n};
    dfukit_answer a = dfukit_dfu_setup(&d->dfu, &s);

    if (a.kind == DFUKIT_ANSWER_STALL)
        return -1;
    if (a.kind == DFUKIT_ANSWER_OUT && n != 0)
        memcpy(a.data, out, n);
    if (a.kind == DFUKIT_ANSWER_IN)
        memcpy(in, a.data, a.n);
    dfukit_dfu_complete(&d->dfu);
    return a.n;
}

/* GETSTATUS until the device is not busy any more, each after the time it was told. */
static dfukit_status_reply status(device *d)
{
    dfukit_status_reply r;
    uint8_t bytes[6];

    for (unsigned rounds = 0; rounds < 100; rounds++) {
        assert_int_equal(request(d, DFUKIT_GETSTATUS, 0, 6, NULL, bytes), 6);
        dfukit_status_decode(bytes, &r);
        if (r.bState != DFUKIT_DNBUSY && r.bState != DFUKIT_MANIFEST)
            return r;
        d->busy++;
        pass(d, r.bwPollTimeout);
        if (d->dfu.state == DFUKIT_MANIFEST_WAIT_RESET) {
            r.bState = DFUKIT_MANIFEST_WAIT_RESET;
            return r;
        }
    }
    fail_msg("busy for ever");
    return r;
}

/* @return bStatus; the state must fit it. */
static uint8_t dnload(device *d, uint16_t block, const uint8_t *bytes, uint16_t n)
{
    dfukit_status_reply r;

    if (request(d, DFUKIT_DNLOAD, block, n, bytes, NULL) < 0)
        fail_msg("block %u stalls in state %u", block, d->dfu.state);
    r = status(d);
    assert_int_equal(r.bState,
                     r.bStatus == DFUKIT_STATUS_OK ? DFUKIT_DNLOAD_IDLE : DFUKIT_DFU_ERROR);
    return r.bStatus;
}

static uint8_t say(device *d, uint8_t code, uint32_t offset)
{
    uint32_t a = NOR_BASE + offset;
    const uint8_t bytes[5] = {code, (uint8_t)a, (uint8_t)(a >> 8), (uint8_t)(a >> 16),
                              (uint8_t)(a >> 24)};

    return dnload(d, 0, bytes, 5);
}

#define LENGTH_OF_IMAGE 1533u /* up to the last unit of its last sector, which is not full */

static uint8_t bytes[4096];

static void fill_bytes(void)
{
    for (uint32_t i = 0; i < sizeof bytes; i++)
        bytes[i] = image_byte(i);
}

/* As dfu-util does it: the pages of each block, then its address, then its data as block 2. */
static uint8_t dfuse_write(device *d, uint32_t at, uint32_t n)
{
    uint8_t result = DFUKIT_STATUS_OK;
    uint32_t erased = at;

    for (uint32_t done = 0, k; done < n && result == DFUKIT_STATUS_OK; done += k) {
        k = n - done < TRANSFER ? n - done : TRANSFER;
        for (uint32_t start, size; erased < at + done + k && result == DFUKIT_STATUS_OK;
             erased = start + size) {
            assert_true(dfukit_region_sector(&d->b.zones[0], erased, &start, &size));
            result = say(d, 0x41, start);
            memset(d->b.expected + start, 0xFF, size);
        }
        if (result == DFUKIT_STATUS_OK)
            result = say(d, 0x21, at + done);
        if (result == DFUKIT_STATUS_OK)
            result = dnload(d, 2, bytes + done, (uint16_t)k);
        memcpy(d->b.expected + at + done, bytes + done, k);
    }
    return result;
}

/* @return bStatus of the last GETSTATUS before it goes */
static dfukit_status_reply dfuse_leave(device *d, uint32_t at)
{
    assert_int_equal(say(d, 0x21, at), DFUKIT_STATUS_OK);
    assert_int_equal(request(d, DFUKIT_DNLOAD, 0, 0, NULL, NULL), 0);
    return status(d);
}

static void idle(device *d)
{
    if (d->dfu.state == DFUKIT_DFU_ERROR)
        assert_int_equal(request(d, DFUKIT_CLRSTATUS, 0, 0, NULL, NULL), 0);
    assert_int_equal(request(d, DFUKIT_ABORT, 0, 0, NULL, NULL), 0);
    for (;;) {
        dfukit_status_reply r = status(d);

        assert_int_equal(r.bState, DFUKIT_DFU_IDLE);
        assert_int_equal(r.bStatus, DFUKIT_STATUS_OK);
        if (r.bwPollTimeout == 0)
            break;
        pass(d, r.bwPollTimeout);
    }
}

static void read_back(device *d, uint32_t at, uint32_t n)
{
    uint8_t to[4096];
    uint16_t block = 2;

    assert_int_equal(say(d, 0x21, at), DFUKIT_STATUS_OK);
    idle(d);
    for (uint32_t done = 0; done < n; done += TRANSFER) {
        uint32_t k = n - done < TRANSFER ? n - done : TRANSFER;

        assert_int_equal(request(d, DFUKIT_UPLOAD, block++, (uint16_t)k, NULL, to + done), k);
    }
    assert_memory_equal(to, bytes, n);
    idle(d);
}

/* ---- Sessions ---- */

static void a_session(void **state)
{
    static const uint32_t lengths[] = {1, 255, 256, 257, 1000, 2047, 2048, 2049, 4096};
    device *d = malloc(sizeof *d);

    (void)state;
    fill_bytes();
    for (size_t i = 0; i < LENGTH(lengths); i++) {
        dfukit_status_reply r;
        uint8_t list[TRANSFER];

        plug(d, true, DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD | DFUKIT_WILL_DETACH);
        assert_int_equal(request(d, DFUKIT_UPLOAD, 0, TRANSFER, NULL, list), 4);
        assert_memory_equal(list, "\x00\x21\x41\x92", 4);
        if (dfuse_write(d, 0, lengths[i]) != DFUKIT_STATUS_OK)
            fail_msg("%u bytes: status %u", lengths[i], d->dfu.status);
        assert_true(d->busy != 0);
        idle(d);
        read_back(d, 0, lengths[i]);
        check(&d->b, "read back");
        r = dfuse_leave(d, 0x100);
        assert_int_equal(r.bState, DFUKIT_MANIFEST_WAIT_RESET);
        assert_int_equal(r.bStatus, DFUKIT_STATUS_OK);
        assert_int_equal(dfukit_dfu_wish(&d->dfu), DFUKIT_WISH_REATTACH_APP);
        assert_int_equal(d->b.left, 1);
        assert_int_equal(d->b.left_for, NOR_BASE + 0x100);
        check(&d->b, "left");
    }
    free(d);
}

/* Leave is refused; a tolerant device stays. */
static void leaves_that_stay(void **state)
{
    device *d = malloc(sizeof *d);
    dfukit_status_reply r;

    (void)state;
    fill_bytes();
    plug(d, true, DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD | DFUKIT_MANIFESTATION_TOLERANT);
    d->b.leave_status = DFUKIT_STATUS_FIRMWARE;
    assert_int_equal(dfuse_write(d, 0, 99), DFUKIT_STATUS_OK);
    r = dfuse_leave(d, 0);
    assert_int_equal(r.bState, DFUKIT_DFU_ERROR);
    assert_int_equal(r.bStatus, DFUKIT_STATUS_FIRMWARE);
    idle(d);
    d->b.leave_status = DFUKIT_STATUS_OK;
    r = dfuse_leave(d, 0);
    assert_int_equal(r.bState, DFUKIT_DFU_IDLE);
    assert_int_equal(r.bStatus, DFUKIT_STATUS_OK);
    read_back(d, 0, 99);
    check(&d->b, "stayed");
    free(d);
}

/* ---- Failures ---- */

/* Statuses of the store are the device's, at the GETSTATUS; nothing stalls. */
static void statuses(void **state)
{
    static const struct {
        uint8_t code;
        uint32_t offset;
        uint16_t block; /* 0: a command */
        uint8_t status;
    } rows[] = {
        {0x21, HOLE, 0, DFUKIT_STATUS_TARGET},    {0x41, HOLE, 0, DFUKIT_STATUS_TARGET},
        {0x41, LOCKED, 0, DFUKIT_STATUS_ERASE},   {0x42, 0, 0, DFUKIT_STATUS_FILE},
        {0x21, 0, 1, DFUKIT_STATUS_FILE},         {0x21, LOCKED, 2, DFUKIT_STATUS_WRITE},
        {0x21, 0, 2, DFUKIT_STATUS_CHECK_ERASED}, {0x21, 0, 65535, DFUKIT_STATUS_TARGET},
    };
    device *d = malloc(sizeof *d);

    (void)state;
    fill_bytes();
    for (size_t i = 0; i < LENGTH(rows); i++) {
        uint8_t got = DFUKIT_STATUS_OK;

        plug(d, true, DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD | DFUKIT_WILL_DETACH);
        if (rows[i].block == 0 || rows[i].code != 0x21 || rows[i].offset != 0)
            got = say(d, rows[i].code, rows[i].offset);
        if (rows[i].block != 0) {
            assert_int_equal(got, DFUKIT_STATUS_OK);
            got = dnload(d, rows[i].block, bytes, TRANSFER);
        }
        if (got != rows[i].status)
            fail_msg("row %zu: status %u", i, got);
        idle(d);
        assert_int_equal(dfuse_write(d, 0, 300), DFUKIT_STATUS_OK);
    }
    /* An upload has no GETSTATUS to wait for: it stalls. */
    plug(d, true, DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD | DFUKIT_WILL_DETACH);
    assert_int_equal(say(d, 0x21, SECRET), DFUKIT_STATUS_OK);
    idle(d);
    assert_int_equal(request(d, DFUKIT_UPLOAD, 2, TRANSFER, NULL, d->b.expected), -1);
    assert_int_equal(status(d).bStatus, DFUKIT_STATUS_VENDOR);
    free(d);
}

static uint8_t plain_write(device *d, uint32_t n)
{
    uint16_t block = 0;
    uint8_t result = DFUKIT_STATUS_OK;

    for (uint32_t done = 0, k; done < n && result == DFUKIT_STATUS_OK; done += k) {
        k = n - done < TRANSFER ? n - done : TRANSFER;
        result = dnload(d, block++, bytes + done, (uint16_t)k);
    }
    if (result != DFUKIT_STATUS_OK)
        return result;
    assert_int_equal(request(d, DFUKIT_DNLOAD, block, 0, NULL, NULL), 0);
    return status(d).bStatus;
}

/* T17: every operation of the flash fails once: dfuERROR with the right status, CLRSTATUS, and a
 * fresh download is whole. */
static void every_operation_fails(void **state)
{
    device *d = malloc(sizeof *d);

    (void)state;
    fill_bytes();
    for (unsigned dfuse = 0; dfuse < 2; dfuse++) {
        unsigned operations = 1;

        for (unsigned n = 1; n <= operations; n++) {
            bool erase = false;

            for (unsigned silent = 0; silent < 2; silent++) {
                uint8_t got, wanted;
                const uint8_t attributes =
                    DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD | DFUKIT_MANIFESTATION_TOLERANT;

                plug(d, dfuse, attributes);
                d->b.flash.fail_at = n;
                d->b.flash.fail_status = 0;
                if (silent == 0) { /* which kind is it? */
                    device *twin = malloc(sizeof *twin);

                    plug(twin, dfuse, attributes);
                    got = dfuse ? dfuse_write(twin, 0, LENGTH_OF_IMAGE)
                                : plain_write(twin, LENGTH_OF_IMAGE);
                    if (dfuse && got == DFUKIT_STATUS_OK)
                        got = dfuse_leave(twin, 0).bStatus;
                    assert_int_equal(got, DFUKIT_STATUS_OK);
                    operations = twin->b.flash.operations;
                    plug(twin, dfuse, attributes);
                    twin->b.flash.fail_at = n;
                    twin->b.flash.fail_status = DFUKIT_STATUS_VENDOR;
                    got = dfuse ? dfuse_write(twin, 0, LENGTH_OF_IMAGE)
                                : plain_write(twin, LENGTH_OF_IMAGE);
                    if (dfuse && got == DFUKIT_STATUS_OK)
                        got = say(twin, 0x21, 0);
                    assert_int_equal(got, DFUKIT_STATUS_VENDOR);
                    erase = twin->b.flash.erasing;
                    d->b.flash.fail_status = erase ? DFUKIT_STATUS_ERASE : DFUKIT_STATUS_PROG;
                    free(twin);
                    current = &d->b;
                }
                wanted = d->b.flash.fail_status;
                got = dfuse ? dfuse_write(d, 0, LENGTH_OF_IMAGE) : plain_write(d, LENGTH_OF_IMAGE);
                if (dfuse && got == DFUKIT_STATUS_OK)
                    got = say(d, 0x21, 0); /* programs the last unit */
                if (silent != 0)
                    wanted = erase ? DFUKIT_STATUS_CHECK_ERASED : DFUKIT_STATUS_VERIFY;
                if (got != wanted || d->dfu.state != DFUKIT_DFU_ERROR)
                    fail_msg("%s, operation %u of %u, silent %u: status %u, not %u",
                             dfuse ? "DfuSe" : "plain", n, operations, silent, got, wanted);
                assert_int_equal(request(d, DFUKIT_DNLOAD, 0, 1, bytes, NULL), -1);
                assert_int_equal(status(d).bStatus, wanted); /* kept */
                d->b.flash.fail_at = 0;
                idle(d);
                got = dfuse ? dfuse_write(d, 0, LENGTH_OF_IMAGE) : plain_write(d, LENGTH_OF_IMAGE);
                if (dfuse && got == DFUKIT_STATUS_OK)
                    got = dfuse_leave(d, 0).bStatus;
                if (got != DFUKIT_STATUS_OK)
                    fail_msg("%s, after operation %u: status %u", dfuse ? "DfuSe" : "plain", n,
                             got);
                assert_memory_equal(d->b.flash.cells, bytes, LENGTH_OF_IMAGE);
                assert_int_equal(d->b.flash.misuses, 0);
            }
        }
        assert_true(operations > 8);
    }
    free(d);
}

/* T16: the end of a plain download before any data. With DfuSe it is Leave, and welcome. */
static void an_early_end(void **state)
{
    const uint8_t attributes = DFUKIT_CAN_DNLOAD | DFUKIT_MANIFESTATION_TOLERANT;
    device *d = malloc(sizeof *d);

    (void)state;
    plug(d, false, attributes);
    dfukit_slot_store.rewind(&d->slot, 0);
    d->dfu.state = DFUKIT_DNLOAD_IDLE;
    assert_int_equal(request(d, DFUKIT_DNLOAD, 0, 0, NULL, NULL), -1);
    assert_int_equal(status(d).bStatus, DFUKIT_STATUS_NOTDONE);
    plug(d, true, attributes);
    assert_int_equal(dfuse_leave(d, 0).bStatus, DFUKIT_STATUS_OK);
    assert_int_equal(d->b.left, 1);
    free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session),    cmocka_unit_test(leaves_that_stay),
        cmocka_unit_test(statuses),     cmocka_unit_test(every_operation_fails),
        cmocka_unit_test(an_early_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
