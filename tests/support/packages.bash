# Sourced by tests/run, examples/run and .ci/run.
#
# need_packages <name>... installs the Debian packages that are missing. It
# touches neither the network nor the system when all of them are there.

library_packages=(g++ cmake ninja-build pkg-config libabsl-dev libxxhash-dev
  libfmt-dev liblz4-dev libzstd-dev libcli11-dev nlohmann-json3-dev)
test_packages=("${library_packages[@]}" catch2 ccache git libsqlite3-dev
  python3 python3-lz4 python3-xxhash python3-zstandard)
# The dev preset configures the tests along with the examples.
example_packages=("${library_packages[@]}" catch2 ccache libsqlite3-dev)
clang_packages=(clang libclang-rt-14-dev)
lint_packages=(clang-format clang-tidy)

need_packages() {
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "no apt here: expecting these to be installed: $*" >&2
    return 0
  fi
  local missing=() name
  for name in "$@"; do
    if ! dpkg-query -W -f='${Status}' "$name" 2>/dev/null |
      grep -q '^install ok installed'; then
      missing+=("$name")
    fi
  done
  if [ ${#missing[@]} -eq 0 ]; then
    return 0
  fi
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    as_root=(sudo)
  fi
  echo "installing: ${missing[*]}" >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q update >&2 &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q install -y \
      --no-install-recommends "${missing[@]}" >&2
}
