/**
 * What every credential store has to keep, as tests that any store can be run through: a store in
 * a database of your own, for a fleet that shares one sign-in, above all.
 */
import type { CredentialStore } from "../base/credentials.ts";
import { CHECKS } from "./store_checks.ts";

/** One place that sign-ins are kept in, empty at first. */
export interface StorePlace extends Partial<AsyncDisposable> {
  /**
   * Opens a store on the place; called several times for it. Stores of one place see each
   * other's writes and exclude each other. Where there is no place but the store itself, as in
   * memory, it gives the same one each time.
   */
  open(): CredentialStore | Promise<CredentialStore>;
}

/** Registers a test; `Deno.test` is one. */
export type RegisterTest = (name: string, fn: () => Promise<void>) => void;

/** How to register the tests. */
export interface StoreContractOptions {
  /** Registers one. */
  readonly test: RegisterTest;
  /** What the names of the tests begin with; `store` unless given. */
  readonly name?: string;
}

/**
 * Registers the tests that a credential store has to pass.
 *
 * @param make Makes an empty place for each test; it is disposed of afterwards.
 * @param options How to register a test.
 *
 * @example Run a store of your own through it
 * ```ts
 * import { memoryStore } from "@x/codex";
 * import { storeContract } from "@x/codex/testing";
 *
 * const tests: string[] = [];
 * storeContract(() => {
 *   const store = memoryStore();
 *   return { open: () => store };
 * }, { name: "memoryStore()", test: (name) => tests.push(name) }); // test: Deno.test
 * console.log(tests[0]); // "memoryStore() reads nothing at first"
 * ```
 */
export function storeContract(
  make: () => StorePlace | Promise<StorePlace>,
  { test, name = "store" }: StoreContractOptions,
): void {
  for (const [sentence, check] of CHECKS) {
    test(`${name} ${sentence}`, async () => {
      const place = await make();
      try {
        await check(() => Promise.resolve(place.open()));
      } finally {
        await place[Symbol.asyncDispose]?.();
      }
    });
  }
}
