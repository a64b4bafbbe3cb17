/* SPDX-License-Identifier: MIT */
/* fuzz: rooms=protocol,image input=plain */
/* Motorola S-records. */
#include "image_check.h"
#include "text_repair.h"

static void repair(uint8_t *file, size_t n)
{
    repair_lines(file, n, 'S', 2, 0xFF);
}

const char *fuzz_missing(void)
{
    return image_missing(DFUKIT_FORMAT_SREC);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    return image_input(bytes, n, repair);
}
