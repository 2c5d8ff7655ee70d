import { formatBytes, formatSpan, formatTime, type Html, html } from '@cairn/datanode/web'
import type { ClusterStatus, DatanodeSummary } from '../status.ts'

/** The overview: the NameNode's numbers, and a line for each DataNode. */
export function overviewPage(status: ClusterStatus, now: number): Html {
  const { namenode, datanodes } = status
  const live = datanodes.filter(({ state }) => state !== 'dead').length
  return html`
${notices(status)}
<h1>Overview</h1>
<dl class="cards">
${card('Space used', formatBytes(namenode.used), html`<small>of ${formatBytes(namenode.capacity)}, ${formatBytes(namenode.remaining)} free</small>${bar(namenode.used, namenode.capacity)}`)}
${card('Files', count(namenode.files), html`<small>in ${count(namenode.directories)} directories</small>`)}
${card('Blocks', count(namenode.blocks), html`<small>${count(namenode.underReplicatedBlocks)} with too few replicas</small>`)}
${card('DataNodes', `${live} of ${datanodes.length}`, html`<small>live</small>`)}
${card('Up for', formatSpan(now - status.startedAt), html`<small>since ${formatTime(status.startedAt)}</small>`)}
</dl>
<h2>DataNodes</h2>
${datanodes.length === 0 ? html`<p class="soft">None has registered yet.</p>` : datanodeTable(datanodes)}
<h2>NameNode</h2>
<div class="scroll"><table><tbody>
${row('Address', namenode.address)}${row('Process', String(namenode.pid))}
${row('Cluster id', namenode.clusterId)}${row('Block pool', namenode.blockPoolId)}
</tbody></table></div>`
}

function notices({ namenode, datanodes }: ClusterStatus): Html[] {
  const found: Html[] = []
  if (namenode.safeMode !== undefined) {
    found.push(html`<p class="notice warn">Safe mode: changes are refused. ${namenode.safeMode}</p>`)
  }
  if (namenode.missingBlocks > 0) {
    found.push(
      html`<p class="notice bad">${count(namenode.missingBlocks)} blocks have no replica on any live DataNode.</p>`,
    )
  }
  if (namenode.corruptBlocks > 0) {
    found.push(html`<p class="notice bad">${count(namenode.corruptBlocks)} blocks have corrupt replicas.</p>`)
  }
  const dead = datanodes.filter(({ state }) => state === 'dead').length
  if (dead > 0) found.push(html`<p class="notice warn">${dead} DataNodes do not answer.</p>`)
  return found
}

function card(title: string, value: string, more: Html): Html {
  return html`<div class="card"><dt>${title}</dt><dd>${value}${more}</dd></div>\n`
}

function row(title: string, value: string): Html {
  return html`<tr><th scope="row">${title}</th><td class="mono name">${value}</td></tr>`
}

/** An SVG, as a style attribute is what the content security policy forbids. */
function bar(part: number, whole: number): Html {
  const share = whole > 0 ? Math.min(100, Math.max(part > 0 ? 0.5 : 0, (part / whole) * 100)) : 0
  return html`<svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" role="img" aria-label="${share.toFixed(0)} per cent used"><rect width="100" height="4"/><rect width="${share.toFixed(2)}" height="4"/></svg>`
}

function datanodeTable(datanodes: readonly DatanodeSummary[]): Html {
  return html`<div class="scroll"><table id="datanodes">
<thead><tr><th>Address</th><th>State</th><th class="right">Used</th><th class="right">Free</th><th class="right">Blocks</th><th class="right wide">Last contact</th><th class="wide">Id</th></tr></thead>
<tbody>
${datanodes.map((node) => {
  const tone = { live: 'good', stale: 'warn', dead: 'bad' }[node.state]
  return html`<tr><td class="mono">${node.address}</td><td><span class="state ${tone}">${node.state}</span></td><td class="right">${formatBytes(node.used)}</td><td class="right">${formatBytes(node.remaining)}</td><td class="right">${count(node.blocks)}</td><td class="right wide">${formatSpan(node.lastContactMs)} ago</td><td class="mono wide">${node.uuid}</td></tr>\n`
})}
</tbody></table></div>`
}

function count(n: number): string {
  return n.toLocaleString('en-US')
}
