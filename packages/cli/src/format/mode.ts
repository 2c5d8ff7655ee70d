import { CommandError } from '../errors.ts'

const sticky = 0o1000

/** `rwxr-xr-t` of permission bits: HDFS has the sticky bit, and no setuid or setgid. */
export function formatMode(mode: number): string {
  let text = ''
  for (const shift of [6, 3, 0]) {
    const bits = mode >> shift
    text += (bits & 4 ? 'r' : '-') + (bits & 2 ? 'w' : '-') + (bits & 1 ? 'x' : '-')
  }
  if ((mode & sticky) === 0) return text
  return text.slice(0, 8) + (mode & 1 ? 't' : 'T')
}

/** `755`, or `1777` with the sticky bit. */
export function formatOctal(mode: number): string {
  return (mode & 0o1777).toString(8)
}

/** A change of permission bits, ready to be applied to any number of files. */
export type ModeChange = (mode: number, isDirectory: boolean) => number

/**
 * Reads `755`, `1777`, `u=rwx,g-w,o=X`, `+x`, `a+t` as chmod(1) does; a clause without `ugoa` means everyone, as in
 * Hadoop, which has no umask there. Throws `CommandError`.
 */
export function parseMode(text: string): ModeChange {
  if (/^[01]?[0-7]{3}$/.test(text)) {
    const mode = Number.parseInt(text, 8)
    return () => mode
  }
  const clauses = text.split(',').map((clause) => parseClause(clause, text))
  return (mode, isDirectory) => {
    // Of the mode before any clause, as in POSIX and Hadoop: `u=rwx,o=X` lets nobody else run a file.
    const isRunnable = isDirectory || (mode & 0o111) !== 0
    return clauses.reduce((now, clause) => clause(now, isRunnable), mode & 0o1777)
  }
}

/** One clause: the mode so far, and whether `X` means `x`. */
type Clause = (mode: number, isRunnable: boolean) => number

function parseClause(clause: string, whole: string): Clause {
  const parts = /^([ugoa]*)((?:[-+=][rwxXt]*)+)$/.exec(clause)
  if (parts === null) {
    throw new CommandError(`'${whole}' is not a mode`, {
      hint: 'three or four octal digits, as 755, or symbols, as u=rwx,g-w,o=X',
    })
  }
  const who = parts[1] === '' || parts[1]!.includes('a') ? 'ugo' : parts[1]!
  const steps = [...parts[2]!.matchAll(/([-+=])([rwxXt]*)/g)]
  return (mode, isRunnable) => {
    let now = mode
    for (const [, operator, letters] of steps) now = applyStep(now, who, operator!, letters!, isRunnable)
    return now
  }
}

function applyStep(
  mode: number,
  who: string,
  operator: string,
  letters: string,
  isRunnable: boolean,
): number {
  let bits = (letters.includes('r') ? 4 : 0) | (letters.includes('w') ? 2 : 0)
  if (letters.includes('x') || (letters.includes('X') && isRunnable)) bits |= 1
  let asked = 0
  let mask = 0
  for (const [letter, shift] of [
    ['u', 6],
    ['g', 3],
    ['o', 0],
  ] as const) {
    if (!who.includes(letter)) continue
    asked |= bits << shift
    mask |= 7 << shift
  }
  if (letters.includes('t')) asked |= sticky
  if (operator === '+') return mode | asked
  if (operator === '-') return mode & ~asked
  return (mode & ~(mask | (letters.includes('t') ? sticky : 0))) | asked
}
