/* SPDX-License-Identifier: MIT */
/*
 * Inside the image room: what a format's reader is given. A reader hands every piece of payload to
 * the builder in the order of the file; the builder sorts the pieces by alternate setting and
 * address, refuses overlaps, and joins neighbours into segments.
 */
#ifndef DFUKIT_IMAGE_BUILDER_H
#define DFUKIT_IMAGE_BUILDER_H

#include "dfukit/image.h"

/* One past the highest address. */
#define DFUKIT_ADDRESS_END (UINT64_C(1) << 32)

/* Payload as it stands in the file: one data record, one load segment. */
typedef struct dfukit_piece {
    uint32_t address;
    uint32_t size; /* at least 1; address + size is at most 2^32 */
    const uint8_t *data;
    size_t offset;     /* of what brought the piece, in bytes from the start of the file */
    uint8_t alternate; /* setting it is for */
} dfukit_piece;

typedef struct dfukit_builder {
    dfukit_allocator allocator;
    dfukit_image_fault fault; /* written when a function below, or a reader, fails */
    const char *overlap;      /* the format's words for pieces that overlap */
    uint16_t bcdDFU;          /* of the DFU suffix that has been taken off */
    size_t suffix_size;       /* its bytes; 0: there was none */
    bool keep_apart;          /* neighbours stay segments of their own */
    dfukit_piece *pieces;
    size_t count, room;
    uint8_t *storage; /* decoded bytes the pieces point into, where the file's cannot be used */
    uint8_t *scratch; /* zero at first; ends with the builder */
    size_t scratch_size;
    dfukit_image_target *targets;
    size_t target_count;
    bool has_entry;
    uint64_t entry;
    bool has_family;
    uint32_t family;
} dfukit_builder;

/* Note why and where the file is refused. Returns `error`. */
int dfukit_builder_refuse(dfukit_builder *builder, int error, const char *what, size_t offset);
/* Allocate `n` bytes of storage, 1 or more; once per builder. DFUKIT_OK or DFUKIT_ERR_NOMEM. */
int dfukit_builder_reserve(dfukit_builder *builder, size_t n);
/* The same for `n` bytes of scratch, which are cleared. */
int dfukit_builder_scratch(dfukit_builder *builder, size_t n);
/* The same for room for `n` targets; target_count stays 0. */
int dfukit_builder_targets(dfukit_builder *builder, size_t n);
/* Take a piece; one without bytes is ignored. The caller has checked that the piece ends at 2^32 at
 * the latest. DFUKIT_OK or DFUKIT_ERR_NOMEM. */
int dfukit_builder_append(dfukit_builder *builder, dfukit_piece piece);
/* Make segments of all pieces and hand them, with storage and targets, to `image`; other fields of
 * it are left alone. DFUKIT_OK, DFUKIT_ERR_EMPTY, DFUKIT_ERR_DAMAGED (an overlap),
 * DFUKIT_ERR_TOO_LARGE or DFUKIT_ERR_NOMEM. */
int dfukit_builder_finish(dfukit_builder *builder, dfukit_image *image);
/* Free what the builder still owns. */
void dfukit_builder_release(dfukit_builder *builder);

#endif
