/* SPDX-License-Identifier: MIT */
/* What dfu-suffix and dfu-prefix have in common: one file, looked at or changed in place. */
#ifndef DFUKIT_CLI_DROPIN_FILE_H
#define DFUKIT_CLI_DROPIN_FILE_H

#include "dropin.h"

typedef enum dfukit_dropin_wish {
    DFUKIT_DROPIN_NOTHING,
    DFUKIT_DROPIN_HELP,
    DFUKIT_DROPIN_VERSION,
    DFUKIT_DROPIN_CHECK,
    DFUKIT_DROPIN_ADD,
    DFUKIT_DROPIN_DELETE
} dfukit_dropin_wish;

/** The first member of what the options of either tool are parsed into. The text is argv's. */
typedef struct dfukit_dropin_file {
    dfukit_dropin_wish wish;
    const char *file;
} dfukit_dropin_file;

/** Setters for dfukit_dropin_option. `self` begins with a dfukit_dropin_file. */
const char *dfukit_dropin_set_help(void *self, const char *value);
const char *dfukit_dropin_set_version(void *self, const char *value);
const char *dfukit_dropin_set_check(void *self, const char *value);
const char *dfukit_dropin_set_add(void *self, const char *value);
const char *dfukit_dropin_set_delete(void *self, const char *value);

/** Parse into `line`, which begins with a dfukit_dropin_file; answer what needs no file.
 *  @param code  Out: the exit code when false is returned.
 *  @return true: there is a file, to be checked or changed. */
bool dfukit_dropin_file_parse(const dfukit_cli_ui *ui, const dfukit_dropin_option *options,
                              void *line, int argc, char *const *argv, int *code);

#endif
