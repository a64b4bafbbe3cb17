/* SPDX-License-Identifier: MIT */
/* What is known of devices that misbehave, letter by letter, and what the user of `dfu` is to see
 * of each: docs/PERSONAS.md is printed from this, and misbehaviour.sh tries it. */
#ifndef TESTS_PRODUCTS_MISBEHAVIOURS_H
#define TESTS_PRODUCTS_MISBEHAVIOURS_H

typedef struct misbehaviour {
    char letter;
    const char *what;    /* the device does */
    const char *persona; /* on which it is tried */
    int code;            /* exit code of the command that meets it */
    const char *sees;    /* the user does */
} misbehaviour;

static const misbehaviour misbehaviours[] = {
    {'a', "is fast and honest: done when it says so, after 0 to 5 ms", "stm32f407-rom", 0,
     "written and verified, at the speed of the bus"},
    {'b', "says 104 ms for a write and 100 ms for an erase, and needs 20", "stm32f407-rom", 0,
     "written and verified, after the time that the device has asked for"},
    {'c', "says 100 ms for a mass erase, and stays busy for seconds", "stm32f407-rom", 0,
     "erased; the wait is no error"},
    {'d', "stalls GETSTATUS while it erases", "stm32l4-rom", 0, "written and verified"},
    {'e', "hangs in dfuDNBUSY until it gets CLRSTATUS", "stm32h743-rom", 0,
     "written and verified: by DfuSe after a wait, a short one where the product is known for it; "
     "a "
     "plain DFU device ends in exit 8, with the remedy to plug it in again"},
    {'f', "does its work within the transfer of a block, for more than 5 s", "respeaker-lite", 0,
     "written and verified: a block may take 20 s, longer where the product is known for it"},
    {'g', "is gone after the end of the download, at one of three moments", "micro", 0,
     "written; confirmed when it comes back in run-time mode. A loader without run-time mode that "
     "is "
     "gone before it was seen in dfuMANIFEST counts as lost (8), unless it is known for it "
     "(hackrf)"},
    {'h', "resets when option bytes are written", "stm32f407-rom", 0,
     "written; option bytes are written only where -a names them (else 9)"},
    {'i', "ends its manifestation in dfuERROR with errVERIFY", "micro", 1,
     "the device's status in words, and that writing again may help; not \"done\""},
    {'j', "is gone from the bus when it is reset", "dfu10", 0,
     "written; gone on a reset is no error"},
    {'k', "refuses everything until it was told to erase (FLIP)", "micro", 2,
     "the fault is refused: it has a meaning in Atmel's dialect only, which no persona speaks yet"},
    {'l', "is read protected", "stm32f407-rom", 1,
     "that it is protected, and `dfu unlock`, which says that it erases everything; then it can be "
     "written"},
    {'m', "has the serial number of all others of its kind", "stm32f107-rom", 4,
     "both devices with their paths; -p chooses one"},
    {'n', "writes its memory map in one of twelve odd ways", "stm32f407-rom", 0,
     "written and verified; `dfu info` notes what is odd"},
    {'o', "stalls a transfer larger than its wTransferSize", "dapboot", 0,
     "written: no larger one is sent, whatever --transfer-size says"},
    {'p', "has its block numbers wrap round at 65536", "micro", 0,
     "written and verified; the same on a DfuSe device, whose numbers must not wrap"},
};

#endif
