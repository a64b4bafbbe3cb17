/* SPDX-License-Identifier: MIT */
/* Ctrl-C, SIGTERM and SIGHUP: the first asks for an orderly end, the second ends at once. */
#ifndef DFUKIT_CLI_INTERRUPT_H
#define DFUKIT_CLI_INTERRUPT_H

#include <stdbool.h>

/** Catch SIGINT and SIGTERM, and SIGHUP unless it is ignored (nohup); ignore SIGPIPE, so that a
 * lost peer or reader is an error value. */
void dfukit_cli_interrupt_catch(void);
/** Has one of them come? */
bool dfukit_cli_interrupted(void);
/** Remove this file when the second of them ends the program at once. `name` stays the caller's,
 * and as it is, until this is called again; NULL: there is none. */
void dfukit_cli_interrupt_unfinished(const char *name);

#endif
