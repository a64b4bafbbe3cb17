/* SPDX-License-Identifier: MIT */
/* dfu read. */
#include <errno.h>
#include <string.h>

#include "exit.h"
#include "job.h"
#include "output.h"
#include "verbs.h"

/* Where the payload goes. */
typedef struct sink {
    dfukit_cli_output output;
    int why; /* errno of the write that failed */
} sink;

static int add(void *self, const uint8_t *bytes, size_t n)
{
    sink *s = self;
    errno = 0;
    int error = dfukit_cli_output_add(&s->output, bytes, n);
    if (error != DFUKIT_OK && s->why == 0)
        s->why = errno != 0 ? errno : EIO;
    return error;
}

static int report(const dfukit_cli_job *job, const sink *s)
{
    char bytes[DFUKIT_CLI_GROUP_SIZE];
    dfukit_cli_result r = {.outcome = &job->outcome};
    dfukit_cli_bytes(job->outcome.bytes, bytes);
    if (strcmp(s->output.name, "-") == 0) { /* standard output is the firmware */
        if (!job->ui->quiet)
            dfukit_cli_say(job->ui, "read: %s", bytes);
        return DFUKIT_EXIT_OK;
    }
    dfukit_cli_message(&r, "read: %s into %s", bytes, s->output.name);
    return dfukit_cli_finish(job->ui, &r);
}

/* The file is whole only now; the suffix names the device as it is in DFU mode. */
static int conclude(const dfukit_cli_job *job, sink *s)
{
    const dfukit_target *t = job->loader.alt_count != 0 ? &job->loader : &job->target;
    if (job->outcome.error == DFUKIT_ERR_OUTPUT)
        return dfukit_cli_fail(job->ui, DFUKIT_ERR_OUTPUT, "%s: %s", s->output.name,
                               strerror(s->why));
    if (job->outcome.error != DFUKIT_OK)
        return dfukit_cli_job_failed(job);
    int code = dfukit_cli_output_end(job->ui, &s->output, &t->device);
    return code == DFUKIT_EXIT_OK ? report(job, s) : code;
}

int dfukit_cli_read(const dfukit_cli_args *args, dfukit_cli_ui *ui)
{
    dfukit_cli_job job;
    sink s = {.why = 0};
    if (ui->json && strcmp(args->files[0], "-") == 0)
        return dfukit_cli_fail(ui, DFUKIT_ERR_USAGE,
                               "--json and the firmware cannot both go to standard output");
    int code = dfukit_cli_output_begin(ui, &s.output, args->files[0], args->force);
    if (code != DFUKIT_EXIT_OK)
        return code;
    code = dfukit_cli_job_begin(&job, ui, args);
    if (code == DFUKIT_EXIT_OK) {
        dfukit_job plan = dfukit_cli_job_plan(&job, DFUKIT_VERB_READ);
        if (dfukit_cli_job_run(&job, &plan, add, &s, false, &code))
            code = conclude(&job, &s);
    }
    dfukit_cli_output_drop(&s.output);
    dfukit_cli_job_end(&job);
    return code;
}
