/* SPDX-License-Identifier: MIT */
/* A sound table of which refuses.sh replaces one line at a time (-DDFUKIT_...=...). The numbers
 * that are left out with -DWITHOUT_... are there otherwise. */
#define DFUKIT_DESCRIBE pad
#ifndef WITHOUT_idVendor
#ifndef DFUKIT_idVendor
#define DFUKIT_idVendor 0x1209
#endif
#endif
#ifndef WITHOUT_idProduct
#ifndef DFUKIT_idProduct
#define DFUKIT_idProduct 0x0001
#endif
#endif
#ifndef WITHOUT_idProduct_dfu
#ifndef DFUKIT_idProduct_dfu
#define DFUKIT_idProduct_dfu 0x8001
#endif
#endif
#ifndef DFUKIT_bcdDevice
#define DFUKIT_bcdDevice 0x0100
#endif
#ifndef DFUKIT_bmAttributes
#define DFUKIT_bmAttributes DFUKIT_CAN_DNLOAD
#endif
#ifndef DFUKIT_wTransferSize
#define DFUKIT_wTransferSize 1024
#endif
#ifdef SEVEN_CLASSES
#define DFUKIT_APPLICATION_CLASS 1, 2, 3, 4, 5, 6, 7
#endif
#ifdef TEXT_127
#define TEXT_10         "0123456789"
#define TEXT_40         TEXT_10 TEXT_10 TEXT_10 TEXT_10
#define DFUKIT_iProduct TEXT_40 TEXT_40 TEXT_40 "1234567"
#endif
#ifdef TEXT_126
#define TEXT_10         "0123456789"
#define TEXT_40         TEXT_10 TEXT_10 TEXT_10 TEXT_10
#define DFUKIT_iProduct TEXT_40 TEXT_40 TEXT_40 "123456"
#endif
#ifdef URL_253
#define TEXT_10            "0123456789"
#define TEXT_50            TEXT_10 TEXT_10 TEXT_10 TEXT_10 TEXT_10
#define DFUKIT_landingPage TEXT_50 TEXT_50 TEXT_50 TEXT_50 TEXT_50 "123"
#endif
#ifdef URL_252
#define TEXT_10            "0123456789"
#define TEXT_50            TEXT_10 TEXT_10 TEXT_10 TEXT_10 TEXT_10
#define DFUKIT_landingPage TEXT_50 TEXT_50 TEXT_50 TEXT_50 TEXT_50 "12"
#endif
#ifdef ALTERNATES_NONE
#define DFUKIT_ALTERNATES(ALT)
#endif
/* clang-format off */
#if defined ALTERNATES_256 || defined STRINGS_255
#define FOUR(X, p)       X(p##0, "t") X(p##1, "t") X(p##2, "t") X(p##3, "t")
#define SIXTEEN(X, p)    FOUR(X, p##0) FOUR(X, p##1) FOUR(X, p##2) FOUR(X, p##3)
#define SIXTY_FOUR(X, p) SIXTEEN(X, p##0) SIXTEEN(X, p##1) SIXTEEN(X, p##2) SIXTEEN(X, p##3)
#define MANY(X)          SIXTY_FOUR(X, a) SIXTY_FOUR(X, b) SIXTY_FOUR(X, c) SIXTY_FOUR(X, d)
#endif
#ifdef ALTERNATES_256
#define DFUKIT_ALTERNATES(ALT) MANY(ALT)
#endif
#ifdef STRINGS_255
#define DFUKIT_STRINGS(S)                                                                          \
    SIXTY_FOUR(S, a) SIXTY_FOUR(S, b) SIXTY_FOUR(S, c) SIXTEEN(S, d) SIXTEEN(S, e) SIXTEEN(S, f)   \
    FOUR(S, g) FOUR(S, h) FOUR(S, i) S(x, "t") S(y, "t") S(z, "t")
#endif
/* clang-format on */
#define DFUKIT_DESCRIBE_DFU
#define DFUKIT_DESCRIBE_RUNTIME
#include "dfukit/describe.h"

extern const dfukit_descriptor_set *const sets[];
const dfukit_descriptor_set *const sets[] = {&pad_dfu_descriptors, &pad_runtime_descriptors};
#ifdef SPLICED
extern const uint8_t spliced[];
const uint8_t spliced[] = {DFUKIT_RUNTIME_BYTES(pad, 0, 0)};
#endif
#ifdef SPLICED_10
extern const uint8_t spliced_10[];
const uint8_t spliced_10[] = {DFUKIT_RUNTIME_BYTES_10(pad, 0, 0)};
#endif
