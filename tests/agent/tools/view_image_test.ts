import assert from "node:assert/strict";
import type { SandboxPolicy } from "../../../src/agent/sandbox/sandbox.ts";
import { viewImageTool } from "../../../src/agent/tools/view_image.ts";
import { sparse } from "../../support/sparse.ts";
import { TempDir } from "../../support/temp_dir.ts";

const PNG = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3, 4);
const JPEG = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0);
const GIF = new TextEncoder().encode("GIF89a......");
const WEBP = new TextEncoder().encode("RIFF....WEBPVP8 ");

const IMAGE_MODEL = { inputs: ["text", "image"], freeformPatch: true };

/** A workspace `w` with a picture, and one beside it. */
async function pictures(): Promise<TempDir> {
  const dir = await TempDir.make();
  await dir.write("w/a/one.png", PNG);
  await dir.write("out/two.png", PNG);
  return dir;
}

/** What the tool gives for a path. */
async function viewed(dir: TempDir, path: unknown, policy: Partial<SandboxPolicy> = {}) {
  const tool = viewImageTool({
    policy: {
      mode: "workspace-write",
      workspace: dir.join("w"),
      writable: [],
      network: false,
      hidden: [],
      ...policy,
    },
    cwd: dir.join("w/a"),
  });
  const { need, execute } = await tool.prepare({ path });
  assert.equal(need, undefined);
  const { signal } = new AbortController();
  return await execute({ signal, callId: "call_1", step: 1, emit: () => {} });
}

function shown(bytes: Uint8Array, type: string): unknown {
  return [{ type: "image", image: `data:${type};base64,${bytes.toBase64()}` }];
}

Deno.test("viewImageTool() is declared to models that take images alone", async () => {
  await using dir = await TempDir.make();
  const policy = {
    mode: "read-only",
    workspace: dir.path,
    writable: [],
    network: false,
    hidden: [],
  } as const;
  const tool = viewImageTool({ policy, cwd: dir.path });
  assert.equal(tool.effects, "read");
  const declared = await tool.declare(IMAGE_MODEL);
  assert.ok(declared?.type === "function" && declared.name === "view_image");
  assert.equal(await tool.declare({ ...IMAGE_MODEL, inputs: ["text"] }), undefined);
  assert.equal(await tool.declare(undefined), undefined);
});

Deno.test("viewImageTool() gives an image by its content, whatever it is called", async () => {
  await using dir = await pictures();
  const kinds = [[PNG, "image/png"], [JPEG, "image/jpeg"], [GIF, "image/gif"], [
    WEBP,
    "image/webp",
  ]] as const;
  for (const [bytes, type] of kinds) {
    const path = await dir.write("w/a/picture.txt", bytes);
    for (const way of [path, "picture.txt", "../a/./picture.txt"]) {
      for (const mode of ["read-only", "workspace-write", "danger-full-access"] as const) {
        assert.deepEqual(await viewed(dir, way, { mode }), shown(bytes, type));
      }
    }
  }
});

Deno.test("viewImageTool() shows what is in a writable folder, and behind a folder's link within", async () => {
  await using dir = await pictures();
  await Deno.symlink("a", dir.join("w/folder"));
  assert.deepEqual(await viewed(dir, "../folder/one.png"), shown(PNG, "image/png"));
  // What cannot be changed can be seen.
  await dir.write("w/.vscode/one.png", PNG);
  assert.deepEqual(await viewed(dir, "../.vscode/one.png"), shown(PNG, "image/png"));
  const writable = { writable: [dir.join("out")] };
  assert.deepEqual(await viewed(dir, dir.join("out/two.png"), writable), shown(PNG, "image/png"));
});

Deno.test("viewImageTool() shows nothing from outside, by whatever way", async () => {
  await using dir = await pictures();
  await Deno.symlink(dir.join("out/two.png"), dir.join("w/a/link.png"));
  await Deno.symlink(dir.join("out"), dir.join("w/a/folder"));
  await dir.write("w2/three.png", PNG);
  const ways = [
    dir.join("out/two.png"),
    "../../out/two.png",
    "link.png",
    "folder/two.png",
    "../../w2/three.png",
    `/proc/self/cwd/${"../".repeat(20)}${dir.join("out/two.png").slice(1)}`,
  ];
  for (const path of ways) {
    for (const mode of ["workspace-write", "danger-full-access"] as const) {
      await assert.rejects(
        viewed(dir, path, { mode }),
        /outside the workspace$|is a symbolic link/,
      );
    }
  }
});

Deno.test("viewImageTool() shows nothing that is hidden, even within the workspace", async () => {
  await using dir = await pictures();
  await dir.write("w/keys/qr.png", PNG);
  await Deno.symlink("../keys", dir.join("w/a/link"));
  const hidden = [dir.join("w/keys")];
  for (const path of ["../keys/qr.png", "link/qr.png", "../a/link/qr.png"]) {
    await assert.rejects(viewed(dir, path, { hidden }), /is kept from tools$/);
  }
  const file = { hidden: [dir.join("w/a/one.png")] };
  await assert.rejects(viewed(dir, "one.png", file), /is kept from tools$/);
});

Deno.test("viewImageTool() says what it could not find", async () => {
  await using dir = await pictures();
  for (const path of ["gone.png", "gone/one.png"]) {
    await assert.rejects(viewed(dir, path), {
      message: `unable to locate image at \`${path}\`: there is no such file`,
    });
  }
  for (const path of ["one.png/x", "a\0b", "x".repeat(300)]) {
    await assert.rejects(viewed(dir, path), Error);
  }
});

Deno.test("viewImageTool() takes neither a pipe, a folder nor a device", async () => {
  await using dir = await pictures();
  const { success } = await new Deno.Command("mkfifo", { args: [dir.join("w/a/pipe")] }).output();
  assert.ok(success);
  for (const path of ["pipe", "../a", "/dev/zero"]) {
    await assert.rejects(
      viewed(dir, path, { writable: ["/dev"] }),
      /no regular file$|is a folder$/,
    );
  }
});

Deno.test("viewImageTool() takes no file that is no image, or a larger one than the service does", async () => {
  await using dir = await pictures();
  await dir.write("w/a/text.png", "no image at all");
  await dir.write("w/a/empty.png", "");
  for (const path of ["text.png", "empty.png"]) {
    await assert.rejects(viewed(dir, path), /is no image of a kind that can be shown/);
  }
  await sparse(dir.join("w/a/huge.png"), 20 * 1024 * 1024 + 1);
  await assert.rejects(viewed(dir, "huge.png"), /is larger than 20 MiB$/);
});

Deno.test("viewImageTool() refuses arguments that name no file", async () => {
  await using dir = await pictures();
  for (const path of [undefined, null, 1, ""]) {
    await assert.rejects(viewed(dir, path), {
      message: "failed to parse function arguments: `path` is missing",
    });
  }
  const policy = {
    mode: "read-only",
    workspace: "/",
    writable: [],
    network: false,
    hidden: [],
  } as const;
  await assert.rejects(viewImageTool({ policy, cwd: "/" }).prepare("{"), /they are no object$/);
});

Deno.test("viewImageTool() refuses options that are not what they have to be", () => {
  const policy: SandboxPolicy = {
    mode: "read-only",
    workspace: "/",
    writable: [],
    network: false,
    hidden: [],
  };
  const WRONG: readonly (readonly [options: unknown, message: RegExp])[] = [
    [undefined, /^options has to be an object, and is missing$/],
    [{ cwd: "/" }, /^options\.policy has to be a policy, and is missing$/],
    [{ policy, cwd: "a" }, /^options\.cwd has to be an absolute path/],
    [{ policy: { ...policy, hiden: [] }, cwd: "/" }, /^options\.policy\.hiden is not known here$/],
  ];
  for (const [options, message] of WRONG) {
    const given = options as { policy: SandboxPolicy; cwd: string };
    assert.throws(() => viewImageTool(given), { code: "invalid_usage", message });
  }
});
