/** The completions for PowerShell, from 5.1 on. Written from its documentation, and never run. */
import { quotedForPowerShell as quoted } from "./quote.ts";
import type { Entry, Option, Value } from "./table.ts";

/** Makes the script. */
export function powerShellScript(program: string, table: readonly Entry[]): string {
  const everywhere = table[0]?.options.filter((option) => option.everywhere) ?? [];
  return `# Completions of ${program} for PowerShell. To load them:
# ${program} completions powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName ${quoted(program)} -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $commands = [ordered]@{
${table.map(({ name, brief }) => `    ${quoted(name)} = ${quoted(brief)}`).join("\n")}
  }
  $options = @{
    '' = @(
${optionRows([...everywhere, VERSION])}
    )
${
    table.map(({ name, options }) => `    ${quoted(name)} = @(\n${optionRows(options)}\n    )`)
      .join("\n")
  }
  }
  $arguments = @{
${
    table.flatMap(({ name, argument }) =>
      argument?.kind === "words" ? [`    ${quoted(name)} = ${words(argument.words)}`] : []
    ).join("\n")
  }
  }
  $typed = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
    ForEach-Object { $_.Extent.Text } | Select-Object -Skip 1)
  $command = ''
  $skip = $false
  foreach ($word in $typed) {
    if ($skip) { $skip = $false; continue }
    if (${
    words(everywhere.filter(({ value }) => value).map(({ name }) => `--${name}`))
  } -contains $word) {
      $skip = $true
    } elseif (-not $word.StartsWith('-')) { $command = $word; break }
  }
  if (-not $options.ContainsKey($command)) { return }
  $previous = if ($typed.Count -gt 0) { $typed[-1] } else { '' }
  $option = $options[$command] | Where-Object { $_.Names -ccontains $previous -and $_.Takes }
  $found = if ($option) {
    switch ($option.Takes) {
      'words' { $option.Words }
      'list' { & $commandAst.CommandElements[0].Extent.Text completions --list $option.Words -- @typed 2>$null }
      # Nothing found: PowerShell goes on with files by itself.
      default { return }
    }
  } elseif ($wordToComplete.StartsWith('-')) {
    $options[$command] | ForEach-Object { $_.Names[0] }
  } elseif ($command -eq '') {
    $commands.Keys
  } else {
    $arguments[$command]
  }
  $found | Where-Object { $_ -and $_.StartsWith($wordToComplete) } | ForEach-Object {
    $name = $_
    $brief = ($options[$command] | Where-Object { $_.Names -ccontains $name }).Brief
    if (-not $brief) { $brief = $commands[$name] }
    if (-not $brief) { $brief = $name }
    [System.Management.Automation.CompletionResult]::new($name, $name, 'ParameterValue', $brief)
  }
}
`;
}

const VERSION: Option = {
  name: "version",
  letter: undefined,
  brief: "The version",
  value: undefined,
  several: false,
  everywhere: false,
};

function optionRows(options: readonly Option[]): string {
  return options.map(({ name, letter, brief, value }) => {
    const names = words([`--${name}`, ...(letter === undefined ? [] : [`-${letter}`])]);
    return `      @{ Names = ${names}; Brief = ${quoted(brief)}; ${takes(value)} }`;
  }).join("\n");
}

function takes(value: Value | undefined): string {
  if (value === undefined) return "Takes = ''";
  if (value.kind === "words") return `Takes = 'words'; Words = ${words(value.words)}`;
  if (value.kind === "list") return `Takes = 'list'; Words = ${quoted(value.list)}`;
  return `Takes = ${quoted(value.kind)}`;
}

function words(all: readonly string[]): string {
  return `@(${all.map(quoted).join(", ")})`;
}
