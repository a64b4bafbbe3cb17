/* SPDX-License-Identifier: MIT */
/* Which drop-in was called, and what all of them have in common. */
#include "dropin.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dfukit/error.h"
#include "dfukit/version.h"
#include "exit.h"
#include "interrupt.h"

// clang-format off
static const struct {
    const char *name;
    const char *shown; /* in the first line of --version */
    int (*run)(int argc, char **argv, dfukit_cli_ui *ui);
} tools[] = {
    {"dfu-util",   "dfu-util",              dfukit_dropin_util},
    {"dfu-suffix", "dfu-suffix (dfu-util)", dfukit_dropin_suffix},
    {"dfu-prefix", "dfu-prefix (dfu-util)", dfukit_dropin_prefix},
};

/* From the exit code of `dfu` to that of the drop-ins; two of them depend on the error, below. */
static const struct {
    int code, dropin;
} codes[] = {
    {DFUKIT_EXIT_OK,          DFUKIT_DROPIN_OK},
    {DFUKIT_EXIT_DEVICE,      DFUKIT_DROPIN_PROTOCOL},
    {DFUKIT_EXIT_USAGE,       DFUKIT_DROPIN_USAGE},
    {DFUKIT_EXIT_NO_DEVICE,   DFUKIT_DROPIN_IO},
    {DFUKIT_EXIT_AMBIGUOUS,   DFUKIT_DROPIN_IO},
    {DFUKIT_EXIT_FILE,        DFUKIT_DROPIN_DATA},
    {DFUKIT_EXIT_DIFFERS,     DFUKIT_DROPIN_IO},
    {DFUKIT_EXIT_ACCESS,      DFUKIT_DROPIN_IO},
    {DFUKIT_EXIT_LOST,        DFUKIT_DROPIN_IO},
    {DFUKIT_EXIT_REFUSED,     DFUKIT_DROPIN_PROTOCOL},
    {DFUKIT_EXIT_COMPUTER,    DFUKIT_DROPIN_IO},
};
// clang-format on

static int exit_code(int error, int code)
{
    if (code == DFUKIT_EXIT_FILE && error == DFUKIT_ERR_IO)
        return DFUKIT_DROPIN_NO_INPUT;
    if (error == DFUKIT_ERR_NOMEM)
        return DFUKIT_DROPIN_SOFTWARE;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (codes[i].code == code)
            return codes[i].dropin;
    }
    return code; /* one of the drop-ins' own already, or 130 */
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

void dfukit_dropin_version(const dfukit_cli_ui *ui)
{
    const char *shown = ui->program;
    for (size_t i = 0; i < sizeof tools / sizeof *tools; i++) {
        if (strcmp(tools[i].name, ui->program) == 0)
            shown = tools[i].shown;
    }
    dfukit_cli_print(ui, "%s " DFUKIT_DROPIN_LIKE " (dfukit " DFUKIT_VERSION ")", shown);
    dfukit_cli_print(ui, "This is dfukit's %s: it takes the options of %s " DFUKIT_DROPIN_LIKE ".",
                     ui->program, ui->program);
}

/* What was to be printed must have been printed. */
static int close_output(const dfukit_cli_ui *ui, int code)
{
    if (fflush(ui->out) == 0 && ferror(ui->out) == 0)
        return code;
    if (errno != EPIPE)
        dfukit_cli_say(ui, "%s: standard output: %s", ui->program, strerror(errno));
    return code == DFUKIT_DROPIN_OK ? DFUKIT_DROPIN_IO : code;
}

bool dfukit_dropin_main(int argc, char **argv, int *code)
{
    if (argc < 1 || argv[0] == NULL)
        return false;
    for (size_t i = 0; i < sizeof tools / sizeof *tools; i++) {
        if (strcmp(tools[i].name, base_name(argv[0])) != 0)
            continue;
        int afterwards = DFUKIT_EXIT_OK;
        const char *trace = getenv("DFUKIT_TRACE");
        dfukit_cli_ui ui = {.program = tools[i].name,
                            .exit_code = exit_code,
                            .trace = trace != NULL && *trace != '\0' ? trace : NULL,
                            .trace_replaces = true,
                            .afterwards = &afterwards};
        dfukit_cli_ui_init(&ui, DFUKIT_CLI_COLOR_AUTO);
        dfukit_cli_interrupt_catch();
        *code = tools[i].run(argc, argv, &ui);
        *code = close_output(&ui, *code != DFUKIT_DROPIN_OK ? *code : afterwards);
        return true;
    }
    return false;
}
