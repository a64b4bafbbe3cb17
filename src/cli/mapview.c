/* SPDX-License-Identifier: MIT */
/* Memory maps for people, drawn to scale, and for programs. */
#include "mapview.h"

#include <string.h>

#define KIB 1024u
#define MIB (1024u * 1024u)

const char *dfukit_cli_size(uint64_t n, char buffer[DFUKIT_CLI_GROUP_SIZE])
{
    if (n == 0 || n % KIB != 0)
        return dfukit_cli_bytes(n, buffer);
    dfukit_cli_group(n % MIB == 0 ? n / MIB : n / KIB, buffer);
    size_t used = strlen(buffer);
    snprintf(buffer + used, DFUKIT_CLI_GROUP_SIZE - used, n % MIB == 0 ? " MiB" : " KiB");
    return buffer;
}

static const struct {
    uint8_t bit;
    const char *word;
} permission_words[] = {
    {DFUKIT_MAY_READ, "read"},
    {DFUKIT_MAY_ERASE, "erase"},
    {DFUKIT_MAY_WRITE, "write"},
};
#define PERMISSION_WORDS (sizeof permission_words / sizeof *permission_words)

const char *dfukit_cli_permissions(uint8_t permissions, char buffer[32])
{
    size_t n = 0;
    buffer[0] = '\0';
    for (size_t i = 0; i < PERMISSION_WORDS; i++) {
        if ((permissions & permission_words[i].bit) != 0)
            n += (size_t)snprintf(buffer + n, 32 - n, "%s%s", n != 0 ? ", " : "",
                                  permission_words[i].word);
    }
    return n != 0 ? buffer : "nothing";
}

static uint64_t span_bytes(const dfukit_map_span *s)
{
    return (uint64_t)s->count * s->size;
}

/* The column of a byte of the memory, all spans laid one behind the other. */
static size_t column(uint64_t offset, uint64_t total)
{
    return (size_t)((double)offset * DFUKIT_CLI_SCALE / (double)total);
}

const char *dfukit_cli_scale(const dfukit_map *map, size_t n, char buffer[DFUKIT_CLI_SCALE + 1])
{
    const dfukit_map_span *s = &map->spans[n];
    uint64_t total = 0, before = 0;
    for (size_t i = 0; i < map->count; i++) {
        before += i < n ? span_bytes(&map->spans[i]) : 0;
        total += span_bytes(&map->spans[i]);
    }
    size_t from = column(before, total), to = column(before + span_bytes(s), total);
    if (from >= DFUKIT_CLI_SCALE)
        from = DFUKIT_CLI_SCALE - 1;
    if (to <= from)
        to = from + 1; /* what is too small to be seen is seen all the same */
    memset(buffer, ' ', DFUKIT_CLI_SCALE);
    buffer[DFUKIT_CLI_SCALE] = '\0';
    memset(buffer + from, '#', to - from);
    for (uint32_t i = 0; (uint64_t)s->count * 2 <= to - from && i < s->count; i++)
        buffer[column(before + (uint64_t)i * s->size, total)] = '|';
    return buffer;
}

/* "7 x 128 KiB" */
static const char *sectors(const dfukit_map_span *s, char buffer[2 * DFUKIT_CLI_GROUP_SIZE])
{
    char count[DFUKIT_CLI_GROUP_SIZE], one[DFUKIT_CLI_GROUP_SIZE];
    snprintf(buffer, 2 * DFUKIT_CLI_GROUP_SIZE, "%s x %s", dfukit_cli_group(s->count, count),
             dfukit_cli_size(s->size, one));
    return buffer;
}

void dfukit_cli_map_show(const dfukit_cli_ui *ui, const dfukit_map *map, int indent)
{
    char bar[DFUKIT_CLI_SCALE + 1], may[32], text[2 * DFUKIT_CLI_GROUP_SIZE];
    size_t width = 0;
    for (size_t i = 0; i < map->count; i++) {
        size_t n = strlen(sectors(&map->spans[i], text));
        width = n > width ? n : width;
    }
    for (size_t i = 0; i < map->count; i++) {
        const dfukit_map_span *s = &map->spans[i];
        dfukit_cli_put(ui, ui->out, DFUKIT_CLI_PLAIN, "%*s0x%08lx  ", indent, "",
                       (unsigned long)s->address);
        dfukit_cli_put(ui, ui->out, DFUKIT_CLI_GOOD, "%s", dfukit_cli_scale(map, i, bar));
        dfukit_cli_print(ui, "  %-*s  %s", (int)width, sectors(s, text),
                         dfukit_cli_permissions(s->permissions, may));
    }
    for (unsigned bit = 1; bit != 0 && bit <= map->oddities; bit <<= 1) {
        if ((map->oddities & bit) == 0)
            continue;
        dfukit_cli_put(ui, ui->out, DFUKIT_CLI_WARN, "%*snote: %s", indent, "",
                       dfukit_map_oddity_text(bit));
        putc('\n', ui->out);
    }
}

static void span_json(dfukit_cli_json *j, const dfukit_map_span *s)
{
    dfukit_cli_json_object(j, NULL);
    dfukit_cli_json_number(j, "address", s->address);
    dfukit_cli_json_number(j, "count", s->count);
    dfukit_cli_json_number(j, "size", s->size);
    dfukit_cli_json_array(j, "permissions");
    for (size_t i = 0; i < PERMISSION_WORDS; i++) {
        if ((s->permissions & permission_words[i].bit) != 0)
            dfukit_cli_json_text(j, NULL, permission_words[i].word);
    }
    dfukit_cli_json_end(j);
    dfukit_cli_json_end(j);
}

void dfukit_cli_map_json(dfukit_cli_json *j, const dfukit_map *map)
{
    dfukit_cli_json_text(j, "kind", dfukit_map_kind_name(map->kind));
    dfukit_cli_json_number(j, "bytes", dfukit_map_bytes(map));
    dfukit_cli_json_array(j, "sectors");
    for (size_t i = 0; i < map->count; i++)
        span_json(j, &map->spans[i]);
    dfukit_cli_json_end(j);
    dfukit_cli_json_array(j, "warnings");
    for (unsigned bit = 1; bit != 0 && bit <= map->oddities; bit <<= 1) {
        if ((map->oddities & bit) != 0)
            dfukit_cli_json_text(j, NULL, dfukit_map_oddity_text(bit));
    }
    dfukit_cli_json_end(j);
}
