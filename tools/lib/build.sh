# Shared by run.sh and test.sh: configuring and building one preset, and building the UI.
# Sourced from the root of the checkout.

# As many compilers at once as there are cores, but no more than memory carries: a file that
# includes DuckDB's headers takes about one GB.
build_jobs() {
  local cores memory
  cores=$(nproc)
  memory=$(awk '/^MemAvailable:/ { print int($2 / 1100000) }' /proc/meminfo 2>/dev/null || echo "$cores")
  [[ $memory -ge 1 ]] || memory=1
  echo $((cores < memory ? cores : memory))
}

# The build folder of a preset; 'fuzz' shares that of 'asan-ubsan' (CMakePresets.json).
folder_of() { if [[ $1 == fuzz ]]; then echo build/asan-ubsan; else echo "build/$1"; fi; }

# configure_preset PRESET: only when that was not done yet or another cache is wanted; ninja itself
# configures again when a CMakeLists.txt changed.
configure_preset() {
  local preset=$1 folder duckdb
  folder=$(folder_of "$preset")
  duckdb=$(tools/fetch_duckdb.sh) || return 1
  mkdir -p "$folder"
  if [[ ! -f $folder/build.ninja ]] ||
     ! grep -qx "CLAIMLAKE_CACHE:PATH=$(dirname "$duckdb")" "$folder/CMakeCache.txt" ||
     ! grep -qx "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" "$folder/CMakeCache.txt"; then
    # A folder configured for another checkout or compiler cannot be reused.
    rm -rf "$folder/CMakeCache.txt" "$folder/CMakeFiles"
    echo "configuring $folder" >&2
    cmake --preset "$preset" -D CLAIMLAKE_CACHE="$(dirname "$duckdb")" >"$folder/configure.log" 2>&1 || {
      tail -n 40 "$folder/configure.log" >&2
      echo "error: cmake could not configure (above; all of it in $folder/configure.log)." >&2
      return 1
    }
  fi
}

# build_preset PRESET [NINJA ARGUMENT...]
build_preset() {
  local folder
  folder=$(folder_of "$1")
  configure_preset "$1" || return 1
  shift
  # Nothing to say when there is nothing to do.
  if ninja -C "$folder" -n "$@" 2>/dev/null | grep -q 'no work to do'; then return 0; fi
  [[ -f $folder/.ninja_log ]] || echo "building $folder; the first time takes some minutes" >&2
  NINJA_STATUS='[%f/%t, %e s] ' ninja -C "$folder" -j "$(build_jobs)" "$@" || {
    echo "error: the build in $folder failed (above)." >&2
    return 1
  }
}

# Puts the UI's parts into ui/node_modules; npm leaves a file there that says when it did.
install_ui() {
  if [[ ! ui/node_modules/.package-lock.json -nt ui/package-lock.json ]]; then
    echo "fetching the parts of the UI" >&2
    PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm --prefix ui ci --no-audit --no-fund --loglevel=error </dev/null >&2 || {
      echo "error: npm could not install the parts of the UI (above). Check the network, then try again." >&2
      return 1
    }
    touch ui/node_modules/.package-lock.json
  fi
}

# Builds ui/dist unless it was made from these very sources.
build_ui() {
  local sum
  [[ -f ui/package.json ]] || return 0
  sum=$(find ui api \( -name node_modules -o -path ui/dist \) -prune -o -type f -print0 |
        LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1)
  if [[ -f ui/dist/index.html && -f build/ui.sum && $(<build/ui.sum) == "$sum" ]]; then return 0; fi
  local node
  node=$(tools/fetch_node.sh) || return 1
  local PATH=$node:$PATH
  install_ui || return 1
  echo "building the UI" >&2
  mkdir -p build
  npm --prefix ui run build --silent </dev/null >build/ui.log 2>&1 || {
    tail -n 40 build/ui.log >&2
    echo "error: the UI could not be built (above; all of it in build/ui.log)." >&2
    return 1
  }
  printf '%s\n' "$sum" >build/ui.sum
}
