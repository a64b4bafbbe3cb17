/* SPDX-License-Identifier: MIT */
/* dfu info: everything known of one device. */
#include <stdarg.h>
#include <string.h>

#include "addresses.h"
#include "describe.h"
#include "exit.h"
#include "job.h"
#include "json.h"
#include "mapview.h"
#include "verbs.h"

#define NAME_WIDTH 15
#define MAP_INDENT 4

static void field(const dfukit_cli_ui *ui, const char *name, const char *format, ...)
    DFUKIT_CLI_PRINTF(3, 4);

static void field(const dfukit_cli_ui *ui, const char *name, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    dfukit_cli_put(ui, ui->out, DFUKIT_CLI_DIM, "  %-*s", NAME_WIDTH, name);
    dfukit_cli_print(ui, "%s", text);
}

/* Is the row about this device, and does its effect hold now? */
static bool applies(const dfukit_quirk *q, const dfukit_target *t)
{
    return q->idVendor == t->device.idVendor && q->pid_first <= t->device.idProduct &&
           t->device.idProduct <= q->pid_last &&
           (q->bcdDevice == DFUKIT_QUIRK_ANY || q->bcdDevice == t->device.bcdDevice) &&
           (q->effect == DFUKIT_QUIRK_NONE || (t->quirks >> (unsigned)q->effect & 1u) != 0);
}

static void identity(const dfukit_cli_ui *ui, const dfukit_target *t)
{
    char ids[10];
    dfukit_cli_put(ui, ui->out, DFUKIT_CLI_BOLD, "%s  %s", dfukit_cli_id_text(&t->device, ids),
                   dfukit_cli_product(t));
    putc('\n', ui->out);
    field(ui, "manufacturer", "%s", t->has_manufacturer ? t->manufacturer : "unknown");
    field(ui, "product", "%s", t->has_product ? t->product : "unknown");
    field(ui, "serial number", "%s", t->has_serial ? t->serial : "none");
    field(ui, "version", "0x%04x (bcdDevice)", (unsigned)t->device.bcdDevice);
    field(ui, "path", "%s, device number %lu", t->path, (unsigned long)t->devnum);
    field(ui, "mode", "%s", dfukit_mode_name(t->mode));
    field(ui, "interface", "%u, the device has %u", (unsigned)t->interface,
          (unsigned)t->interfaces);
}

static void capabilities(const dfukit_cli_ui *ui, const dfukit_target *t)
{
    char words[DFUKIT_CLI_WORDS_SIZE], grouped[DFUKIT_CLI_GROUP_SIZE];
    unsigned bits = t->functional.bmAttributes;
    if ((t->oddities & DFUKIT_ODD_NO_FUNCTIONAL) == 0) {
        field(ui, "DFU version", "%s (bcdDFUVersion 0x%04x)", dfukit_target_version(t),
              (unsigned)t->functional.bcdDFUVersion);
        field(ui, "attributes", "%s (bmAttributes 0x%02x)", dfukit_cli_attributes(bits, words),
              bits);
        field(ui, "download", "%s", (bits & DFUKIT_CAN_DNLOAD) != 0 ? "yes: `dfu write`" : "no");
        field(ui, "upload", "%s",
              (bits & DFUKIT_CAN_UPLOAD) != 0 ? "yes: `dfu read`, `dfu verify`"
                                              : "no: nothing can be read back");
        field(ui, "after a write", "%s",
              dfukit_target_is_dfuse(t) ? "starts its firmware when it is told to"
              : (bits & DFUKIT_MANIFESTATION_TOLERANT) != 0 ? "stays reachable in DFU mode"
              : (bits & DFUKIT_WILL_DETACH) != 0            ? "leaves DFU mode by itself"
                                                            : "waits for a bus reset");
        field(ui, "detach", "%s, within %s ms",
              (bits & DFUKIT_WILL_DETACH) != 0 ? "by itself" : "at a bus reset",
              dfukit_cli_group(t->functional.wDetachTimeOut, grouped));
    }
    field(ui, "transfer size", "%s", dfukit_cli_bytes(t->transfer_size, grouped));
    if (t->oddities != 0)
        field(ui, "tolerated", "%s", dfukit_cli_oddities(t->oddities, words));
}

/* Each alternate setting, and where its name is a map of memory, that map. */
static void alternates(const dfukit_cli_ui *ui, const dfukit_target *t)
{
    char bytes[DFUKIT_CLI_GROUP_SIZE];
    dfukit_map map;
    for (size_t i = 0; i < t->alt_count; i++) {
        const dfukit_alt *a = &t->alts[i];
        const char *name = i == 0 ? "alternates" : "";
        if (!dfukit_target_is_dfuse(t) || dfukit_target_map(t, i, &map) != DFUKIT_OK) {
            field(ui, name, "%u  %s%s", (unsigned)a->number,
                  a->name[0] != '\0' ? a->name : "(no name)",
                  dfukit_target_is_dfuse(t) ? ": no memory map" : "");
            continue;
        }
        field(ui, name, "%u  %s: %s%s%s", (unsigned)a->number,
              map.name[0] != '\0' ? map.name : "(no name)",
              dfukit_cli_size(dfukit_map_bytes(&map), bytes),
              map.kind != DFUKIT_MAP_FLASH ? ", written only when named by -a" : "",
              map.kind == DFUKIT_MAP_OTP ? ", once" : "");
        dfukit_cli_map_show(ui, &map, MAP_INDENT);
    }
}

/* What is known of this product, and from where. */
static void quirks(const dfukit_cli_ui *ui, const dfukit_target *t)
{
    const dfukit_quirk *q;
    bool first = true;
    for (size_t n = 0; (q = dfukit_quirk_at(n)) != NULL; n++) {
        if (!applies(q, t))
            continue;
        if (q->effect == DFUKIT_QUIRK_NONE && !ui->verbose)
            continue; /* known, and nothing has to be done about it */
        field(ui, first ? "quirks" : "", "%s: %s; %s", dfukit_quirk_effect_name(q->effect),
              q->product, q->source);
        first = false;
    }
}

static void memories_json(dfukit_cli_json *j, const dfukit_target *t)
{
    dfukit_map map;
    dfukit_cli_json_array(j, "memories");
    for (size_t i = 0; dfukit_target_is_dfuse(t) && i < t->alt_count; i++) {
        if (dfukit_target_map(t, i, &map) != DFUKIT_OK)
            continue;
        dfukit_cli_json_object(j, NULL);
        dfukit_cli_json_number(j, "alt", t->alts[i].number);
        dfukit_cli_json_text(j, "name", map.name);
        dfukit_cli_map_json(j, &map);
        dfukit_cli_json_end(j);
    }
    dfukit_cli_json_end(j);
}

static void quirks_json(dfukit_cli_json *j, const dfukit_target *t)
{
    const dfukit_quirk *q;
    dfukit_cli_json_array(j, "quirks");
    for (size_t n = 0; (q = dfukit_quirk_at(n)) != NULL; n++) {
        if (!applies(q, t))
            continue;
        dfukit_cli_json_object(j, NULL);
        dfukit_cli_json_text(j, "effect", dfukit_quirk_effect_name(q->effect));
        dfukit_cli_json_number(j, "value", q->value);
        dfukit_cli_json_text(j, "product", q->product);
        dfukit_cli_json_text(j, "source", q->source);
        dfukit_cli_json_end(j);
    }
    dfukit_cli_json_end(j);
}

static void status(const dfukit_cli_ui *ui, const dfukit_outcome *o)
{
    if (!o->has_status) {
        field(ui, "state", "unknown: the device does not answer DFU_GETSTATUS now");
        return;
    }
    field(ui, "state", "%s", dfukit_state_name(o->bState));
    field(ui, "status", "%s: %s", dfukit_status_name(o->bStatus), dfukit_status_text(o->bStatus));
    if (o->status_text[0] != '\0')
        field(ui, "in its words", "%s", o->status_text);
    field(ui, "poll time", "%lu ms", (unsigned long)o->bwPollTimeout);
}

// clang-format off
static const struct {
    uint8_t code;
    const char *name;
} command_names[] = {
    {DFUKIT_DFUSE_GET,         "get commands"},
    {DFUKIT_DFUSE_SET_ADDRESS, "set address"},
    {DFUKIT_DFUSE_ERASE,       "erase"},
    {DFUKIT_DFUSE_UNPROTECT,   "read unprotect"},
};
// clang-format on

static const char *command_name(uint8_t code, char buffer[8])
{
    for (size_t i = 0; i < sizeof command_names / sizeof *command_names; i++) {
        if (command_names[i].code == code)
            return command_names[i].name;
    }
    snprintf(buffer, 8, "0x%02x", (unsigned)code);
    return buffer;
}

static void commands(const dfukit_cli_ui *ui, const dfukit_target *t, const dfukit_outcome *o)
{
    char text[400] = "", one[8];
    for (size_t i = 0, n = 0; i < o->command_count && n < sizeof text; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", i != 0 ? ", " : "",
                              command_name(o->commands[i], one));
    if (o->command_count != 0)
        field(ui, "commands", "%s", text);
    else if (dfukit_cli_addresses_known(t) && o->has_status && o->bState != DFUKIT_DFU_IDLE)
        field(ui, "commands", "not asked for: they are told in dfuIDLE only");
}

static void commands_json(dfukit_cli_json *j, const dfukit_outcome *o)
{
    char one[8];
    dfukit_cli_json_array(j, "commands");
    for (size_t i = 0; i < o->command_count; i++)
        dfukit_cli_json_text(j, NULL, command_name(o->commands[i], one));
    dfukit_cli_json_end(j);
}

static void json(const dfukit_cli_ui *ui, const dfukit_target *t, const dfukit_outcome *o)
{
    dfukit_cli_json j = {.to = ui->out};
    bool known = o->has_status;
    dfukit_cli_json_object(&j, NULL);
    dfukit_cli_target_json(&j, t);
    if ((t->oddities & DFUKIT_ODD_NO_FUNCTIONAL) == 0)
        dfukit_cli_json_number(&j, "detach_timeout", t->functional.wDetachTimeOut);
    else
        dfukit_cli_json_null(&j, "detach_timeout");
    dfukit_cli_json_text(&j, "state", known ? dfukit_state_name(o->bState) : NULL);
    dfukit_cli_json_text(&j, "status", known ? dfukit_status_name(o->bStatus) : NULL);
    dfukit_cli_json_text(&j, "status_text",
                         known && o->status_text[0] != '\0' ? o->status_text : NULL);
    if (known)
        dfukit_cli_json_number(&j, "poll_timeout", o->bwPollTimeout);
    else
        dfukit_cli_json_null(&j, "poll_timeout");
    commands_json(&j, o);
    memories_json(&j, t);
    quirks_json(&j, t);
    dfukit_cli_json_end(&j);
}

/* A device whose descriptors could not be read: what the bus tells of it. */
static void unread(const dfukit_cli_ui *ui, const dfukit_target *t)
{
    char ids[10];
    dfukit_cli_put(ui, ui->out, DFUKIT_CLI_BOLD, "%s  %s",
                   dfukit_cli_has_ids(t) ? dfukit_cli_id_text(&t->device, ids) : "(IDs unknown)",
                   dfukit_cli_product(t));
    putc('\n', ui->out);
    field(ui, "path", "%s, device number %lu", t->path, (unsigned long)t->devnum);
    if (t->access != DFUKIT_OK)
        field(ui, "access", "%s", dfukit_error_text(t->access));
}

int dfukit_cli_info(const dfukit_cli_args *args, dfukit_cli_ui *ui)
{
    dfukit_cli_job job;
    int code = dfukit_cli_job_begin(&job, ui, args);
    if (code != DFUKIT_EXIT_OK && !ui->json && job.target.path[0] != '\0')
        unread(ui, &job.target);
    if (code == DFUKIT_EXIT_OK) {
        dfukit_job plan = dfukit_cli_job_plan(&job, DFUKIT_VERB_STATUS);
        dfukit_target t = job.target;
        bool asked = dfukit_cli_job_run(&job, &plan, NULL, NULL, true, &code);
        if (asked)
            t = job.target;
        if (ui->json) {
            if (asked)
                json(ui, &t, &job.outcome);
        } else {
            identity(ui, &t);
            capabilities(ui, &t);
            alternates(ui, &t);
            quirks(ui, &t);
            if (asked) {
                commands(ui, &t, &job.outcome);
                status(ui, &job.outcome);
            }
        }
        if (asked && job.outcome.error != DFUKIT_OK)
            code = dfukit_cli_job_failed(&job);
    }
    dfukit_cli_job_end(&job);
    return code;
}
