/* SPDX-License-Identifier: MIT */
/* --trace FILE: the conversation with a device, written down as it takes place. */
#ifndef DFUKIT_CLI_TRACE_H
#define DFUKIT_CLI_TRACE_H

#include "dfukit/transport.h"
#include "ui.h"

typedef struct dfukit_cli_trace {
    const dfukit_cli_ui *ui;
    const char *name; /**< NULL: nothing is recorded */
    FILE *to;
    int error; /**< errno of the first line that could not be written; 0: all were */
} dfukit_cli_trace;

/** Create the file that ui->trace names, if it names one, and put a recorder in front of the
 *  carrier. `where`: what stands behind --on. The trace must not move while the carrier is open.
 *  @return DFUKIT_EXIT_OK, or the exit code of a failure that has been reported; the carrier is
 *  then as it was. */
int dfukit_cli_trace_begin(const dfukit_cli_ui *ui, dfukit_cli_trace *t, const char *where,
                           dfukit_carrier *carrier);
/** After the carrier was closed. A trace that is not whole is told, and is a failure of a verb that
 *  has none else. */
void dfukit_cli_trace_end(const dfukit_cli_ui *ui, dfukit_cli_trace *t);

#endif
