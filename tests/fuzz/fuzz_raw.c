/* SPDX-License-Identifier: MIT */
/* fuzz: rooms=protocol,image input=plain */
/* Files without a format, and the DFU suffix. */
#include "image_check.h"

const char *fuzz_missing(void)
{
    return image_suffixes == 0 ? "a suffix" : image_missing(DFUKIT_FORMAT_RAW);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    return image_input(bytes, n, NULL);
}
