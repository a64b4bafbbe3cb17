/* SPDX-License-Identifier: MIT */
/* One job on one chosen device: what all verbs that talk to a device have in common. */
#ifndef DFUKIT_CLI_JOB_H
#define DFUKIT_CLI_JOB_H

#include "args.h"
#include "dfukit/session.h"
#include "report.h"
#include "where.h"

typedef struct dfukit_cli_job {
    const dfukit_cli_ui *ui;
    const dfukit_cli_args *args;
    dfukit_cli_where where;
    dfukit_target target;   /**< as chosen, then as last seen */
    dfukit_target loader;   /**< as last seen in DFU mode; alt_count 0: never seen in it */
    dfukit_outcome outcome; /**< after a conversation */
    uint64_t begun_ms;      /**< when it was begun to look for the device */
    uint64_t took_ms;       /**< real time of the conversation */
} dfukit_cli_job;

/** Payload from the device, in order. @return DFUKIT_OK, or a dfukit_error to stop. */
typedef int (*dfukit_cli_sink)(void *self, const uint8_t *bytes, size_t n);

/** Open the place and choose the device.
 *  @return DFUKIT_EXIT_OK, or the exit code of a failure that has been reported. End it with
 *  dfukit_cli_job_end() in either case. */
int dfukit_cli_job_begin(dfukit_cli_job *job, const dfukit_cli_ui *ui, const dfukit_cli_args *args);
/** What the options say of a job, for a verb. */
dfukit_job dfukit_cli_job_plan(const dfukit_cli_job *job, dfukit_verb verb);
/**
 * Run it, with progress unless `silent`; afterwards target, loader and outcome are set.
 * @param sink  For READ; may be NULL.
 * @return false when the device could not be opened: reported, *code is the exit code.
 */
bool dfukit_cli_job_run(dfukit_cli_job *job, const dfukit_job *plan, dfukit_cli_sink sink,
                        void *sink_self, bool silent, int *code);
/** The bare run with a watcher of one's own (its progress is required).
 *  @return DFUKIT_OK when a conversation took place, or why the device could not be opened. */
int dfukit_cli_job_watch(dfukit_cli_job *job, const dfukit_job *plan,
                         const dfukit_watcher *watcher);
/** Report the failure in job->outcome. @return the exit code. */
int dfukit_cli_job_failed(const dfukit_cli_job *job);
void dfukit_cli_job_end(dfukit_cli_job *job);
/** "1209:70b1, path 1-1"; with the product's name in front where it is known. */
const char *dfukit_cli_job_device(const dfukit_target *t, char *buffer, size_t room);
/** A remedy: the alternate settings there are to choose from, a line each. */
void dfukit_cli_job_alternates(const dfukit_target *t, char *buffer, size_t room);

#endif
