// Medians, ratios and the table of a bench run.
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
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

/**
 * Runs one job on every peer, interleaved, `repeats` times after one warm-up round.
 * @returns per peer: median wall, median CPU, CPU of the servers, count; peers that cannot do it are left out
 */
export async function interleaved(peers, repeats, lineOf, servers = []) {
  const runs = new Map(peers.map((peer) => [peer.name, []]))
  for (let round = -1; round < repeats; round++) {
    for (const peer of peers) {
      if (!runs.has(peer.name)) continue
      try {
        const done = await peer.job(lineOf(peer, round + 1), servers)
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
