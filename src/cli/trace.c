/* SPDX-License-Identifier: MIT */
/* --trace FILE: the conversation with a device, written down as it takes place. */
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dfukit/version.h"
#include "exit.h"
#include "report.h"

/* Every line at once: it is there whatever becomes of this program. */
static void on_line(void *self, const char *text, size_t n)
{
    dfukit_cli_trace *t = self;
    if (t->error != 0)
        return;
    errno = 0;
    if (fwrite(text, 1, n, t->to) == n && fflush(t->to) == 0)
        return;
    t->error = errno != 0 ? errno : EIO;
    dfukit_cli_afterwards(t->ui, DFUKIT_ERR_OUTPUT, DFUKIT_EXIT_COMPUTER); /* JSON results tell */
}

/* A file that is there is replaced only when asked for; pipes and terminals are written to. */
static FILE *create(const char *name, bool replace)
{
    struct stat known;
    bool special = stat(name, &known) == 0 && !S_ISREG(known.st_mode);
    int flags = O_WRONLY | O_CREAT | (special ? 0 : replace ? O_TRUNC : O_EXCL);
    int fd = open(name, flags, 0666);
    FILE *to = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (fd >= 0 && to == NULL)
        close(fd);
    return to;
}

int dfukit_cli_trace_begin(const dfukit_cli_ui *ui, dfukit_cli_trace *t, const char *where,
                           dfukit_carrier *carrier)
{
    memset(t, 0, sizeof *t);
    t->ui = ui;
    if (ui->trace == NULL)
        return DFUKIT_EXIT_OK;
    t->to = create(ui->trace, ui->trace_replaces);
    if (t->to == NULL && errno == EEXIST)
        return dfukit_cli_fail(ui, DFUKIT_ERR_OUTPUT, "%s exists; --force replaces it", ui->trace);
    if (t->to == NULL)
        return dfukit_cli_fail(ui, DFUKIT_ERR_OUTPUT, "%s: %s", ui->trace, strerror(errno));
    dfukit_trace_options options = {.program = "dfu " DFUKIT_VERSION,
                                    .carrier = where != NULL ? where : "usb",
                                    .line = on_line,
                                    .self = t};
    if (dfukit_trace_wrap(carrier, &options) != DFUKIT_OK) {
        fclose(t->to);
        t->to = NULL;
        return dfukit_cli_fail(ui, DFUKIT_ERR_NOMEM, "out of memory");
    }
    t->name = ui->trace;
    return DFUKIT_EXIT_OK;
}

void dfukit_cli_trace_end(const dfukit_cli_ui *ui, dfukit_cli_trace *t)
{
    if (t->to == NULL)
        return;
    if (fclose(t->to) != 0 && t->error == 0)
        t->error = errno;
    t->to = NULL;
    if (t->error == 0)
        return;
    dfukit_cli_say(ui, "dfu: %s: the trace is not whole: %s", t->name, strerror(t->error));
    dfukit_cli_afterwards(ui, DFUKIT_ERR_OUTPUT, DFUKIT_EXIT_COMPUTER);
}
