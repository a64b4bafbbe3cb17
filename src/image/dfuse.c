/* SPDX-License-Identifier: MIT */
/*
 * DfuSe files: targets, each for an alternate setting and perhaps not the only one for it, and in
 * them elements, each with an address. Elements are kept apart as the file has them.
 */
#include "readers.h"

#include <string.h>

#include "bytes.h"
#include "dfuse.h"

typedef struct container {
    dfukit_builder *builder;
    const uint8_t *bytes;
    size_t n;
    size_t at; /* what has been read so far */
} container;

bool dfukit_dfuse_recognise(const uint8_t *bytes, size_t n)
{
    return n >= DFUSE_AT_VERSION && memcmp(bytes, DFUSE_SIGNATURE, DFUSE_AT_VERSION) == 0;
}

static int damaged(container *file, const char *what, size_t offset)
{
    return dfukit_builder_refuse(file->builder, DFUKIT_ERR_DAMAGED, what, offset);
}

/* Writers disagree whether the image's size counts the suffix: both are seen. */
static int read_prefix(container *file, unsigned *targets)
{
    const uint8_t *bytes = file->bytes;

    if (file->n < DFUSE_PREFIX_SIZE)
        return damaged(file, "the DfuSe prefix is cut off", file->n);
    if (bytes[DFUSE_AT_VERSION] != DFUSE_VERSION)
        return damaged(file, "the DfuSe version is unknown", DFUSE_AT_VERSION);
    if (file->builder->suffix_size == 0)
        return damaged(file, "a DfuSe file ends with a DFU suffix, and this does not", file->n);
    if (file->builder->bcdDFU != DFUSE_BCD)
        return damaged(file, "the DFU suffix does not say that this is a DfuSe file", file->n);
    uint32_t size = get32(bytes + DFUSE_AT_IMAGE_SIZE);
    if (size != file->n && size != file->n + file->builder->suffix_size)
        return damaged(file, "the size in the DfuSe prefix is wrong", DFUSE_AT_IMAGE_SIZE);
    *targets = bytes[DFUSE_AT_TARGETS];
    file->at = DFUSE_PREFIX_SIZE;
    return DFUKIT_OK;
}

/* Note a target's alternate setting, unless it is known; the first name that is given stands. */
static void note_target(container *file, const uint8_t *target)
{
    dfukit_builder *builder = file->builder;
    dfukit_image_target *known = builder->targets;
    dfukit_image_target *end = known + builder->target_count;

    while (known < end && known->alternate != target[DFUSE_AT_ALTERNATE])
        known++;
    if (known == end) {
        memset(known, 0, sizeof *known);
        known->alternate = target[DFUSE_AT_ALTERNATE];
        builder->target_count++;
    }
    if (!known->named && get32(target + DFUSE_AT_NAMED) != 0) {
        known->named = true;
        memcpy(known->name, target + DFUSE_AT_NAME, DFUSE_NAME_SIZE);
        known->name[DFUSE_NAME_SIZE - 1] = '\0';
        dfukit_text_sanitise(known->name);
    }
}

static int read_element(container *file, uint8_t alternate, size_t end)
{
    const uint8_t *element = file->bytes + file->at;

    if (end - file->at < DFUSE_ELEMENT_SIZE)
        return damaged(file, "a DfuSe target is too small for its elements", file->at);
    uint32_t address = get32(element);
    uint32_t size = get32(element + 4);
    if (size > end - file->at - DFUSE_ELEMENT_SIZE)
        return damaged(file, "a DfuSe element is larger than its target", file->at + 4);
    if (address + (uint64_t)size > DFUKIT_ADDRESS_END)
        return damaged(file, "data reaches beyond 32-bit addresses", file->at);
    dfukit_piece piece = {.address = address,
                          .size = size,
                          .data = element + DFUSE_ELEMENT_SIZE,
                          .offset = file->at,
                          .alternate = alternate};
    file->at += DFUSE_ELEMENT_SIZE + size;
    return dfukit_builder_append(file->builder, piece);
}

static int read_target(container *file)
{
    const uint8_t *target = file->bytes + file->at;
    int error = DFUKIT_OK;

    if (file->n - file->at < DFUSE_TARGET_SIZE)
        return damaged(file, "a DfuSe target is cut off", file->n);
    if (memcmp(target, DFUSE_TARGET, DFUSE_AT_ALTERNATE) != 0)
        return damaged(file, "a DfuSe target does not begin as one", file->at);
    if (get32(target + DFUSE_AT_SIZE) > file->n - file->at - DFUSE_TARGET_SIZE)
        return damaged(file, "a DfuSe target is larger than the file", file->at + DFUSE_AT_SIZE);
    note_target(file, target);
    file->at += DFUSE_TARGET_SIZE;
    size_t end = file->at + get32(target + DFUSE_AT_SIZE);
    /* Each element takes bytes of the target: however many it says it has, this ends. */
    for (uint32_t left = get32(target + DFUSE_AT_ELEMENTS); error == DFUKIT_OK && left > 0; left--)
        error = read_element(file, target[DFUSE_AT_ALTERNATE], end);
    if (error == DFUKIT_OK && file->at != end)
        error = damaged(file, "a DfuSe target is larger than its elements", file->at);
    return error;
}

int dfukit_dfuse_read(dfukit_builder *builder, const uint8_t *bytes, size_t n)
{
    container file = {.builder = builder, .bytes = bytes, .n = n};
    unsigned targets = 0;

    builder->keep_apart = true;
    int error = read_prefix(&file, &targets);
    if (error == DFUKIT_OK && targets != 0)
        error = dfukit_builder_targets(builder, targets);
    for (unsigned i = 0; error == DFUKIT_OK && i < targets; i++)
        error = read_target(&file);
    if (error == DFUKIT_OK && file.at != n)
        error = damaged(&file, "there is something behind the last DfuSe target", file.at);
    return error;
}
