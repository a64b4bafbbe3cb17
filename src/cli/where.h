/* SPDX-License-Identifier: MIT */
/* An opened --on WHERE: a carrier, and the virtual device behind it if there is one. */
#ifndef DFUKIT_CLI_WHERE_H
#define DFUKIT_CLI_WHERE_H

#include "dfukit/transport.h"
#include "place.h"
#include "trace.h"
#include "ui.h"

/** Opened; must not be moved while it is open. */
typedef struct dfukit_cli_where {
    const dfukit_cli_place *place;
    dfukit_carrier carrier;
    bool open;
    dfukit_virtual *device; /**< of virtual:PERSONA */
    dfukit_replay *replay;  /**< of virtual:replay=TRACE */
    uint64_t virtual_now_us;
    const dfukit_cli_ui *ui;
    dfukit_cli_trace trace;
} dfukit_cli_where;

/** Open. @return DFUKIT_EXIT_OK, or the exit code of a failure that has been reported. */
int dfukit_cli_where_open(const dfukit_cli_ui *ui, const dfukit_cli_place *place,
                          dfukit_cli_where *w);
void dfukit_cli_where_close(dfukit_cli_where *w);
/** "on this computer's USB", "behind the USB/IP server at …", "on a virtual …". */
const char *dfukit_cli_where_text(const dfukit_cli_where *w, char *buffer, size_t room);
/** Report that the carrier failed to list or open. @return the exit code. */
int dfukit_cli_where_failed(const dfukit_cli_ui *ui, const dfukit_cli_where *w, int error);

#endif
