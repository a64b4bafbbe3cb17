/* SPDX-License-Identifier: MIT */
/* fuzz: rooms=protocol,image input=plain */
/* Vendors' prefixes: found in any bytes, made for any payload, and found again. */
#include "dfukit/image.h"
#include "script.h"

#include <stdlib.h>
#include <string.h>

static unsigned long found[3];

const char *fuzz_missing(void)
{
    if (found[DFUKIT_PREFIX_STELLARIS] == 0)
        return "a Stellaris prefix";
    return found[DFUKIT_PREFIX_LPC] == 0 ? "an LPC prefix" : NULL;
}

/* A prefix for `n` bytes at an address, in front of them. */
static void make(dfukit_prefix_kind kind, uint32_t address, size_t n)
{
    uint8_t bytes[16 + 64] = {0}, *file;
    size_t size = 0, length = dfukit_prefix_encode(kind, address, n, bytes);
    uint32_t where = 0;

    if (length == 0)
        return;
    if (length != (kind == DFUKIT_PREFIX_LPC ? 16u : 8u))
        abort();
    /* The payload itself is not looked at: so many bytes of it are enough. */
    if (n > 1u << 20)
        return;
    file = calloc(length + n, 1);
    if (file == NULL)
        abort();
    memcpy(file, bytes, length);
    if (dfukit_prefix_find(file, length + n, &size, &where) != kind || size != length ||
        (kind == DFUKIT_PREFIX_STELLARIS && where != address))
        abort();
    free(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    size_t size = 0;
    uint32_t address = 0;
    dfukit_prefix_kind kind = dfukit_prefix_find(bytes, n, &size, &address);

    if ((unsigned)kind > DFUKIT_PREFIX_LPC || (kind != DFUKIT_PREFIX_NONE && size > n))
        abort();
    found[kind]++;
    if (dfukit_prefix_find(bytes, n, NULL, NULL) != kind)
        abort();
    if (n >= 8) {
        uint32_t wanted = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
                          (uint32_t)bytes[3] << 24;
        size_t payload = (size_t)bytes[4] | (size_t)bytes[5] << 8 | (size_t)bytes[6] << 16 |
                         (size_t)bytes[7] << 24;

        make(DFUKIT_PREFIX_STELLARIS, wanted, payload);
        make(DFUKIT_PREFIX_LPC, wanted, payload);
    }
    return 0;
}
