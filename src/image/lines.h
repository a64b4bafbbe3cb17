/* SPDX-License-Identifier: MIT */
/*
 * What the two formats of hexadecimal lines, Intel HEX and S-record, have in common: a mark, pairs
 * of digits, the end of the line. Lines end with LF; blanks around a record are overlooked.
 */
#ifndef DFUKIT_IMAGE_LINES_H
#define DFUKIT_IMAGE_LINES_H

#include "builder.h"

/* The value of a hexadecimal digit, or 16. */
static inline unsigned dfukit_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - (unsigned)'0';
    c |= 0x20u; /* to lower case */
    return c >= 'a' && c <= 'f' ? c - (unsigned)'a' + 10u : 16u;
}

static inline bool dfukit_is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* The first offset from `at` on that holds no blank. */
size_t dfukit_skip_blank(const uint8_t *bytes, size_t n, size_t at);

/* Does a file look like one of these formats? `fixed` digits follow the mark in every record. A
 * file with a damaged beginning must be refused as what it is, not be written to a device as raw
 * text: so two wrong characters in the first record are overlooked, and a whole record at the start
 * of another line near the beginning is as good. */
bool dfukit_lines_recognise(const uint8_t *bytes, size_t n, uint8_t mark, size_t fixed);

/* A record being decoded. Bytes beside its data, as a length says them, differ between formats. */
typedef struct dfukit_line {
    size_t start; /* offset of its first pair of digits */
    size_t size;  /* bytes of the record */
    unsigned sum; /* of all its bytes */
    size_t end;   /* offset of the LF, or of the end of the file */
    size_t last;  /* offset of its last pair of digits */
} dfukit_line;

#define DFUKIT_LINE_MAX 260u /* the longest record in bytes: of Intel HEX, with 255 of data */

/* Decode the record whose digits start at line->start: its first byte says how many there are, less
 * `extra`. The end of the line must follow. DFUKIT_OK or DFUKIT_ERR_DAMAGED. */
int dfukit_line_decode(dfukit_builder *builder, const uint8_t *bytes, size_t n, size_t extra,
                       dfukit_line *line, uint8_t out[DFUKIT_LINE_MAX]);

#endif
