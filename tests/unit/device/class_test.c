/* SPDX-License-Identifier: MIT */
/* What the class says and does in a transfer, beyond the states: lengths, statuses, and its
 * dealings with the store. Time is in busy_test.c. */
#include "mock_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { USUAL = DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD | DFUKIT_MANIFESTATION_TOLERANT };

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

static void download(mock *m, uint16_t block, uint16_t n)
{
    dfukit_answer a;
    dfukit_setup s = mock_request(m, DFUKIT_DNLOAD, block, n);

    a = dfukit_dfu_setup(&m->dfu, &s);
    assert_int_equal(a.kind, DFUKIT_ANSWER_OUT);
    assert_int_equal(a.n, n);
    for (uint16_t i = 0; i < n; i++)
        a.data[i] = (uint8_t)(block + i);
    dfukit_dfu_complete(&m->dfu);
}

/* ---- Lengths ---- */

static void answers_are_never_longer_than_asked(void **state)
{
    static const uint16_t lengths[] = {0, 1, 2, 5, 6, 7, 63, 64, 65, 4096, 65535};
    mock m;

    (void)state;
    mock_dfu_mode(&m, USUAL, true);
    for (size_t i = 0; i < LENGTH(lengths); i++) {
        uint16_t n = lengths[i];

        assert_int_equal(mock_do(&m, DFUKIT_GETSTATUS, 0, n).n, n < 6 ? n : 6);
        assert_int_equal(mock_do(&m, DFUKIT_GETSTATE, 0, n).n, n < 1 ? n : 1);
        assert_int_equal(m.dfu.state, DFUKIT_DFU_IDLE);
    }
}

static void blocks_longer_than_a_transfer_stall(void **state)
{
    static const struct {
        uint16_t n;
        bool good;
    } rows[] = {{1, true},   {63, true},   {64, true},    {65, false},
                {66, false}, {128, false}, {4096, false}, {65535, false}};

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        for (unsigned up = 0; up < 2; up++) {
            mock m;
            dfukit_answer a;

            mock_dfu_mode(&m, USUAL, true);
            memset(m.buffer, 0xC5, sizeof m.buffer);
            a = mock_do(&m, up != 0 ? DFUKIT_UPLOAD : DFUKIT_DNLOAD, 0, rows[i].n);
            if ((a.kind != DFUKIT_ANSWER_STALL) != rows[i].good ||
                (m.writes + m.reads != 0) != rows[i].good)
                fail_msg("%u bytes, up %u: answer %u", rows[i].n, up, a.kind);
            if (rows[i].good)
                continue;
            assert_int_equal(m.dfu.state, DFUKIT_DFU_ERROR);
            assert_int_equal(m.dfu.status, DFUKIT_STATUS_STALLEDPKT);
            for (size_t k = 0; k < sizeof m.buffer; k++)
                assert_int_equal(m.buffer[k], 0xC5);
        }
    }
}

static void uploads_of_no_length_stall(void **state)
{
    mock m;

    (void)state;
    mock_dfu_mode(&m, USUAL, false);
    assert_int_equal(mock_do(&m, DFUKIT_UPLOAD, 0, 0).kind, DFUKIT_ANSWER_STALL);
    assert_int_equal(m.dfu.state, DFUKIT_DFU_ERROR);
    assert_int_equal(m.reads, 0);
    mock_dfu_mode(&m, USUAL, false);
    mock_do(&m, DFUKIT_UPLOAD, 0, 64);
    assert_int_equal(mock_do(&m, DFUKIT_UPLOAD, 1, 0).kind, DFUKIT_ANSWER_STALL);
    assert_int_equal(m.dfu.state, DFUKIT_DFU_ERROR);
}

/* ---- Transfers ---- */

static void a_whole_download(void **state)
{
    mock m;

    (void)state;
    mock_dfu_mode(&m, USUAL, true);
    assert_true(dfukit_dfu_set_alternate(&m.dfu, 2));
    for (uint16_t block = 0; block < 3; block++) {
        download(&m, block, block == 2 ? 17 : 64);
        assert_int_equal(m.begins, 1);
        assert_int_equal(m.alt, 2);
        assert_int_equal(m.writes, block + 1);
        assert_int_equal(m.block, block);
        assert_int_equal(m.n, block == 2 ? 17 : 64);
        for (uint16_t i = 0; i < m.n; i++)
            assert_int_equal(m.bytes[i], (uint8_t)(block + i));
        assert_int_equal(m.dfu.state, DFUKIT_DNLOAD_SYNC);
        assert_int_equal(mock_status(&m).bState, DFUKIT_DNLOAD_IDLE);
    }
    assert_int_equal(mock_do(&m, DFUKIT_DNLOAD, 3, 0).kind, DFUKIT_ANSWER_OUT);
    assert_int_equal(m.finishes, 1);
    assert_int_equal(m.manifests, 0);
    assert_int_equal(m.dfu.state, DFUKIT_MANIFEST_SYNC);
    assert_int_equal(mock_status(&m).bState, DFUKIT_DFU_IDLE);
    assert_int_equal(m.manifests, 1);
    assert_int_equal(m.dfu.state, DFUKIT_DFU_IDLE);
    assert_int_equal(m.writes, 3);
    assert_int_equal(dfukit_dfu_wish(&m.dfu), DFUKIT_WISH_NONE);
    /* The next one begins anew, and is manifested anew. */
    download(&m, 0, 64);
    assert_int_equal(m.begins, 2);
    mock_status(&m);
    mock_do(&m, DFUKIT_DNLOAD, 1, 0);
    mock_status(&m);
    assert_int_equal(m.manifests, 2);
}

static void a_whole_upload(void **state)
{
    mock m;
    dfukit_answer a;

    (void)state;
    mock_dfu_mode(&m, USUAL, true);
    a = mock_do(&m, DFUKIT_UPLOAD, 0, 40);
    assert_int_equal(a.kind, DFUKIT_ANSWER_IN);
    assert_int_equal(a.n, 40);
    assert_int_equal(a.data[39], 0x80 + 39);
    assert_int_equal(m.dfu.state, DFUKIT_UPLOAD_IDLE);
    a = mock_do(&m, DFUKIT_UPLOAD, 1, 64);
    assert_int_equal(a.n, 64);
    assert_int_equal(m.begins, 1);
    assert_int_equal(m.block, 1);
    m.read_most = 0; /* an image that is a multiple of the block: an empty block ends it */
    a = mock_do(&m, DFUKIT_UPLOAD, 2, 64);
    assert_int_equal(a.kind, DFUKIT_ANSWER_IN);
    assert_int_equal(a.n, 0);
    assert_int_equal(m.dfu.state, DFUKIT_DFU_IDLE);
    mock_do(&m, DFUKIT_UPLOAD, 0, 64);
    assert_int_equal(m.begins, 2);
}

static void an_abort_reaches_the_store(void **state)
{
    mock m;

    (void)state;
    mock_dfu_mode(&m, USUAL, true);
    download(&m, 0, 64);
    mock_status(&m);
    assert_int_equal(m.rewinds, 0);
    mock_do(&m, DFUKIT_ABORT, 0, 0);
    assert_int_equal(m.rewinds, 1);
    assert_int_equal(m.dfu.state, DFUKIT_DFU_IDLE);
    /* In dfuMANIFEST-SYNC the lenient device has not begun to manifest. */
    mock_dfu_mode(&m, USUAL, false);
    download(&m, 0, 64);
    mock_status(&m);
    m.takes_us = 9000;
    mock_do(&m, DFUKIT_DNLOAD, 1, 0);
    mock_do(&m, DFUKIT_ABORT, 0, 0);
    assert_int_equal(m.dfu.state, DFUKIT_DFU_IDLE);
    assert_int_equal(m.manifests, 0);
    assert_int_equal(m.rewinds, 1);
}

/* ---- Errors ---- */

static void errors_of_the_store(void **state)
{
    static const uint8_t statuses[] = {
        DFUKIT_STATUS_WRITE,  DFUKIT_STATUS_ERASE,   DFUKIT_STATUS_PROG,
        DFUKIT_STATUS_VERIFY, DFUKIT_STATUS_ADDRESS, DFUKIT_STATUS_VENDOR,
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(statuses); i++) {
        dfukit_status_reply r;
        mock m;

        /* from write(): the block was not taken */
        mock_dfu_mode(&m, USUAL, true);
        m.write_status = statuses[i];
        download(&m, 0, 64);
        r = mock_status(&m);
        assert_int_equal(r.bStatus, statuses[i]);
        assert_int_equal(r.bState, DFUKIT_DFU_ERROR);
        assert_int_equal(r.bwPollTimeout, 0);
        assert_int_equal(r.iString, statuses[i] == DFUKIT_STATUS_VENDOR ? 9 : 0);
        assert_int_equal(m.rewinds, 1);
        /* from read(): the UPLOAD stalls */
        mock_dfu_mode(&m, USUAL, true);
        m.read_most = -(int32_t)statuses[i];
        assert_int_equal(mock_do(&m, DFUKIT_UPLOAD, 0, 64).kind, DFUKIT_ANSWER_STALL);
        assert_int_equal(mock_status(&m).bStatus, statuses[i]);
        /* from poll(), while DNLOAD-SYNC, DNBUSY or in between */
        for (unsigned when = 0; when < 3; when++) {
            mock_dfu_mode(&m, USUAL, true);
            m.takes_us = 5000;
            download(&m, 0, 64);
            if (when > 0)
                assert_int_equal(mock_status(&m).bState, DFUKIT_DNBUSY);
            m.left_us = 0;
            m.poll_status = statuses[i];
            if (when == 2)
                dfukit_dfu_poll(&m.dfu, 1);
            r = mock_status(&m);
            assert_int_equal(r.bStatus, statuses[i]);
            assert_int_equal(r.bState, DFUKIT_DFU_ERROR);
            /* It stays until CLRSTATUS, whatever else is refused. */
            assert_int_equal(mock_do(&m, DFUKIT_ABORT, 0, 0).kind, DFUKIT_ANSWER_STALL);
            assert_int_equal(mock_status(&m).bStatus, statuses[i]);
            mock_do(&m, DFUKIT_CLRSTATUS, 0, 0);
            r = mock_status(&m);
            assert_int_equal(r.bStatus, DFUKIT_STATUS_OK);
            assert_int_equal(r.bState, DFUKIT_DFU_IDLE);
        }
    }
}

/* The text of errVENDOR may have any index, the first one too. */
static void the_vendors_text(void **state)
{
    static const uint8_t indexes[] = {0, 1, 2, 255};

    (void)state;
    for (size_t i = 0; i < LENGTH(indexes); i++) {
        mock m;

        mock_dfu_mode(&m, USUAL, true);
        m.config.status_string = indexes[i];
        assert_int_equal(mock_status(&m).iString, 0);
        m.write_status = DFUKIT_STATUS_VENDOR;
        download(&m, 0, 64);
        assert_int_equal(mock_status(&m).iString, indexes[i]);
        mock_do(&m, DFUKIT_CLRSTATUS, 0, 0);
        assert_int_equal(mock_status(&m).iString, 0);
    }
}

/* A GETSTATUS whose answer is on its way when the work fails does not undo the error. */
static void a_failure_between_answer_and_end(void **state)
{
    mock m;
    dfukit_setup s;

    (void)state;
    mock_dfu_mode(&m, USUAL, true);
    m.takes_us = 5000;
    download(&m, 0, 64);
    s = mock_request(&m, DFUKIT_GETSTATUS, 0, 6);
    assert_int_equal(dfukit_dfu_setup(&m.dfu, &s).kind, DFUKIT_ANSWER_IN);
    m.poll_status = DFUKIT_STATUS_PROG;
    dfukit_dfu_poll(&m.dfu, 1);
    dfukit_dfu_complete(&m.dfu);
    assert_int_equal(mock_status(&m).bStatus, DFUKIT_STATUS_PROG);
    assert_int_equal(m.dfu.state, DFUKIT_DFU_ERROR);
}

static void the_end_before_the_device_has_all(void **state)
{
    mock m;

    (void)state;
    mock_dfu_mode(&m, USUAL, true);
    download(&m, 0, 64);
    mock_status(&m);
    m.finish_status = DFUKIT_STATUS_NOTDONE;
    assert_int_equal(mock_do(&m, DFUKIT_DNLOAD, 1, 0).kind, DFUKIT_ANSWER_STALL);
    assert_int_equal(m.dfu.state, DFUKIT_DFU_ERROR);
    assert_int_equal(mock_status(&m).bStatus, DFUKIT_STATUS_NOTDONE);
    assert_int_equal(m.manifests, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_never_longer_than_asked),
        cmocka_unit_test(blocks_longer_than_a_transfer_stall),
        cmocka_unit_test(uploads_of_no_length_stall),
        cmocka_unit_test(a_whole_download),
        cmocka_unit_test(a_whole_upload),
        cmocka_unit_test(an_abort_reaches_the_store),
        cmocka_unit_test(errors_of_the_store),
        cmocka_unit_test(the_vendors_text),
        cmocka_unit_test(a_failure_between_answer_and_end),
        cmocka_unit_test(the_end_before_the_device_has_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
