/* SPDX-License-Identifier: MIT */
/* Firmware files: read whole, parsed, and laid out as a stream. */
#ifndef DFUKIT_CLI_FILE_H
#define DFUKIT_CLI_FILE_H

#include "args.h"
#include "dfukit/image.h"

typedef struct dfukit_cli_file {
    const char *name;
    uint8_t *bytes;
    size_t size;
    dfukit_image image;
    dfukit_stream stream; /**< for devices without addresses, once laid out */
} dfukit_cli_file;

/** Read only: `image` is empty; "-" is standard input. @return as dfukit_cli_file_load(). */
int dfukit_cli_file_read(const dfukit_cli_ui *ui, const char *name, dfukit_cli_file *file);
/** Read and parse. @return DFUKIT_EXIT_OK, or the exit code of a failure that has been reported;
 *  then there is nothing to free. */
int dfukit_cli_file_load(const dfukit_cli_ui *ui, const char *name, dfukit_cli_file *file);
/** The same, read as `options` say instead of by its name. */
int dfukit_cli_file_load_as(const dfukit_cli_ui *ui, const char *name,
                            const dfukit_image_options *options, dfukit_cli_file *file);
void dfukit_cli_file_free(dfukit_cli_file *file);
/**
 * What --at and --range leave of it, as the payload of a job on `target`: the image for a device
 * with addresses, one stream for a device without. `file` must outlive the job.
 * @return as above: it may not fit that kind of device.
 */
int dfukit_cli_file_payload(const dfukit_cli_ui *ui, const dfukit_cli_args *args,
                            dfukit_cli_file *file, const dfukit_target *target, dfukit_job *job);
/** Does `name` end in `extension` (".dfu"), in whichever case? */
bool dfukit_cli_has_extension(const char *name, const char *extension);

#endif
