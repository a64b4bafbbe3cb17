/* SPDX-License-Identifier: MIT */
/* Numbers, ranges, times and pairs of IDs as people write them on a command line. */
#ifndef DFUKIT_CLI_NUMBER_H
#define DFUKIT_CLI_NUMBER_H

#include "dfukit/host.h"

/** Decimal or 0x…, optionally followed by k (1024) or M (1024 * 1024); nothing else around it.
 *  @return false when `text` is no such number or is above `max`. */
bool dfukit_cli_number(const char *text, uint64_t max, uint64_t *out);
/** Seconds, with up to three decimals, as milliseconds. */
bool dfukit_cli_seconds(const char *text, uint32_t *ms);
/** VID:PID[,VID:PID], hexadecimal with or without 0x, `*` for any. */
bool dfukit_cli_ids(const char *text, dfukit_selector *s);
/** FROM:TO, the end exclusive, FROM below TO, both in 32 bits (TO may be 2^32). */
bool dfukit_cli_range(const char *text, dfukit_range *range);

#endif
