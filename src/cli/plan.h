/* SPDX-License-Identifier: MIT */
/* dfu write --dry-run: what would be done. */
#ifndef DFUKIT_CLI_PLAN_H
#define DFUKIT_CLI_PLAN_H

#include "file.h"
#include "job.h"

/** Show the plan of a write. Nothing is sent to the device. @return the exit code. */
int dfukit_cli_plan(const dfukit_cli_job *job, const dfukit_cli_file *file, const dfukit_job *plan);
/** What a plan says of the file's IDs, of reading back, and of the end; for any kind of device. */
const char *dfukit_cli_plan_identity(const dfukit_cli_job *job, const dfukit_job *plan);
const char *dfukit_cli_plan_verification(const dfukit_job *plan, unsigned bits);
const char *dfukit_cli_plan_afterwards(dfukit_then then);
/** The plan has been shown: finish. @return the exit code. */
int dfukit_cli_plan_shown(const dfukit_cli_job *job);

#endif
