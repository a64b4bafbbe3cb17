/* SPDX-License-Identifier: MIT */
/* What the options of the verbs of `image` set; see dfukit_cli_option.set. */
#ifndef DFUKIT_CLI_IMAGE_OPTIONS_H
#define DFUKIT_CLI_IMAGE_OPTIONS_H

#include "args.h"

const char *dfukit_cli_set_vid(dfukit_cli_args *a, const char *value);
const char *dfukit_cli_set_pid(dfukit_cli_args *a, const char *value);
const char *dfukit_cli_set_did(dfukit_cli_args *a, const char *value);
const char *dfukit_cli_set_spec(dfukit_cli_args *a, const char *value);
const char *dfukit_cli_set_type(dfukit_cli_args *a, const char *value);
const char *dfukit_cli_set_family(dfukit_cli_args *a, const char *value);
/** The index of `value` among `words`, closed by NULL; -1 when it is none of them. */
int dfukit_cli_word(const char *value, const char *const *words);

#endif
