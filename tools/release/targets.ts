/** The platforms that a binary is made for. */

/** A platform. */
export interface Target {
  /** As Deno calls it. */
  readonly triple: string;
  /** The operating system and the machine, as `uname -s` and `uname -m` name them. */
  readonly uname: readonly [os: string, machine: string];
  /** The runner on which its binary is tried. */
  readonly runner: string;
}

/** The five usual ones. */
export const TARGETS: readonly Target[] = [
  { triple: "x86_64-unknown-linux-gnu", uname: ["Linux", "x86_64"], runner: "ubuntu-24.04" },
  { triple: "aarch64-unknown-linux-gnu", uname: ["Linux", "aarch64"], runner: "ubuntu-24.04-arm" },
  { triple: "x86_64-apple-darwin", uname: ["Darwin", "x86_64"], runner: "macos-15-intel" },
  { triple: "aarch64-apple-darwin", uname: ["Darwin", "arm64"], runner: "macos-15" },
  { triple: "x86_64-pc-windows-msvc", uname: ["Windows", "x86_64"], runner: "windows-2025" },
];

/** The name of a target's binary among the files of a release. */
export function assetName({ triple }: Target): string {
  return `codex-${triple}${triple.includes("windows") ? ".exe" : ""}`;
}
