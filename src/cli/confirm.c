/* SPDX-License-Identifier: MIT */
/* What cannot be undone is done only by somebody who has typed a word for it. */
#include "confirm.h"

#include <string.h>
#include <unistd.h>

/* Both ends must be a terminal: a word that a pipe brings was typed for something else, and a
 * question that nobody sees is none. */
static bool can_ask(void)
{
    return isatty(STDIN_FILENO) != 0 && isatty(STDERR_FILENO) != 0;
}

dfukit_cli_answer dfukit_cli_confirm(const dfukit_cli_ui *ui, const char *what, const char *word)
{
    char line[80];
    if (!can_ask())
        return DFUKIT_CLI_ANSWER_NO_TERMINAL;
    dfukit_cli_put(ui, ui->err, DFUKIT_CLI_WARN, "warning: %s", what);
    putc('\n', ui->err);
    dfukit_cli_put(ui, ui->err, DFUKIT_CLI_PLAIN,
                   "This cannot be undone. Type %s to go on: ", word);
    fflush(ui->err);
    /* Interrupting it ends the line: read() is not begun again. */
    ssize_t n = read(STDIN_FILENO, line, sizeof line - 1);
    if (n <= 0) {
        putc('\n', ui->err);
        return DFUKIT_CLI_ANSWER_NO;
    }
    line[n] = '\0';
    line[strcspn(line, "\r\n")] = '\0';
    return strcmp(line, word) == 0 ? DFUKIT_CLI_ANSWER_YES : DFUKIT_CLI_ANSWER_NO;
}
