/**
 * A ChatGPT subscription for TypeScript: sign in once with the `codex` command, then ask.
 *
 * It uses the same public OAuth client and backend as the official Codex CLI, unofficially: see
 * the README before you rely on it. Importing this module does nothing. {@linkcode stream} asks a
 * model once, {@linkcode run} lets it use tools until its task is done. The functions below use
 * the command's own sign-in; {@linkcode createClient} binds them to another store, `fetch`, clock
 * or address. Failures are {@linkcode CodexError}s, told apart by `code`.
 *
 * @example Print an answer as it is generated
 * ```ts
 * import { createClient } from "@x/codex";
 * import { createSimulator } from "@x/codex/testing";
 *
 * // Against the real service: import { stream } from "@x/codex", after `codex login`.
 * await using simulator = createSimulator();
 * const { stream } = createClient({ fetch: simulator.fetch, store: simulator.store });
 *
 * for await (const text of stream("Why is the sky blue? One sentence.").textStream) {
 *   console.log(text);
 * }
 * ```
 *
 * @module
 */
export { type Client, createClient, type LoginOptions } from "./src/client/client.ts";
export {
  account,
  createFetch,
  limits,
  login,
  logout,
  models,
  refresh,
  run,
  stream,
} from "./src/client/functions.ts";
export type { ClientOptions } from "./src/client/options.ts";

export { CodexError, ERROR_TABLE, exitCodeFor, isCodexError } from "./src/base/errors.ts";
export type {
  CodexErrorOptions,
  ErrorCode,
  ErrorMeaning,
  ErrorRecord,
  OutputProblem,
  PartialAnswer,
} from "./src/base/errors.ts";
export type { Clock } from "./src/base/clock.ts";

export { tool } from "./src/agent/define_tool.ts";
export { hasToolCall, maxSteps, tokens } from "./src/agent/stop.ts";
export type {
  CallNeed,
  PreparedCall,
  Tool,
  ToolContext,
  ToolDefinition,
  ToolEffects,
  ToolModel,
  ToolOutputPart,
} from "./src/agent/tool.ts";
export type {
  AgentRun,
  Approval,
  Approve,
  RunOptions,
  RunResult,
  RunResultFor,
  SchemaRunResult,
  Session,
  StepContext,
  StepOptions,
  StepState,
  StopCondition,
} from "./src/agent/run_options.ts";
export type {
  ApprovalRequestEvent,
  RunEnd,
  RunErrorEvent,
  RunEvent,
  RunFacts,
  RunFinishEvent,
  RunStartEvent,
  StepFinishEvent,
  ToolOutputEvent,
  ToolResultEvent,
} from "./src/agent/run_events.ts";

export { DEFAULT_INSTRUCTIONS } from "./src/responses/default_instructions.ts";
export type {
  EventStream,
  ModelStream,
  ResultFor,
  SchemaResult,
} from "./src/responses/model_stream.ts";
export type {
  FinishEvent,
  FinishReason,
  ModelResult,
  Phase,
  ReplayItem,
  RetryEvent,
  Snapshot,
  StartEvent,
  StreamEvent,
  ToolCall,
  Usage,
} from "./src/responses/events.ts";
export type { ExtraLimit, LimitWindow, RateLimits } from "./src/responses/limits.ts";
export type {
  AnswerMessage,
  AssistantMessage,
  CustomTool,
  DeveloperMessage,
  Effort,
  FilePart,
  FunctionTool,
  ImagePart,
  Input,
  Message,
  OutputFormat,
  Part,
  RetryOptions,
  SchemaOutput,
  StreamOptions,
  TextPart,
  TimeoutOptions,
  ToolMessage,
  ToolResultPart,
  ToolSpec,
  UserMessage,
  WebSearchTool,
} from "./src/responses/options.ts";
export type {
  FromJsonSchema,
  InferOutput,
  JsonSchema,
  OutputSchema,
  StandardIssue,
  StandardJsonSchema,
  StandardResult,
} from "./src/responses/output_schema.ts";

export type { Model, ModelSource } from "./src/models/model.ts";

export type { Account, AccountState } from "./src/auth/account.ts";
export type { Workspace } from "./src/auth/claims.ts";
export type { SignedIn } from "./src/auth/browser/callback_page.ts";
export type { WaitingPlace } from "./src/auth/browser/flow.ts";
export type { DevicePrompt } from "./src/auth/device_flow.ts";
export type { ApiKeyLogin, BrowserLogin, DeviceLogin, LoginMethod } from "./src/auth/login.ts";
export type { LogoutResult } from "./src/auth/logout.ts";
export type { ReadLine } from "./src/auth/browser/paste.ts";
export type { FileStore, FileStoreOptions } from "./src/auth/store/file_store.ts";
export { fileStore } from "./src/client/lazy_file_store.ts";
export { type MemoryStore, memoryStore } from "./src/base/memory_store.ts";
export type {
  ApiKeyCredentials,
  Credentials,
  CredentialStore,
  OAuthCredentials,
  ReauthMark,
  StoreOrigin,
  StoreUpdate,
} from "./src/base/credentials.ts";
