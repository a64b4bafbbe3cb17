/* SPDX-License-Identifier: MIT */
/* dfu write --dry-run: what would be done. */
#ifndef DFUKIT_CLI_PLAN_H
#define DFUKIT_CLI_PLAN_H

#include "file.h"
#include "job.h"

/** Show the plan of a write. Nothing is sent to the device. @return the exit code. */
int dfukit_cli_plan(const dfukit_cli_job *job, const dfukit_cli_file *file, const dfukit_job *plan);

#endif
