/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests: from bytes to what is done, and the reply. One table, a line a type. */
#ifndef XENSTORED_REQUEST_H
#define XENSTORED_REQUEST_H

#include <stdbool.h>
#include <stdint.h>
#include <xen/io/xs_wire.h>

#include "buffer.h"
#include "path.h"
#include "transaction.h"

struct connection;
struct watch;

struct request {
	struct connection *connection;
	struct xsd_sockmsg header;
	const char *data; /* header.len bytes: strings with their nuls, and what follows them */
	struct view view;
	struct buffer reply;
	struct watch *fire; /* its first event comes after the reply */
};

/* The whole request in the connection's buffer; takes it out. */
void request_handle(struct connection *c);

/* ---- for the handlers, which return 0 or -errno ---- */
/* The n-th string of the request, or NULL when there are not so many. */
const char *request_string(const struct request *r, uint32_t n);
/* How many whole strings there are. */
uint32_t request_strings(const struct request *r);
/* Where the first string ends: what follows it, and its length. NULL when there is no string. */
const char *request_rest(const struct request *r, uint32_t *len);
/* The n-th string as a decimal number up to max: 0 or -EINVAL. */
int request_number(const struct request *r, uint32_t n, uint64_t max, uint64_t *out);
/* The first string as a path. */
int request_path(const struct request *r, char path[PATH_SIZE], bool special);
int request_ok(struct request *r);

int request_directory(struct request *r);
int request_directory_part(struct request *r);
int request_read(struct request *r);
int request_write(struct request *r);
int request_mkdir(struct request *r);
int request_rm(struct request *r);
int request_get_perms(struct request *r);
int request_set_perms(struct request *r);

int request_watch(struct request *r);
int request_unwatch(struct request *r);
int request_reset_watches(struct request *r);
int request_transaction_start(struct request *r);
int request_transaction_end(struct request *r);

int request_introduce(struct request *r);
int request_release(struct request *r);
int request_resume(struct request *r);
int request_set_target(struct request *r);
int request_domain_path(struct request *r);
int request_is_introduced(struct request *r);

int request_control(struct request *r);

#endif
