/* SPDX-License-Identifier: MIT */
/* Where the command talks to people: streams, colour, terminal width, and the one place where text
 * is made harmless before it reaches a terminal. */
#ifndef DFUKIT_CLI_UI_H
#define DFUKIT_CLI_UI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define DFUKIT_CLI_PRINTF(text, first) __attribute__((format(printf, text, first)))

typedef enum dfukit_cli_color {
    DFUKIT_CLI_COLOR_AUTO,
    DFUKIT_CLI_COLOR_ALWAYS,
    DFUKIT_CLI_COLOR_NEVER
} dfukit_cli_color;

typedef enum dfukit_cli_style {
    DFUKIT_CLI_PLAIN,
    DFUKIT_CLI_BOLD,
    DFUKIT_CLI_DIM,
    DFUKIT_CLI_GOOD,
    DFUKIT_CLI_BAD,
    DFUKIT_CLI_WARN,
    DFUKIT_CLI_STYLE_COUNT
} dfukit_cli_style;

typedef struct dfukit_cli_ui {
    FILE *out; /**< results */
    FILE *err; /**< progress and messages */
    bool json, quiet, verbose;
    bool out_color, err_color;
    bool err_terminal;
    const char *verb;    /**< for JSON results; NULL before it is known */
    const char *program; /**< whose messages these are; NULL: "dfu" */
    /** What this program exits with, from the error and from `dfu`'s exit code; NULL: the latter.
     */
    int (*exit_code)(int error, int code);
    const char *trace;   /**< record conversations with devices here; NULL: not */
    bool trace_replaces; /**< even if there is such a file */
    int *afterwards; /**< out, may be NULL: the exit code of what shows only when a device is let go
                          of, for a verb that has succeeded otherwise */
} dfukit_cli_ui;

/** Standard output and error; `color` settles colour together with NO_COLOR and TERM. */
void dfukit_cli_ui_init(dfukit_cli_ui *ui, dfukit_cli_color color);

/** Print, sanitised and in a style, without ending the line. `to` is ui->out or ui->err. */
void dfukit_cli_put(const dfukit_cli_ui *ui, FILE *to, dfukit_cli_style style, const char *format,
                    ...) DFUKIT_CLI_PRINTF(4, 5);
/** Print a whole line on ui->out. */
void dfukit_cli_print(const dfukit_cli_ui *ui, const char *format, ...) DFUKIT_CLI_PRINTF(2, 3);
/** Print a whole line on ui->err. */
void dfukit_cli_say(const dfukit_cli_ui *ui, const char *format, ...) DFUKIT_CLI_PRINTF(2, 3);
/** Text in a column of `width` characters, followed by two spaces. */
void dfukit_cli_cell(const dfukit_cli_ui *ui, FILE *to, dfukit_cli_style style, size_t width,
                     const char *text);
/** Characters of a UTF-8 text. */
size_t dfukit_cli_text_width(const char *text);
/** Columns of the terminal on standard error, 80 when unknown. */
size_t dfukit_cli_terminal_width(const dfukit_cli_ui *ui);

#define DFUKIT_CLI_GROUP_SIZE 40u
/** A number with a comma before every third digit. @return `buffer`. */
const char *dfukit_cli_group(uint64_t n, char buffer[DFUKIT_CLI_GROUP_SIZE]);
/** The same with its unit: "1 byte", "6,660 bytes". @return `buffer`. */
const char *dfukit_cli_bytes(uint64_t n, char buffer[DFUKIT_CLI_GROUP_SIZE]);
/** Real time, for rates and drawing. */
uint64_t dfukit_cli_now_ms(void);
void dfukit_cli_sleep_ms(uint32_t ms);

#endif
