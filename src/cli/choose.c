/* SPDX-License-Identifier: MIT */
/* Finding the one device that is meant: list, wait, choose, and say which options would choose. */
#include "choose.h"

#include <stdarg.h>
#include <string.h>

#include "describe.h"
#include "exit.h"
#include "interrupt.h"
#include "report.h"

#define WAIT_INTERVAL_MS 50u

static void add(char *buffer, size_t room, const char *format, ...) DFUKIT_CLI_PRINTF(3, 4);

static void add(char *buffer, size_t room, const char *format, ...)
{
    size_t n = strlen(buffer);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(buffer + n, room - n, format, arguments);
    va_end(arguments);
}

static const char *id(uint32_t value, char buffer[8])
{
    if (value == DFUKIT_ID_ANY)
        return "*";
    if (value == DFUKIT_ID_NONE)
        return "-";
    snprintf(buffer, 8, "%04x", (unsigned)value);
    return buffer;
}

/* What was asked for: " with ID 1209:70b1, at path 1-4"; "" when anything would do. */
static void describe(const dfukit_selector *s, char *buffer, size_t room)
{
    char a[8], b[8];
    buffer[0] = '\0';
    if (s->has_ids)
        add(buffer, room, " with ID %s:%s", id(s->ids.vid, a), id(s->ids.pid, b));
    if (s->has_dfu_ids)
        add(buffer, room, " (in DFU mode %s:%s)", id(s->dfu_ids.vid, a), id(s->dfu_ids.pid, b));
    if (s->serial != NULL)
        add(buffer, room, " with serial number \"%s\"", s->serial);
    if (s->has_dfu_serial && s->dfu_serial != NULL)
        add(buffer, room, " (in DFU mode \"%s\")", s->dfu_serial);
    if (s->path != NULL)
        add(buffer, room, " at path %s", s->path);
    if (s->has_devnum)
        add(buffer, room, " with device number %u", (unsigned)s->devnum);
    if (s->has_interface)
        add(buffer, room, " with DFU interface %u", (unsigned)s->interface);
    if (s->has_configuration)
        add(buffer, room, " in configuration %u", (unsigned)s->configuration);
}

/* "`dfu list --on usbip://host`", as it was said where to look. */
static const char *list_command(const dfukit_cli_where *w, char *buffer, size_t room)
{
    const char *text = w->place->text;
    snprintf(buffer, room, "`dfu list%s%s`", text != NULL ? " --on " : "",
             text != NULL ? text : "");
    return buffer;
}

static int none(const dfukit_cli_ui *ui, const dfukit_cli_where *w, const dfukit_selector *s,
                size_t others, bool waited)
{
    char text[300], wanted[512], list[600];
    dfukit_cli_result r = {.error = DFUKIT_ERR_NO_DEVICE};
    describe(s, wanted, sizeof wanted);
    if (others != 0 && wanted[0] == '\0') /* what is there is passed over */
        snprintf(wanted, sizeof wanted, " that can be read or written");
    dfukit_cli_message(&r, "no DFU device%s %s%s", wanted,
                       dfukit_cli_where_text(w, text, sizeof text),
                       waited ? ": none has come in time" : "");
    if (others != 0)
        snprintf(r.remedy, sizeof r.remedy, "%s shows what is there: %zu DFU device%s",
                 list_command(w, list, sizeof list), others, others == 1 ? "" : "s");
    else if (!waited)
        snprintf(r.remedy, sizeof r.remedy,
                 "plug it in, or press its button for DFU mode; --wait waits for it");
    return dfukit_cli_finish(ui, &r);
}

/* May a serial number be typed into a shell as it is? */
static bool is_plain(const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    return *text != '\0' && *text != '-' && strspn(text, plain) == strlen(text);
}

/* Does no other of the matches have this serial number? */
static bool is_unique(const dfukit_targets *all, const dfukit_target *t)
{
    for (size_t i = 0; i < all->count; i++) {
        const dfukit_target *o = &all->list[i];
        if (o != t && o->has_serial && strcmp(o->serial, t->serial) == 0)
            return false;
    }
    return true;
}

static bool shares_path(const dfukit_targets *all, const dfukit_target *t)
{
    for (size_t i = 0; i < all->count; i++) {
        if (&all->list[i] != t && strcmp(all->list[i].path, t->path) == 0)
            return true;
    }
    return false;
}

static bool is_choice(const dfukit_selector *s, const dfukit_target *t)
{
    return dfukit_selector_matches(s, t) && !dfukit_target_is_bystander(t);
}

static int widest(int width, const char *text)
{
    int n = (int)strlen(text);
    return n > width ? n : width;
}

/* "-p 1-2 or -S 1234": what would choose this one. */
static const char *options_for(const dfukit_targets *all, const dfukit_target *t, char *buffer,
                               size_t room)
{
    snprintf(buffer, room, "-p %s", t->path);
    if (shares_path(all, t))
        add(buffer, room, " -i %u", (unsigned)t->interface);
    else if (t->has_serial && is_plain(t->serial) && is_unique(all, t))
        add(buffer, room, " or -S %s", t->serial);
    return buffer;
}

static int ambiguous(const dfukit_cli_ui *ui, const dfukit_selector *s, const dfukit_targets *all)
{
    char remedy[1024] = "choose one of them:";
    size_t count = 0;
    int width = 0;
    for (size_t i = 0; i < all->count; i++) {
        char choice[300];
        if (is_choice(s, &all->list[i]))
            width = widest(width, options_for(all, &all->list[i], choice, sizeof choice));
    }
    for (size_t i = 0; i < all->count; i++) {
        const dfukit_target *t = &all->list[i];
        char ids[10], choice[300];
        if (!is_choice(s, t))
            continue;
        count++;
        add(remedy, sizeof remedy, "\n  %-*s  %s, %s, %s", width,
            options_for(all, t, choice, sizeof choice), dfukit_cli_id_text(&t->device, ids),
            dfukit_mode_name(t->mode), dfukit_cli_product(t));
    }
    dfukit_cli_result r = {.error = DFUKIT_ERR_AMBIGUOUS};
    dfukit_cli_message(&r, "more than one device matched: %zu", count);
    memcpy(r.remedy, remedy, sizeof r.remedy);
    return dfukit_cli_finish(ui, &r);
}

/* Look once. @return a dfukit_error; DFUKIT_OK: *target is the one. */
static int look(const dfukit_selector *s, dfukit_cli_where *w, dfukit_targets *all,
                dfukit_target *target)
{
    size_t index = 0;
    int error = dfukit_list(&w->carrier, s, all);
    if (error != DFUKIT_OK)
        return error;
    error = dfukit_select(all->list, all->count, s, &index);
    if (error == DFUKIT_OK)
        *target = all->list[index];
    return error;
}

/* Worth looking again, for one who waits? */
static bool may_change(int error)
{
    return error == DFUKIT_ERR_NO_DEVICE || error == DFUKIT_ERR_CONNECT;
}

int dfukit_cli_choose(const dfukit_cli_ui *ui, const dfukit_cli_args *args, dfukit_cli_where *w,
                      dfukit_target *target)
{
    uint64_t begun = dfukit_cli_now_ms();
    dfukit_targets all = {0, NULL};
    bool told = false, out_of_time = false;
    int error;
    for (;;) {
        error = look(&args->selector, w, &all, target);
        if (dfukit_cli_interrupted())
            error = DFUKIT_ERR_INTERRUPTED;
        uint64_t gone = dfukit_cli_now_ms() - begun;
        if (!args->wait || !may_change(error) || (args->wait_bounded && gone >= args->wait_ms))
            break;
        out_of_time = args->timeout_ms != 0 && gone >= args->timeout_ms;
        if (out_of_time)
            break;
        dfukit_targets_free(&all);
        if (!told && !ui->quiet && !ui->json)
            dfukit_cli_say(ui, "waiting for the device; Ctrl-C gives up");
        told = true;
        dfukit_cli_sleep_ms(WAIT_INTERVAL_MS);
    }
    int code = DFUKIT_EXIT_OK;
    if (out_of_time)
        code = dfukit_cli_fail(ui, DFUKIT_ERR_DEADLINE,
                               "time ran out (--timeout) while waiting for the device");
    else if (error == DFUKIT_ERR_NO_DEVICE)
        code = none(ui, w, &args->selector, all.count, args->wait);
    else if (error == DFUKIT_ERR_AMBIGUOUS)
        code = ambiguous(ui, &args->selector, &all);
    else if (error == DFUKIT_ERR_INTERRUPTED)
        code = dfukit_cli_fail(ui, error, "interrupted while looking for the device");
    else if (error != DFUKIT_OK)
        code = dfukit_cli_where_failed(ui, w, error);
    dfukit_targets_free(&all);
    return code;
}
