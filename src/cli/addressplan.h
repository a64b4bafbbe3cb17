/* SPDX-License-Identifier: MIT */
/* --dry-run for a device with addresses: what is erased, what is written, what is lost. */
#ifndef DFUKIT_CLI_ADDRESSPLAN_H
#define DFUKIT_CLI_ADDRESSPLAN_H

#include "file.h"
#include "job.h"

/** Show what a WRITE of `file`, or an ERASE (file NULL), would do. @return the exit code. */
int dfukit_cli_addressplan(const dfukit_cli_job *job, const dfukit_cli_file *file,
                           const dfukit_job *plan);

#endif
