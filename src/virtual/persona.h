/* SPDX-License-Identifier: MIT */
/* The rows of personas, family by family: each file holds one list. */
#ifndef DFUKIT_VIRTUAL_PERSONA_H
#define DFUKIT_VIRTUAL_PERSONA_H

#include "dfukit/virtual.h"

typedef struct dfukit_persona_list {
    const dfukit_persona *first;
    size_t count;
} dfukit_persona_list;

#define DFUKIT_PERSONA_LIST(rows)                                                                  \
    {                                                                                              \
        (rows), sizeof(rows) / sizeof((rows)[0])                                                   \
    }

extern const dfukit_persona_list dfukit_personas_plain;      /* persona_plain.c */
extern const dfukit_persona_list dfukit_personas_st;         /* persona_st.c */
extern const dfukit_persona_list dfukit_personas_rom;        /* persona_rom.c */
extern const dfukit_persona_list dfukit_personas_dfuse;      /* persona_dfuse.c */
extern const dfukit_persona_list dfukit_personas_phones;     /* persona_phones.c */
extern const dfukit_persona_list dfukit_personas_boards;     /* persona_boards.c */
extern const dfukit_persona_list dfukit_personas_bystanders; /* persona_bystanders.c */

#endif
