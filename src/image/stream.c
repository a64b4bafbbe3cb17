/* SPDX-License-Identifier: MIT */
/* An image for a device without addresses: one run of bytes, gaps filled as erased flash reads. */
#include "dfukit/image.h"

#include <string.h>

#define ERASED 0xFF

static uint64_t end_of(const dfukit_segment *segment)
{
    return segment->address + segment->size;
}

/* The first segment that is not for the first one's alternate setting; image->count: none. */
static size_t other_alternate(const dfukit_image *image)
{
    size_t i = 0;

    while (i < image->count && image->segments[i].alternate == image->segments[0].alternate)
        i++;
    return i;
}

int dfukit_stream_init(dfukit_stream *stream, const dfukit_image *image, dfukit_range range,
                       size_t *far)
{
    bool started = false;
    uint64_t base = 0;
    uint64_t end = 0;
    size_t other = other_alternate(image);

    /* Even outside the range: addresses are not in order across them. */
    if (other < image->count) {
        if (far != NULL)
            *far = other;
        return DFUKIT_ERR_TOO_LARGE;
    }
    for (size_t i = 0; i < image->count; i++) {
        const dfukit_segment *segment = &image->segments[i];
        uint64_t low = segment->address > range.from ? segment->address : range.from;
        uint64_t high = end_of(segment) < range.to ? end_of(segment) : range.to;

        if (low >= high)
            continue;
        if (!started)
            base = low;
        /* Many small gaps can still add up to more than a length can say. */
        if ((started && low - end > DFUKIT_GAP_LIMIT) || high - base > UINT32_MAX) {
            if (far != NULL)
                *far = i;
            return DFUKIT_ERR_TOO_LARGE;
        }
        started = true;
        end = high;
    }
    if (!started)
        return DFUKIT_ERR_EMPTY;
    *stream = (dfukit_stream){image, base, (uint32_t)(end - base)};
    return DFUKIT_OK;
}

/* The first segment that ends behind `address`; image->count when none does. */
static size_t segment_at(const dfukit_image *image, uint64_t address)
{
    size_t low = 0;
    size_t high = image->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (end_of(&image->segments[middle]) > address)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

const uint8_t *dfukit_stream_bytes(const dfukit_stream *stream, uint32_t offset, uint32_t n,
                                   uint8_t *scratch)
{
    const dfukit_image *image = stream->image;
    uint64_t from = stream->base + offset;
    uint64_t to = from + n;
    size_t i = segment_at(image, from);

    if (n == 0)
        return scratch;
    if (i < image->count && image->segments[i].address <= from && end_of(&image->segments[i]) >= to)
        return image->segments[i].data + (from - image->segments[i].address);

    memset(scratch, ERASED, n);
    for (; i < image->count && image->segments[i].address < to; i++) {
        const dfukit_segment *segment = &image->segments[i];
        uint64_t low = segment->address > from ? segment->address : from;
        uint64_t high = end_of(segment) < to ? end_of(segment) : to;
        memcpy(scratch + (low - from), segment->data + (low - segment->address),
               (size_t)(high - low));
    }
    return scratch;
}
