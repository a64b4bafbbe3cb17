/* SPDX-License-Identifier: MIT */
/* An output file that appears whole or not at all: written aside, flushed to the disk, renamed. */
#define _XOPEN_SOURCE 700 /* realpath() */
#include "output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exit.h"
#include "file.h"
#include "interrupt.h"
#include "report.h"

// clang-format off
static const struct {
    const char *extension;
    dfukit_cli_output_format format;
} formats[] = {
    {".bin",  DFUKIT_CLI_OUTPUT_RAW},
    {".raw",  DFUKIT_CLI_OUTPUT_RAW},
    {".img",  DFUKIT_CLI_OUTPUT_RAW},
    {".dfu",  DFUKIT_CLI_OUTPUT_DFU},
    {".hex",  DFUKIT_CLI_OUTPUT_HEX},
    {".ihex", DFUKIT_CLI_OUTPUT_HEX},
    {".ihx",  DFUKIT_CLI_OUTPUT_HEX},
    {".srec", DFUKIT_CLI_OUTPUT_SREC},
    {".mhx",  DFUKIT_CLI_OUTPUT_SREC},
    {".s19",  DFUKIT_CLI_OUTPUT_SREC},
    {".s28",  DFUKIT_CLI_OUTPUT_SREC},
    {".s37",  DFUKIT_CLI_OUTPUT_SREC},
    {".mot",  DFUKIT_CLI_OUTPUT_SREC},
    {".uf2",  DFUKIT_CLI_OUTPUT_UF2},
    {".elf",  DFUKIT_CLI_OUTPUT_ELF},
};
// clang-format on

dfukit_cli_output_format dfukit_cli_output_format_of(const char *name)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (dfukit_cli_has_extension(name, formats[i].extension))
            return formats[i].format;
    }
    return DFUKIT_CLI_OUTPUT_UNKNOWN;
}

static void choose_format(dfukit_cli_output *o)
{
    o->format = dfukit_cli_output_format_of(o->name);
    if (o->format == DFUKIT_CLI_OUTPUT_UNKNOWN)
        o->format = DFUKIT_CLI_OUTPUT_RAW;
}

/* The permissions of the file that is replaced; those of a new one are the usual ones, which
   mkstemp() does not give. */
static mode_t permissions(const char *name)
{
    struct stat old;
    if (stat(name, &old) == 0)
        return old.st_mode & 0777;
    mode_t mask = umask(0); /* there is no way to ask without setting it */
    umask(mask);
    return 0666 & ~mask;
}

/* Open the file beside the final one. A link stays one: what it leads to is replaced. */
static int open_aside(const dfukit_cli_ui *ui, dfukit_cli_output *o)
{
    int n = snprintf(o->final, sizeof o->final, "%s", o->name);
    int fd = -1;
    if (n >= 0 && (size_t)n < sizeof o->final && realpath(o->name, o->final) == NULL)
        memcpy(o->final, o->name, (size_t)n + 1);
    if (n >= 0 && (size_t)n < sizeof o->final)
        n = snprintf(o->temporary, sizeof o->temporary, "%s.XXXXXX", o->final);
    if (n < 0 || (size_t)n >= sizeof o->temporary)
        errno = ENAMETOOLONG;
    else
        fd = mkstemp(o->temporary);
    if (fd < 0)
        return dfukit_cli_fail(ui, DFUKIT_ERR_OUTPUT, "%s: %s", o->name, strerror(errno));
    o->aside = true;
    dfukit_cli_interrupt_unfinished(o->temporary);
    (void)!fchmod(fd, permissions(o->final));
    o->to = fdopen(fd, "wb");
    if (o->to == NULL) {
        close(fd);
        dfukit_cli_output_drop(o);
        return dfukit_cli_fail(ui, DFUKIT_ERR_NOMEM, "%s: out of memory", o->name);
    }
    return DFUKIT_EXIT_OK;
}

static void set_up(dfukit_cli_output *o, const char *name, bool replace)
{
    memset(o, 0, sizeof *o);
    o->name = name;
    o->replace = replace;
    o->crc = DFUKIT_CRC_INIT;
}

static int open_output(const dfukit_cli_ui *ui, dfukit_cli_output *o)
{
    struct stat known;
    const char *name = o->name;
    if (strcmp(name, "-") == 0) {
        o->to = ui->out;
        return DFUKIT_EXIT_OK;
    }
    if (stat(name, &known) == 0 && S_ISDIR(known.st_mode))
        return dfukit_cli_fail(ui, DFUKIT_ERR_OUTPUT, "%s is a folder", name);
    if (stat(name, &known) == 0 && !S_ISREG(known.st_mode)) { /* a pipe or a device: no renaming */
        o->to = fopen(name, "wb");
        return o->to != NULL
                   ? DFUKIT_EXIT_OK
                   : dfukit_cli_fail(ui, DFUKIT_ERR_OUTPUT, "%s: %s", name, strerror(errno));
    }
    if (!o->replace && lstat(name, &known) == 0)
        return dfukit_cli_fail(ui, DFUKIT_ERR_OUTPUT, "%s exists; --force replaces it", name);
    return open_aside(ui, o);
}

int dfukit_cli_output_begin(const dfukit_cli_ui *ui, dfukit_cli_output *o, const char *name,
                            bool replace)
{
    set_up(o, name, replace);
    if (strcmp(name, "-") != 0)
        choose_format(o);
    return open_output(ui, o);
}

int dfukit_cli_output_begin_raw(const dfukit_cli_ui *ui, dfukit_cli_output *o, const char *name,
                                bool replace)
{
    set_up(o, name, replace);
    o->format = DFUKIT_CLI_OUTPUT_RAW;
    return open_output(ui, o);
}

int dfukit_cli_output_add(dfukit_cli_output *o, const uint8_t *bytes, size_t n)
{
    errno = 0;
    o->crc = dfukit_crc32(o->crc, bytes, n);
    if (fwrite(bytes, 1, n, o->to) == n)
        return DFUKIT_OK;
    if (o->why == 0)
        o->why = errno != 0 ? errno : EIO;
    return DFUKIT_ERR_OUTPUT;
}

int dfukit_cli_output_sink(void *self, const uint8_t *bytes, size_t n)
{
    return dfukit_cli_output_add(self, bytes, n);
}

int dfukit_cli_output_suffix(dfukit_cli_output *o, const dfukit_suffix *suffix)
{
    uint8_t bytes[DFUKIT_SUFFIX_SIZE];
    dfukit_suffix_encode(suffix, o->crc, bytes);
    return dfukit_cli_output_add(o, bytes, sizeof bytes);
}

const char *dfukit_cli_output_title(const dfukit_cli_output *o)
{
    return strcmp(o->name, "-") == 0 ? "standard output" : o->name;
}

static bool flush(dfukit_cli_output *o)
{
    return fflush(o->to) == 0 && (!o->aside || fsync(fileno(o->to)) == 0);
}

/* Without --force a file that has appeared meanwhile is not replaced either: link() does not. */
static bool give_name(dfukit_cli_output *o)
{
    if (o->replace)
        return rename(o->temporary, o->final) == 0;
    if (link(o->temporary, o->final) == 0)
        return unlink(o->temporary) == 0;
    if (errno == EEXIST)
        return false;
    return rename(o->temporary, o->final) == 0; /* file systems without hard links */
}

int dfukit_cli_output_close(const dfukit_cli_ui *ui, dfukit_cli_output *o, int error)
{
    errno = 0;
    bool fine = error == DFUKIT_OK && flush(o);
    int why = error == DFUKIT_OK ? errno : o->why;
    if (o->to != ui->out && fclose(o->to) != 0 && fine) {
        fine = false;
        why = errno;
    }
    o->to = NULL;
    if (fine && o->aside) {
        fine = give_name(o);
        why = errno;
        if (fine) {
            o->aside = false;
            dfukit_cli_interrupt_unfinished(NULL);
        }
    }
    if (fine)
        return DFUKIT_EXIT_OK;
    dfukit_cli_output_drop(o);
    if (error == DFUKIT_OK)
        error = DFUKIT_ERR_OUTPUT;
    return dfukit_cli_fail(ui, error, "%s: %s", dfukit_cli_output_title(o),
                           error == DFUKIT_ERR_OUTPUT && why != 0 ? strerror(why)
                                                                  : dfukit_error_text(error));
}

int dfukit_cli_output_end(const dfukit_cli_ui *ui, dfukit_cli_output *o,
                          const dfukit_device_descriptor *d)
{
    int error = DFUKIT_OK;
    if (d != NULL && o->format == DFUKIT_CLI_OUTPUT_DFU) {
        dfukit_suffix suffix = {.bcdDevice = DFUKIT_ANY_ID,
                                .idProduct = d->idProduct,
                                .idVendor = d->idVendor,
                                .bcdDFU = DFUKIT_VERSION_10};
        error = dfukit_cli_output_suffix(o, &suffix);
    }
    return dfukit_cli_output_close(ui, o, error);
}

void dfukit_cli_output_drop(dfukit_cli_output *o)
{
    if (o->to != NULL && strcmp(o->name, "-") != 0)
        fclose(o->to);
    o->to = NULL;
    if (o->aside) {
        unlink(o->temporary);
        dfukit_cli_interrupt_unfinished(NULL);
    }
    o->aside = false;
}
