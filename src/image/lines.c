/* SPDX-License-Identifier: MIT */
/* Hexadecimal lines: recognised, and decoded one at a time. */
#include "lines.h"

#define HEAD 1024u /* as far as recognition looks: a record has at most 521 characters */

size_t dfukit_skip_blank(const uint8_t *bytes, size_t n, size_t at)
{
    while (at < n && dfukit_is_blank(bytes[at]))
        at++;
    return at;
}

/* Count the digits among the characters that stand where a record's fixed part would. */
static bool is_record(const uint8_t *bytes, size_t n, uint8_t mark, size_t fixed,
                      unsigned errors_allowed)
{
    size_t looked = n - 1 < fixed ? n - 1 : fixed;
    unsigned digits = 0;

    if (bytes[0] != mark)
        return false;
    for (size_t i = 1; i <= looked; i++)
        digits += dfukit_digit(bytes[i]) < 16;
    return digits > 0 && digits + errors_allowed >= looked;
}

bool dfukit_lines_recognise(const uint8_t *bytes, size_t n, uint8_t mark, size_t fixed)
{
    size_t head = n < HEAD ? n : HEAD;
    size_t at = 0;

    while (at < head && (dfukit_is_blank(bytes[at]) || bytes[at] == '\n'))
        at++;
    if (at < head && is_record(bytes + at, n - at, mark, fixed, 2))
        return true;
    for (; at < head; at++) {
        if (bytes[at] == '\n' && n - at > fixed + 1 &&
            is_record(bytes + at + 1, n - at - 1, mark, fixed, 0))
            return true;
    }
    return false;
}

int dfukit_line_decode(dfukit_builder *builder, const uint8_t *bytes, size_t n, size_t extra,
                       dfukit_line *line, uint8_t out[DFUKIT_LINE_MAX])
{
    const char *what = NULL;
    size_t p = line->start;

    line->size = 1;
    line->sum = 0;
    for (size_t i = 0; what == NULL && i < line->size; i++) {
        unsigned value = 0;
        for (size_t half = 0; what == NULL && half < 2; half++) {
            if (p >= n || bytes[p] == '\n' || dfukit_is_blank(bytes[p]))
                what = "the record is too short";
            else if (dfukit_digit(bytes[p]) > 15)
                what = "a character is no hexadecimal digit";
            else
                value = value << 4 | dfukit_digit(bytes[p++]);
        }
        out[i] = (uint8_t)value;
        line->sum += value;
        if (i == 0)
            line->size = value + extra;
    }
    if (what != NULL)
        return dfukit_builder_refuse(builder, DFUKIT_ERR_DAMAGED, what, p);
    line->last = p - 2;
    line->end = dfukit_skip_blank(bytes, n, p);
    if (line->end < n && bytes[line->end] != '\n')
        return dfukit_builder_refuse(builder, DFUKIT_ERR_DAMAGED, "the record is too long",
                                     line->end);
    return DFUKIT_OK;
}
