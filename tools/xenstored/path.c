/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of nodes. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "path.h"

static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-/_@";

static bool is_plain(const char *name)
{
	size_t len = strlen(name);

	return len && strspn(name, allowed) == len && !strstr(name, "//") &&
	       (len == 1 || name[len - 1] != '/');
}

int path_resolve(char out[PATH_SIZE], const char *given, uint32_t domid, bool special)
{
	size_t len = strlen(given);

	if (given[0] == '@') {
		if (!special || len > XENSTORE_REL_PATH_MAX || !is_plain(given) ||
		    strchr(given, '/'))
			return -EINVAL;
		memcpy(out, given, len + 1);
		return 0;
	}
	if (!is_plain(given))
		return -EINVAL;
	if (given[0] == '/') {
		if (len > XENSTORE_ABS_PATH_MAX)
			return -EINVAL;
		memcpy(out, given, len + 1);
		return 0;
	}
	if (len > XENSTORE_REL_PATH_MAX)
		return -EINVAL;
	snprintf(out, PATH_SIZE, PATH_HOME "/%s", domid, given);
	return 0;
}

bool path_to_parent(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash || !path[1])
		return false;
	slash[slash == path] = 0;
	return true;
}

const char *path_leaf(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool path_is_below(const char *path, const char *above)
{
	size_t len = strlen(above);

	if (len == 1 && above[0] == '/')
		return path[0] == '/' && path[1];
	return !strncmp(path, above, len) && path[len] == '/';
}
