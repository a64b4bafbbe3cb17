/* SPDX-License-Identifier: MIT */
/**
 * Which dfukit this is: the headers a program was compiled with, and the library it runs with. What
 * may differ between them is told in docs/LIBRARY.md. For any thread.
 */
#ifndef DFUKIT_VERSION_H
#define DFUKIT_VERSION_H

#include <stdint.h>

#include "dfukit/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The version of these headers. The build reads it from here. */
#define DFUKIT_VERSION_MAJOR 0
#define DFUKIT_VERSION_MINOR 1
#define DFUKIT_VERSION_PATCH 0
#define DFUKIT_VERSION       "0.1.0"

/** The version as one number that can be compared: 0x00MMmmpp. */
#define DFUKIT_VERSION_NUMBER                                                                      \
    ((uint32_t)DFUKIT_VERSION_MAJOR << 16 | (uint32_t)DFUKIT_VERSION_MINOR << 8 |                  \
     (uint32_t)DFUKIT_VERSION_PATCH)

/**
 * The version of the library that runs, e.g. "0.1.0".
 * @return A string constant.
 */
const char *dfukit_version(void);

/** The version of the library that runs, in the form of DFUKIT_VERSION_NUMBER. */
uint32_t dfukit_version_number(void);

/**
 * Can a program compiled with the headers of one version use the library that runs? Ask once, at
 * the start: dfukit_version_check(DFUKIT_VERSION_NUMBER).
 * @param compiled  DFUKIT_VERSION_NUMBER as the program saw it.
 * @return DFUKIT_OK: the same major version, and the library is not older; before 1.0 the same
 *         minor version too. Else DFUKIT_ERR_UNSUPPORTED.
 */
int dfukit_version_check(uint32_t compiled);

#ifdef __cplusplus
}
#endif
#endif
