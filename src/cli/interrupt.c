/* SPDX-License-Identifier: MIT */
/* Ctrl-C, SIGTERM and SIGHUP: the first asks for an orderly end, the second ends at once. */
#include "interrupt.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "exit.h"

static volatile sig_atomic_t came;
static const char *volatile unfinished; /* a file that must not stay when the end is at once */

static void on_signal(int number)
{
    (void)number;
    if (came != 0) {
        const char *name = unfinished;
        if (name != NULL)
            unlink(name);
        _exit(DFUKIT_EXIT_INTERRUPTED);
    }
    came = 1;
}

void dfukit_cli_interrupt_unfinished(const char *name)
{
    unfinished = name;
}

void dfukit_cli_interrupt_catch(void)
{
    struct sigaction action, before;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal; /* without SA_RESTART: a wait ends early */
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    if (sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaction(SIGHUP, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
}

bool dfukit_cli_interrupted(void)
{
    return came != 0;
}
