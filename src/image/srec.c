/* SPDX-License-Identifier: MIT */
/*
 * Motorola S-records (M68000 Family Programmer's Reference Manual, Appendix C). A record is a line
 * "Stcc…kk": type, count of the bytes that follow, address of two to four bytes, data, and the
 * ones' complement of the sum of all these bytes. Read as leniently as Intel HEX, and refused as
 * readily.
 */
#include "readers.h"

#include <string.h>

#include "lines.h"

#define TYPE_COUNT 10u

typedef struct srec {
    dfukit_builder *builder;
    const uint8_t *bytes;
    size_t n;
    size_t record;  /* offset of the 'S' of the record at hand */
    uint32_t count; /* data records so far */
    bool counted;   /* the last record counted them */
    bool ended;
    size_t stored; /* bytes used of the builder's storage */
} srec;

/* A record without its count and checksum. */
typedef struct record {
    uint32_t address; /* or count, or entry */
    const uint8_t *data;
    uint32_t size;
} record;

/* Type, two digits of count, at least four of address. */
bool dfukit_srec_recognise(const uint8_t *bytes, size_t n)
{
    return dfukit_lines_recognise(bytes, n, 'S', 7);
}

static int damaged(srec *file, const char *what, size_t offset)
{
    return dfukit_builder_refuse(file->builder, DFUKIT_ERR_DAMAGED, what, offset);
}

static int on_header(srec *file, const record *r)
{
    (void)file;
    (void)r;
    return DFUKIT_OK;
}

static int on_data(srec *file, const record *r)
{
    uint8_t *data = file->builder->storage + file->stored;

    if (r->address + (uint64_t)r->size > DFUKIT_ADDRESS_END)
        return damaged(file, "data reaches beyond 32-bit addresses", file->record);
    file->count++;
    file->counted = false;
    if (r->size != 0)
        memcpy(data, r->data, r->size);
    file->stored += r->size;
    return dfukit_builder_append(file->builder, (dfukit_piece){.address = r->address,
                                                               .size = r->size,
                                                               .data = data,
                                                               .offset = file->record});
}

static int on_count(srec *file, const record *r)
{
    if (r->address != file->count)
        return damaged(file, "the count of data records is wrong", file->record);
    file->counted = true;
    return DFUKIT_OK;
}

/* Writers without a start address leave it zero. */
static int on_end(srec *file, const record *r)
{
    file->ended = true;
    file->builder->has_entry = r->address != 0;
    file->builder->entry = r->address;
    return DFUKIT_OK;
}

// clang-format off
static const struct {
    uint8_t width; /* of the address in bytes; 0: no such type */
    bool data;     /* may have some */
    int (*take)(srec *file, const record *r);
} types[TYPE_COUNT] = {
    [0] = {2, true,  on_header},
    [1] = {2, true,  on_data},
    [2] = {3, true,  on_data},
    [3] = {4, true,  on_data},
    [5] = {2, false, on_count},
    [6] = {3, false, on_count},
    [7] = {4, false, on_end},
    [8] = {3, false, on_end},
    [9] = {2, false, on_end},
};
// clang-format on

/* The record whose 'S' is at file->record. *at becomes the offset behind its last digit. */
static int read_record(srec *file, size_t *at)
{
    uint8_t bytes[DFUKIT_LINE_MAX];
    dfukit_line line = {.start = file->record + 2};
    unsigned type = file->record + 1 < file->n ? file->bytes[file->record + 1] - (unsigned)'0' : 4u;
    record r = {.address = 0};

    if (type >= TYPE_COUNT || types[type].width == 0)
        return damaged(file, "the record type is unknown", file->record);
    int error = dfukit_line_decode(file->builder, file->bytes, file->n, 1, &line, bytes);
    if (error != DFUKIT_OK)
        return error;
    *at = line.end;
    if ((line.sum & 0xFFu) != 0xFFu)
        return damaged(file, "the record's checksum is wrong", line.last);
    size_t width = types[type].width;
    if (line.size < width + 2 || (!types[type].data && line.size > width + 2))
        return damaged(file, "the record's length does not fit its type", file->record);
    for (size_t i = 0; i < width; i++)
        r.address = r.address << 8 | bytes[1 + i];
    r.data = bytes + 1 + width;
    r.size = (uint32_t)(line.size - width - 2);
    return types[type].take(file, &r);
}

/* The line that starts at *at, up to but without its LF. */
static int read_line(srec *file, size_t *at)
{
    size_t start = dfukit_skip_blank(file->bytes, file->n, *at);

    *at = start;
    if (start >= file->n || file->bytes[start] == '\n')
        return DFUKIT_OK;
    if (file->ended)
        return damaged(file, "data after the end record", start);
    if (file->bytes[start] != 'S')
        return damaged(file, "the line does not start with 'S'", start);
    file->record = start;
    return read_record(file, at);
}

int dfukit_srec_read(dfukit_builder *builder, const uint8_t *bytes, size_t n)
{
    srec file = {.builder = builder, .bytes = bytes, .n = n};

    /* Two digits make a byte. */
    int error = dfukit_builder_reserve(builder, n / 2 + 1);
    for (size_t at = 0; error == DFUKIT_OK && at < n; at++)
        error = read_line(&file, &at);
    /* Some writers end with a count when there is no start address; it shows as well as an end
     * record that nothing is missing. */
    if (error == DFUKIT_OK && !file.ended && !file.counted)
        error = damaged(&file, "the end record is missing", file.record);
    return error;
}
