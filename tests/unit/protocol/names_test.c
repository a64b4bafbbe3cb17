/* SPDX-License-Identifier: MIT */
/* Names and texts of errors, states, statuses and requests. */
#include "dfukit/protocol.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* DFU 1.1 §6.1.2 and Annex A.1, in the order of their numbers. */
static const char *const states[] = {
    "appIDLE",        "appDETACH",        "dfuIDLE",     "dfuDNLOAD-SYNC",         "dfuDNBUSY",
    "dfuDNLOAD-IDLE", "dfuMANIFEST-SYNC", "dfuMANIFEST", "dfuMANIFEST-WAIT-RESET", "dfuUPLOAD-IDLE",
    "dfuERROR",
};
static const char *const statuses[] = {
    "OK",      "errTARGET", "errFILE",    "errWRITE",      "errERASE",    "errCHECK_ERASED",
    "errPROG", "errVERIFY", "errADDRESS", "errNOTDONE",    "errFIRMWARE", "errVENDOR",
    "errUSBR", "errPOR",    "errUNKNOWN", "errSTALLEDPKT",
};
static const char *const requests[] = {
    "DFU_DETACH",    "DFU_DNLOAD",   "DFU_UPLOAD", "DFU_GETSTATUS",
    "DFU_CLRSTATUS", "DFU_GETSTATE", "DFU_ABORT",
};

static void names_are_the_specifications(void **state)
{
    (void)state;
    assert_int_equal(sizeof states / sizeof states[0], DFUKIT_STATE_COUNT);
    assert_int_equal(sizeof statuses / sizeof statuses[0], DFUKIT_STATUS_COUNT);
    assert_int_equal(sizeof requests / sizeof requests[0], DFUKIT_REQUEST_COUNT);
    for (unsigned i = 0; i < DFUKIT_STATE_COUNT; i++)
        assert_string_equal(dfukit_state_name(i), states[i]);
    for (unsigned i = 0; i < DFUKIT_STATUS_COUNT; i++)
        assert_string_equal(dfukit_status_name(i), statuses[i]);
    for (unsigned i = 0; i < DFUKIT_REQUEST_COUNT; i++)
        assert_string_equal(dfukit_request_name(i), requests[i]);
}

static void values_out_of_range_are_unknown(void **state)
{
    static const unsigned values[] = {16, 17, 255, 256, 0xFFFFFFFFu};

    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        assert_string_equal(dfukit_state_name(values[i]), "unknown");
        assert_string_equal(dfukit_status_name(values[i]), "unknown");
        assert_string_equal(dfukit_request_name(values[i]), "unknown");
        assert_non_null(dfukit_status_text(values[i]));
        assert_true(strlen(dfukit_status_text(values[i])) > 10);
    }
    assert_string_equal(dfukit_state_name(11), "unknown");
    assert_string_equal(dfukit_request_name(7), "unknown");
}

/* One sentence each, and no two alike. */
static void status_texts_tell_apart(void **state)
{
    (void)state;
    for (unsigned i = 0; i < DFUKIT_STATUS_COUNT; i++) {
        const char *text = dfukit_status_text(i);

        assert_true(strlen(text) > 5);
        assert_int_equal(text[strlen(text) - 1], '.');
        for (unsigned k = 0; k < i; k++)
            assert_string_not_equal(text, dfukit_status_text(k));
    }
}

static void errors_have_name_and_text(void **state)
{
    (void)state;
    assert_string_equal(dfukit_error_name(DFUKIT_OK), "OK");
    assert_string_equal(dfukit_error_name(DFUKIT_ERR_STALL), "ERR_STALL");
    assert_string_equal(dfukit_error_name(-28), "ERR_OUTPUT");
    assert_string_equal(dfukit_error_text(DFUKIT_ERR_DAMAGED), "the file is damaged");
    for (int i = 0; i >= DFUKIT_ERR_OUTPUT; i--) {
        assert_string_not_equal(dfukit_error_name(i), "ERR_UNKNOWN");
        assert_string_not_equal(dfukit_error_text(i), "unknown error");
    }
    for (int i = 1; i < 100; i += 33) {
        assert_string_equal(dfukit_error_name(i), "ERR_UNKNOWN");
        assert_string_equal(dfukit_error_text(i), "unknown error");
        assert_string_equal(dfukit_error_name(DFUKIT_ERR_OUTPUT - i), "ERR_UNKNOWN");
        assert_string_equal(dfukit_error_text(DFUKIT_ERR_OUTPUT - i), "unknown error");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_the_specifications),
        cmocka_unit_test(values_out_of_range_are_unknown),
        cmocka_unit_test(status_texts_tell_apart),
        cmocka_unit_test(errors_have_name_and_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
