/* SPDX-License-Identifier: MIT */
/* dfu write --dry-run: what would be done, as far as it can be known without changing the device.
 */
#include "plan.h"

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

/* Does the file name this device? In run-time mode its other identity is not known yet. */
static plan_identity compare(const dfukit_suffix *s, const dfukit_target *t)
{
    if (s == NULL || (s->idVendor == DFUKIT_ANY_ID && s->idProduct == DFUKIT_ANY_ID))
        return IDENTITY_ANY;
    if (fits(s->idVendor, t->device.idVendor) && fits(s->idProduct, t->device.idProduct))
        return IDENTITY_MATCHES;
    return t->mode == DFUKIT_MODE_RUNTIME ? IDENTITY_LATER : IDENTITY_DIFFERS;
}

static const char *const identities[] = {
    [IDENTITY_ANY] = "the file is for any device",
    [IDENTITY_MATCHES] = "the file names this device",
    [IDENTITY_LATER] = "the file names another product: compared again in DFU mode",
    [IDENTITY_DIFFERS] = "the file names another product",
};

static const char *verification(const dfukit_job *plan, unsigned bits)
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
    dfukit_cli_print(ui, "  identity  %s%s", identities[compare(plan->suffix, &job->target)],
                     plan->force ? " (--force goes past that)" : "");
    if (job->target.mode == DFUKIT_MODE_RUNTIME)
        dfukit_cli_print(ui, "  detach    into DFU mode");
    dfukit_cli_print(ui, "  write     %s bytes of %s (%s), addresses 0x%08llx to 0x%08llx",
                     dfukit_cli_group(s->length, bytes), file->name,
                     dfukit_format_name(file->image.format), (unsigned long long)s->base,
                     (unsigned long long)(s->base + s->length - 1));
    dfukit_cli_print(ui,
                     "            in %lu block%s of up to %s bytes; the device erases as it needs",
                     (unsigned long)blocks, blocks == 1 ? "" : "s", dfukit_cli_group(size, block));
    dfukit_cli_print(ui, "  verify    %s", verification(plan, job->target.functional.bmAttributes));
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
    dfukit_cli_json_text(&j, "identity", identities[compare(plan->suffix, &job->target)]);
    dfukit_cli_json_bool(&j, "detach", job->target.mode == DFUKIT_MODE_RUNTIME);
    dfukit_cli_json_number(&j, "address", s->base);
    dfukit_cli_json_number(&j, "bytes", s->length);
    dfukit_cli_json_number(&j, "block_size", size);
    dfukit_cli_json_number(&j, "blocks", (s->length - 1) / size + 1);
    dfukit_cli_json_text(&j, "verify", verification(plan, job->target.functional.bmAttributes));
    dfukit_cli_json_text(&j, "then", afterwards[plan->then]);
    dfukit_cli_json_end(&j);
}

int dfukit_cli_plan(const dfukit_cli_job *job, const dfukit_cli_file *file, const dfukit_job *plan)
{
    const dfukit_target *t = &job->target;
    uint32_t size = plan->transfer_size != 0 ? plan->transfer_size : t->transfer_size;
    if ((t->functional.bmAttributes & DFUKIT_CAN_DNLOAD) == 0)
        return dfukit_cli_fail(job->ui, DFUKIT_ERR_REFUSED,
                               "the device cannot download (bitCanDnload is 0)");
    if (compare(plan->suffix, t) == IDENTITY_DIFFERS && !plan->force)
        return dfukit_cli_fail(job->ui, DFUKIT_ERR_MISMATCH, "%s names another product, %04x:%04x",
                               file->name, (unsigned)plan->suffix->idVendor,
                               (unsigned)plan->suffix->idProduct);
    if (job->ui->json)
        json(job, file, plan, size);
    else
        text(job, file, plan, size);
    dfukit_cli_result r = {.error = DFUKIT_OK};
    if (job->ui->json)
        dfukit_cli_message(&r, "nothing has been changed: --dry-run");
    return dfukit_cli_finish(job->ui, &r);
}
