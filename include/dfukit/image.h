/* SPDX-License-Identifier: MIT */
/**
 * Firmware files. Every format is parsed into one picture: segments of bytes, each at an address,
 * sorted, never overlapping. Parsers work on memory, never on files; every length and address in a
 * file is hostile until checked. No libc beyond memcpy-class functions; memory comes from an
 * allocator that is passed in. An image belongs to one thread at a time; while nobody frees it any
 * number may read it.
 */
#ifndef DFUKIT_IMAGE_H
#define DFUKIT_IMAGE_H

#include "dfukit/protocol.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Where memory comes from. `resize(self, NULL, n)` allocates, `resize(self, p, 0)` frees and
 * returns NULL, else as realloc(). */
typedef struct dfukit_allocator {
    void *self;
    void *(*resize)(void *self, void *p, size_t n);
} dfukit_allocator;

/** The formats of firmware files. */
typedef enum dfukit_format {
    DFUKIT_FORMAT_RAW,
    DFUKIT_FORMAT_IHEX,
    DFUKIT_FORMAT_ELF,
    DFUKIT_FORMAT_SREC,
    DFUKIT_FORMAT_UF2,
    DFUKIT_FORMAT_DFUSE, /**< ST's .dfu container: targets, alternate settings, elements */
    DFUKIT_FORMAT_COUNT
} dfukit_format;

/** "raw binary", "Intel HEX", "ELF", "S-record", "UF2", "DfuSe"; for a value out of range
 *  "unknown". A string constant. */
const char *dfukit_format_name(unsigned format);

/** A run of bytes without a gap. */
typedef struct dfukit_segment {
    uint64_t address;    /**< of the first byte; address + size is at most 2^32 */
    uint32_t size;       /**< bytes, at least 1 */
    const uint8_t *data; /**< inside the file's bytes, or inside the image's own memory */
    uint8_t alternate;   /**< DfuSe: the alternate setting it is for; else 0 */
} dfukit_segment;

/** DfuSe: what a file says of an alternate setting. */
typedef struct dfukit_image_target {
    uint8_t alternate;
    bool named;
    char name[255]; /**< UTF-8, sanitised, closed by NUL */
} dfukit_image_target;

/** A vendor's header before the payload, which the device wants to be sent too. */
typedef enum dfukit_prefix_kind {
    DFUKIT_PREFIX_NONE,
    DFUKIT_PREFIX_STELLARIS, /**< TI: 8 bytes: 01 00, address / 1024 and length, little endian */
    DFUKIT_PREFIX_LPC        /**< NXP LPC DFU boot: 16 bytes: 1a 3f, length in blocks of 512 … */
} dfukit_prefix_kind;

/** A file, parsed. Fields are for reading; it may be moved, not copied (it owns memory). */
typedef struct dfukit_image {
    dfukit_allocator allocator;
    dfukit_format format;
    bool addressed;  /**< the format carries addresses; raw does not: its one segment is at 0 */
    bool has_suffix; /**< a DFU suffix with a right CRC was at the end; it is not payload */
    dfukit_suffix suffix;
    bool has_entry;
    uint64_t entry;  /**< start address named by the format */
    bool has_family; /**< UF2: it names the devices it is for */
    uint32_t family; /**< UF2: their family ID */
    bool alternates; /**< the format carries alternate settings (DfuSe) */
    size_t count;    /**< segments, sorted by alternate setting, then by address; neighbours are
                          merged, but for DfuSe, whose elements stay as they are */
    dfukit_segment *segments;     /**< owned by the image */
    uint8_t *storage;             /**< owned by the image; NULL when segments point into the file */
    size_t target_count;          /**< DfuSe: alternate settings, each once, in the file's order */
    dfukit_image_target *targets; /**< owned by the image */
} dfukit_image;

/** Where and why a file was refused. Texts are string constants. */
typedef struct dfukit_image_fault {
    const char *what; /**< e.g. "record checksum is wrong"; never NULL after a failure */
    bool has_line;
    size_t line;   /**< counted from 1, for text formats */
    size_t offset; /**< in bytes from the start of the file */
} dfukit_image_fault;

/** How to read a file. All zero: recognise the format by its content, a suffix is optional. */
typedef struct dfukit_image_options {
    bool need_suffix;   /**< refuse a file without a valid suffix (names ending in .dfu) */
    bool force_raw;     /**< do not look for a format */
    bool ignore_suffix; /**< take a suffix, right or wrong, as payload */
} dfukit_image_options;

/**
 * Parse a file.
 * @param file   The whole file, `n` bytes; must outlive the image (segments may point into it).
 * @param image  Written on success only; release it with dfukit_image_free().
 * @param options May be NULL: all zero.
 * @param fault  May be NULL; written on failure.
 * @return DFUKIT_OK; DFUKIT_ERR_EMPTY (no byte of payload), DFUKIT_ERR_DAMAGED (a suffix with a
 *         wrong CRC or length, or needed and missing; a bad checksum, overlapping records, no end
 *         record, an ELF that is truncated or loads nothing …), DFUKIT_ERR_TOO_LARGE (4 GiB of
 *         payload or more), DFUKIT_ERR_NOMEM.
 */
int dfukit_image_parse(dfukit_image *image, const uint8_t *file, size_t n,
                       const dfukit_image_options *options, const dfukit_allocator *allocator,
                       dfukit_image_fault *fault);
/** Free what the image owns; harmless on an all-zero image. */
void dfukit_image_free(dfukit_image *image);

/** Sum of the sizes of all segments. */
uint64_t dfukit_image_payload(const dfukit_image *image);

/* ---- Prefixes (prefix.c) ---- */

/** A vendor's prefix at the start of `n` bytes. @param size Out, may be NULL: its length.
 *  @param address Out, may be NULL: the address it names (Stellaris), else 0. */
dfukit_prefix_kind dfukit_prefix_find(const uint8_t *bytes, size_t n, size_t *size,
                                      uint32_t *address);
/** Make the prefix for `n` bytes of payload; `address` is used for Stellaris only.
 *  @return Its length, 8 or 16; 0 when `n` or `address` cannot be said in it. */
size_t dfukit_prefix_encode(dfukit_prefix_kind kind, uint32_t address, size_t n, uint8_t bytes[16]);

/* ---- Writing files (write_*.c) ---- */

/** Takes the bytes of a file in order. @return DFUKIT_OK, or an error that ends the writing. */
typedef int dfukit_image_sink(void *self, const uint8_t *bytes, size_t n);

/**
 * Write an image as a file of `format`, without a DFU suffix but for DfuSe, which has it by
 * definition (with `suffix`'s IDs; bcdDFU becomes 0x011A and DFUImageSize is written without it).
 * RAW: the bytes from the first to the last segment, gaps filled with 0xFF (DFUKIT_ERR_TOO_LARGE
 * above DFUKIT_GAP_LIMIT). UF2: whole pages of 256 bytes, filled with 0xFF, for the image's family
 * if it has one. Only DfuSe takes several alternate settings; for the others they are
 * DFUKIT_ERR_TOO_LARGE. ELF: an executable of 32 bits, little-endian, for no machine in particular,
 * with a load segment and a section for each segment.
 * @param suffix  May be NULL: any device.
 * @return DFUKIT_OK, the sink's error, or one of those above; DFUKIT_ERR_EMPTY without segments.
 */
int dfukit_image_write(const dfukit_image *image, dfukit_format format, const dfukit_suffix *suffix,
                       dfukit_image_sink *sink, void *self);

/** A part of an image: addresses from `from` up to, but without, `to`. */
typedef struct dfukit_range {
    uint64_t from, to;
} dfukit_range;
#define DFUKIT_RANGE_ALL ((dfukit_range){0, UINT64_C(1) << 32})

/** Gaps up to this many bytes are filled for devices without addresses. */
#define DFUKIT_GAP_LIMIT 65536u

/**
 * The image as a plain DFU device takes it: one stream from the first to the last byte of the image
 * inside the range, gaps between them filled with 0xFF.
 */
typedef struct dfukit_stream {
    const dfukit_image *image;
    uint64_t base;   /**< address of the stream's first byte */
    uint32_t length; /**< bytes */
} dfukit_stream;

/**
 * Lay an image out as a stream.
 * @param far  Out, may be NULL: index of the segment behind a gap that is too large, or for another
 *              alternate setting.
 * @return DFUKIT_OK, DFUKIT_ERR_EMPTY (nothing in the range), DFUKIT_ERR_TOO_LARGE (a gap above
 *         DFUKIT_GAP_LIMIT, several alternate settings in the image, or a stream of 4 GiB).
 */
int dfukit_stream_init(dfukit_stream *stream, const dfukit_image *image, dfukit_range range,
                       size_t *far);
/** The bytes at `offset`: a pointer into a segment when the whole run lies in one, else `n` bytes
 *  are put together in `scratch`. offset + n must not exceed length. @return Never NULL; valid
 *  as long as the image and `scratch`. */
const uint8_t *dfukit_stream_bytes(const dfukit_stream *stream, uint32_t offset, uint32_t n,
                                   uint8_t *scratch);

#ifdef __cplusplus
}
#endif
#endif
