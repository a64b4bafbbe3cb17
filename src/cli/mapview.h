/* SPDX-License-Identifier: MIT */
/* Memory maps for people, drawn to scale, and for programs. */
#ifndef DFUKIT_CLI_MAPVIEW_H
#define DFUKIT_CLI_MAPVIEW_H

#include "dfukit/dfuse.h"
#include "json.h"
#include "ui.h"

#define DFUKIT_CLI_SCALE 24u /* columns of a whole memory */

/** A size in the largest unit that tells it exactly: "16 KiB", "528 bytes". @return `buffer`. */
const char *dfukit_cli_size(uint64_t n, char buffer[DFUKIT_CLI_GROUP_SIZE]);
/** "read, erase, write"; "nothing". @return `buffer`. */
const char *dfukit_cli_permissions(uint8_t permissions, char buffer[32]);
/** Where the n-th span lies in its memory, to scale: DFUKIT_CLI_SCALE characters, `#` where it is,
 *  `|` at the start of each of its sectors where there is room. @return `buffer`. */
const char *dfukit_cli_scale(const dfukit_map *map, size_t n, char buffer[DFUKIT_CLI_SCALE + 1]);
/** The rows of a map, one for each span, behind `indent` columns; then what was tolerated in it. */
void dfukit_cli_map_show(const dfukit_cli_ui *ui, const dfukit_map *map, int indent);
/** Members of the object that is open: kind, bytes, spans, warnings. */
void dfukit_cli_map_json(dfukit_cli_json *j, const dfukit_map *map);

#endif
