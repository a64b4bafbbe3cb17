/* SPDX-License-Identifier: MIT */
/* From pieces in the order of the file to segments in the order of addresses. */
#include "builder.h"

#include <string.h>

int dfukit_builder_refuse(dfukit_builder *builder, int error, const char *what, size_t offset)
{
    builder->fault = (dfukit_image_fault){.what = what, .offset = offset};
    return error;
}

static int out_of_memory(dfukit_builder *builder)
{
    return dfukit_builder_refuse(builder, DFUKIT_ERR_NOMEM, "out of memory", 0);
}

static void *resize(dfukit_builder *builder, void *p, size_t n)
{
    return builder->allocator.resize(builder->allocator.self, p, n);
}

int dfukit_builder_reserve(dfukit_builder *builder, size_t n)
{
    builder->storage = resize(builder, NULL, n);
    return builder->storage != NULL ? DFUKIT_OK : out_of_memory(builder);
}

int dfukit_builder_scratch(dfukit_builder *builder, size_t n)
{
    builder->scratch = resize(builder, NULL, n);
    if (builder->scratch == NULL)
        return out_of_memory(builder);
    memset(builder->scratch, 0, n);
    builder->scratch_size = n;
    return DFUKIT_OK;
}

int dfukit_builder_targets(dfukit_builder *builder, size_t n)
{
    builder->targets = resize(builder, NULL, n * sizeof(dfukit_image_target));
    return builder->targets != NULL ? DFUKIT_OK : out_of_memory(builder);
}

int dfukit_builder_append(dfukit_builder *builder, dfukit_piece piece)
{
    if (piece.size == 0)
        return DFUKIT_OK;
    if (builder->count == builder->room) {
        if (builder->room > SIZE_MAX / 2 / sizeof(dfukit_piece))
            return out_of_memory(builder);
        size_t room = builder->room != 0 ? builder->room * 2 : 64;
        dfukit_piece *pieces = resize(builder, builder->pieces, room * sizeof(dfukit_piece));
        if (pieces == NULL)
            return out_of_memory(builder);
        builder->pieces = pieces;
        builder->room = room;
    }
    builder->pieces[builder->count++] = piece;
    return DFUKIT_OK;
}

void dfukit_builder_release(dfukit_builder *builder)
{
    void *owned[] = {builder->pieces, builder->storage, builder->scratch, builder->targets};

    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) {
        if (owned[i] != NULL)
            resize(builder, owned[i], 0);
    }
    *builder = (dfukit_builder){.allocator = builder->allocator, .fault = builder->fault};
}

/* ---- Order ---- */

static bool is_before(const dfukit_piece *a, const dfukit_piece *b)
{
    if (a->alternate != b->alternate)
        return a->alternate < b->alternate;
    return a->address != b->address ? a->address < b->address : a->offset < b->offset;
}

static bool is_sorted(const dfukit_piece *pieces, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (is_before(&pieces[i], &pieces[i - 1]))
            return false;
    }
    return true;
}

static void sift_down(dfukit_piece *heap, size_t root, size_t count)
{
    dfukit_piece moving = heap[root];

    while (root < count / 2) {
        size_t child = 2 * root + 1;
        if (child + 1 < count && is_before(&heap[child], &heap[child + 1]))
            child++;
        if (!is_before(&moving, &heap[child]))
            break;
        heap[root] = heap[child];
        root = child;
    }
    heap[root] = moving;
}

/* Heapsort: no order of pieces, however chosen, makes it slow, and it needs no memory. */
static void sort(dfukit_piece *pieces, size_t count)
{
    if (is_sorted(pieces, count))
        return;
    for (size_t root = count / 2; root-- > 0;)
        sift_down(pieces, root, count);
    for (size_t last = count - 1; last > 0; last--) {
        dfukit_piece highest = pieces[0];
        pieces[0] = pieces[last];
        pieces[last] = highest;
        sift_down(pieces, 0, last);
    }
}

/* ---- Segments ---- */

static uint64_t end_of(const dfukit_piece *piece)
{
    return (uint64_t)piece->address + piece->size;
}

/* Does a piece continue the one before it? */
static bool continues(const dfukit_piece *before, const dfukit_piece *piece)
{
    return piece->alternate == before->alternate && piece->address == end_of(before);
}

/* What the sorted pieces come to. */
typedef struct layout {
    size_t segments;
    uint64_t payload;
    bool scattered; /* somewhere, neighbouring addresses do not lie side by side in memory */
} layout;

static int survey(dfukit_builder *builder, layout *found)
{
    *found = (layout){.segments = 1, .payload = builder->pieces[0].size};
    for (size_t i = 1; i < builder->count; i++) {
        const dfukit_piece *before = &builder->pieces[i - 1];
        const dfukit_piece *piece = &builder->pieces[i];

        if (piece->alternate == before->alternate && piece->address < end_of(before)) {
            size_t later = piece->offset > before->offset ? piece->offset : before->offset;
            return dfukit_builder_refuse(builder, DFUKIT_ERR_DAMAGED, builder->overlap, later);
        }
        if (builder->keep_apart || !continues(before, piece))
            found->segments++;
        else if (piece->data != before->data + before->size)
            found->scattered = true;
        found->payload += piece->size;
    }
    if (found->payload > UINT32_MAX) {
        return dfukit_builder_refuse(builder, DFUKIT_ERR_TOO_LARGE, "the payload is 4 GiB or more",
                                     0);
    }
    return DFUKIT_OK;
}

/* Copy all pieces, in order, to a storage of their own. */
static int gather(dfukit_builder *builder, uint64_t payload)
{
    uint8_t *storage = payload <= SIZE_MAX ? resize(builder, NULL, (size_t)payload) : NULL;
    uint8_t *to = storage;

    if (storage == NULL)
        return out_of_memory(builder);
    for (size_t i = 0; i < builder->count; i++) {
        dfukit_piece *piece = &builder->pieces[i];
        memcpy(to, piece->data, piece->size);
        piece->data = to;
        to += piece->size;
    }
    if (builder->storage != NULL)
        resize(builder, builder->storage, 0);
    builder->storage = storage;
    return DFUKIT_OK;
}

static void join(const dfukit_builder *builder, dfukit_segment *segments)
{
    dfukit_segment *segment = segments;

    for (size_t i = 0; i < builder->count; i++) {
        const dfukit_piece *piece = &builder->pieces[i];
        if (i > 0 && !builder->keep_apart && continues(piece - 1, piece)) {
            segment->size += piece->size;
            continue;
        }
        if (i > 0)
            segment++;
        *segment = (dfukit_segment){piece->address, piece->size, piece->data, piece->alternate};
    }
}

int dfukit_builder_finish(dfukit_builder *builder, dfukit_image *image)
{
    layout found;

    if (builder->count == 0)
        return dfukit_builder_refuse(builder, DFUKIT_ERR_EMPTY, "the file holds no data", 0);
    sort(builder->pieces, builder->count);
    int error = survey(builder, &found);
    if (error == DFUKIT_OK && found.scattered)
        error = gather(builder, found.payload);
    if (error != DFUKIT_OK)
        return error;
    if (found.segments > SIZE_MAX / sizeof(dfukit_segment))
        return out_of_memory(builder);
    dfukit_segment *segments = resize(builder, NULL, found.segments * sizeof(dfukit_segment));
    if (segments == NULL)
        return out_of_memory(builder);
    join(builder, segments);
    image->count = found.segments;
    image->segments = segments;
    image->storage = builder->storage;
    builder->storage = NULL;
    image->alternates = builder->targets != NULL;
    image->target_count = builder->target_count;
    image->targets = builder->targets;
    builder->targets = NULL;
    return DFUKIT_OK;
}
