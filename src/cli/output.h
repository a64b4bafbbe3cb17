/* SPDX-License-Identifier: MIT */
/* An output file that appears whole or not at all. */
#ifndef DFUKIT_CLI_OUTPUT_H
#define DFUKIT_CLI_OUTPUT_H

#include <limits.h>

#include "dfukit/host.h"
#include "ui.h"

typedef enum dfukit_cli_output_format {
    DFUKIT_CLI_OUTPUT_RAW,
    DFUKIT_CLI_OUTPUT_DFU, /**< raw closed by a suffix, or DfuSe */
    DFUKIT_CLI_OUTPUT_HEX,
    DFUKIT_CLI_OUTPUT_SREC,
    DFUKIT_CLI_OUTPUT_UF2,
    DFUKIT_CLI_OUTPUT_ELF,
    DFUKIT_CLI_OUTPUT_UNKNOWN /**< the name ends in nothing that is known */
} dfukit_cli_output_format;

/** The format that a name's extension asks for. */
dfukit_cli_output_format dfukit_cli_output_format_of(const char *name);

/** A file being written. It is put together under another name beside its own, and renamed. One
 * that it replaces hands on its permissions; where that was reached by a link, the link stays. */
typedef struct dfukit_cli_output {
    const char *name;                /**< "-": standard output */
    dfukit_cli_output_format format; /**< what its name says; the caller puts it together */
    bool replace, aside;
    /* When `aside`: what it is called then, links followed, and until it is whole. */
    char final[PATH_MAX], temporary[PATH_MAX];
    FILE *to;
    uint32_t crc; /**< of the bytes so far */
    int why;      /**< errno of the write that failed */
} dfukit_cli_output;

/** Begin, before the device is touched: the name, an existing file and the folder are checked.
 *  @return DFUKIT_EXIT_OK, or the exit code of a failure that has been reported. */
int dfukit_cli_output_begin(const dfukit_cli_ui *ui, dfukit_cli_output *o, const char *name,
                            bool replace);
/** The same for raw binary, whatever the name ends in. */
int dfukit_cli_output_begin_raw(const dfukit_cli_ui *ui, dfukit_cli_output *o, const char *name,
                                bool replace);
/** Add bytes of the file. @return DFUKIT_OK or DFUKIT_ERR_OUTPUT. */
int dfukit_cli_output_add(dfukit_cli_output *o, const uint8_t *bytes, size_t n);
/** What messages call it: its name, or "standard output". */
const char *dfukit_cli_output_title(const dfukit_cli_output *o);
/** The same as a dfukit_image_sink, whose `self` is the dfukit_cli_output. */
int dfukit_cli_output_sink(void *self, const uint8_t *bytes, size_t n);
/** Add a suffix for what has been added. @return the same. */
int dfukit_cli_output_suffix(dfukit_cli_output *o, const dfukit_suffix *suffix);
/** Close it and give it its name if `error`, that of its writing, is DFUKIT_OK; else give it up.
 *  @return as dfukit_cli_output_begin(). */
int dfukit_cli_output_close(const dfukit_cli_ui *ui, dfukit_cli_output *o, int error);
/** Close it and give it its name. `d`: whose firmware it is, for the suffix that a name ending in
 *  .dfu asks for; NULL: the file has one, or needs none.
 *  @return as dfukit_cli_output_begin(). */
int dfukit_cli_output_end(const dfukit_cli_ui *ui, dfukit_cli_output *o,
                          const dfukit_device_descriptor *d);
/** Give it up: nothing stays behind. Harmless after dfukit_cli_output_end(). */
void dfukit_cli_output_drop(dfukit_cli_output *o);

#endif
