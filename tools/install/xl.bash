# SPDX-License-Identifier: GPL-2.0-or-later
# Completion for xl: commands, their options, guests by name, files.
_xl()
{
	local word=${COMP_WORDS[COMP_CWORD]} command= arguments=0 words= i
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-*) ;;
		*) if [ -z "$command" ]; then command=${COMP_WORDS[i]}; else arguments=$((arguments + 1)); fi ;;
		esac
	done
	COMPREPLY=()
	if [ -z "$command" ] || { [ "$command" = help ] && [ "$arguments" = 0 ]; }; then
		words=$(xl help 2> /dev/null | awk '/^ [a-z]/ { print $1 }')
	elif [[ $word == -* ]]; then
		words=$(xl help "$command" 2> /dev/null | head -n 1 | grep -oE '(\[|\|| )--?[A-Za-z][-A-Za-z]*' | tr -d '[| ')
	else
		case $command:$arguments in
		create:0|config-update:1|dump-core:1|screen:1|cd-insert:2)
			compopt -o filenames 2> /dev/null
			mapfile -t COMPREPLY < <(compgen -f -- "$word")
			return ;;
		create:*|info:*|vm-list:*|dmesg:*|top:*|debug-keys:*|help:*) ;;
		cpupool-migrate:1|cpupool-[dlr]*:0|cpupool-cpu-*:0) words=$(xl cpupool-list 2> /dev/null | awk 'NR > 1 { print $1 }') ;;
		cpupool-migrate:0) words=$(xl list 2> /dev/null | awk 'NR > 1 { print $1 }') ;;
		cpupool-*) ;;
		button-press:1) words="power sleep" ;;
		trigger:1) words="nmi reset init power sleep s3resume" ;;
		cd-insert:1|cd-eject:1) words="hda hdb hdc hdd" ;;
		*:0|*list:*|uptime:*) words=$(xl list 2> /dev/null | awk 'NR > 1 { print $1 }') ;;
		esac
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -F _xl xl xm
