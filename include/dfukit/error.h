/* SPDX-License-Identifier: MIT */
/**
 * Errors as values. Every function of dfukit that can fail returns one of these, or a count that is
 * zero or more. What a device reports about itself (bStatus) is another type: see protocol.h. For
 * any thread.
 */
#ifndef DFUKIT_ERROR_H
#define DFUKIT_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The list: enumerator, value, one line for people. The values are part of the ABI: new errors are
 * added at the end.
 */
/* clang-format off */
#define DFUKIT_ERRORS(X)                                                                           \
    X(OK,            0, "no error")                                                                \
    /* one transfer, or one call that has not finished */                                          \
    X(ERR_STALL,    -1, "the device refused the request (stall)")                                  \
    X(ERR_TIMEOUT,  -2, "no answer in time")                                                       \
    X(ERR_GONE,     -3, "the device is not there any more")                                        \
    X(ERR_AGAIN,    -4, "not finished yet")                                                        \
    X(ERR_IO,       -5, "input/output error")                                                      \
    X(ERR_SHORT,    -6, "fewer bytes than the format needs")                                       \
    X(ERR_FORMAT,   -7, "malformed data")                                                          \
    /* this computer */                                                                            \
    X(ERR_USAGE,    -8, "an argument is out of range")                                             \
    X(ERR_NOMEM,    -9, "out of memory")                                                           \
    X(ERR_ACCESS,  -10, "no permission to open the device")                                        \
    X(ERR_BUSY,    -11, "another program uses the device")                                         \
    X(ERR_CONNECT, -12, "the server cannot be reached")                                            \
    X(ERR_UNSUPPORTED, -13, "this build or this system cannot do that")                            \
    /* choosing a device */                                                                        \
    X(ERR_NO_DEVICE, -14, "no device matched")                                                     \
    X(ERR_AMBIGUOUS, -15, "more than one device matched")                                          \
    /* the conversation with the device */                                                         \
    X(ERR_DEVICE,   -16, "the device reported an error")                                           \
    X(ERR_PROTOCOL, -17, "the device broke the protocol")                                          \
    X(ERR_MODE,     -18, "the device came back, but not in DFU mode")                              \
    X(ERR_LOST,     -19, "the device was lost")                                                    \
    X(ERR_DEADLINE, -20, "time ran out")                                                           \
    X(ERR_REFUSED,  -21, "the device cannot do this")                                              \
    X(ERR_DIFFERS,  -22, "what is on the device differs from the file")                            \
    X(ERR_INTERRUPTED, -23, "interrupted")                                                         \
    /* firmware files */                                                                           \
    X(ERR_EMPTY,    -24, "there is nothing to write")                                              \
    X(ERR_DAMAGED,  -25, "the file is damaged")                                                    \
    X(ERR_MISMATCH, -26, "the file is not for this device")                                        \
    X(ERR_TOO_LARGE, -27, "the image does not fit")                                                \
    X(ERR_OUTPUT,   -28, "the output file cannot be written")
/* clang-format on */

/** The errors: DFUKIT_OK is 0, all others are negative. */
typedef enum dfukit_error {
#define DFUKIT_ERROR_ENUMERATOR(name, value, text) DFUKIT_##name = (value),
    DFUKIT_ERRORS(DFUKIT_ERROR_ENUMERATOR)
#undef DFUKIT_ERROR_ENUMERATOR
} dfukit_error;

/**
 * One line of English for an error.
 * @return A string constant, never NULL; for a number that is no error: "unknown error".
 */
const char *dfukit_error_text(int error);

/**
 * The name of an error as it stands in JSON output, e.g. "ERR_STALL".
 * @return A string constant, never NULL; for a number that is no error: "ERR_UNKNOWN".
 */
const char *dfukit_error_name(int error);

#ifdef __cplusplus
}
#endif
#endif
