/* SPDX-License-Identifier: MIT */
/*
 * Writes UF2: whole pages of 256 bytes at multiples of it, which every loader takes; what a page
 * has beside the image is filled as erased flash reads.
 */
#include "writers.h"

#include <string.h>

#include "bytes.h"
#include "uf2.h"

#define ERASED 0xFF

/* A walk over the pages that hold any byte of the image. */
typedef struct pages {
    const dfukit_image *image;
    size_t segment; /* the first that does not end before `address` */
    uint64_t next;  /* no page below this is wanted any more */
    uint64_t address;
} pages;

static uint64_t end_of(const dfukit_segment *segment)
{
    return segment->address + segment->size;
}

static bool next_page(pages *p)
{
    while (p->segment < p->image->count && end_of(&p->image->segments[p->segment]) <= p->next)
        p->segment++;
    if (p->segment == p->image->count)
        return false;
    uint64_t from = p->image->segments[p->segment].address;
    p->address = (from > p->next ? from : p->next) / UF2_PAGE * UF2_PAGE;
    p->next = p->address + UF2_PAGE;
    return true;
}

static void fill(const pages *p, uint8_t page[UF2_PAGE])
{
    const dfukit_image *image = p->image;

    memset(page, ERASED, UF2_PAGE);
    for (size_t i = p->segment; i < image->count && image->segments[i].address < p->next; i++) {
        const dfukit_segment *s = &image->segments[i];
        uint64_t from = s->address > p->address ? s->address : p->address;
        uint64_t to = end_of(s) < p->next ? end_of(s) : p->next;
        memcpy(page + (from - p->address), s->data + (from - s->address), (size_t)(to - from));
    }
}

int dfukit_uf2_write(dfukit_output *output, const dfukit_image *image)
{
    uint32_t count = 0;
    int error = DFUKIT_OK;

    for (pages p = {.image = image}; next_page(&p);)
        count++;
    pages p = {.image = image};
    for (uint32_t number = 0; error == DFUKIT_OK && next_page(&p); number++) {
        uint8_t block[UF2_BLOCK] = {0};
        put32(block + UF2_AT_MAGIC_0, UF2_MAGIC_0);
        put32(block + UF2_AT_MAGIC_1, UF2_MAGIC_1);
        put32(block + UF2_AT_FLAGS, image->has_family ? UF2_HAS_FAMILY : 0);
        put32(block + UF2_AT_ADDRESS, (uint32_t)p.address);
        put32(block + UF2_AT_SIZE, UF2_PAGE);
        put32(block + UF2_AT_NUMBER, number);
        put32(block + UF2_AT_COUNT, count);
        put32(block + UF2_AT_FAMILY, image->has_family ? image->family : 0);
        put32(block + UF2_AT_MAGIC_END, UF2_MAGIC_END);
        fill(&p, block + UF2_AT_DATA);
        error = dfukit_output_add(output, block, sizeof block);
    }
    return error;
}
