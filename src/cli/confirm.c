/* SPDX-License-Identifier: MIT */
/* What cannot be undone is done only by somebody who has typed a word for it. */
#include "confirm.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "interrupt.h"

#define LOOK_MS 100

/* Both ends must be a terminal: a word that a pipe brings was typed for something else, and a
 * question that nobody sees is none. */
static bool can_ask(void)
{
    return isatty(STDIN_FILENO) != 0 && isatty(STDERR_FILENO) != 0;
}

/* A signal that comes just before read() would not end it: so it is looked for, too. */
static bool wait_for_line(void)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    while (!dfukit_cli_interrupted()) {
        if (poll(&in, 1, LOOK_MS) > 0)
            return true;
    }
    return false;
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
    ssize_t n = wait_for_line() ? read(STDIN_FILENO, line, sizeof line - 1) : 0;
    if (n <= 0) {
        putc('\n', ui->err);
        return DFUKIT_CLI_ANSWER_NO;
    }
    line[n] = '\0';
    line[strcspn(line, "\r\n")] = '\0';
    return strcmp(line, word) == 0 ? DFUKIT_CLI_ANSWER_YES : DFUKIT_CLI_ANSWER_NO;
}
