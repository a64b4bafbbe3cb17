/* SPDX-License-Identifier: MIT */
/*
 * UF2 as reader and writer know it: blocks of 512 bytes, each with an address of its own.
 * Spec: Microsoft's "USB Flashing Format (UF2)".
 */
#ifndef DFUKIT_IMAGE_UF2_H
#define DFUKIT_IMAGE_UF2_H

#define UF2_BLOCK    512u
#define UF2_DATA_MAX 476u
#define UF2_PAGE     256u /* what writers put into a block, and some loaders insist on */

/* Where the fields stand; all are 32 bits, little endian. */
enum {
    UF2_AT_MAGIC_0 = 0,
    UF2_AT_MAGIC_1 = 4,
    UF2_AT_FLAGS = 8,
    UF2_AT_ADDRESS = 12,
    UF2_AT_SIZE = 16,
    UF2_AT_NUMBER = 20,
    UF2_AT_COUNT = 24,
    UF2_AT_FAMILY = 28, /* or the size of the file */
    UF2_AT_DATA = 32,
    UF2_AT_MAGIC_END = 508
};

#define UF2_MAGIC_0        0x0A324655u /* "UF2\n" */
#define UF2_MAGIC_1        0x9E5D5157u
#define UF2_MAGIC_END      0x0AB16F30u

#define UF2_NOT_MAIN_FLASH 0x00000001u
#define UF2_FILE_CONTAINER 0x00001000u
#define UF2_HAS_FAMILY     0x00002000u
#define UF2_HAS_MD5        0x00004000u /* of a region, in the last 24 bytes of the data */
#define UF2_HAS_TAGS       0x00008000u /* behind the payload */
#define UF2_MD5_SIZE       24u

#endif
