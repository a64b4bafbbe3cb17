/* SPDX-License-Identifier: MIT */
/* dfu-util: what its options ask for, done by the jobs of `dfu`. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "addresses.h"
#include "dropin_util.h"
#include "exit.h"
#include "file.h"
#include "job.h"
#include "output.h"

/* dfu-util has no limit for everything together: ours grows with what there is to move, so that
   only a device that has stopped working meets it. */
#define BASE_MS      120000u
#define UNKNOWN_MS   3600000u /* an upload of unknown size */
#define BYTES_PER_MS 2u       /* 2 KB/s: slower than any device known */

/* What :leave starts is often no USB device at all, and dfu-util does not look for it. */
#define LEAVE_MS 1000u

/* No option of `dfu` belongs to it: remedies that name one are not shown. */
static const dfukit_cli_verb verbs[] = {
    [DFUKIT_DROPIN_DETACH] = {.name = "detach", .arguments = ""},
    [DFUKIT_DROPIN_UPLOAD] = {.name = "upload", .arguments = ""},
    [DFUKIT_DROPIN_DOWNLOAD] = {.name = "download", .arguments = ""},
    [DFUKIT_DROPIN_COMMAND] = {.name = "command", .arguments = ""},
};

static uint32_t time_for(uint64_t bytes)
{
    uint64_t ms = BASE_MS + bytes / BYTES_PER_MS;
    return ms < UINT32_MAX ? (uint32_t)ms : UINT32_MAX;
}

static dfukit_job plan_of(const dfukit_dropin_line *line, const dfukit_cli_job *job,
                          dfukit_verb verb)
{
    dfukit_job plan = dfukit_cli_job_plan(job, verb);
    plan.then = line->dfuse.leave || verb == DFUKIT_VERB_LEAVE ? DFUKIT_THEN_LEAVE
                : line->reset                                  ? DFUKIT_THEN_RESET
                                                               : DFUKIT_THEN_STAY;
    plan.return_ms = line->return_ms;
    plan.leave_ms = line->dfuse.leave ? LEAVE_MS : 0;
    plan.has_at = line->dfuse.has_address;
    plan.at = line->dfuse.address;
    plan.has_size = line->dfuse.has_length;
    plan.size = line->dfuse.length;
    plan.read_limit = line->dfuse.length; /* also where there are no addresses */
    plan.resets_device = line->dfuse.will_reset;
    return plan;
}

/* Run it; a bar on a terminal, nothing elsewhere. @return the exit code. */
static int run(dfukit_cli_job *job, dfukit_job *plan)
{
    uint32_t devnum = job->target.devnum;
    int code = dfukit_cli_addresses_check(job, plan, NULL);
    if (code != DFUKIT_EXIT_OK ||
        !dfukit_cli_job_run(job, plan, NULL, NULL, !job->ui->err_terminal, &code))
        return code;
    /* It has left, as it was told, and is back: its firmware brought it here again, or it has none.
       Whoever asked for no more than to leave has got that. */
    if (plan->verb == DFUKIT_VERB_LEAVE && job->outcome.error == DFUKIT_ERR_PROTOCOL &&
        job->target.devnum != devnum) {
        dfukit_cli_say(job->ui, "note: the device has left DFU mode, and is in it again");
        return DFUKIT_EXIT_OK;
    }
    return job->outcome.error == DFUKIT_OK ? DFUKIT_EXIT_OK
                                           : dfukit_cli_addresses_failed(job, plan, NULL);
}

static bool is_dfuse(const dfukit_cli_job *job)
{
    const dfukit_target *t = job->loader.alt_count != 0 ? &job->loader : &job->target;
    return dfukit_target_is_dfuse(t);
}

/* -s for a device that says it is none of DfuSe: its own memory map overrules that, else the
   address means nothing to it. */
static void settle_dialect(const dfukit_dropin_line *line, dfukit_cli_job *job)
{
    dfukit_map map;
    dfukit_target *t = &job->target;
    if (!line->dfuse.given || dfukit_target_is_dfuse(t) || t->mode != DFUKIT_MODE_DFU)
        return;
    if (t->alts[0].name[0] == '@' && dfukit_map_parse(t->alts[0].name, &map) == DFUKIT_OK) {
        t->functional.bcdDFUVersion = DFUKIT_VERSION_DFUSE;
        dfukit_cli_say(job->ui, "note: the device names a memory map, so it is taken for DfuSe");
    } else if (line->mode == DFUKIT_DROPIN_UPLOAD && line->dfuse.has_address) {
        dfukit_cli_say(job->ui, "note: a plain DFU device has no addresses: it is read from its "
                                "start");
    }
}

static int begin(dfukit_dropin_line *line, dfukit_cli_job *job, dfukit_cli_ui *ui)
{
    line->args.verb = &verbs[line->mode];
    int code = dfukit_cli_job_begin(job, ui, &line->args);
    if (code == DFUKIT_EXIT_OK)
        settle_dialect(line, job);
    return code;
}

/* ---- -D ---- */

static const char *not_verified(const dfukit_cli_job *job)
{
    const dfukit_target *t = job->loader.alt_count != 0 ? &job->loader : &job->target;
    if ((t->functional.bmAttributes & DFUKIT_CAN_UPLOAD) == 0)
        return "the device cannot upload";
    return "the device has left DFU mode";
}

static void written(const dfukit_cli_job *job)
{
    char bytes[DFUKIT_CLI_GROUP_SIZE];
    const dfukit_outcome *o = &job->outcome;
    if (o->overridden)
        dfukit_cli_say(job->ui, "the file names another product: force went past that");
    dfukit_cli_bytes(o->bytes, bytes);
    if (o->verified)
        dfukit_cli_print(job->ui, "Written and verified: %s.", bytes);
    else
        dfukit_cli_print(job->ui, "Written, not verified (%s): %s.", not_verified(job), bytes);
    if (!o->confirmed)
        dfukit_cli_print(job->ui, "Whether the device runs it could not be seen.");
    dfukit_cli_print(job->ui, is_dfuse(job) ? "File downloaded successfully" : "Download done.");
    dfukit_cli_print(job->ui, "Done!");
}

static int mismatch(const dfukit_cli_job *job, const dfukit_suffix *s)
{
    const dfukit_target *t = job->loader.alt_count != 0 ? &job->loader : &job->target;
    dfukit_cli_result r = {.error = DFUKIT_ERR_MISMATCH, .outcome = &job->outcome};
    dfukit_cli_message(&r, "the file is for %04x:%04x, the device is %04x:%04x",
                       (unsigned)s->idVendor, (unsigned)s->idProduct, (unsigned)t->device.idVendor,
                       (unsigned)t->device.idProduct);
    return dfukit_cli_finish(job->ui, &r);
}

/* Do the suffix's IDs differ, or is it something else that does not fit? */
static bool names_another(const dfukit_cli_job *job, const dfukit_suffix *s)
{
    const dfukit_target *t = job->loader.alt_count != 0 ? &job->loader : &job->target;
    return s != NULL && ((s->idVendor != DFUKIT_ANY_ID && s->idVendor != t->device.idVendor) ||
                         (s->idProduct != DFUKIT_ANY_ID && s->idProduct != t->device.idProduct));
}

/* Without -d the suffix says which device. @return whether it has. */
static bool select_by_suffix(dfukit_dropin_line *line, const dfukit_image *image)
{
    dfukit_selector *s = &line->args.selector;
    const dfukit_suffix *x = &image->suffix;
    if (!image->has_suffix || s->has_ids ||
        (x->idVendor == DFUKIT_ANY_ID && x->idProduct == DFUKIT_ANY_ID))
        return false;
    s->has_ids = true;
    s->ids.vid = x->idVendor != DFUKIT_ANY_ID ? x->idVendor : DFUKIT_ID_ANY;
    s->ids.pid = x->idProduct != DFUKIT_ANY_ID ? x->idProduct : DFUKIT_ID_ANY;
    return true;
}

/* A raw file without an address: nothing is guessed, but the option that would do is told. */
static int want_address(const dfukit_cli_job *job, const dfukit_job *plan, const char *file)
{
    dfukit_allocator allocator = dfukit_allocator_default();
    dfukit_plan made;
    dfukit_plan_fault fault = {.what = "the file has no addresses"};
    if (!plan->unplaced || !dfukit_cli_addresses_known(&job->target))
        return DFUKIT_EXIT_OK;
    int error = dfukit_plan_make(&made, plan, &job->target, &allocator, &fault);
    if (error == DFUKIT_OK)
        dfukit_plan_free(&made);
    if (error != DFUKIT_ERR_USAGE || !fault.has_address)
        return DFUKIT_EXIT_OK;
    dfukit_cli_result r = {.error = error};
    dfukit_cli_message(&r, "%s: %s", file, fault.what);
    snprintf(r.remedy, sizeof r.remedy, "-s 0x%08lx puts it at the start of the device's memory",
             (unsigned long)fault.address);
    return dfukit_cli_finish(job->ui, &r);
}

static int write_file(dfukit_dropin_line *line, dfukit_cli_file *file, dfukit_cli_job *job)
{
    dfukit_job plan = plan_of(line, job, DFUKIT_VERB_WRITE);
    int code = dfukit_cli_file_payload(job->ui, &line->args, file, &job->target, &plan);
    plan.erase = line->dfuse.mass_erase ? DFUKIT_ERASE_ALL : DFUKIT_ERASE_PAGES;
    plan.timeout_ms = time_for(2 * dfukit_image_payload(&file->image));
    if (code == DFUKIT_EXIT_OK)
        code = want_address(job, &plan, file->name);
    if (code == DFUKIT_EXIT_OK)
        code = dfukit_cli_addresses_check(job, &plan, file->name);
    if (code != DFUKIT_EXIT_OK ||
        !dfukit_cli_job_run(job, &plan, NULL, NULL, !job->ui->err_terminal, &code))
        return code;
    if (job->outcome.error == DFUKIT_ERR_MISMATCH && names_another(job, plan.suffix))
        return mismatch(job, plan.suffix);
    if (job->outcome.error != DFUKIT_OK)
        return dfukit_cli_addresses_failed(job, &plan, file->name);
    written(job);
    return DFUKIT_EXIT_OK;
}

static int download(dfukit_dropin_line *line, dfukit_cli_ui *ui)
{
    dfukit_cli_file file;
    dfukit_cli_job job;
    const dfukit_image_options any = {false, false,
                                      false}; /* a name in .dfu promises nothing here */
    int code = dfukit_cli_file_load_as(ui, line->file, &any, &file);
    if (code != DFUKIT_EXIT_OK)
        return code;
    bool by_suffix = select_by_suffix(line, &file.image);
    /* The address is for a file that has none of its own. */
    line->args.has_at = line->dfuse.has_address && !file.image.addressed;
    line->args.at = line->dfuse.address;
    code = begin(line, &job, ui);
    if (code == DFUKIT_EXIT_OK)
        code = write_file(line, &file, &job);
    else if (by_suffix && job.target.path[0] == '\0')
        dfukit_cli_say(ui, "note: these are the IDs of the file's suffix; -d names others");
    dfukit_cli_job_end(&job);
    dfukit_cli_file_free(&file);
    return code;
}

/* ---- -U ---- */

static int add(void *self, const uint8_t *bytes, size_t n)
{
    return dfukit_cli_output_add(self, bytes, n);
}

static int keep(const dfukit_dropin_line *line, const dfukit_cli_job *job, dfukit_cli_output *o)
{
    const dfukit_cli_ui *ui = job->ui;
    uint64_t got = job->outcome.bytes;
    bool aside = strcmp(line->file, "-") != 0;
    if (got == 0)
        return dfukit_cli_fail_with(ui, DFUKIT_ERR_EMPTY, DFUKIT_DROPIN_IO,
                                    "the device has sent nothing; %s is not made", line->file);
    int code = dfukit_cli_output_end(ui, o, NULL);
    if (code != DFUKIT_EXIT_OK)
        return code;
    if (line->has_expected && got != line->expected)
        dfukit_cli_say(ui, "%s: note: %llu bytes were expected, %llu have come", ui->program,
                       (unsigned long long)line->expected, (unsigned long long)got);
    if (!aside)
        return code; /* standard output is the firmware */
    dfukit_cli_print(ui, "Received a total of %llu bytes", (unsigned long long)got);
    dfukit_cli_print(ui, "Upload done.");
    return code;
}

static int read_device(dfukit_dropin_line *line, dfukit_cli_job *job, dfukit_cli_output *o)
{
    dfukit_job plan = plan_of(line, job, DFUKIT_VERB_READ);
    uint64_t size = plan.has_size ? plan.size : line->has_expected ? line->expected : 0;
    plan.timeout_ms = size != 0 ? time_for(size) : UNKNOWN_MS;
    int code = dfukit_cli_addresses_check(job, &plan, NULL);
    if (code != DFUKIT_EXIT_OK ||
        !dfukit_cli_job_run(job, &plan, add, o, !job->ui->err_terminal, &code))
        return code;
    if (job->outcome.error == DFUKIT_ERR_OUTPUT)
        return dfukit_cli_fail(job->ui, DFUKIT_ERR_OUTPUT, "%s: %s", line->file, strerror(o->why));
    return job->outcome.error == DFUKIT_OK ? keep(line, job, o)
                                           : dfukit_cli_addresses_failed(job, &plan, NULL);
}

static int upload_file(dfukit_dropin_line *line, dfukit_cli_ui *ui)
{
    dfukit_cli_job job;
    dfukit_cli_output output;
    struct stat known;
    if (strcmp(line->file, "-") != 0 && lstat(line->file, &known) == 0 && !S_ISCHR(known.st_mode) &&
        !S_ISFIFO(known.st_mode))
        return dfukit_cli_fail_with(ui, DFUKIT_ERR_OUTPUT, DFUKIT_DROPIN_CANNOT_MAKE,
                                    "%s exists, and is not replaced", line->file);
    if (dfukit_cli_output_begin_raw(ui, &output, line->file, false) != DFUKIT_EXIT_OK)
        return DFUKIT_DROPIN_CANNOT_MAKE;
    int code = begin(line, &job, ui);
    if (code == DFUKIT_EXIT_OK)
        code = read_device(line, &job, &output);
    dfukit_cli_output_drop(&output);
    dfukit_cli_job_end(&job);
    return code;
}

/* ---- -e, and -s alone ---- */

static int detach(dfukit_dropin_line *line, dfukit_cli_ui *ui)
{
    dfukit_cli_job job;
    int code = begin(line, &job, ui);
    if (code == DFUKIT_EXIT_OK) {
        bool there = job.target.mode == DFUKIT_MODE_DFU;
        dfukit_job plan = plan_of(line, &job, there ? DFUKIT_VERB_LEAVE : DFUKIT_VERB_DETACH);
        code = run(&job, &plan);
        char text[300];
        if (code == DFUKIT_EXIT_OK)
            dfukit_cli_print(ui, "%s: %s",
                             job.target.mode == DFUKIT_MODE_DFU ? "In DFU mode"
                             : job.outcome.confirmed            ? "Runs its firmware"
                                                                : "Has left DFU mode",
                             dfukit_cli_job_device(&job.target, text, sizeof text));
    }
    dfukit_cli_job_end(&job);
    return code;
}

/* Which jobs the modifiers ask for, one behind the other. @return How many. */
static size_t commands(const dfukit_dropin_dfuse *d, dfukit_verb verbs_wanted[2])
{
    size_t n = 0;
    if (d->unprotect) /* the device resets itself: nothing can follow */
        verbs_wanted[n++] = DFUKIT_VERB_UNLOCK;
    else if (d->mass_erase)
        verbs_wanted[n++] = DFUKIT_VERB_ERASE;
    if (d->leave && !d->unprotect)
        verbs_wanted[n++] = DFUKIT_VERB_LEAVE;
    return n;
}

static int command(dfukit_dropin_line *line, dfukit_cli_ui *ui)
{
    dfukit_cli_job job;
    dfukit_verb wanted[2];
    size_t n = commands(&line->dfuse, wanted);
    if (n == 0)
        return dfukit_cli_fail(ui, DFUKIT_ERR_USAGE,
                               "-s without -D and -U wants leave, mass-erase or unprotect");
    int code = begin(line, &job, ui);
    for (size_t i = 0; i < n && code == DFUKIT_EXIT_OK; i++) {
        dfukit_job plan = plan_of(line, &job, wanted[i]);
        if (wanted[i] == DFUKIT_VERB_ERASE)
            plan.has_at = plan.has_size = false;
        plan.erase = DFUKIT_ERASE_ALL;
        plan.then = i + 1 < n ? DFUKIT_THEN_STAY : plan.then;
        plan.timeout_ms = UNKNOWN_MS;
        code = run(&job, &plan);
    }
    if (code == DFUKIT_EXIT_OK)
        dfukit_cli_print(ui, "Done!");
    dfukit_cli_job_end(&job);
    return code;
}

/* ---- The command line ---- */

/* DFUKIT_ON says where devices are, as `dfu --on` does. */
static bool place(dfukit_dropin_line *line, char complaint[DFUKIT_CLI_COMPLAINT_SIZE])
{
    const char *where = getenv("DFUKIT_ON");
    return where == NULL || *where == '\0' ||
           dfukit_cli_place_parse(where, &line->args.place, complaint);
}

int dfukit_dropin_util(int argc, char **argv, dfukit_cli_ui *ui)
{
    dfukit_dropin_line line = {.mode = DFUKIT_DROPIN_NOTHING};
    char complaint[DFUKIT_DROPIN_COMPLAINT], why[DFUKIT_CLI_COMPLAINT_SIZE];
    if (!dfukit_dropin_parse(dfukit_dropin_util_options, &line, argc, argv, complaint))
        return dfukit_cli_fail(ui, DFUKIT_ERR_USAGE, "%s; see `dfu-util --help`", complaint);
    ui->verbose = line.args.verbose;
    if (line.mode == DFUKIT_DROPIN_NOTHING && line.dfuse.given)
        line.mode = DFUKIT_DROPIN_COMMAND;
    line.args.force = line.dfuse.force;
    if (!place(&line, why))
        return dfukit_cli_fail(ui, DFUKIT_ERR_USAGE, "DFUKIT_ON: %s", why);
    switch (line.mode) {
    case DFUKIT_DROPIN_HELP:
        dfukit_dropin_help(ui, dfukit_dropin_util_options);
        return DFUKIT_EXIT_OK;
    case DFUKIT_DROPIN_VERSION:
        dfukit_dropin_version(ui);
        return DFUKIT_EXIT_OK;
    case DFUKIT_DROPIN_LIST:
        return dfukit_dropin_list(&line, ui);
    case DFUKIT_DROPIN_DETACH:
        return detach(&line, ui);
    case DFUKIT_DROPIN_UPLOAD:
        return upload_file(&line, ui);
    case DFUKIT_DROPIN_DOWNLOAD:
        return download(&line, ui);
    case DFUKIT_DROPIN_COMMAND:
        return command(&line, ui);
    case DFUKIT_DROPIN_NOTHING:
        break;
    }
    return dfukit_cli_fail(ui, DFUKIT_ERR_USAGE,
                           "what is to be done? -l, -D FILE, -U FILE, -e or -s; see "
                           "`dfu-util --help`");
}
