/* SPDX-License-Identifier: MIT */
/* "Did you mean …?": the known name nearest to a mistyped one. */
#ifndef DFUKIT_CLI_NEAREST_H
#define DFUKIT_CLI_NEAREST_H

#include <stddef.h>

/** Start with dfukit_cli_nearest_to(), offer every known name, then look at `best`. */
typedef struct dfukit_cli_nearest {
    const char *text;
    const char *best; /**< NULL while nothing is near enough to be worth suggesting */
    size_t distance;
} dfukit_cli_nearest;

dfukit_cli_nearest dfukit_cli_nearest_to(const char *text);
void dfukit_cli_nearest_offer(dfukit_cli_nearest *n, const char *name);

#endif
