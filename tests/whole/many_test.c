/* SPDX-License-Identifier: MIT */
/* Many devices from one thread: sessions of one carrier go forward together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "whole/rig.h"

enum { MOST = 8, SIZE = 20000 };

/* Devices of one persona on one virtual clock; the one numbered `faulty` has a fault. */
typedef struct rack {
    size_t count;
    uint64_t now_us;
    dfukit_clock clock;
    dfukit_virtual *devices[MOST];
    dfukit_carrier carrier;
    dfukit_targets all;
    rig_payload parts[MOST];
    uint8_t bytes[MOST][SIZE];
    dfukit_session *sessions[MOST];
} rack;

static void rack_open(rack *r, size_t count, size_t faulty, const char *fault)
{
    dfukit_wire wires[MOST];

    memset(r, 0, sizeof *r);
    r->count = count;
    r->clock = dfukit_clock_virtual(&r->now_us);
    for (size_t i = 0; i < count; i++) {
        dfukit_virtual_options options = {.fast = false};
        if (i == faulty) {
            options.fault_count = 1;
            assert_int_equal(dfukit_fault_parse(fault, &options.faults[0]), DFUKIT_OK);
        }
        r->devices[i] = dfukit_virtual_new(dfukit_persona_find("micro"), &options, &r->clock);
        assert_non_null(r->devices[i]);
        wires[i] = dfukit_virtual_wire(r->devices[i]);
    }
    assert_int_equal(dfukit_loopback_open(&r->carrier, wires, count, &r->clock), DFUKIT_OK);
    assert_int_equal(dfukit_list(&r->carrier, NULL, &r->all), DFUKIT_OK);
    assert_int_equal(r->all.count, count);
}

static void rack_close(rack *r)
{
    for (size_t i = 0; i < r->count; i++)
        dfukit_session_free(&r->sessions[i]);
    dfukit_targets_free(&r->all);
    dfukit_carrier_close(&r->carrier);
    for (size_t i = 0; i < r->count; i++)
        dfukit_virtual_free(&r->devices[i]);
}

static void begin(rack *r, size_t i)
{
    int error = DFUKIT_OK;

    rig_fill(r->bytes[i], SIZE, (uint32_t)i + 1);
    dfukit_job job = {.verb = DFUKIT_VERB_WRITE,
                      .stream = rig_stream(&r->parts[i], r->bytes[i], SIZE)};
    r->sessions[i] = dfukit_session_new(&r->carrier, &job, &r->all.list[i], &error);
    assert_int_equal(error, DFUKIT_OK);
    assert_non_null(r->sessions[i]);
}

/* @return the virtual time it took, in milliseconds. */
static uint64_t drive(rack *r)
{
    uint64_t begun_us = r->now_us;

    while (dfukit_sessions_work(r->sessions, r->count, 100) > 0)
        assert_true(r->now_us - begun_us < 600 * UINT64_C(1000000));
    return (r->now_us - begun_us) / 1000;
}

static const dfukit_outcome *outcome(const rack *r, size_t i)
{
    return dfukit_host_outcome(dfukit_session_host(r->sessions[i]));
}

static void check_written(const rack *r, size_t i)
{
    uint32_t n = 0;

    if (outcome(r, i)->error != DFUKIT_OK || !outcome(r, i)->verified)
        fail_msg("device %zu: %s: %s", i, dfukit_error_name(outcome(r, i)->error),
                 outcome(r, i)->what);
    const uint8_t *cells = dfukit_vflash_cells(dfukit_virtual_flash(r->devices[i]), &n);
    assert_true(n >= SIZE);
    assert_memory_equal(cells, r->bytes[i], SIZE);
}

/* Each gets its own firmware, and eight take no longer than twice one: they wait together. */
static void test_together(void **state)
{
    static rack r;
    (void)state;

    rack_open(&r, 1, MOST, NULL);
    begin(&r, 0);
    uint64_t alone_ms = drive(&r);
    check_written(&r, 0);
    rack_close(&r);
    assert_true(alone_ms > 0);

    rack_open(&r, MOST, MOST, NULL);
    for (size_t i = 0; i < MOST; i++)
        begin(&r, i);
    uint64_t together_ms = drive(&r);
    for (size_t i = 0; i < MOST; i++)
        check_written(&r, i);
    rack_close(&r);
    printf("one device: %u ms, eight from one thread: %u ms\n", (unsigned)alone_ms,
           (unsigned)together_ms);
    if (together_ms > 2 * alone_ms)
        fail_msg("one takes %u ms, eight %u ms", (unsigned)alone_ms, (unsigned)together_ms);
}

/* What goes wrong with one device is its own affair, whatever it is. */
static void test_one_fails(void **state)
{
    static const char *const faults[] = {"error-dnload=3", "vanish-dnload=4", "hang-getstatus=5",
                                         "stall-dnload=2", "vanish-manifest-forever"};
    static rack r;
    (void)state;

    for (size_t f = 0; f < sizeof faults / sizeof faults[0]; f++) {
        rack_open(&r, 4, 2, faults[f]);
        for (size_t i = 0; i < r.count; i++)
            begin(&r, i);
        drive(&r);
        for (size_t i = 0; i < r.count; i++) {
            if (i != 2)
                check_written(&r, i);
            else if (outcome(&r, i)->verified && outcome(&r, i)->confirmed)
                fail_msg("%s: it did not show", faults[f]);
        }
        rack_close(&r);
    }
}

/* One is given up in the midst of it, one is freed; the others are not disturbed. */
static void test_given_up(void **state)
{
    static rack r;
    (void)state;

    rack_open(&r, 4, MOST, NULL);
    for (size_t i = 0; i < r.count; i++)
        begin(&r, i);
    do {
        assert_true(dfukit_sessions_work(r.sessions, r.count, 100) > 0);
    } while (dfukit_host_outcome(dfukit_session_host(r.sessions[1]))->bytes < 8000);
    dfukit_host_cancel(dfukit_session_host(r.sessions[1]));
    dfukit_session_free(&r.sessions[3]);
    r.count = 3;
    drive(&r);
    check_written(&r, 0);
    assert_int_equal(outcome(&r, 1)->error, DFUKIT_ERR_INTERRUPTED);
    assert_true(outcome(&r, 1)->bytes < SIZE);
    check_written(&r, 2);
    r.count = 4;
    rack_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_together),
        cmocka_unit_test(test_one_fails),
        cmocka_unit_test(test_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
