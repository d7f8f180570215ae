# on-path.sh: the rivals that are on PATH, as RIVALS="name=path ...", unless who measures has named others. Sourced.
if [ -z "${RIVALS+set}" ]; then
	RIVALS=
	for rival in crun runc youki; do
		! command -v "$rival" >/dev/null || RIVALS+=" $rival=$(command -v "$rival")"
	done
fi
