/* SPDX-License-Identifier: MIT */
/* What cannot be undone is done only by somebody who has typed a word for it. */
#ifndef DFUKIT_CLI_CONFIRM_H
#define DFUKIT_CLI_CONFIRM_H

#include "ui.h"

typedef enum dfukit_cli_answer {
    DFUKIT_CLI_ANSWER_YES,
    DFUKIT_CLI_ANSWER_NO,         /**< another word, or none */
    DFUKIT_CLI_ANSWER_NO_TERMINAL /**< nobody can be asked */
} dfukit_cli_answer;

/** Tell on standard error what is about to happen (`what`, in lower case), and read the word that
 *  confirms it from the terminal. */
dfukit_cli_answer dfukit_cli_confirm(const dfukit_cli_ui *ui, const char *what, const char *word);

#endif
