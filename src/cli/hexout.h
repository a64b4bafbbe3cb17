/* SPDX-License-Identifier: MIT */
/* Writes Intel HEX: records of sixteen bytes from address 0 on. */
#ifndef DFUKIT_CLI_HEXOUT_H
#define DFUKIT_CLI_HEXOUT_H

#include "output.h"

/** Add bytes behind those that o->size counts. @return false when they could not be written. */
bool dfukit_cli_hex_add(dfukit_cli_output *o, const uint8_t *bytes, size_t n);
/** The last record and the end record. */
bool dfukit_cli_hex_end(dfukit_cli_output *o);

#endif
