/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The link in ring 3. */
#include "link_port.h"

#include "call.h"

struct devmodel_link *link_memory(void)
{
	return (struct devmodel_link *)DEVMODEL_LINK;
}

bool link_notify(void)
{
	return devmodel_call(DEVMODEL_CALL_NOTIFY, 0, 0, 0, 0) == 1;
}

void link_vram_written(void)
{
	devmodel_call(DEVMODEL_CALL_VRAM_WRITTEN, 0, 0, 0, 0);
}
