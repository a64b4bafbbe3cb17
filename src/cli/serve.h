/* SPDX-License-Identifier: MIT */
/* What everything has in common that serves devices over USB/IP. */
#ifndef DFUKIT_CLI_SERVE_H
#define DFUKIT_CLI_SERVE_H

#include "ui.h"

/** The last line of what a server announces: where it listens. `listen` is what --listen said. */
void dfukit_cli_announce_port(const dfukit_cli_ui *ui, const char *listen, uint16_t port);
/** Report why dfukit_server_new() failed. @return the exit code. */
int dfukit_cli_cannot_listen(const dfukit_cli_ui *ui, const char *listen, int error);

#endif
