/* SPDX-License-Identifier: MIT */
/* What is particular to devices with addresses (DfuSe): a job is worked out before anything is
 * sent, and what cannot be undone is asked for. */
#ifndef DFUKIT_CLI_ADDRESSES_H
#define DFUKIT_CLI_ADDRESSES_H

#include "job.h"

/** Is it known of the device, as it was chosen, where everything goes: DfuSe, and in DFU mode? */
bool dfukit_cli_addresses_known(const dfukit_target *t);
/** What an alternate setting's memory is called: "Internal Flash", else "alternate setting 1". */
const char *dfukit_cli_memory_name(const dfukit_target *t, uint8_t alternate, char *buffer,
                                   size_t room);
/** What kind of memory an alternate setting is; flash when its name does not tell. */
dfukit_map_kind dfukit_cli_memory_kind(const dfukit_target *t, uint8_t alternate);
/**
 * Work out a job on a device in DFU mode, and have the user confirm what cannot be undone; sets
 * job->confirmed. Does nothing for other devices: the engine checks them in time.
 * @param file  Whose bytes they are, for messages; NULL: none's.
 * @return DFUKIT_EXIT_OK, or the exit code of a refusal that has been reported.
 */
int dfukit_cli_addresses_check(const dfukit_cli_job *job, dfukit_job *plan, const char *file);
/** What in a plan cannot be undone, a sentence; NULL: nothing. */
const char *dfukit_cli_addresses_forever(const dfukit_target *t, const dfukit_plan *plan);
/**
 * Report the failure of a job, with the addresses that the engine's own texts do not have.
 * @return the exit code.
 */
int dfukit_cli_addresses_failed(const dfukit_cli_job *job, const dfukit_job *plan,
                                const char *file);
/** Report why there is no plan. @return the exit code. */
int dfukit_cli_addresses_fault(const dfukit_cli_job *job, const dfukit_job *plan,
                               const dfukit_plan_fault *fault, const char *file);

#endif
