/* SPDX-License-Identifier: MIT */
/* Writes JSON, one value a line, straight to a stream. */
#ifndef DFUKIT_CLI_JSON_H
#define DFUKIT_CLI_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/** A writer. Set `to`, the rest zero. Members of an object take a key, elements of an array and the
 *  outermost value take NULL. When the outermost value ends, the line ends and is flushed. */
typedef struct dfukit_cli_json {
    FILE *to;
    unsigned depth;  /**< open objects and arrays, at most 32 */
    uint32_t filled; /**< bit n: something stands already in the one at depth n + 1 */
    uint32_t arrays; /**< bit n: the one at depth n + 1 is an array */
} dfukit_cli_json;

void dfukit_cli_json_object(dfukit_cli_json *j, const char *key);
void dfukit_cli_json_array(dfukit_cli_json *j, const char *key);
/** End the innermost object or array. */
void dfukit_cli_json_end(dfukit_cli_json *j);
/** `text` is taken as UTF-8: control characters are escaped, every malformed byte becomes U+FFFD.
 *  NULL: null. */
void dfukit_cli_json_text(dfukit_cli_json *j, const char *key, const char *text);
void dfukit_cli_json_number(dfukit_cli_json *j, const char *key, uint64_t value);
void dfukit_cli_json_bool(dfukit_cli_json *j, const char *key, bool value);
void dfukit_cli_json_null(dfukit_cli_json *j, const char *key);

#endif
