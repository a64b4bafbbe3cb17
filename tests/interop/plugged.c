/* SPDX-License-Identifier: MIT */
/* plugged [--flash FILE] DEVICE... -- COMMAND...: run a command on a computer into whose USB ports
 * the named devices are plugged: personas, as NAME[,FAULT[=ARG]]..., boards (board.h), or
 * "scripted". Exits as the command
 * does; then FILE holds the first device's flash. Run it under umockdev-wrapper. */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "board.h"
#include "dfukit/virtual.h"
#include "fakebus.h"
#include "scripted.h"

#define WORK_INTERVAL_US 1000u
#define DEVICES_MAX      8

/* What is in a port, if it has a flash to look at. */
typedef struct plug {
    dfukit_virtual *persona;
    board *board;
} plug;

static void wrong(const char *name)
{
    fprintf(stderr, "plugged: no device \"%s\"\n", name);
    exit(2);
}

/* The persona that a name with faults behind it means; NULL: it means none. */
static const dfukit_persona *persona_of(const char *name, dfukit_virtual_options *options)
{
    char **parts = g_strsplit(name, ",", -1);
    const dfukit_persona *persona = dfukit_persona_find(parts[0]);
    for (int i = 1; persona != NULL && parts[i] != NULL; i++) {
        dfukit_fault *f = &options->faults[options->fault_count];
        if (options->fault_count == DFUKIT_FAULTS_MAX ||
            dfukit_fault_parse(parts[i], f) != DFUKIT_OK || !dfukit_fault_applies(f, persona, NULL))
            wrong(name);
        options->fault_count++;
    }
    g_strfreev(parts);
    return persona;
}

static plug plug_in(fakebus *bus, unsigned port, const char *name, scripted *spare)
{
    dfukit_virtual_options options = {.fast = true};
    const dfukit_persona *persona = persona_of(name, &options);
    const dfukit_clock clock = dfukit_clock_real();
    plug p = {NULL, NULL};
    dfukit_wire wire = {NULL, NULL};
    if (strcmp(name, "scripted") == 0) {
        scripted_init(spare);
        wire = scripted_wire(spare);
    } else if (persona != NULL && (p.persona = dfukit_virtual_new(persona, &options, &clock))) {
        wire = dfukit_virtual_wire(p.persona);
    } else if ((p.board = board_new(name, &clock)) != NULL) {
        wire = board_wire(p.board);
    } else {
        wrong(name);
    }
    fakebus_plug(bus, port, &wire);
    return p;
}

/* @return the command's exit code, 128 + its signal, or 127. */
static int run(fakebus *bus, char **command)
{
    GPid child;
    GError *error = NULL;
    const GSpawnFlags flags =
        G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_CHILD_INHERITS_STDIN;
    if (!g_spawn_async(NULL, command, NULL, flags, NULL, NULL, &child, &error)) {
        fprintf(stderr, "plugged: %s\n", error->message);
        g_error_free(error);
        return 127;
    }
    int status;
    while (waitpid(child, &status, WNOHANG) == 0) {
        fakebus_work(bus);
        g_usleep(WORK_INTERVAL_US);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static bool save_flash(const plug *p, const char *file)
{
    uint32_t n = 0;
    const uint8_t *cells = NULL;
    if (p->persona != NULL)
        cells = dfukit_vflash_cells(dfukit_virtual_flash(p->persona), &n);
    else if (p->board != NULL)
        cells = board_cells(p->board, &n);
    return cells != NULL && g_file_set_contents(file, (const char *)cells, (gssize)n, NULL);
}

int main(int argc, char **argv)
{
    static scripted spare;
    plug devices[DEVICES_MAX] = {{NULL, NULL}};
    const char *flash = NULL;
    int at = 1;
    if (argc > 2 && strcmp(argv[1], "--flash") == 0) {
        flash = argv[2];
        at = 3;
    }
    int first = at;
    while (at < argc && strcmp(argv[at], "--") != 0)
        at++;
    if (at + 1 >= argc || at == first || at - first > DEVICES_MAX) {
        fprintf(stderr, "usage: plugged [--flash FILE] DEVICE... -- COMMAND...\n");
        return 2;
    }
    fakebus *bus = fakebus_new();
    for (int i = first; i < at; i++)
        devices[i - first] = plug_in(bus, (unsigned)(i - first) + 1, argv[i], &spare);
    int code = run(bus, &argv[at + 1]);
    if (flash != NULL && !save_flash(&devices[0], flash))
        code = 126;
    fakebus_free(bus);
    for (int i = 0; i < DEVICES_MAX; i++) {
        if (devices[i].board != NULL && board_misuses(devices[i].board) != 0)
            code = 125;
        dfukit_virtual_free(&devices[i].persona);
        board_free(devices[i].board);
    }
    return code;
}
