/* SPDX-License-Identifier: MIT */
/* Where the command talks to people: streams, colour, terminal width, harmless text. */
#include "ui.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "dfukit/protocol.h"

/* Long enough for a message with two file names; what is longer is cut. */
#define TEXT_ROOM 9000u

// clang-format off
static const char *const styles[DFUKIT_CLI_STYLE_COUNT] = {
    [DFUKIT_CLI_PLAIN] = "",
    [DFUKIT_CLI_BOLD]  = "\033[1m",
    [DFUKIT_CLI_DIM]   = "\033[2m",
    [DFUKIT_CLI_GOOD]  = "\033[32m",
    [DFUKIT_CLI_BAD]   = "\033[1;31m",
    [DFUKIT_CLI_WARN]  = "\033[33m",
};
// clang-format on

static bool can_color(FILE *stream, dfukit_cli_color color)
{
    if (color != DFUKIT_CLI_COLOR_AUTO)
        return color == DFUKIT_CLI_COLOR_ALWAYS;
    const char *no = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    return isatty(fileno(stream)) && (no == NULL || *no == '\0') &&
           (term == NULL || strcmp(term, "dumb") != 0);
}

void dfukit_cli_ui_init(dfukit_cli_ui *ui, dfukit_cli_color color)
{
    const char *term = getenv("TERM");
    ui->out = stdout;
    ui->err = stderr;
    ui->out_color = can_color(stdout, color);
    ui->err_color = can_color(stderr, color);
    ui->err_terminal = isatty(fileno(stderr)) != 0 && (term == NULL || strcmp(term, "dumb") != 0);
}

/* The printing boundary: whatever came from a device, a file or the command line passes here. */
static void put(const dfukit_cli_ui *ui, FILE *to, dfukit_cli_style style, const char *format,
                va_list arguments)
{
    char text[TEXT_ROOM];
    if (vsnprintf(text, sizeof text, format, arguments) < 0)
        return;
    dfukit_text_sanitise(text);
    bool color = style != DFUKIT_CLI_PLAIN && (to == ui->out ? ui->out_color : ui->err_color);
    if (color)
        fputs(styles[style], to);
    fputs(text, to);
    if (color)
        fputs("\033[0m", to);
}

void dfukit_cli_put(const dfukit_cli_ui *ui, FILE *to, dfukit_cli_style style, const char *format,
                    ...)
{
    va_list arguments;
    va_start(arguments, format);
    put(ui, to, style, format, arguments);
    va_end(arguments);
}

void dfukit_cli_print(const dfukit_cli_ui *ui, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put(ui, ui->out, DFUKIT_CLI_PLAIN, format, arguments);
    va_end(arguments);
    putc('\n', ui->out);
}

void dfukit_cli_say(const dfukit_cli_ui *ui, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put(ui, ui->err, DFUKIT_CLI_PLAIN, format, arguments);
    va_end(arguments);
    putc('\n', ui->err);
}

size_t dfukit_cli_text_width(const char *text)
{
    size_t n = 0;
    for (; *text != '\0'; text++)
        n += ((unsigned char)*text & 0xC0u) != 0x80u;
    return n;
}

void dfukit_cli_cell(const dfukit_cli_ui *ui, FILE *to, dfukit_cli_style style, size_t width,
                     const char *text)
{
    dfukit_cli_put(ui, to, style, "%s", text);
    size_t n = dfukit_cli_text_width(text);
    fprintf(to, "%*s", (int)(2 + (n < width ? width - n : 0)), "");
}

size_t dfukit_cli_terminal_width(const dfukit_cli_ui *ui)
{
    struct winsize size;
    if (ioctl(fileno(ui->err), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 80;
    return size.ws_col;
}

const char *dfukit_cli_group(uint64_t n, char buffer[DFUKIT_CLI_GROUP_SIZE])
{
    char reversed[DFUKIT_CLI_GROUP_SIZE];
    size_t length = 0, digits = 0;
    do {
        if (digits != 0 && digits % 3 == 0)
            reversed[length++] = ',';
        reversed[length++] = (char)('0' + n % 10);
        digits++;
        n /= 10;
    } while (n != 0);
    for (size_t i = 0; i < length; i++)
        buffer[i] = reversed[length - 1 - i];
    buffer[length] = '\0';
    return buffer;
}

const char *dfukit_cli_bytes(uint64_t n, char buffer[DFUKIT_CLI_GROUP_SIZE])
{
    dfukit_cli_group(n, buffer);
    size_t used = strlen(buffer);
    snprintf(buffer + used, DFUKIT_CLI_GROUP_SIZE - used, n == 1 ? " byte" : " bytes");
    return buffer;
}

uint64_t dfukit_cli_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

void dfukit_cli_sleep_ms(uint32_t ms)
{
    struct timespec delay = {.tv_sec = ms / 1000u, .tv_nsec = (long)(ms % 1000u) * 1000000L};
    nanosleep(&delay, NULL); /* a signal may end it early: the caller looks at what came */
}
