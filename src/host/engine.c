/* SPDX-License-Identifier: MIT */
/*
 * The host engine's frame: the table of stages, and the public functions that walk over it. What
 * the stages do stands in reconfigure.c, idle.c, download.c, upload.c, leave.c, farewell.c,
 * dfuse*.c and failure.c.
 */
#include <string.h>

#include "engine.h"

static void prepare_wait(dfukit_host *h)
{
    dfukit_host_step(h, DFUKIT_STEP_WAIT);
    h->step.wait_ms = h->pause_ms;
}

static void answer_wait(dfukit_host *h, int result)
{
    (void)result;
    dfukit_host_go(h, h->after);
}

static void prepare_ended(dfukit_host *h)
{
    dfukit_host_step(h, h->outcome.error == DFUKIT_OK ? DFUKIT_STEP_DONE : DFUKIT_STEP_FAILED);
}

static void answer_ended(dfukit_host *h, int result)
{
    (void)h;
    (void)result;
}

// clang-format off
#define STAGE(name) {dfukit_prepare_##name, dfukit_answer_##name}
static const dfukit_stage_ops stages[DFUKIT_STAGE_COUNT] = {
    [DFUKIT_STAGE_BEGIN]           = STAGE(begin),
    [DFUKIT_STAGE_WAIT]            = {prepare_wait, answer_wait},
    [DFUKIT_STAGE_CLAIM_RUNTIME]   = STAGE(claim_runtime),
    [DFUKIT_STAGE_DETACH]          = STAGE(detach),
    [DFUKIT_STAGE_DETACH_RESET]    = STAGE(detach_reset),
    [DFUKIT_STAGE_RETURN_DFU]      = STAGE(return_dfu),
    [DFUKIT_STAGE_CLAIM_DFU]       = STAGE(claim_dfu),
    [DFUKIT_STAGE_IDLE_STATUS]     = STAGE(idle_status),
    [DFUKIT_STAGE_IDLE_REQUEST]    = STAGE(idle_request),
    [DFUKIT_STAGE_ANEW_RESET]      = STAGE(anew_reset),
    [DFUKIT_STAGE_ANEW_RETURN]     = STAGE(anew_return),
    [DFUKIT_STAGE_REPORT]          = STAGE(report),
    [DFUKIT_STAGE_BLOCK]           = STAGE(block),
    [DFUKIT_STAGE_BLOCK_STATUS]    = STAGE(block_status),
    [DFUKIT_STAGE_END]             = STAGE(end),
    [DFUKIT_STAGE_MANIFEST_STATUS] = STAGE(manifest_status),
    [DFUKIT_STAGE_UPLOAD]          = STAGE(upload),
    [DFUKIT_STAGE_UPLOAD_STATUS]   = STAGE(upload_status),
    [DFUKIT_STAGE_UPLOAD_ABORT]    = STAGE(upload_abort),
    [DFUKIT_STAGE_LEAVE]           = STAGE(leave),
    [DFUKIT_STAGE_LEAVE_ALTERNATE] = STAGE(leave_alternate),
    [DFUKIT_STAGE_LEAVE_STATUS]    = STAGE(leave_status),
    [DFUKIT_STAGE_LEAVE_DETACH]    = STAGE(leave_detach),
    [DFUKIT_STAGE_LEAVE_UPLOAD]    = STAGE(leave_upload),
    [DFUKIT_STAGE_LEAVE_RESET]     = STAGE(leave_reset),
    [DFUKIT_STAGE_RETURN_APP]      = STAGE(return_app),
    [DFUKIT_STAGE_CHECK_CLAIM]     = STAGE(check_claim),
    [DFUKIT_STAGE_CHECK_STATUS]    = STAGE(check_status),
    [DFUKIT_STAGE_DFUSE_COMMANDS]    = STAGE(dfuse_commands),
    [DFUKIT_STAGE_DFUSE_NEXT]        = STAGE(dfuse_next),
    [DFUKIT_STAGE_DFUSE_SELECT]      = STAGE(dfuse_select),
    [DFUKIT_STAGE_DFUSE_DNLOAD]      = STAGE(dfuse_dnload),
    [DFUKIT_STAGE_DFUSE_STATUS]      = STAGE(dfuse_status),
    [DFUKIT_STAGE_DFUSE_ABORT]       = STAGE(dfuse_abort),
    [DFUKIT_STAGE_DFUSE_ABORTED]     = STAGE(dfuse_aborted),
    [DFUKIT_STAGE_DFUSE_CLEAR]       = STAGE(dfuse_clear),
    [DFUKIT_STAGE_DFUSE_CLEARED]     = STAGE(dfuse_cleared),
    [DFUKIT_STAGE_DFUSE_UPLOAD]      = STAGE(dfuse_upload),
    [DFUKIT_STAGE_DFUSE_UPLOAD_STATUS]= STAGE(dfuse_upload_status),
    [DFUKIT_STAGE_DFUSE_LEAVE]       = STAGE(dfuse_leave),
    [DFUKIT_STAGE_DFUSE_LEAVE_STATUS]= STAGE(dfuse_leave_status),
    [DFUKIT_STAGE_DFUSE_BACK]        = STAGE(dfuse_back),
    [DFUKIT_STAGE_TEXT_LANGUAGE]   = STAGE(text_language),
    [DFUKIT_STAGE_TEXT]            = STAGE(text),
    [DFUKIT_STAGE_ENDED]           = {prepare_ended, answer_ended},
};
// clang-format on

dfukit_host *dfukit_host_new(const dfukit_job *job, const dfukit_target *target,
                             const dfukit_allocator *allocator)
{
    dfukit_host *h = allocator->resize(allocator->self, NULL, sizeof *h);
    if (h == NULL)
        return NULL;
    memset(h, 0, sizeof *h);
    h->allocator = *allocator;
    h->job = *job;
    h->goal = job->verb;
    h->target = *target;
    h->first = *target;
    h->outcome.what = "nothing has been done yet";
    h->outcome.request = 0xFF;
    h->found_runtime = target->mode == DFUKIT_MODE_RUNTIME;
    if (h->job.batch == 0)
        h->job.batch = 1;
    if (h->job.batch > DFUKIT_BATCH_MAX)
        h->job.batch = DFUKIT_BATCH_MAX;
    h->timed = h->job.timeout_ms != 0;
    if (!h->timed)
        h->job.timeout_ms = DFUKIT_TIMEOUT_DEFAULT_MS;
    if (h->job.read_limit == 0)
        h->job.read_limit = DFUKIT_READ_LIMIT;
    return h;
}

void dfukit_host_free(dfukit_host **h)
{
    if (*h == NULL)
        return;
    dfukit_allocator a = (*h)->allocator;
    dfukit_plan_free(&(*h)->dfuse.plan);
    a.resize(a.self, (*h)->buffer, 0);
    a.resize(a.self, *h, 0);
    *h = NULL;
}

static void tell_time(dfukit_host *h, uint64_t now_ms)
{
    if (h->deadline_ms == 0)
        h->deadline_ms = now_ms + h->job.timeout_ms;
    h->now_ms = now_ms;
}

const dfukit_step *dfukit_host_next(dfukit_host *h, uint64_t now_ms)
{
    tell_time(h, now_ms);
    /* A prepare either makes the step or goes to a stage nearer to one; the count is a seat belt.
     */
    for (unsigned i = 0; !h->ready && i < 2 * DFUKIT_STAGE_COUNT; i++)
        stages[h->stage].prepare(h);
    if (!h->ready) {
        h->outcome.error = DFUKIT_ERR_PROTOCOL;
        h->stage = DFUKIT_STAGE_ENDED;
        prepare_ended(h);
    }
    return &h->step;
}

/* Things that end the job whatever the stage; the stage's answer has been taken before. */
static void check_bounds(dfukit_host *h)
{
    if (h->failing || h->stage == DFUKIT_STAGE_ENDED)
        return;
    if (h->detaching) /* bounded by itself; then there is a device that can be sent back */
        return;
    if (h->cancelled && h->progress.phase != DFUKIT_PHASE_MANIFESTATION)
        dfukit_host_fail(h, DFUKIT_ERR_INTERRUPTED, "interrupted", NULL);
    else if (h->now_ms >= h->deadline_ms)
        dfukit_host_fail(h, DFUKIT_ERR_DEADLINE, "the time allowed for everything ran out",
                         "allow more with --timeout SECONDS");
}

void dfukit_host_answer(dfukit_host *h, int result, uint64_t now_ms)
{
    if (!h->ready || h->step.kind == DFUKIT_STEP_RETURN)
        return;
    tell_time(h, now_ms);
    h->received = 0;
    h->outcome.round_trips += h->step.kind == DFUKIT_STEP_TRANSFERS;
    h->ready = h->stage == DFUKIT_STAGE_ENDED;
    stages[h->stage].answer(h, result);
    check_bounds(h);
}

void dfukit_host_returned(dfukit_host *h, const dfukit_target *back, int reason, uint64_t now_ms)
{
    if (!h->ready || h->step.kind != DFUKIT_STEP_RETURN)
        return;
    tell_time(h, now_ms);
    h->received = 0;
    h->ready = false;
    h->stayed = back != NULL && back->devnum == h->target.devnum;
    if (!h->stayed)
        h->alternate = 0;
    if (back != NULL)
        h->target = *back;
    stages[h->stage].answer(h, back != NULL ? DFUKIT_OK : reason);
    check_bounds(h);
}

void dfukit_host_cancel(dfukit_host *h)
{
    h->cancelled = true;
}

dfukit_progress dfukit_host_progress(const dfukit_host *h)
{
    return h->progress;
}

const uint8_t *dfukit_host_received(const dfukit_host *h, size_t *n)
{
    *n = h->received;
    return h->received != 0 ? h->buffer + h->received_at : NULL;
}

const dfukit_outcome *dfukit_host_outcome(const dfukit_host *h)
{
    return &h->outcome;
}

const dfukit_target *dfukit_host_target(const dfukit_host *h)
{
    return &h->target;
}
