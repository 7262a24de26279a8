/**
 * A stand-in for the whole service, for tests: sign-in, models, allowance and streamed answers,
 * with every fault that a client should survive. It works in the process without any permission,
 * or on a loopback port for programs of any kind.
 *
 * @example A scripted answer, and what the client asked
 * ```ts
 * import { createSimulator, reply } from "@x/codex/testing";
 *
 * await using simulator = createSimulator();
 * simulator.enqueue(reply("Forty-two."));
 * // Give a client `simulator.fetch`, `simulator.store` and `simulator.clock`, let it run, then:
 * console.log(simulator.requestsTo("responses").length);
 * ```
 *
 * @module
 */
export { createSimulator } from "./src/testing/simulator.ts";
export type { Simulator } from "./src/testing/simulator.ts";
export type {
  SignInOptions,
  SimulatorAddresses,
  SimulatorOptions,
} from "./src/testing/simulator_options.ts";
export type { ListenOptions } from "./src/testing/listener.ts";
export type { SimulatorClock } from "./src/testing/clock.ts";
export type { Clock } from "./src/base/clock.ts";
export type {
  ApiKeyCredentials,
  Credentials,
  CredentialStore,
  OAuthCredentials,
  ReauthMark,
  StoreOrigin,
  StoreUpdate,
} from "./src/base/credentials.ts";
export type { MemoryStore } from "./src/base/memory_store.ts";
export type { RecordedRequest } from "./src/testing/recorded.ts";
export type { Route } from "./src/testing/routes.ts";
export type { Json } from "./src/testing/json.ts";

export type {
  AccountSettings,
  BrowserSettings,
  DeviceSettings,
  LimitSettings,
  RefreshSettings,
  RuleSettings,
  Scenario,
  TokenSettings,
  WindowSettings,
  Workspace,
} from "./src/testing/scenario.ts";
export type { ModelEntry } from "./src/testing/backend/catalogue.ts";

export {
  browserLogin,
  deviceLogin,
  refreshFails,
  refreshRotates,
} from "./src/testing/sign_in_builders.ts";
export type { RefreshFailure } from "./src/testing/sign_in_builders.ts";

export { scenarioFromJson } from "./src/testing/scenario_file.ts";
export type { Expectation, ExpectationProblem, Times } from "./src/testing/expectation.ts";
export type { TextPattern } from "./src/testing/text_pattern.ts";

export { storeContract } from "./src/testing/store_contract.ts";
export type {
  RegisterTest,
  StoreContractOptions,
  StorePlace,
} from "./src/testing/store_contract.ts";

export { fault } from "./src/testing/faults.ts";
export type { Fault } from "./src/testing/faults.ts";

export {
  combine,
  completedOnly,
  customToolCall,
  oneBigDelta,
  onWire,
  outputItem,
  raw,
  reasoning,
  refuse,
  reply,
  toolCall,
} from "./src/testing/turn_builders.ts";
export type { CallOptions, ReplyOptions, TurnOptions } from "./src/testing/turn_builders.ts";
export {
  cut,
  disconnected,
  errorEvent,
  failed,
  garbage,
  httpError,
  incomplete,
  rateLimited,
  silent,
  unauthorized,
  usageLimit,
} from "./src/testing/trouble_builders.ts";
export type {
  CutOptions,
  GarbageOptions,
  HttpOptions,
  SilentOptions,
  TroubleOptions,
} from "./src/testing/trouble_builders.ts";
export type {
  AnswerItem,
  AnswerTurn,
  Break,
  CompletedEnding,
  ConnectionFault,
  ConnectionTurn,
  CustomToolCallItem,
  Ending,
  ErrorEventEnding,
  FailedEnding,
  HttpTurn,
  IncompleteEnding,
  RawItem,
  RawTurn,
  ReasoningItem,
  RefusalItem,
  TextItem,
  ToolCallItem,
  Turn,
  TurnBase,
  TurnUsage,
  UsageLimitTurn,
  Wire,
} from "./src/testing/turns.ts";
