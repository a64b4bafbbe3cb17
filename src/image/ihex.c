/* SPDX-License-Identifier: MIT */
/*
 * Intel HEX, all record types (Intel Hexadecimal Object File Format Specification, Revision A,
 * 1988). A record is a line ":LLAAAATT…CC": length, load offset, type, data, checksum. Read
 * leniently where nothing can go wrong (line ends, case, blanks around a record, the offset field
 * of records without data); everything else is refused.
 */
#include "readers.h"

#include <string.h>

#include "lines.h"

#define OVERHEAD     5u /* bytes of a record beside its data: length, offset, type, checksum */
#define SEGMENT_SIZE 0x10000u

/* How data addresses are formed: an extended segment address wraps its records inside 64 KiB, an
 * extended linear address does not. */
typedef struct hex {
    dfukit_builder *builder;
    const uint8_t *bytes;
    size_t n;
    size_t record;  /* offset of the ':' of the record at hand */
    uint32_t base;  /* added to the load offset */
    bool segmented; /* `base` came from an extended segment address record */
    bool ended;
    size_t stored; /* bytes used of the builder's storage */
} hex;

/* Length, offset and type: eight digits. */
bool dfukit_ihex_recognise(const uint8_t *bytes, size_t n)
{
    return dfukit_lines_recognise(bytes, n, ':', 8);
}

/* ---- Records ---- */

static int damaged(hex *file, const char *what, size_t offset)
{
    return dfukit_builder_refuse(file->builder, DFUKIT_ERR_DAMAGED, what, offset);
}

/* LL AAAA TT: a record as bytes; its data starts at bytes[4]. */
typedef struct record {
    uint8_t bytes[DFUKIT_LINE_MAX];
} record;

static unsigned data_length(const record *r)
{
    return r->bytes[0];
}

/* The first two or four bytes of data. */
static uint32_t data_value(const record *r, unsigned width)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < width; i++)
        value = value << 8 | r->bytes[4 + i];
    return value;
}

static int on_data(hex *file, const record *r)
{
    uint32_t length = data_length(r);
    uint32_t offset = (uint32_t)r->bytes[1] << 8 | r->bytes[2];
    uint8_t *data = file->builder->storage + file->stored;
    uint32_t wrapped = 0; /* bytes that fall to the start of the 64 KiB segment */

    if (file->segmented && offset + length > SEGMENT_SIZE)
        wrapped = offset + length - SEGMENT_SIZE;
    else if ((uint64_t)file->base + offset + length > DFUKIT_ADDRESS_END)
        return damaged(file, "data reaches beyond 32-bit addresses", file->record);
    memcpy(data, r->bytes + 4, length);
    file->stored += length;

    dfukit_piece first = {file->base + offset, length - wrapped, data, file->record, 0};
    dfukit_piece rest = {file->base, wrapped, data + first.size, file->record, 0};
    int error = dfukit_builder_append(file->builder, first);
    return error == DFUKIT_OK ? dfukit_builder_append(file->builder, rest) : error;
}

static int on_end(hex *file, const record *r)
{
    (void)r;
    file->ended = true;
    return DFUKIT_OK;
}

static int on_segment_address(hex *file, const record *r)
{
    file->base = data_value(r, 2) << 4;
    file->segmented = true;
    return DFUKIT_OK;
}

static int on_linear_address(hex *file, const record *r)
{
    file->base = data_value(r, 2) << 16;
    file->segmented = false;
    return DFUKIT_OK;
}

/* CS:IP of an 8086. */
static int on_segment_start(hex *file, const record *r)
{
    uint32_t value = data_value(r, 4);

    file->builder->has_entry = true;
    file->builder->entry = (value >> 16 << 4) + (value & 0xFFFFu);
    return DFUKIT_OK;
}

static int on_linear_start(hex *file, const record *r)
{
    file->builder->has_entry = true;
    file->builder->entry = data_value(r, 4);
    return DFUKIT_OK;
}

#define ANY_LENGTH 256u

// clang-format off
static const struct {
    unsigned length; /* of the data */
    int (*take)(hex *file, const record *r);
} types[] = {
    [0] = {ANY_LENGTH, on_data},
    [1] = {0, on_end},
    [2] = {2, on_segment_address},
    [3] = {4, on_segment_start},
    [4] = {2, on_linear_address},
    [5] = {4, on_linear_start},
};
// clang-format on

static int take_record(hex *file, const record *r)
{
    unsigned type = r->bytes[3];

    if (type >= sizeof(types) / sizeof(types[0]))
        return damaged(file, "the record type is unknown", file->record);
    if (types[type].length != ANY_LENGTH && types[type].length != data_length(r))
        return damaged(file, "the record's length does not fit its type", file->record);
    return types[type].take(file, r);
}

/* Decode the record whose ':' is at file->record. *at becomes the offset behind its last digit. */
static int decode_record(hex *file, size_t *at, record *r)
{
    dfukit_line line = {.start = file->record + 1};

    int error = dfukit_line_decode(file->builder, file->bytes, file->n, OVERHEAD, &line, r->bytes);
    if (error != DFUKIT_OK)
        return error;
    *at = line.end;
    if ((line.sum & 0xFFu) != 0)
        return damaged(file, "the record's checksum is wrong", line.last);
    return DFUKIT_OK;
}

/* The line that starts at *at, up to but without its LF. */
static int read_line(hex *file, size_t *at)
{
    record r;
    size_t start = dfukit_skip_blank(file->bytes, file->n, *at);

    *at = start;
    if (start >= file->n || file->bytes[start] == '\n')
        return DFUKIT_OK;
    if (file->ended)
        return damaged(file, "data after the end record", start);
    if (file->bytes[start] != ':')
        return damaged(file, "the line does not start with ':'", start);
    file->record = start;
    int error = decode_record(file, at, &r);
    return error == DFUKIT_OK ? take_record(file, &r) : error;
}

int dfukit_ihex_read(dfukit_builder *builder, const uint8_t *bytes, size_t n)
{
    hex file = {.builder = builder, .bytes = bytes, .n = n};

    /* Two digits make a byte. */
    int error = dfukit_builder_reserve(builder, n / 2 + 1);
    for (size_t at = 0; error == DFUKIT_OK && at < n; at++)
        error = read_line(&file, &at);
    if (error == DFUKIT_OK && !file.ended)
        error = damaged(&file, "the end record is missing", file.record);
    return error;
}
