/* SPDX-License-Identifier: MIT */
/*
 * A device's flash in a file: its cells as they are, so that the file is the firmware's image, and
 * a trailer of 20 bytes, numbers little-endian:
 *
 *     8  "dfukitV1"
 *     4  length of the firmware, 0: as shipped
 *     4  1 when the firmware is complete, 0 when a download was interrupted
 *     4  CRC-32 of everything before
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flash.h"
#include "model.h"

#define TRAILER_SIZE 20u
static const char magic[8] = {'d', 'f', 'u', 'k', 'i', 't', 'V', '1'};

static void put32(uint8_t *to, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

static uint32_t get32(const uint8_t *from)
{
    return (uint32_t)from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 |
           (uint32_t)from[3] << 24;
}

static void build_trailer(const dfukit_virtual *v, const uint8_t *cells, uint32_t size,
                          uint8_t trailer[TRAILER_SIZE])
{
    uint32_t crc;

    memcpy(trailer, magic, sizeof magic);
    put32(trailer + 8, v->length);
    put32(trailer + 12, v->valid ? 1 : 0);
    crc = dfukit_crc32(DFUKIT_CRC_INIT, cells, size);
    put32(trailer + 16, ~dfukit_crc32(crc, trailer, 16));
}

/* ---- Saving ---- */

static bool write_all(int fd, const uint8_t *bytes, size_t n)
{
    while (n > 0) {
        ssize_t done = write(fd, bytes, n);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        bytes += done;
        n -= (size_t)done;
    }
    return true;
}

/* A rename lasts when the folder it was done in has been written, too. */
static void sync_folder(const char *file)
{
    const char *slash = strrchr(file, '/');
    size_t n = slash == NULL ? 0 : (size_t)(slash - file) + 1u;
    char *folder = n == 0 ? strdup(".") : strndup(file, n);
    int fd = folder == NULL ? -1 : open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    free(folder);
}

/* The permissions of the file that is replaced; a new one's are the usual ones. */
static mode_t permissions(const char *file)
{
    struct stat s;

    if (stat(file, &s) == 0)
        return s.st_mode & 0777u;
    mode_t mask = umask(0); /* there is no way to ask without setting it */
    umask(mask);
    return 0666u & ~mask;
}

int dfukit_virtual_save(const dfukit_virtual *v, const char *file)
{
    uint32_t size;
    const uint8_t *cells = dfukit_vflash_cells(v->flash, &size);
    uint8_t trailer[TRAILER_SIZE];
    size_t n = strlen(file);
    char *aside = malloc(n + sizeof ".XXXXXX");
    bool ok;
    int fd;

    if (aside == NULL)
        return DFUKIT_ERR_NOMEM;
    memcpy(aside, file, n);
    memcpy(aside + n, ".XXXXXX", sizeof ".XXXXXX");
    fd = mkstemp(aside);
    if (fd < 0) {
        free(aside);
        return DFUKIT_ERR_OUTPUT;
    }
    build_trailer(v, cells, size, trailer);
    ok = fchmod(fd, permissions(file)) == 0 && write_all(fd, cells, size) &&
         write_all(fd, trailer, sizeof trailer) && fsync(fd) == 0;
    ok = close(fd) == 0 && ok;
    ok = ok && rename(aside, file) == 0;
    if (ok)
        sync_folder(file);
    else
        unlink(aside);
    free(aside);
    return ok ? DFUKIT_OK : DFUKIT_ERR_OUTPUT;
}

/* ---- Loading ---- */

/* Read the file whole. It has `n` bytes, or is not one of ours. */
static int read_all(const char *file, uint8_t *bytes, size_t n)
{
    FILE *f = fopen(file, "rb");
    size_t got;
    bool more;
    bool failed;

    if (f == NULL)
        return errno == ENOENT ? DFUKIT_ERR_NO_DEVICE : DFUKIT_ERR_IO;
    got = fread(bytes, 1, n, f);
    more = fgetc(f) != EOF;
    failed = ferror(f) != 0;
    fclose(f);
    if (failed)
        return DFUKIT_ERR_IO;
    return got == n && !more ? DFUKIT_OK : DFUKIT_ERR_DAMAGED;
}

static bool trailer_is_sound(const uint8_t *bytes, uint32_t size)
{
    const uint8_t *trailer = bytes + size;

    return memcmp(trailer, magic, sizeof magic) == 0 && get32(trailer + 8) <= size &&
           get32(trailer + 12) <= 1 &&
           get32(trailer + 16) == (uint32_t)~dfukit_crc32(DFUKIT_CRC_INIT, bytes, size + 16u);
}

int dfukit_virtual_load(dfukit_virtual *v, const char *file)
{
    uint32_t size;
    uint8_t *bytes;
    bool powered = v->powered;
    int result;

    dfukit_vflash_cells(v->flash, &size);
    bytes = malloc(size + TRAILER_SIZE);
    if (bytes == NULL)
        return DFUKIT_ERR_NOMEM;
    result = read_all(file, bytes, size + TRAILER_SIZE);
    if (result == DFUKIT_OK && !trailer_is_sound(bytes, size))
        result = DFUKIT_ERR_DAMAGED;
    if (result == DFUKIT_OK) {
        dfukit_virtual_power(v, false);
        dfukit_vflash_restore(v->flash, bytes);
        v->length = get32(bytes + size + 8);
        v->valid = get32(bytes + size + 12) == 1;
        if (powered)
            dfukit_virtual_power(v, true);
    }
    free(bytes);
    return result;
}
