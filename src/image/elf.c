/* SPDX-License-Identifier: MIT */
/*
 * ELF executables: the load segments, at their physical addresses, which is where they lie in flash
 * (the virtual address of initialised data is its place in RAM). Both classes, both byte orders.
 * System V ABI, chapter 4 (ELF header) and chapter 5 (program header).
 */
#include "readers.h"

#define EI_CLASS    4
#define EI_DATA     5
#define EI_VERSION  6
#define EI_NIDENT   16u
#define ELFCLASS32  1
#define ELFCLASS64  2
#define ELFDATA2LSB 1
#define ELFDATA2MSB 2
#define EV_CURRENT  1
#define ET_EXEC     2u
#define ET_DYN      3u
#define PT_LOAD     1u
#define PN_XNUM     0xFFFFu

/* A field: where it stands in its header, and how wide it is. */
typedef struct field {
    uint8_t at, width;
} field;

/* Where the two classes differ: in widths, and in the order of fields. */
typedef struct class_layout {
    uint8_t header_size;  /* least size of the ELF header */
    uint8_t program_size; /* least size of a program header */
    field e_type, e_entry, e_phoff, e_phentsize, e_phnum;
    field p_type, p_offset, p_paddr, p_filesz, p_memsz;
} class_layout;

// clang-format off
static const class_layout class32 = {
    .header_size = 52, .program_size = 32,
    .e_type = {16, 2}, .e_entry = {24, 4}, .e_phoff = {28, 4},
    .e_phentsize = {42, 2}, .e_phnum = {44, 2},
    .p_type = {0, 4}, .p_offset = {4, 4}, .p_paddr = {12, 4}, .p_filesz = {16, 4},
    .p_memsz = {20, 4},
};
static const class_layout class64 = {
    .header_size = 64, .program_size = 56,
    .e_type = {16, 2}, .e_entry = {24, 8}, .e_phoff = {32, 8},
    .e_phentsize = {54, 2}, .e_phnum = {56, 2},
    .p_type = {0, 4}, .p_offset = {8, 8}, .p_paddr = {24, 8}, .p_filesz = {32, 8},
    .p_memsz = {40, 8},
};
// clang-format on

typedef struct elf {
    const uint8_t *bytes;
    size_t n;
    const class_layout *layout;
    bool big_endian;
} elf;

static uint64_t get(const elf *file, size_t header, field f)
{
    const uint8_t *p = file->bytes + header + f.at;
    uint64_t value = 0;

    for (size_t i = 0; i < f.width; i++)
        value = value << 8 | p[file->big_endian ? i : f.width - 1u - i];
    return value;
}

bool dfukit_elf_recognise(const uint8_t *bytes, size_t n)
{
    return n >= 4 && bytes[0] == 0x7F && bytes[1] == 'E' && bytes[2] == 'L' && bytes[3] == 'F';
}

static int damaged(dfukit_builder *builder, const char *what, size_t offset)
{
    return dfukit_builder_refuse(builder, DFUKIT_ERR_DAMAGED, what, offset);
}

/* Read e_ident: class and byte order. */
static int open_elf(dfukit_builder *builder, elf *file)
{
    const uint8_t *ident = file->bytes;

    if (file->n < EI_NIDENT)
        return damaged(builder, "the ELF header is cut off", file->n);
    if (ident[EI_CLASS] != ELFCLASS32 && ident[EI_CLASS] != ELFCLASS64)
        return damaged(builder, "the ELF class is neither 32 nor 64 bits", EI_CLASS);
    if (ident[EI_DATA] != ELFDATA2LSB && ident[EI_DATA] != ELFDATA2MSB)
        return damaged(builder, "the ELF byte order is unknown", EI_DATA);
    if (ident[EI_VERSION] != EV_CURRENT)
        return damaged(builder, "the ELF version is unknown", EI_VERSION);
    file->layout = ident[EI_CLASS] == ELFCLASS64 ? &class64 : &class32;
    file->big_endian = ident[EI_DATA] == ELFDATA2MSB;
    if (file->n < file->layout->header_size)
        return damaged(builder, "the ELF header is cut off", file->n);
    return DFUKIT_OK;
}

/* One program header, wholly inside the file. Adds to *loaded the bytes it loads. */
static int read_segment(dfukit_builder *builder, const elf *file, size_t header, uint64_t *loaded)
{
    const class_layout *l = file->layout;
    uint64_t offset = get(file, header, l->p_offset);
    uint64_t address = get(file, header, l->p_paddr);
    uint64_t size = get(file, header, l->p_filesz);

    if (get(file, header, l->p_type) != PT_LOAD || size == 0)
        return DFUKIT_OK;
    if (size > get(file, header, l->p_memsz))
        return damaged(builder, "a load segment is larger in the file than in memory", header);
    if (offset > file->n || size > file->n - offset)
        return damaged(builder, "a load segment reaches beyond the end of the file", header);
    if (size > UINT32_MAX || address > DFUKIT_ADDRESS_END - size)
        return damaged(builder, "a load segment reaches beyond 32-bit addresses", header);
    /* Bytes loaded twice would let a small file grow to 4 GiB of image. */
    *loaded += size;
    if (*loaded > file->n)
        return damaged(builder, "load segments share bytes of the file", header);
    return dfukit_builder_append(builder, (dfukit_piece){.address = (uint32_t)address,
                                                         .size = (uint32_t)size,
                                                         .data = file->bytes + (size_t)offset,
                                                         .offset = header});
}

int dfukit_elf_read(dfukit_builder *builder, const uint8_t *bytes, size_t n)
{
    elf file = {.bytes = bytes, .n = n};
    uint64_t loaded = 0;

    int error = open_elf(builder, &file);
    if (error != DFUKIT_OK)
        return error;
    const class_layout *l = file.layout;
    uint64_t type = get(&file, 0, l->e_type);
    uint64_t table = get(&file, 0, l->e_phoff);
    uint64_t step = get(&file, 0, l->e_phentsize);
    uint64_t count = get(&file, 0, l->e_phnum);

    if (type != ET_EXEC && type != ET_DYN)
        return damaged(builder, "the ELF file is not an executable", l->e_type.at);
    if (count == PN_XNUM)
        return damaged(builder, "the ELF file has too many program headers", l->e_phnum.at);
    if (count > 0 && step < l->program_size)
        return damaged(builder, "the ELF program headers are too small", l->e_phentsize.at);
    if (count > 0 && (table > n || step * count > n - table))
        return damaged(builder, "the ELF program headers are cut off", l->e_phoff.at);
    for (uint64_t i = 0; i < count; i++) {
        error = read_segment(builder, &file, (size_t)(table + i * step), &loaded);
        if (error != DFUKIT_OK)
            return error;
    }
    if (loaded == 0)
        return damaged(builder, "the ELF file loads nothing", l->e_phnum.at);
    builder->entry = get(&file, 0, l->e_entry);
    builder->has_entry = builder->entry != 0; /* zero: the file has no entry point */
    return DFUKIT_OK;
}
