/* SPDX-License-Identifier: MIT */
/* --on WHERE: which bus the devices are on. */
#include "place.h"

#include <stdio.h>
#include <string.h>

#include "nearest.h"

const dfukit_persona *dfukit_cli_persona(const char *name,
                                         char complaint[DFUKIT_CLI_COMPLAINT_SIZE])
{
    const dfukit_persona *found = dfukit_persona_find(name);
    if (found != NULL)
        return found;
    dfukit_cli_nearest nearest = dfukit_cli_nearest_to(name);
    for (size_t i = 0; dfukit_persona_at(i) != NULL; i++)
        dfukit_cli_nearest_offer(&nearest, dfukit_persona_at(i)->name);
    if (nearest.best != NULL)
        snprintf(complaint, DFUKIT_CLI_COMPLAINT_SIZE,
                 "there is no virtual device \"%.100s\"; did you mean %s?", name, nearest.best);
    else
        snprintf(complaint, DFUKIT_CLI_COMPLAINT_SIZE,
                 "there is no virtual device \"%.100s\"; `dfu virtual --list` names them", name);
    return NULL;
}

/* The known fault of that name; NULL when there is none. */
static const char *fault_name(const char *text)
{
    const char *name, *about;
    size_t length = strcspn(text, "=");
    for (size_t i = 0; dfukit_fault_describe(i, &name, &about); i++) {
        if (strlen(name) == length && strncmp(name, text, length) == 0)
            return name;
    }
    return NULL;
}

const char *dfukit_cli_fault_usage(const char *name, const char *about, char *buffer, size_t room)
{
    dfukit_fault unused;
    char with_value[64];
    const char *value = strstr(about, "N ms") != NULL ? "MS" : "N";
    snprintf(with_value, sizeof with_value, "%s=1", name);
    if (dfukit_fault_parse(with_value, &unused) != DFUKIT_OK)
        snprintf(buffer, room, "%s", name);
    else if (dfukit_fault_parse(name, &unused) == DFUKIT_OK)
        snprintf(buffer, room, "%s[=%s]", name, value);
    else
        snprintf(buffer, room, "%s=%s", name, value);
    return buffer;
}

/* A known fault with a wrong value, or without the one it needs. */
static void fault_value(const char *name, const char *text,
                        char complaint[DFUKIT_CLI_COMPLAINT_SIZE])
{
    const char *other, *about = "";
    const char *value = strchr(text, '=');
    char usage[64];
    for (size_t i = 0; dfukit_fault_describe(i, &other, &about) && strcmp(name, other) != 0;)
        i++;
    dfukit_cli_fault_usage(name, about, usage, sizeof usage);
    if (value == NULL)
        snprintf(complaint, DFUKIT_CLI_COMPLAINT_SIZE, "fault %s wants a value: %s", name, usage);
    else if (strchr(usage, '=') == NULL)
        snprintf(complaint, DFUKIT_CLI_COMPLAINT_SIZE, "fault %s takes no value", name);
    else
        snprintf(complaint, DFUKIT_CLI_COMPLAINT_SIZE,
                 "fault %s wants a number that fits, not \"%.100s\": %s", name, value + 1, usage);
}

bool dfukit_cli_fault(const char *text, dfukit_fault *out,
                      char complaint[DFUKIT_CLI_COMPLAINT_SIZE])
{
    if (dfukit_fault_parse(text, out) == DFUKIT_OK)
        return true;
    const char *known = fault_name(text);
    if (known != NULL) {
        fault_value(known, text, complaint);
        return false;
    }
    const char *name, *about;
    char asked[48];
    snprintf(asked, sizeof asked, "%.*s", (int)(strcspn(text, "=") < 40 ? strcspn(text, "=") : 40),
             text);
    dfukit_cli_nearest nearest = dfukit_cli_nearest_to(asked);
    for (size_t i = 0; dfukit_fault_describe(i, &name, &about); i++)
        dfukit_cli_nearest_offer(&nearest, name);
    if (nearest.best != NULL) {
        snprintf(complaint, DFUKIT_CLI_COMPLAINT_SIZE, "there is no fault \"%s\"; did you mean %s?",
                 asked, nearest.best);
        return false;
    }
    int n = snprintf(complaint, DFUKIT_CLI_COMPLAINT_SIZE, "there is no fault \"%s\"; known are",
                     asked);
    for (size_t i = 0; dfukit_fault_describe(i, &name, &about); i++) {
        if (n < 0 || (size_t)n >= DFUKIT_CLI_COMPLAINT_SIZE)
            break;
        n += snprintf(complaint + n, DFUKIT_CLI_COMPLAINT_SIZE - (size_t)n, "%s %s",
                      i == 0 ? "" : ",", name);
    }
    return false;
}

/* The name of a fault that was parsed. */
static const char *name_of_fault(const dfukit_fault *fault)
{
    const char *name = "", *about;
    if (fault->id >= 0)
        dfukit_fault_describe((size_t)fault->id, &name, &about);
    return name;
}

bool dfukit_cli_faults_apply(const dfukit_fault *faults, size_t count,
                             const dfukit_persona *persona,
                             char complaint[DFUKIT_CLI_COMPLAINT_SIZE])
{
    const char *why = "";
    for (size_t i = 0; i < count; i++) {
        if (dfukit_fault_applies(&faults[i], persona, &why))
            continue;
        snprintf(complaint, DFUKIT_CLI_COMPLAINT_SIZE, "fault %s means nothing to %s: %s",
                 name_of_fault(&faults[i]), persona->name, why);
        return false;
    }
    return true;
}

bool dfukit_cli_timing(const char *text, bool *real_time)
{
    bool real = strcmp(text, "real") == 0;
    if (!real && strcmp(text, "fast") != 0)
        return false;
    *real_time = real;
    return true;
}

/* Copy n characters; false when there is no room. */
static bool copy(char *to, size_t room, const char *from, size_t n)
{
    if (n >= room)
        return false;
    memcpy(to, from, n);
    to[n] = '\0';
    return true;
}

/* One of the settings behind a persona's name. */
static bool virtual_setting(char *text, dfukit_cli_place *place,
                            char complaint[DFUKIT_CLI_COMPLAINT_SIZE])
{
    char *value = strchr(text, '=');
    if (value != NULL)
        *value++ = '\0';
    if (value != NULL && strcmp(text, "timing") == 0 && dfukit_cli_timing(value, &place->real_time))
        return true;
    if (value != NULL && strcmp(text, "serial") == 0 && *value != '\0' &&
        copy(place->serial, sizeof place->serial, value, strlen(value)))
        return true;
    if (value != NULL && strcmp(text, "fault") == 0) {
        if (place->fault_count < DFUKIT_FAULTS_MAX)
            return dfukit_cli_fault(value, &place->faults[place->fault_count++], complaint);
        snprintf(complaint, DFUKIT_CLI_COMPLAINT_SIZE, "at most %u faults at a time",
                 DFUKIT_FAULTS_MAX);
        return false;
    }
    snprintf(complaint, DFUKIT_CLI_COMPLAINT_SIZE,
             "\"%.100s\" is none of timing=real|fast, fault=NAME[=ARG], serial=TEXT", text);
    return false;
}

static const char *behind(const char *text, const char *prefix)
{
    size_t n = strlen(prefix);
    return strncmp(text, prefix, n) == 0 ? text + n : NULL;
}

static bool parse_virtual(const char *text, dfukit_cli_place *place,
                          char complaint[DFUKIT_CLI_COMPLAINT_SIZE])
{
    char parts[512];
    const char *trace = behind(text, "replay=");
    if (trace != NULL) { /* a file's name, commas and all */
        if (*trace != '\0' && copy(place->replay, sizeof place->replay, trace, strlen(trace)))
            return true;
        snprintf(complaint, DFUKIT_CLI_COMPLAINT_SIZE, "wants a trace: virtual:replay=FILE");
        return false;
    }
    if (!copy(parts, sizeof parts, text, strlen(text))) {
        snprintf(complaint, DFUKIT_CLI_COMPLAINT_SIZE, "the description is too long");
        return false;
    }
    char *rest = strchr(parts, ',');
    if (rest != NULL)
        *rest++ = '\0';
    place->persona = dfukit_cli_persona(parts, complaint);
    if (place->persona == NULL)
        return false;
    while (rest != NULL) {
        char *part = rest;
        rest = strchr(part, ',');
        if (rest != NULL)
            *rest++ = '\0';
        if (!virtual_setting(part, place, complaint))
            return false;
    }
    return dfukit_cli_faults_apply(place->faults, place->fault_count, place->persona, complaint);
}

bool dfukit_cli_place_parse(const char *text, dfukit_cli_place *place,
                            char complaint[DFUKIT_CLI_COMPLAINT_SIZE])
{
    memset(place, 0, sizeof *place);
    place->text = text;
    int error = dfukit_where_parse(text, &place->where);
    place->kind = place->where.usbip ? DFUKIT_CLI_ON_USBIP : DFUKIT_CLI_ON_USB;
    if (error == DFUKIT_OK)
        return true;
    if (behind(text, "usbip://") != NULL) {
        snprintf(complaint, DFUKIT_CLI_COMPLAINT_SIZE,
                 "wants usbip://HOST[:PORT][/BUSID], e.g. usbip://127.0.0.1:3240/1-1");
        return false;
    }
    const char *rest = behind(text, "virtual:");
    if (rest != NULL) {
        place->kind = DFUKIT_CLI_ON_VIRTUAL;
        return parse_virtual(rest, place, complaint);
    }
    snprintf(complaint, DFUKIT_CLI_COMPLAINT_SIZE,
             "wants usb, usbip://HOST[:PORT][/BUSID] or virtual:PERSONA");
    return false;
}
