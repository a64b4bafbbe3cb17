/* SPDX-License-Identifier: MIT */
/*
 * The state table of DFU 1.1, Annex A.2 (A.2.1 for state 0 up to A.2.11 for state 10): what a
 * device does with each request in each state. Events that are no requests (timers, bus reset,
 * finished flash work) are the device engine's, and so is what a request finds out itself: whether
 * there is an ability for it, whether the upload has come to its end, whether a block is done.
 *
 * A row for each request, a column for each state: a table to read, packed into words because a
 * bootloader has no room for more.
 */
#include "dfukit/protocol.h"

/* T: taken. L: forbidden by the text, taken in lenient handling, as is common practice: ABORT in
 * the SYNC states, questions while busy. -: not defined. */
#define STRICT_T  1u
#define STRICT_L  0u
#define STRICT__  0u
#define LENIENT_T 1u
#define LENIENT_L 1u
#define LENIENT__ 0u

#define SET(kind, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10)                                     \
    (kind##_##s0 | kind##_##s1 << 1 | kind##_##s2 << 2 | kind##_##s3 << 3 | kind##_##s4 << 4 |     \
     kind##_##s5 << 5 | kind##_##s6 << 6 | kind##_##s7 << 7 | kind##_##s8 << 8 |                   \
     kind##_##s9 << 9 | kind##_##s10 << 10)
#define ROW(next, flags, ...)                                                                      \
    ((uint32_t)(next) << DFUKIT_INPUT_NEXT | (flags) |                                             \
     SET(STRICT, __VA_ARGS__) << DFUKIT_INPUT_STRICT |                                             \
     SET(LENIENT, __VA_ARGS__) << DFUKIT_INPUT_LENIENT)

#define IN     DFUKIT_INPUT_IN
#define QUIET  DFUKIT_INPUT_QUIET /* the block is at work, and would be overwritten or given up */
#define QUIET2 (DFUKIT_INPUT_QUIET | DFUKIT_INPUT_QUIET_2)
#define STAYS  0u

/* clang-format off */
const uint32_t dfukit_transitions[DFUKIT_INPUT_COUNT] = {
    /*                                                        app    dfu  DNLOAD-    MANIFEST-  UPLOAD-
     *                             next state                 IDLE   IDLE SYNC  IDLE SYNC  WAIT IDLE ERROR
     *                                                        | DETACH |  | BUSY |   |  |   |   |   |  */
    [DFUKIT_ON_DETACH]     = ROW(DFUKIT_APP_DETACH,    0u,    T,  _,   _, _,  _,  _, _, _,  _,  _,  _),
    [DFUKIT_ON_DNLOAD]     = ROW(DFUKIT_DNLOAD_SYNC,   QUIET, _,  _,   T, _,  _,  T, _, _,  _,  _,  _),
    [DFUKIT_ON_UPLOAD]     = ROW(DFUKIT_UPLOAD_IDLE, IN|QUIET2, _, _,  T, _,  _,  _, _, _,  _,  T,  _),
    [DFUKIT_ON_GETSTATUS]  = ROW(STAYS,                IN,    T,  T,   T, T,  L,  T, T, L,  _,  T,  T),
    [DFUKIT_ON_CLRSTATUS]  = ROW(DFUKIT_DFU_IDLE,      QUIET2, _, _,   _, _,  _,  _, _, _,  _,  _,  T),
    [DFUKIT_ON_GETSTATE]   = ROW(STAYS,                IN,    T,  T,   T, T,  L,  T, T, L,  _,  T,  T),
    [DFUKIT_ON_ABORT]      = ROW(DFUKIT_DFU_IDLE,      QUIET, _,  _,   T, L,  _,  T, L, _,  _,  T,  _),
    [DFUKIT_ON_OTHER]      = ROW(STAYS,                0u,    _,  _,   _, _,  _,  _, _, _,  _,  _,  _),
    [DFUKIT_ON_DNLOAD_END] = ROW(DFUKIT_MANIFEST_SYNC, 0u,    _,  _,   _, _,  _,  T, _, _,  _,  _,  _),
};
/* clang-format on */
