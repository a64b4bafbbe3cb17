/* SPDX-License-Identifier: MIT */
/* fuzz: rooms=protocol,image input=plain */
/* UF2 files, any bytes. */
#include "image_check.h"

const char *fuzz_missing(void)
{
    return image_missing(DFUKIT_FORMAT_UF2);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    return image_input(bytes, n, NULL);
}
