/* SPDX-License-Identifier: MIT */
/* fuzz: rooms=protocol,image input=plain */
/* ELF files of both classes and byte orders, any bytes. */
#include "image_check.h"

const char *fuzz_missing(void)
{
    return image_missing(DFUKIT_FORMAT_ELF);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    return image_input(bytes, n, NULL);
}
