/* SPDX-License-Identifier: MIT */
/* dfu-util: its command line, parsed. */
#ifndef DFUKIT_CLI_DROPIN_UTIL_H
#define DFUKIT_CLI_DROPIN_UTIL_H

#include "args.h"
#include "dropin.h"

typedef enum dfukit_dropin_mode {
    DFUKIT_DROPIN_NOTHING,
    DFUKIT_DROPIN_HELP,
    DFUKIT_DROPIN_VERSION,
    DFUKIT_DROPIN_LIST,
    DFUKIT_DROPIN_DETACH,
    DFUKIT_DROPIN_UPLOAD,
    DFUKIT_DROPIN_DOWNLOAD,
    DFUKIT_DROPIN_COMMAND /**< -s alone */
} dfukit_dropin_mode;

/** What stands behind -s: [ADDRESS][:MODIFIER...]. */
typedef struct dfukit_dropin_dfuse {
    bool given, has_address, has_length;
    uint32_t address, length;
    bool force, leave, mass_erase, unprotect, will_reset;
} dfukit_dropin_dfuse;

/** A parsed command line. Texts are argv's, but for `serial`. */
typedef struct dfukit_dropin_line {
    dfukit_cli_args args; /**< what the job's functions understand */
    dfukit_dropin_mode mode;
    const char *file;
    dfukit_dropin_dfuse dfuse;
    bool reset;
    bool has_expected; /**< -Z */
    uint64_t expected;
    uint32_t return_ms; /**< -E; 0: not given */
    char serial[256];   /**< the first of two serial numbers */
} dfukit_dropin_line;

/** The options of dfu-util; their `self` is a dfukit_dropin_line. */
extern const dfukit_dropin_option dfukit_dropin_util_options[];

/** Parse what stands behind -d, -S and -s. @return NULL, or what was wanted instead. */
const char *dfukit_dropin_ids(const char *text, dfukit_selector *s);
const char *dfukit_dropin_serial(const char *text, dfukit_dropin_line *line);
const char *dfukit_dropin_dfuse_options(const char *text, dfukit_dropin_dfuse *out);

int dfukit_dropin_list(dfukit_dropin_line *line, dfukit_cli_ui *ui);

#endif
