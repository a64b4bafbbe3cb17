/* SPDX-License-Identifier: MIT */
/* How a verb ends: one line of result, or why not, what the device says, and what can be done. */
#ifndef DFUKIT_CLI_REPORT_H
#define DFUKIT_CLI_REPORT_H

#include "dfukit/host.h"
#include "ui.h"

/** The end of a verb. Zero, with a message, is success. */
typedef struct dfukit_cli_result {
    int error;                     /**< dfukit_error */
    int code;                      /**< exit code; 0 with an error: the one of the error */
    char message[1024];            /**< one line, without "dfu:" */
    char remedy[1024];             /**< lines; "" when nothing is known */
    const dfukit_outcome *outcome; /**< NULL when no conversation took place */
} dfukit_cli_result;

/** Set the message. @return `r`. */
dfukit_cli_result *dfukit_cli_message(dfukit_cli_result *r, const char *format, ...)
    DFUKIT_CLI_PRINTF(2, 3);
/** Print the result where it belongs (and as JSON when asked for). @return the exit code. */
int dfukit_cli_finish(const dfukit_cli_ui *ui, const dfukit_cli_result *r);
/** The end of a verb that has written the file `name`: as dfukit_cli_finish(), but where standard
 *  output is that file ("-") the message goes to standard error. @return the exit code. */
int dfukit_cli_finish_file(const dfukit_cli_ui *ui, const dfukit_cli_result *r, const char *name);
/** What is to be told beside a result, when the verb itself has succeeded: the exit code that the
 *  program then ends with. */
void dfukit_cli_afterwards(const dfukit_cli_ui *ui, int error, int code);
/** Fail with an error and a message. @return the exit code. */
int dfukit_cli_fail(const dfukit_cli_ui *ui, int error, const char *format, ...)
    DFUKIT_CLI_PRINTF(3, 4);
/** The same with an exit code that is not the error's. */
int dfukit_cli_fail_with(const dfukit_cli_ui *ui, int error, int code, const char *format, ...)
    DFUKIT_CLI_PRINTF(4, 5);

#endif
