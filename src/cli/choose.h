/* SPDX-License-Identifier: MIT */
/* Finding the one device that is meant. */
#ifndef DFUKIT_CLI_CHOOSE_H
#define DFUKIT_CLI_CHOOSE_H

#include "args.h"
#include "dfukit/session.h"
#include "where.h"

/** List, wait if asked to, and choose.
 *  @return DFUKIT_EXIT_OK, or the exit code of a failure that has been reported. */
int dfukit_cli_choose(const dfukit_cli_ui *ui, const dfukit_cli_args *args, dfukit_cli_where *w,
                      dfukit_target *target);

#endif
