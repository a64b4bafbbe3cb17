/* SPDX-License-Identifier: MIT */
/* Exit codes: a contract with scripts. */
#ifndef DFUKIT_CLI_EXIT_H
#define DFUKIT_CLI_EXIT_H

enum {
    DFUKIT_EXIT_OK = 0,
    DFUKIT_EXIT_DEVICE = 1,    /**< the device reported an error or broke the protocol */
    DFUKIT_EXIT_USAGE = 2,     /**< wrong usage */
    DFUKIT_EXIT_NO_DEVICE = 3, /**< no device matched */
    DFUKIT_EXIT_AMBIGUOUS = 4, /**< more than one device matched */
    DFUKIT_EXIT_FILE = 5,    /**< the file is damaged, empty, unreadable, or not for this device */
    DFUKIT_EXIT_DIFFERS = 6, /**< what is on the device differs from the file */
    DFUKIT_EXIT_ACCESS = 7,  /**< no permission or no driver */
    DFUKIT_EXIT_LOST = 8,    /**< the device or the server was lost, or time ran out */
    DFUKIT_EXIT_REFUSED = 9, /**< the device cannot do this */
    DFUKIT_EXIT_COMPUTER = 10, /**< disk full, output file exists, out of memory */
    DFUKIT_EXIT_INTERRUPTED = 130
};

/** The exit code for a dfukit_error. */
int dfukit_cli_exit_code(int error);

#endif
