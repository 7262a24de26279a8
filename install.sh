#!/bin/sh
# Installs the codex command: the binary of a release, checked against the release's sums.
#
#   sh install.sh [--dir DIR] [--name NAME] [--version VERSION]
#
# Nothing is written but the one file and its folder, and the file only once it is whole, is what the
# release says, and runs here. A command of that name that is another program, such as the official
# tool, is never replaced: choose another name with --name.
#
# CODEX_RELEASES names another place of releases: an https address, or one on this machine.
set -eu

# Held against tools/release/home.ts by a test.
HOST=https://github.com
REPOSITORY=x/codex
SUMS=SHA256SUMS

# A word that every binary of ours holds, and no other program called codex.
MARK=codex_deno

say() {
  printf '%s\n' "$*" >&2
}

# fail WHAT [HINT]
fail() {
  say "install: $1"
  [ $# -lt 2 ] || say "hint: $2"
  exit 1
}

usage() {
  say "usage: sh install.sh [--dir DIR] [--name NAME] [--version VERSION]"
  exit 2
}

has() {
  command -v "$1" >/dev/null 2>&1
}

# The release's binary for this machine.
asset_name() {
  os=$(uname -s)
  machine=$(uname -m)
  case $os:$machine in
    Linux:x86_64 | Linux:amd64) triple=x86_64-unknown-linux-gnu ;;
    Linux:aarch64 | Linux:arm64) triple=aarch64-unknown-linux-gnu ;;
    Darwin:x86_64) triple=x86_64-apple-darwin ;;
    Darwin:arm64) triple=aarch64-apple-darwin ;;
    *)
      fail "there is no binary for $os on $machine" \
        "With Deno or Node on the machine, the README has another way to install it"
      ;;
  esac
  printf '%s\n' "codex-$triple"
}

# download URL FILE: all of it, or a failure.
download() {
  if has curl; then
    curl -fsSL --proto "$protocols" --proto-redir "$protocols" -o "$2" "$1"
  else
    wget -q -O "$2" "$1"
  fi
}

sum_of() {
  if has sha256sum; then
    sha256sum <"$1"
  elif has shasum; then
    shasum -a 256 <"$1"
  else
    openssl dgst -sha256 -r <"$1"
  fi | sed 's/[ *].*//'
}

# The sum that the release has for a file: one line of it, by the whole name.
wanted_sum() {
  while read -r sum file rest; do
    if [ "${file#\*}" = "$1" ] && [ -z "$rest" ]; then
      printf '%s\n' "$sum"
      return
    fi
  done <"$2"
}

refuse_other() {
  if [ -L "$target" ]; then
    fail "$target is a link to somewhere else" "Remove it, or choose another name with --name"
  fi
  [ -e "$target" ] || return 0
  if [ ! -f "$target" ] || ! grep -q "$MARK" "$target" 2>/dev/null; then
    fail "$target is another program, and stays as it is" \
      "Choose another name: --name codex-deno"
  fi
}

main() {
  dir=
  name=codex
  version=
  while [ $# -gt 0 ]; do
    option=$1
    case $option in
      --dir=* | --name=* | --version=*) value=${option#*=} ;;
      --dir | --name | --version)
        [ $# -ge 2 ] || usage
        value=$2
        shift
        ;;
      *) usage ;;
    esac
    shift
    [ -n "$value" ] || usage
    case $option in
      --dir*) dir=$value ;;
      --name*) name=$value ;;
      --version*) version=${value#v} ;;
    esac
  done
  case $name in
    -* | .* | *[!A-Za-z0-9._-]*) fail "$name cannot be the name of a command" ;;
  esac
  case $version in
    *[!A-Za-z0-9.+-]*) fail "$version cannot be a version" ;;
  esac
  if [ -z "$dir" ]; then
    [ -n "${HOME:-}" ] || fail "HOME is not set" "Name the folder with --dir"
    dir=$HOME/.local/bin
  fi
  case $dir in
    /*) ;;
    *) dir=$PWD/$dir ;;
  esac

  releases=${CODEX_RELEASES:-$HOST/$REPOSITORY/releases}
  case $releases in
    *@*) fail "CODEX_RELEASES is not an https address" ;;
    https://*) protocols='=https' ;;
    http://127.0.0.1:* | http://localhost:*) protocols='=http' ;;
    *) fail "CODEX_RELEASES is not an https address" ;;
  esac
  if [ -z "$version" ]; then
    from=$releases/latest/download
  else
    from=$releases/download/v$version
  fi

  has curl || has wget ||
    fail "neither curl nor wget is here to download with" "Install one of them"
  has sha256sum || has shasum || has openssl ||
    fail "neither sha256sum, shasum nor openssl is here to check the download with" \
      "Install one of them"
  asset=$(asset_name)
  target=$dir/$name
  refuse_other
  mkdir -p "$dir" 2>/dev/null ||
    fail "cannot create the folder $dir" "Choose another with --dir"
  # Beside the target, so that the last step is a rename on one file system.
  temporary=$(mktemp -d "$dir/.codex-install.XXXXXX" 2>/dev/null) ||
    fail "cannot write to $dir" "Choose another folder with --dir"
  trap 'rm -rf "$temporary"' EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM

  for file in "$SUMS" "$asset"; do
    download "$from/$file" "$temporary/$file" ||
      fail "cannot download $from/$file" "See whether the release is there, and try again"
  done
  wanted=$(wanted_sum "$asset" "$temporary/$SUMS")
  [ -n "$wanted" ] || fail "the release has no sum for $asset" "Report this: it should have one"
  found=$(sum_of "$temporary/$asset")
  [ "$found" = "$wanted" ] ||
    fail "the download is not what the release says: its sum is $found, not $wanted" \
      "Try again; should it stay so, do not run it, and report this"

  chmod 755 "$temporary/$asset"
  printed=$("$temporary/$asset" --version </dev/null 2>/dev/null) || printed=
  case $printed in
    "codex "*) ;;
    *)
      fail "the binary does not run on this machine" \
        "It needs glibc on Linux; with Deno or Node, the README has another way to install it"
      ;;
  esac
  # Somebody may have put another program there meanwhile.
  refuse_other
  mv -f "$temporary/$asset" "$target" || fail "cannot write $target"
  say "$printed is installed: $target"
  on_path=$(command -v "$name" 2>/dev/null) || on_path=
  if [ -z "$on_path" ]; then
    say "hint: $dir is not on the PATH; add it: PATH=\"$dir:\$PATH\""
  elif [ "$on_path" != "$target" ]; then
    say "hint: $name means $on_path on this PATH, which comes first"
  fi
}

# At the very end: a script that was cut on its way does nothing.
main "$@"
