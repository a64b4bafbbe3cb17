/* SPDX-License-Identifier: MIT */
/* How a verb ends: one line of result, or why not, what the device says, and what can be done. */
#include "report.h"

#include <stdarg.h>
#include <string.h>

#include "exit.h"
#include "json.h"

dfukit_cli_result *dfukit_cli_message(dfukit_cli_result *r, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(r->message, sizeof r->message, format, arguments);
    va_end(arguments);
    return r;
}

static int code_of(const dfukit_cli_ui *ui, const dfukit_cli_result *r)
{
    int code = r->code != 0 ? r->code : dfukit_cli_exit_code(r->error);
    return ui->exit_code != NULL ? ui->exit_code(r->error, code) : code;
}

void dfukit_cli_afterwards(const dfukit_cli_ui *ui, int error, int code)
{
    if (ui->afterwards != NULL)
        *ui->afterwards = ui->exit_code != NULL ? ui->exit_code(error, code) : code;
}

/* What the program will exit with, as far as that is known. */
static int whole_code(const dfukit_cli_ui *ui, const dfukit_cli_result *r)
{
    int code = code_of(ui, r);
    return code == DFUKIT_EXIT_OK && ui->afterwards != NULL ? *ui->afterwards : code;
}

static void status_json(dfukit_cli_json *j, const dfukit_outcome *o)
{
    bool known = o != NULL && o->has_status;
    dfukit_cli_json_text(j, "state", known ? dfukit_state_name(o->bState) : NULL);
    dfukit_cli_json_text(j, "status", known ? dfukit_status_name(o->bStatus) : NULL);
    dfukit_cli_json_text(j, "status_text",
                         known && o->status_text[0] != '\0' ? o->status_text : NULL);
}

static void json(const dfukit_cli_ui *ui, const dfukit_cli_result *r)
{
    const dfukit_outcome *o = r->outcome;
    dfukit_cli_json j = {.to = ui->out};
    dfukit_cli_json_object(&j, NULL);
    dfukit_cli_json_text(&j, "event", "result");
    dfukit_cli_json_text(&j, "verb", ui->verb);
    dfukit_cli_json_bool(&j, "ok", whole_code(ui, r) == DFUKIT_EXIT_OK);
    dfukit_cli_json_number(&j, "exit", (uint64_t)whole_code(ui, r));
    dfukit_cli_json_text(&j, "error", r->error != DFUKIT_OK ? dfukit_error_name(r->error) : NULL);
    dfukit_cli_json_text(&j, "message", r->message);
    dfukit_cli_json_text(&j, "remedy", r->remedy[0] != '\0' ? r->remedy : NULL);
    dfukit_cli_json_bool(&j, "verified", o != NULL && o->verified);
    dfukit_cli_json_bool(&j, "confirmed", o != NULL && o->confirmed);
    dfukit_cli_json_number(&j, "bytes", o != NULL ? o->bytes : 0);
    dfukit_cli_json_number(&j, "requests", o != NULL ? o->requests : 0);
    status_json(&j, o);
    if (r->error == DFUKIT_ERR_DIFFERS && o != NULL) {
        dfukit_cli_json_number(&j, "differs_at", o->differs_at);
        dfukit_cli_json_number(&j, "differences", o->differences);
    }
    dfukit_cli_json_end(&j);
}

/* A text of several lines, each sanitised by itself. */
static void lines(const dfukit_cli_ui *ui, const char *lead, const char *text)
{
    while (*text != '\0') {
        size_t n = strcspn(text, "\n");
        dfukit_cli_say(ui, "%s%.*s", lead, (int)n, text);
        lead = "        ";
        text += n + (text[n] == '\n');
    }
}

static void failure(const dfukit_cli_ui *ui, const dfukit_cli_result *r)
{
    const dfukit_outcome *o = r->outcome;
    dfukit_cli_put(ui, ui->err, DFUKIT_CLI_BAD, "%s:", ui->program != NULL ? ui->program : "dfu");
    dfukit_cli_say(ui, " %s", r->message);
    if (o != NULL && o->has_status && o->bStatus != DFUKIT_STATUS_OK)
        dfukit_cli_say(ui, "device: %s in state %s: %s%s%s%s", dfukit_status_name(o->bStatus),
                       dfukit_state_name(o->bState), dfukit_status_text(o->bStatus),
                       o->status_text[0] != '\0' ? " (\"" : "", o->status_text,
                       o->status_text[0] != '\0' ? "\")" : "");
    else if (o != NULL && o->has_status && r->error != DFUKIT_ERR_DIFFERS)
        dfukit_cli_say(ui, "device: last seen in state %s", dfukit_state_name(o->bState));
    lines(ui, "remedy: ", r->remedy);
}

int dfukit_cli_finish(const dfukit_cli_ui *ui, const dfukit_cli_result *r)
{
    if (ui->json)
        json(ui, r);
    else if (code_of(ui, r) == DFUKIT_EXIT_OK && r->message[0] != '\0')
        dfukit_cli_print(ui, "%s", r->message);
    if (code_of(ui, r) != DFUKIT_EXIT_OK) {
        fflush(ui->out);
        failure(ui, r);
    }
    return code_of(ui, r);
}

int dfukit_cli_finish_file(const dfukit_cli_ui *ui, const dfukit_cli_result *r, const char *name)
{
    if (strcmp(name, "-") != 0)
        return dfukit_cli_finish(ui, r);
    if (!ui->quiet)
        dfukit_cli_say(ui, "%s", r->message);
    return DFUKIT_EXIT_OK;
}

int dfukit_cli_fail(const dfukit_cli_ui *ui, int error, const char *format, ...)
{
    dfukit_cli_result r = {.error = error};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(r.message, sizeof r.message, format, arguments);
    va_end(arguments);
    return dfukit_cli_finish(ui, &r);
}

int dfukit_cli_fail_with(const dfukit_cli_ui *ui, int error, int code, const char *format, ...)
{
    dfukit_cli_result r = {.error = error, .code = code};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(r.message, sizeof r.message, format, arguments);
    va_end(arguments);
    return dfukit_cli_finish(ui, &r);
}
