/** What has arrived of an answer, put together. */
import type { FinishReason, ModelResult, ReplayItem, Snapshot, ToolCall, Usage } from "./events.ts";
import type { RateLimits } from "./limits.ts";
import { TextBuffer } from "./text_buffer.ts";

const NOTHING: Usage = {
  inputTokens: 0,
  cachedInputTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  totalTokens: 0,
};

/** How an answer ended. */
export interface Ending {
  /** Why. */
  readonly reason: FinishReason;
  /** The service's own word for it. */
  readonly detail?: string;
  /** Whether the model wants to be asked again at once. */
  readonly continues: boolean;
}

/** Puts one answer together, event by event. */
export class Accumulator {
  /** The answer's id; empty until it is known. */
  id = "";
  /** The model that answers. */
  model: string;
  /** The model that the headers name; it goes before what an event says. */
  servedModel: string | undefined;
  /** The request's id. */
  requestId: string | undefined;
  /** The text of the last finished message. */
  answer = "";
  /** Whether any message was a refusal. */
  refused = false;
  /** What the answer took, once told. */
  usage: Usage | undefined;
  /** The limits as last told. */
  limits: RateLimits | undefined;
  /** The calls, in order. */
  readonly calls: ToolCall[] = [];
  /** The finished items, in order. */
  readonly items: ReplayItem[] = [];
  /** Everything that was shown, and of which item it was. */
  readonly shown: TextBuffer<unknown> = new TextBuffer();

  /** @param model The model that was asked. */
  constructor(model: string) {
    this.model = model;
  }

  /** What has arrived so far, as plain data of its own. */
  snapshot(): Snapshot {
    return {
      text: this.shown.toString(),
      items: [...this.items],
      ...(this.usage === undefined ? {} : { usage: this.usage }),
    };
  }

  /** What the answer took; zeros when the service did not say. */
  get usageOrNothing(): Usage {
    return this.usage ?? NOTHING;
  }

  /** The answer as a whole. */
  result({ reason, detail, continues }: Ending): ModelResult {
    return {
      id: this.id,
      model: this.model,
      ...(this.requestId === undefined ? {} : { requestId: this.requestId }),
      text: this.answer,
      reason,
      ...(detail === undefined ? {} : { detail }),
      continues,
      calls: this.calls,
      items: this.items,
      usage: this.usageOrNothing,
      ...(this.limits === undefined ? {} : { limits: this.limits }),
    };
  }
}
