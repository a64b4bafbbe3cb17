/* SPDX-License-Identifier: MIT */
/* Traces played back: read from a file, and what is to be said of the host afterwards. */
#ifndef DFUKIT_CLI_REPLAY_H
#define DFUKIT_CLI_REPLAY_H

#include "args.h"

/** Read a trace. @return DFUKIT_EXIT_OK, or the exit code of a failure that has been reported. */
int dfukit_cli_replay_open(const dfukit_cli_ui *ui, const char *name, const dfukit_clock *clock,
                           dfukit_replay **out);
/** Tell where the host departed, if it did and `*told` is false; sets it. */
void dfukit_cli_replay_tell(const dfukit_cli_ui *ui, const char *name, const dfukit_replay *r,
                            bool *told);
/** At the end. @return DFUKIT_EXIT_OK when everything recorded was asked for and nothing else, or
 *  DFUKIT_EXIT_DEVICE after having told why not. */
int dfukit_cli_replay_verdict(const dfukit_cli_ui *ui, const char *name, const dfukit_replay *r,
                              bool told);
/** `dfu virtual --replay FILE`. */
int dfukit_cli_replay_serve(const dfukit_cli_ui *ui, const char *name, const char *listen);

#endif
