/** One way to write a turn in short: a member that names it, and its options beside that. */
import { isObject } from "../base/json.ts";
import { conforms, type Members, object, type Shape, type ShapeProblem } from "./shape.ts";
import type { Turn } from "./turns.ts";

/** A way to write a turn in short. */
export interface TurnForm {
  /** What a value has to look like. */
  readonly shape: Pick<Shape<never>, "check" | "schema">;
  /** The turn, if the value looks like that. */
  readonly make: (value: unknown) => Turn | undefined;
}

/**
 * Makes a way to write a turn.
 *
 * @param key The member that tells it.
 * @param first What that member holds.
 * @param says One sentence for editors.
 * @param options The members that may stand beside it.
 * @param make Makes the turn.
 * @param rule A rule for all of it, held where nothing else is wrong.
 * @returns The member and the form.
 */
export function turnForm<K extends string, A, O>(
  key: K,
  first: Shape<A>,
  says: string,
  options: Members<O>,
  make: (first: A, options: O) => Turn,
  rule: (value: unknown) => ShapeProblem | undefined = () => undefined,
): readonly [K, TurnForm] {
  const rest = object<O>(options);
  const split = (value: unknown) => {
    const { [key]: given, ...others } = isObject(value) ? value : {};
    return { given, others };
  };
  return [key, {
    shape: {
      check(value, path, problems) {
        const before = problems.length;
        const { given, others } = split(value);
        first.check(given, `${path}/${key}`, problems);
        rest.check(others, path, problems);
        const problem = problems.length > before ? undefined : rule(value);
        if (problem === undefined) return;
        problems.push({ path: `${path}${problem.path}`, message: problem.message });
      },
      schema(definitions) {
        const { properties, required = [], ...others } = rest.schema(definitions);
        const own = { description: says, ...first.schema(definitions) };
        return {
          ...others,
          properties: { [key]: own, ...Object(properties) },
          required: [key, ...Array.isArray(required) ? required : []],
        };
      },
    },
    make(value) {
      const { given, others } = split(value);
      return conforms(first, given) && conforms(rest, others) ? make(given, others) : undefined;
    },
  }];
}
