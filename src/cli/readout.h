/* SPDX-License-Identifier: MIT */
/* What is read from a device: gathered in memory, put where it belongs, written as a file. */
#ifndef DFUKIT_CLI_READOUT_H
#define DFUKIT_CLI_READOUT_H

#include "file.h"
#include "job.h"
#include "output.h"

typedef struct dfukit_cli_readout {
    uint8_t *bytes; /**< in the order in which the device sent them */
    size_t size, room;
    dfukit_image image; /**< their picture; segments point into `bytes` */
} dfukit_cli_readout;

/** Take bytes from the device: a dfukit_cli_sink, `self` is the readout.
 *  @return DFUKIT_OK or DFUKIT_ERR_NOMEM. */
int dfukit_cli_readout_add(void *self, const uint8_t *bytes, size_t n);
/**
 * Put what a job has read where it belongs.
 * @param target  The device as it was in DFU mode.
 * @param like    The file whose segments are wanted; NULL: just what was read.
 * @return DFUKIT_OK, DFUKIT_ERR_NOMEM, or DFUKIT_ERR_PROTOCOL: it is not what the job asked for.
 */
int dfukit_cli_readout_place(dfukit_cli_readout *r, const dfukit_job *job,
                             const dfukit_target *target, const dfukit_cli_file *like);
/** Write the image in the output's format; with a DfuSe file, its suffix too.
 *  @return DFUKIT_OK, DFUKIT_ERR_OUTPUT, or why the format cannot hold it. */
int dfukit_cli_readout_write(dfukit_cli_readout *r, const dfukit_target *target,
                             const dfukit_cli_file *like, dfukit_cli_output *o);
void dfukit_cli_readout_free(dfukit_cli_readout *r);

#endif
