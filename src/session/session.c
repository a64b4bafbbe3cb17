/* SPDX-License-Identifier: MIT */
/* One job on one device: hands the host engine's steps to a carrier and its outcomes back. */
#include <stdlib.h>
#include <string.h>

#include "session_internal.h"

#define PATIENCE_MS                                                                                \
    3000u /* for a device that changes its mode or is busy when a job is given up                  \
           */
#define BUSY_RETRY_MS 2000u /* another program may just be looking at the device */
#define BUSY_PAUSE_MS 20u

typedef enum session_doing {
    DOING_NOTHING, /* the next step has to be asked for */
    DOING_TASK,
    DOING_PAUSE, /* the task is begun again at until_ms */
    DOING_WAIT,
    DOING_RETURN,
    DOING_FINISHED
} session_doing;

struct dfukit_session {
    dfukit_carrier *carrier;
    dfukit_handle *handle;
    dfukit_host *host;
    session_doing doing;
    dfukit_task task;
    uint64_t until_ms;
    uint64_t patience_ms; /* until then a claim that finds another program there is repeated */
    dfukit_refind refind;
    bool fresh; /* an answer was given since somebody last looked */
    bool cancelled;
    bool cut; /* the wait under way when it was given up has been cut */
};

static uint64_t now(const dfukit_session *s)
{
    return s->carrier->ops->now_ms(s->carrier->self);
}

/* Open, with patience for a device that another program holds for a moment. */
static int open_patiently(dfukit_session *s, const dfukit_target *target)
{
    uint64_t until = now(s) + BUSY_RETRY_MS;
    for (;;) {
        int r = s->carrier->ops->open(s->carrier->self, target->path, target->devnum, &s->handle);
        if (r != DFUKIT_ERR_BUSY || now(s) >= until)
            return r;
        s->carrier->ops->pump(s->carrier->self, BUSY_PAUSE_MS);
    }
}

dfukit_session *dfukit_session_new(dfukit_carrier *carrier, const dfukit_job *job,
                                   const dfukit_target *target, int *error)
{
    dfukit_allocator allocator = dfukit_allocator_default();
    dfukit_job mine = *job;
    if (mine.batch == 0)
        mine.batch = carrier->queues ? 16 : 1;
    mine.no_reset = !carrier->resets;
    int r = DFUKIT_ERR_NOMEM;
    dfukit_session *s = calloc(1, sizeof *s);
    if (s != NULL) {
        s->carrier = carrier;
        s->host = dfukit_host_new(&mine, target, &allocator);
        if (s->host != NULL)
            r = open_patiently(s, target);
        if (r != DFUKIT_OK)
            dfukit_session_free(&s);
    }
    if (error != NULL)
        *error = r;
    return s;
}

static void close_handle(dfukit_session *s)
{
    if (s->handle != NULL)
        s->carrier->ops->close(s->carrier->self, s->handle);
    s->handle = NULL;
}

void dfukit_session_free(dfukit_session **s)
{
    if (*s == NULL)
        return;
    close_handle(*s);
    if ((*s)->doing == DOING_RETURN)
        dfukit_refind_end(&(*s)->refind);
    dfukit_host_free(&(*s)->host);
    free(*s);
    *s = NULL;
}

dfukit_host *dfukit_session_host(dfukit_session *s)
{
    return s->host;
}

bool dfukit_session_finished(const dfukit_session *s)
{
    return s->doing == DOING_FINISHED;
}

static void submit(dfukit_session *s, dfukit_task_kind kind, const dfukit_step *step)
{
    s->task = (dfukit_task){.kind = kind,
                            .transfers = step->transfers,
                            .count = step->count,
                            .configuration = step->configuration,
                            .interface = step->interface,
                            .alternate = step->alternate,
                            .set_alternate = step->set_alternate};
    s->doing = DOING_TASK;
    if (s->handle != NULL) {
        s->carrier->ops->submit(s->carrier->self, s->handle, &s->task);
        return;
    }
    for (size_t i = 0; i < step->count; i++)
        step->transfers[i].result = i == 0 ? DFUKIT_ERR_GONE : DFUKIT_ERR_AGAIN;
    s->task.result = DFUKIT_ERR_GONE;
    s->task.done = true;
}

static void begin_step(dfukit_session *s)
{
    const dfukit_step *step = dfukit_host_next(s->host, now(s));
    switch (step->kind) {
    case DFUKIT_STEP_TRANSFERS:
        submit(s, DFUKIT_TASK_TRANSFERS, step);
        break;
    case DFUKIT_STEP_CLAIM:
        s->patience_ms = now(s) + (s->cut ? 0 : BUSY_RETRY_MS);
        submit(s, DFUKIT_TASK_CLAIM, step);
        break;
    case DFUKIT_STEP_RESET:
        submit(s, DFUKIT_TASK_RESET, step);
        break;
    case DFUKIT_STEP_WAIT:
        s->until_ms = now(s) + step->wait_ms;
        s->doing = DOING_WAIT;
        break;
    case DFUKIT_STEP_RETURN:
        close_handle(s);
        dfukit_refind_begin(&s->refind, s->carrier, dfukit_host_target(s->host), step);
        s->doing = DOING_RETURN;
        break;
    case DFUKIT_STEP_DONE:
    case DFUKIT_STEP_FAILED:
    default:
        close_handle(s);
        s->doing = DOING_FINISHED;
        break;
    }
}

static void answered(dfukit_session *s)
{
    s->doing = DOING_NOTHING;
    s->fresh = true;
}

/* A claim that found another program there is repeated for a while. */
static bool begins_again(dfukit_session *s)
{
    if (s->task.kind != DFUKIT_TASK_CLAIM || s->task.result != DFUKIT_ERR_BUSY ||
        s->handle == NULL || now(s) >= s->patience_ms)
        return false;
    s->until_ms = now(s) + BUSY_PAUSE_MS;
    s->doing = DOING_PAUSE;
    return true;
}

static void begin_again(dfukit_session *s)
{
    s->task.done = false;
    s->doing = DOING_TASK;
    s->carrier->ops->submit(s->carrier->self, s->handle, &s->task);
}

static bool advance_return(dfukit_session *s)
{
    int r = dfukit_refind_look(&s->refind, s->carrier);
    if (r == DFUKIT_ERR_AGAIN)
        return false;
    if (r == DFUKIT_OK)
        s->handle = s->refind.handle;
    dfukit_refind_end(&s->refind);
    dfukit_host_returned(s->host, r == DFUKIT_OK ? &s->refind.back : NULL, r, now(s));
    answered(s);
    return true;
}

/* Do what can be done without waiting, at most one answer. @return whether anything has moved. */
static bool advance(dfukit_session *s)
{
    switch (s->doing) {
    case DOING_NOTHING:
        begin_step(s);
        return true;
    case DOING_TASK:
        if (!s->task.done)
            return false;
        if (begins_again(s))
            return true;
        dfukit_host_answer(s->host, s->task.result, now(s));
        answered(s);
        return true;
    case DOING_PAUSE:
        if (now(s) < s->until_ms)
            return false;
        begin_again(s);
        return true;
    case DOING_WAIT:
        if (now(s) < s->until_ms)
            return false;
        dfukit_host_answer(s->host, DFUKIT_OK, now(s));
        answered(s);
        return true;
    case DOING_RETURN:
        return advance_return(s);
    case DOING_FINISHED:
    default:
        return false;
    }
}

/* How long nothing will happen of itself. */
static uint32_t quiet_for(const dfukit_session *s, uint32_t most)
{
    uint64_t until;
    if (s->doing == DOING_WAIT || s->doing == DOING_PAUSE)
        until = s->until_ms;
    else if (s->doing == DOING_RETURN)
        until = s->refind.next_ms;
    else
        return most;
    uint64_t t = now(s);
    uint64_t left = until > t ? until - t : 0;
    return left < most ? (uint32_t)left : most;
}

size_t dfukit_sessions_work(dfukit_session *const *sessions, size_t count, uint32_t timeout_ms)
{
    size_t unfinished = 0;
    bool moved = false;
    uint32_t quiet = timeout_ms;
    dfukit_carrier *carrier = NULL;
    for (size_t i = 0; i < count; i++) {
        moved |= advance(sessions[i]);
        if (sessions[i]->doing == DOING_FINISHED)
            continue;
        unfinished++;
        carrier = sessions[i]->carrier;
        quiet = quiet_for(sessions[i], quiet);
    }
    if (carrier != NULL)
        carrier->ops->pump(carrier->self, moved ? 0 : quiet);
    return unfinished;
}

/* Have the engine wind down, and cut long waits: what a busy device is owed up to a limit is still
 * waited for, and a device on its way back is not left alone at once. */
static void give_up(dfukit_session *s)
{
    uint64_t limit = now(s) + PATIENCE_MS;
    if (s->cut)
        return;
    s->cut = true;
    s->patience_ms = 0;
    dfukit_host_cancel(s->host);
    bool in_return = s->doing == DOING_RETURN;
    if (in_return && s->refind.deadline_ms > limit)
        s->refind.deadline_ms = limit;
    if (s->doing == DOING_WAIT && s->until_ms > limit &&
        dfukit_host_progress(s->host).phase != DFUKIT_PHASE_MANIFESTATION)
        s->until_ms = now(s);
}

static void tell(dfukit_session *s, const dfukit_watcher *watcher, int *stopped)
{
    size_t n = 0;
    const uint8_t *bytes = dfukit_host_received(s->host, &n);
    bool fresh = s->fresh; /* a step may move on without an answer: its bytes have been told */
    s->fresh = false;
    if (fresh && n != 0 && watcher->bytes != NULL && *stopped == DFUKIT_OK) {
        *stopped = watcher->bytes(watcher->self, bytes, n);
        if (*stopped != DFUKIT_OK)
            s->cancelled = true;
    }
    if (watcher->progress != NULL && !watcher->progress(watcher->self, s->host))
        s->cancelled = true;
    if (s->cancelled)
        give_up(s);
}

int dfukit_session_run(dfukit_session *s, const dfukit_watcher *watcher)
{
    static const dfukit_watcher nobody = {NULL, NULL, NULL};
    int stopped = DFUKIT_OK;
    if (watcher == NULL)
        watcher = &nobody;
    while (!dfukit_session_finished(s)) {
        dfukit_sessions_work(&s, 1, 100);
        tell(s, watcher, &stopped);
    }
    return stopped != DFUKIT_OK ? stopped : dfukit_host_outcome(s->host)->error;
}
