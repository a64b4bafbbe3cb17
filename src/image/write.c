/* SPDX-License-Identifier: MIT */
/* One image to one file: the formats, and raw binary. */
#include "writers.h"

#define CHUNK 4096u

int dfukit_output_add(dfukit_output *output, const uint8_t *bytes, size_t n)
{
    output->crc = dfukit_crc32(output->crc, bytes, n);
    return output->sink(output->self, bytes, n);
}

/* Gaps are filled as erased flash reads. */
static int write_raw(dfukit_output *output, const dfukit_image *image)
{
    dfukit_stream stream;
    uint8_t scratch[CHUNK];

    int error = dfukit_stream_init(&stream, image, DFUKIT_RANGE_ALL, NULL);
    for (uint32_t at = 0; error == DFUKIT_OK && at < stream.length;) {
        uint32_t left = stream.length - at;
        uint32_t n = left < CHUNK ? left : CHUNK;
        error = dfukit_output_add(output, dfukit_stream_bytes(&stream, at, n, scratch), n);
        at += n;
    }
    return error;
}

static bool has_one_alternate(const dfukit_image *image)
{
    return image->segments[0].alternate == image->segments[image->count - 1].alternate;
}

int dfukit_image_write(const dfukit_image *image, dfukit_format format, const dfukit_suffix *suffix,
                       dfukit_image_sink *sink, void *self)
{
    static const dfukit_suffix any = {
        .bcdDevice = DFUKIT_ANY_ID, .idProduct = DFUKIT_ANY_ID, .idVendor = DFUKIT_ANY_ID};
    dfukit_output output = {.sink = sink, .self = self, .crc = DFUKIT_CRC_INIT};

    if (image->count == 0)
        return DFUKIT_ERR_EMPTY;
    if (format == DFUKIT_FORMAT_DFUSE)
        return dfukit_dfuse_write(&output, image, suffix != NULL ? suffix : &any);
    if (!has_one_alternate(image))
        return DFUKIT_ERR_TOO_LARGE;
    switch (format) {
    case DFUKIT_FORMAT_RAW:
        return write_raw(&output, image);
    case DFUKIT_FORMAT_IHEX:
        return dfukit_ihex_write(&output, image);
    case DFUKIT_FORMAT_SREC:
        return dfukit_srec_write(&output, image);
    case DFUKIT_FORMAT_UF2:
        return dfukit_uf2_write(&output, image);
    case DFUKIT_FORMAT_ELF:
        return dfukit_elf_write(&output, image);
    case DFUKIT_FORMAT_DFUSE:
    case DFUKIT_FORMAT_COUNT:
        break;
    }
    return DFUKIT_ERR_UNSUPPORTED;
}
