# SPDX-License-Identifier: GPL-2.0-or-later
# What the tests of `make run` need: its machine, and a CD that installs a system.
RUN_KIT   := tests/system/appliance
INSTALLER := $(APPLIANCE)/install.iso
RUN_FILES := $(APPLIANCE)/run $(APPLIANCE)/dom0.cpio $(APPLIANCE)/example.iso $(APPLIANCE)/example.cfg $(INSTALLER) $(APPLIANCE)/picture $(APPLIANCE)/snapshot $(DOM0)/programs/planted

$(INSTALLER): $(DOM0)/vmlinux $(addprefix $(RUN_KIT)/,mkinstaller.sh installer-init installed-init) $(APPLIANCE_KIT)/root.sh
	$(Q)mkdir -p $(dir $@)
	$(Q)$(RUN_KIT)/mkinstaller.sh $@ $(DOM0)

# What pictures of a screen are like (run-debian-installer.sh).
$(APPLIANCE)/picture: $(RUN_KIT)/picture.c
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) -std=gnu11 -O2 -Wall -Wextra -Werror -o $@ $< -lpng
# A picture of a window (run-window.sh).
$(APPLIANCE)/snapshot: $(RUN_KIT)/snapshot.c
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) -std=gnu11 -O2 -Wall -Wextra -Werror -o $@ $< -lX11 -lpng
