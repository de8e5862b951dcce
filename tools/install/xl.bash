# SPDX-License-Identifier: GPL-2.0-or-later
# Completion for xl: commands, guests by name, files.
_xl()
{
	local word=${COMP_WORDS[COMP_CWORD]} command=
	local i
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in -*) ;; *) command=${COMP_WORDS[i]}; break ;; esac
	done
	COMPREPLY=()
	if [ -z "$command" ]; then
		mapfile -t COMPREPLY < <(compgen -W "$(xl help 2> /dev/null | awk '/^ [a-z]/ { print $1 }')" -- "$word")
		return
	fi
	case $command in
	create) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
	help) mapfile -t COMPREPLY < <(compgen -W "$(xl help 2> /dev/null | awk '/^ [a-z]/ { print $1 }')" -- "$word") ;;
	info|dmesg|debug-keys) ;;
	top) mapfile -t COMPREPLY < <(compgen -W "-b -i -d --json" -- "$word") ;;
	*) mapfile -t COMPREPLY < <(compgen -W "$(xl list 2> /dev/null | awk 'NR > 1 { print $1 }')" -- "$word"; compgen -f -- "$word") ;;
	esac
}
complete -F _xl xl xm
