/* SPDX-License-Identifier: MIT */
/* What dfu-suffix and dfu-prefix have in common: what is wished of which file. */
#include "dropin_file.h"

#include "exit.h"
#include "report.h"

static const char *want(void *self, dfukit_dropin_wish wish, const char *file)
{
    dfukit_dropin_file *f = self;
    f->wish = wish;
    if (file != NULL)
        f->file = file;
    return file == NULL || *file != '\0' ? NULL : "wants a file";
}

const char *dfukit_dropin_set_help(void *self, const char *value)
{
    return want(self, DFUKIT_DROPIN_HELP, value);
}

const char *dfukit_dropin_set_version(void *self, const char *value)
{
    return want(self, DFUKIT_DROPIN_VERSION, value);
}

const char *dfukit_dropin_set_check(void *self, const char *value)
{
    return want(self, DFUKIT_DROPIN_CHECK, value);
}

const char *dfukit_dropin_set_add(void *self, const char *value)
{
    return want(self, DFUKIT_DROPIN_ADD, value);
}

const char *dfukit_dropin_set_delete(void *self, const char *value)
{
    return want(self, DFUKIT_DROPIN_DELETE, value);
}

bool dfukit_dropin_file_parse(const dfukit_cli_ui *ui, const dfukit_dropin_option *options,
                              void *line, int argc, char *const *argv, int *code)
{
    const dfukit_dropin_file *f = line;
    char complaint[DFUKIT_DROPIN_COMPLAINT];
    *code = DFUKIT_EXIT_OK;
    if (!dfukit_dropin_parse(options, line, argc, argv, complaint))
        *code =
            dfukit_cli_fail(ui, DFUKIT_ERR_USAGE, "%s; see `%s --help`", complaint, ui->program);
    else if (f->wish == DFUKIT_DROPIN_HELP)
        dfukit_dropin_help(ui, options);
    else if (f->wish == DFUKIT_DROPIN_VERSION)
        dfukit_dropin_version(ui);
    else if (f->wish == DFUKIT_DROPIN_NOTHING)
        *code = dfukit_cli_fail(ui, DFUKIT_ERR_USAGE,
                                "which file? -c, -a or -D FILE; see `%s --help`", ui->program);
    else
        return true;
    return false;
}
