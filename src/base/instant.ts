/** Instants and lengths of time for people, without `Intl`, whose first use costs 10 ms. */

const pad = (value: number) => String(value).padStart(2, "0");

/** An instant in local time, such as `2027-01-15 09:00`. */
export function formatInstant(ms: number): string {
  const at = new Date(ms);
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())} ` +
    `${pad(at.getHours())}:${pad(at.getMinutes())}`;
}

/** A length of time in its two largest units, such as `2 h 5 min`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const units: readonly (readonly [size: number, name: string])[] = [
    [86_400, "d"],
    [3_600, "h"],
    [60, "min"],
    [1, "s"],
  ];
  const first = units.findIndex(([size]) => seconds >= size);
  if (first < 0) return "0 s";
  let rest = seconds;
  return units.slice(first, first + 2).flatMap(([size, name]) => {
    const count = Math.floor(rest / size);
    rest %= size;
    return count > 0 ? [`${count} ${name}`] : [];
  }).join(" ");
}

/** An instant with its distance, such as `2027-01-15 09:00 (in 2 h 5 min)`. */
export function formatWhen(ms: number, now: number): string {
  const distance = formatDuration(Math.abs(ms - now));
  return `${formatInstant(ms)} (${ms >= now ? `in ${distance}` : `${distance} ago`})`;
}
