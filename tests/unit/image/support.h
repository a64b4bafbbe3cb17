/* SPDX-License-Identifier: MIT */
/* What the tests of the image room share: an allocator that counts and fails, files, comparison. */
#ifndef DFUKIT_TEST_IMAGE_SUPPORT_H
#define DFUKIT_TEST_IMAGE_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dfukit/image.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Fails with the row's name in the message. */
#define CHECK(row, condition)                                                                      \
    do {                                                                                           \
        if (!(condition))                                                                          \
            fail_msg("row \"%s\": %s", (row), #condition);                                         \
    } while (0)

typedef struct heap {
    size_t live;    /* blocks not yet freed */
    size_t calls;   /* allocations and enlargements so far */
    size_t fail_at; /* the call that fails, counted from 1; 0: none */
} heap;

static inline void *heap_resize(void *self, void *p, size_t n)
{
    heap *h = self;

    if (n == 0) {
        assert_non_null(p);
        h->live--;
        free(p);
        return NULL;
    }
    if (++h->calls == h->fail_at)
        return NULL;
    h->live += p == NULL;
    return realloc(p, n);
}

static inline dfukit_allocator heap_allocator(heap *h)
{
    return (dfukit_allocator){h, heap_resize};
}

typedef struct file {
    uint8_t *bytes; /* NULL: absent */
    size_t n;
} file;

/* A copy of exactly `n` bytes, so that a sanitizer sees a read beyond them. */
static inline file file_copy(const void *bytes, size_t n)
{
    file f = {malloc(n != 0 ? n : 1), n};

    assert_non_null(f.bytes);
    if (n != 0)
        memcpy(f.bytes, bytes, n);
    return f;
}

/* Read a file of a Debian package; without it the test is skipped, or fails where DFUKIT_CI=1. */
static inline file file_of_package(const char *package, const char *path)
{
    file f = {NULL, 0};
    FILE *in = fopen(path, "rb");

    if (in == NULL) {
        const char *ci = getenv("DFUKIT_CI");
        if (ci != NULL && strcmp(ci, "1") == 0)
            fail_msg("%s is missing: install the package %s", path, package);
        printf("skipped: %s is missing; it is in the package %s\n", path, package);
        skip();
        return f;
    }
    assert_int_equal(fseek(in, 0, SEEK_END), 0);
    long size = ftell(in);
    assert_true(size > 0);
    rewind(in);
    f.n = (size_t)size;
    f.bytes = malloc(f.n);
    assert_non_null(f.bytes);
    assert_int_equal(fread(f.bytes, 1, f.n, in), f.n);
    fclose(in);
    return f;
}

static inline bool same_images(const dfukit_image *a, const dfukit_image *b)
{
    if (a->count != b->count || a->format != b->format || a->has_entry != b->has_entry ||
        a->entry != b->entry)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const dfukit_segment *s = &a->segments[i];
        const dfukit_segment *t = &b->segments[i];
        if (s->address != t->address || s->size != t->size || s->alternate != t->alternate ||
            memcmp(s->data, t->data, s->size) != 0)
            return false;
    }
    return true;
}

/* Segments are sorted, apart from each other (the elements of DfuSe may touch), not empty, and
 * inside 2^32; every byte is readable. */
static inline bool well_formed(const dfukit_image *image)
{
    bool may_touch = image->format == DFUKIT_FORMAT_DFUSE;
    unsigned alternate = 0;
    uint64_t end = 0;
    unsigned sum = 0;

    for (size_t i = 0; i < image->count; i++) {
        const dfukit_segment *s = &image->segments[i];
        bool fresh = i == 0 || s->alternate > alternate;
        if (s->size == 0 || (!fresh && (s->alternate < alternate || s->address < end ||
                                        (s->address == end && !may_touch))))
            return false;
        alternate = s->alternate;
        if (s->address + s->size > UINT64_C(1) << 32)
            return false;
        end = s->address + s->size;
        for (uint32_t j = 0; j < s->size; j++)
            sum += s->data[j];
    }
    return image->count > 0 && sum + 1 != 0;
}

/* A deterministic stream of numbers (xorshift32). */
static inline uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

#endif
