import { commands } from './registry.ts'

/** The command whose name is at most two edits from the word; undefined when none is. */
export function nearestCommand(word: string): string | undefined {
  let best: { name: string; edits: number } | undefined
  for (const { name } of commands) {
    const edits = editDistance(word.slice(0, 20), name)
    if (edits <= Math.min(2, name.length - 1) && (best === undefined || edits < best.edits))
      best = { name, edits }
  }
  return best?.name
}

/** Levenshtein's distance: insertions, deletions and replacements between two words. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(replaced, previous[j]! + 1, row[j - 1]! + 1))
    }
    previous = row
  }
  return previous[b.length]!
}
