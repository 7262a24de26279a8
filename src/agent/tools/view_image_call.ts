/** One call of the tool that shows an image: the file found, read, and told from its bytes. */
import { isObject, stringAt } from "../../base/json.ts";
import { detectImage, MAX_IMAGE_BYTES } from "../../responses/image.ts";
import type { ImagePart } from "../../responses/options.ts";
import { readFileStart } from "../project/regular_file.ts";
import type { SandboxPolicy } from "../sandbox/sandbox.ts";
import type { PreparedCall } from "../tool.ts";
import { findPlace } from "./patch/place.ts";

/** Options of {@linkcode viewImageTool}. */
export interface ViewImageOptions {
  /** What may be read: the workspace and the writable folders, but for what is hidden. */
  readonly policy: SandboxPolicy;
  /** The working directory, absolute. */
  readonly cwd: string;
}

/**
 * Prepares a call. Reading is all that there is to it: nothing is looked at before its turn.
 *
 * @param input What the model gave.
 * @param options What may be read, and where.
 * @throws Error that tells the model what is wrong with its call.
 */
export function prepareView(input: unknown, options: ViewImageOptions): PreparedCall {
  const path = stringAt(input, "path") ?? "";
  if (path !== "") return { execute: () => view(options, path) };
  const what = isObject(input) ? "`path` is missing" : "they are no object";
  throw new Error(`failed to parse function arguments: ${what}`);
}

async function view(
  { policy, cwd }: ViewImageOptions,
  path: string,
): Promise<readonly ImagePart[]> {
  const place = findPlace(path, { policy, cwd }, "read");
  if (place.facts === undefined) throw unlocated(path, "there is no such file");
  const start = await readFileStart(place.path, MAX_IMAGE_BYTES).catch((error) => {
    const isDenied = error instanceof Deno.errors.PermissionDenied;
    throw unlocated(path, isDenied ? "permission is denied" : "it cannot be read");
  });
  if (start === undefined) throw unlocated(path, "it is no regular file");
  if (!start.whole) throw new Error(`the image \`${path}\` is larger than 20 MiB`);
  const type = detectImage(start.bytes);
  if (type === undefined) {
    throw new Error(`\`${path}\` is no image of a kind that can be shown: PNG, JPEG, WebP or GIF`);
  }
  // As text, so that an event or a kept conversation with it is plain JSON.
  return [{ type: "image", image: `data:${type};base64,${start.bytes.toBase64()}` }];
}

function unlocated(path: string, why: string): Error {
  return new Error(`unable to locate image at \`${path}\`: ${why}`);
}
