/* SPDX-License-Identifier: MIT */
/* Who holds a device that is in use: on Linux, from /proc and /sys. */
#ifndef DFUKIT_CLI_OWNER_H
#define DFUKIT_CLI_OWNER_H

#include "dfukit/host.h"

/** Where to look; all NULL: this computer. */
typedef struct dfukit_cli_owner_roots {
    const char *proc, *sys, *dev; /**< "/proc", "/sys", "/dev" */
} dfukit_cli_owner_roots;

#define DFUKIT_CLI_OWNER_SIZE 200u

typedef struct dfukit_cli_owner {
    char who[DFUKIT_CLI_OWNER_SIZE];    /**< "virt-manager (process 4711)"; "" when unknown */
    char remedy[DFUKIT_CLI_OWNER_SIZE]; /**< what frees it; "" when unknown */
} dfukit_cli_owner;

/**
 * Find the program that has this computer's device open, or the kernel driver at its interface.
 * Other users' programs are seen by root only.
 * @return false when nobody was found.
 */
bool dfukit_cli_owner_find(const dfukit_cli_owner_roots *roots, const dfukit_target *t,
                           dfukit_cli_owner *out);

#endif
