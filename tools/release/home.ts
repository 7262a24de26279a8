/**
 * Where releases live. `x` stands for the owner until there is one: this file, and the two lines of
 * `install.sh` that a test holds against it, are all that has to change.
 */

/** The host of the repository. */
export const HOST = "https://github.com";

/** The repository: its owner, and its name. */
export const REPOSITORY = "x/codex";

/** The file with the sums of all others of a release. */
export const SUMS = "SHA256SUMS";
