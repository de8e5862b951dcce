/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HVM parameters, public xen/hvm/params.h, and how events reach the guest (callback). A table of rows says who may set what. */
#ifndef CORE_HVM_PARAMS_H
#define CORE_HVM_PARAMS_H

#include "types.h"
#include "save.h"
#include <xen/hvm/params.h>

struct domain;
struct vcpu;

enum callback_kind { CALLBACK_NONE, CALLBACK_GSI, CALLBACK_PCI_INTX, CALLBACK_VECTOR };

struct hvm_params {
	uint64_t value[HVM_NR_PARAMS]; /* domain->lock to write */
	enum callback_kind callback;
	uint8_t callback_vector; /* CALLBACK_VECTOR */
	uint32_t callback_gsi;
};
extern const struct save_field hvm_params_saved[];

void hvm_params_init(struct domain *d);
/* By caller (NULL: the hypervisor itself, no restrictions). -EINVAL, -EPERM, -EEXIST, -EBUSY as Xen gives them. */
int must_check hvm_param_set(struct vcpu *caller, struct domain *d, uint32_t index, uint64_t value);
int must_check hvm_param_get(struct vcpu *caller, struct domain *d, uint32_t index,
                             uint64_t *value);

long hvm_op(struct vcpu *caller, uint64_t *args);

#endif
