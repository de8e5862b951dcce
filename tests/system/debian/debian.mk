# SPDX-License-Identifier: GPL-2.0-or-later
# A Debian to install into: $(BUILD)/debian/root.tar, made once by debootstrap, from the network.
DEBIAN_KIT  := tests/system/debian
DEBIAN_ROOT := $(BUILD)/debian/root.tar

$(DEBIAN_ROOT): $(DEBIAN_KIT)/mkdebian.sh
	$(Q)mkdir -p $(dir $@)
	$(Q)$(DEBIAN_KIT)/mkdebian.sh $@
