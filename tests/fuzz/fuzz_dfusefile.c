/* SPDX-License-Identifier: MIT */
/* fuzz: rooms=protocol,image input=plain */
/* ST's container: targets, alternate settings, elements. Its suffix can be put right. */
#include "image_check.h"

const char *fuzz_missing(void)
{
    return image_missing(DFUKIT_FORMAT_DFUSE);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    return image_input(bytes, n, NULL);
}
