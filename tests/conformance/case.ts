/** What a case of the conformance run is. */
import type { Check } from "./check.ts";

/** Its name, and what it does with the official program; problems go into the check. */
export type Case = readonly [name: string, run: (program: string, check: Check) => Promise<void>];
