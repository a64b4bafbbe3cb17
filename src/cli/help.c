/* SPDX-License-Identifier: MIT */
/* Help, made from the tables of verbs and options. */
#include "args.h"

#include <string.h>

#include "exit.h"

/* Where the summary of a verb begins. */
#define VERB_COLUMN 23u
/* Where the explanation of an option begins. */
#define HELP_COLUMN 30u
#define HELP_WIDTH  79u

static const char *const headings[DFUKIT_CLI_GROUP_COUNT] = {
    [DFUKIT_CLI_OWN] = "Options",
    [DFUKIT_CLI_SELECTING] = "Which device",
    [DFUKIT_CLI_GLOBAL] = "Everywhere",
};

// clang-format off
static const struct {
    int code;
    const char *text;
} exits[] = {
    {DFUKIT_EXIT_OK,          "done; the last line says what was verified and seen"},
    {DFUKIT_EXIT_DEVICE,      "the device reported an error or broke the protocol"},
    {DFUKIT_EXIT_USAGE,       "wrong usage"},
    {DFUKIT_EXIT_NO_DEVICE,   "no device matched"},
    {DFUKIT_EXIT_AMBIGUOUS,   "more than one device matched"},
    {DFUKIT_EXIT_FILE,        "the file is damaged, empty, unreadable, or not for this device"},
    {DFUKIT_EXIT_DIFFERS,     "what is on the device differs from the file"},
    {DFUKIT_EXIT_ACCESS,      "no permission or no driver"},
    {DFUKIT_EXIT_LOST,        "the device was lost, a server cannot be reached, or time ran out"},
    {DFUKIT_EXIT_REFUSED,     "refused: the device cannot do this, or something would be destroyed"},
    {DFUKIT_EXIT_COMPUTER,    "an error of this computer: disk full, output file exists"},
    {DFUKIT_EXIT_INTERRUPTED, "interrupted"},
};
// clang-format on

/* An option and its explanation, whose further lines are indented to the same column. */
static void option(const dfukit_cli_ui *ui, const dfukit_cli_option *o)
{
    char left[80];
    const char *argument = o->argument != NULL ? o->argument : "";
    const char *space = *argument != '\0' && *argument != '[' ? " " : "";
    if (o->letter != '\0')
        snprintf(left, sizeof left, "  -%c, --%s%s%s", o->letter, o->name, space, argument);
    else
        snprintf(left, sizeof left, "      --%s%s%s", o->name, space, argument);
    dfukit_cli_put(ui, ui->out, DFUKIT_CLI_PLAIN, "%s", left);
    size_t at = strlen(left);
    if (at + 2 > HELP_COLUMN) {
        putc('\n', ui->out);
        at = 0;
    }
    for (const char *line = o->help; line != NULL;) {
        size_t length = strcspn(line, "\n");
        fprintf(ui->out, "%*s%.*s\n", (int)(HELP_COLUMN - at), "", (int)length, line);
        at = 0;
        line = line[length] == '\n' ? line + length + 1 : NULL;
    }
}

static void options(const dfukit_cli_ui *ui, unsigned verbs, dfukit_cli_group_of group)
{
    bool any = false;
    for (const dfukit_cli_option *o = dfukit_cli_options; o->name != NULL; o++) {
        if (o->group != group || (o->verbs & verbs) == 0)
            continue;
        if (!any) {
            putc('\n', ui->out);
            dfukit_cli_put(ui, ui->out, DFUKIT_CLI_BOLD, "%s:", headings[group]);
            putc('\n', ui->out);
        }
        any = true;
        option(ui, o);
    }
}

/* A paragraph indented by `indent`, its lines broken between words. */
static void paragraph(const dfukit_cli_ui *ui, const char *text, size_t indent)
{
    while (*text != '\0') {
        size_t length = strlen(text);
        if (length > HELP_WIDTH - indent) {
            length = HELP_WIDTH - indent;
            while (length > 1 && text[length] != ' ')
                length--;
        }
        fprintf(ui->out, "%*s%.*s\n", (int)indent, "", (int)length, text);
        text += length;
        text += strspn(text, " ");
    }
}

static void virtual_help(const dfukit_cli_ui *ui)
{
    const char *name, *about;
    char usage[64];
    putc('\n', ui->out);
    dfukit_cli_put(ui, ui->out, DFUKIT_CLI_BOLD, "Personas:");
    putc('\n', ui->out);
    for (size_t i = 0; dfukit_persona_at(i) != NULL; i++) {
        fprintf(ui->out, "  %s\n", dfukit_persona_at(i)->name);
        paragraph(ui, dfukit_persona_at(i)->description, 6);
    }
    putc('\n', ui->out);
    dfukit_cli_put(ui, ui->out, DFUKIT_CLI_BOLD, "Faults:");
    putc('\n', ui->out);
    for (size_t i = 0; dfukit_fault_describe(i, &name, &about); i++) {
        fprintf(ui->out, "  %s\n", dfukit_cli_fault_usage(name, about, usage, sizeof usage));
        paragraph(ui, about, 6);
    }
}

static void verb_help(const dfukit_cli_ui *ui, const dfukit_cli_verb *v)
{
    dfukit_cli_put(ui, ui->out, DFUKIT_CLI_BOLD, "Usage:");
    fprintf(ui->out, " dfu %s [OPTIONS]%s%s\n\n", v->name, *v->arguments != '\0' ? " " : "",
            v->arguments);
    fprintf(ui->out, "%s: %s\n", v->name, v->summary);
    if (v->alias != NULL)
        fprintf(ui->out, "(`dfu %s` is the same)\n", v->alias);
    if (*v->text != '\0')
        fprintf(ui->out, "\n%s", v->text);
    for (int group = 0; group < DFUKIT_CLI_GROUP_COUNT; group++)
        options(ui, v->bit, (dfukit_cli_group_of)group);
    if (v->bit == DFUKIT_CLI_VIRTUAL)
        virtual_help(ui);
}

/* The verbs, or those of a family: all that begin with its words. @return their bits. */
static unsigned verbs(const dfukit_cli_ui *ui, const char *family)
{
    size_t length = strlen(family);
    unsigned bits = 0;
    dfukit_cli_put(ui, ui->out, DFUKIT_CLI_BOLD, "Verbs:");
    putc('\n', ui->out);
    for (const dfukit_cli_verb *v = dfukit_cli_verbs; v->name != NULL; v++) {
        char left[64];
        if (length != 0 && (strncmp(v->name, family, length) != 0 || v->name[length] != ' '))
            continue;
        bits |= v->bit;
        snprintf(left, sizeof left, "  %s%s%s", v->name, *v->arguments != '\0' ? " " : "",
                 v->arguments);
        size_t column = strlen(left) + 2;
        if (column > VERB_COLUMN) {
            fprintf(ui->out, "%s\n", left);
            left[0] = '\0';
        }
        fprintf(ui->out, "%-*s%s\n", (int)VERB_COLUMN, left, v->summary);
    }
    return bits;
}

static void general_help(const dfukit_cli_ui *ui, const char *family)
{
    bool whole = *family == '\0';
    dfukit_cli_put(ui, ui->out, DFUKIT_CLI_BOLD, "Usage:");
    fprintf(ui->out, " dfu %s%sVERB [OPTIONS] [FILE]\n\n", family, whole ? "" : " ");
    if (whole)
        fputs("Upgrades the firmware of USB devices by Device Firmware Upgrade (DFU).\n\n",
              ui->out);
    unsigned bits = verbs(ui, family);
    fputs("\n`dfu VERB --help` shows a verb's options; they may stand before or after it.\n",
          ui->out);
    options(ui, bits, DFUKIT_CLI_GLOBAL);
    if (!whole)
        return;
    putc('\n', ui->out);
    dfukit_cli_put(ui, ui->out, DFUKIT_CLI_BOLD, "Exit codes:");
    putc('\n', ui->out);
    for (size_t i = 0; i < sizeof exits / sizeof *exits; i++)
        fprintf(ui->out, "  %3d  %s\n", exits[i].code, exits[i].text);
}

void dfukit_cli_help(const dfukit_cli_ui *ui, const dfukit_cli_verb *verb, const char *family)
{
    if (verb != NULL)
        verb_help(ui, verb);
    else
        general_help(ui, family);
}
