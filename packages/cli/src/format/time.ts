const two = (n: number): string => String(n).padStart(2, '0')

/** `2026-01-31 09:05` in the local time zone, as `ls` shows it. */
export function formatLocalMinute(ms: number): string {
  const t = new Date(ms)
  return `${t.getFullYear()}-${two(t.getMonth() + 1)}-${two(t.getDate())} ${two(t.getHours())}:${two(t.getMinutes())}`
}

/** `2026-01-31 09:05:59` in UTC, as `stat %y` shows it. */
export function formatUtcSecond(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
}

/** Reads `yyyyMMdd:HHmmss` in the local time zone, or an ISO 8601 time; undefined for anything else. */
export function parseTime(text: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d):(\d\d)(\d\d)(\d\d)$/.exec(text)
  if (parts !== null) {
    const [year, month, day, hour, minute, second] = parts.slice(1).map(Number) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ]
    const time = new Date(year, month - 1, day, hour, minute, second)
    const same = time.getMonth() === month - 1 && time.getDate() === day && time.getHours() === hour
    return same && minute < 60 && second < 60 ? time.getTime() : undefined
  }
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return undefined
  const time = Date.parse(text)
  return Number.isNaN(time) ? undefined : time
}
