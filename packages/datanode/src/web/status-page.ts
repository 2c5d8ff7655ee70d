import type { DataNodeStatus } from '../status.ts'
import { storageTypeName } from '../storage/storage-location.ts'
import { Html, html } from './html.ts'
import { icon } from './style.ts'
import { formatBytes, formatSpan, formatTime } from './text.ts'

/** Seconds after which the browser loads the page anew. */
const refreshSeconds = 10

/** The whole page: the node's numbers, its NameNodes, its volumes. */
export function statusPage(status: DataNodeStatus, now: number): string {
  const title = `DataNode ${status.hostName}`
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="${refreshSeconds}">
<title>${title} · Cairn</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header><div><a class="brand" href="/">${new Html(icon)}Cairn</a><code>${status.address}</code></div></header>
<main>
${status.failedVolumes.length > 0 ? html`<p class="notice bad">${status.failedVolumes.length} disks have failed.</p>` : ''}
<h1>${title}</h1>
<dl class="cards">
${card('Space used', formatBytes(status.used), `of ${formatBytes(status.capacity)}, ${formatBytes(status.remaining)} free`)}
${card('Replicas', String(replicasOf(status)), `${status.replicas.RBW} being written`)}
${card('Connections', String(status.connections), `${status.xceivers} operations, ${status.transfers} copies`)}
${card('Up for', formatSpan(now - status.startedMs), `since ${formatTime(status.startedMs)}`)}
</dl>
<h2>NameNodes</h2>
${namenodeTable(status, now)}
<h2>Volumes</h2>
${volumeTable(status)}
<h2>Node</h2>
<div class="scroll"><table><tbody>
${row('Uuid', status.uuid)}${row('Cluster id', status.clusterId ?? 'not known yet')}
${row('Data transfer', status.address)}${row('RPC', status.ipcAddress)}${row('Process', String(process.pid))}
</tbody></table></div>
</main>
<footer><a href="/metrics">Metrics</a> · <a href="/jmx">JMX</a> · <a href="/conf?format=json">Configuration</a> · times are UTC</footer>
</body>
</html>
`.text
}

function replicasOf(status: DataNodeStatus): number {
  return Object.values(status.replicas).reduce((sum, count) => sum + count, 0)
}

function card(title: string, value: string, more: string): Html {
  return html`<div class="card"><dt>${title}</dt><dd>${value}<small>${more}</small></dd></div>\n`
}

function row(title: string, value: string): Html {
  return html`<tr><th scope="row">${title}</th><td class="mono name">${value}</td></tr>`
}

function namenodeTable({ namenodes }: DataNodeStatus, now: number): Html {
  const ago = (ms: number | undefined): string => (ms === undefined ? 'never' : `${formatSpan(now - ms)} ago`)
  const rows = namenodes.map(
    (one) => html`<tr><td class="mono">${one.address}</td><td class="mono name">${one.blockPoolId}</td>
<td><span class="state ${one.state === 'serving' ? 'good' : 'bad'}">${one.state}</span>${one.active ? ', active' : ''}</td>
<td>${ago(one.lastHeartbeatMs)}</td><td>${ago(one.lastFullReportMs)}</td><td>${one.softwareVersion}</td></tr>\n`,
  )
  return html`<div class="scroll"><table><thead><tr><th>Address</th><th>Block pool</th><th>State</th><th>Last heartbeat</th><th>Last full report</th><th>Release</th></tr></thead><tbody>
${rows}</tbody></table></div>`
}

function volumeTable({ volumes, failedVolumes }: DataNodeStatus): Html {
  const rows = volumes.map(
    (one) => html`<tr><td class="mono name">${one.path}</td><td>${storageTypeName(one.storageType)}</td>
<td class="right">${one.replicas}</td><td class="right">${formatBytes(one.used)}</td>
<td class="right">${formatBytes(one.remaining)}</td><td class="right">${formatBytes(one.capacity)}</td></tr>\n`,
  )
  const failed = failedVolumes.map(
    ({ path }) => html`<tr><td class="mono name">${path}</td><td class="bad" colspan="5">failed</td></tr>\n`,
  )
  return html`<div class="scroll"><table><thead><tr><th>Directory</th><th>Type</th><th class="right">Replicas</th><th class="right">Used</th><th class="right">Free</th><th class="right">Capacity</th></tr></thead><tbody>
${rows}${failed}</tbody></table></div>`
}
