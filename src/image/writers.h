/* SPDX-License-Identifier: MIT */
/*
 * Inside the image room: what writes a format. A writer is given an image with at least one
 * segment; all but that of DfuSe are given one alternate setting only.
 */
#ifndef DFUKIT_IMAGE_WRITERS_H
#define DFUKIT_IMAGE_WRITERS_H

#include "dfukit/image.h"

/* Where the bytes go. */
typedef struct dfukit_output {
    dfukit_image_sink *sink;
    void *self;
    uint32_t crc; /* of what has been written */
} dfukit_output;

/* Write bytes. DFUKIT_OK, or the sink's error. */
int dfukit_output_add(dfukit_output *output, const uint8_t *bytes, size_t n);

int dfukit_ihex_write(dfukit_output *output, const dfukit_image *image);
int dfukit_srec_write(dfukit_output *output, const dfukit_image *image);
int dfukit_elf_write(dfukit_output *output, const dfukit_image *image);
int dfukit_uf2_write(dfukit_output *output, const dfukit_image *image);
int dfukit_dfuse_write(dfukit_output *output, const dfukit_image *image,
                       const dfukit_suffix *suffix);

#endif
