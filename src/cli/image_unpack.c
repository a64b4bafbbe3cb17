/* SPDX-License-Identifier: MIT */
/* dfu image unpack. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "exit.h"
#include "file.h"
#include "json.h"
#include "output.h"
#include "report.h"
#include "verbs.h"

static int make_folder(const dfukit_cli_ui *ui, const char *name)
{
    struct stat known;
    if (stat(name, &known) == 0 && S_ISDIR(known.st_mode))
        return DFUKIT_EXIT_OK;
    if (mkdir(name, 0777) == 0)
        return DFUKIT_EXIT_OK;
    return dfukit_cli_fail(ui, DFUKIT_ERR_OUTPUT, "%s: %s", name, strerror(errno));
}

/* The line is an argument of `dfu image pack`. */
static void manifest(const dfukit_cli_ui *ui, const dfukit_segment *s, const char *name)
{
    if (!ui->json) {
        dfukit_cli_print(ui, "%u:0x%08llx:%s", (unsigned)s->alternate,
                         (unsigned long long)s->address, name);
        return;
    }
    dfukit_cli_json j = {.to = ui->out};
    dfukit_cli_json_object(&j, NULL);
    dfukit_cli_json_text(&j, "event", "element");
    dfukit_cli_json_number(&j, "alternate", s->alternate);
    dfukit_cli_json_number(&j, "address", s->address);
    dfukit_cli_json_number(&j, "size", s->size);
    dfukit_cli_json_text(&j, "file", name);
    dfukit_cli_json_end(&j);
}

static int unpack_one(const dfukit_cli_ui *ui, const dfukit_segment *s, const char *folder,
                      bool replace)
{
    char name[PATH_MAX];
    dfukit_cli_output o;
    size_t length = strlen(folder);
    const char *slash = length != 0 && folder[length - 1] == '/' ? "" : "/";
    int n = snprintf(name, sizeof name, "%s%salt%u-0x%08llx.bin", folder, slash,
                     (unsigned)s->alternate, (unsigned long long)s->address);
    if (n < 0 || (size_t)n >= sizeof name)
        return dfukit_cli_fail(ui, DFUKIT_ERR_OUTPUT, "%s: %s", folder, strerror(ENAMETOOLONG));
    int code = dfukit_cli_output_begin_raw(ui, &o, name, replace);
    if (code != DFUKIT_EXIT_OK)
        return code;
    code = dfukit_cli_output_close(ui, &o, dfukit_cli_output_add(&o, s->data, s->size));
    if (code == DFUKIT_EXIT_OK)
        manifest(ui, s, name);
    return code;
}

int dfukit_cli_image_unpack(const dfukit_cli_args *args, dfukit_cli_ui *ui)
{
    dfukit_cli_file file;
    int code = dfukit_cli_file_load(ui, args->files[0], &file);
    if (code != DFUKIT_EXIT_OK)
        return code;
    const dfukit_image *image = &file.image;
    if (!image->addressed)
        code = dfukit_cli_fail(ui, DFUKIT_ERR_MISMATCH,
                               "%s is raw binary: there is nothing to take apart", file.name);
    else
        code = make_folder(ui, args->files[1]);
    for (size_t i = 0; code == DFUKIT_EXIT_OK && i < image->count; i++)
        code = unpack_one(ui, &image->segments[i], args->files[1], args->force);
    if (code == DFUKIT_EXIT_OK && ui->json) {
        dfukit_outcome outcome = {.bytes = dfukit_image_payload(image)};
        dfukit_cli_result r = {.outcome = &outcome};
        dfukit_cli_message(&r, "unpacked: %zu file%s into %s", image->count,
                           image->count == 1 ? "" : "s", args->files[1]);
        code = dfukit_cli_finish(ui, &r);
    }
    dfukit_cli_file_free(&file);
    return code;
}
