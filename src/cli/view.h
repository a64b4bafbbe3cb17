/* SPDX-License-Identifier: MIT */
/* Progress: a bar on a terminal, a line for each phase elsewhere, events in JSON. */
#ifndef DFUKIT_CLI_VIEW_H
#define DFUKIT_CLI_VIEW_H

#include "dfukit/host.h"
#include "ui.h"

typedef struct dfukit_cli_view {
    const dfukit_cli_ui *ui;
    bool silent;           /**< show nothing at all */
    bool begun, line_open; /**< private, as is the rest */
    dfukit_progress now;
    uint64_t phase_begun_ms, drawn_ms, told_done;
} dfukit_cli_view;

void dfukit_cli_view_init(dfukit_cli_view *v, const dfukit_cli_ui *ui, bool silent);
/** The engine stands here now. */
void dfukit_cli_view_show(dfukit_cli_view *v, dfukit_progress p);
/** No more of it: end an open line. */
void dfukit_cli_view_end(dfukit_cli_view *v);

#define DFUKIT_CLI_BAR_SIZE 256u
/** "[#####-----]  50%  1,024 bytes  3.1 KiB/s  0:02 left", in at most `width` columns. */
const char *dfukit_cli_bar(char buffer[DFUKIT_CLI_BAR_SIZE], size_t width, uint64_t done,
                           uint64_t total, uint64_t elapsed_ms);

#endif
