/* SPDX-License-Identifier: MIT */
/*
 * UF2. Blocks may come in any order, but each number once and all of them. What is not for the
 * main flash is left out, and so are blocks that an extension tag declares void (RP2350: a block
 * that only works around an error of the chip's loader).
 */
#include "readers.h"

#include "bytes.h"
#include "uf2.h"

/* An extension tag: its size with these four bytes, and three bytes of type. */
#define TAG_IGNORE_BLOCK 0x9957E3u

typedef struct uf2 {
    dfukit_builder *builder;
    uint8_t *seen;   /* one bit for each block number */
    bool begun;      /* the fields below hold those of the first block */
    uint32_t blocks; /* as every block says */
    uint32_t found;
    bool has_family;
    uint32_t family;
} uf2;

bool dfukit_uf2_recognise(const uint8_t *bytes, size_t n)
{
    return n >= 4 && get32(bytes) == UF2_MAGIC_0;
}

static int damaged(uf2 *file, const char *what, size_t offset)
{
    return dfukit_builder_refuse(file->builder, DFUKIT_ERR_DAMAGED, what, offset);
}

/* Look through the tags behind the payload, as far as they make sense. */
static bool is_void(const uint8_t *block, size_t end)
{
    size_t at = (get32(block + UF2_AT_SIZE) + 3u) & ~3u;

    if ((get32(block + UF2_AT_FLAGS) & UF2_HAS_TAGS) == 0)
        return false;
    while (at + 4 <= end) {
        uint32_t tag = get32(block + UF2_AT_DATA + at);
        size_t size = tag & 0xFFu;
        if (size < 4)
            return false;
        if (tag >> 8 == TAG_IGNORE_BLOCK)
            return true;
        at += (size + 3u) & ~(size_t)3u;
    }
    return false;
}

/* Numbers: all blocks agree how many there are, and each comes once. */
static int check_number(uf2 *file, const uint8_t *block, size_t offset)
{
    uint32_t number = get32(block + UF2_AT_NUMBER);
    uint8_t bit = (uint8_t)(1u << (number & 7u));

    if (!file->begun)
        file->blocks = get32(block + UF2_AT_COUNT);
    if (get32(block + UF2_AT_COUNT) != file->blocks)
        return damaged(file, "the UF2 blocks disagree how many there are", offset + UF2_AT_COUNT);
    if (number >= file->blocks)
        return damaged(file, "the number of a UF2 block is too large", offset + UF2_AT_NUMBER);
    /* The set of those seen has room for as many as the file has blocks. */
    if (number / 8 >= file->builder->scratch_size)
        return damaged(file, "UF2 blocks are missing", offset + UF2_AT_NUMBER);
    if ((file->seen[number / 8] & bit) != 0)
        return damaged(file, "a UF2 block comes twice", offset + UF2_AT_NUMBER);
    file->seen[number / 8] |= bit;
    file->found++;
    return DFUKIT_OK;
}

static int check_family(uf2 *file, const uint8_t *block, size_t offset)
{
    bool has = (get32(block + UF2_AT_FLAGS) & UF2_HAS_FAMILY) != 0;
    uint32_t family = has ? get32(block + UF2_AT_FAMILY) : 0;

    if (!file->begun) {
        file->has_family = has;
        file->family = family;
    }
    if (has != file->has_family || family != file->family)
        return damaged(file, "the UF2 file is for several families of devices",
                       offset + UF2_AT_FAMILY);
    return DFUKIT_OK;
}

static int read_block(uf2 *file, const uint8_t *block, size_t offset)
{
    uint32_t flags = get32(block + UF2_AT_FLAGS);
    uint32_t address = get32(block + UF2_AT_ADDRESS);
    uint32_t size = get32(block + UF2_AT_SIZE);
    uint32_t room = UF2_DATA_MAX - ((flags & UF2_HAS_MD5) != 0 ? UF2_MD5_SIZE : 0);

    if (get32(block + UF2_AT_MAGIC_0) != UF2_MAGIC_0 ||
        get32(block + UF2_AT_MAGIC_1) != UF2_MAGIC_1)
        return damaged(file, "a UF2 block does not begin as one", offset);
    if (get32(block + UF2_AT_MAGIC_END) != UF2_MAGIC_END)
        return damaged(file, "a UF2 block does not end as one", offset + UF2_AT_MAGIC_END);
    if (size > room)
        return damaged(file, "the payload of a UF2 block is too large", offset + UF2_AT_SIZE);
    if ((flags & UF2_FILE_CONTAINER) != 0)
        return damaged(file, "the UF2 file holds files, not firmware", offset + UF2_AT_FLAGS);
    if (is_void(block, room))
        return DFUKIT_OK;
    int error = check_family(file, block, offset);
    if (error == DFUKIT_OK)
        error = check_number(file, block, offset);
    file->begun = true;
    if (error != DFUKIT_OK || (flags & UF2_NOT_MAIN_FLASH) != 0)
        return error;
    if (address + (uint64_t)size > DFUKIT_ADDRESS_END)
        return damaged(file, "data reaches beyond 32-bit addresses", offset + UF2_AT_ADDRESS);
    return dfukit_builder_append(file->builder, (dfukit_piece){.address = address,
                                                               .size = size,
                                                               .data = block + UF2_AT_DATA,
                                                               .offset = offset});
}

int dfukit_uf2_read(dfukit_builder *builder, const uint8_t *bytes, size_t n)
{
    uf2 file = {.builder = builder};

    if (n % UF2_BLOCK != 0)
        return damaged(&file, "the last UF2 block is cut off", n - n % UF2_BLOCK);
    int error = dfukit_builder_scratch(builder, n / UF2_BLOCK / 8 + 1);
    file.seen = builder->scratch;
    for (size_t at = 0; error == DFUKIT_OK && at < n; at += UF2_BLOCK)
        error = read_block(&file, bytes + at, at);
    if (error == DFUKIT_OK && file.found != file.blocks)
        error = damaged(&file, "UF2 blocks are missing", n);
    builder->has_family = file.has_family;
    builder->family = file.family;
    return error;
}
