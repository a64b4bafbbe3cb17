/* SPDX-License-Identifier: MIT */
/* The checksums of records in hexadecimal text, put right: so that a search gets past them. */
#ifndef TESTS_FUZZ_TEXT_REPAIR_H
#define TESTS_FUZZ_TEXT_REPAIR_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline int repair_digit(uint8_t c)
{
    static const char digits[] = "0123456789ABCDEF";
    const char *at = c != 0 ? strchr(digits, c) : NULL;

    return at != NULL ? (int)(at - digits) : -1;
}

/* In every line that begins with `mark`, the last two of the digits behind its first `skip`
 * characters become what makes `sum` of all bytes right: `wanted` modulo 256. */
static inline void repair_lines(uint8_t *file, size_t n, char mark, size_t skip, uint8_t wanted)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < n;) {
        size_t begin = i, end;
        unsigned sum = 0;

        for (end = i; end < n && file[end] != '\n' && file[end] != '\r'; end++)
            ;
        i = end + 1;
        if (end - begin < skip + 4 || file[begin] != (uint8_t)mark)
            continue;
        size_t at = begin + skip;
        for (; at + 4 <= end; at += 2) {
            int high = repair_digit(file[at]), low = repair_digit(file[at + 1]);

            if (high < 0 || low < 0)
                break;
            sum += (unsigned)(high << 4 | low);
        }
        if (at + 4 <= end || at + 2 > end)
            continue;
        sum = (uint8_t)(wanted - sum);
        file[at] = (uint8_t)digits[sum >> 4 & 15];
        file[at + 1] = (uint8_t)digits[sum & 15];
    }
}

#endif
