/* SPDX-License-Identifier: MIT */
/* dfu verify. */
#include "exit.h"
#include "file.h"
#include "job.h"
#include "verbs.h"

static int report(const dfukit_cli_job *job, const dfukit_cli_file *file, const dfukit_stream *s)
{
    const dfukit_outcome *o = &job->outcome;
    char bytes[DFUKIT_CLI_GROUP_SIZE];
    dfukit_cli_result r = {.error = o->error, .outcome = o};
    if (o->error == DFUKIT_OK)
        dfukit_cli_message(&r, "equal: the device holds the %s bytes of %s",
                           dfukit_cli_group(s->length, bytes), file->name);
    else
        dfukit_cli_message(&r, "the device differs from %s: %s byte%s, the first at 0x%08llx",
                           file->name, dfukit_cli_group(o->differences, bytes),
                           o->differences == 1 ? "" : "s", (unsigned long long)o->differs_at);
    return dfukit_cli_finish(job->ui, &r);
}

int dfukit_cli_verify(const dfukit_cli_args *args, dfukit_cli_ui *ui)
{
    dfukit_cli_file file;
    dfukit_stream stream;
    dfukit_cli_job job;
    int code = dfukit_cli_file_load(ui, args->files[0], &file);
    if (code != DFUKIT_EXIT_OK)
        return code;
    code = dfukit_cli_file_stream(ui, args, &file, &stream);
    if (code != DFUKIT_EXIT_OK) {
        dfukit_cli_file_free(&file);
        return code;
    }
    code = dfukit_cli_job_begin(&job, ui, args);
    if (code == DFUKIT_EXIT_OK) {
        dfukit_job plan = dfukit_cli_job_plan(&job, DFUKIT_VERB_VERIFY);
        plan.stream = &stream;
        plan.suffix = file.image.has_suffix ? &file.image.suffix : NULL;
        if (dfukit_cli_job_run(&job, &plan, NULL, NULL, false, &code)) {
            bool compared =
                job.outcome.error == DFUKIT_OK || job.outcome.error == DFUKIT_ERR_DIFFERS;
            code = compared ? report(&job, &file, &stream) : dfukit_cli_job_failed(&job);
        }
    }
    dfukit_cli_job_end(&job);
    dfukit_cli_file_free(&file);
    return code;
}
