#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A busy TDX module: tdx_host repeats the call.
#vm 6.1  --cpus 2x2x1 --mem 1G
#slow 6.12 --cpus 2x2x1 --mem 1G --append nosmt
. /lib/tdx.sh

begin "a module that is busy at first"
load fault=TDH.SYS.CONFIG:1:3:0x8000020200000000 init=eager
is "state" "$(host state)" initialized
unload

done_testing
