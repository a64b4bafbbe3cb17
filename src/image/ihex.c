/* SPDX-License-Identifier: MIT */
/*
 * Intel HEX, all record types (Intel Hexadecimal Object File Format Specification, Revision A,
 * 1988). A record is a line ":LLAAAATT…CC": length, load offset, type, data, checksum. Read
 * leniently where nothing can go wrong (line ends, case, blanks around a record, the offset field
 * of records without data); everything else is refused.
 */
#include "readers.h"

#include <string.h>

#define OVERHEAD     5u /* bytes of a record beside its data: length, offset, type, checksum */
#define RECORD_MAX   (OVERHEAD + 255u)
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

/* ---- Characters ---- */

/* The value of a digit, or 16. */
static unsigned digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - (unsigned)'0';
    c |= 0x20u; /* to lower case */
    return c >= 'a' && c <= 'f' ? c - (unsigned)'a' + 10u : 16u;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static size_t skip_blank(const uint8_t *bytes, size_t n, size_t at)
{
    while (at < n && is_blank(bytes[at]))
        at++;
    return at;
}

/* ---- Recognition ---- */

#define HEAD         1024u /* as far as recognition looks: a record has at most 521 characters */
#define FIXED_DIGITS 8u    /* of length, offset and type */

/* Count the digits among the characters that stand where a record's fixed part would. */
static bool is_record(const uint8_t *bytes, size_t n, unsigned errors_allowed)
{
    size_t looked = n - 1 < FIXED_DIGITS ? n - 1 : FIXED_DIGITS;
    unsigned digits = 0;

    if (bytes[0] != ':')
        return false;
    for (size_t i = 1; i <= looked; i++)
        digits += digit(bytes[i]) < 16;
    return digits > 0 && digits + errors_allowed >= looked;
}

/* A HEX file with a damaged beginning must be refused as one, not be written to a device as raw
 * text: so two wrong characters in the first record are overlooked here, and a whole record at the
 * start of another line near the beginning is as good. */
bool dfukit_ihex_recognise(const uint8_t *bytes, size_t n)
{
    size_t head = n < HEAD ? n : HEAD;
    size_t at = 0;

    while (at < head && (is_blank(bytes[at]) || bytes[at] == '\n'))
        at++;
    if (at < head && is_record(bytes + at, n - at, 2))
        return true;
    for (; at < head; at++) {
        if (bytes[at] == '\n' && n - at > FIXED_DIGITS + 1 &&
            is_record(bytes + at + 1, n - at - 1, 0))
            return true;
    }
    return false;
}

/* ---- Records ---- */

static int damaged(hex *file, const char *what, size_t offset)
{
    return dfukit_builder_refuse(file->builder, DFUKIT_ERR_DAMAGED, what, offset);
}

/* LL AAAA TT: a record as bytes; its data starts at bytes[4]. */
typedef struct record {
    uint8_t bytes[RECORD_MAX];
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

    dfukit_piece first = {file->base + offset, length - wrapped, data, file->record};
    dfukit_piece rest = {file->base, wrapped, data + first.size, file->record};
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
    size_t p = file->record + 1;
    size_t size = OVERHEAD;
    unsigned sum = 0;

    for (size_t i = 0; i < size; i++) {
        for (size_t half = 0; half < 2; half++, p++) {
            if (p >= file->n || file->bytes[p] == '\n' || is_blank(file->bytes[p]))
                return damaged(file, "the record is too short", p);
            if (digit(file->bytes[p]) > 15)
                return damaged(file, "a character is no hexadecimal digit", p);
        }
        r->bytes[i] = (uint8_t)(digit(file->bytes[p - 2]) << 4 | digit(file->bytes[p - 1]));
        sum += r->bytes[i];
        if (i == 0)
            size += r->bytes[0];
    }
    *at = skip_blank(file->bytes, file->n, p);
    if (*at < file->n && file->bytes[*at] != '\n')
        return damaged(file, "the record is too long", *at);
    if ((sum & 0xFFu) != 0)
        return damaged(file, "the record's checksum is wrong", p - 2);
    return DFUKIT_OK;
}

/* The line that starts at *at, up to but without its LF. */
static int read_line(hex *file, size_t *at)
{
    record r;
    size_t start = skip_blank(file->bytes, file->n, *at);

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
