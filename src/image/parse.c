/* SPDX-License-Identifier: MIT */
/* One file to one image: the DFU suffix, then the format. */
#include "readers.h"

/* A whole file as one piece at address 0. Its size is checked before: a piece holds 32 bits of it.
 */
static int read_raw(dfukit_builder *builder, const uint8_t *bytes, size_t n)
{
    uint64_t size = n;

    if (size > UINT32_MAX) {
        return dfukit_builder_refuse(builder, DFUKIT_ERR_TOO_LARGE, "the payload is 4 GiB or more",
                                     0);
    }
    return dfukit_builder_append(builder, (dfukit_piece){.size = (uint32_t)size, .data = bytes});
}

typedef struct format_row {
    const char *name;
    bool addressed;
    bool text; /* a fault has a line */
    const char *overlap;
    bool (*recognise)(const uint8_t *bytes, size_t n);
    int (*read)(dfukit_builder *builder, const uint8_t *bytes, size_t n);
} format_row;

// clang-format off
static const format_row formats[DFUKIT_FORMAT_COUNT] = {
    [DFUKIT_FORMAT_RAW] =
        {"raw binary", false, false, "", NULL, read_raw},
    [DFUKIT_FORMAT_IHEX] =
        {"Intel HEX", true, true, "the record overlaps another",
         dfukit_ihex_recognise, dfukit_ihex_read},
    [DFUKIT_FORMAT_ELF] =
        {"ELF", true, false, "a load segment overlaps another",
         dfukit_elf_recognise, dfukit_elf_read},
    [DFUKIT_FORMAT_SREC] =
        {"S-record", true, true, "the record overlaps another",
         dfukit_srec_recognise, dfukit_srec_read},
    [DFUKIT_FORMAT_UF2] =
        {"UF2", true, false, "a UF2 block overlaps another",
         dfukit_uf2_recognise, dfukit_uf2_read},
    [DFUKIT_FORMAT_DFUSE] =
        {"DfuSe", true, false, "a DfuSe element overlaps another",
         dfukit_dfuse_recognise, dfukit_dfuse_read},
};
// clang-format on

const char *dfukit_format_name(unsigned format)
{
    return format < DFUKIT_FORMAT_COUNT ? formats[format].name : "unknown";
}

/* What begins with a signature comes first: there may be lines of HEX inside it. */
static dfukit_format recognise(const uint8_t *bytes, size_t n)
{
    static const dfukit_format order[] = {DFUKIT_FORMAT_ELF, DFUKIT_FORMAT_UF2, DFUKIT_FORMAT_DFUSE,
                                          DFUKIT_FORMAT_IHEX, DFUKIT_FORMAT_SREC};

    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        if (formats[order[i]].recognise(bytes, n))
            return order[i];
    }
    return DFUKIT_FORMAT_RAW;
}

/* Lines end with LF; offset is at most the length of the file. */
static size_t line_of(const uint8_t *file, size_t offset)
{
    size_t line = 1;

    for (size_t i = 0; i < offset; i++)
        line += file[i] == '\n';
    return line;
}

/* Take the suffix off: *n becomes the length of the payload. DFU 1.1 Appendix B. */
static int strip_suffix(dfukit_builder *builder, dfukit_image *image, const uint8_t *file,
                        size_t *n, bool needed)
{
    int length = dfukit_suffix_decode(file, *n, &image->suffix);

    if (length >= (int)DFUKIT_SUFFIX_SIZE && (size_t)length <= *n) {
        image->has_suffix = true;
        builder->bcdDFU = image->suffix.bcdDFU;
        builder->suffix_size = (size_t)length;
        *n -= (size_t)length;
        return DFUKIT_OK;
    }
    if (length != DFUKIT_ERR_FORMAT) {
        bool short_or_long =
            image->suffix.bLength < DFUKIT_SUFFIX_SIZE || image->suffix.bLength > *n;
        return dfukit_builder_refuse(builder, DFUKIT_ERR_DAMAGED,
                                     short_or_long ? "the DFU suffix has a wrong length"
                                                   : "the CRC in the DFU suffix is wrong",
                                     *n - (short_or_long ? 5 : 4));
    }
    if (needed)
        return dfukit_builder_refuse(builder, DFUKIT_ERR_DAMAGED, "the DFU suffix is missing", *n);
    image->suffix = (dfukit_suffix){0};
    return DFUKIT_OK;
}

static int parse(dfukit_builder *builder, dfukit_image *image, const uint8_t *file, size_t n,
                 const dfukit_image_options *options)
{
    if (n == 0)
        return dfukit_builder_refuse(builder, DFUKIT_ERR_EMPTY, "the file is empty", 0);
    if (!options->ignore_suffix) {
        int error = strip_suffix(builder, image, file, &n, options->need_suffix);
        if (error != DFUKIT_OK)
            return error;
    }
    if (n == 0) {
        return dfukit_builder_refuse(builder, DFUKIT_ERR_EMPTY,
                                     "the file holds nothing but a DFU suffix", 0);
    }
    image->format = options->force_raw ? DFUKIT_FORMAT_RAW : recognise(file, n);
    const format_row *f = &formats[image->format];
    image->addressed = f->addressed;
    builder->overlap = f->overlap;

    int error = f->read(builder, file, n);
    if (error == DFUKIT_OK)
        error = dfukit_builder_finish(builder, image);
    if (error == DFUKIT_ERR_DAMAGED && f->text) {
        builder->fault.has_line = true;
        builder->fault.line = line_of(file, builder->fault.offset);
    }
    image->has_entry = builder->has_entry;
    image->entry = builder->entry;
    image->has_family = builder->has_family;
    image->family = builder->family;
    return error;
}

int dfukit_image_parse(dfukit_image *image, const uint8_t *file, size_t n,
                       const dfukit_image_options *options, const dfukit_allocator *allocator,
                       dfukit_image_fault *fault)
{
    static const dfukit_image_options none;
    dfukit_builder builder = {.allocator = *allocator};
    dfukit_image result = {.allocator = *allocator};

    int error = parse(&builder, &result, file, n, options != NULL ? options : &none);
    dfukit_builder_release(&builder);
    if (error == DFUKIT_OK)
        *image = result;
    else if (fault != NULL)
        *fault = builder.fault;
    return error;
}

void dfukit_image_free(dfukit_image *image)
{
    void *owned[] = {image->segments, image->storage, image->targets};

    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) {
        if (owned[i] != NULL)
            image->allocator.resize(image->allocator.self, owned[i], 0);
    }
    *image = (dfukit_image){0};
}

uint64_t dfukit_image_payload(const dfukit_image *image)
{
    uint64_t payload = 0;

    for (size_t i = 0; i < image->count; i++)
        payload += image->segments[i].size;
    return payload;
}
