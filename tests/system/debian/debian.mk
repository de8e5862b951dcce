# SPDX-License-Identifier: GPL-2.0-or-later
# A Debian to install into: $(BUILD)/debian/root.tar, made once by debootstrap, from the network.
DEBIAN_KIT  := tests/system/debian
DEBIAN_ROOT := $(BUILD)/debian/root.tar

$(DEBIAN_ROOT): $(DEBIAN_KIT)/mkdebian.sh
	$(Q)mkdir -p $(dir $@)
	$(Q)$(DEBIAN_KIT)/mkdebian.sh $@

# The package installed into it, and its disk started; the latter takes minutes.
DEBIAN_TESTS := tests/system/install.sh tests/system/install-debian.sh tests/system/install-boot.sh
DEBIAN_TEST_FILES := $(DEBIAN_ROOT) $(ZAZEN_DEB) $(BUILD)/hvmsector $(DOM0)/packages.stamp
