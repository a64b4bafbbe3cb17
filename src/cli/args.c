/* SPDX-License-Identifier: MIT */
/* The parser of command lines. Options stand before or after the verb, in any order. */
#include "args.h"

#include <string.h>

#include "nearest.h"
#include "number.h"

#define SEEN_MAX 128u

/* A parse in progress. */
typedef struct parse {
    dfukit_cli_args *args;
    char *const *argv; /* the next argument; NULL ends */
    size_t word_count;
    const char *words[DFUKIT_CLI_FILES_MAX + 2]; /* what is no option: verb and arguments */
    size_t seen_count;
    const dfukit_cli_option *seen[SEEN_MAX];
    const dfukit_cli_option *apart; /* an optional value stands behind it as a word of its own */
    const char *apart_value;
} parse;

#define COMPLAIN(p, ...)                                                                           \
    (snprintf((p)->args->complaint, sizeof(p)->args->complaint, __VA_ARGS__), false)

static bool is_optional(const dfukit_cli_option *o)
{
    return o->argument != NULL && o->argument[0] == '[';
}

/* Set an option and remember that it stood there. */
static bool set(parse *p, const dfukit_cli_option *o, const char *value)
{
    if (p->seen_count == SEEN_MAX)
        return COMPLAIN(p, "too many options");
    p->seen[p->seen_count++] = o;
    uint32_t unused;
    if (is_optional(o) && value == NULL && *p->argv != NULL &&
        dfukit_cli_seconds(*p->argv, &unused)) {
        p->apart = o;
        p->apart_value = *p->argv;
    }
    const char *wanted = o->set(p->args, value);
    if (wanted == NULL)
        return true;
    char why[DFUKIT_CLI_COMPLAINT_SIZE];
    snprintf(why, sizeof why, "%s", wanted); /* it may stand in the complaint itself */
    if (wanted == p->args->complaint)
        return COMPLAIN(p, "--%s: %.900s", o->name, why);
    return COMPLAIN(p, "--%s %.700s, not \"%.200s\"", o->name, why, value != NULL ? value : "");
}

static bool take_argument(parse *p, const dfukit_cli_option *o)
{
    if (*p->argv == NULL)
        return COMPLAIN(p, "--%s wants an argument: %s", o->name, o->argument);
    return set(p, o, *p->argv++);
}

/* --name, --name=value, --name value */
static bool long_option(parse *p, const char *text)
{
    size_t length = strcspn(text, "=");
    const char *value = text[length] == '=' ? text + length + 1 : NULL;
    for (const dfukit_cli_option *o = dfukit_cli_options; o->name != NULL; o++) {
        if (strlen(o->name) != length || strncmp(o->name, text, length) != 0)
            continue;
        if (o->argument == NULL && value != NULL)
            return COMPLAIN(p, "--%s takes no argument", o->name);
        if (o->argument == NULL || value != NULL || is_optional(o))
            return set(p, o, value);
        return take_argument(p, o);
    }
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)(length < 63 ? length : 63), text);
    dfukit_cli_nearest nearest = dfukit_cli_nearest_to(name);
    for (const dfukit_cli_option *o = dfukit_cli_options; o->name != NULL; o++)
        dfukit_cli_nearest_offer(&nearest, o->name);
    if (nearest.best != NULL)
        return COMPLAIN(p, "unknown option --%s; did you mean --%s?", name, nearest.best);
    return COMPLAIN(p, "unknown option --%s; see `dfu --help`", name);
}

/* -q, -qv, -d X, -dX */
static bool short_options(parse *p, const char *letters)
{
    for (; *letters != '\0'; letters++) {
        const dfukit_cli_option *o = dfukit_cli_options;
        while (o->name != NULL && o->letter != *letters)
            o++;
        if (o->name == NULL)
            return COMPLAIN(p, "unknown option -%c; see `dfu --help`", *letters);
        if (o->argument == NULL) {
            if (!set(p, o, NULL))
                return false;
            continue;
        }
        const char *rest = letters + 1;
        if (is_optional(o) && *rest == '=')
            rest++;
        if (*rest != '\0')
            return set(p, o, rest);
        return is_optional(o) ? set(p, o, NULL) : take_argument(p, o);
    }
    return true;
}

static bool add_word(parse *p, const char *text)
{
    if (p->word_count == sizeof p->words / sizeof *p->words)
        return COMPLAIN(p, "too many arguments");
    p->words[p->word_count++] = text;
    return true;
}

static bool split(parse *p)
{
    bool only_words = false;
    while (*p->argv != NULL) {
        const char *text = *p->argv++;
        bool fine = true;
        if (only_words || text[0] != '-' || text[1] == '\0')
            fine = add_word(p, text);
        else if (strcmp(text, "--") == 0)
            only_words = true;
        else if (text[1] == '-')
            fine = long_option(p, text + 2);
        else
            fine = short_options(p, text + 1);
        if (!fine)
            return false;
    }
    return true;
}

static bool is_verb(const dfukit_cli_verb *v, const char *name)
{
    return strcmp(v->name, name) == 0 || (v->alias != NULL && strcmp(v->alias, name) == 0);
}

/* Are these the first words of a verb of several? */
static bool begins_verb(const char *name)
{
    size_t n = strlen(name);
    for (const dfukit_cli_verb *v = dfukit_cli_verbs; v->name != NULL; v++) {
        if (strncmp(v->name, name, n) == 0 && v->name[n] == ' ')
            return true;
    }
    return false;
}

static bool joined(parse *p)
{
    return COMPLAIN(p, "--%s takes its value joined to it: --%s=%.100s", p->apart->name,
                    p->apart->name, p->apart_value);
}

/* Find the verb in the first word, or the first two or three. `used`: how many words it took. */
static bool find_verb(parse *p, size_t *used)
{
    char name[64];
    *used = 1;
    snprintf(name, sizeof name, "%.20s", p->words[0]);
    while (begins_verb(name)) {
        if (p->word_count <= *used && p->args->help)
            snprintf(p->args->verb_family, sizeof p->args->verb_family, "%s", name);
        if (p->word_count <= *used)
            return p->args->help ||
                   COMPLAIN(p, "`dfu %s` wants a verb of its own; see `dfu --help`", name);
        size_t length = strlen(name);
        snprintf(name + length, sizeof name - length, " %.20s", p->words[(*used)++]);
    }
    dfukit_cli_nearest nearest = dfukit_cli_nearest_to(name);
    for (const dfukit_cli_verb *v = dfukit_cli_verbs; v->name != NULL; v++) {
        if (is_verb(v, name)) {
            p->args->verb = v;
            return true;
        }
        dfukit_cli_nearest_offer(&nearest, v->name);
        if (v->alias != NULL)
            dfukit_cli_nearest_offer(&nearest, v->alias);
    }
    if (p->apart_value == p->words[0])
        return joined(p);
    if (nearest.best != NULL)
        return COMPLAIN(p, "unknown verb \"%s\"; did you mean `dfu %s`?", name, nearest.best);
    return COMPLAIN(p, "unknown verb \"%s\"; see `dfu --help`", name);
}

bool dfukit_cli_has_option(const dfukit_cli_verb *verb, const char *name, size_t length)
{
    for (const dfukit_cli_option *o = dfukit_cli_options; o->name != NULL; o++) {
        bool letter = length == 1 && o->letter == *name;
        bool whole = strlen(o->name) == length && strncmp(o->name, name, length) == 0;
        if ((o->verbs & verb->bit) != 0 && (letter || whole))
            return true;
    }
    return false;
}

bool dfukit_cli_options_fit(const dfukit_cli_verb *verb, const char *text)
{
    static const char in_names[] = "abcdefghijklmnopqrstuvwxyz-";
    bool begins_word = true;
    for (; *text != '\0'; text++) {
        if (begins_word && *text == '-') {
            const char *name = text + strspn(text, "-");
            size_t length = strspn(name, in_names);
            bool for_trace = length == 5 && strncmp(name, "force", length) == 0 &&
                             (verb->bit & DFUKIT_CLI_TRACED) != 0;
            if (length != 0 && (for_trace || !dfukit_cli_has_option(verb, name, length)))
                return false;
        }
        begins_word = *text == ' ' || *text == '`' || *text == '(';
    }
    return true;
}

/* Do all options that stood there belong to the verb? */
static bool check_options(parse *p)
{
    const dfukit_cli_verb *v = p->args->verb;
    for (size_t i = 0; i < p->seen_count; i++) {
        bool belongs = false;
        for (const dfukit_cli_option *o = dfukit_cli_options; o->name != NULL; o++)
            belongs |= strcmp(o->name, p->seen[i]->name) == 0 && (o->verbs & v->bit) != 0;
        if (!belongs)
            return COMPLAIN(p, "--%s does not go with `dfu %s`; see `dfu %s --help`",
                            p->seen[i]->name, v->name, v->name);
    }
    return true;
}

static bool check_arguments(parse *p, size_t used)
{
    dfukit_cli_args *a = p->args;
    const dfukit_cli_verb *v = a->verb;
    size_t count = p->word_count - used;
    if (a->help || a->version)
        return true;
    if (count < v->least && !a->list && a->replay == NULL)
        return COMPLAIN(p, "`dfu %s` wants %s; see `dfu %s --help`", v->name, v->arguments,
                        v->name);
    if (count > v->most && p->apart != NULL)
        return joined(p);
    if (count > v->most)
        return COMPLAIN(p, "`dfu %s` does not know what to do with \"%.200s\"", v->name,
                        p->words[used + v->most]);
    a->file_count = count;
    for (size_t i = 0; i < count; i++)
        a->files[i] = p->words[used + i];
    return true;
}

/* An option that is wrong may only be so because its verb is: then the verb is what to tell. */
static void blame_verb(parse *p)
{
    char complaint[DFUKIT_CLI_COMPLAINT_SIZE];
    size_t used;
    if (p->word_count == 0 || (p->word_count == 1 && begins_verb(p->words[0])))
        return;
    memcpy(complaint, p->args->complaint, sizeof complaint);
    if (find_verb(p, &used))
        memcpy(p->args->complaint, complaint, sizeof complaint);
}

bool dfukit_cli_parse(dfukit_cli_args *args, int argc, char *const *argv)
{
    memset(args, 0, sizeof *args);
    parse p = {.args = args, .argv = argv + (argc > 0 ? 1 : 0)};
    size_t used = 0;
    if (!split(&p)) {
        blame_verb(&p);
        return false;
    }
    if (p.word_count != 0 && strcmp(p.words[0], "help") == 0) {
        args->help = true;
        if (--p.word_count == 0)
            return true;
        memmove(p.words, p.words + 1, p.word_count * sizeof *p.words);
    }
    if (p.word_count == 0)
        return args->help || args->version || COMPLAIN(&p, "what is to be done? See `dfu --help`");
    if (!find_verb(&p, &used))
        return false;
    if (args->verb == NULL)
        return true; /* --help for a family of verbs */
    return check_options(&p) && check_arguments(&p, used);
}
