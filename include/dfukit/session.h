/* SPDX-License-Identifier: MIT */
/**
 * Joins the host engine to a carrier: list devices with their strings, run one job or many at once
 * from one thread. The only waiting is in dfukit_sessions_work() and dfukit_session_run(). A
 * carrier and all sessions on it belong to one thread at a time; carriers share nothing, so that
 * other threads may have their own.
 */
#ifndef DFUKIT_SESSION_H
#define DFUKIT_SESSION_H

#include "dfukit/host.h"
#include "dfukit/transport.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The C library's allocator. */
dfukit_allocator dfukit_allocator_default(void);

/** What dfukit_list() found; release it with dfukit_targets_free(). */
typedef struct dfukit_targets {
    size_t count;
    dfukit_target *list;
} dfukit_targets;

/**
 * Every DFU function on the carrier in the order of their paths, strings read and mode settled
 * where the device lets us; a device that cannot be opened is listed with `access` set.
 * @param wanted  May be NULL. A device whose path, devnum or IDs it excludes is not opened.
 * @return DFUKIT_OK (also with none), or the carrier's error. Release with dfukit_targets_free().
 */
int dfukit_list(dfukit_carrier *carrier, const dfukit_selector *wanted, dfukit_targets *out);
void dfukit_targets_free(dfukit_targets *targets);

typedef struct dfukit_session dfukit_session;

/**
 * Begin a job on a device.
 * @param job     Copied; what it points to must outlive the session. job->batch is set from the
 *                carrier when it is 0.
 * @param error   Out, may be NULL: why NULL was returned.
 * @return NULL when the device cannot be opened or memory is short.
 */
dfukit_session *dfukit_session_new(dfukit_carrier *carrier, const dfukit_job *job,
                                   const dfukit_target *target, int *error);
/** End it, at any time; *s becomes NULL. Running transfers are cancelled. */
void dfukit_session_free(dfukit_session **s);
/** The engine inside, for progress and outcome; owned by the session. */
dfukit_host *dfukit_session_host(dfukit_session *s);
bool dfukit_session_finished(const dfukit_session *s);

/**
 * Drive sessions on one carrier for at most `timeout_ms`, or until one of them has made a step.
 * @return How many are not finished.
 */
size_t dfukit_sessions_work(dfukit_session *const *sessions, size_t count, uint32_t timeout_ms);

/** What dfukit_session_run() tells on the way; any member may be NULL. */
typedef struct dfukit_watcher {
    void *self;
    /** After every step. Return false to have the job given up cleanly. */
    bool (*progress)(void *self, const dfukit_host *h);
    /** READ: bytes in order. Return a dfukit_error to stop. */
    int (*bytes)(void *self, const uint8_t *bytes, size_t n);
} dfukit_watcher;

/** Run to the end. @return the outcome's error. */
int dfukit_session_run(dfukit_session *s, const dfukit_watcher *watcher);

#ifdef __cplusplus
}
#endif
#endif
