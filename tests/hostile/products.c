/* SPDX-License-Identifier: MIT */
/* The descriptors of the victim: exact lengths, one that is a multiple of every packet size, one
 * above 255 bytes, and vendor replies in both modes. */
#include "victim.h"

static const uint8_t device[18] = {18, 1, 0, 2, 0, 0, 0, 64, 0x83, 4, 0x11, 0xDF, 0, 1, 1, 2, 0, 1};
static const uint8_t dfu_configuration[36] = {
    9,    2, 36, 0, 1, 1,    0, 0x80, 50, /* 2 settings */
    9,    4, 0,  0, 0, 0xFE, 1, 2,    0,  9,   4, 0,    1, 0,
    0xFE, 1, 2,  0, 9, 0x21, 7, 0xE8, 3,  128, 0, 0x10, 1};
static const uint8_t app_configuration[32] = {9, 2,    32, 0,    3, 1, 0, 0xC0, 50,   9, 4,
                                              0, 0,    0,  0xFF, 0, 0, 0, 7,    4,    1, 0,
                                              0, 0xFF, 0,  7,    4, 2, 0, 0,    0xFE, 1};
static const uint8_t language[4] = {4, 3, 9, 4};
static const uint8_t text[64] = {64, 3, 't', 0, 'e', 0, 'x', 0, 't', 0};
static const uint8_t bos[305] = {5, 15, 0x31, 0x01, 1};
static const uint8_t microsoft[178] = {10, 0, 0, 0, 0, 0, 3, 6, 178, 0};
static const uint8_t url[17] = {17, 3, 1, 'e', 'x', 'a', 'm', 'p', 'l', 'e'};

#define DESCRIPTOR(type, index, object)                                                            \
    {                                                                                              \
        DFUKIT_DESCRIPTOR_ID(type, index), sizeof(object), object                                  \
    }

static const dfukit_descriptor dfu_list[] = {
    DESCRIPTOR(1, 0, device),   DESCRIPTOR(2, 0, dfu_configuration),
    DESCRIPTOR(3, 0, language), DESCRIPTOR(3, 2, text),
    DESCRIPTOR(15, 0, bos),
};
static const dfukit_descriptor app_list[] = {
    DESCRIPTOR(2, 0, app_configuration),
    DESCRIPTOR(1, 0, device),
};
static const dfukit_vendor_reply vendor[] = {
    {0x20, 7, 0, sizeof microsoft, microsoft},
    {0x22, 2, 1, sizeof url, url},
};
static const dfukit_descriptor_set dfu_set = {dfu_list, vendor, LENGTH(dfu_list), LENGTH(vendor)};
static const dfukit_descriptor_set app_set = {app_list, NULL, LENGTH(app_list), 0};

const dfukit_descriptor_set *const victim_sets[2] = {&app_set, &dfu_set};
