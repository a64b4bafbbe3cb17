/* SPDX-License-Identifier: MIT */
/*
 * What every reader of firmware files must hold, whatever the file: segments sorted, apart and
 * readable; what is written from them reads back the same, in every format that takes it. The first
 * byte of an input are options; checksums can be put right first, or the search would not get past
 * them.
 */
#ifndef TESTS_FUZZ_IMAGE_CHECK_H
#define TESTS_FUZZ_IMAGE_CHECK_H

#include "dfukit/image.h"
#include "script.h"

#include <stdlib.h>
#include <string.h>

enum {
    IMAGE_NEED_SUFFIX = 1,
    IMAGE_IGNORE_SUFFIX = 2,
    IMAGE_FORCE_RAW = 4,
    IMAGE_REPAIR = 8,        /* the target's own checksums */
    IMAGE_REPAIR_SUFFIX = 16 /* the last 16 bytes become a DFU suffix */
};

static unsigned long image_parsed[DFUKIT_FORMAT_COUNT], image_rewritten[DFUKIT_FORMAT_COUNT];
static unsigned long image_suffixes;

static inline void *image_resize(void *self, void *p, size_t n)
{
    (void)self;
    if (n != 0)
        return realloc(p, n);
    free(p);
    return NULL;
}

static const dfukit_allocator image_heap = {NULL, image_resize};

#define IMAGE_HOLDS(condition)                                                                     \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "does not hold: %s (line %d)\n", #condition, __LINE__);                \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* Every byte with its place: equal for equal memories, however they are cut into segments. */
static inline uint32_t image_digest(const dfukit_image *image)
{
    uint32_t crc = DFUKIT_CRC_INIT;

    for (size_t i = 0; i < image->count; i++) {
        const dfukit_segment *s = &image->segments[i];

        for (uint32_t k = 0; k < s->size; k++) {
            uint64_t address = s->address + k;
            uint8_t place[6] = {s->alternate,
                                (uint8_t)address,
                                (uint8_t)(address >> 8),
                                (uint8_t)(address >> 16),
                                (uint8_t)(address >> 24),
                                s->data[k]};

            crc = dfukit_crc32(crc, place, sizeof place);
        }
    }
    return crc;
}

static inline void image_well_formed(const dfukit_image *image)
{
    uint64_t end = 0;
    unsigned alternate = 0;

    IMAGE_HOLDS(image->count > 0);
    IMAGE_HOLDS((unsigned)image->format < DFUKIT_FORMAT_COUNT);
    for (size_t i = 0; i < image->count; i++) {
        const dfukit_segment *s = &image->segments[i];

        if (i == 0 || s->alternate > alternate)
            end = 0;
        IMAGE_HOLDS(s->size > 0);
        IMAGE_HOLDS(i == 0 || s->alternate >= alternate);
        IMAGE_HOLDS(s->address >= end);
        end = s->address + s->size;
        IMAGE_HOLDS(end <= UINT64_C(1) << 32);
        alternate = s->alternate;
    }
    for (size_t i = 0; i < image->target_count; i++)
        IMAGE_HOLDS(memchr(image->targets[i].name, 0, sizeof image->targets[i].name) != NULL);
}

typedef struct image_memory {
    uint8_t *bytes;
    size_t n, room;
} image_memory;

#define IMAGE_MEMORY_MOST (1u << 20)

static inline int image_keep(void *self, const uint8_t *bytes, size_t n)
{
    image_memory *m = self;

    if (m->n + n > IMAGE_MEMORY_MOST)
        return DFUKIT_ERR_OUTPUT;
    if (m->n + n > m->room) {
        m->room = 2 * (m->n + n);
        m->bytes = realloc(m->bytes, m->room);
        IMAGE_HOLDS(m->bytes != NULL);
    }
    memcpy(m->bytes + m->n, bytes, n);
    m->n += n;
    return DFUKIT_OK;
}

/* Written as `format`, and read again: the same bytes at the same places. */
static inline void image_rewrite(const dfukit_image *image, dfukit_format format)
{
    image_memory m = {NULL, 0, 0};
    const dfukit_image_options as_it_is = {.ignore_suffix = format != DFUKIT_FORMAT_DFUSE};
    dfukit_image_fault fault = {.what = ""};
    dfukit_image again;

    if (dfukit_image_write(image, format, NULL, image_keep, &m) != DFUKIT_OK) {
        free(m.bytes);
        return;
    }
    int error = dfukit_image_parse(&again, m.bytes, m.n, &as_it_is, &image_heap, &fault);
    if (error != DFUKIT_OK)
        fprintf(stderr, "what was written as %s is refused: %s\n", dfukit_format_name(format),
                fault.what);
    IMAGE_HOLDS(error == DFUKIT_OK);
    IMAGE_HOLDS(again.format == format);
    image_well_formed(&again);
    /* UF2 has pages of a size: there may be more around. */
    if (format != DFUKIT_FORMAT_UF2)
        IMAGE_HOLDS(image_digest(&again) == image_digest(image));
    IMAGE_HOLDS(dfukit_image_payload(&again) >= dfukit_image_payload(image));
    image_rewritten[format]++;
    dfukit_image_free(&again);
    free(m.bytes);
}

static inline void image_as_stream(const dfukit_image *image)
{
    dfukit_stream stream;
    uint8_t scratch[64];

    if (dfukit_stream_init(&stream, image, DFUKIT_RANGE_ALL, NULL) != DFUKIT_OK)
        return;
    for (uint32_t at = 0; at < stream.length && at < 1u << 18; at += sizeof scratch) {
        uint32_t left = stream.length - at;
        uint32_t n = left < sizeof scratch ? left : (uint32_t)sizeof scratch;
        const uint8_t *bytes = dfukit_stream_bytes(&stream, at, n, scratch);

        IMAGE_HOLDS(bytes != NULL);
        (void)dfukit_crc32(0, bytes, n);
    }
}

static inline void image_repair_suffix(uint8_t *file, size_t n)
{
    dfukit_suffix s = {.bcdDevice = DFUKIT_ANY_ID, .idProduct = 1, .idVendor = 2};

    if (n < 16)
        return;
    s.bcdDFU = (uint16_t)(file[n - 10] | file[n - 9] << 8);
    dfukit_suffix_encode(&s, dfukit_crc32(DFUKIT_CRC_INIT, file, n - 16), file + n - 16);
}

/* `repair` may be NULL; it puts the format's own checksums right, in place. */
static inline int image_input(const uint8_t *bytes, size_t n, void (*repair)(uint8_t *, size_t))
{
    uint8_t options = n > 0 ? bytes[0] : 0;
    const dfukit_image_options how = {.need_suffix = (options & IMAGE_NEED_SUFFIX) != 0,
                                      .ignore_suffix = (options & IMAGE_IGNORE_SUFFIX) != 0,
                                      .force_raw = (options & IMAGE_FORCE_RAW) != 0};
    size_t size = n > 0 ? n - 1 : 0;
    uint8_t *file = malloc(size > 0 ? size : 1);
    dfukit_image_fault fault = {.what = NULL};
    dfukit_image image;

    IMAGE_HOLDS(file != NULL);
    if (size > 0)
        memcpy(file, bytes + 1, size);
    if (repair != NULL && (options & IMAGE_REPAIR) != 0)
        repair(file, size);
    if ((options & IMAGE_REPAIR_SUFFIX) != 0)
        image_repair_suffix(file, size);
    if (dfukit_image_parse(&image, file, size, &how, &image_heap, &fault) == DFUKIT_OK) {
        image_well_formed(&image);
        image_parsed[image.format]++;
        image_suffixes += image.has_suffix;
        image_as_stream(&image);
        image_rewrite(&image, DFUKIT_FORMAT_IHEX);
        image_rewrite(&image, DFUKIT_FORMAT_SREC);
        image_rewrite(&image, DFUKIT_FORMAT_UF2);
        image_rewrite(&image, DFUKIT_FORMAT_DFUSE);
        dfukit_image_free(&image);
    } else {
        IMAGE_HOLDS(fault.what != NULL);
    }
    free(file);
    return 0;
}

/* For fuzz_missing(). */
static inline const char *image_missing(dfukit_format format)
{
    if (image_parsed[format] == 0)
        return dfukit_format_name(format);
    if (format != DFUKIT_FORMAT_RAW && format != DFUKIT_FORMAT_ELF && image_rewritten[format] == 0)
        return "writing it";
    return NULL;
}

#endif
