/* SPDX-License-Identifier: MIT */
/* plugged [--flash FILE] [--count FILE] [--timed] DEVICE... -- COMMAND...: run a command on a
 * computer into whose USB ports the named devices are plugged: personas, as NAME[,FAULT[=ARG]]...,
 * boards (board.h), or "scripted". Exits as the command does; then FILE holds the first device's
 * flash, or how many DFU class requests it got and the milliseconds from the first DFU_DETACH to
 * the first DFU_DNLOAD. Run it under umockdev-wrapper. */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "board.h"
#include "counted.h"
#include "dfukit/virtual.h"
#include "fakebus.h"
#include "scripted.h"

#define WORK_INTERVAL_US 1000u
#define DEVICES_MAX      8

/* What is in a port, if it has a flash to look at. */
typedef struct plug {
    dfukit_virtual *persona;
    board *board;
    counted count;
} plug;

/* Erases, programs and waits take their time. */
static bool timed;

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

static void plug_in(fakebus *bus, unsigned port, const char *name, scripted *spare, plug *p)
{
    dfukit_virtual_options options = {.fast = !timed};
    const dfukit_persona *persona = persona_of(name, &options);
    const dfukit_clock clock = dfukit_clock_real();
    dfukit_wire wire = {NULL, NULL};
    if (strcmp(name, "scripted") == 0) {
        scripted_init(spare);
        wire = scripted_wire(spare);
    } else if (persona != NULL && (p->persona = dfukit_virtual_new(persona, &options, &clock))) {
        wire = dfukit_virtual_wire(p->persona);
    } else if ((p->board = board_new(name, &clock)) != NULL) {
        wire = board_wire(p->board);
    } else {
        wrong(name);
    }
    wire = counted_wire(&p->count, &wire, &clock);
    fakebus_plug(bus, port, &wire);
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

static bool save_count(const counted *c, const char *file)
{
    bool both = c->detach_us != 0 && c->block_us > c->detach_us;
    char *text = g_strdup_printf("%u %u\n", (unsigned)c->requests,
                                 both ? (unsigned)((c->block_us - c->detach_us) / 1000u) : 0u);
    bool fine = g_file_set_contents(file, text, -1, NULL);
    g_free(text);
    return fine;
}

int main(int argc, char **argv)
{
    static scripted spare;
    static plug devices[DEVICES_MAX];
    const char *flash = NULL, *count = NULL;
    int at = 1;
    while (at + 1 < argc) {
        if (strcmp(argv[at], "--timed") == 0)
            timed = true;
        else if (strcmp(argv[at], "--flash") == 0)
            flash = argv[++at];
        else if (strcmp(argv[at], "--count") == 0)
            count = argv[++at];
        else
            break;
        at++;
    }
    int first = at;
    while (at < argc && strcmp(argv[at], "--") != 0)
        at++;
    if (at + 1 >= argc || at == first || at - first > DEVICES_MAX) {
        fprintf(stderr,
                "usage: plugged [--flash FILE] [--count FILE] [--timed] DEVICE... -- COMMAND...\n");
        return 2;
    }
    fakebus *bus = fakebus_new();
    for (int i = first; i < at; i++)
        plug_in(bus, (unsigned)(i - first) + 1, argv[i], &spare, &devices[i - first]);
    int code = run(bus, &argv[at + 1]);
    if (flash != NULL && !save_flash(&devices[0], flash))
        code = 126;
    if (count != NULL && !save_count(&devices[0].count, count))
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
