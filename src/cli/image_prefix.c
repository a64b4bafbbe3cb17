/* SPDX-License-Identifier: MIT */
/* dfu image prefix add, check, strip. */
#include "exit.h"
#include "image_edit.h"
#include "report.h"
#include "verbs.h"

/* The prefix that a file has. */
typedef struct found {
    dfukit_prefix_kind kind;
    size_t size;
    uint32_t address;
} found;

static found find(const dfukit_cli_edit *edit)
{
    found f = {.size = 0};
    if (edit->has_raw_payload)
        f.kind = dfukit_prefix_find(edit->file.bytes, edit->payload, &f.size, &f.address);
    return f;
}

static const dfukit_suffix *suffix_of(const dfukit_cli_edit *edit)
{
    return edit->has_suffix ? &edit->suffix : NULL;
}

static int done(const dfukit_cli_ui *ui, const char *name, dfukit_prefix_kind kind,
                const char *what)
{
    dfukit_cli_result r = {.error = DFUKIT_OK};
    dfukit_cli_message(&r, "%s: %s prefix %s", name, dfukit_cli_prefix_name(kind), what);
    return dfukit_cli_finish_file(ui, &r, name);
}

static int add(const dfukit_cli_args *args, dfukit_cli_ui *ui, const dfukit_cli_edit *edit)
{
    const char *name = args->files[0];
    found old = find(edit);
    uint8_t bytes[16];
    if (!edit->has_raw_payload)
        return dfukit_cli_fail(
            ui, DFUKIT_ERR_MISMATCH, "%s: a prefix goes before raw binary, and this is %s", name,
            edit->format == DFUKIT_FORMAT_COUNT ? "a damaged file of another format"
                                                : dfukit_format_name(edit->format));
    if (old.kind != DFUKIT_PREFIX_NONE && !args->force)
        return dfukit_cli_fail(ui, DFUKIT_ERR_MISMATCH,
                               "%s has a prefix already (%s); --force replaces it", name,
                               dfukit_cli_prefix_name(old.kind));
    size_t size = dfukit_prefix_encode(args->prefix, args->at, edit->payload - old.size, bytes);
    if (size == 0 && args->at % 1024 != 0)
        return dfukit_cli_fail(ui, DFUKIT_ERR_USAGE, "--at 0x%lx is no multiple of 1024",
                               (unsigned long)args->at);
    if (size == 0)
        return dfukit_cli_fail(ui, DFUKIT_ERR_TOO_LARGE,
                               "%s: its size or --at is more than the prefix can say", name);
    int code = dfukit_cli_edit_write(ui, edit, name, true, bytes, size, old.size, suffix_of(edit));
    return code == DFUKIT_EXIT_OK ? done(ui, name, args->prefix, "added") : code;
}

int dfukit_cli_prefix_add(const dfukit_cli_args *args, dfukit_cli_ui *ui)
{
    dfukit_cli_edit edit;
    bool stellaris = args->prefix == DFUKIT_PREFIX_STELLARIS;
    if (args->prefix == DFUKIT_PREFIX_NONE)
        return dfukit_cli_fail(ui, DFUKIT_ERR_USAGE,
                               "whose prefix? --type stellaris or --type lpc");
    if (stellaris != args->has_at)
        return dfukit_cli_fail(ui, DFUKIT_ERR_USAGE,
                               stellaris ? "a Stellaris prefix wants --at ADDR, where the loader "
                                           "puts the payload"
                                         : "an LPC prefix has no address: leave out --at");
    int code = dfukit_cli_edit_load(ui, args->files[0], &edit);
    if (code != DFUKIT_EXIT_OK)
        return code;
    code = add(args, ui, &edit);
    dfukit_cli_edit_free(&edit);
    return code;
}

/* Is there a prefix, and of the kind that was asked for? */
static int check(const dfukit_cli_args *args, const dfukit_cli_ui *ui, const found *f)
{
    const char *name = args->files[0];
    bool wrong = args->prefix != DFUKIT_PREFIX_NONE && args->prefix != f->kind;
    if (f->kind == DFUKIT_PREFIX_NONE)
        return dfukit_cli_fail(ui, DFUKIT_ERR_DAMAGED, "%s has no prefix that is known", name);
    if (wrong)
        return dfukit_cli_fail(ui, DFUKIT_ERR_DAMAGED, "%s: the prefix is of %s, not of %s", name,
                               dfukit_cli_prefix_name(f->kind),
                               dfukit_cli_prefix_name(args->prefix));
    return DFUKIT_EXIT_OK;
}

static void show(const dfukit_cli_ui *ui, const dfukit_cli_edit *edit, const found *f)
{
    char bytes[DFUKIT_CLI_GROUP_SIZE];
    bool stellaris = f->kind == DFUKIT_PREFIX_STELLARIS;
    if (!ui->json) {
        dfukit_cli_bytes(edit->payload - f->size, bytes);
        if (stellaris)
            dfukit_cli_print(ui, "%s: %s prefix: %s to 0x%08lx", edit->file.name,
                             dfukit_cli_prefix_name(f->kind), bytes, (unsigned long)f->address);
        else
            dfukit_cli_print(ui, "%s: %s prefix: %s", edit->file.name,
                             dfukit_cli_prefix_name(f->kind), bytes);
        return;
    }
    dfukit_cli_json j = {.to = ui->out};
    dfukit_cli_json_object(&j, NULL);
    dfukit_cli_json_text(&j, "file", edit->file.name);
    dfukit_cli_json_object(&j, "prefix");
    dfukit_cli_json_text(&j, "type", stellaris ? "stellaris" : "lpc");
    if (stellaris)
        dfukit_cli_json_number(&j, "address", f->address);
    else
        dfukit_cli_json_null(&j, "address");
    dfukit_cli_json_number(&j, "size", edit->payload - f->size);
    dfukit_cli_json_end(&j);
    dfukit_cli_json_end(&j);
}

int dfukit_cli_prefix_check(const dfukit_cli_args *args, dfukit_cli_ui *ui)
{
    dfukit_cli_edit edit;
    int code = dfukit_cli_edit_load(ui, args->files[0], &edit);
    if (code != DFUKIT_EXIT_OK)
        return code;
    found f = find(&edit);
    code = check(args, ui, &f);
    if (code == DFUKIT_EXIT_OK)
        show(ui, &edit, &f);
    dfukit_cli_edit_free(&edit);
    return code;
}

int dfukit_cli_prefix_strip(const dfukit_cli_args *args, dfukit_cli_ui *ui)
{
    dfukit_cli_edit edit;
    const char *name = args->files[args->file_count - 1];
    int code = dfukit_cli_edit_load(ui, args->files[0], &edit);
    if (code != DFUKIT_EXIT_OK)
        return code;
    found f = find(&edit);
    code = check(args, ui, &f);
    if (code == DFUKIT_EXIT_OK)
        code =
            dfukit_cli_edit_write(ui, &edit, name, args->force, NULL, 0, f.size, suffix_of(&edit));
    if (code == DFUKIT_EXIT_OK)
        code = done(ui, name, f.kind, "taken off");
    dfukit_cli_edit_free(&edit);
    return code;
}
