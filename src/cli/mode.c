/* SPDX-License-Identifier: MIT */
/* dfu detach and dfu leave: from the firmware into DFU mode, and back. */
#include "exit.h"
#include "job.h"
#include "verbs.h"

static void detached(const dfukit_cli_job *job, bool was_there, dfukit_cli_result *r)
{
    char text[300];
    dfukit_cli_message(r, "%s in DFU mode: %s", was_there ? "already" : "now",
                       dfukit_cli_job_device(&job->target, text, sizeof text));
}

static void left(const dfukit_cli_job *job, bool was_there, dfukit_cli_result *r)
{
    char text[300];
    dfukit_cli_job_device(&job->target, text, sizeof text);
    if (was_there)
        dfukit_cli_message(r, "the device runs its firmware already: %s", text);
    else if (job->target.mode == DFUKIT_MODE_RUNTIME && job->outcome.sent_back)
        dfukit_cli_message(r, "the device runs its firmware: %s, version 0x%04x", text,
                           (unsigned)job->target.device.bcdDevice);
    else if (job->outcome.confirmed)
        dfukit_cli_message(r, "the device was reset and is in DFU mode again: %s", text);
    else
        dfukit_cli_message(r, "the device has left; whether it runs could not be seen");
}

static int change(const dfukit_cli_args *args, dfukit_cli_ui *ui, dfukit_verb verb,
                  dfukit_mode wanted,
                  void (*describe)(const dfukit_cli_job *, bool, dfukit_cli_result *))
{
    dfukit_cli_job job;
    int code = dfukit_cli_job_begin(&job, ui, args);
    if (code == DFUKIT_EXIT_OK) {
        bool was_there = job.target.mode == wanted;
        dfukit_job plan = dfukit_cli_job_plan(&job, verb);
        if (!dfukit_cli_job_run(&job, &plan, NULL, NULL, was_there, &code)) {
            dfukit_cli_job_end(&job);
            return code;
        }
        dfukit_cli_result r = {.outcome = &job.outcome};
        describe(&job, was_there, &r);
        if (job.outcome.remedy != NULL)
            snprintf(r.remedy, sizeof r.remedy, "%s", job.outcome.remedy);
        code = job.outcome.error == DFUKIT_OK ? dfukit_cli_finish(ui, &r)
                                              : dfukit_cli_job_failed(&job);
    }
    dfukit_cli_job_end(&job);
    return code;
}

int dfukit_cli_detach(const dfukit_cli_args *args, dfukit_cli_ui *ui)
{
    return change(args, ui, DFUKIT_VERB_DETACH, DFUKIT_MODE_DFU, detached);
}

int dfukit_cli_leave(const dfukit_cli_args *args, dfukit_cli_ui *ui)
{
    return change(args, ui, DFUKIT_VERB_LEAVE, DFUKIT_MODE_RUNTIME, left);
}
