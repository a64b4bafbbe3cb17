/* SPDX-License-Identifier: MIT */
/* Coming and going: power-on, DETACH, bus resets, attaching, configurations, alternate settings. */
#include "mock_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { USUAL = DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD | DFUKIT_MANIFESTATION_TOLERANT };

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

static void power_on(void **state)
{
    static const struct {
        bool valid, loader_only;
        uint8_t state, status;
    } rows[] = {
        {true, false, DFUKIT_APP_IDLE, DFUKIT_STATUS_OK},
        {false, false, DFUKIT_DFU_ERROR, DFUKIT_STATUS_FIRMWARE},
        {true, true, DFUKIT_DFU_IDLE, DFUKIT_STATUS_OK},
        {false, true, DFUKIT_DFU_IDLE, DFUKIT_STATUS_OK},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        mock m;

        mock_init(&m, USUAL, false);
        m.valid = rows[i].valid;
        m.config.loader_only = rows[i].loader_only;
        memset(&m.dfu, 0xA5, sizeof m.dfu);
        dfukit_dfu_init(&m.dfu, &m.config, &m, m.buffer);
        if (m.dfu.state != rows[i].state || m.dfu.status != rows[i].status)
            fail_msg("row %zu: state %u, status %u", i, m.dfu.state, m.dfu.status);
        assert_int_equal(dfukit_dfu_wish(&m.dfu), DFUKIT_WISH_NONE);
        assert_false(m.dfu.configured);
        dfukit_dfu_poll(&m.dfu, 0x80000000u);
        assert_int_equal(m.dfu.state, rows[i].state);
    }
}

/* errFIRMWARE outlives the first SET_CONFIGURATION, and CLRSTATUS leads on. */
static void damaged_firmware(void **state)
{
    mock m;
    dfukit_status_reply r;

    (void)state;
    mock_init(&m, USUAL, true);
    m.valid = false;
    dfukit_dfu_init(&m.dfu, &m.config, &m, m.buffer);
    dfukit_dfu_set_configured(&m.dfu, true);
    r = mock_status(&m);
    assert_int_equal(r.bStatus, DFUKIT_STATUS_FIRMWARE);
    assert_int_equal(r.bState, DFUKIT_DFU_ERROR);
    mock_do(&m, DFUKIT_CLRSTATUS, 0, 0);
    assert_int_equal(m.dfu.state, DFUKIT_DFU_IDLE);
    assert_int_equal(mock_do(&m, DFUKIT_DNLOAD, 0, 64).kind, DFUKIT_ANSWER_OUT);
}

/* ---- DETACH ---- */

static void the_detach_timer(void **state)
{
    static const struct {
        uint16_t wTimeout;
        uint32_t ms; /* the smaller one of wTimeout and wDetachTimeOut, which is 1000 */
    } rows[] = {{1, 1}, {500, 500}, {999, 999}, {1000, 1000}, {1001, 1000}, {65535, 1000}};

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        mock m;

        /* it runs out */
        mock_init(&m, USUAL, true);
        dfukit_dfu_poll(&m.dfu, 70);
        assert_int_equal(mock_do(&m, DFUKIT_DETACH, rows[i].wTimeout, 0).kind, DFUKIT_ANSWER_OUT);
        assert_int_equal(m.dfu.state, DFUKIT_APP_DETACH);
        assert_int_equal(dfukit_dfu_wish(&m.dfu), DFUKIT_WISH_NONE);
        dfukit_dfu_poll(&m.dfu, 70 + rows[i].ms - 1);
        assert_int_equal(m.dfu.state, DFUKIT_APP_DETACH);
        dfukit_dfu_poll(&m.dfu, 70 + rows[i].ms);
        assert_int_equal(m.dfu.state, DFUKIT_APP_IDLE);
        dfukit_dfu_bus_reset(&m.dfu);
        assert_int_equal(m.dfu.state, DFUKIT_APP_IDLE);
        assert_int_equal(dfukit_dfu_wish(&m.dfu), DFUKIT_WISH_NONE);
        /* the host resets in time */
        dfukit_dfu_set_configured(&m.dfu, true);
        mock_do(&m, DFUKIT_DETACH, rows[i].wTimeout, 0);
        dfukit_dfu_poll(&m.dfu, 70 + 2 * rows[i].ms - 1);
        dfukit_dfu_bus_reset(&m.dfu);
        assert_int_equal(m.dfu.state, DFUKIT_DFU_IDLE);
        assert_int_equal(dfukit_dfu_wish(&m.dfu), DFUKIT_WISH_REATTACH_DFU);
        dfukit_dfu_attach(&m.dfu, true);
        dfukit_dfu_poll(&m.dfu, 70 + 5 * rows[i].ms);
        assert_int_equal(m.dfu.state, DFUKIT_DFU_IDLE);
    }
}

static void a_detach_without_reset(void **state)
{
    mock m;
    dfukit_setup s;

    (void)state;
    mock_init(&m, USUAL | DFUKIT_WILL_DETACH, true);
    s = mock_request(&m, DFUKIT_DETACH, 500, 0);
    dfukit_dfu_setup(&m.dfu, &s);
    assert_int_equal(dfukit_dfu_wish(&m.dfu), DFUKIT_WISH_NONE); /* not before it was answered */
    dfukit_dfu_complete(&m.dfu);
    assert_int_equal(m.dfu.state, DFUKIT_APP_DETACH);
    assert_int_equal(dfukit_dfu_wish(&m.dfu), DFUKIT_WISH_REATTACH_DFU);
    assert_int_equal(dfukit_dfu_wish(&m.dfu), DFUKIT_WISH_NONE);
    dfukit_dfu_attach(&m.dfu, true);
    assert_int_equal(m.dfu.state, DFUKIT_DFU_IDLE);
    assert_false(m.dfu.used);
    assert_false(m.dfu.configured);
}

static void a_refused_request_ends_a_detach(void **state)
{
    mock m;

    (void)state;
    mock_init(&m, USUAL, true);
    mock_do(&m, DFUKIT_DETACH, 500, 0);
    assert_int_equal(mock_do(&m, DFUKIT_DETACH, 500, 0).kind, DFUKIT_ANSWER_STALL);
    assert_int_equal(m.dfu.state, DFUKIT_APP_IDLE);
    assert_int_equal(m.dfu.status, DFUKIT_STATUS_OK);
    dfukit_dfu_bus_reset(&m.dfu);
    assert_int_equal(m.dfu.state, DFUKIT_APP_IDLE);
    assert_int_equal(dfukit_dfu_wish(&m.dfu), DFUKIT_WISH_NONE);
}

/* ---- Bus resets in DFU mode ---- */

/* Into each dfu state by requests. */
static void lead(mock *m, uint8_t to, bool strict)
{
    uint8_t attributes = to == 8 ? DFUKIT_CAN_DNLOAD : USUAL;

    mock_dfu_mode(m, attributes, strict);
    if (to == 2)
        mock_do(m, DFUKIT_GETSTATE, 0, 1);
    if (to >= 3 && to <= 8) {
        m->takes_us = to < 5 ? 20000 : 0;
        mock_do(m, DFUKIT_DNLOAD, 0, 64);
        if (to != 3)
            mock_do(m, DFUKIT_GETSTATUS, 0, 6);
    }
    if (to >= 6 && to <= 8) {
        m->takes_us = to == 7 ? 20000 : 0;
        mock_do(m, DFUKIT_DNLOAD, 1, 0);
        if (to != 6)
            mock_do(m, DFUKIT_GETSTATUS, 0, 6);
    }
    if (to == 8)
        dfukit_dfu_poll(&m->dfu, 1);
    if (to == 9)
        mock_do(m, DFUKIT_UPLOAD, 0, 64);
    if (to == 10)
        mock_do(m, DFUKIT_CLRSTATUS, 0, 0);
    assert_int_equal(m->dfu.state, to);
}

static void a_reset_leaves_dfu_mode(void **state)
{
    (void)state;
    for (uint8_t from = 2; from <= 10; from++) {
        for (unsigned variant = 0; variant < 8; variant++) {
            bool strict = (variant & 1u) != 0, valid = (variant & 2u) != 0;
            bool loader_only = (variant & 4u) != 0;
            uint8_t expected = !valid        ? DFUKIT_DFU_ERROR
                               : loader_only ? DFUKIT_DFU_IDLE
                                             : DFUKIT_APP_IDLE;
            mock m;
            unsigned rewinds;

            lead(&m, from, strict);
            rewinds = m.rewinds;
            m.valid = valid;
            m.left_us = 0;
            m.config.loader_only = loader_only;
            dfukit_dfu_bus_reset(&m.dfu);
            if (m.dfu.state != expected ||
                m.dfu.status != (valid ? DFUKIT_STATUS_OK : DFUKIT_STATUS_FIRMWARE))
                fail_msg("from %u, variant %u: state %u, status %u", from, variant, m.dfu.state,
                         m.dfu.status);
            assert_int_equal(dfukit_dfu_wish(&m.dfu),
                             valid ? DFUKIT_WISH_REATTACH_APP : DFUKIT_WISH_NONE);
            assert_int_equal(m.rewinds, rewinds + 1);
            assert_false(m.dfu.configured);
            m.left_us = 0;
            dfukit_dfu_poll(&m.dfu, 100000); /* no timer is left running */
            assert_int_equal(m.dfu.state, expected);
        }
    }
}

/* Enumeration resets a device several times before anybody talks DFU to it. */
static void a_reset_before_any_request_is_enumeration(void **state)
{
    mock m;

    (void)state;
    for (unsigned configured = 0; configured < 2; configured++) {
        mock_init(&m, USUAL, false);
        dfukit_dfu_attach(&m.dfu, true);
        for (unsigned i = 0; i < 4; i++) {
            dfukit_dfu_bus_reset(&m.dfu);
            assert_int_equal(m.dfu.state, DFUKIT_DFU_IDLE);
            assert_int_equal(dfukit_dfu_wish(&m.dfu), DFUKIT_WISH_NONE);
            if (configured != 0)
                dfukit_dfu_set_configured(&m.dfu, true);
        }
        dfukit_dfu_set_configured(&m.dfu, true);
        mock_do(&m, DFUKIT_GETSTATUS, 0, 6);
        dfukit_dfu_bus_reset(&m.dfu);
        assert_int_equal(m.dfu.state, DFUKIT_APP_IDLE);
        assert_int_equal(dfukit_dfu_wish(&m.dfu), DFUKIT_WISH_REATTACH_APP);
    }
    /* Not configured any more: any state but the first two proves that it was, and was used. */
    lead(&m, 5, false);
    dfukit_dfu_set_configured(&m.dfu, false);
    dfukit_dfu_bus_reset(&m.dfu);
    assert_int_equal(m.dfu.state, DFUKIT_APP_IDLE);
    assert_int_equal(dfukit_dfu_wish(&m.dfu), DFUKIT_WISH_REATTACH_APP);
    /* To the letter every reset counts, but those of the enumeration itself. */
    mock_init(&m, USUAL, true);
    dfukit_dfu_attach(&m.dfu, true);
    dfukit_dfu_bus_reset(&m.dfu);
    assert_int_equal(m.dfu.state, DFUKIT_DFU_IDLE);
    dfukit_dfu_set_configured(&m.dfu, true);
    dfukit_dfu_bus_reset(&m.dfu);
    assert_int_equal(m.dfu.state, DFUKIT_APP_IDLE);
    assert_int_equal(dfukit_dfu_wish(&m.dfu), DFUKIT_WISH_REATTACH_APP);
}

/* Firmware must not be started, nor even looked at, while the flash is at work. */
static void a_reset_while_the_flash_works_starts_nothing(void **state)
{
    (void)state;
    for (uint8_t from = 3; from <= 7; from++) {
        mock m;

        lead(&m, from, true);
        m.valid = true;
        m.left_us = 40000;
        dfukit_dfu_bus_reset(&m.dfu);
        assert_int_equal(m.dfu.state, DFUKIT_DFU_ERROR);
        assert_int_equal(m.dfu.status, DFUKIT_STATUS_FIRMWARE);
        assert_int_equal(dfukit_dfu_wish(&m.dfu), DFUKIT_WISH_NONE);
    }
}

/* What was under way is given up, and a wish nobody took is not obeyed twice. */
static void attaching_leaves_nothing_behind(void **state)
{
    mock m;
    unsigned rewinds;

    (void)state;
    lead(&m, DFUKIT_DNBUSY, false);
    rewinds = m.rewinds;
    m.dfu.wish = DFUKIT_WISH_REATTACH_DFU;
    dfukit_dfu_attach(&m.dfu, false);
    assert_int_equal(m.rewinds, rewinds + 1);
    assert_int_equal(m.dfu.state, DFUKIT_APP_IDLE);
    assert_int_equal(dfukit_dfu_wish(&m.dfu), DFUKIT_WISH_NONE);
}

/* A request of the run-time mode, or one for somebody else, is no use of DFU mode. */
static void what_counts_as_use(void **state)
{
    mock m;
    dfukit_setup s = {0x41, 3, 0, 0, 6};

    (void)state;
    mock_init(&m, USUAL | DFUKIT_WILL_DETACH, false);
    mock_do(&m, DFUKIT_GETSTATUS, 0, 6);
    mock_do(&m, DFUKIT_DETACH, 0, 0);
    dfukit_dfu_attach(&m.dfu, true);
    dfukit_dfu_wish(&m.dfu);
    dfukit_dfu_set_configured(&m.dfu, true);
    dfukit_dfu_setup(&m.dfu, &s);
    dfukit_dfu_bus_reset(&m.dfu);
    assert_int_equal(m.dfu.state, DFUKIT_DFU_IDLE);
    dfukit_dfu_set_configured(&m.dfu, true);
    s.bmRequestType = 0x21; /* of the class, though refused */
    dfukit_dfu_setup(&m.dfu, &s);
    dfukit_dfu_bus_reset(&m.dfu);
    assert_int_equal(m.dfu.state, DFUKIT_APP_IDLE);
}

static void a_reset_in_run_time_mode(void **state)
{
    mock m;

    (void)state;
    mock_init(&m, USUAL, true);
    mock_do(&m, DFUKIT_GETSTATUS, 0, 6);
    dfukit_dfu_bus_reset(&m.dfu);
    assert_int_equal(m.dfu.state, DFUKIT_APP_IDLE);
    assert_int_equal(dfukit_dfu_wish(&m.dfu), DFUKIT_WISH_NONE);
    assert_int_equal(m.rewinds, 0);
}

/* A reset or a SETUP drops the request in progress: its data must not arrive later. */
static void a_reset_within_a_request(void **state)
{
    mock m;
    dfukit_setup s;

    (void)state;
    lead(&m, 5, false);
    s = mock_request(&m, DFUKIT_DNLOAD, 1, 64);
    dfukit_dfu_setup(&m.dfu, &s);
    dfukit_dfu_bus_reset(&m.dfu);
    dfukit_dfu_complete(&m.dfu);
    assert_int_equal(m.writes, 1);
    assert_int_equal(m.dfu.state, DFUKIT_APP_IDLE);
    lead(&m, 5, false);
    dfukit_dfu_setup(&m.dfu, &s);
    dfukit_dfu_set_configured(&m.dfu, false);
    dfukit_dfu_complete(&m.dfu);
    assert_int_equal(m.writes, 1);
    assert_int_equal(m.dfu.state, DFUKIT_DNLOAD_IDLE);
    lead(&m, 5, false);
    dfukit_dfu_setup(&m.dfu, &s);
    assert_true(dfukit_dfu_set_alternate(&m.dfu, 1));
    dfukit_dfu_complete(&m.dfu);
    assert_int_equal(m.writes, 1);
    assert_int_equal(m.dfu.state, DFUKIT_DFU_IDLE);
    mock_init(&m, USUAL, false);
    s = mock_request(&m, DFUKIT_DETACH, 500, 0);
    dfukit_dfu_setup(&m.dfu, &s);
    dfukit_dfu_bus_reset(&m.dfu);
    dfukit_dfu_complete(&m.dfu);
    assert_int_equal(m.dfu.state, DFUKIT_APP_IDLE);
}

/* ---- SET_INTERFACE and SET_CONFIGURATION ---- */

static void set_interface_returns_to_idle(void **state)
{
    (void)state;
    for (uint8_t from = 2; from <= 10; from++) {
        for (unsigned working = 0; working < 2; working++) {
            for (unsigned alt = 0; alt < 5; alt++) {
                mock m;
                /* Waiting for its reset, a device takes no other request. */
                bool good = alt < 3 && working == 0 && from != DFUKIT_MANIFEST_WAIT_RESET;

                lead(&m, from, true);
                m.left_us = working != 0 ? 1 : 0;
                if (dfukit_dfu_set_alternate(&m.dfu, (uint8_t)alt) != good)
                    fail_msg("from %u, working %u, alternate %u", from, working, alt);
                assert_int_equal(m.dfu.state, good ? DFUKIT_DFU_IDLE : from);
                assert_int_equal(m.dfu.alt, good ? alt : 0);
                if (good)
                    assert_int_equal(m.dfu.status, DFUKIT_STATUS_OK);
            }
        }
    }
}

/* Whatever takes the configuration away takes the alternate setting with it (USB 2.0 §9.1.1.5): at
 * the latest when there is a configuration, and somebody to ask, again. A download that was under
 * way into another setting does not go on there. */
static void the_setting_ends_with_the_configuration(void **state)
{
    mock m;

    (void)state;
    for (unsigned how = 0; how < 12; how++) {
        bool downloading = how % 6 >= 3;

        mock_dfu_mode(&m, USUAL, false);
        m.config.alternates = how < 6 ? 3 : 2;
        assert_true(dfukit_dfu_set_alternate(&m.dfu, how < 6 ? 2 : 1));
        if (downloading) {
            mock_do(&m, DFUKIT_DNLOAD, 0, 64);
            mock_status(&m);
        }
        if (how % 3 == 0)
            dfukit_dfu_bus_reset(&m.dfu); /* not used yet: it stays in DFU mode */
        else if (how % 3 == 1)
            dfukit_dfu_set_configured(&m.dfu, false);
        else
            dfukit_dfu_attach(&m.dfu, true);
        dfukit_dfu_set_configured(&m.dfu, true);
        assert_int_equal(m.dfu.alt, 0);
        assert_int_equal(m.alt, 0); /* the store knows */
        assert_int_equal(m.dfu.state, how % 6 == 3 ? DFUKIT_APP_IDLE : DFUKIT_DFU_IDLE);
    }
}

static void set_interface_in_run_time_mode(void **state)
{
    mock m;

    (void)state;
    mock_init(&m, USUAL, true);
    assert_true(dfukit_dfu_set_alternate(&m.dfu, 0));
    assert_false(dfukit_dfu_set_alternate(&m.dfu, 1));
    mock_do(&m, DFUKIT_DETACH, 500, 0);
    assert_true(dfukit_dfu_set_alternate(&m.dfu, 0));
    assert_int_equal(m.dfu.state, DFUKIT_APP_DETACH);
}

static void configuring_again(void **state)
{
    mock m;

    (void)state;
    for (uint8_t from = 2; from <= 10; from++) {
        lead(&m, from, true);
        m.left_us = 0;
        m.dfu.alt = 2;
        dfukit_dfu_set_configured(&m.dfu, true);
        bool waits = from == DFUKIT_MANIFEST_WAIT_RESET;
        assert_int_equal(m.dfu.state, waits ? from : DFUKIT_DFU_IDLE);
        assert_int_equal(m.dfu.alt, waits ? 2 : 0);
        lead(&m, from, true);
        m.left_us = 1; /* while the store works, the state stands */
        dfukit_dfu_set_configured(&m.dfu, true);
        assert_int_equal(m.dfu.state, from);
    }
    mock_init(&m, USUAL, true);
    mock_do(&m, DFUKIT_DETACH, 500, 0);
    dfukit_dfu_set_configured(&m.dfu, true);
    assert_int_equal(m.dfu.state, DFUKIT_APP_DETACH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(power_on),
        cmocka_unit_test(damaged_firmware),
        cmocka_unit_test(the_detach_timer),
        cmocka_unit_test(a_detach_without_reset),
        cmocka_unit_test(a_refused_request_ends_a_detach),
        cmocka_unit_test(a_reset_leaves_dfu_mode),
        cmocka_unit_test(a_reset_before_any_request_is_enumeration),
        cmocka_unit_test(a_reset_while_the_flash_works_starts_nothing),
        cmocka_unit_test(attaching_leaves_nothing_behind),
        cmocka_unit_test(what_counts_as_use),
        cmocka_unit_test(a_reset_in_run_time_mode),
        cmocka_unit_test(a_reset_within_a_request),
        cmocka_unit_test(set_interface_returns_to_idle),
        cmocka_unit_test(the_setting_ends_with_the_configuration),
        cmocka_unit_test(set_interface_in_run_time_mode),
        cmocka_unit_test(configuring_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
