/* SPDX-License-Identifier: MIT */
/*
 * The state table of DFU 1.1 Annex A.2 as the class behaves: all states, all requests, strict and
 * lenient. The expectations are typed from the tables of A.2.1 to A.2.11, not from transitions.c.
 */
#include "mock_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum {
    DNLOAD = DFUKIT_CAN_DNLOAD,
    UPLOAD = DFUKIT_CAN_UPLOAD,
    TOLERANT = DFUKIT_MANIFESTATION_TOLERANT,
    DETACHES = DFUKIT_WILL_DETACH,
    USUAL = DNLOAD | UPLOAD | TOLERANT
};

/* A state and how the device came into it. */
typedef struct scene {
    const char *name;
    uint8_t state;
    uint8_t attributes;
    bool working; /* the store has not finished */
    bool short_upload;
} scene;

/*
 * What follows a request: "5" acknowledged or answered, then state 5; "x0" stalled, then state 0;
 * "S" stalled, then dfuERROR with errSTALLEDPKT.
 */
typedef struct row {
    scene scene;
    const char *strict[DFUKIT_INPUT_COUNT];
    const char *lenient[DFUKIT_INPUT_COUNT]; /* NULL: as strict */
} row;

/* clang-format off */
static const row rows[] = {
    /* DETACH, DNLOAD, UPLOAD, GETSTATUS, CLRSTATUS, GETSTATE, ABORT, other, end of DNLOAD */
    {{"appIDLE", 0, USUAL, 0, 0},
     {"1", "x0", "x0", "0", "x0", "0", "x0", "x0", "x0"}, {0}},
    {{"appDETACH", 1, USUAL, 0, 0},
     {"x0", "x0", "x0", "1", "x0", "1", "x0", "x0", "x0"}, {0}},
    {{"dfuIDLE", 2, USUAL, 0, 0},
     {"S", "3", "9", "2", "S", "2", "2", "S", "S"}, {0}},
    {{"dfuIDLE, short", 2, USUAL, 0, 1},
     {"S", "3", "2", "2", "S", "2", "2", "S", "S"}, {0}},
    {{"dfuIDLE, only up", 2, UPLOAD, 0, 0},
     {"S", "S", "9", "2", "S", "2", "2", "S", "S"}, {0}},
    {{"dfuIDLE, only dn", 2, DNLOAD, 0, 0},
     {"S", "3", "S", "2", "S", "2", "2", "S", "S"}, {0}},
    {{"DNLOAD-SYNC, done", 3, USUAL, 0, 0},
     {"S", "S", "S", "5", "S", "3", "S", "S", "S"},
     {0 , 0 , 0 , 0 , 0 , 0 , "2", 0 , 0}},
    {{"DNLOAD-SYNC, busy", 3, USUAL, 1, 0},
     {"S", "S", "S", "4", "S", "3", "S", "S", "S"}, {0}},
    {{"DNBUSY", 4, USUAL, 1, 0},
     {"S", "S", "S", "S", "S", "S", "S", "S", "S"},
     {0 , 0 , 0 , "4", 0 , "4", 0 , 0 , 0}},
    {{"DNLOAD-IDLE", 5, USUAL, 0, 0},
     {"S", "3", "S", "5", "S", "5", "2", "S", "6"}, {0}},
    {{"MANIFEST-SYNC, quick", 6, USUAL, 0, 0},
     {"S", "S", "S", "2", "S", "6", "S", "S", "S"},
     {0 , 0 , 0 , 0 , 0 , 0 , "2", 0 , 0}},
    {{"MANIFEST-SYNC, slow", 6, USUAL, 1, 0},
     {"S", "S", "S", "7", "S", "6", "S", "S", "S"},
     {0 , 0 , 0 , 0 , 0 , 0 , "2", 0 , 0}},
    {{"MANIFEST-SYNC, quick, not tolerant", 6, DNLOAD, 0, 0},
     {"S", "S", "S", "7", "S", "6", "S", "S", "S"},
     {0 , 0 , 0 , 0 , 0 , 0 , "2", 0 , 0}},
    {{"MANIFEST", 7, USUAL, 1, 0},
     {"S", "S", "S", "S", "S", "S", "S", "S", "S"},
     {0 , 0 , 0 , "7", 0 , "7", 0 , 0 , 0}},
    {{"MANIFEST, not tolerant", 7, DNLOAD | DETACHES, 1, 0},
     {"S", "S", "S", "S", "S", "S", "S", "S", "S"},
     {0 , 0 , 0 , "7", 0 , "7", 0 , 0 , 0}},
    {{"WAIT-RESET", 8, DNLOAD, 0, 0},
     {"x8", "x8", "x8", "x8", "x8", "x8", "x8", "x8", "x8"}, {0}},
    {{"UPLOAD-IDLE", 9, USUAL, 0, 0},
     {"S", "S", "9", "9", "S", "9", "2", "S", "S"}, {0}},
    {{"UPLOAD-IDLE, short", 9, USUAL, 0, 1},
     {"S", "S", "2", "9", "S", "9", "2", "S", "S"}, {0}},
    {{"dfuERROR", 10, USUAL, 0, 0},
     {"S", "S", "S", "10", "2", "10", "S", "S", "S"}, {0}},
};
/* clang-format on */

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

/* Lead a device to the scene by requests and time alone. */
static void lead(mock *m, const scene *s, bool strict)
{
    dfukit_dfu *d = &m->dfu;

    if (s->state < 2)
        mock_init(m, s->attributes, strict);
    else
        mock_dfu_mode(m, s->attributes, strict);
    dfukit_dfu_poll(d, 1000);
    if (s->state == 1)
        mock_do(m, DFUKIT_DETACH, 500, 0);
    if (s->state >= 3 && s->state <= 8) {
        m->takes_us = s->working && s->state < 5 ? 20000 : 0;
        mock_do(m, DFUKIT_DNLOAD, 0, 64);
        if (s->state != 3)
            mock_do(m, DFUKIT_GETSTATUS, 0, 6);
    }
    if (s->state >= 6 && s->state <= 8) {
        m->takes_us = s->working ? 20000 : 0;
        mock_do(m, DFUKIT_DNLOAD, 1, 0);
        if (s->state != 6)
            mock_do(m, DFUKIT_GETSTATUS, 0, 6);
    }
    if (s->state == 8)
        dfukit_dfu_poll(d, 2000);
    if (s->state == 9)
        mock_do(m, DFUKIT_UPLOAD, 0, 64);
    if (s->state == 10)
        mock_do(m, DFUKIT_CLRSTATUS, 0, 0);
    m->read_most = s->short_upload ? 63 : 64;
    if (d->state != s->state)
        fail_msg("%s: the device is in state %u", s->name, d->state);
}

static dfukit_setup request_for(const mock *m, unsigned input)
{
    switch (input) {
    case DFUKIT_ON_DETACH:
        return mock_request(m, DFUKIT_DETACH, 500, 0);
    case DFUKIT_ON_DNLOAD:
        return mock_request(m, DFUKIT_DNLOAD, 0, 64);
    case DFUKIT_ON_DNLOAD_END:
        return mock_request(m, DFUKIT_DNLOAD, 1, 0);
    case DFUKIT_ON_UPLOAD:
        return mock_request(m, DFUKIT_UPLOAD, 0, 64);
    case DFUKIT_ON_GETSTATUS:
        return mock_request(m, DFUKIT_GETSTATUS, 0, 6);
    case DFUKIT_ON_CLRSTATUS:
        return mock_request(m, DFUKIT_CLRSTATUS, 0, 0);
    case DFUKIT_ON_GETSTATE:
        return mock_request(m, DFUKIT_GETSTATE, 0, 1);
    case DFUKIT_ON_ABORT:
        return mock_request(m, DFUKIT_ABORT, 0, 0);
    default:
        return mock_request(m, (dfukit_request)7, 0, 0);
    }
}

/* One request in one scene. `what` names it when it does not do as expected. */
static void expect(const scene *s, bool strict, const dfukit_setup *template, const char *expected,
                   const char *what)
{
    mock m;
    dfukit_setup setup = *template;
    dfukit_answer a;
    bool fails = expected[0] == 'S';
    bool stalls = fails || expected[0] == 'x';
    unsigned state = fails ? 10u : (unsigned)atoi(expected + (expected[0] == 'x'));
    uint8_t status;
    unsigned early;

    lead(&m, s, strict);
    status = fails ? DFUKIT_STATUS_STALLEDPKT : state == 10 ? m.dfu.status : DFUKIT_STATUS_OK;
    a = dfukit_dfu_setup(&m.dfu, &setup);
    early = m.dfu.state;
    if (a.kind != DFUKIT_ANSWER_STALL)
        dfukit_dfu_complete(&m.dfu);
    if ((a.kind == DFUKIT_ANSWER_STALL) != stalls || m.dfu.state != state ||
        m.dfu.status != status || early != (stalls ? state : s->state))
        fail_msg("%s (%s), %s: expected %s, got %s, at SETUP state %u, then %u, status %u", s->name,
                 strict ? "strict" : "lenient", what, expected,
                 a.kind == DFUKIT_ANSWER_STALL ? "a stall" : "an answer", early, m.dfu.state,
                 m.dfu.status);
    if (stalls)
        return;
    if ((a.kind == DFUKIT_ANSWER_IN) != ((setup.bmRequestType & 0x80u) != 0))
        fail_msg("%s, %s: direction", s->name, what);
    if (setup.bRequest == DFUKIT_GETSTATE && (a.n != 1 || a.data[0] != s->state))
        fail_msg("%s: GETSTATE gives %u bytes, %u", s->name, a.n, a.data[0]);
    if (setup.bRequest == DFUKIT_GETSTATUS &&
        (a.n != 6 || a.data[0] != status || a.data[4] != state || a.data[5] != 0))
        fail_msg("%s: GETSTATUS gives %u bytes, bStatus %u, bState %u, iString %u", s->name, a.n,
                 a.data[0], a.data[4], a.data[5]);
}

static const char *expected_of(const row *r, unsigned input, bool strict)
{
    return !strict && r->lenient[input] != NULL ? r->lenient[input] : r->strict[input];
}

static void every_cell(void **state)
{
    static const char *const names[DFUKIT_INPUT_COUNT] = {
        "DETACH",   "DNLOAD", "UPLOAD", "GETSTATUS",  "CLRSTATUS",
        "GETSTATE", "ABORT",  "other",  "DNLOAD end",
    };
    bool seen[DFUKIT_STATE_COUNT] = {false};

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        seen[rows[i].scene.state] = true;
        for (unsigned strict = 0; strict < 2; strict++) {
            for (unsigned input = 0; input < DFUKIT_INPUT_COUNT; input++) {
                mock m;
                dfukit_setup s;

                lead(&m, &rows[i].scene, strict != 0);
                s = request_for(&m, input);
                expect(&rows[i].scene, strict != 0, &s, expected_of(&rows[i], input, strict != 0),
                       names[input]);
            }
        }
    }
    for (size_t i = 0; i < DFUKIT_STATE_COUNT; i++)
        assert_true(seen[i]);
}

/* The forms a request may take that is of the class, for this interface, but not in the table. */
static void every_form_of_other(void **state)
{
    static const struct {
        uint8_t bmRequestType, bRequest;
        uint16_t wLength;
        const char *what;
    } others[] = {
        {0xA1, 0, 0, "DETACH in"},
        {0xA1, 1, 64, "DNLOAD in"},
        {0xA1, 1, 0, "DNLOAD in, empty"},
        {0x21, 2, 64, "UPLOAD out"},
        {0x21, 3, 6, "GETSTATUS out"},
        {0x21, 3, 0, "GETSTATUS out, empty"},
        {0xA1, 4, 0, "CLRSTATUS in"},
        {0x21, 5, 1, "GETSTATE out"},
        {0xA1, 6, 0, "ABORT in"},
        {0x21, 0, 1, "DETACH with data"},
        {0x21, 4, 64, "CLRSTATUS with data"},
        {0x21, 6, 65535, "ABORT with data"},
        {0x21, 7, 0, "7 out"},
        {0xA1, 7, 64, "7 in"},
        {0x21, 0x41, 64, "0x41 out"},
        {0xA1, 255, 65535, "255 in"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        for (size_t k = 0; k < LENGTH(others); k++) {
            for (unsigned strict = 0; strict < 2; strict++) {
                dfukit_setup s = {others[k].bmRequestType, others[k].bRequest, 0,
                                  rows[i].scene.state < 2 ? MOCK_RUNTIME_INTERFACE : 0,
                                  others[k].wLength};

                expect(&rows[i].scene, strict != 0, &s, rows[i].strict[DFUKIT_ON_OTHER],
                       others[k].what);
            }
        }
    }
}

/* Requests that are not for the DFU interface at all are stalled and change nothing. */
static void requests_for_somebody_else(void **state)
{
    static const uint8_t types[] = {0x00, 0x20, 0x22, 0x23, 0x41, 0x40, 0x80, 0xA0,
                                    0xA2, 0xC0, 0xC1, 0x01, 0x81, 0x61, 0x31};
    static const uint16_t indexes[] = {1, 3, 0x0100, 0x0102, 0xFFFF};

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        for (unsigned request = 0; request < 8; request++) {
            for (size_t k = 0; k < LENGTH(types) + LENGTH(indexes); k++) {
                mock m;
                dfukit_dfu before;
                dfukit_setup s;

                lead(&m, &rows[i].scene, true);
                s = request_for(&m, request);
                if (k < LENGTH(types))
                    s.bmRequestType = types[k];
                else
                    s.wIndex = indexes[k - LENGTH(types)];
                before = m.dfu;
                if (dfukit_dfu_setup(&m.dfu, &s).kind != DFUKIT_ANSWER_STALL)
                    fail_msg("%s, input %u, form %zu: no stall", rows[i].scene.name, request, k);
                dfukit_dfu_complete(&m.dfu);
                if (memcmp(&before, &m.dfu, sizeof before) != 0)
                    fail_msg("%s, input %u, form %zu: a change", rows[i].scene.name, request, k);
            }
        }
    }
}

/* Nothing of the class answers before SET_CONFIGURATION 1, and no state moves. */
static void not_configured(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        for (unsigned input = 0; input < DFUKIT_INPUT_COUNT; input++) {
            mock m;
            dfukit_setup s;

            lead(&m, &rows[i].scene, false);
            dfukit_dfu_set_configured(&m.dfu, false);
            s = request_for(&m, input);
            assert_int_equal(dfukit_dfu_setup(&m.dfu, &s).kind, DFUKIT_ANSWER_STALL);
            dfukit_dfu_complete(&m.dfu);
            assert_int_equal(m.dfu.state, rows[i].scene.state);
            dfukit_dfu_set_configured(&m.dfu, true);
            assert_int_equal(m.dfu.state, rows[i].scene.state);
        }
    }
}

/* A request whose data stage never completes leaves the state alone, whatever follows. */
static void cut_short(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        for (unsigned input = 0; input < DFUKIT_INPUT_COUNT; input++) {
            mock m;
            dfukit_setup s;
            unsigned writes;

            if (expected_of(&rows[i], input, false)[0] > '9') /* a stall */
                continue;
            lead(&m, &rows[i].scene, false);
            s = request_for(&m, input);
            writes = m.writes;
            dfukit_dfu_setup(&m.dfu, &s);
            assert_int_equal(m.dfu.state, rows[i].scene.state);
            s.wIndex = 7; /* a SETUP for another interface */
            dfukit_dfu_setup(&m.dfu, &s);
            dfukit_dfu_complete(&m.dfu);
            if (m.dfu.state != rows[i].scene.state || m.writes != writes)
                fail_msg("%s, input %u: state %u", rows[i].scene.name, input, m.dfu.state);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell),
        cmocka_unit_test(every_form_of_other),
        cmocka_unit_test(requests_for_somebody_else),
        cmocka_unit_test(not_configured),
        cmocka_unit_test(cut_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
