/* SPDX-License-Identifier: MIT */
/* write FILE [WHERE]: write a firmware file to the DFU device there is, and start it. */
#include <stdio.h>
#include <stdlib.h>
#include <dfukit/session.h>

static uint8_t *load(const char *name, size_t *n)
{
    FILE *file = fopen(name, "rb");
    long size = file != NULL && fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    uint8_t *bytes = size >= 0 ? malloc((size_t)size + 1) : NULL;
    if (bytes != NULL && fseek(file, 0, SEEK_SET) == 0)
        *n = fread(bytes, 1, (size_t)size, file);
    if (file == NULL)
        perror(name);
    else
        fclose(file);
    return bytes;
}

static bool progress(void *self, const dfukit_host *h)
{
    dfukit_progress p = dfukit_host_progress(h);
    (void)self;
    if (p.total != 0)
        fprintf(stderr, "\r%-15s %3u %%", dfukit_phase_name(p.phase),
                (unsigned)(p.done * 100 / p.total));
    return true; /* false would have the job given up cleanly */
}

static int write_image(dfukit_carrier *carrier, const dfukit_image *image)
{
    dfukit_job job = {.verb = DFUKIT_VERB_WRITE, .image = image, .range = DFUKIT_RANGE_ALL};
    dfukit_session *session = NULL;
    dfukit_targets all;
    dfukit_stream stream;
    size_t at;
    if (dfukit_stream_init(&stream, image, DFUKIT_RANGE_ALL, NULL) == DFUKIT_OK)
        job.stream = &stream; /* for a device without addresses */
    job.unplaced = !image->addressed;
    job.suffix = image->has_suffix ? &image->suffix : NULL;
    int error = dfukit_list(carrier, NULL, &all);
    if (error == DFUKIT_OK)
        error = dfukit_select(all.list, all.count, &(dfukit_selector){0}, &at);
    if (error == DFUKIT_OK)
        session = dfukit_session_new(carrier, &job, &all.list[at], &error);
    if (session != NULL) {
        error = dfukit_session_run(session, &(dfukit_watcher){.progress = progress});
        const dfukit_outcome *o = dfukit_host_outcome(dfukit_session_host(session));
        fprintf(stderr, "\n%s%s\n", o->what, o->verified ? ", verified" : "");
    }
    dfukit_session_free(&session);
    dfukit_targets_free(&all);
    return error;
}

int main(int argc, char **argv)
{
    const dfukit_allocator memory = dfukit_allocator_default();
    dfukit_carrier carrier = {.ops = NULL};
    dfukit_image image = {.count = 0};
    size_t n = 0;
    if (argc != 2 && argc != 3)
        return fputs("usage: write FILE [WHERE]\n", stderr) < 0 ? 1 : 2;
    uint8_t *file = load(argv[1], &n);
    if (file == NULL)
        return 1;
    int error = dfukit_image_parse(&image, file, n, NULL, &memory, NULL);
    if (error == DFUKIT_OK)
        error = dfukit_carrier_open(&carrier, argc == 3 ? argv[2] : "usb");
    if (error == DFUKIT_OK)
        error = write_image(&carrier, &image);
    if (error != DFUKIT_OK)
        fprintf(stderr, "%s: %s\n", argv[1], dfukit_error_text(error));
    dfukit_carrier_close(&carrier);
    dfukit_image_free(&image);
    free(file);
    return error == DFUKIT_OK ? 0 : 1;
}
