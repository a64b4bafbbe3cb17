/* SPDX-License-Identifier: MIT */
/* An opened --on WHERE: a carrier, and the virtual device behind it if there is one. */
#include "where.h"

#include <string.h>

#include "exit.h"
#include "replay.h"
#include "report.h"

static int open_virtual(dfukit_cli_where *w)
{
    const dfukit_cli_place *place = w->place;
    dfukit_clock clock =
        place->real_time ? dfukit_clock_real() : dfukit_clock_virtual(&w->virtual_now_us);
    dfukit_virtual_options options = {
        .fast = !place->real_time,
        .serial = place->serial[0] != '\0' ? place->serial : NULL,
        .fault_count = place->fault_count,
    };
    memcpy(options.faults, place->faults, sizeof options.faults);
    w->device = dfukit_virtual_new(place->persona, &options, &clock);
    if (w->device == NULL)
        return DFUKIT_ERR_NOMEM;
    dfukit_wire wire = dfukit_virtual_wire(w->device);
    return dfukit_loopback_open(&w->carrier, &wire, 1, &clock);
}

/* @return an exit code. */
static int open_replay(dfukit_cli_where *w)
{
    dfukit_clock clock = dfukit_clock_virtual(&w->virtual_now_us);
    int code = dfukit_cli_replay_open(w->ui, w->place->replay, &clock, &w->replay);
    if (code != DFUKIT_EXIT_OK)
        return code;
    dfukit_wire wire = dfukit_replay_wire(w->replay);
    if (dfukit_loopback_open(&w->carrier, &wire, 1, &clock) == DFUKIT_OK)
        return DFUKIT_EXIT_OK;
    return dfukit_cli_fail(w->ui, DFUKIT_ERR_NOMEM, "out of memory");
}

static int open_carrier(const dfukit_cli_ui *ui, const dfukit_cli_place *place, dfukit_cli_where *w)
{
    int error = place->kind == DFUKIT_CLI_ON_VIRTUAL
                    ? open_virtual(w)
                    : dfukit_where_open(&w->carrier, &place->where);
    if (error == DFUKIT_OK)
        return DFUKIT_EXIT_OK;
    dfukit_virtual_free(&w->device);
    dfukit_cli_result r = {.error = error};
    if (error == DFUKIT_ERR_UNSUPPORTED) {
        dfukit_cli_message(&r, "this build cannot reach this computer's USB");
        snprintf(r.remedy, sizeof r.remedy, "build with libusb-1.0, or use --on usbip://HOST");
    } else {
        char text[300];
        r.code = DFUKIT_EXIT_COMPUTER;
        dfukit_cli_message(&r, "cannot look for devices %s: %s",
                           dfukit_cli_where_text(w, text, sizeof text), dfukit_error_text(error));
    }
    return dfukit_cli_finish(ui, &r);
}

int dfukit_cli_where_open(const dfukit_cli_ui *ui, const dfukit_cli_place *place,
                          dfukit_cli_where *w)
{
    memset(w, 0, sizeof *w);
    w->ui = ui;
    w->place = place;
    int code = place->replay[0] != '\0' ? open_replay(w) : open_carrier(ui, place, w);
    w->open = code == DFUKIT_EXIT_OK;
    if (code == DFUKIT_EXIT_OK)
        code = dfukit_cli_trace_begin(ui, &w->trace, place->text, &w->carrier);
    if (code != DFUKIT_EXIT_OK)
        dfukit_cli_where_close(w);
    return code;
}

/* A verb that only looks does not have to play a recording to its end. */
static void tell_verdict(const dfukit_cli_where *w)
{
    const char *verb = w->ui->verb != NULL ? w->ui->verb : "";
    bool told = false;
    int code;
    if (strcmp(verb, "list") == 0 || strcmp(verb, "info") == 0) {
        dfukit_cli_replay_tell(w->ui, w->place->replay, w->replay, &told);
        code = told ? DFUKIT_EXIT_DEVICE : DFUKIT_EXIT_OK;
    } else {
        code = dfukit_cli_replay_verdict(w->ui, w->place->replay, w->replay, false);
    }
    if (code != DFUKIT_EXIT_OK)
        dfukit_cli_afterwards(w->ui, DFUKIT_ERR_PROTOCOL, code);
}

void dfukit_cli_where_close(dfukit_cli_where *w)
{
    if (w->open) {
        dfukit_carrier_close(&w->carrier);
        dfukit_cli_trace_end(w->ui, &w->trace);
    }
    if (w->open && w->replay != NULL)
        tell_verdict(w);
    dfukit_replay_free(&w->replay);
    w->open = false;
    dfukit_virtual_free(&w->device);
}

const char *dfukit_cli_where_text(const dfukit_cli_where *w, char *buffer, size_t room)
{
    const dfukit_cli_place *p = w->place;
    if (p->replay[0] != '\0')
        snprintf(buffer, room, "in the trace %.200s", p->replay);
    else if (p->kind == DFUKIT_CLI_ON_VIRTUAL)
        snprintf(buffer, room, "on a virtual %s", p->persona->name);
    else if (p->kind == DFUKIT_CLI_ON_USBIP)
        snprintf(buffer, room, "at %s", p->text);
    else
        snprintf(buffer, room, "on this computer's USB");
    return buffer;
}

int dfukit_cli_where_failed(const dfukit_cli_ui *ui, const dfukit_cli_where *w, int error)
{
    char text[300];
    const char *why = w->carrier.ops->complaint(w->carrier.self);
    dfukit_cli_result r = {.error = error};
    dfukit_cli_message(&r, "cannot look for devices %s: %s%s%s",
                       dfukit_cli_where_text(w, text, sizeof text), dfukit_error_text(error),
                       *why != '\0' ? ": " : "", why);
    if (error == DFUKIT_ERR_CONNECT)
        snprintf(r.remedy, sizeof r.remedy,
                 "start a server there: `dfu virtual PERSONA`, or `usbipd` for real devices");
    return dfukit_cli_finish(ui, &r);
}
