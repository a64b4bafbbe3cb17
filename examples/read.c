/* SPDX-License-Identifier: MIT */
/* read FILE [WHERE]: read the firmware of the DFU device there is into a new file. */
#include <stdio.h>

#include <dfukit/session.h>

/* Bytes come in order, as the device sends them. */
static int keep(void *self, const uint8_t *bytes, size_t n)
{
    return fwrite(bytes, 1, n, self) == n ? DFUKIT_OK : DFUKIT_ERR_OUTPUT;
}

static int read_target(dfukit_carrier *carrier, const dfukit_target *target, FILE *file)
{
    static const dfukit_job job = {.verb = DFUKIT_VERB_READ};
    const dfukit_watcher watcher = {.self = file, .bytes = keep};
    int error;
    dfukit_session *session = dfukit_session_new(carrier, &job, target, &error);

    if (session == NULL)
        return error;
    error = dfukit_session_run(session, &watcher);
    const dfukit_outcome *o = dfukit_host_outcome(dfukit_session_host(session));
    fprintf(stderr, "%llu bytes read: %s\n", (unsigned long long)o->bytes, o->what);
    if (o->has_status && o->bStatus != DFUKIT_STATUS_OK)
        fprintf(stderr, "the device says: %s %s\n", dfukit_status_text(o->bStatus), o->status_text);
    dfukit_session_free(&session);
    return error;
}

static int read_only_device(dfukit_carrier *carrier, FILE *file)
{
    static const dfukit_selector any;
    dfukit_targets all;
    size_t at;
    int error = dfukit_list(carrier, NULL, &all);

    if (error == DFUKIT_OK)
        error = dfukit_select(all.list, all.count, &any, &at);
    if (error == DFUKIT_OK)
        error = read_target(carrier, &all.list[at], file);
    dfukit_targets_free(&all);
    return error;
}

int main(int argc, char **argv)
{
    dfukit_carrier carrier;

    if (argc != 2 && argc != 3) {
        fputs("usage: read FILE [WHERE]\n", stderr);
        return 2;
    }
    FILE *file = fopen(argv[1], "wbx"); /* never over another file */
    if (file == NULL) {
        perror(argv[1]);
        return 1;
    }
    int error = dfukit_carrier_open(&carrier, argc == 3 ? argv[2] : "usb");
    if (error == DFUKIT_OK) {
        error = read_only_device(&carrier, file);
        dfukit_carrier_close(&carrier);
    }
    if (fclose(file) != 0 && error == DFUKIT_OK)
        error = DFUKIT_ERR_OUTPUT;
    if (error == DFUKIT_OK)
        return 0;
    fprintf(stderr, "read: %s\n", dfukit_error_text(error));
    (void)remove(argv[1]); /* half a firmware is none */
    return 1;
}
