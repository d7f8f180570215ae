# nsrun.bash: completion for bash: commands, their flags, container ids.

_nsrun_ids() {
	local root=() i

	# The state directory that the line names is the one to look into.
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--root) root=(--root "${COMP_WORDS[i + 1]}") ;;
		--root=*) root=("${COMP_WORDS[i]}") ;;
		esac
	done
	nsrun "${root[@]}" list -q 2>/dev/null
}

_nsrun() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command='' i
	local commands='check checkpoint create delete doctor events exec features help inspect kill list mounts pause plan ps restore resume run spec start state stats update'
	local global='--cgroup-manager --criu --debug --format --help --log --log-format --log-level --root --rootless
		--systemd-cgroup --systemd-log --trace --version'
	local create='--bundle --config --console-socket --no-new-keyring --no-pivot --pid-file --pidfd-socket
		--preserve-fds'
	local criu='--auto-dedup --empty-ns --ext-unix-sk --file-locks --image-path --lazy-pages --manage-cgroups-mode
		--network-lock --shell-job --tcp-close --tcp-established --work-path'
	local flags=''

	COMPREPLY=()
	# bash splits --flag=value at the "=".
	[[ $prev == '=' ]] && prev=${COMP_WORDS[COMP_CWORD - 2]}
	[[ $cur == '=' ]] && cur=''
	case $prev in
	--root | --bundle | -b | --image-path | --work-path | --parent-path)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		return
		;;
	--log | --trace | --pid-file | --console-socket | --pidfd-socket | --config | --criu)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--log-format) flags='text json' ;;
	--log-level) flags='error warning debug' ;;
	--cgroup-manager) flags='cgroupfs systemd disabled' ;;
	--rootless) flags='true false auto' ;;
	--manage-cgroups-mode) flags='soft full strict ignore' ;;
	--network-lock) flags='iptables nftables skip' ;;
	--empty-ns) flags='network' ;;
	esac

	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--root | --log | --trace | --log-format | --log-level | --cgroup-manager | --rootless | --criu | --format)
			((i++))
			;;
		-* | =) ;;
		*)
			command=${COMP_WORDS[i]}
			break
			;;
		esac
	done

	if [[ -z $flags ]]; then
		case $command in
		'')
			[[ $cur == -* ]] && flags=$global || flags=$commands
			[[ $prev == --format ]] && flags='text json'
			;;
		create) flags=$create ;;
		run) flags="$create --detach --keep --no-subreaper" ;;
		exec)
			if [[ $cur == -* ]]; then
				flags='--additional-gids --apparmor --cap --cgroup --console-socket --cwd --detach --env --ignore-paused
					--no-new-privs --no-subreaper --pid-file --pidfd-socket --preserve-fds --process --process-label --tty
					--user'
			else
				flags=$(_nsrun_ids)
			fi
			;;
		checkpoint)
			if [[ $cur == -* ]]; then
				flags="$criu --leave-running --link-remap --page-server --parent-path --pre-dump --status-fd
					--tcp-skip-in-flight"
			else
				flags=$(_nsrun_ids)
			fi
			;;
		restore)
			flags="$criu --bundle --console-socket --detach --lsm-mount-context --lsm-profile --no-pivot
				--no-subreaper --pid-file"
			;;
		doctor) [[ $prev == --format || $prev == -f ]] && flags='text json' || flags='--format' ;;
		features) [[ $prev == --format || $prev == -f ]] && flags='table json' || flags='--format --kernel' ;;
		delete) [[ $cur == -* ]] && flags='--force --regex' || flags=$(_nsrun_ids) ;;
		kill)
			if [[ $cur == -* ]]; then
				flags='--all --regex'
			elif [[ $prev == "$command" || $prev == -* ]]; then
				flags=$(_nsrun_ids)
			else
				flags='HUP INT QUIT KILL USR1 USR2 TERM CONT STOP'
			fi
			;;
		mounts)
			if [[ $prev == "$command" ]]; then
				flags='add remove'
			elif [[ $prev == add || $prev == remove ]]; then
				flags=$(_nsrun_ids)
			elif [[ $cur != -* ]]; then
				compopt -o filenames
				mapfile -t COMPREPLY < <(compgen -f -- "$cur")
				return
			fi
			;;
		pause | resume | start | state) flags=$(_nsrun_ids) ;;
		events) [[ $cur == -* ]] && flags='--interval --stats' || flags=$(_nsrun_ids) ;;
		stats)
			if [[ $prev == --format || $prev == -f ]]; then
				flags='table json'
			elif [[ $cur == -* ]]; then
				flags='--format --interval --no-stream'
			else
				flags=$(_nsrun_ids)
			fi
			;;
		inspect)
			if [[ $prev == --format || $prev == -f ]]; then
				flags='text json'
			elif [[ $cur == -* ]]; then
				flags='--diff --dot --format --host'
			else
				flags=$(_nsrun_ids)
			fi
			;;
		list) [[ $prev == --format || $prev == -f ]] && flags='table json' || flags='--format --quiet' ;;
		update)
			if [[ $prev == --resources || $prev == -r ]]; then
				compopt -o filenames
				mapfile -t COMPREPLY < <(compgen -f -- "$cur")
				return
			elif [[ $cur == -* ]]; then
				flags='--blkio-weight --cpu-burst --cpu-idle --cpu-period --cpu-quota --cpu-rt-period
					--cpu-rt-runtime --cpu-share --cpuset-cpus --cpuset-mems --memory --memory-reservation
					--memory-swap --pids-limit --resources'
			else
				flags=$(_nsrun_ids)
			fi
			;;
		ps)
			if [[ $prev == --format || $prev == -f ]]; then
				flags='table json'
			elif [[ $cur == -* ]]; then
				flags='--format'
			else
				flags=$(_nsrun_ids)
			fi
			;;
		spec) flags='--bundle --config --no-terminal --rootless' ;;
		plan | check)
			if [[ $prev == --format ]]; then
				flags='text json'
			elif [[ $cur == -* ]]; then
				flags='--bundle --config --format'
				[[ $command == check ]] && flags+=' --strict' || flags+=' --diff --seccomp --why'
			else
				compopt -o filenames
				mapfile -t COMPREPLY < <(compgen -d -- "$cur")
				return
			fi
			;;
		help)
			if [[ $prev == --format || $prev == -f ]]; then
				flags='text json'
			elif [[ $cur == -* ]]; then
				flags='--format'
			else
				flags=$commands
			fi
			;;
		esac
		[[ -n $command && $cur == -* ]] && flags+=' --help'
	fi
	mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$cur")
}

complete -F _nsrun nsrun
