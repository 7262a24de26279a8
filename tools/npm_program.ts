/**
 * Other people's programs from npm, for comparison: installed once into a folder, and the native
 * program found behind the launcher, so that it can be measured and ended without one.
 */

/** Where such programs are kept when nothing else is said. */
const FOLDER = "codex_peers";

/** The official client that this project is held against. */
export const OFFICIAL = "@openai/codex@0.169.0";

/** The best-known other client. */
export const OPENCODE = "opencode-ai@1.18.33";

/**
 * Installs a package, unless it is there.
 *
 * @param spec The package with its version.
 * @param folder Where to; a folder of its own beside other temporary ones by default.
 * @returns The folder that it is in.
 * @throws Error with what npm says when it cannot be installed.
 */
export async function installProgram(spec: string, folder?: string): Promise<string> {
  const temp = Deno.env.get("TMPDIR") ?? Deno.env.get("TEMP") ?? "/tmp";
  const at = `${folder ?? `${temp}/${FOLDER}`}/${spec.replace(/^@/, "").replaceAll("/", "_")}`;
  if (await isThere(`${at}/installed`)) return at;
  await Deno.mkdir(at, { recursive: true });
  const args = ["install", "--prefix", at, "--no-audit", "--no-fund", "--silent", spec];
  const npm = Deno.build.os === "windows" ? "npm.cmd" : "npm";
  const { success, stderr } = await new Deno.Command(npm, { args, stdin: "null" }).output();
  if (!success) throw new Error(`npm cannot install ${spec}: ${new TextDecoder().decode(stderr)}`);
  await Deno.writeTextFile(`${at}/installed`, "");
  return at;
}

/**
 * Finds the official client's native program.
 *
 * @param folder What {@linkcode installProgram} gave.
 * @throws Error when the package has none for this platform.
 */
export async function officialProgram(folder: string): Promise<string> {
  const name = Deno.build.os === "windows" ? "codex.exe" : "codex";
  const scope = `${folder}/node_modules/@openai`;
  for (const platform of await names(scope)) {
    const vendor = `${scope}/${platform}/vendor`;
    for (const target of await names(vendor)) {
      const program = `${vendor}/${target}/bin/${name}`;
      if (await isThere(program)) return program;
    }
  }
  throw new Error(`${OFFICIAL} has no program for this platform`);
}

/**
 * Finds opencode's native program.
 *
 * @param folder What {@linkcode installProgram} gave.
 * @throws Error when the package has none for this platform.
 */
export async function opencodeProgram(folder: string): Promise<string> {
  const modules = `${folder}/node_modules`;
  // The plain build first: the "baseline" one is for processors without AVX2.
  const packages = (await names(modules)).filter((name) => /^opencode-\w+-\w+/.test(name));
  for (const name of packages.sort((a, b) => a.length - b.length)) {
    const program = `${modules}/${name}/bin/opencode`;
    if (await isThere(program)) return program;
  }
  throw new Error(`${OPENCODE} has no program for this platform`);
}

async function names(folder: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
