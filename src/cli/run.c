/* SPDX-License-Identifier: MIT */
/* The command from its arguments to its exit code. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dfukit/version.h"
#include "dropin.h"
#include "exit.h"
#include "interrupt.h"
#include "report.h"
#include "verbs.h"

/* Does --json stand anywhere? A line that is wrong before it is still one of a script's. */
static bool wants_json(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--json") == 0)
            return true;
    }
    return false;
}

/* What was to be printed must have been printed: a full disk is no success. */
static int close_output(const dfukit_cli_ui *ui, int code)
{
    if (fflush(ui->out) == 0 && ferror(ui->out) == 0)
        return code;
    if (errno != EPIPE) /* a reader that has seen enough needs no message */
        dfukit_cli_say(ui, "dfu: standard output: %s", strerror(errno));
    return code == DFUKIT_EXIT_OK ? DFUKIT_EXIT_COMPUTER : code;
}

/* Without --on, DFUKIT_ON says where devices are. */
static bool settle_place(dfukit_cli_args *args)
{
    char why[DFUKIT_CLI_COMPLAINT_SIZE];
    const char *where = getenv("DFUKIT_ON");
    if (args->place.text != NULL || where == NULL || *where == '\0' ||
        dfukit_cli_place_parse(where, &args->place, why))
        return true;
    snprintf(args->complaint, sizeof args->complaint, "DFUKIT_ON: %.900s", why);
    return false;
}

int dfukit_cli_main(int argc, char **argv)
{
    dfukit_cli_args args;
    int dropin;
    if (dfukit_dropin_main(argc, argv, &dropin))
        return dropin;
    bool fine = dfukit_cli_parse(&args, argc, argv) && settle_place(&args);
    dfukit_cli_ui ui = {.json = args.json || (!fine && wants_json(argc, argv)),
                        .quiet = args.quiet,
                        .verbose = args.verbose};
    dfukit_cli_ui_init(&ui, args.color);
    ui.verb = args.verb != NULL ? args.verb->name : NULL;
    int afterwards = DFUKIT_EXIT_OK;
    ui.trace = args.trace;
    ui.trace_replaces = args.force;
    ui.afterwards = &afterwards;
    if (!fine)
        return close_output(&ui, dfukit_cli_fail(&ui, DFUKIT_ERR_USAGE, "%s", args.complaint));
    int code = DFUKIT_EXIT_OK;
    if (args.help) {
        dfukit_cli_help(&ui, args.verb, args.verb_family);
    } else if (args.version) {
        fputs("dfu " DFUKIT_VERSION "\n", ui.out);
    } else {
        dfukit_cli_interrupt_catch();
        code = args.verb->run(&args, &ui);
        if (code == DFUKIT_EXIT_OK)
            code = afterwards;
    }
    return close_output(&ui, code);
}
