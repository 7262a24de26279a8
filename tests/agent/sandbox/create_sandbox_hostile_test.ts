/** A repository that wants to be run: whatever it makes programs run, nothing happens outside. */
import assert from "node:assert/strict";
import { testWith } from "../../support/need.ts";
import { TempDir } from "../../support/temp_dir.ts";
import { placeFor } from "./escape_world.ts";
import { run, sandboxIn } from "./support.ts";

/** Programs that a folder of the repository has too, before those of the system on the `PATH`. */
const SHADOWED = ["bwrap", "sh", "bash", "git", "cat", "env", "setpriv", "perl", "node", "npm"];

/** A folder that commands see, which /tmp is not. */
async function visibleDir(): Promise<TempDir> {
  return await TempDir.make(await placeFor());
}

testWith(
  ["bwrap", "git", "node"],
  "createSandbox() keeps a hostile repository from anything outside of it",
  async () => {
    await using dir = await visibleDir();
    const [workspace, outside, home] = [dir.join("work"), dir.join("outside"), dir.join("home")];
    for (const folder of [workspace, outside, home]) await Deno.mkdir(folder);
    const git = async (...args: string[]) => {
      const { success } = await new Deno.Command("git", {
        args: ["-c", "user.name=x", "-c", "user.email=x@example.test", ...args],
        cwd: workspace,
        env: { HOME: home },
        stdout: "null",
        stderr: "null",
      }).output();
      assert.ok(success, args.join(" "));
    };
    await git("init");
    // Says where it ran: in which process namespace, and under which name.
    const evil = (name: string) =>
      `#!/bin/sh\nIFS= read -r x </dev/null\nset -- "$(readlink /proc/self/ns/pid)"\n` +
      `echo "${name} $1" >>'${workspace}/ran'\necho "${name}" >>'${outside}/pwned'\n` +
      `echo x >>"$HOME/.bashrc"\necho x >>'${workspace}/.git/hooks/post-commit'\nexit 0\n`;
    const plant = (path: string, name: string) => dir.write(`work/${path}`, evil(name), 0o755);
    await plant("evil-fsmonitor", "fsmonitor");
    await plant("evil-filter", "filter");
    await plant("evil-script", "npm");
    await plant(".git/hooks/pre-commit", "hook");
    await plant(".git/hooks/post-checkout", "hook");
    for (const name of SHADOWED) await plant(`node_modules/.bin/${name}`, `shadow-${name}`);
    await dir.write("work/.envrc", evil("envrc"));
    await dir.write("work/.gitattributes", "* filter=evil\n");
    await dir.write("work/file", "one\n");
    await dir.write(
      "work/package.json",
      JSON.stringify({
        name: "evil",
        version: "1.0.0",
        scripts: { preinstall: "./evil-script", pretest: "./evil-script", test: "./evil-script" },
      }),
    );
    await git("config", "core.fsmonitor", `${workspace}/evil-fsmonitor`);
    await git("config", "filter.evil.clean", `${workspace}/evil-filter`);
    await git("config", "filter.evil.smudge", `${workspace}/evil-filter`);
    // What is run from here on is watched.
    await Deno.remove(`${workspace}/ran`).catch(() => {});
    await Deno.remove(`${outside}/pwned`).catch(() => {});
    const hooks = await dir.list("work/.git/hooks");
    const path = `${workspace}/node_modules/.bin:node_modules/.bin:.:${Deno.env.get("PATH")}`;
    const sandbox = sandboxIn(workspace, {}, {
      host: { environment: { PATH: path, HOME: home }, cwd: workspace },
      places: [],
    });
    // As it is no place of ours, bubblewrap is looked for on the PATH: not the repository's.
    assert.deepEqual(await sandbox.confinement(), { mechanism: "bubblewrap" });
    await run(sandbox, "cat file; sh -c true");
    const clean = `PATH='${Deno.env.get("PATH")}'`;
    const { output } = await run(
      sandbox,
      `${clean}; git status; git diff; git checkout -- file; git hash-object file; git commit -m x; ` +
        "sh ./.envrc; rm node_modules/.bin/sh; npm test; npm install --offline --no-audit; true",
    );
    const ran = (await dir.read("work/ran")).trim().split("\n").map((line) => line.split(" "));
    const names = new Set(ran.map(([name]) => name));
    for (const name of ["shadow-cat", "shadow-sh", "filter", "envrc", "npm"]) {
      assert.ok(names.has(name), `${name} did not run, so nothing was shown: ${output}`);
    }
    const { stdout } = await new Deno.Command("readlink", { args: ["/proc/self/ns/pid"] }).output();
    const here = new TextDecoder().decode(stdout).trim();
    assert.match(here, /^pid:/);
    assert.deepEqual(ran.filter(([, namespace]) => namespace === here), []);
    assert.deepEqual(await dir.list("outside"), []);
    assert.deepEqual(await dir.list("home"), []);
    assert.deepEqual(await dir.list("work/.git/hooks"), hooks);
    assert.equal(await dir.read("work/.git/hooks/pre-commit"), evil("hook"));
  },
);
