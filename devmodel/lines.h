/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of characters: outwards to the guest's logs, inwards from the console. */
#ifndef DEVMODEL_LINES_H
#define DEVMODEL_LINES_H

#include "backend.h"
#include "devmodel_abi.h"

/* The one backend of that kind. */
struct char_backend *line_output(enum devmodel_text kind);
/* Characters have come for the first serial line. */
void line_input(void);

#endif
