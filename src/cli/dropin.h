/* SPDX-License-Identifier: MIT */
/* Drop-in front ends: under the names dfu-util, dfu-suffix and dfu-prefix the program takes the
 * options of those tools and ends with their exit codes. */
#ifndef DFUKIT_CLI_DROPIN_H
#define DFUKIT_CLI_DROPIN_H

#include "ui.h"

/** Exit codes of the drop-ins: those of sysexits.h, which not every system has. */
enum {
    DFUKIT_DROPIN_OK = 0,
    DFUKIT_DROPIN_USAGE = 64,       /**< wrong usage */
    DFUKIT_DROPIN_DATA = 65,        /**< the file is damaged, empty, or not for this device */
    DFUKIT_DROPIN_NO_INPUT = 66,    /**< the file cannot be read */
    DFUKIT_DROPIN_SOFTWARE = 70,    /**< out of memory */
    DFUKIT_DROPIN_CANNOT_MAKE = 73, /**< the output file exists or cannot be made */
    DFUKIT_DROPIN_IO = 74,          /**< no device, several, lost, or not what was written */
    DFUKIT_DROPIN_PROTOCOL = 76     /**< the device reported an error, or cannot do this */
};

/** The version of the tools whose options are taken: what scripts compare. */
#define DFUKIT_DROPIN_LIKE "0.11"

/** One option. A further name of an option has a row of its own, without help. */
typedef struct dfukit_dropin_option {
    char letter;
    const char *name;     /**< without the dashes */
    const char *argument; /**< NULL: takes none */
    const char *help;     /**< one line or more; NULL: a further name of the row before */
    /** Take the value, NULL when there is none. @return NULL, or what was wanted instead. */
    const char *(*set)(void *self, const char *value);
} dfukit_dropin_option;

#define DFUKIT_DROPIN_COMPLAINT 512u

/**
 * Parse as getopt_long() does: -ab, -aX, -a X, --name, --name=X, --name X, and any beginning of a
 * long name that means one option only. What is no option is refused: none of the tools takes it.
 * @param options  Closed by a row without a name.
 * @param complaint  Written on failure: one line.
 */
bool dfukit_dropin_parse(const dfukit_dropin_option *options, void *self, int argc,
                         char *const *argv, char complaint[DFUKIT_DROPIN_COMPLAINT]);
/** "Usage: PROGRAM [options]" and a row for each option, on ui->out. */
void dfukit_dropin_help(const dfukit_cli_ui *ui, const dfukit_dropin_option *options);
/** The first line that scripts look for, and whose program this is. */
void dfukit_dropin_version(const dfukit_cli_ui *ui);
/** A number as strtoul() with base 0 reads it: decimal, 0x…, or octal with a leading 0.
 *  @return The first character behind it; NULL when there is none, or it is above `max`. */
const char *dfukit_dropin_number(const char *text, uint64_t max, uint64_t *out);
/** One to four hexadecimal digits, 0x or not, and nothing else. */
bool dfukit_dropin_hex(const char *text, uint16_t *out);

/** Each takes the whole command line. @return The exit code. */
int dfukit_dropin_util(int argc, char **argv, dfukit_cli_ui *ui);
int dfukit_dropin_suffix(int argc, char **argv, dfukit_cli_ui *ui);
int dfukit_dropin_prefix(int argc, char **argv, dfukit_cli_ui *ui);

/** Was the program called by the name of a drop-in? Then it has run, and *code is its exit code. */
bool dfukit_dropin_main(int argc, char **argv, int *code);

#endif
