/* SPDX-License-Identifier: MIT */
/* dfu virtual --replay, and --on virtual:replay=: the device in a trace. */
#include "replay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "exit.h"
#include "file.h"
#include "interrupt.h"
#include "json.h"
#include "report.h"
#include "serve.h"

#define WORK_MS 100u /* how long a signal may go unseen */

int dfukit_cli_replay_open(const dfukit_cli_ui *ui, const char *name, const dfukit_clock *clock,
                           dfukit_replay **out)
{
    dfukit_cli_file file;
    const char *what = NULL;
    size_t line = 0;
    *out = NULL;
    int code = dfukit_cli_file_read(ui, name, &file);
    if (code != DFUKIT_EXIT_OK)
        return code;
    *out = dfukit_replay_new((const char *)file.bytes, file.size, clock, &line, &what);
    dfukit_cli_file_free(&file);
    if (*out != NULL)
        return DFUKIT_EXIT_OK;
    if (line != 0)
        return dfukit_cli_fail(ui, DFUKIT_ERR_DAMAGED, "%s: line %zu: %s", name, line, what);
    return dfukit_cli_fail(ui, DFUKIT_ERR_DAMAGED, "%s: %s", name, what);
}

void dfukit_cli_replay_tell(const dfukit_cli_ui *ui, const char *name, const dfukit_replay *r,
                            bool *told)
{
    const char *what;
    size_t line = dfukit_replay_departed(r, &what);
    if (line == 0 || *told)
        return;
    *told = true;
    dfukit_cli_say(ui, "%s: line %zu: the host departed from the recording: %s", name, line, what);
}

int dfukit_cli_replay_verdict(const dfukit_cli_ui *ui, const char *name, const dfukit_replay *r,
                              bool told)
{
    size_t line = 0;
    dfukit_cli_replay_tell(ui, name, r, &told);
    if (told)
        return DFUKIT_EXIT_DEVICE;
    if (dfukit_replay_finished(r, &line))
        return DFUKIT_EXIT_OK;
    dfukit_cli_say(ui, "%s: line %zu: nobody asked for this, nor for what comes behind it", name,
                   line);
    return DFUKIT_EXIT_DEVICE;
}

static void announce(const dfukit_cli_ui *ui, const char *name, const dfukit_replay *r)
{
    uint16_t vendor, product;
    const char *path = dfukit_replay_device(r, &vendor, &product);
    if (ui->json) {
        dfukit_cli_json j = {.to = ui->out};
        dfukit_cli_json_object(&j, NULL);
        dfukit_cli_json_text(&j, "event", "device");
        dfukit_cli_json_text(&j, "path", "1-1");
        dfukit_cli_json_text(&j, "replay", name);
        dfukit_cli_json_end(&j);
    } else {
        dfukit_cli_print(ui, "1-1  %04x:%04x  recorded at path %s", (unsigned)vendor,
                         (unsigned)product, path);
    }
}

int dfukit_cli_replay_serve(const dfukit_cli_ui *ui, const char *name, const char *listen)
{
    dfukit_clock clock = dfukit_clock_real();
    dfukit_replay *r = NULL;
    int error = DFUKIT_OK;
    bool told = false;
    int code = dfukit_cli_replay_open(ui, name, &clock, &r);
    if (code != DFUKIT_EXIT_OK)
        return code;
    dfukit_wire wire = dfukit_replay_wire(r);
    dfukit_server *server = dfukit_server_new(listen, &wire, 1, &clock, &error);
    if (server == NULL) {
        dfukit_replay_free(&r);
        return dfukit_cli_cannot_listen(ui, listen, error);
    }
    announce(ui, name, r);
    dfukit_cli_announce_port(ui, listen, dfukit_server_port(server));
    while (!dfukit_cli_interrupted()) {
        dfukit_server_work(server, WORK_MS);
        dfukit_cli_replay_tell(ui, name, r, &told);
    }
    dfukit_server_free(&server);
    code = dfukit_cli_replay_verdict(ui, name, r, told);
    dfukit_replay_free(&r);
    return code;
}
