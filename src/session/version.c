/* SPDX-License-Identifier: MIT */
/* Which library this is, and whom it serves. */
#include "dfukit/version.h"

const char *dfukit_version(void)
{
    return DFUKIT_VERSION;
}

uint32_t dfukit_version_number(void)
{
    return DFUKIT_VERSION_NUMBER;
}

int dfukit_version_check(uint32_t compiled)
{
    /* What has to be the same: the major version, and before 1.0 the minor one. */
    const uint32_t same = DFUKIT_VERSION_MAJOR > 0 ? ~UINT32_C(0xFFFF) : ~UINT32_C(0xFF);

    return (compiled & same) == (DFUKIT_VERSION_NUMBER & same) && compiled <= DFUKIT_VERSION_NUMBER
               ? DFUKIT_OK
               : DFUKIT_ERR_UNSUPPORTED;
}
