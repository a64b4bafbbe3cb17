/* SPDX-License-Identifier: MIT */
/* dfu virtual: devices made of software, served over USB/IP. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "describe.h"
#include "exit.h"
#include "interrupt.h"
#include "json.h"
#include "replay.h"
#include "report.h"
#include "serve.h"
#include "verbs.h"

#define DEVICES_MAX    64u
#define DEFAULT_LISTEN "127.0.0.1:3240"
#define WORK_MS        100u /* how long a signal may go unseen */
#define TRAILER_MOST   64u  /* what a saved flash has behind its cells is shorter */

/* One device that is served. */
typedef struct served {
    const dfukit_persona *persona;
    dfukit_virtual *device;
    char flash[4096]; /* its file; "": none */
    char serial[160];
    uint32_t saved_at; /* flash operations when it was saved last */
} served;

typedef struct shelf {
    size_t count;
    served *list;
    bool save_failed;
} shelf;

static int list_personas(const dfukit_cli_ui *ui)
{
    size_t width = 0;
    for (size_t i = 0; dfukit_persona_at(i) != NULL; i++) {
        size_t n = strlen(dfukit_persona_at(i)->name);
        width = n > width ? n : width;
    }
    for (size_t i = 0; dfukit_persona_at(i) != NULL; i++) {
        const dfukit_persona *p = dfukit_persona_at(i);
        if (ui->json) {
            dfukit_cli_json j = {.to = ui->out};
            dfukit_cli_json_object(&j, NULL);
            dfukit_cli_json_text(&j, "name", p->name);
            dfukit_cli_json_text(&j, "description", p->description);
            dfukit_cli_json_end(&j);
        } else {
            dfukit_cli_cell(ui, ui->out, DFUKIT_CLI_BOLD, width, p->name);
            dfukit_cli_print(ui, "%s", p->description);
        }
    }
    return DFUKIT_EXIT_OK;
}

/* The serial number that tells a unit from others; NULL: there is none. */
static const char *serial_of(const dfukit_persona *p)
{
    if (p->serial_shared)
        return NULL;
    return p->runtime.idVendor != 0 ? p->runtime.serial : p->dfu.serial;
}

/* Names of what belongs to one of several devices end in its number; of devices of one persona the
 * second and those after it do, so that their serial numbers differ. */
static void number(const dfukit_cli_args *args, const shelf *all, served *s, bool several)
{
    size_t n = all->count + 1;
    size_t twins = 0;
    for (size_t i = 0; i < all->count; i++)
        twins += all->list[i].persona == s->persona;
    if (args->flash != NULL && several)
        snprintf(s->flash, sizeof s->flash, "%s.%zu", args->flash, n);
    else if (args->flash != NULL)
        snprintf(s->flash, sizeof s->flash, "%s", args->flash);
    if (args->serial != NULL && several)
        snprintf(s->serial, sizeof s->serial, "%.120s-%zu", args->serial, n);
    else if (args->serial != NULL)
        snprintf(s->serial, sizeof s->serial, "%.120s", args->serial);
    else if (twins != 0 && serial_of(s->persona) != NULL)
        snprintf(s->serial, sizeof s->serial, "%.120s-%zu", serial_of(s->persona), twins + 1);
}

/* What the system said, or else what the error says. */
static const char *reason(int error)
{
    return error != DFUKIT_ERR_NOMEM && errno != 0 ? strerror(errno) : dfukit_error_text(error);
}

/* Is the file of the length that this device's flash has when it is saved? */
static bool has_its_size(const served *s)
{
    struct stat status;
    size_t cells = dfukit_virtual_memory_size(s->device);
    return stat(s->flash, &status) == 0 && status.st_size > (off_t)cells &&
           status.st_size <= (off_t)cells + (off_t)TRAILER_MOST;
}

static int cannot_load(const dfukit_cli_ui *ui, const served *s, int error)
{
    bool no_file = errno == EISDIR || errno == ENOTDIR; /* no other content would help */
    if (error == DFUKIT_ERR_DAMAGED)
        return dfukit_cli_fail(ui, error, "%s: not the flash of a virtual %s (%s)", s->flash,
                               s->persona->name,
                               has_its_size(s) ? "it is damaged" : "its size is wrong");
    if (error == DFUKIT_ERR_NOMEM)
        return dfukit_cli_fail(ui, error, "%s: %s", s->flash, dfukit_error_text(error));
    return dfukit_cli_fail_with(ui, error, no_file ? DFUKIT_EXIT_COMPUTER : DFUKIT_EXIT_FILE,
                                "%s: %s", s->flash, reason(error));
}

/* Load it, and save it at once: whether it can be kept is known before anybody relies on it. */
static int load_flash(const dfukit_cli_ui *ui, served *s)
{
    if (s->flash[0] == '\0')
        return DFUKIT_EXIT_OK;
    errno = 0;
    int error = dfukit_virtual_load(s->device, s->flash);
    if (error != DFUKIT_OK && error != DFUKIT_ERR_NO_DEVICE)
        return cannot_load(ui, s, error);
    s->saved_at = dfukit_virtual_operations(s->device);
    errno = 0;
    error = dfukit_virtual_save(s->device, s->flash);
    if (error != DFUKIT_OK)
        return dfukit_cli_fail_with(ui, error, DFUKIT_EXIT_COMPUTER,
                                    "%s: the flash cannot be saved: %s", s->flash, reason(error));
    return DFUKIT_EXIT_OK;
}

static int add_device(const dfukit_cli_ui *ui, const dfukit_cli_args *args, shelf *all,
                      const dfukit_persona *persona, bool several)
{
    dfukit_clock clock = dfukit_clock_real();
    served *s = &all->list[all->count];
    s->persona = persona;
    number(args, all, s, several);
    dfukit_virtual_options options = {
        .fast = args->fast,
        .serial = s->serial[0] != '\0' ? s->serial : NULL,
        .fault_count = args->fault_count,
    };
    memcpy(options.faults, args->faults, sizeof options.faults);
    s->device = dfukit_virtual_new(persona, &options, &clock);
    if (s->device == NULL)
        return dfukit_cli_fail(ui, DFUKIT_ERR_NOMEM, "out of memory");
    all->count++;
    return load_flash(ui, s);
}

static int make_devices(const dfukit_cli_ui *ui, dfukit_cli_args *args, shelf *all)
{
    uint32_t each = args->count != 0 ? args->count : 1;
    size_t total = args->file_count * each;
    if (total > DEVICES_MAX)
        return dfukit_cli_fail(ui, DFUKIT_ERR_USAGE, "%zu devices are too many: at most %u", total,
                               DEVICES_MAX);
    all->list = calloc(total, sizeof *all->list);
    if (all->list == NULL)
        return dfukit_cli_fail(ui, DFUKIT_ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < args->file_count; i++) {
        const dfukit_persona *persona = dfukit_cli_persona(args->files[i], args->complaint);
        if (persona == NULL ||
            !dfukit_cli_faults_apply(args->faults, args->fault_count, persona, args->complaint))
            return dfukit_cli_fail(ui, DFUKIT_ERR_USAGE, "%s", args->complaint);
        for (uint32_t k = 0; k < each; k++) {
            int code = add_device(ui, args, all, persona, total > 1);
            if (code != DFUKIT_EXIT_OK)
                return code;
        }
    }
    return DFUKIT_EXIT_OK;
}

/* Is nothing being written now? */
static bool is_settled(const dfukit_virtual *v)
{
    switch (dfukit_virtual_engine(v)->state) {
    case DFUKIT_APP_IDLE:
    case DFUKIT_APP_DETACH:
    case DFUKIT_DFU_IDLE:
    case DFUKIT_MANIFEST_WAIT_RESET:
    case DFUKIT_DFU_ERROR:
        return true;
    default:
        return false;
    }
}

/* Save what has changed. At the end, all that has changed; before, only what is complete. A failure
   is told once: whoever uses the devices is not to be stopped by it. */
static void save(const dfukit_cli_ui *ui, shelf *all, bool at_end)
{
    for (size_t i = 0; i < all->count; i++) {
        served *s = &all->list[i];
        uint32_t operations = dfukit_virtual_operations(s->device);
        if (s->flash[0] == '\0' || (!at_end && operations == s->saved_at) ||
            (!at_end && !is_settled(s->device)))
            continue;
        s->saved_at = operations;
        errno = 0;
        int error = dfukit_virtual_save(s->device, s->flash);
        if (error == DFUKIT_OK)
            continue;
        if (!all->save_failed)
            dfukit_cli_say(ui, "dfu: %s: the flash cannot be saved: %s", s->flash, reason(error));
        all->save_failed = true;
    }
}

/* The end of a server some of whose flash was not saved; people have been told. */
static int unsaved(const dfukit_cli_ui *ui)
{
    if (ui->json)
        return dfukit_cli_fail(ui, DFUKIT_ERR_OUTPUT, "the flash was not saved");
    return DFUKIT_EXIT_COMPUTER;
}

/* The IDs of a mode, or nothing where there is no such mode. */
static const char *ids(const char *words, const dfukit_identity *mode, char *to, size_t room)
{
    to[0] = '\0';
    if (mode->idVendor != 0)
        snprintf(to, room, "%s%04x:%04x", words, (unsigned)mode->idVendor,
                 (unsigned)mode->idProduct);
    return to;
}

static void announce(const dfukit_cli_ui *ui, const shelf *all)
{
    for (size_t i = 0; i < all->count; i++) {
        const dfukit_persona *p = all->list[i].persona;
        if (ui->json) {
            char busid[32];
            dfukit_cli_json j = {.to = ui->out};
            snprintf(busid, sizeof busid, "1-%zu", i + 1);
            dfukit_cli_json_object(&j, NULL);
            dfukit_cli_json_text(&j, "event", "device");
            dfukit_cli_json_text(&j, "path", busid);
            dfukit_cli_json_text(&j, "persona", p->name);
            dfukit_cli_json_end(&j);
        } else {
            char runtime[40], dfu[40];
            dfukit_cli_print(ui, "1-%zu  %s%s%s  %s", i + 1, p->name,
                             ids("  ", &p->runtime, runtime, sizeof runtime),
                             ids("  in DFU mode ", &p->dfu, dfu, sizeof dfu), p->description);
        }
    }
}

void dfukit_cli_announce_port(const dfukit_cli_ui *ui, const char *listen, uint16_t port)
{
    char address[128];
    snprintf(address, sizeof address, "%s", listen);
    char *colon = strrchr(address, ':');
    if (colon != NULL)
        *colon = '\0';
    if (ui->json) {
        dfukit_cli_json j = {.to = ui->out};
        dfukit_cli_json_object(&j, NULL);
        dfukit_cli_json_text(&j, "event", "listening");
        dfukit_cli_json_text(&j, "address", address);
        dfukit_cli_json_number(&j, "port", port);
        dfukit_cli_json_end(&j);
    } else {
        dfukit_cli_print(ui, "listening on %s:%u", address, (unsigned)port);
    }
    fflush(ui->out);
}

int dfukit_cli_cannot_listen(const dfukit_cli_ui *ui, const char *listen, int error)
{
    dfukit_cli_result r = {.error = error};
    if (error != DFUKIT_ERR_USAGE)
        r.code = DFUKIT_EXIT_COMPUTER;
    if (error == DFUKIT_ERR_USAGE)
        dfukit_cli_message(&r, "--listen wants ADDR:PORT, not \"%.200s\"", listen);
    else if (error == DFUKIT_ERR_BUSY)
        dfukit_cli_message(&r, "cannot listen on %s: another program does", listen);
    else
        dfukit_cli_message(&r, "cannot listen on %s: %s", listen, dfukit_error_text(error));
    if (error == DFUKIT_ERR_BUSY)
        snprintf(r.remedy, sizeof r.remedy, "end it, or choose another port: --listen 127.0.0.1:0");
    return dfukit_cli_finish(ui, &r);
}

static int serve(const dfukit_cli_ui *ui, const char *listen, shelf *all)
{
    dfukit_wire wires[DEVICES_MAX];
    dfukit_clock clock = dfukit_clock_real();
    int error = DFUKIT_OK;
    for (size_t i = 0; i < all->count; i++)
        wires[i] = dfukit_virtual_wire(all->list[i].device);
    dfukit_server *server = dfukit_server_new(listen, wires, all->count, &clock, &error);
    if (server == NULL)
        return dfukit_cli_cannot_listen(ui, listen, error);
    announce(ui, all);
    dfukit_cli_announce_port(ui, listen, dfukit_server_port(server));
    while (!dfukit_cli_interrupted()) {
        dfukit_server_work(server, WORK_MS);
        save(ui, all, false);
    }
    dfukit_server_free(&server);
    save(ui, all, true);
    return all->save_failed ? unsaved(ui) : DFUKIT_EXIT_OK;
}

int dfukit_cli_serve(const dfukit_cli_args *args, dfukit_cli_ui *ui)
{
    dfukit_cli_args mine = *args;
    shelf all = {.count = 0};
    if (args->list)
        return list_personas(ui);
    if (args->replay != NULL && args->file_count != 0)
        return dfukit_cli_fail(ui, DFUKIT_ERR_USAGE, "--replay stands instead of a persona");
    if (args->replay != NULL)
        return dfukit_cli_replay_serve(ui, args->replay,
                                       args->listen != NULL ? args->listen : DEFAULT_LISTEN);
    int code = make_devices(ui, &mine, &all);
    if (code == DFUKIT_EXIT_OK)
        code = serve(ui, args->listen != NULL ? args->listen : DEFAULT_LISTEN, &all);
    for (size_t i = 0; i < all.count; i++)
        dfukit_virtual_free(&all.list[i].device);
    free(all.list);
    return code;
}
