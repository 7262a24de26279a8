/** What the parts of one simulator share. */
import type { Clock } from "../base/clock.ts";
import type { Ids } from "./ids.ts";
import type { Incoming } from "./incoming.ts";
import type { ApiMemory } from "./backend/api_memory.ts";
import type { CatalogueEntry } from "./backend/catalogue.ts";
import type { CodeDesk } from "./issuer/code_desk.ts";
import type { TokenDesk } from "./issuer/token_desk.ts";
import type { DeviceDesk } from "./issuer/device_desk.ts";
import type { Settings } from "./settings.ts";
import type { TurnQueue } from "./turn_queue.ts";

/** What the parts of one simulator share. */
export interface World {
  /** What it was told. */
  readonly settings: Settings;
  /** Its time. */
  readonly clock: Clock;
  /** When it was made, in milliseconds since the epoch. */
  readonly startedAt: number;
  /** Its names. */
  readonly ids: Ids;
  /** Its tokens. */
  readonly tokens: TokenDesk;
  /** Its authorization codes. */
  readonly codes: CodeDesk;
  /** Its device codes. */
  readonly devices: DeviceDesk;
  /** Its models. */
  readonly models: readonly CatalogueEntry[];
  /** A short name for them. */
  readonly modelsHash: string;
  /** What the public API remembers of its answers. */
  readonly memory: ApiMemory;
  /** What its model does next. */
  readonly turns: TurnQueue;
  /** What its model says when nothing else is left. */
  readonly reply: string;
}

/** Answers the requests of a route. */
export type Handler = (incoming: Incoming, world: World) => Response | Promise<Response>;
