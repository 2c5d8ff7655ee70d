const units = ['', 'K', 'M', 'G', 'T', 'P', 'E'] as const

/** A number with a binary unit as `hdfs dfs -h` writes it: `6`, `293.5 K`, and `2 M` where nothing is rounded. */
export function formatSize(bytes: number): string {
  let value = Math.abs(bytes)
  let unit = 0
  // From 1023.95 on it would be rounded to 1024.0, which is 1.0 of the next unit.
  while (value >= (unit === 0 ? 1024 : 1023.95) && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  const sign = bytes < 0 ? '-' : ''
  if (unit === 0) return String(bytes)
  return `${sign}${Number.isInteger(value) ? value : value.toFixed(1)} ${units[unit]}`
}

/** Bytes as they are, or for people where `human`. */
export function sizeText(bytes: number, human: boolean): string {
  return human ? formatSize(bytes) : String(bytes)
}

/**
 * Reads `10`, `64K`, `1.5g` or `128MiB`; units are powers of 1024. Undefined for anything else.
 */
export function parseSize(text: string): number | undefined {
  const parts = /^(\d+(?:\.\d+)?)\s*([KMGTPE]?)(?:i?B)?$/i.exec(text)
  if (parts === null) return undefined
  const power = units.indexOf(parts[2]!.toUpperCase() as (typeof units)[number])
  const bytes = Math.round(Number(parts[1]) * 1024 ** power)
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

/** Seconds as `0:07`, `12:34` or `1:02:03`. */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return '-:--'
  const whole = Math.max(0, Math.round(seconds))
  const two = (n: number) => String(n).padStart(2, '0')
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes}:${two(whole % 60)}`
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`
}
