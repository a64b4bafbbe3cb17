/* SPDX-License-Identifier: MIT */
/* Names and texts of dfukit's own errors, both from the one list in error.h. */
#include "dfukit/error.h"

const char *dfukit_error_text(int error)
{
    switch (error) {
#define DFUKIT_ERROR_TEXT(name, value, text)                                                       \
    case (value):                                                                                  \
        return text;
        DFUKIT_ERRORS(DFUKIT_ERROR_TEXT)
#undef DFUKIT_ERROR_TEXT
    default:
        return "unknown error";
    }
}

const char *dfukit_error_name(int error)
{
    switch (error) {
#define DFUKIT_ERROR_NAME(name, value, text)                                                       \
    case (value):                                                                                  \
        return #name;
        DFUKIT_ERRORS(DFUKIT_ERROR_NAME)
#undef DFUKIT_ERROR_NAME
    default:
        return "ERR_UNKNOWN";
    }
}
