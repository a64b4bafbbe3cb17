/* SPDX-License-Identifier: MIT */
/* Command lines as getopt_long() reads them, from a table. */
#include <string.h>

#include "dropin.h"

#define HELP_COLUMN 32

/* A parse in progress. */
typedef struct parse {
    const dfukit_dropin_option *options;
    void *self;
    char *const *argv; /* the next argument; NULL ends */
    char *complaint;
} parse;

#define COMPLAIN(p, ...) (snprintf((p)->complaint, DFUKIT_DROPIN_COMPLAINT, __VA_ARGS__), false)

static bool set(parse *p, const dfukit_dropin_option *o, const char *value)
{
    const char *wanted = o->set(p->self, value);
    if (wanted == NULL)
        return true;
    if (value == NULL)
        return COMPLAIN(p, "--%s %s", o->name, wanted);
    return COMPLAIN(p, "--%s %s, not \"%.200s\"", o->name, wanted, value);
}

static bool take_argument(parse *p, const dfukit_dropin_option *o)
{
    if (*p->argv == NULL)
        return COMPLAIN(p, "--%s wants an argument: %s", o->name, o->argument);
    return set(p, o, *p->argv++);
}

/* The option of a long name, or of the beginning of one. NULL, with a complaint: none, or more. */
static const dfukit_dropin_option *find(parse *p, const char *text, size_t length)
{
    const dfukit_dropin_option *found = NULL;
    bool several = false;
    for (const dfukit_dropin_option *o = p->options; o->name != NULL; o++) {
        if (strncmp(o->name, text, length) != 0)
            continue;
        if (o->name[length] == '\0')
            return o;
        several |= found != NULL && found->letter != o->letter;
        found = o;
    }
    if (several)
        snprintf(p->complaint, DFUKIT_DROPIN_COMPLAINT, "--%.*s may be several options",
                 (int)(length < 100 ? length : 100), text);
    else if (found == NULL)
        snprintf(p->complaint, DFUKIT_DROPIN_COMPLAINT, "unknown option --%.*s",
                 (int)(length < 100 ? length : 100), text);
    return several ? NULL : found;
}

static bool long_option(parse *p, const char *text)
{
    size_t length = strcspn(text, "=");
    const char *value = text[length] == '=' ? text + length + 1 : NULL;
    const dfukit_dropin_option *o = find(p, text, length);
    if (o == NULL)
        return false;
    if (o->argument == NULL && value != NULL)
        return COMPLAIN(p, "--%s takes no argument", o->name);
    return o->argument == NULL || value != NULL ? set(p, o, value) : take_argument(p, o);
}

static bool short_options(parse *p, const char *letters)
{
    for (; *letters != '\0'; letters++) {
        const dfukit_dropin_option *o = p->options;
        while (o->name != NULL && o->letter != *letters)
            o++;
        if (o->name == NULL)
            return COMPLAIN(p, "unknown option -%c", *letters);
        if (o->argument != NULL)
            return letters[1] != '\0' ? set(p, o, letters + 1) : take_argument(p, o);
        if (!set(p, o, NULL))
            return false;
    }
    return true;
}

bool dfukit_dropin_parse(const dfukit_dropin_option *options, void *self, int argc,
                         char *const *argv, char complaint[DFUKIT_DROPIN_COMPLAINT])
{
    parse p = {options, self, argv + (argc > 0 ? 1 : 0), complaint};
    while (*p.argv != NULL) {
        const char *text = *p.argv++;
        bool fine;
        if (strcmp(text, "--") == 0 && *p.argv == NULL)
            return true;
        if (text[0] != '-' || text[1] == '\0' || strcmp(text, "--") == 0)
            return COMPLAIN(&p, "unexpected argument \"%.200s\"",
                            strcmp(text, "--") == 0 ? *p.argv : text);
        fine = text[1] == '-' ? long_option(&p, text + 2) : short_options(&p, text + 1);
        if (!fine)
            return false;
    }
    return true;
}

/* One row of help: the option with its argument, then lines from a column on. */
static void help_row(const dfukit_cli_ui *ui, const dfukit_dropin_option *o)
{
    char left[80];
    const char *help = o->help;
    int width = snprintf(left, sizeof left, "  -%c, --%s%s%s", o->letter, o->name,
                         o->argument != NULL ? " " : "", o->argument != NULL ? o->argument : "");
    if (width >= HELP_COLUMN - 1) {
        dfukit_cli_print(ui, "%s", left);
        left[0] = '\0';
    }
    while (*help != '\0') {
        size_t n = strcspn(help, "\n");
        dfukit_cli_print(ui, "%-*s%.*s", HELP_COLUMN, left, (int)n, help);
        left[0] = '\0';
        help += n + (help[n] == '\n');
    }
}

void dfukit_dropin_help(const dfukit_cli_ui *ui, const dfukit_dropin_option *options)
{
    dfukit_cli_print(ui, "Usage: %s [options]", ui->program);
    for (const dfukit_dropin_option *o = options; o->name != NULL; o++) {
        if (o->help != NULL)
            help_row(ui, o);
    }
    dfukit_cli_print(ui, "See %s(1); the command with more to it is dfu(1).", ui->program);
}

static int digit_value(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c != '\0' ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;
    return at != NULL ? (int)(at - digits) : -1;
}

const char *dfukit_dropin_number(const char *text, uint64_t max, uint64_t *out)
{
    int base = 10;
    uint64_t value = 0;
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        base = 16;
        text += 2;
    } else if (text[0] == '0') {
        base = 8;
    }
    const char *at = text;
    for (; digit_value(*at) >= 0 && digit_value(*at) < base; at++) {
        if (value > (max - (uint64_t)digit_value(*at)) / (uint64_t)base)
            return NULL;
        value = value * (uint64_t)base + (uint64_t)digit_value(*at);
    }
    if (at == text)
        return NULL;
    *out = value;
    return at;
}

bool dfukit_dropin_hex(const char *text, uint16_t *out)
{
    unsigned value = 0;
    size_t n = 0;
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
        text += 2;
    for (; digit_value(text[n]) >= 0 && n < 4; n++)
        value = value << 4 | (unsigned)digit_value(text[n]);
    if (n == 0 || text[n] != '\0')
        return false;
    *out = (uint16_t)value;
    return true;
}
