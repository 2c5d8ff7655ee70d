// Medians, ratios and the table of a bench run.
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2
}

const results = []

/** Keeps and prints one row: `bars` are what the row must reach, as [text, reached]. */
export function report(row, columns, bars = []) {
  const cells = Object.entries(columns).map(([name, value]) => `${name} ${value}`)
  const judged = bars.map(([text, reached]) => `${reached ? 'reached' : 'MISSED'}: ${text}`)
  results.push({ row, cells, judged })
  console.log(`${row}\n  ${cells.join('\n  ')}${judged.map((line) => `\n  → ${line}`).join('')}`)
}

/** The whole run as a Markdown table. */
export function markdown() {
  const lines = results.map(
    ({ row, cells, judged }) => `| ${row} | ${cells.join('<br>')} | ${judged.join('<br>')} |`,
  )
  return ['| what | figures | bar |', '|---|---|---|', ...lines].join('\n')
}

export const round = (value, digits = 2) => Number(value.toFixed(digits))

/** One after the other, as one. */
async function severalJobs(peer, lines, servers) {
  let sum
  for (const line of lines) {
    const done = await peer.job(line, servers)
    sum ??= { wallMs: 0, cpuMs: 0, serverCpuMs: done.serverCpuMs.map(() => 0), count: 0 }
    for (const key of ['wallMs', 'cpuMs', 'count']) sum[key] += done[key]
    sum.serverCpuMs = sum.serverCpuMs.map((ms, index) => ms + done.serverCpuMs[index])
  }
  return sum
}

/**
 * Runs one job (or several, when `lineOf` gives a list) on every peer, interleaved, `repeats` times after one warm-up
 * round. Each round begins with another peer:
 * what a peer leaves behind in servers and caches meets each of the others.
 * @returns per peer: median wall, median CPU, CPU of the servers, count; peers that cannot do it are left out
 */
export async function interleaved(peers, repeats, lineOf, servers = []) {
  const runs = new Map(peers.map((peer) => [peer.name, []]))
  for (let round = -1; round < repeats; round++) {
    const first = (round + 1) % peers.length
    for (const peer of [...peers.slice(first), ...peers.slice(0, first)]) {
      if (!runs.has(peer.name)) continue
      try {
        const done = await severalJobs(peer, [lineOf(peer, round + 1)].flat(), servers)
        if (round >= 0) runs.get(peer.name).push(done)
      } catch (problem) {
        console.error(`left out: ${problem.message}`)
        runs.delete(peer.name)
      }
    }
  }
  const measured = {}
  for (const [name, all] of runs) {
    measured[name] = {
      wallMs: median(all.map((run) => run.wallMs)),
      cpuMs: median(all.map((run) => run.cpuMs)),
      serverCpuMs: median(all.map((run) => run.serverCpuMs.reduce((a, b) => a + b, 0))),
      count: all[0].count,
    }
  }
  return measured
}

/** The best of the others by wall time. */
export function fastestOther(measured) {
  const others = Object.entries(measured).filter(([name]) => name !== 'cairn')
  return others.reduce((best, entry) => (entry[1].wallMs < best[1].wallMs ? entry : best))
}
