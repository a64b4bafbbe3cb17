/* SPDX-License-Identifier: MIT */
/* ST's DfuSe container as reader and writer know it. Spec: ST UM0391 §2. */
#ifndef DFUKIT_IMAGE_DFUSE_H
#define DFUKIT_IMAGE_DFUSE_H

#define DFUSE_SIGNATURE    "DfuSe"
#define DFUSE_VERSION      1
#define DFUSE_BCD          0x011Au /* bcdDFU of the suffix */
#define DFUSE_PREFIX_SIZE  11u     /* signature, version, DFUImageSize, bTargets */
#define DFUSE_TARGET_SIZE  274u
#define DFUSE_ELEMENT_SIZE 8u /* address and size, before the data */

/* Where fields stand in the prefix, ... */
enum { DFUSE_AT_VERSION = 5, DFUSE_AT_IMAGE_SIZE = 6, DFUSE_AT_TARGETS = 10 };

/* ... and in a target. */
#define DFUSE_TARGET "Target"
enum {
    DFUSE_AT_ALTERNATE = 6,
    DFUSE_AT_NAMED = 7, /* 32 bits; 0: no name */
    DFUSE_AT_NAME = 11,
    DFUSE_NAME_SIZE = 255,
    DFUSE_AT_SIZE = 266, /* of all elements with their headers */
    DFUSE_AT_ELEMENTS = 270
};

#endif
