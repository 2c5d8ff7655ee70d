import { formatBytes, formatMode, formatTime, type Html, html } from '@cairn/datanode/web'

/** One line of a directory's page. */
export interface ListedEntry {
  readonly name: string
  readonly kind: 'file' | 'directory' | 'symlink'
  readonly size: number
  readonly mode: number
  readonly owner: string
  readonly group: string
  readonly replication: number
  readonly blockSize: number
  readonly mtimeMs: number
}

/** A page of a directory. */
export interface DirectoryPage {
  readonly path: string
  readonly entries: readonly ListedEntry[]
  /** Where the next page begins; undefined on the last one. */
  readonly next: string | undefined
  /** How many entries come after this page. */
  readonly remaining: number
}

/** A block of a file's page. */
export interface ListedBlock {
  readonly offset: number
  readonly length: number
  readonly corrupt: boolean
  readonly addresses: readonly string[]
}

/** The address of a page about a path; each name is encoded, so that no name means anything else. */
export function pathUrl(prefix: '/browse' | '/download', path: string): string {
  return prefix + path.split('/').map(encodeURIComponent).join('/')
}

/** A directory: its entries, with links to what is in it. */
export function directoryPage(page: DirectoryPage): Html {
  const { path, entries, next } = page
  return html`${crumbs(path)}
<form action="/browse" method="get"><input name="path" value="${path}" aria-label="Path" spellcheck="false"><button>Go</button></form>
${
  entries.length === 0
    ? html`<p class="soft">Nothing is in this directory.</p>`
    : html`<div class="scroll"><table id="entries">
<thead><tr><th>Name</th><th class="right">Size</th><th class="wide">Mode</th><th class="wide">Owner</th><th class="right wide">Replicas</th><th>Changed</th><th></th></tr></thead>
<tbody>
${entries.map((entry) => entryRow(path, entry))}
</tbody></table></div>`
}
${
  next === undefined
    ? ''
    : html`<p class="more"><a class="button" href="${pathUrl('/browse', path)}?after=${encodeURIComponent(next)}">Next page</a> <span class="soft">${page.remaining.toLocaleString('en-US')} more</span></p>`
}`
}

function entryRow(directory: string, entry: ListedEntry): Html {
  const path = directory === '/' ? `/${entry.name}` : `${directory}/${entry.name}`
  const isDirectory = entry.kind === 'directory'
  const type = isDirectory ? 'd' : entry.kind === 'symlink' ? 'l' : '-'
  const download =
    entry.kind === 'file' ? html`<a href="${pathUrl('/download', path)}" download>Download</a>` : ''
  return html`<tr><td class="name"><a href="${pathUrl('/browse', path)}">${entry.name}${isDirectory ? '/' : ''}</a></td><td class="right">${isDirectory ? '' : formatBytes(entry.size)}</td><td class="mono wide">${formatMode(type, entry.mode)}</td><td class="wide">${entry.owner}:${entry.group}</td><td class="right wide">${isDirectory ? '' : entry.replication}</td><td>${formatTime(entry.mtimeMs)}</td><td>${download}</td></tr>\n`
}

/** A file: what the NameNode knows of it, and where its blocks are. */
export function filePage(path: string, entry: ListedEntry, blocks: readonly ListedBlock[]): Html {
  return html`${crumbs(path)}
<p><a class="button" href="${pathUrl('/download', path)}" download>Download</a></p>
<dl class="cards">
<div class="card"><dt>Size</dt><dd>${formatBytes(entry.size)}<small>${entry.size.toLocaleString('en-US')} bytes</small></dd></div>
<div class="card"><dt>Replicas</dt><dd>${entry.replication}<small>blocks of ${formatBytes(entry.blockSize)}</small></dd></div>
<div class="card"><dt>Owner</dt><dd>${entry.owner}<small>${entry.group} · <code>${formatMode('-', entry.mode)}</code></small></dd></div>
<div class="card"><dt>Changed</dt><dd>${formatTime(entry.mtimeMs).slice(0, 10)}<small>${formatTime(entry.mtimeMs).slice(11)}</small></dd></div>
</dl>
<h2>Blocks</h2>
${
  blocks.length === 0
    ? html`<p class="soft">An empty file has none.</p>`
    : html`<div class="scroll"><table id="blocks">
<thead><tr><th class="right">Offset</th><th class="right">Length</th><th>DataNodes</th></tr></thead>
<tbody>
${blocks.map((block) => html`<tr><td class="right">${block.offset}</td><td class="right">${block.length}</td><td class="mono list">${block.addresses.length === 0 ? html`<span class="bad">none</span>` : block.addresses.join(', ')}${block.corrupt ? html` <span class="bad">corrupt</span>` : ''}</td></tr>\n`)}
</tbody></table></div>`
}`
}

function crumbs(path: string): Html {
  const names = path.split('/').filter((name) => name !== '')
  const links = [html`<a href="/browse/">/</a>`]
  for (const [index, name] of names.entries()) {
    const url = pathUrl('/browse', `/${names.slice(0, index + 1).join('/')}`)
    const isLast = index === names.length - 1
    links.push(
      isLast ? html`<b aria-current="page">${name}</b>` : html`<a href="${url}">${name}</a><span>/</span>`,
    )
  }
  return html`<p class="crumbs">${links}</p>`
}
