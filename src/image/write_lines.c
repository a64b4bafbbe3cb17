/* SPDX-License-Identifier: MIT */
/* Writes the formats of hexadecimal lines: rows of sixteen bytes that begin at multiples of it. */
#include "writers.h"

#define ROW      16u
#define LINE_MAX (2u + 2u * (ROW + 6u) + 1u) /* mark and type, pairs of digits, LF */

/* A line being put together. */
typedef struct line {
    uint8_t text[LINE_MAX];
    size_t n;
    unsigned sum; /* of the bytes in it */
} line;

static void put_text(line *l, char c)
{
    l->text[l->n++] = (uint8_t)c;
}

static void put_byte(line *l, unsigned value)
{
    static const char digits[] = "0123456789ABCDEF";

    put_text(l, digits[value >> 4 & 0xFu]);
    put_text(l, digits[value & 0xFu]);
    l->sum += value & 0xFFu;
}

/* The low `width` bytes of a value, the highest first. */
static void put_value(line *l, uint32_t value, unsigned width)
{
    while (width-- > 0)
        put_byte(l, value >> (8 * width) & 0xFFu);
}

static int end_line(dfukit_output *output, line *l, unsigned checksum)
{
    put_byte(l, checksum & 0xFFu);
    put_text(l, '\n');
    return dfukit_output_add(output, l->text, l->n);
}

typedef int row_writer(dfukit_output *output, void *state, uint32_t address, const uint8_t *bytes,
                       size_t n);

static int write_rows(dfukit_output *output, const dfukit_image *image, row_writer *row,
                      void *state)
{
    for (size_t i = 0; i < image->count; i++) {
        const dfukit_segment *s = &image->segments[i];
        for (uint32_t at = 0; at < s->size;) {
            uint32_t address = (uint32_t)(s->address + at);
            uint32_t n = ROW - address % ROW;
            if (n > s->size - at)
                n = s->size - at;
            int error = row(output, state, address, s->data + at, n);
            if (error != DFUKIT_OK)
                return error;
            at += n;
        }
    }
    return DFUKIT_OK;
}

/* ---- Intel HEX ---- */

enum { IHEX_DATA = 0, IHEX_END = 1, IHEX_UPPER_ADDRESS = 4, IHEX_START = 5 };

static int ihex_record(dfukit_output *output, unsigned type, uint32_t offset, const uint8_t *bytes,
                       size_t n)
{
    line l = {.n = 0};

    put_text(&l, ':');
    put_byte(&l, (unsigned)n);
    put_value(&l, offset, 2);
    put_byte(&l, type);
    for (size_t i = 0; i < n; i++)
        put_byte(&l, bytes[i]);
    return end_line(output, &l, 0u - l.sum);
}

/* `state`: the upper half of the addresses as the file has it so far. */
static int ihex_row(dfukit_output *output, void *state, uint32_t address, const uint8_t *bytes,
                    size_t n)
{
    uint32_t *upper = state;

    if (address >> 16 != *upper) {
        *upper = address >> 16;
        uint8_t value[2] = {(uint8_t)(*upper >> 8), (uint8_t)*upper};
        int error = ihex_record(output, IHEX_UPPER_ADDRESS, 0, value, sizeof value);
        if (error != DFUKIT_OK)
            return error;
    }
    return ihex_record(output, IHEX_DATA, address & 0xFFFFu, bytes, n);
}

int dfukit_ihex_write(dfukit_output *output, const dfukit_image *image)
{
    uint32_t upper = 0;

    int error = write_rows(output, image, ihex_row, &upper);
    if (error == DFUKIT_OK && image->has_entry && image->entry <= UINT32_MAX) {
        uint8_t value[4];
        for (unsigned i = 0; i < sizeof value; i++)
            value[i] = (uint8_t)(image->entry >> (24 - 8 * i));
        error = ihex_record(output, IHEX_START, 0, value, sizeof value);
    }
    return error == DFUKIT_OK ? ihex_record(output, IHEX_END, 0, NULL, 0) : error;
}

/* ---- S-record ---- */

/* The narrowest of the three widths of addresses that says all of them. */
typedef struct srec {
    unsigned width; /* in bytes */
    uint32_t count; /* data records */
} srec;

static int srec_record(dfukit_output *output, unsigned type, unsigned width, uint32_t address,
                       const uint8_t *bytes, size_t n)
{
    line l = {.n = 0};

    put_text(&l, 'S');
    put_text(&l, (char)('0' + type));
    put_byte(&l, (unsigned)(width + n + 1));
    put_value(&l, address, width);
    for (size_t i = 0; i < n; i++)
        put_byte(&l, bytes[i]);
    return end_line(output, &l, ~l.sum);
}

static int srec_row(dfukit_output *output, void *state, uint32_t address, const uint8_t *bytes,
                    size_t n)
{
    srec *file = state;

    file->count++;
    return srec_record(output, file->width - 1, file->width, address, bytes, n);
}

static unsigned width_for(const dfukit_image *image)
{
    const dfukit_segment *last = &image->segments[image->count - 1];
    uint64_t highest = last->address + last->size - 1;

    if (image->has_entry && image->entry <= UINT32_MAX && image->entry > highest)
        highest = image->entry;
    return highest <= 0xFFFFu ? 2 : highest <= 0xFFFFFFu ? 3 : 4;
}

int dfukit_srec_write(dfukit_output *output, const dfukit_image *image)
{
    srec file = {.width = width_for(image)};
    uint32_t entry = image->has_entry && image->entry <= UINT32_MAX ? (uint32_t)image->entry : 0;

    int error = srec_record(output, 0, 2, 0, NULL, 0);
    if (error == DFUKIT_OK)
        error = write_rows(output, image, srec_row, &file);
    /* A count that three bytes cannot say is left out. */
    if (error == DFUKIT_OK && file.count <= 0xFFFFFFu) {
        bool small = file.count <= 0xFFFFu;
        error = srec_record(output, small ? 5 : 6, small ? 2 : 3, file.count, NULL, 0);
    }
    return error == DFUKIT_OK ? srec_record(output, 11 - file.width, file.width, entry, NULL, 0)
                              : error;
}
