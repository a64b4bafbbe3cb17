/* SPDX-License-Identifier: MIT */
/* dfu-prefix: adds, shows and removes the header that two vendors' loaders want in front of the
 * firmware. A DFU suffix at the file's end stays, with its checksum made right. */
#include "dropin_file.h"
#include "exit.h"
#include "image_edit.h"
#include "report.h"

typedef struct line {
    dfukit_dropin_file common;
    dfukit_prefix_kind kind; /* DFUKIT_PREFIX_NONE: not said */
    bool has_address;
    uint32_t address;
} line;

static const char *set_address(void *self, const char *value)
{
    line *l = self;
    uint64_t n;
    const char *end = dfukit_dropin_number(value, UINT32_MAX, &n);
    if (end == NULL || *end != '\0')
        return "wants an address, such as 0x2000";
    l->kind = DFUKIT_PREFIX_STELLARIS;
    l->has_address = true;
    l->address = (uint32_t)n;
    return NULL;
}

static const char *set_stellaris(void *self, const char *value)
{
    (void)value;
    ((line *)self)->kind = DFUKIT_PREFIX_STELLARIS;
    return NULL;
}

static const char *set_lpc(void *self, const char *value)
{
    (void)value;
    ((line *)self)->kind = DFUKIT_PREFIX_LPC;
    return NULL;
}

// clang-format off
static const dfukit_dropin_option options[] = {
    {'h', "help", NULL, "this text", dfukit_dropin_set_help},
    {'V', "version", NULL, "the version", dfukit_dropin_set_version},
    {'c', "check", "FILE", "show the prefix of a file", dfukit_dropin_set_check},
    {'D', "delete", "FILE", "remove the prefix of a file", dfukit_dropin_set_delete},
    {'a', "add", "FILE", "add a prefix to a file; wants -s or -L", dfukit_dropin_set_add},
    {'s', "stellaris-address", "ADDRESS", "TI Stellaris, for firmware at this address", set_address},
    {'T', "stellaris", NULL, "with -c and -D: only a TI Stellaris prefix", set_stellaris},
    {'L', "lpc-prefix", NULL, "NXP LPC; with -c and -D: only such a prefix", set_lpc},
    {'\0', NULL, NULL, NULL, NULL},
};
// clang-format on

/* The prefix that a file has. */
typedef struct found {
    dfukit_prefix_kind kind;
    size_t size;
    uint32_t address;
} found;

/* Another prefix, or none: the suffix stays, and its checksum is over all of the file. */
static int rewrite(const dfukit_cli_ui *ui, const dfukit_cli_edit *edit, const uint8_t *prefix,
                   size_t n, size_t from, const char *done)
{
    dfukit_cli_result r = {.error = DFUKIT_OK};
    dfukit_cli_message(&r, "%s", done);
    int code = dfukit_cli_edit_write(ui, edit, edit->file.name, true, prefix, n, from,
                                     edit->has_suffix ? &edit->suffix : NULL);
    return code == DFUKIT_EXIT_OK ? dfukit_cli_finish_file(ui, &r, edit->file.name) : code;
}

static int add(const dfukit_cli_ui *ui, const line *l, const dfukit_cli_edit *edit, const found *f)
{
    uint8_t prefix[16];
    if (f->kind != DFUKIT_PREFIX_NONE)
        return dfukit_cli_fail(ui, DFUKIT_ERR_DAMAGED, "%s: has a prefix already: remove it first",
                               l->common.file);
    size_t n = dfukit_prefix_encode(l->kind, l->address, edit->payload, prefix);
    if (n == 0)
        return dfukit_cli_fail(ui, DFUKIT_ERR_TOO_LARGE,
                               "%s: its length or address cannot be said in such a prefix",
                               l->common.file);
    return rewrite(ui, edit, prefix, n, 0, "Adding prefix to file");
}

static int show(const dfukit_cli_ui *ui, const dfukit_cli_edit *edit, const found *f)
{
    dfukit_cli_print(ui, "%s has a %s prefix:", edit->file.name, dfukit_cli_prefix_name(f->kind));
    if (f->kind == DFUKIT_PREFIX_STELLARIS)
        fprintf(ui->out, "Address:\t0x%08lx\n", (unsigned long)f->address);
    else
        fprintf(ui->out, "Size:\t%5lu kiB\n",
                (unsigned long)((edit->payload - f->size + 1023) / 1024));
    return DFUKIT_EXIT_OK;
}

static int carry_out(const dfukit_cli_ui *ui, const line *l, const dfukit_cli_edit *edit)
{
    found f = {.size = 0};
    f.kind = dfukit_prefix_find(edit->file.bytes, edit->payload, &f.size, &f.address);
    bool asked = l->kind != DFUKIT_PREFIX_NONE;
    if (l->common.wish == DFUKIT_DROPIN_ADD)
        return add(ui, l, edit, &f);
    if (f.kind == DFUKIT_PREFIX_NONE || (asked && l->kind != f.kind))
        return dfukit_cli_fail(ui, DFUKIT_ERR_DAMAGED, "%s: has no %s%sprefix", l->common.file,
                               asked ? dfukit_cli_prefix_name(l->kind) : "", asked ? " " : "");
    if (l->common.wish == DFUKIT_DROPIN_CHECK)
        return show(ui, edit, &f);
    return rewrite(ui, edit, NULL, 0, f.size, "Removing prefix from file");
}

int dfukit_dropin_prefix(int argc, char **argv, dfukit_cli_ui *ui)
{
    line l = {.kind = DFUKIT_PREFIX_NONE};
    dfukit_cli_edit edit;
    int code;
    if (!dfukit_dropin_file_parse(ui, options, &l, argc, argv, &code))
        return code;
    if (l.common.wish == DFUKIT_DROPIN_ADD && l.kind != DFUKIT_PREFIX_LPC && !l.has_address)
        return dfukit_cli_fail(ui, DFUKIT_ERR_USAGE,
                               "-a wants -s ADDRESS (TI Stellaris) or -L (NXP LPC)");
    code = dfukit_cli_edit_load(ui, l.common.file, &edit);
    if (code != DFUKIT_EXIT_OK)
        return code;
    code = carry_out(ui, &l, &edit);
    dfukit_cli_edit_free(&edit);
    return code;
}
