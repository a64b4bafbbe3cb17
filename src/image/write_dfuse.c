/* SPDX-License-Identifier: MIT */
/* Writes DfuSe files: one target for each alternate setting, one element for each segment. */
#include "writers.h"

#include <string.h>

#include "bytes.h"
#include "dfuse.h"

/* Segments of one alternate setting: they stand side by side. */
typedef struct group {
    size_t first, count;
    uint64_t size; /* of its elements with their headers */
} group;

static group group_at(const dfukit_image *image, size_t first)
{
    group g = {.first = first};

    while (first + g.count < image->count &&
           image->segments[first + g.count].alternate == image->segments[first].alternate) {
        g.size += DFUSE_ELEMENT_SIZE + (uint64_t)image->segments[first + g.count].size;
        g.count++;
    }
    return g;
}

static int write_target(dfukit_output *output, const dfukit_image *image, group g)
{
    uint8_t target[DFUSE_TARGET_SIZE] = {0};
    uint8_t alternate = image->segments[g.first].alternate;

    memcpy(target, DFUSE_TARGET, DFUSE_AT_ALTERNATE);
    target[DFUSE_AT_ALTERNATE] = alternate;
    for (size_t i = 0; i < image->target_count; i++) {
        const dfukit_image_target *known = &image->targets[i];
        if (known->alternate != alternate || !known->named)
            continue;
        put32(target + DFUSE_AT_NAMED, 1);
        memcpy(target + DFUSE_AT_NAME, known->name, DFUSE_NAME_SIZE);
        break;
    }
    put32(target + DFUSE_AT_SIZE, (uint32_t)g.size);
    put32(target + DFUSE_AT_ELEMENTS, (uint32_t)g.count);
    return dfukit_output_add(output, target, sizeof target);
}

static int write_group(dfukit_output *output, const dfukit_image *image, group g)
{
    int error = write_target(output, image, g);

    for (size_t i = g.first; error == DFUKIT_OK && i < g.first + g.count; i++) {
        const dfukit_segment *s = &image->segments[i];
        uint8_t header[DFUSE_ELEMENT_SIZE];
        put32(header, (uint32_t)s->address);
        put32(header + 4, s->size);
        error = dfukit_output_add(output, header, sizeof header);
        if (error == DFUKIT_OK)
            error = dfukit_output_add(output, s->data, s->size);
    }
    return error;
}

int dfukit_dfuse_write(dfukit_output *output, const dfukit_image *image,
                       const dfukit_suffix *suffix)
{
    uint8_t prefix[DFUSE_PREFIX_SIZE] = DFUSE_SIGNATURE;
    uint8_t end[DFUKIT_SUFFIX_SIZE];
    dfukit_suffix own = *suffix;
    uint64_t size = DFUSE_PREFIX_SIZE;
    unsigned targets = 0;

    for (size_t i = 0; i < image->count; targets++) {
        group g = group_at(image, i);
        size += DFUSE_TARGET_SIZE + g.size;
        i += g.count;
    }
    /* Its sizes are 32 bits, and its count of targets one byte. */
    if (size > UINT32_MAX || targets > UINT8_MAX)
        return DFUKIT_ERR_TOO_LARGE;
    prefix[DFUSE_AT_VERSION] = DFUSE_VERSION;
    put32(prefix + DFUSE_AT_IMAGE_SIZE, (uint32_t)size);
    prefix[DFUSE_AT_TARGETS] = (uint8_t)targets;
    int error = dfukit_output_add(output, prefix, sizeof prefix);
    for (size_t i = 0; error == DFUKIT_OK && i < image->count;) {
        group g = group_at(image, i);
        error = write_group(output, image, g);
        i += g.count;
    }
    if (error != DFUKIT_OK)
        return error;
    own.bcdDFU = DFUSE_BCD;
    dfukit_suffix_encode(&own, output->crc, end);
    return dfukit_output_add(output, end, sizeof end);
}
