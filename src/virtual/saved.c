/* SPDX-License-Identifier: MIT */
/*
 * A device's flash in a file: its cells as they are, so that the file is the firmware's image (of
 * several memories, one behind the other, as the persona has them), and a trailer of 20 bytes,
 * numbers little-endian:
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

/* All cells, with room for the trailer behind them; NULL: no memory. */
static uint8_t *collect(const dfukit_virtual *v, size_t *size)
{
    const dfukit_memories *m = &v->memories;
    uint8_t *bytes;
    size_t at = 0;

    *size = dfukit_memories_size(m);
    bytes = malloc(*size + TRAILER_SIZE);
    for (size_t i = 0; bytes != NULL && i < m->count; i++) {
        uint32_t n;

        if (m->flash[i] == NULL)
            continue;
        memcpy(bytes + at, dfukit_vflash_cells(m->flash[i], &n), dfukit_region_size(&m->zones[i]));
        at += n;
    }
    return bytes;
}

static void spread(dfukit_virtual *v, const uint8_t *bytes)
{
    const dfukit_memories *m = &v->memories;

    for (size_t i = 0; i < m->count; i++) {
        if (m->flash[i] == NULL)
            continue;
        dfukit_vflash_restore(m->flash[i], bytes);
        bytes += dfukit_region_size(&m->zones[i]);
    }
}

static void build_trailer(const dfukit_virtual *v, uint8_t *bytes, size_t size)
{
    uint8_t *trailer = bytes + size;

    memcpy(trailer, magic, sizeof magic);
    put32(trailer + 8, v->length);
    put32(trailer + 12, v->valid ? 1 : 0);
    put32(trailer + 16, ~dfukit_crc32(DFUKIT_CRC_INIT, bytes, size + 16u));
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

static bool write_aside(const char *file, int fd, const uint8_t *bytes, size_t n)
{
    bool ok = fchmod(fd, permissions(file)) == 0 && write_all(fd, bytes, n) && fsync(fd) == 0;

    return close(fd) == 0 && ok;
}

int dfukit_virtual_save(const dfukit_virtual *v, const char *file)
{
    size_t size;
    uint8_t *bytes = collect(v, &size);
    size_t n = strlen(file);
    char *aside = malloc(n + sizeof ".XXXXXX");
    int result = DFUKIT_ERR_NOMEM;
    int fd;

    if (bytes != NULL && aside != NULL) {
        memcpy(aside, file, n);
        memcpy(aside + n, ".XXXXXX", sizeof ".XXXXXX");
        build_trailer(v, bytes, size);
        result = DFUKIT_ERR_OUTPUT;
        fd = mkstemp(aside);
        if (fd >= 0 && write_aside(file, fd, bytes, size + TRAILER_SIZE) &&
            rename(aside, file) == 0)
            result = DFUKIT_OK;
        else if (fd >= 0)
            unlink(aside);
    }
    if (result == DFUKIT_OK)
        sync_folder(file);
    free(bytes);
    free(aside);
    return result;
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

static bool trailer_is_sound(const uint8_t *bytes, size_t size)
{
    const uint8_t *trailer = bytes + size;

    return memcmp(trailer, magic, sizeof magic) == 0 && get32(trailer + 8) <= size &&
           get32(trailer + 12) <= 1 &&
           get32(trailer + 16) == (uint32_t)~dfukit_crc32(DFUKIT_CRC_INIT, bytes, size + 16u);
}

int dfukit_virtual_load(dfukit_virtual *v, const char *file)
{
    size_t size = dfukit_memories_size(&v->memories);
    uint8_t *bytes = malloc(size + TRAILER_SIZE);
    bool powered = v->powered;
    int result;

    if (bytes == NULL)
        return DFUKIT_ERR_NOMEM;
    result = read_all(file, bytes, size + TRAILER_SIZE);
    if (result == DFUKIT_OK && !trailer_is_sound(bytes, size))
        result = DFUKIT_ERR_DAMAGED;
    if (result == DFUKIT_OK) {
        dfukit_virtual_power(v, false);
        spread(v, bytes);
        v->length = get32(bytes + size + 8);
        v->valid = get32(bytes + size + 12) == 1;
        if (powered)
            dfukit_virtual_power(v, true);
    }
    free(bytes);
    return result;
}
