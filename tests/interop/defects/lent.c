/* SPDX-License-Identifier: MIT */
/* lent [--flash FILE] [--log FILE] DEVICE... -- COMMAND...: run a command with the named devices
 * (bench.h, or personas) lent to it over USB/IP: DFUKIT_ON says where they are. Exits as the
 * command does; then FILE holds the first device's memory, or what was asked of it. 125: the
 * memory was misused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define WORK_MS     5u
#define DEVICES_MAX 4u

typedef struct lent {
    bench *bench;
    dfukit_virtual *persona;
} lent;

typedef struct request {
    const char *flash, *log;
    char **devices;
    size_t count;
    char **command;
} request;

static bool parse(request *r, char **argv)
{
    memset(r, 0, sizeof *r);
    for (argv++; *argv != NULL && strncmp(*argv, "--", 2) == 0 && argv[1] != NULL; argv += 2) {
        if (strcmp(*argv, "--flash") == 0)
            r->flash = argv[1];
        else if (strcmp(*argv, "--log") == 0)
            r->log = argv[1];
        else
            return false;
    }
    r->devices = argv;
    while (argv[r->count] != NULL && strcmp(argv[r->count], "--") != 0)
        r->count++;
    r->command = argv + r->count + 1;
    return r->count != 0 && r->count <= DEVICES_MAX && argv[r->count] != NULL &&
           *r->command != NULL;
}

static bool take(lent *l, const char *name, const dfukit_clock *clock, FILE *log, dfukit_wire *wire)
{
    const dfukit_persona *persona = dfukit_persona_find(name);
    const dfukit_virtual_options options = {.fast = true};
    if (persona != NULL && (l->persona = dfukit_virtual_new(persona, &options, clock)) != NULL)
        *wire = dfukit_virtual_wire(l->persona);
    else if ((l->bench = bench_new(name, clock, log)) != NULL)
        *wire = bench_wire(l->bench);
    else
        fprintf(stderr, "lent: no device \"%s\"\n", name);
    return l->persona != NULL || l->bench != NULL;
}

/* @return the command's exit code, 128 + its signal, or 127. */
static int run(dfukit_server *server, char **command)
{
    char where[64];
    int status = 0;
    snprintf(where, sizeof where, "usbip://127.0.0.1:%u", (unsigned)dfukit_server_port(server));
    setenv("DFUKIT_ON", where, 1);
    pid_t child = fork();
    if (child == 0) {
        execvp(command[0], command);
        perror(command[0]);
        _exit(127);
    }
    while (child > 0 && waitpid(child, &status, WNOHANG) == 0)
        dfukit_server_work(server, WORK_MS);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static bool save(const lent *l, const char *file)
{
    size_t n = 0;
    uint32_t few = 0;
    const uint8_t *cells = NULL;
    if (l->bench != NULL) {
        cells = bench_cells(l->bench, &n);
    } else {
        cells = dfukit_vflash_cells(dfukit_virtual_flash(l->persona), &few);
        n = few;
    }
    FILE *to = fopen(file, "wb");
    bool fine = to != NULL && fwrite(cells, 1, n, to) == n;
    return to != NULL && fclose(to) == 0 && fine;
}

int main(int argc, char **argv)
{
    request r;
    lent devices[DEVICES_MAX] = {{NULL, NULL}};
    dfukit_wire wires[DEVICES_MAX];
    const dfukit_clock clock = dfukit_clock_real();
    if (argc < 4 || !parse(&r, argv)) {
        fprintf(stderr, "usage: lent [--flash FILE] [--log FILE] DEVICE... -- COMMAND...\n");
        return 127;
    }
    FILE *log = r.log != NULL ? fopen(r.log, "w") : NULL;
    for (size_t i = 0; i < r.count; i++) {
        if (!take(&devices[i], r.devices[i], &clock, i == 0 ? log : NULL, &wires[i]))
            return 127;
    }
    dfukit_server *server = dfukit_server_new("127.0.0.1:0", wires, r.count, &clock, NULL);
    int code = server != NULL ? run(server, r.command) : 127;
    dfukit_server_free(&server);
    if (r.flash != NULL && !save(&devices[0], r.flash))
        code = 126;
    for (size_t i = 0; i < r.count; i++) {
        if (devices[i].bench != NULL && bench_misuses(devices[i].bench) != 0)
            code = 125;
        dfukit_virtual_free(&devices[i].persona);
        bench_free(devices[i].bench);
    }
    if (log != NULL)
        fclose(log);
    return code;
}
