/* SPDX-License-Identifier: MIT */
/* "Did you mean …?": the known name nearest to a mistyped one. */
#include "nearest.h"

#include <string.h>

/* Names of verbs, options and personas are shorter; longer texts are never near. */
#define NAME_MAX_LENGTH 32u

static size_t least(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

/* How many characters must be put in, taken out or changed (Levenshtein). */
static size_t distance(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    size_t row[NAME_MAX_LENGTH + 1];
    if (n > NAME_MAX_LENGTH || m > NAME_MAX_LENGTH)
        return NAME_MAX_LENGTH;
    for (size_t k = 0; k <= m; k++)
        row[k] = k;
    for (size_t i = 1; i <= n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t k = 1; k <= m; k++) {
            size_t above = row[k];
            row[k] = least(above + 1, row[k - 1] + 1, diagonal + (a[i - 1] != b[k - 1]));
            diagonal = above;
        }
    }
    return row[m];
}

dfukit_cli_nearest dfukit_cli_nearest_to(const char *text)
{
    return (dfukit_cli_nearest){.text = text, .best = NULL, .distance = 0};
}

void dfukit_cli_nearest_offer(dfukit_cli_nearest *n, const char *name)
{
    size_t length = strlen(n->text);
    size_t d = distance(n->text, name);
    size_t allowed = length <= 3 ? 1 : length <= 6 ? 2 : 3;
    /* A name cut short, or written on, counts as one mistake. */
    if (length >= 2 &&
        (strncmp(n->text, name, length) == 0 || strncmp(n->text, name, strlen(name)) == 0))
        d = 1;
    if (d > allowed || (n->best != NULL && d >= n->distance))
        return;
    n->best = name;
    n->distance = d;
}
