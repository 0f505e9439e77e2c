# For benchmarks whose results are lines of plain JSON members. Sourced.

broken=0

# values FILE PATTERN KEY: the numbers that KEY has in the lines of FILE that PATTERN matches.
values() { grep -E -- "$2" "$1" | sed -nE 's/.*"'"$3"'": ?([0-9.]+).*/\1/p' | sort -g; }
# median FILE PATTERN KEY
median() { values "$@" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
# spread FILE PATTERN KEY: "1.5 (1.4..1.6)"
spread() { values "$@" | awk '{ v[NR] = $1 } END { printf "%s (%s..%s)", v[int((NR + 1) / 2)], v[1], v[NR] }'; }
# ratio LEFT RIGHT
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }
# hold WHAT VALUE LIMIT: says whether VALUE is at most LIMIT, and remembers if it is not.
hold() {
  if awk -v value="$2" -v limit="$3" 'BEGIN { exit !(value <= limit) }'; then
    printf '%-64s %6s  limit %s\n' "$1" "$2" "$3"
  else
    printf '%-64s %6s  limit %s  BROKEN\n' "$1" "$2" "$3"
    broken=1
  fi
}
