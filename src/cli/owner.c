/* SPDX-License-Identifier: MIT */
/* Who holds a device that is in use: on Linux, from /proc and /sys. */
#include "owner.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_ROOM 512u

/* The file by which programs reach the device: "/dev/bus/usb/001/004". */
static void node_of(const char *dev, const dfukit_target *t, char *buffer, size_t room)
{
    snprintf(buffer, room, "%s/bus/usb/%03u/%03u", dev, (unsigned)(t->devnum >> 16),
             (unsigned)(t->devnum & 0xFFFFu));
}

/* What a link names; "" when it is none or may not be read. */
static const char *link_text(const char *link, char *buffer, size_t room)
{
    ssize_t n = readlink(link, buffer, room - 1);
    buffer[n > 0 ? n : 0] = '\0';
    return buffer;
}

/* Has the process, whose folder this is, the file open? */
static bool has_open(const char *process, const char *node)
{
    char folder[PATH_ROOM + 4], name[PATH_ROOM + 300], target[PATH_ROOM];
    bool found = false;
    snprintf(folder, sizeof folder, "%s/fd", process);
    DIR *d = opendir(folder);
    if (d == NULL)
        return false;
    for (struct dirent *e = readdir(d); e != NULL && !found; e = readdir(d)) {
        snprintf(name, sizeof name, "%s/%s", folder, e->d_name);
        found = strcmp(link_text(name, target, sizeof target), node) == 0;
    }
    closedir(d);
    return found;
}

static void program_name(const char *process, char *buffer, size_t room)
{
    char file[PATH_ROOM + 10];
    snprintf(file, sizeof file, "%s/comm", process);
    FILE *f = fopen(file, "r");
    buffer[0] = '\0';
    if (f != NULL) {
        if (fgets(buffer, (int)room, f) == NULL)
            buffer[0] = '\0';
        fclose(f);
    }
    buffer[strcspn(buffer, "\n")] = '\0';
    dfukit_text_sanitise(buffer);
}

static bool is_number(const char *text)
{
    return *text != '\0' && strspn(text, "0123456789") == strlen(text);
}

static bool find_program(const char *proc, const char *node, dfukit_cli_owner *out)
{
    char process[PATH_ROOM], name[64];
    bool found = false;
    DIR *d = opendir(proc);
    if (d == NULL)
        return false;
    for (struct dirent *e = readdir(d); e != NULL && !found; e = readdir(d)) {
        if (!is_number(e->d_name) || strtol(e->d_name, NULL, 10) == (long)getpid())
            continue;
        snprintf(process, sizeof process, "%s/%.20s", proc, e->d_name);
        if (!has_open(process, node))
            continue;
        found = true;
        program_name(process, name, sizeof name);
        snprintf(out->who, sizeof out->who, "%s (process %.20s)",
                 name[0] != '\0' ? name : "a program", e->d_name);
        snprintf(out->remedy, sizeof out->remedy, "end that program, then repeat: kill %.20s",
                 e->d_name);
    }
    closedir(d);
    return found;
}

/* A driver of the kernel's at the interface; usbfs is the one that stands for programs. */
static bool find_driver(const char *sys, const dfukit_target *t, dfukit_cli_owner *out)
{
    char interface[DFUKIT_PATH_SIZE + 16], link[PATH_ROOM], target[PATH_ROOM];
    snprintf(interface, sizeof interface, "%s:%u.%u", t->path,
             t->configuration != 0 ? (unsigned)t->configuration : 1u, (unsigned)t->interface);
    snprintf(link, sizeof link, "%s/bus/usb/devices/%s/driver", sys, interface);
    const char *name = strrchr(link_text(link, target, sizeof target), '/');
    if (name == NULL || strcmp(name + 1, "usbfs") == 0)
        return false;
    snprintf(out->who, sizeof out->who, "the kernel driver %.60s", name + 1);
    snprintf(out->remedy, sizeof out->remedy,
             "as root: echo %s > /sys/bus/usb/drivers/%.60s/unbind", interface, name + 1);
    return true;
}

bool dfukit_cli_owner_find(const dfukit_cli_owner_roots *roots, const dfukit_target *t,
                           dfukit_cli_owner *out)
{
    static const dfukit_cli_owner_roots here = {"/proc", "/sys", "/dev"};
    char node[PATH_ROOM];
    if (roots == NULL)
        roots = &here;
    memset(out, 0, sizeof *out);
    node_of(roots->dev, t, node, sizeof node);
    return find_program(roots->proc, node, out) || find_driver(roots->sys, t, out);
}
