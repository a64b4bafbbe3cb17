/* SPDX-License-Identifier: MIT */
/* dfu write --dry-run: what would be done, as far as it can be known without changing the device.
 */
#include "plan.h"

#include <string.h>

#include "addressplan.h"
#include "describe.h"
#include "exit.h"
#include "json.h"

typedef enum plan_identity {
    IDENTITY_ANY,
    IDENTITY_MATCHES,
    IDENTITY_LATER,
    IDENTITY_DIFFERS
} plan_identity;

static bool fits(uint16_t suffix, uint16_t device)
{
    return suffix == DFUKIT_ANY_ID || suffix == device;
}

static bool may_be(uint16_t suffix, uint32_t selected)
{
    return suffix == DFUKIT_ANY_ID || selected == DFUKIT_ID_ANY || suffix == selected;
}

/* Does the file name this device? In run-time mode its other identity is not known yet, but when
   -d named it. */
static plan_identity compare(const dfukit_suffix *s, const dfukit_target *t,
                             const dfukit_selector *chosen)
{
    if (s == NULL || (s->idVendor == DFUKIT_ANY_ID && s->idProduct == DFUKIT_ANY_ID))
        return IDENTITY_ANY;
    if (fits(s->idVendor, t->device.idVendor) && fits(s->idProduct, t->device.idProduct))
        return IDENTITY_MATCHES;
    if (chosen->has_dfu_ids &&
        (!may_be(s->idVendor, chosen->dfu_ids.vid) || !may_be(s->idProduct, chosen->dfu_ids.pid)))
        return IDENTITY_DIFFERS;
    return t->mode == DFUKIT_MODE_RUNTIME ? IDENTITY_LATER : IDENTITY_DIFFERS;
}

static const char *const identities[] = {
    [IDENTITY_ANY] = "the file is for any device",
    [IDENTITY_MATCHES] = "the file names this device",
    [IDENTITY_LATER] = "the file names another product: compared again in DFU mode",
    [IDENTITY_DIFFERS] = "the file names another product",
};

const char *dfukit_cli_plan_identity(const dfukit_cli_job *job, const dfukit_job *plan)
{
    return identities[compare(plan->suffix, &job->target, &job->args->selector)];
}

const char *dfukit_cli_plan_verification(const dfukit_job *plan, unsigned bits)
{
    if (plan->verify == DFUKIT_VERIFY_NEVER)
        return "no: --verify never";
    if ((bits & DFUKIT_CAN_UPLOAD) == 0)
        return "no: the device cannot upload";
    if ((bits & DFUKIT_MANIFESTATION_TOLERANT) != 0)
        return "yes: read back before it is sent back to its firmware";
    return plan->verify == DFUKIT_VERIFY_ALWAYS
               ? "yes: detached once more and read back"
               : "only if it is still in DFU mode after its manifestation";
}

static const char *const afterwards[] = {
    [DFUKIT_THEN_LEAVE] = "sent back to its firmware",
    [DFUKIT_THEN_RESET] = "reset",
    [DFUKIT_THEN_STAY] = "left in DFU mode",
};

const char *dfukit_cli_plan_afterwards(dfukit_then then)
{
    return afterwards[then];
}

static void text(const dfukit_cli_job *job, const dfukit_cli_file *file, const dfukit_job *plan,
                 uint32_t size)
{
    const dfukit_cli_ui *ui = job->ui;
    const dfukit_stream *s = plan->stream;
    char device[300], bytes[DFUKIT_CLI_GROUP_SIZE], block[DFUKIT_CLI_GROUP_SIZE];
    uint32_t blocks = (s->length - 1) / size + 1;
    dfukit_cli_print(ui, "plan (nothing has been changed):");
    dfukit_cli_print(ui, "  device    %s, %s mode",
                     dfukit_cli_job_device(&job->target, device, sizeof device),
                     dfukit_mode_name(job->target.mode));
    plan_identity identity = compare(plan->suffix, &job->target, &job->args->selector);
    dfukit_cli_print(ui, "  identity  %s%s", identities[identity],
                     plan->force && identity >= IDENTITY_LATER ? " (--force goes past that)" : "");
    if (job->target.mode == DFUKIT_MODE_RUNTIME)
        dfukit_cli_print(ui, "  detach    into DFU mode");
    dfukit_cli_print(ui, "  write     %s of %s (%s) to the device's start",
                     dfukit_cli_bytes(s->length, bytes), file->name,
                     dfukit_format_name(file->image.format));
    if (file->image.addressed)
        dfukit_cli_print(ui, "            the file's addresses 0x%08llx to 0x%08llx",
                         (unsigned long long)s->base,
                         (unsigned long long)(s->base + s->length - 1));
    dfukit_cli_print(ui, "            in %lu block%s of up to %s; the device erases as it needs",
                     (unsigned long)blocks, blocks == 1 ? "" : "s", dfukit_cli_bytes(size, block));
    dfukit_cli_print(ui, "  verify    %s",
                     dfukit_cli_plan_verification(plan, job->target.functional.bmAttributes));
    dfukit_cli_print(ui, "  then      %s", afterwards[plan->then]);
}

static void json(const dfukit_cli_job *job, const dfukit_cli_file *file, const dfukit_job *plan,
                 uint32_t size)
{
    const dfukit_stream *s = plan->stream;
    dfukit_cli_json j = {.to = job->ui->out};
    dfukit_cli_json_object(&j, NULL);
    dfukit_cli_json_text(&j, "event", "plan");
    dfukit_cli_json_object(&j, "device");
    dfukit_cli_target_json(&j, &job->target);
    dfukit_cli_json_end(&j);
    dfukit_cli_json_text(&j, "file", file->name);
    dfukit_cli_json_text(&j, "identity", dfukit_cli_plan_identity(job, plan));
    dfukit_cli_json_bool(&j, "detach", job->target.mode == DFUKIT_MODE_RUNTIME);
    if (file->image.addressed)
        dfukit_cli_json_number(&j, "address", s->base);
    else
        dfukit_cli_json_null(&j, "address");
    dfukit_cli_json_number(&j, "bytes", s->length);
    dfukit_cli_json_number(&j, "block_size", size);
    dfukit_cli_json_number(&j, "blocks", (s->length - 1) / size + 1);
    dfukit_cli_json_text(&j, "verify",
                         dfukit_cli_plan_verification(plan, job->target.functional.bmAttributes));
    dfukit_cli_json_text(&j, "then", afterwards[plan->then]);
    dfukit_cli_json_end(&j);
}

/* Is it clear which alternate setting of a device without addresses is meant? */
static bool is_chosen(const dfukit_target *t, const dfukit_job *plan)
{
    if (t->mode != DFUKIT_MODE_DFU || dfukit_target_is_dfuse(t))
        return true; /* seen later */
    for (size_t i = 0; plan->has_alt && i < t->alt_count; i++) {
        if (plan->alt_name != NULL ? strcmp(t->alts[i].name, plan->alt_name) == 0
                                   : t->alts[i].number == plan->alt)
            return true;
    }
    return !plan->has_alt && t->alt_count == 1;
}

/* What the write would refuse before it begins.
   @return DFUKIT_EXIT_OK, or the exit code of what has been reported. */
static int refuse(const dfukit_cli_job *job, const dfukit_cli_file *file, const dfukit_job *plan)
{
    const dfukit_target *t = &job->target;
    unsigned bits = t->functional.bmAttributes;
    dfukit_cli_result r = {.error = DFUKIT_ERR_REFUSED};
    if ((bits & DFUKIT_CAN_DNLOAD) == 0) {
        dfukit_cli_message(&r, "the device cannot download (bitCanDnload is 0)");
    } else if (plan->verify == DFUKIT_VERIFY_ALWAYS && (bits & DFUKIT_CAN_UPLOAD) == 0) {
        dfukit_cli_message(&r,
                           "the device cannot be verified: it cannot upload (bitCanUpload is 0)");
        snprintf(r.remedy, sizeof r.remedy, "leave out --verify always");
    } else if (compare(plan->suffix, t, &job->args->selector) == IDENTITY_DIFFERS && !plan->force) {
        r.error = DFUKIT_ERR_MISMATCH;
        dfukit_cli_message(&r, "%s names another product, %04x:%04x", file->name,
                           (unsigned)plan->suffix->idVendor, (unsigned)plan->suffix->idProduct);
        snprintf(r.remedy, sizeof r.remedy,
                 "choose the right file or device; --force writes it all the same");
    } else if (!is_chosen(t, plan)) {
        r.error = DFUKIT_ERR_USAGE;
        dfukit_cli_message(&r, plan->has_alt ? "the device has no such alternate setting"
                                             : "the device has several alternate settings");
        dfukit_cli_job_alternates(t, r.remedy, sizeof r.remedy);
    } else {
        return DFUKIT_EXIT_OK;
    }
    return dfukit_cli_finish(job->ui, &r);
}

int dfukit_cli_plan_shown(const dfukit_cli_job *job)
{
    dfukit_cli_result r = {.error = DFUKIT_OK};
    if (job->ui->json)
        dfukit_cli_message(&r, "nothing has been changed: --dry-run");
    return dfukit_cli_finish(job->ui, &r);
}

int dfukit_cli_plan(const dfukit_cli_job *job, const dfukit_cli_file *file, const dfukit_job *plan)
{
    const dfukit_target *t = &job->target;
    uint32_t size = plan->transfer_size != 0 ? plan->transfer_size : t->transfer_size;
    int code = refuse(job, file, plan);
    if (code != DFUKIT_EXIT_OK)
        return code;
    if (dfukit_target_is_dfuse(t))
        return dfukit_cli_addressplan(job, file, plan);
    if (job->ui->json)
        json(job, file, plan, size);
    else
        text(job, file, plan, size);
    return dfukit_cli_plan_shown(job);
}
