/** Sizes as Java words them in quota texts; StringUtils.TraditionalBinaryPrefix.long2String with unit B, 2 decimals. */
const units = ['', 'K', 'M', 'G', 'T', 'P', 'E'] as const

export function formatBytes(bytes: number): string {
  let unit = 0
  let value = bytes
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return unit === 0 ? `${value} B` : `${trimZeros(value.toFixed(2))} ${units[unit]}B`
}

/** Java prints whole multiples without decimals. */
function trimZeros(text: string): string {
  return text.endsWith('.00') ? text.slice(0, -3) : text
}
