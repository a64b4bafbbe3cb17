/* SPDX-License-Identifier: MIT */
/**
 * DfuSe (DFU 1.1a) as both ends and the tools know it: the commands of block 0, and the memory
 * map that an alternate setting's name spells out. Belongs to the protocol room; freestanding, and
 * for any thread.
 *
 * "AN3156" and "UM0424" are ST's application note and user manual of those numbers.
 */
#ifndef DFUKIT_DFUSE_H
#define DFUKIT_DFUSE_H

#include "dfukit/protocol.h"

#ifdef __cplusplus
extern "C" {
#endif

/** First byte of a download of block 0. Spec: AN3156 §5. */
enum {
    DFUKIT_DFUSE_GET = 0x00,         /**< upload of block 0 only: lists the commands */
    DFUKIT_DFUSE_SET_ADDRESS = 0x21, /**< and an address, 32 bits, little endian */
    DFUKIT_DFUSE_ERASE = 0x41,       /**< and an address: its page; alone: everything */
    DFUKIT_DFUSE_UNPROTECT = 0x92    /**< lifts read protection, erasing everything */
};
#define DFUKIT_DFUSE_FIRST_BLOCK 2u /**< wBlockNum of data at the address that was set */

/** Sectors of one size that follow one another. */
typedef struct dfukit_map_span {
    uint32_t address;    /**< of the first sector; the last ends at or below 2^32 */
    uint32_t count;      /**< sectors, at least 1 */
    uint32_t size;       /**< bytes of one, at least 1; need not be a power of two */
    uint8_t permissions; /**< DFUKIT_MAY_* */
} dfukit_map_span;

#define DFUKIT_MAP_SPANS_MAX 64u
#define DFUKIT_MAP_NAME_SIZE 64u

/** What was tolerated in a layout string (bits of dfukit_map.oddities). */
enum {
    DFUKIT_MAP_ODD_BLANK_MULTIPLIER = 1, /**< ' ' where B, K or M stands: bytes */
    DFUKIT_MAP_ODD_NO_MULTIPLIER = 2,    /**< none at all, `16*1g`: bytes */
    DFUKIT_MAP_ODD_TRAILING = 4,         /**< something behind the last sector: ignored */
    DFUKIT_MAP_ODD_SPACES = 8,           /**< spaces between or inside tokens */
    DFUKIT_MAP_ODD_NO_AT = 16,           /**< does not begin with '@' */
    DFUKIT_MAP_ODD_TYPE = 32,            /**< a type letter outside a..g: its low three bits */
    DFUKIT_MAP_ODD_TOO_MANY = 64,        /**< more than DFUKIT_MAP_SPANS_MAX spans: rest ignored */
    DFUKIT_MAP_ODD_OVERLAP = 128,        /**< spans overlap: the one named first counts */
    DFUKIT_MAP_ODD_BEYOND = 256,         /**< reaches beyond 2^32: cut */
    DFUKIT_MAP_ODD_CORRECTED = 512,      /**< a quirk of this product has corrected it */
    DFUKIT_MAP_ODD_CASE = 1024,          /**< a multiplier in lower case: taken as K or M */
    DFUKIT_MAP_ODD_ZERO = 2048           /**< no sectors, or sectors of no bytes: ignored */
};

/** What kind of memory a name means; all but flash are written only when asked for by name. */
typedef enum dfukit_map_kind {
    DFUKIT_MAP_FLASH,          /**< and RAM, EEPROM, external flash: ordinary */
    DFUKIT_MAP_OPTION_BYTES,   /**< name begins with "Option Byte", any case */
    DFUKIT_MAP_OTP,            /**< name begins with "OTP": can be written once */
    DFUKIT_MAP_DEVICE_FEATURE, /**< name begins with "Device Feature" */
    DFUKIT_MAP_KIND_COUNT
} dfukit_map_kind;
/** "flash", "option bytes", "OTP", "device feature": a string constant. */
const char *dfukit_map_kind_name(unsigned kind);

/** A memory, as an alternate setting's name tells it. Self-contained: may be copied. */
typedef struct dfukit_map {
    char name[DFUKIT_MAP_NAME_SIZE]; /**< without '@' and trailing blanks; sanitised, cut */
    dfukit_map_kind kind;
    unsigned oddities; /**< DFUKIT_MAP_ODD_* */
    size_t count;      /**< spans, in the order of the string, at least 1 */
    dfukit_map_span spans[DFUKIT_MAP_SPANS_MAX];
} dfukit_map;

/**
 * Parse a memory-layout string: "@Internal Flash  /0x08000000/04*016Kg,01*064Kg".
 * @param text  UTF-8, closed by NUL; hostile.
 * @param out   Written on success only.
 * @return DFUKIT_OK, or DFUKIT_ERR_FORMAT: it names no sector that makes sense.
 * Spec: UM0424 §4.3.2.
 */
int dfukit_map_parse(const char *text, dfukit_map *out);
/** One oddity bit in words, a clause ("a blank stands where …"); never NULL. */
const char *dfukit_map_oddity_text(unsigned bit);
/** The sector that holds `address`. Outputs may be NULL. @return false outside the map. */
bool dfukit_map_sector(const dfukit_map *map, uint32_t address, uint32_t *start, uint32_t *size,
                       uint8_t *permissions);
/**
 * How far memory with all of `permissions` reaches from `address` without a gap, through spans
 * that follow one another, whatever their order in the string.
 * @return Bytes, 0 when `address` is not in such memory.
 */
uint64_t dfukit_map_reach(const dfukit_map *map, uint32_t address, uint8_t permissions);
/** Bytes in all spans together; where spans overlap, each counts. */
uint64_t dfukit_map_bytes(const dfukit_map *map);

#ifdef __cplusplus
}
#endif
#endif
