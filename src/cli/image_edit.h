/* SPDX-License-Identifier: MIT */
/* What the verbs that change a file have in common: its payload and its suffix, apart. */
#ifndef DFUKIT_CLI_IMAGE_EDIT_H
#define DFUKIT_CLI_IMAGE_EDIT_H

#include "file.h"
#include "json.h"

typedef struct dfukit_cli_edit {
    dfukit_cli_file file;
    size_t payload; /**< bytes of the file without its suffix */
    bool has_suffix;
    dfukit_suffix suffix;
    bool has_raw_payload; /**< no container: a prefix makes sense */
    dfukit_format format; /**< of the payload */
} dfukit_cli_edit;

/** Read a file and look at its end; a suffix that is damaged is reported and refused.
 *  @return DFUKIT_EXIT_OK, or an exit code; then there is nothing to free. */
int dfukit_cli_edit_load(const dfukit_cli_ui *ui, const char *name, dfukit_cli_edit *edit);
void dfukit_cli_edit_free(dfukit_cli_edit *edit);
/** Write `name` anew: `head` of `head_size` bytes, then the payload from `from` on, then `suffix`
 *  unless it is NULL. The file itself is replaced, with its permissions, all or nothing; another
 *  file that exists only when `replace`.
 *  @return the exit code. */
int dfukit_cli_edit_write(const dfukit_cli_ui *ui, const dfukit_cli_edit *edit, const char *name,
                          bool replace, const uint8_t *head, size_t head_size, size_t from,
                          const dfukit_suffix *suffix);
/** What --vid, --pid, --did and --spec make of a suffix. */
void dfukit_cli_edit_identify(const dfukit_cli_args *args, dfukit_suffix *suffix);
/** "for vendor 0x1209, product 0x70b1, version any; DFU 0x0100". @return `buffer`. */
#define DFUKIT_CLI_SUFFIX_TEXT 96u
const char *dfukit_cli_suffix_text(const dfukit_suffix *suffix,
                                   char buffer[DFUKIT_CLI_SUFFIX_TEXT]);
/** The members of a suffix's JSON object; an ID that stands for any is null. */
void dfukit_cli_suffix_json(dfukit_cli_json *j, const dfukit_suffix *suffix);
/** "Stellaris" or "LPC". */
const char *dfukit_cli_prefix_name(dfukit_prefix_kind kind);

#endif
