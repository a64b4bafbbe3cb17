/* SPDX-License-Identifier: MIT */
/* dfu verify. */
#include "exit.h"
#include "file.h"
#include "job.h"
#include "verbs.h"

/* What differs, and how much the device holds less than the file; plain DFU has no more to tell. */
static void differences(const dfukit_outcome *o, const dfukit_stream *s, char *text, size_t room)
{
    char bytes[DFUKIT_CLI_GROUP_SIZE], less[DFUKIT_CLI_GROUP_SIZE];
    uint64_t missing = o->bytes < s->length ? s->length - o->bytes : 0;
    uint64_t different = o->differences > missing ? o->differences - missing : 0;
    unsigned long long first = o->differs_at, end = s->base + o->bytes;
    dfukit_cli_bytes(different, bytes);
    dfukit_cli_bytes(missing, less);
    if (missing == 0)
        snprintf(text, room, "%s, the first at 0x%08llx", bytes, first);
    else if (different == 0)
        snprintf(text, room,
                 "the device ends at 0x%08llx, %s before the file; up to there they are equal", end,
                 less);
    else
        snprintf(text, room,
                 "%s, the first at 0x%08llx; the device ends at 0x%08llx, %s before the file",
                 bytes, first, end, less);
}

static int report(const dfukit_cli_job *job, const dfukit_cli_file *file, const dfukit_stream *s)
{
    const dfukit_outcome *o = &job->outcome;
    char bytes[DFUKIT_CLI_GROUP_SIZE], how[256];
    dfukit_cli_result r = {.error = o->error, .outcome = o};
    if (o->error == DFUKIT_OK)
        dfukit_cli_message(&r, "equal: the device holds the %s of %s",
                           dfukit_cli_bytes(s->length, bytes), file->name);
    differences(o, s, how, sizeof how);
    if (o->error != DFUKIT_OK)
        dfukit_cli_message(&r, "the device differs from %s: %s", file->name, how);
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
        dfukit_cli_file_note(ui, args, &file);
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
