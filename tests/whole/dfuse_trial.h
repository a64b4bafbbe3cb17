/* SPDX-License-Identifier: MIT */
/* One trial: a job on a board, with something in its way; and what has to be true then. */
#ifndef TESTS_WHOLE_DFUSE_TRIAL_H
#define TESTS_WHOLE_DFUSE_TRIAL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "whole/dfuse_board.h"

#define STEPS_MAX 20000u
#define AFTER_MS  20000u /* beyond the time allowed: to tidy up, and one transfer */
#define SHOWN_MAX 25u

typedef struct trial {
    const board_job *what;
    meddling plan[2];
    uint32_t cancel_at;   /* step; 0: never */
    uint32_t timeout_ms;  /* 0: the usual */
    uint32_t power_cut;   /* number of a flash operation; 0: never */
    uint32_t flash_fails; /* the same */
} trial;

typedef struct run {
    const trial *t;
    uint64_t now_us;
    dfukit_clock clock;
    meddler m;
    dfukit_carrier carrier;
    dfukit_target target;
    dfukit_outcome outcome;
    int error;
    uint32_t steps, requests;
    uint64_t took_ms;
    uint8_t *got;
    size_t got_size;
} run;

static unsigned violations;
static unsigned long long trials;
static uint8_t before[BOARD_BYTES], after[BOARD_BYTES];
static bool may[BOARD_BYTES]; /* change */

static void tell(const run *r, const char *what)
{
    const trial *t = r->t;
    if (violations++ >= SHOWN_MAX)
        return;
    printf("%s: %s\n    replay: %s", t->what->name, what, t->what->name);
    for (size_t i = 0; i < 2 && t->plan[i].at != 0; i++)
        printf(" %u %s", t->plan[i].at, mischief_name(t->plan[i].kind));
    if (t->cancel_at != 0)
        printf(" cancel %u", (unsigned)t->cancel_at);
    if (t->timeout_ms != 0)
        printf(" timeout %u", (unsigned)t->timeout_ms);
    if (t->power_cut != 0)
        printf(" cut %u", (unsigned)t->power_cut);
    if (t->flash_fails != 0)
        printf(" fails %u", (unsigned)t->flash_fails);
    printf("\n    %s: %s (%s; %s, %s%s%s), %u steps, %llu ms\n", dfukit_error_name(r->error),
           r->outcome.what != NULL ? r->outcome.what : "(nothing)",
           dfukit_phase_name(r->outcome.phase), dfukit_status_name(r->outcome.bStatus),
           dfukit_state_name(r->outcome.bState), r->outcome.verified ? ", verified" : "",
           r->outcome.confirmed ? ", confirmed" : "", (unsigned)r->steps,
           (unsigned long long)r->took_ms);
}

/* ---- Running ---- */

static void open_board(run *r, const trial *t)
{
    dfukit_virtual_options options = {.fast = t->what->fast};
    memset(r, 0, sizeof *r);
    r->t = t;
    r->clock = dfukit_clock_virtual(&r->now_us);
    if (t->power_cut != 0 || t->flash_fails != 0) {
        char text[32];
        (void)snprintf(text, sizeof text, "%s=%u", t->power_cut != 0 ? "power-cut" : "flash-fail",
                       (unsigned)(t->power_cut + t->flash_fails));
        assert_int_equal(dfukit_fault_parse(text, &options.faults[0]), DFUKIT_OK);
        options.fault_count = 1;
    }
    r->m.clock = r->clock;
    r->m.device = dfukit_virtual_new(&boards[t->what->board], &options, &r->clock);
    assert_non_null(r->m.device);
    r->m.inner = dfukit_virtual_wire(r->m.device);
    memcpy(r->m.plan, t->plan, sizeof r->m.plan);
    board_fill(r->m.device);
    if (t->what->filled)
        file_put(r->m.device);
    dfukit_wire wire = meddler_wire(&r->m);
    assert_int_equal(dfukit_loopback_open(&r->carrier, &wire, 1, &r->clock), DFUKIT_OK);
}

static void close_board(run *r)
{
    dfukit_carrier_close(&r->carrier);
    dfukit_virtual_free(&r->m.device);
    free(r->got);
}

static bool find_target(run *r, dfukit_target *target)
{
    dfukit_targets list = {0, NULL};
    bool found = dfukit_list(&r->carrier, NULL, &list) == DFUKIT_OK && list.count != 0;
    if (found)
        *target = list.list[0];
    dfukit_targets_free(&list);
    return found;
}

static bool watch(void *self, const dfukit_host *h)
{
    run *r = self;
    (void)h;
    r->steps++;
    if (r->steps > 2 * STEPS_MAX) {
        tell(r, "it does not end, even though it was given up");
        printf("stopped here\n");
        exit(1);
    }
    return r->steps <= STEPS_MAX && (r->t->cancel_at == 0 || r->steps < r->t->cancel_at);
}

static int keep(void *self, const uint8_t *bytes, size_t n)
{
    run *r = self;
    uint8_t *grown = realloc(r->got, r->got_size + n);
    if (grown == NULL)
        return DFUKIT_ERR_NOMEM;
    memcpy(grown + r->got_size, bytes, n);
    r->got = grown;
    r->got_size += n;
    return DFUKIT_OK;
}

static void do_job(run *r, const dfukit_job *job)
{
    uint64_t start = r->now_us;
    dfukit_session *s = dfukit_session_new(&r->carrier, job, &r->target, &r->error);
    if (s != NULL) {
        r->error = dfukit_session_run(s, &(dfukit_watcher){r, watch, keep});
        r->outcome = *dfukit_host_outcome(dfukit_session_host(s));
        dfukit_session_free(&s);
    }
    r->took_ms = (r->now_us - start) / 1000;
}

/* ---- What may have changed ---- */

static void allow(uint8_t alternate, uint32_t address, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++) {
        size_t at = board_index(alternate, address + i);
        if (at < BOARD_BYTES)
            may[at] = true;
    }
}

static void allow_erasable(uint8_t alternate)
{
    if (alternate == 0)
        allow(0, 0x08001000, 0x4000);
    else if (alternate == 3)
        allow(3, 0, 0x3000);
}

/* By hand, not from the plan: that may be wrong, too. */
static void allow_what_the_job_erases(const board_job *b)
{
    const dfukit_image *image = b->job.verb == DFUKIT_VERB_WRITE ? b->job.image : NULL;
    memset(may, 0, sizeof may);
    if (image == &option_image)
        allow(1, 0x1FFFF800, 16);
    for (size_t i = 0; image == &file_image && i < image->count; i++) {
        const dfukit_segment *s = &image->segments[i];
        for (uint32_t k = 0; k < s->size; k++) {
            uint32_t at = (uint32_t)s->address + k;
            uint32_t page = s->alternate != 0 ? 3072 : at < 0x08003000 ? 1024 : 4096;
            uint32_t base = s->alternate != 0 ? 0 : at < 0x08003000 ? 0x08001000 : 0x08003000;
            if (k == 0 || (at - base) % page == 0)
                allow(s->alternate, at - (at - base) % page, page);
        }
    }
    if (image == &file_image && b->job.erase == DFUKIT_ERASE_ALL) {
        allow_erasable(0);
        allow_erasable(3);
    }
    if (b->job.verb == DFUKIT_VERB_UNLOCK || b->job.erase == DFUKIT_ERASE_ALL)
        allow_erasable(0);
    else if (b->job.verb == DFUKIT_VERB_ERASE)
        allow(0, 0x08002800, 0x800 + 0x1000);
}

static bool holds(const dfukit_image *image, uint8_t alternate_named)
{
    for (size_t i = 0; i < image->count; i++) {
        const dfukit_segment *s = &image->segments[i];
        size_t at =
            board_index(image->alternates ? s->alternate : alternate_named, (uint32_t)s->address);
        if (memcmp(after + at, s->data, s->size) != 0)
            return false;
    }
    return true;
}

static bool erased(const bool *where)
{
    for (size_t i = 0; i < BOARD_BYTES; i++) {
        if (where[i] && after[i] != 0xFF)
            return false;
    }
    return true;
}

/* ---- What has to be true ---- */

static bool any(const trial *t, bool (*is)(mischief))
{
    return (t->plan[0].at != 0 && is(t->plan[0].kind)) ||
           (t->plan[1].at != 0 && is(t->plan[1].kind));
}

/* The device's pointer and the block's number are as after SET_INTERFACE, and nothing says so. */
static bool is_bus_reset(mischief kind)
{
    return kind == MISCHIEF_BUS_RESET;
}

/* Option bytes and the end of read protection take effect by a reset that the device gives itself.
 * That it had no power then cannot be told from it. */
static bool is_like_a_reset(mischief kind)
{
    return kind >= MISCHIEF_UNPLUG_100 && kind <= MISCHIEF_BUS_RESET;
}

static void check_success(run *r)
{
    const dfukit_job *job = &r->t->what->job;
    bool resets = job->has_alt || job->verb == DFUKIT_VERB_UNLOCK;
    bool honest = !any(r->t, mischief_lies) &&
                  !(resets && (r->t->power_cut != 0 || any(r->t, is_like_a_reset)));
    switch ((unsigned)job->verb) {
    case DFUKIT_VERB_WRITE:
        if ((honest || r->outcome.verified) && !holds(job->image, job->alt))
            tell(r, "success, but the memory is not as the file");
        if (job->verify != DFUKIT_VERIFY_NEVER && !r->outcome.verified && !job->has_alt)
            tell(r, "success, and not verified");
        break;
    case DFUKIT_VERB_READ:
        if (r->got_size != job->size)
            tell(r, "success, but not all bytes came");
        else if (!any(r->t, is_bus_reset) &&
                 memcmp(r->got, before + board_index(job->at < 0x08000000 ? 3 : 0, job->at),
                        job->size) != 0)
            tell(r, "success, but other bytes came");
        break;
    case DFUKIT_VERB_VERIFY:
        if (!holds(job->image, 0) || !r->outcome.verified)
            tell(r, "verified, but the memory is not as the file");
        break;
    case DFUKIT_VERB_ERASE:
    case DFUKIT_VERB_UNLOCK:
        if (honest && !erased(may))
            tell(r, "success, but it is not erased");
        break;
    default:
        break;
    }
}

static bool sensible(const run *r)
{
    switch (r->error) {
    case DFUKIT_OK:
    case DFUKIT_ERR_TIMEOUT:
    case DFUKIT_ERR_DEVICE:
    case DFUKIT_ERR_PROTOCOL:
    case DFUKIT_ERR_MODE:
    case DFUKIT_ERR_LOST:
    case DFUKIT_ERR_DEADLINE:
    case DFUKIT_ERR_DIFFERS:
        return true;
    case DFUKIT_ERR_REFUSED: /* its descriptors or its list of commands were cut */
    case DFUKIT_ERR_MISMATCH:
    case DFUKIT_ERR_USAGE:
        return any(r->t, mischief_cuts);
    case DFUKIT_ERR_INTERRUPTED:
        return r->t->cancel_at != 0;
    default:
        return false;
    }
}

static void check_memory(run *r)
{
    for (size_t i = 0; i < BOARD_BYTES; i++) {
        if (before[i] != after[i] && !may[i] && !any(r->t, is_bus_reset)) {
            char text[80];
            (void)snprintf(text, sizeof text, "byte 0x%zx of the memories was touched", i);
            tell(r, text);
            return;
        }
    }
}

static void check(run *r)
{
    uint64_t allowed =
        (r->t->timeout_ms != 0 ? r->t->timeout_ms : DFUKIT_TIMEOUT_DEFAULT_MS) + AFTER_MS;
    board_look(r->m.device, after);
    if (r->steps > STEPS_MAX)
        tell(r, "too many steps");
    if (r->took_ms > allowed)
        tell(r, "it took too long");
    if (!sensible(r))
        tell(r, "an error that says nothing");
    if (r->outcome.what == NULL || r->outcome.what[0] == '\0')
        tell(r, "not a word about what was done");
    if (r->outcome.verified && r->error == DFUKIT_ERR_DIFFERS)
        tell(r, "verified, though it differs");
    if (r->m.complaint != NULL)
        tell(r, r->m.complaint);
    check_memory(r);
    if (r->error == DFUKIT_OK)
        check_success(r);
}

/* The same board, with nothing in its way any more. */
static void check_usable(run *r)
{
    static const dfukit_job again = {.verb = DFUKIT_VERB_WRITE, .image = &file_image};
    r->m.armed = false;
    r->m.plan[0].at = r->m.plan[1].at = 0;
    if (r->m.unplugged)
        meddler_return(&r->m);
    for (unsigned i = 0; i < 30; i++) { /* it may be away, by itself or by what was done to it */
        r->now_us += 100000;
        (void)meddler_work(&r->m);
    }
    dfukit_carrier_close(&r->carrier); /* it may have kept a descriptor that was cut */
    dfukit_wire wire = meddler_wire(&r->m);
    assert_int_equal(dfukit_loopback_open(&r->carrier, &wire, 1, &r->clock), DFUKIT_OK);
    run second = *r;
    trial plain = {.what = r->t->what};
    second.t = &plain;
    second.steps = 0;
    second.got = NULL;
    second.error = DFUKIT_ERR_NO_DEVICE;
    if (find_target(&second, &second.target)) {
        do_job(&second, &again);
    }
    board_look(r->m.device, after);
    if (second.error != DFUKIT_OK || !second.outcome.verified || !holds(&file_image, 0)) {
        r->error = second.error;
        r->outcome = second.outcome;
        tell(r, "afterwards it cannot be written as usual");
    }
}

/* @return how many transfers, steps, milliseconds and flash operations the job had. */
typedef struct extent {
    uint32_t transfers, steps, ms, operations;
    int error;
    unsigned char seen[MEDDLER_SEEN];
} extent;

static extent try(const trial *t, bool show)
{
    run r;
    open_board(&r, t);
    dfukit_job job = t->what->job;
    if (t->timeout_ms != 0)
        job.timeout_ms = t->timeout_ms;
    extent e = {0};
    trials++;
    assert_true(find_target(&r, &r.target));
    board_look(r.m.device, before);
    allow_what_the_job_erases(t->what);
    uint32_t operations = dfukit_virtual_operations(r.m.device);
    r.m.armed = true;
    do_job(&r, &job);
    e = (extent){
        r.m.count, r.steps, (uint32_t)r.took_ms, dfukit_virtual_operations(r.m.device) - operations,
        r.error,   {0}};
    memcpy(e.seen, r.m.seen, sizeof e.seen);
    if (show) {
        violations = 0;
        tell(&r, "outcome");
        violations = 0;
    }
    check(&r);
    check_usable(&r);
    close_board(&r);
    return e;
}

#endif
