/* SPDX-License-Identifier: MIT */
/* The comparison: the row's reaction, next state, bStatus, state shown, wish and timer. */
#include "table/compare.h"

#include <string.h>

enum { LONG_MS = 100000 };

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

/* ---- The forms of each cause ---- */

typedef struct request_form {
    uint8_t cause;
    uint8_t bmRequestType, bRequest;
    uint16_t wValue, wLength;
} request_form;

enum { OUT = DFUKIT_TYPE_CLASS_OUT, IN = DFUKIT_TYPE_CLASS_IN };

static const request_form request_forms[] = {
    {ANNEX_A_DETACH, OUT, DFUKIT_DETACH, BENCH_DETACH_MS, 0},
    {ANNEX_A_DETACH, OUT, DFUKIT_DETACH, 5 * BENCH_DETACH_MOST_MS, 0},
    {ANNEX_A_DNLOAD_DATA, OUT, DFUKIT_DNLOAD, 7, BENCH_TRANSFER_SIZE},
    {ANNEX_A_DNLOAD_DATA, OUT, DFUKIT_DNLOAD, 0xFFFF, 17},
    {ANNEX_A_DNLOAD_EMPTY, OUT, DFUKIT_DNLOAD, 8, 0},
    {ANNEX_A_UPLOAD_LENGTH, IN, DFUKIT_UPLOAD, 9, BENCH_TRANSFER_SIZE},
    {ANNEX_A_UPLOAD_NOTHING, IN, DFUKIT_UPLOAD, 0, 0},
    {ANNEX_A_GETSTATUS, IN, DFUKIT_GETSTATUS, 0, DFUKIT_STATUS_SIZE},
    {ANNEX_A_GETSTATUS, IN, DFUKIT_GETSTATUS, 0, BENCH_TRANSFER_SIZE},
    {ANNEX_A_CLRSTATUS, OUT, DFUKIT_CLRSTATUS, 0, 0},
    {ANNEX_A_GETSTATE, IN, DFUKIT_GETSTATE, 0, 1},
    {ANNEX_A_GETSTATE, IN, DFUKIT_GETSTATE, 0, BENCH_TRANSFER_SIZE},
    {ANNEX_A_ABORT, OUT, DFUKIT_ABORT, 0, 0},
    {ANNEX_A_UNKNOWN, OUT, 7, 0, 0},
    {ANNEX_A_UNKNOWN, IN, 7, 0, BENCH_TRANSFER_SIZE},
    {ANNEX_A_UNKNOWN, OUT, 0x41, 0, 5},
    {ANNEX_A_UNKNOWN, IN, 0xFF, 0, 1},
    {ANNEX_A_WRONG_DIRECTION, IN, DFUKIT_DETACH, BENCH_DETACH_MS, 0},
    {ANNEX_A_WRONG_DIRECTION, IN, DFUKIT_DNLOAD, 0, BENCH_TRANSFER_SIZE},
    {ANNEX_A_WRONG_DIRECTION, IN, DFUKIT_DNLOAD, 0, 0},
    {ANNEX_A_WRONG_DIRECTION, OUT, DFUKIT_UPLOAD, 0, BENCH_TRANSFER_SIZE},
    {ANNEX_A_WRONG_DIRECTION, OUT, DFUKIT_GETSTATUS, 0, DFUKIT_STATUS_SIZE},
    {ANNEX_A_WRONG_DIRECTION, IN, DFUKIT_CLRSTATUS, 0, 0},
    {ANNEX_A_WRONG_DIRECTION, OUT, DFUKIT_GETSTATE, 0, 1},
    {ANNEX_A_WRONG_DIRECTION, IN, DFUKIT_ABORT, 0, 0},
};

/* Alternate settings that exist, and that do not. In application states there is only 0. */
static const uint8_t settings[2] = {2, 0};
static const uint8_t bad_settings[2] = {BENCH_ALTERNATES, 0xFF};

static const request_form *request_form_of(unsigned cause, unsigned number)
{
    for (size_t i = 0; i < LENGTH(request_forms); i++) {
        if (request_forms[i].cause == cause && number-- == 0)
            return &request_forms[i];
    }
    return NULL;
}

unsigned compare_forms(bool event, unsigned cause)
{
    unsigned n = 0;

    if (event)
        return cause == ANNEX_A_SET_INTERFACE || cause == ANNEX_A_SET_INTERFACE_BAD ? 2 : 1;
    while (request_form_of(cause, n) != NULL)
        n++;
    return n;
}

/* ---- What is expected ---- */

static void differ(finding *f, const char *what, unsigned got, unsigned wanted)
{
    if (f->differs == NULL && got != wanted) {
        f->differs = what;
        f->got = got;
        f->wanted = wanted;
    }
}

/* The bStatus that a row demands. Manifestations of the script fail with errVERIFY, blocks with
 * errPROG. */
static uint8_t expected_status(const annex_a_row *row, uint8_t before, uint8_t cause)
{
    switch (row->status) {
    case ANNEX_A_OK_KEPT:
    case ANNEX_A_CLEARED:
        return DFUKIT_STATUS_OK;
    case ANNEX_A_TO_STALLEDPKT:
        return DFUKIT_STATUS_STALLEDPKT;
    case ANNEX_A_TO_NOTDONE:
        return DFUKIT_STATUS_NOTDONE;
    case ANNEX_A_TO_FIRMWARE:
        return DFUKIT_STATUS_FIRMWARE;
    case ANNEX_A_TO_CAUSE:
        return cause;
    default:
        return before;
    }
}

/* A change of mode by a reset goes by way of leaving the bus: the descriptors change. */
static unsigned expected_wish(const annex_a_row *row, const trial *t)
{
    bool before = row->state >= DFUKIT_DFU_IDLE, after = row->next >= DFUKIT_DFU_IDLE;

    if (row->also == ANNEX_A_LEAVES_BUS)
        return before ? DFUKIT_WISH_REATTACH_APP : DFUKIT_WISH_REATTACH_DFU;
    if (t->event && t->cause == ANNEX_A_BUS_RESET && before != after)
        return after ? DFUKIT_WISH_REATTACH_DFU : DFUKIT_WISH_REATTACH_APP;
    return DFUKIT_WISH_NONE;
}

/* ---- Time afterwards ---- */

/* The state waits for a time, and for nothing but this time. */
static void check_deadline(bench *b, finding *f, uint32_t at_ms, uint8_t then)
{
    uint8_t state = b->dfu.state;
    uint32_t left_ms = at_ms - b->now_ms;

    if ((int32_t)left_ms < 0)
        left_ms = 0;
    if (left_ms > 1) {
        bench_elapse(b, left_ms - 1);
        differ(f, "state before the time was over", b->dfu.state, state);
        left_ms = 1;
    }
    bench_elapse(b, left_ms);
    differ(f, "state after the time was over", b->dfu.state, then);
}

static void check_time(bench *b, const situation *s, finding *f)
{
    uint8_t state = b->dfu.state;
    bool tolerant = (s->attributes & DFUKIT_MANIFESTATION_TOLERANT) != 0;

    if (state == DFUKIT_APP_DETACH) {
        check_deadline(b, f, b->detach_ms + b->detach_wait_ms, DFUKIT_APP_IDLE);
    } else if (state == DFUKIT_DNBUSY || state == DFUKIT_MANIFEST) {
        uint32_t end_ms = b->told_at_ms + b->told_ms;

        b->store.left_us = 0;
        check_deadline(b, f, end_ms,
                       state == DFUKIT_DNBUSY ? DFUKIT_DNLOAD_SYNC
                       : tolerant             ? DFUKIT_MANIFEST_SYNC
                                              : DFUKIT_MANIFEST_WAIT_RESET);
        differ(f, "wish in the end", dfukit_dfu_wish(&b->dfu),
               state == DFUKIT_MANIFEST && !tolerant && (s->attributes & DFUKIT_WILL_DETACH) != 0
                   ? DFUKIT_WISH_REATTACH_APP
                   : DFUKIT_WISH_NONE);
    } else {
        bench_elapse(b, LONG_MS);
        differ(f, "state after a long time", b->dfu.state, state);
    }
    differ(f, "wish after some time", dfukit_dfu_wish(&b->dfu), DFUKIT_WISH_NONE);
}

/* ---- What both have in common ---- */

/* A transfer that does not come to its own end is given up, and the store is told. */
static bool gives_up(const annex_a_row *row, const trial *t)
{
    bool transferring = row->state >= DFUKIT_DNLOAD_SYNC && row->state <= DFUKIT_UPLOAD_IDLE &&
                        row->state != DFUKIT_MANIFEST_WAIT_RESET;
    bool ends = !t->event && row->reaction == ANNEX_A_ACK &&
                (t->cause == ANNEX_A_GETSTATUS || t->cause == ANNEX_A_UPLOAD_LENGTH);

    return transferring && !ends && !(t->event && t->cause == ANNEX_A_POWER_ON) &&
           (row->next <= DFUKIT_DFU_IDLE || row->next == DFUKIT_DFU_ERROR);
}

static void compare(bench *b, const trial *t, const annex_a_row *row, uint8_t status_before,
                    finding *f)
{
    uint8_t cause =
        t->event && row->state < DFUKIT_MANIFEST_SYNC ? DFUKIT_STATUS_PROG : DFUKIT_STATUS_VERIFY;

    f->next = b->dfu.state;
    f->status = b->dfu.status;
    f->status_before = status_before;
    if (row->reaction == ANNEX_A_NO_REPLY) { /* D8 */
        differ(f, "reaction", f->reaction, ANNEX_A_STALL);
        differ(f, "bStatus after silence", f->status, status_before);
    } else {
        differ(f, "reaction", f->reaction, row->reaction);
    }
    differ(f, "next state", f->next, row->next);
    differ(f, "bStatus", f->status, expected_status(row, status_before, cause));
    differ(f, "wish", dfukit_dfu_wish(&b->dfu), expected_wish(row, t));
    differ(f, "misuses of the store", b->store.misuses, 0);
    if (gives_up(row, t))
        differ(f, "the store knows that the transfer was given up", b->store.abandoned, true);
}

/* ---- Requests ---- */

/* A block that waits is given to the store at the next GETSTATUS, if no work is going on. */
static void hand_on(bench *b, const script *before, finding *f)
{
    differ(f, "blocks written before they are asked for", b->store.writes, before->writes);
    b->store.left_us = 0;
    b->store.takes_us = 0;
    bench_ask(b, DFUKIT_GETSTATUS, 0, DFUKIT_STATUS_SIZE);
}

/* What an answer has in it. */
static void check_answer(bench *b, const trial *t, const annex_a_row *row, const request_form *form,
                         const script *before, const outcome *o, finding *f)
{
    switch (t->cause) {
    case ANNEX_A_GETSTATUS:
        differ(f, "bytes of GETSTATUS", o->n, DFUKIT_STATUS_SIZE);
        differ(f, "bState shown", o->bytes[4], row->shows);
        differ(f, "bStatus shown", o->bytes[0], b->dfu.status);
        differ(f, "bwPollTimeout long enough", b->told_ms * 1000u >= b->store.left_us, true);
        break;
    case ANNEX_A_GETSTATE:
        differ(f, "bytes of GETSTATE", o->n, 1);
        differ(f, "bState shown", o->bytes[0], row->shows);
        break;
    case ANNEX_A_UPLOAD_LENGTH:
        differ(f, "bytes given", o->n, form->wLength - !b->store.full);
        if (f->differs != NULL)
            break;
        differ(f, "last byte given", o->bytes[o->n - 1], (uint8_t)(0x80u + o->n - 1u));
        differ(f, "blocks read", b->store.reads, before->reads + 1);
        differ(f, "first of the upload", b->store.first, row->state == DFUKIT_DFU_IDLE);
        differ(f, "setting read", b->store.alt, b->dfu.alt);
        break;
    case ANNEX_A_DNLOAD_DATA:
        differ(f, "bytes taken", o->n, form->wLength);
        if (b->config.dfuse || b->config.double_buffer)
            hand_on(b, before, f);
        differ(f, "blocks written", b->store.writes, before->writes + 1);
        differ(f, "bytes written", b->store.n, form->wLength);
        differ(f, "block number", b->store.block, form->wValue);
        differ(f, "first of the download", b->store.first, row->state == DFUKIT_DFU_IDLE);
        differ(f, "setting written", b->store.alt, b->dfu.alt);
        break;
    default:
        differ(f, "bytes without a data stage", o->n, 0);
    }
    if (t->cause != ANNEX_A_DNLOAD_DATA)
        differ(f, "blocks written", b->store.writes, before->writes);
}

static void run_request(bench *b, const situation *s, const trial *t, const annex_a_row *row,
                        finding *f)
{
    const request_form *form = request_form_of(t->cause, t->form);
    uint8_t status = b->dfu.status;
    script before;
    outcome o;

    if (t->untold !=
        DFUKIT_STATUS_OK) { /* the device learns of it from the store, before all else */
        status = t->untold;
        b->store.failure = t->untold;
        b->store.left_us = 0;
    }
    b->store.full = (t->facts & ANNEX_A_FULL_FRAME) != 0;
    b->store.complete = (t->facts & ANNEX_A_STORE_COMPLETE) != 0;
    before = b->store;
    o = bench_request(b, form->bmRequestType, form->bRequest, form->wValue, form->wLength);
    if (s->waits && s->state == DFUKIT_DNLOAD_SYNC && t->cause == ANNEX_A_GETSTATUS)
        before.writes++;
    f->reaction = o.stalled ? ANNEX_A_STALL : ANNEX_A_ACK;
    compare(b, t, row, status, f);
    if (!o.stalled) {
        differ(f, "state before the data stage", o.early, row->state);
        check_answer(b, t, row, form, &before, &o, f);
    } else {
        differ(f, "blocks written", b->store.writes, before.writes);
        differ(f, "manifestations", b->store.manifests, before.manifests);
    }
    if (f->differs == NULL)
        check_time(b, s, f);
}

/* ---- Events ---- */

/* The time of the DETACH runs out; the states that count another time must not be at its end. */
static bool pass_detach_time(bench *b, const situation *s, unsigned road)
{
    uint32_t left_ms = b->detach_ms + BENCH_DETACH_MS - b->now_ms;

    if (s->state == DFUKIT_MANIFEST && road == 1)
        return false;
    bench_elapse(b, left_ms <= BENCH_DETACH_MS ? left_ms : 0);
    return true;
}

static bool pass_poll_timeout(bench *b, const situation *s)
{
    uint32_t left_ms;

    if (s->state == DFUKIT_APP_DETACH || s->state == DFUKIT_APP_IDLE) {
        if (s->configured)
            bench_ask(b, DFUKIT_GETSTATUS, 0, DFUKIT_STATUS_SIZE);
        bench_elapse(b, b->told_ms);
    } else if (s->state != DFUKIT_DNBUSY && s->state != DFUKIT_MANIFEST) {
        bench_elapse(b, LONG_MS);
    } else {
        left_ms = b->told_at_ms + b->told_ms - b->now_ms;
        if (left_ms > 1)
            bench_elapse(b, left_ms - 1);
        if (b->dfu.state != s->state)
            return true; /* too early: there it is seen by the caller */
        bench_elapse(b, left_ms > 1 ? 1 : left_ms);
    }
    return true;
}

/* In dfuMANIFEST-SYNC a device that has told how long it takes need not look before. */
static void end_work(bench *b, const situation *s, uint8_t failure)
{
    uint32_t left_ms = b->told_at_ms + b->told_ms - b->now_ms;

    if (!b->store.abandoned)
        b->store.failure = failure;
    b->store.left_us = 0;
    if (s->state != DFUKIT_MANIFEST_SYNC || (int32_t)left_ms < 1)
        left_ms = 1;
    bench_elapse(b, left_ms);
}

/* @return false: cannot be done on this road. */
static bool happen(bench *b, const situation *s, unsigned road, const trial *t, finding *f)
{
    uint8_t number = s->state < DFUKIT_DFU_IDLE ? 0 : settings[t->form];
    bool taken = true;

    switch (t->cause) {
    case ANNEX_A_BUS_RESET:
        bench_bus_reset(b);
        break;
    case ANNEX_A_POWER_ON:
        bench_power_on(b, b->store.good);
        break;
    case ANNEX_A_DETACH_TIMER:
        return pass_detach_time(b, s, road);
    case ANNEX_A_POLL_TIMEOUT:
        return pass_poll_timeout(b, s);
    case ANNEX_A_WORK_DONE:
        end_work(b, s, DFUKIT_STATUS_OK);
        break;
    case ANNEX_A_WORK_FAILED:
        end_work(b, s, s->state < DFUKIT_MANIFEST_SYNC ? DFUKIT_STATUS_PROG : DFUKIT_STATUS_VERIFY);
        break;
    case ANNEX_A_SET_INTERFACE:
        taken = bench_set_interface(b, number);
        break;
    case ANNEX_A_SET_INTERFACE_BAD:
        taken = bench_set_interface(b, bad_settings[t->form]);
        break;
    default:
        taken = bench_set_configuration(b, t->cause == ANNEX_A_SET_CONFIGURATION_1);
    }
    f->reaction = taken ? ANNEX_A_ACK : ANNEX_A_STALL;
    return true;
}

/* Does SET_CONFIGURATION hold afterwards? */
static bool expected_configured(const situation *s, unsigned cause)
{
    switch (cause) {
    case ANNEX_A_BUS_RESET:
    case ANNEX_A_POWER_ON:
    case ANNEX_A_SET_CONFIGURATION_0:
        return false;
    case ANNEX_A_SET_CONFIGURATION_1:
        return true;
    default:
        return s->configured;
    }
}

static bool run_event(bench *b, const situation *s, unsigned road, const trial *t,
                      const annex_a_row *row, finding *f)
{
    uint8_t status = b->dfu.status, alt = b->dfu.alt;

    b->store.good = (t->facts & ANNEX_A_GOOD) != 0;
    if (!happen(b, s, road, t, f))
        return false;
    if (t->cause < ANNEX_A_SET_INTERFACE)
        f->reaction = ANNEX_A_NOT_ASKED;
    compare(b, t, row, status, f);
    differ(f, "configured", b->dfu.configured, expected_configured(s, t->cause));
    if (f->reaction == ANNEX_A_STALL)
        differ(f, "alternate setting after a stall", b->dfu.alt, alt);
    else if (t->cause == ANNEX_A_SET_INTERFACE && s->state >= DFUKIT_DFU_IDLE)
        differ(f, "alternate setting", b->dfu.alt, settings[t->form]);
    if (f->differs == NULL)
        check_time(b, s, f);
    return true;
}

bool compare_run(bench *b, const situation *s, unsigned road, const trial *t,
                 const annex_a_row *row, finding *out)
{
    memset(out, 0, sizeof *out);
    if (t->event)
        return run_event(b, s, road, t, row, out);
    run_request(b, s, t, row, out);
    return true;
}
