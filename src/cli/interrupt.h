/* SPDX-License-Identifier: MIT */
/* Ctrl-C and SIGTERM: the first asks for an orderly end, the second ends at once. */
#ifndef DFUKIT_CLI_INTERRUPT_H
#define DFUKIT_CLI_INTERRUPT_H

#include <stdbool.h>

/** Catch SIGINT and SIGTERM; ignore SIGPIPE, so that a lost peer or reader is an error value. */
void dfukit_cli_interrupt_catch(void);
/** Has one of them come? */
bool dfukit_cli_interrupted(void);

#endif
