/* SPDX-License-Identifier: MIT */
/*
 * Inside the image room: the formats. A reader checks the whole file and hands its payload to the
 * builder; it returns DFUKIT_OK or, with builder->fault written, DFUKIT_ERR_DAMAGED or
 * DFUKIT_ERR_NOMEM. `bytes` is the file without a DFU suffix, never empty.
 */
#ifndef DFUKIT_IMAGE_READERS_H
#define DFUKIT_IMAGE_READERS_H

#include "builder.h"

bool dfukit_ihex_recognise(const uint8_t *bytes, size_t n);
int dfukit_ihex_read(dfukit_builder *builder, const uint8_t *bytes, size_t n);

bool dfukit_elf_recognise(const uint8_t *bytes, size_t n);
int dfukit_elf_read(dfukit_builder *builder, const uint8_t *bytes, size_t n);

bool dfukit_srec_recognise(const uint8_t *bytes, size_t n);
int dfukit_srec_read(dfukit_builder *builder, const uint8_t *bytes, size_t n);

bool dfukit_uf2_recognise(const uint8_t *bytes, size_t n);
int dfukit_uf2_read(dfukit_builder *builder, const uint8_t *bytes, size_t n);

bool dfukit_dfuse_recognise(const uint8_t *bytes, size_t n);
int dfukit_dfuse_read(dfukit_builder *builder, const uint8_t *bytes, size_t n);

#endif
