/* SPDX-License-Identifier: MIT */
/* An output file that appears whole or not at all: written aside, flushed to the disk, renamed. */
#include "output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exit.h"
#include "file.h"
#include "hexout.h"
#include "report.h"

/* Formats that are known by their names, but not written. */
static const char *const not_written[] = {".srec", ".s19", ".s28", ".s37", ".mot", ".elf", ".uf2"};

static int choose_format(const dfukit_cli_ui *ui, dfukit_cli_output *o)
{
    for (size_t i = 0; i < sizeof not_written / sizeof *not_written; i++) {
        if (dfukit_cli_has_extension(o->name, not_written[i]))
            return dfukit_cli_fail(ui, DFUKIT_ERR_USAGE,
                                   "%s: %s files cannot be written; use .bin, .hex or .dfu",
                                   o->name, not_written[i]);
    }
    if (dfukit_cli_has_extension(o->name, ".dfu"))
        o->format = DFUKIT_CLI_OUTPUT_DFU;
    else if (dfukit_cli_has_extension(o->name, ".hex") ||
             dfukit_cli_has_extension(o->name, ".ihex") ||
             dfukit_cli_has_extension(o->name, ".ihx"))
        o->format = DFUKIT_CLI_OUTPUT_HEX;
    else
        o->format = DFUKIT_CLI_OUTPUT_RAW;
    return DFUKIT_EXIT_OK;
}

/* Open the file beside the final one. */
static int open_aside(const dfukit_cli_ui *ui, dfukit_cli_output *o)
{
    int n = snprintf(o->temporary, sizeof o->temporary, "%s.XXXXXX", o->name);
    int fd = -1;
    if (n < 0 || (size_t)n >= sizeof o->temporary)
        errno = ENAMETOOLONG;
    else
        fd = mkstemp(o->temporary);
    if (fd < 0)
        return dfukit_cli_fail(ui, DFUKIT_ERR_OUTPUT, "%s: %s", o->name, strerror(errno));
    o->aside = true;
    mode_t mask = umask(0);
    umask(mask);
    (void)!fchmod(fd, 0666 & ~mask); /* mkstemp() is stricter than a usual new file */
    o->to = fdopen(fd, "wb");
    if (o->to == NULL) {
        close(fd);
        dfukit_cli_output_drop(o);
        return dfukit_cli_fail(ui, DFUKIT_ERR_NOMEM, "%s: out of memory", o->name);
    }
    return DFUKIT_EXIT_OK;
}

int dfukit_cli_output_begin(const dfukit_cli_ui *ui, dfukit_cli_output *o, const char *name,
                            bool replace)
{
    struct stat known;
    memset(o, 0, sizeof *o);
    o->name = name;
    o->replace = replace;
    o->crc = DFUKIT_CRC_INIT;
    if (strcmp(name, "-") == 0) {
        o->to = ui->out;
        return DFUKIT_EXIT_OK;
    }
    int code = choose_format(ui, o);
    if (code != DFUKIT_EXIT_OK)
        return code;
    if (stat(name, &known) == 0 && S_ISDIR(known.st_mode))
        return dfukit_cli_fail(ui, DFUKIT_ERR_OUTPUT, "%s is a folder", name);
    if (stat(name, &known) == 0 && !S_ISREG(known.st_mode)) { /* a pipe or a device: no renaming */
        o->to = fopen(name, "wb");
        return o->to != NULL
                   ? DFUKIT_EXIT_OK
                   : dfukit_cli_fail(ui, DFUKIT_ERR_OUTPUT, "%s: %s", name, strerror(errno));
    }
    if (!replace && lstat(name, &known) == 0)
        return dfukit_cli_fail(ui, DFUKIT_ERR_OUTPUT, "%s exists; --force replaces it", name);
    return open_aside(ui, o);
}

int dfukit_cli_output_add(dfukit_cli_output *o, const uint8_t *bytes, size_t n)
{
    bool fine;
    o->crc = dfukit_crc32(o->crc, bytes, n);
    if (o->format == DFUKIT_CLI_OUTPUT_HEX)
        fine = dfukit_cli_hex_add(o, bytes, n);
    else
        fine = fwrite(bytes, 1, n, o->to) == n;
    o->size += n;
    return fine ? DFUKIT_OK : DFUKIT_ERR_OUTPUT;
}

static bool add_suffix(dfukit_cli_output *o, const dfukit_device_descriptor *d)
{
    uint8_t bytes[DFUKIT_SUFFIX_SIZE];
    dfukit_suffix suffix = {.bcdDevice = DFUKIT_ANY_ID,
                            .idProduct = d->idProduct,
                            .idVendor = d->idVendor,
                            .bcdDFU = DFUKIT_VERSION_10};
    dfukit_suffix_encode(&suffix, o->crc, bytes);
    return fwrite(bytes, 1, sizeof bytes, o->to) == sizeof bytes;
}

static bool finish(dfukit_cli_output *o, const dfukit_device_descriptor *d)
{
    if (o->format == DFUKIT_CLI_OUTPUT_DFU && !add_suffix(o, d))
        return false;
    if (o->format == DFUKIT_CLI_OUTPUT_HEX && !dfukit_cli_hex_end(o))
        return false;
    if (fflush(o->to) != 0)
        return false;
    return !o->aside || fsync(fileno(o->to)) == 0;
}

/* Without --force a file that has appeared meanwhile is not replaced either: link() does not. */
static bool give_name(dfukit_cli_output *o)
{
    if (o->replace)
        return rename(o->temporary, o->name) == 0;
    if (link(o->temporary, o->name) == 0)
        return unlink(o->temporary) == 0;
    if (errno == EEXIST)
        return false;
    return rename(o->temporary, o->name) == 0; /* file systems without hard links */
}

int dfukit_cli_output_end(const dfukit_cli_ui *ui, dfukit_cli_output *o,
                          const dfukit_device_descriptor *d)
{
    errno = 0;
    bool fine = finish(o, d);
    int why = errno;
    if (o->to != ui->out) {
        if (fclose(o->to) != 0 && fine) {
            fine = false;
            why = errno;
        }
    }
    o->to = NULL;
    if (fine && o->aside) {
        fine = give_name(o);
        why = errno;
        if (fine)
            o->aside = false;
    }
    if (fine)
        return DFUKIT_EXIT_OK;
    dfukit_cli_output_drop(o);
    return dfukit_cli_fail(ui, DFUKIT_ERR_OUTPUT, "%s: %s", o->name,
                           why != 0 ? strerror(why) : dfukit_error_text(DFUKIT_ERR_OUTPUT));
}

void dfukit_cli_output_drop(dfukit_cli_output *o)
{
    if (o->to != NULL && strcmp(o->name, "-") != 0)
        fclose(o->to);
    o->to = NULL;
    if (o->aside)
        unlink(o->temporary);
    o->aside = false;
}
