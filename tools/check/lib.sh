# Shared by the checks of the source. A check takes the root of a tree (default: this checkout),
# prints one line 'file:line: what is wrong; what to do instead' for each finding, and fails if
# there is any. bite_test.sh shows for each that it finds what it is meant to find.
# The pattern of a check that must not find itself is written with brackets: 'T[O]DO'.

check_root() { cd "${1:-$(dirname "${BASH_SOURCE[0]}")/../..}" || exit 2; }

# The files of the project, sorted: what git knows or would add, or all in a tree without git.
project_files() {
  if [[ -e .git ]]; then git ls-files -co --exclude-standard | while IFS= read -r f; do [[ ! -f $f ]] || printf '%s\n' "$f"; done
  else find . -type f | sed 's#^\./##'
  fi | LC_ALL=C sort
}

cpp_files() { project_files | grep -E '^(src|fuzz|bench|tests)/.*\.(cc|h)$'; }

# finish NAME: reads the findings from stdin, prints them and a count that test.sh understands.
finish() {
  local findings
  findings=$(cat)
  if [[ -n $findings ]]; then
    printf '%s\n' "$findings"
    echo "error: $1: $(wc -l <<<"$findings") findings"
    exit 1
  fi
  echo "1 passed, 0 failed"
}
