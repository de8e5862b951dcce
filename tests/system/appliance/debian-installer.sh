#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the control domain of `make run`, beside a guest that the other computer watches through its screen until it ends this machine. What the guest says on its serial port is said here.
echo VIEWER
xl log -f di | sed 's/^/di: /'
while :; do sleep 60; done
