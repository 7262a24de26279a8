/**
 * Body members that the ChatGPT backend refuses with `400 Unsupported parameter` (reported). The
 * public API takes most of them.
 */
export const REFUSED_PARAMETERS: readonly string[] = [
  "max_output_tokens",
  "max_tool_calls",
  "temperature",
  "top_p",
  "frequency_penalty",
  "presence_penalty",
  "truncation",
  "metadata",
  "safety_identifier",
  "background",
  "stream_options",
  "user",
  "stop",
  "seed",
];
