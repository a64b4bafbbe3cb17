/* SPDX-License-Identifier: MIT */
/*
 * Writes ELF: an executable of 32 bits, little-endian, with one load segment for each segment of
 * the image, and a section of the same bytes, for tools that go by sections. For which machine it
 * is no firmware file says, so neither does this.
 * System V ABI, chapter 4 (ELF header, sections) and chapter 5 (program header).
 *
 * The file: ELF header, program headers, section headers, the names of sections, the bytes.
 */
#include "writers.h"

#include "bytes.h"

#define HEADER_SIZE   52u
#define PROGRAM_SIZE  32u
#define SECTION_SIZE  40u
#define SEGMENTS_MAX  0xFEFDu /* with two sections more below SHN_LORESERVE */
#define ET_EXEC       2u
#define EM_NONE       0u
#define EV_CURRENT    1u
#define PT_LOAD       1u
#define PF_R_X        5u
#define SHT_PROGBITS  1u
#define SHT_STRTAB    3u
#define SHF_ALLOC_X   6u

#define NAME_FIRMWARE 1u /* where they begin in `names` */
#define NAME_NAMES    11u
static const uint8_t names[24] = "\0.firmware\0.shstrtab"; /* a multiple of four */

static uint64_t names_at(const dfukit_image *image)
{
    return HEADER_SIZE + (uint64_t)image->count * (PROGRAM_SIZE + SECTION_SIZE) + 2 * SECTION_SIZE;
}

/* Where the image's bytes begin in the file. */
static uint64_t bytes_at(const dfukit_image *image)
{
    return names_at(image) + sizeof names;
}

static int write_header(dfukit_output *output, const dfukit_image *image)
{
    uint8_t header[HEADER_SIZE] = {0x7F, 'E', 'L', 'F', 1, 1, EV_CURRENT};
    uint32_t count = (uint32_t)image->count;

    put16(header + 16, ET_EXEC);
    put16(header + 18, EM_NONE);
    put32(header + 20, EV_CURRENT);
    put32(header + 24, image->has_entry ? (uint32_t)image->entry : 0); /* zero: none */
    put32(header + 28, HEADER_SIZE);                                   /* e_phoff */
    put32(header + 32, HEADER_SIZE + count * PROGRAM_SIZE);            /* e_shoff */
    put16(header + 40, HEADER_SIZE);
    put16(header + 42, PROGRAM_SIZE);
    put16(header + 44, (uint16_t)count); /* e_phnum */
    put16(header + 46, SECTION_SIZE);
    put16(header + 48, (uint16_t)(count + 2)); /* e_shnum */
    put16(header + 50, (uint16_t)(count + 1)); /* e_shstrndx */
    return dfukit_output_add(output, header, sizeof header);
}

static int write_programs(dfukit_output *output, const dfukit_image *image)
{
    uint32_t offset = (uint32_t)bytes_at(image);
    int error = DFUKIT_OK;

    for (size_t i = 0; error == DFUKIT_OK && i < image->count; i++) {
        const dfukit_segment *s = &image->segments[i];
        uint8_t program[PROGRAM_SIZE] = {0};
        put32(program, PT_LOAD);
        put32(program + 4, offset);
        put32(program + 8, (uint32_t)s->address);  /* p_vaddr */
        put32(program + 12, (uint32_t)s->address); /* p_paddr */
        put32(program + 16, s->size);              /* p_filesz */
        put32(program + 20, s->size);              /* p_memsz */
        put32(program + 24, PF_R_X);
        put32(program + 28, 1); /* p_align: none */
        error = dfukit_output_add(output, program, sizeof program);
        offset += s->size;
    }
    return error;
}

static int write_section(dfukit_output *output, uint32_t name, uint32_t type, uint32_t address,
                         uint32_t offset, uint32_t size)
{
    uint8_t section[SECTION_SIZE] = {0};

    put32(section, name);
    put32(section + 4, type);
    put32(section + 8, type == SHT_PROGBITS ? SHF_ALLOC_X : 0);
    put32(section + 12, address);
    put32(section + 16, offset);
    put32(section + 20, size);
    put32(section + 32, 1); /* sh_addralign: none */
    return dfukit_output_add(output, section, sizeof section);
}

static int write_sections(dfukit_output *output, const dfukit_image *image)
{
    static const uint8_t none[SECTION_SIZE] = {0}; /* section 0 is always this */
    uint32_t offset = (uint32_t)bytes_at(image);

    int error = dfukit_output_add(output, none, sizeof none);
    for (size_t i = 0; error == DFUKIT_OK && i < image->count; i++) {
        const dfukit_segment *s = &image->segments[i];
        error = write_section(output, NAME_FIRMWARE, SHT_PROGBITS, (uint32_t)s->address, offset,
                              s->size);
        offset += s->size;
    }
    if (error == DFUKIT_OK)
        error = write_section(output, NAME_NAMES, SHT_STRTAB, 0, (uint32_t)names_at(image),
                              sizeof names);
    return error;
}

/* DFUKIT_ERR_TOO_LARGE where offsets or the number of segments do not fit, or the entry point. */
static int check_size(const dfukit_image *image)
{
    uint64_t size = bytes_at(image);

    for (size_t i = 0; i < image->count; i++)
        size += image->segments[i].size;
    bool fits = image->count <= SEGMENTS_MAX && size <= UINT32_MAX &&
                (!image->has_entry || image->entry <= UINT32_MAX);
    return fits ? DFUKIT_OK : DFUKIT_ERR_TOO_LARGE;
}

int dfukit_elf_write(dfukit_output *output, const dfukit_image *image)
{
    int error = check_size(image);

    if (error == DFUKIT_OK)
        error = write_header(output, image);
    if (error == DFUKIT_OK)
        error = write_programs(output, image);
    if (error == DFUKIT_OK)
        error = write_sections(output, image);
    if (error == DFUKIT_OK)
        error = dfukit_output_add(output, names, sizeof names);
    for (size_t i = 0; error == DFUKIT_OK && i < image->count; i++)
        error = dfukit_output_add(output, image->segments[i].data, image->segments[i].size);
    return error;
}
