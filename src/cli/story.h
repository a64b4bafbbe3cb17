/* SPDX-License-Identifier: MIT */
/* The demo's narrator: an upgrade explained phase by phase, as it happens. */
#ifndef DFUKIT_CLI_STORY_H
#define DFUKIT_CLI_STORY_H

#include "file.h"
#include "job.h"
#include "view.h"

typedef struct dfukit_cli_story {
    dfukit_cli_job *job;
    const dfukit_cli_file *file;
    const dfukit_stream *stream;
    dfukit_target first;  /**< as found */
    dfukit_cli_view view; /**< for --json */
    bool live;            /**< the bar is drawn as it grows */
    unsigned told;        /**< headings printed */
    bool told_loader, told_bar;
    uint64_t begun_ms, transfer_ms, drawn_ms, done;
    uint32_t transfer_size;
} dfukit_cli_story;

/** Title and the first heading. `job`: chosen, not yet run. */
void dfukit_cli_story_begin(dfukit_cli_story *s, dfukit_cli_job *job, const dfukit_cli_file *file,
                            const dfukit_stream *stream);
/** A watcher's progress: self is the story. */
bool dfukit_cli_story_step(void *self, const dfukit_host *h);
/** After a success: how the device came back. */
void dfukit_cli_story_end(dfukit_cli_story *s);

#endif
