/* SPDX-License-Identifier: MIT */
/* The personas: products as data, one file of rows for each family. */
#include "persona.h"

#include <string.h>

static const dfukit_persona_list *const families[] = {
    &dfukit_personas_plain,      &dfukit_personas_st,     &dfukit_personas_rom,
    &dfukit_personas_dfuse,      &dfukit_personas_phones, &dfukit_personas_boards,
    &dfukit_personas_bystanders,
};

const dfukit_persona *dfukit_persona_at(size_t n)
{
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
        if (n < families[i]->count)
            return &families[i]->first[n];
        n -= families[i]->count;
    }
    return NULL;
}

const dfukit_persona *dfukit_persona_find(const char *name)
{
    const dfukit_persona *p;

    for (size_t n = 0; (p = dfukit_persona_at(n)) != NULL; n++) {
        if (strcmp(p->name, name) == 0)
            return p;
    }
    return NULL;
}
