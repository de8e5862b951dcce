/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts about this computer; start-up fills them in. */
#include "machine_info.h"

struct machine_info machine_info;
