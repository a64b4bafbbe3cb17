/* SPDX-License-Identifier: MIT */
/* The version `dfu --version` prints; tests/command/usage.sh compares it with the build's. */
#ifndef DFUKIT_CLI_VERSION_H
#define DFUKIT_CLI_VERSION_H

#define DFUKIT_CLI_VERSION "0.1.0"

#endif
