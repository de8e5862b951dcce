/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kinds of records in the journal. What each holds: state.c writes it, state_load.c reads it, side by side. */
#ifndef XENSTORED_STATE_RECORD_H
#define XENSTORED_STATE_RECORD_H

enum record {
	RECORD_GENERATION = 1,
	RECORD_NODE,
	RECORD_CHILDREN,
	RECORD_REMOVE,
	RECORD_DOMAIN,
	RECORD_RESET,
	RECORD_INPUT,
	RECORD_OUTPUT,
	RECORD_WATCH,
	RECORD_UNWATCH,
	RECORD_TRANSACTION,
	RECORD_ENTRY,
	RECORD_TRANSACTION_END,
	RECORD_COUNT
};

#endif
