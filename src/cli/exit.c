/* SPDX-License-Identifier: MIT */
/* Exit codes: one table from errors to what a script sees. */
#include "exit.h"

#include <stddef.h>

#include "dfukit/error.h"

// clang-format off
static const struct {
    int error;
    int code;
} table[] = {
    {DFUKIT_OK,              DFUKIT_EXIT_OK},
    {DFUKIT_ERR_STALL,       DFUKIT_EXIT_DEVICE},
    {DFUKIT_ERR_TIMEOUT,     DFUKIT_EXIT_LOST},
    {DFUKIT_ERR_GONE,        DFUKIT_EXIT_LOST},
    {DFUKIT_ERR_AGAIN,       DFUKIT_EXIT_LOST},
    {DFUKIT_ERR_IO,          DFUKIT_EXIT_LOST},
    {DFUKIT_ERR_SHORT,       DFUKIT_EXIT_DEVICE},
    {DFUKIT_ERR_FORMAT,      DFUKIT_EXIT_DEVICE},
    {DFUKIT_ERR_USAGE,       DFUKIT_EXIT_USAGE},
    {DFUKIT_ERR_NOMEM,       DFUKIT_EXIT_COMPUTER},
    {DFUKIT_ERR_ACCESS,      DFUKIT_EXIT_ACCESS},
    {DFUKIT_ERR_BUSY,        DFUKIT_EXIT_ACCESS},
    {DFUKIT_ERR_CONNECT,     DFUKIT_EXIT_LOST},
    {DFUKIT_ERR_UNSUPPORTED, DFUKIT_EXIT_ACCESS},
    {DFUKIT_ERR_NO_DEVICE,   DFUKIT_EXIT_NO_DEVICE},
    {DFUKIT_ERR_AMBIGUOUS,   DFUKIT_EXIT_AMBIGUOUS},
    {DFUKIT_ERR_DEVICE,      DFUKIT_EXIT_DEVICE},
    {DFUKIT_ERR_PROTOCOL,    DFUKIT_EXIT_DEVICE},
    {DFUKIT_ERR_MODE,        DFUKIT_EXIT_DEVICE},
    {DFUKIT_ERR_LOST,        DFUKIT_EXIT_LOST},
    {DFUKIT_ERR_DEADLINE,    DFUKIT_EXIT_LOST},
    {DFUKIT_ERR_REFUSED,     DFUKIT_EXIT_REFUSED},
    {DFUKIT_ERR_DIFFERS,     DFUKIT_EXIT_DIFFERS},
    {DFUKIT_ERR_INTERRUPTED, DFUKIT_EXIT_INTERRUPTED},
    {DFUKIT_ERR_EMPTY,       DFUKIT_EXIT_FILE},
    {DFUKIT_ERR_DAMAGED,     DFUKIT_EXIT_FILE},
    {DFUKIT_ERR_MISMATCH,    DFUKIT_EXIT_FILE},
    {DFUKIT_ERR_TOO_LARGE,   DFUKIT_EXIT_FILE},
    {DFUKIT_ERR_OUTPUT,      DFUKIT_EXIT_COMPUTER},
};
// clang-format on

int dfukit_cli_exit_code(int error)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (table[i].error == error)
            return table[i].code;
    }
    return DFUKIT_EXIT_COMPUTER;
}
